"""How imported key material travels (KMS Developer Guide, "Select a wrapping algorithm"; RFC 8017 7.1, RFC 5649).

RSAES_OAEP_SHA_*: the material itself under the wrapping key. RSA_AES_KEY_WRAP_SHA_*: first an AES key under the
wrapping key, as long as the modulus, then the material under that AES key by AES-KWP.
"""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap_with_padding

from casemate.engines.keys.encryption import decrypt
from casemate.engines.keys.errors import AlgorithmError, CiphertextError
from casemate.engines.keys.pairs import KeyPair

DIRECT: Final = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")
BY_AES: Final = {"RSA_AES_KEY_WRAP_SHA_1": DIRECT[0], "RSA_AES_KEY_WRAP_SHA_256": DIRECT[1]}
_AES_BYTES: Final = (16, 24, 32)
_LEAST_WRAPPED: Final = 16


def wraps(algorithm: str, wrapping_spec: str, spec: str, family: str) -> bool:
    """Whether material of a spec may come by this algorithm under a wrapping key of that spec."""
    if algorithm in BY_AES:
        return family in {"rsa", "ecc", "edwards"}
    if algorithm not in DIRECT or family == "rsa":
        return False
    return not (wrapping_spec == "RSA_2048" and spec == "ECC_NIST_P521")


def unwrap(wrapping: KeyPair, algorithm: str, wrapped: bytes) -> bytes:
    """The material. Raises AlgorithmError, and CiphertextError for whatever does not open, without saying where."""
    if algorithm in DIRECT:
        return decrypt(wrapping, algorithm, wrapped)
    if algorithm not in BY_AES:
        raise AlgorithmError(f"{algorithm} is not a wrapping algorithm of this service.")
    size = wrapping.spec.bits // 8
    key = decrypt(wrapping, BY_AES[algorithm], wrapped[:size])
    if len(key) not in _AES_BYTES or len(wrapped) < size + _LEAST_WRAPPED:
        raise CiphertextError("the key material does not unwrap")
    try:
        return aes_key_unwrap_with_padding(key, wrapped[size:])
    except (InvalidUnwrap, ValueError):
        raise CiphertextError("the key material does not unwrap") from None
