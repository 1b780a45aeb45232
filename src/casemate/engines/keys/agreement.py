"""Shared secrets: ECDH with cofactor one (SP 800-56A Rev. 3, 5.7.1.2) and ML-KEM (FIPS 203)."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec

from casemate.engines.keys.errors import AlgorithmError, CiphertextError
from casemate.engines.keys.pairs import KeyPair, read_peer
from casemate.engines.keys.specs import KeyUsage


def derive_secret(pair: KeyPair, algorithm: str, peer_public_key: bytes) -> bytes:
    """The x coordinate of the shared point, of the field's length.

    `peer_public_key` is SubjectPublicKeyInfo in DER. Raises AlgorithmError, and MaterialError for a peer's key that
    is malformed, of another curve or not on it.
    """
    if algorithm not in pair.spec.algorithms(KeyUsage.KEY_AGREEMENT):
        raise AlgorithmError(f"Algorithm {algorithm} is incompatible with key spec {pair.spec.name}.")
    secret: bytes = pair.private.exchange(ec.ECDH(), read_peer(pair, peer_public_key))
    return secret


def encapsulate(pair: KeyPair, algorithm: str) -> tuple[bytes, bytes]:
    """A fresh shared secret of 32 bytes, and its encapsulation. Raises AlgorithmError."""
    _check_kem(pair, algorithm)
    secret, ciphertext = pair.public.encapsulate()
    return secret, ciphertext


def decapsulate(pair: KeyPair, algorithm: str, ciphertext: bytes) -> bytes:
    """The shared secret of 32 bytes.

    A ciphertext that was changed gives another secret, as FIPS 203 has it (implicit rejection). Raises AlgorithmError,
    and CiphertextError for a ciphertext of a wrong length.
    """
    _check_kem(pair, algorithm)
    try:
        secret: bytes = pair.private.decapsulate(ciphertext)
    except ValueError:
        raise CiphertextError(f"a ciphertext of {pair.spec.name} has another length") from None
    return secret


def _check_kem(pair: KeyPair, algorithm: str) -> None:
    if algorithm not in pair.spec.algorithms(KeyUsage.ENCAPSULATE_DECAPSULATE):
        raise AlgorithmError(f"Algorithm {algorithm} is incompatible with key spec {pair.spec.name}.")
