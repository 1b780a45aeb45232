"""Encrypt and Decrypt under RSA key pairs: RSAES-OAEP, without encryption context and without a header."""

from __future__ import annotations

from collections.abc import Mapping

from casemate.engines.keys import CiphertextError, MessageError
from casemate.foundation.context import Context
from casemate.services.kms import errors
from casemate.services.kms.pairs import library, pair_of
from casemate.services.kms.records import Key


def encrypt(
    context: Context, key: Key, algorithm: str, plaintext: bytes, encryption_context: Mapping[str, str] | None
) -> bytes:
    """Raises ValidationException for what is too long for the modulus, or comes with an encryption context."""
    _refuse_context(key, encryption_context)
    try:
        ciphertext: bytes = library().encrypt(pair_of(context, key), algorithm, plaintext)
    except MessageError as error:
        raise errors.validation(str(error)) from None
    return ciphertext


def decrypt(
    context: Context, key: Key, algorithm: str, ciphertext: bytes, encryption_context: Mapping[str, str] | None
) -> bytes:
    """Raises InvalidCiphertextException for whatever does not open."""
    _refuse_context(key, encryption_context)
    try:
        plaintext: bytes = library().decrypt(pair_of(context, key), algorithm, ciphertext)
    except CiphertextError:
        raise errors.bad_ciphertext() from None
    return plaintext


def _refuse_context(key: Key, encryption_context: Mapping[str, str] | None) -> None:
    if encryption_context:
        raise errors.validation(f"An encryption context can't be used with {key.arn}: it is an asymmetric key.")
