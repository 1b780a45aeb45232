"""Key pairs: made, read, written (RFC 5958 PrivateKeyInfo, RFC 5280 SubjectPublicKeyInfo, both DER).

Specs without an implementation here (SM2, ML_KEM_512) raise UnavailableError: they need libraries that are not of the
base installation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

from casemate.engines.keys.errors import AlgorithmError, MaterialError, UnavailableError
from casemate.engines.keys.specs import KeySpec, spec_named

_EXPONENT: Final = 65537
_PEERS: Final = 512
"""Peers' public keys that are kept read: some 300 KB of a process."""
_CURVES: Final[Mapping[str, ec.EllipticCurve]] = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
    "ECC_SECG_P256K1": ec.SECP256K1(),
}
_MADE: Final[Mapping[str, Callable[[], Any]]] = {
    "ECC_NIST_EDWARDS25519": ed25519.Ed25519PrivateKey.generate,
    "ML_DSA_44": mldsa.MLDSA44PrivateKey.generate,
    "ML_DSA_65": mldsa.MLDSA65PrivateKey.generate,
    "ML_DSA_87": mldsa.MLDSA87PrivateKey.generate,
    "ML_KEM_768": mlkem.MLKEM768PrivateKey.generate,
    "ML_KEM_1024": mlkem.MLKEM1024PrivateKey.generate,
}
_PRIVATE: Final[Mapping[str, type]] = {
    "ECC_NIST_EDWARDS25519": ed25519.Ed25519PrivateKey,
    "ML_DSA_44": mldsa.MLDSA44PrivateKey,
    "ML_DSA_65": mldsa.MLDSA65PrivateKey,
    "ML_DSA_87": mldsa.MLDSA87PrivateKey,
    "ML_KEM_768": mlkem.MLKEM768PrivateKey,
    "ML_KEM_1024": mlkem.MLKEM1024PrivateKey,
}
PAIR_FAMILIES: Final = frozenset(("rsa", "ecc", "edwards", "sm2", "ml-dsa", "ml-kem"))


class KeyPair(NamedTuple):
    """One key pair of a spec, ready for use; `private` and `public` are the library's objects."""

    spec: KeySpec
    private: Any
    public: Any

    def __repr__(self) -> str:
        return f"<KeyPair of {self.spec.name}>"


def is_pair(spec: str) -> bool:
    """Whether keys of a spec are pairs."""
    return spec_named(spec).family in PAIR_FAMILIES


def is_available(spec: str) -> bool:
    """Whether pairs of a spec can be made and used here."""
    return spec in _CURVES or spec in _MADE or spec_named(spec).family == "rsa"


def generate_pair(spec: str) -> bytes:
    """A new pair as PKCS #8 (ML-DSA and ML-KEM as their seeds). Raises AlgorithmError, UnavailableError."""
    entry = _pair_spec(spec)
    if entry.family == "rsa":
        return encode_private(rsa.generate_private_key(_EXPONENT, entry.bits))
    if spec in _CURVES:
        return encode_private(ec.generate_private_key(_CURVES[spec]))
    return encode_private(_MADE[spec]())


def load_pair(spec: str, pkcs8: bytes) -> KeyPair:
    """A pair that was made or checked here before; an RSA key's primes are not tried again. Raises MaterialError."""
    return _load(spec, pkcs8, trusted=True)


def read_pair(spec: str, pkcs8: bytes) -> KeyPair:
    """A pair from a stranger: of just this spec, whole, and consistent in itself. Raises MaterialError."""
    return _load(spec, pkcs8, trusted=False)


def encode_private(private: Any) -> bytes:
    """PKCS #8, DER, unencrypted."""
    encoded: bytes = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return encoded


def encode_public(public: Any) -> bytes:
    """SubjectPublicKeyInfo, DER."""
    encoded: bytes = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return encoded


def read_peer(pair: KeyPair, spki: bytes) -> Any:
    """Another party's public key on the curve of this pair. Raises MaterialError for whatever else."""
    return _peer_on(pair.spec.name, spki)


# A static key is agreed with again and again, and reading it costs a tenth of the agreement. The key is public, what is
# kept depends on its bytes alone, and the library looks at the point once more at each exchange.
@lru_cache(maxsize=_PEERS)
def _peer_on(spec: str, spki: bytes) -> Any:
    try:
        peer = load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise MaterialError("the public key is no SubjectPublicKeyInfo in DER that can be used here") from None
    curve = _CURVES.get(spec)
    if curve is None or not isinstance(peer, ec.EllipticCurvePublicKey) or peer.curve.name != curve.name:
        raise MaterialError(f"the public key is not of {spec}")
    return peer


def _pair_spec(spec: str) -> KeySpec:
    entry = spec_named(spec)
    if entry.family not in PAIR_FAMILIES:
        raise AlgorithmError(f"keys of {spec} are not pairs")
    if not is_available(spec):
        raise UnavailableError(f"KeySpec {spec} is not available on this server.")
    return entry


def _load(spec: str, pkcs8: bytes, *, trusted: bool) -> KeyPair:
    entry = _pair_spec(spec)
    try:
        private = load_der_private_key(pkcs8, None, unsafe_skip_rsa_key_validation=trusted)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise MaterialError(f"the key material is no private key of {spec} in PKCS #8, DER") from None
    if not _is_of(private, entry):
        raise MaterialError(f"the key material is a private key, but not one of {spec}")
    return KeyPair(entry, private, private.public_key())


def _is_of(private: Any, spec: KeySpec) -> bool:
    if spec.family == "rsa":
        if not isinstance(private, rsa.RSAPrivateKey) or private.key_size != spec.bits:
            return False
        return private.public_key().public_numbers().e == _EXPONENT
    if spec.name in _CURVES:
        return isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name == _CURVES[spec.name].name
    return isinstance(private, _PRIVATE[spec.name])
