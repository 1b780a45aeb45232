"""Symmetric cryptography over a real server: the promise KMS-02, and dry runs."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.conftest import fetch
from tests.services.kms.test_usage import events

from casemate.engines.keys import HeaderKey, Material, encode_context

CONTEXT = {"a": "b"}
HEADERS = HeaderKey(b"casemate/kms/headers/test-server")  # docs/ciphertext.md
ABSENT = "11111111-2222-3333-4444-555555555555"
DRY = "DryRunOperationException"


@pytest.fixture
def blob(kms: Any, key: str) -> bytes:
    return bytes(kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=CONTEXT)["CiphertextBlob"])


def changed(blob: bytes, position: int) -> bytes:
    return blob[:position] + bytes([blob[position] ^ 1]) + blob[position + 1 :]


def first_version(account: str, key_id: str, key: bytes, plaintext: bytes) -> bytes:
    """A ciphertext as they were before headers had tags."""
    material, drawn = Material(account, key_id, key, HEADERS), os.urandom(28)
    header = material.earlier + drawn
    return header + material.message_cipher(drawn[:16]).encrypt(drawn[16:], plaintext, header + encode_context(None))


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


@pytest.mark.parametrize("named", [False, True])
def test_ciphertext_changed_anywhere_or_cut_is_invalid(
    kms: Any, key: str, blob: bytes, refused: Callable[..., Any], *, named: bool
) -> None:
    asked = {"EncryptionContext": CONTEXT, **({"KeyId": key} if named else {})}
    wrong = [changed(blob, position) for position in range(len(blob))]
    for each in (*wrong, blob[:-1], blob[:20], b"x", blob + b"x"):
        assert refused(kms.decrypt, CiphertextBlob=each, **asked)[:2] == ("InvalidCiphertextException", ""), each


def test_changed_header_is_invalid_for_whoever_asks_and_whatever_key_is_named(
    kms: Any, key: str, *, blob: bytes, other: Any, user: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    """The blob names a key that is not there, and says so of itself: nothing is learnt of keys."""
    strangers = [user("nobody"), other.kms("theirs")]
    for position in (1, 12, 14, 30, 49, 60, 82, 89):
        told = {"CiphertextBlob": changed(blob, position), "EncryptionContext": CONTEXT}
        for each in (kms, *strangers):
            assert refused(each.decrypt, **told).code == "InvalidCiphertextException", position
        second = kms.create_key()["KeyMetadata"]["KeyId"] if position == 14 else key
        assert refused(kms.decrypt, **told, KeyId=second).code == "InvalidCiphertextException"
        moved = {"CiphertextBlob": told["CiphertextBlob"], "SourceEncryptionContext": CONTEXT, "DestinationKeyId": key}
        assert refused(kms.re_encrypt, **moved).code == "InvalidCiphertextException"


def test_true_header_of_a_key_of_others_or_none_is_forbidden_alike(
    server: Any, kms: Any, *, key: str, blob: bytes, other: Any, user: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    absent = Material(server.account, ABSENT, bytes(32), HEADERS).prefix + blob[90:]
    for each in (user("nobody"), other.kms("theirs")):
        there = refused(each.decrypt, CiphertextBlob=blob, EncryptionContext=CONTEXT)
        gone = refused(each.decrypt, CiphertextBlob=absent, EncryptionContext=CONTEXT)
        assert there.code == "AccessDeniedException"
        assert there == gone
    assert refused(kms.decrypt, CiphertextBlob=absent, EncryptionContext=CONTEXT).code == "AccessDeniedException"
    told = {"CiphertextBlob": absent, "EncryptionContext": CONTEXT, "KeyId": key}
    assert refused(kms.decrypt, **told).code == "IncorrectKeyException"


def test_trail_of_who_asks_does_not_tell_keys_of_others_from_none(
    server: Any, kms: Any, key: str, *, blob: bytes, other: Any, refused: Callable[..., Any]
) -> None:
    absent = Material(server.account, ABSENT, bytes(32), HEADERS).prefix + blob[90:]
    theirs = other.kms("theirs")
    for each in (blob, absent):
        assert refused(theirs.decrypt, CiphertextBlob=each).code == "AccessDeniedException"
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    seen: list[dict[str, Any]] = []
    deadline = time.monotonic() + 10
    while len(seen) < 2:
        assert time.monotonic() < deadline, "the records did not come"
        seen = list(events(server, other.account, "Decrypt").values())
    named = {"accountId": server.account, "type": "AWS::KMS::Key"}
    assert sorted((each["resources"] for each in seen), key=str) == sorted(
        ([{**named, "ARN": arn}], [{**named, "ARN": arn.replace(key, ABSENT)}]), key=str
    )
    assert len({each["errorMessage"] for each in seen}) == 1


def test_ciphertext_of_the_first_version_opens(server: Any, kms: Any, refused: Callable[..., Any]) -> None:
    key_id, material = "0123abcd-0000-4000-8000-0123456789ab", os.urandom(32)
    told = {"account": server.account, "region": "us-east-1", "id": key_id}
    body = json.dumps({"keys": [{**told, "material": base64.b64encode(material).decode()}]}).encode()
    assert fetch(f"{server.url}/_casemate/seed", body, {})[0] == 200
    blob = first_version(server.account, key_id, material, b"made before")
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"made before"
    assert refused(kms.decrypt, CiphertextBlob=changed(blob, 60)).code == "InvalidCiphertextException"
    assert refused(kms.decrypt, CiphertextBlob=changed(blob, 40)).code == "AccessDeniedException"
    moved = kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=key_id)["CiphertextBlob"]
    assert (blob[0], moved[0]) == (1, 4)
    assert kms.decrypt(CiphertextBlob=moved)["Plaintext"] == b"made before"


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
