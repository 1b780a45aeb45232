"""Attestation documents of Nitro Enclaves and NitroTPM, verified.

AWS Nitro Enclaves User Guide, "Verifying the root of trust"; RFC 9052, COSE_Sign1 with ES384. Steps: 1 a COSE_Sign1 of
bounded size; 2 a payload with every field of its type; 3 a chain of certificates from a root that is trusted here, each
valid now; 4 the signature by the last of them; 5 a document of this moment.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final, NamedTuple

import cbor2
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import load_der_public_key

from casemate.engines.keys.errors import KeysError

_MOST_BYTES: Final = 262_144
_COSE_SIGN1: Final = 18
_ES384: Final = -35
_SIGNATURE_BYTES: Final = 96
_MOST_CERTIFICATES: Final = 10
_MOST_PCRS: Final = 32
_REGISTERS: Final = ("pcrs", "nitrotpm_pcrs")
_PCR_BYTES: Final = (32, 48, 64)
_FRESH: Final = 300.0
"""Seconds that a document's time may be off."""
_LEAST_BITS: Final = 2048


class AttestationError(KeysError):
    """A document that is not believed; the text says which step it failed."""


class Attestation(NamedTuple):
    """What a verified document says: platform configuration registers by number, and the key to answer to.

    An enclave's registers and those of a TPM are told apart: root in a guest can extend the latter.
    """

    pcrs: Mapping[int, bytes]
    nitrotpm_pcrs: Mapping[int, bytes]
    public_key: rsa.RSAPublicKey
    spki: bytes

    @property
    def image(self) -> bytes:
        """The measurement of an enclave's image (PCR0)."""
        return self.pcrs.get(0, b"")


def read_roots(pem: bytes) -> list[x509.Certificate]:
    """Trusted roots. Raises ValueError."""
    return x509.load_pem_x509_certificates(pem)


def verify_attestation(document: bytes, roots: Sequence[x509.Certificate], now: float) -> Attestation:
    """Raises AttestationError. `now` is real time in seconds."""
    protected, payload, signature = _sign1(document)  # 1
    fields = _fields(payload)  # 2
    signer = _chain(fields, roots, now)  # 3
    _verify(signer, protected, payload, signature)  # 4
    if abs(fields["timestamp"] / 1000 - now) > _FRESH:  # 5
        raise AttestationError("the attestation document is not of this moment")
    return _attested(fields)


def _decode(data: bytes) -> Any:
    try:
        stream = io.BytesIO(data)
        decoded = cbor2.CBORDecoder(stream).decode()
    except Exception:  # noqa: BLE001 - a decoder of hostile bytes may raise many things
        raise AttestationError("the attestation document is not CBOR") from None
    if stream.read(1):
        raise AttestationError("the attestation document is followed by something else")
    return decoded


def _sign1(document: bytes) -> tuple[bytes, bytes, bytes]:
    if len(document) > _MOST_BYTES:
        raise AttestationError("the attestation document is too large")
    found = _decode(document)
    if isinstance(found, cbor2.CBORTag):
        if found.tag != _COSE_SIGN1:
            raise AttestationError("the attestation document is not a COSE_Sign1")
        found = found.value
    if not isinstance(found, list | tuple) or len(found) != 4:
        raise AttestationError("the attestation document is not a COSE_Sign1")
    protected, _, payload, signature = found
    if not all(isinstance(each, bytes) for each in (protected, payload, signature)):
        raise AttestationError("the attestation document is not a COSE_Sign1")
    if len(signature) != _SIGNATURE_BYTES or _decode(protected) != {1: _ES384}:
        raise AttestationError("the attestation document is not signed by ES384")
    return protected, payload, signature


def _fields(payload: bytes) -> Mapping[str, Any]:
    fields = _decode(payload)
    if not isinstance(fields, dict):
        raise AttestationError("the attestation document has no fields")
    kinds = {"digest": str, "timestamp": int, "certificate": bytes, "cabundle": list, "public_key": bytes}
    for name, kind in kinds.items():
        if not isinstance(fields.get(name), kind):
            raise AttestationError(f"the attestation document's {name} is missing or of another type")
    if fields["digest"] != "SHA384" or not any(name in fields for name in _REGISTERS):
        raise AttestationError("the attestation document's registers are missing or not of SHA384")
    for name in _REGISTERS:
        if name in fields:
            _check_registers(fields[name])
    bundle = fields["cabundle"]
    if not 0 < len(bundle) <= _MOST_CERTIFICATES or not all(isinstance(each, bytes) for each in bundle):
        raise AttestationError("the attestation document's chain of certificates is malformed")
    return fields


def _check_registers(registers: Any) -> None:
    if not isinstance(registers, dict) or not 0 < len(registers) <= _MOST_PCRS:
        raise AttestationError("the attestation document's registers are missing or not of SHA384")
    for number, value in registers.items():
        if type(number) is not int or not 0 <= number < _MOST_PCRS:
            raise AttestationError("the attestation document has a register of a wrong number")
        if not (isinstance(value, bytes) and len(value) in _PCR_BYTES):
            raise AttestationError("the attestation document has a register of a wrong length")


def _chain(fields: Mapping[str, Any], roots: Sequence[x509.Certificate], now: float) -> ec.EllipticCurvePublicKey:
    try:
        chain = [x509.load_der_x509_certificate(each) for each in (*fields["cabundle"], fields["certificate"])]
        if chain[0] not in roots:
            raise AttestationError("the attestation document comes from a root that is not trusted here")
        moment = datetime.fromtimestamp(now, UTC)
        for each in chain:
            if not each.not_valid_before_utc <= moment <= each.not_valid_after_utc:
                raise AttestationError("a certificate of the attestation document is not valid now")
        for issuer, issued in pairwise(chain):
            if not issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
                raise AttestationError("a certificate of the attestation document may not issue others")
            issued.verify_directly_issued_by(issuer)
        key = chain[-1].public_key()
    except (ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound):
        raise AttestationError("the attestation document's chain of certificates does not verify") from None
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != "secp384r1":
        raise AttestationError("the attestation document's certificate is not of P-384")
    return key


def _verify(signer: ec.EllipticCurvePublicKey, protected: bytes, payload: bytes, signature: bytes) -> None:
    signed = cbor2.dumps(["Signature1", protected, b"", payload])
    half = _SIGNATURE_BYTES // 2
    encoded = encode_dss_signature(int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
    try:
        signer.verify(encoded, signed, ec.ECDSA(SHA384()))
    except InvalidSignature:
        raise AttestationError("the attestation document's signature is wrong") from None


def _attested(fields: Mapping[str, Any]) -> Attestation:
    try:
        key = load_der_public_key(fields["public_key"])
    except Exception:  # noqa: BLE001 - whatever is wrong with it
        key = None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < _LEAST_BITS:
        raise AttestationError(f"the attestation document's public key is not RSA of {_LEAST_BITS} bits or more")
    pcrs, of_tpm = (fields.get(name, {}) for name in _REGISTERS)
    return Attestation(pcrs, of_tpm, key, fields["public_key"])
