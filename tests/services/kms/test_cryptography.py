"""Symmetric cryptography over a real server: the promise KMS-02, and dry runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

CONTEXT = {"a": "b"}
DRY = "DryRunOperationException"


@pytest.fixture
def blob(kms: Any, key: str) -> bytes:
    return bytes(kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=CONTEXT)["CiphertextBlob"])


def test_ciphertext_names_its_key(kms: Any, key: str, blob: bytes) -> None:
    answer = kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)
    assert answer["Plaintext"] == b"x"
    assert answer["KeyId"].endswith(key)
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT, KeyId=key)["Plaintext"] == b"x"


@pytest.mark.parametrize("context", [{}, {"a": "c"}, {"A": "b"}, {"a": "b", "c": "d"}, {"": "ab"}, {"ab": ""}])
def test_other_context_is_refused(kms: Any, blob: bytes, refused: Callable[..., Any], context: dict[str, str]) -> None:
    assert refused(kms.decrypt, CiphertextBlob=blob, EncryptionContext=context)[:2] == (
        "InvalidCiphertextException",
        "",
    )


def test_changed_and_truncated_ciphertext_is_refused(
    kms: Any, key: str, blob: bytes, refused: Callable[..., Any]
) -> None:
    for position in (0, 40, len(blob) - 1):
        changed = bytearray(blob)
        changed[position] ^= 1
        for named in ({}, {"KeyId": key}):
            refusal = refused(kms.decrypt, CiphertextBlob=bytes(changed), EncryptionContext=CONTEXT, **named)
            # A header that names another key is refused for what it names, as AWS does for what it can't find.
            unnamed = {"InvalidCiphertextException", "AccessDeniedException"}
            assert refusal.code in (unnamed if not named else {"InvalidCiphertextException", "IncorrectKeyException"})
    for short in (blob[:-1], blob[:20], b"x"):
        refusal = refused(kms.decrypt, CiphertextBlob=short, EncryptionContext=CONTEXT)
        assert refusal.code == "InvalidCiphertextException"


@pytest.mark.parametrize("kind", [{}, {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}])
def test_another_key_is_incorrect_whatever_its_kind(
    kms: Any, key: str, blob: bytes, refused: Callable[..., Any], kind: dict[str, str]
) -> None:
    other = kms.create_key(**kind)["KeyMetadata"]["KeyId"]
    text = "The key ID in the request does not identify a CMK that can perform this operation."
    refusal = refused(kms.decrypt, CiphertextBlob=blob, EncryptionContext=CONTEXT, KeyId=other)
    assert refusal == ("IncorrectKeyException", text, 400)
    refusal = refused(
        kms.re_encrypt,
        CiphertextBlob=blob,
        SourceEncryptionContext=CONTEXT,
        SourceKeyId=other,
        DestinationKeyId=key,
    )
    assert refusal == ("IncorrectKeyException", text, 400)
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT, KeyId=key)


def test_plaintext_has_1_to_4096_bytes(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    longest = kms.encrypt(KeyId=key, Plaintext=b"x" * 4096)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=longest)["Plaintext"] == b"x" * 4096
    assert refused(kms.encrypt, KeyId=key, Plaintext=b"x" * 4097).code == "ValidationException"


def test_data_key_decrypts_to_itself(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT)
    assert len(made["Plaintext"]) == 32
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)
    assert opened["Plaintext"] == made["Plaintext"]
    hidden = kms.generate_data_key_without_plaintext(KeyId=key, NumberOfBytes=64)
    assert "Plaintext" not in hidden
    assert len(kms.decrypt(CiphertextBlob=hidden["CiphertextBlob"])["Plaintext"]) == 64
    both = refused(kms.generate_data_key, KeyId=key, KeySpec="AES_256", NumberOfBytes=32)
    assert both.code == "ValidationException"


def test_random_bytes(kms: Any, refused: Callable[..., Any]) -> None:
    assert len(kms.generate_random(NumberOfBytes=1024)["Plaintext"]) == 1024
    assert refused(kms.generate_random)[:2] == ("ValidationException", "NumberOfBytes is required.")


class TestDryRun:
    """A dry run is refused for what would be refused, and else by its own exception."""

    def test_of_every_operation(self, kms: Any, key: str, blob: bytes, refused: Callable[..., Any]) -> None:
        assert refused(kms.encrypt, KeyId=key, Plaintext=b"x", DryRun=True).code == DRY
        assert refused(kms.generate_data_key, KeyId=key, KeySpec="AES_256", DryRun=True).code == DRY
        without = kms.generate_data_key_without_plaintext
        assert refused(without, KeyId=key, KeySpec="AES_256", DryRun=True).code == DRY
        decrypt = {"CiphertextBlob": blob, "EncryptionContext": CONTEXT}
        assert refused(kms.decrypt, **decrypt, DryRun=True).code == DRY
        again = {"CiphertextBlob": blob, "SourceEncryptionContext": CONTEXT, "DestinationKeyId": key}
        assert refused(kms.re_encrypt, **again, DryRun=True).code == DRY

    def test_of_what_would_fail(
        self, kms: Any, key: str, *, blob: bytes, user: Callable[..., Any], refused: Callable[..., Any]
    ) -> None:
        refusal = refused(kms.decrypt, CiphertextBlob=blob, DryRun=True)
        assert refusal.code == "InvalidCiphertextException"
        refusal = refused(user("someone").encrypt, KeyId=key, Plaintext=b"x", DryRun=True)
        assert refusal.code == "AccessDeniedException"
        kms.disable_key(KeyId=key)
        assert refused(kms.encrypt, KeyId=key, Plaintext=b"x", DryRun=True).code == "DisabledException"

    def test_that_ignores_the_ciphertext(self, kms: Any, key: str, refused: Callable[..., Any]) -> None:
        ignore = {"DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
        assert refused(kms.decrypt, KeyId=key, DryRun=True, **ignore).code == DRY
        assert refused(kms.decrypt, KeyId=key, CiphertextBlob=b"nonsense", DryRun=True, **ignore).code == DRY
        asked = {"SourceKeyId": key, "DestinationKeyId": key, "DryRun": True}
        assert refused(kms.re_encrypt, **asked, **ignore).code == DRY
        assert refused(kms.decrypt, KeyId=key, **ignore).code == "ValidationException"
        assert refused(kms.decrypt, DryRun=True, **ignore).code == "ValidationException"
        assert refused(kms.decrypt, KeyId=key).code == "ValidationException"


def test_recipient_is_refused(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    recipient = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"x"}
    refusal = refused(kms.generate_data_key, KeyId=key, KeySpec="AES_256", Recipient=recipient)
    assert refusal.code == "UnsupportedOperationException"
