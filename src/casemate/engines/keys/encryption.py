"""RSAES-OAEP (RFC 8017, 7.1): the hash of the algorithm's name also makes the mask."""

from __future__ import annotations

from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from casemate.engines.keys.errors import AlgorithmError, CiphertextError, MessageError
from casemate.engines.keys.pairs import KeyPair
from casemate.engines.keys.specs import KeyUsage

_OAEP: Final[dict[str, Any]] = {
    "RSAES_OAEP_SHA_1": padding.OAEP(padding.MGF1(SHA1()), SHA1(), None),  # noqa: S303 - AWS's algorithm; OAEP needs no collision resistance
    "RSAES_OAEP_SHA_256": padding.OAEP(padding.MGF1(SHA256()), SHA256(), None),
}


def encrypt(pair: KeyPair, algorithm: str, plaintext: bytes) -> bytes:
    """A ciphertext of the modulus' length. Raises AlgorithmError, and MessageError where the plaintext is too long."""
    check_algorithm(pair, algorithm)
    most = pair.spec.max_plaintext[algorithm]
    if len(plaintext) > most:
        raise MessageError(
            f"Algorithm {algorithm} and key spec {pair.spec.name} cannot encrypt data larger than {most} bytes."
        )
    made: bytes = pair.public.encrypt(plaintext, _OAEP[algorithm])
    return made


def decrypt(pair: KeyPair, algorithm: str, ciphertext: bytes) -> bytes:
    """The plaintext. Raises AlgorithmError, and CiphertextError for whatever does not open, without saying why."""
    check_algorithm(pair, algorithm)
    try:
        opened: bytes = pair.private.decrypt(ciphertext, _OAEP[algorithm])
    except ValueError:
        raise CiphertextError("the ciphertext does not open") from None
    return opened


def check_algorithm(pair: KeyPair, algorithm: str) -> None:
    """Raises AlgorithmError for what pairs of this spec can't encrypt by."""
    if algorithm not in pair.spec.algorithms(KeyUsage.ENCRYPT_DECRYPT) or algorithm not in _OAEP:
        raise AlgorithmError(f"Algorithm {algorithm} is incompatible with key spec {pair.spec.name}.")
