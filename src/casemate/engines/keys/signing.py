"""Signatures of KMS's signing algorithms (RFC 8017, FIPS 186-5, FIPS 204, RFC 8032).

A message comes RAW (it is hashed here), as its DIGEST, or, for ML-DSA, as the 64-byte representative EXTERNAL_MU.
Salts of RSASSA-PSS have the digest's length. ED25519_PH_SHA_512 is Ed25519ph over the digest that was given, which is
hashed once more: KMS does the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from casemate.engines.keys.errors import AlgorithmError, MessageError, SignatureError
from casemate.engines.keys.pairs import KeyPair
from casemate.engines.keys.specs import KeyUsage

RAW: Final = "RAW"
DIGEST: Final = "DIGEST"
EXTERNAL_MU: Final = "EXTERNAL_MU"
_HASHES: Final[Mapping[str, HashAlgorithm]] = {"SHA_256": SHA256(), "SHA_384": SHA384(), "SHA_512": SHA512()}
_MU_BYTES: Final = 64
_PREHASHED_EDWARDS: Final = "ED25519_PH_SHA_512"


def sign(pair: KeyPair, algorithm: str, message: bytes, message_type: str = RAW) -> bytes:
    """The signature: raw for RSA, Ed25519 and ML-DSA, a DER sequence for ECDSA. Raises AlgorithmError, MessageError."""
    check_message(pair, algorithm, message, message_type)
    private = pair.private
    match pair.spec.family:
        case "rsa":
            made: bytes = private.sign(message, _padding(algorithm), _hash(algorithm, message_type))
        case "ecc":
            made = private.sign(message, ec.ECDSA(_hash(algorithm, message_type)))
        case "edwards":
            made = _sign_edwards(private, algorithm, message)
        case _:
            made = private.sign_mu(message) if message_type == EXTERNAL_MU else private.sign(message)
    return made


def verify(pair: KeyPair, algorithm: str, message: bytes, signature: bytes, message_type: str = RAW) -> None:
    """Return if the signature is the message's, else raise SignatureError. Other errors as of `sign`."""
    check_message(pair, algorithm, message, message_type)
    public = pair.public
    try:
        match pair.spec.family:
            case "rsa":
                public.verify(signature, message, _padding(algorithm), _hash(algorithm, message_type))
            case "ecc":
                public.verify(signature, message, ec.ECDSA(_hash(algorithm, message_type)))
            case "edwards":
                _verify_edwards(public, algorithm, message, signature)
            case _ if message_type == EXTERNAL_MU:
                public.verify_mu(signature, message)
            case _:
                public.verify(signature, message)
    except (InvalidSignature, ValueError):
        raise SignatureError("the signature is not the message's") from None


def check_message(pair: KeyPair, algorithm: str, message: bytes, message_type: str) -> None:
    """Whether this is something that the pair can sign. Raises AlgorithmError, MessageError."""
    if algorithm not in pair.spec.algorithms(KeyUsage.SIGN_VERIFY):
        raise AlgorithmError(f"Algorithm {algorithm} is incompatible with key spec {pair.spec.name}.")
    kind = _required_type(pair.spec.family, algorithm)
    if kind is not None and message_type != kind:
        raise MessageError(f"Algorithm {algorithm} requires MessageType {kind}.")
    if message_type == EXTERNAL_MU:
        if pair.spec.family != "ml-dsa":
            raise MessageError(f"MessageType EXTERNAL_MU is not valid for algorithm {algorithm}.")
        if len(message) != _MU_BYTES:
            raise MessageError(f"An external mu has {_MU_BYTES} bytes, not {len(message)}.")
    elif message_type == DIGEST:
        if pair.spec.family == "ml-dsa":
            raise MessageError(f"MessageType DIGEST is not valid for algorithm {algorithm}.")
        if len(message) != _HASHES[algorithm[-7:]].digest_size:
            raise MessageError(f"Digest is invalid length for algorithm {algorithm}.")


def _required_type(family: str, algorithm: str) -> str | None:
    if family != "edwards":
        return None
    return DIGEST if algorithm == _PREHASHED_EDWARDS else RAW


def _hash(algorithm: str, message_type: str) -> Any:
    """By the end of an algorithm's name: what hashes the message, or stands for the hashing done already."""
    hashed = _HASHES[algorithm[-7:]]
    return Prehashed(hashed) if message_type == DIGEST else hashed


def _padding(algorithm: str) -> Any:
    if algorithm.startswith("RSASSA_PKCS1"):
        return padding.PKCS1v15()
    hashed = _HASHES[algorithm[-7:]]
    return padding.PSS(padding.MGF1(hashed), hashed.digest_size)


def _sign_edwards(private: Any, algorithm: str, message: bytes) -> bytes:
    if algorithm != _PREHASHED_EDWARDS:
        made: bytes = private.sign(message)
        return made
    from Cryptodome.Hash import SHA512 as PREHASH  # noqa: PLC0415 - a library that one algorithm needs
    from Cryptodome.PublicKey import ECC  # noqa: PLC0415
    from Cryptodome.Signature import eddsa  # noqa: PLC0415

    key = ECC.construct(curve="Ed25519", seed=private.private_bytes_raw())
    signed: bytes = eddsa.new(key, "rfc8032").sign(PREHASH.new(message))
    return signed


def _verify_edwards(public: Any, algorithm: str, message: bytes, signature: bytes) -> None:
    if algorithm != _PREHASHED_EDWARDS:
        public.verify(signature, message)
        return
    from Cryptodome.Hash import SHA512 as PREHASH  # noqa: PLC0415 - a library that one algorithm needs
    from Cryptodome.Signature import eddsa  # noqa: PLC0415

    key = eddsa.import_public_key(public.public_bytes(Encoding.Raw, PublicFormat.Raw))
    eddsa.new(key, "rfc8032").verify(PREHASH.new(message), signature)
