from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemate.engines.keys import CiphertextError, HeaderKey, Material, open_message
from casemate.engines.keys.outside import Outside, associated, header_for, pack, unpack

DATA = Path(__file__).parents[2] / "data" / "keys"
ACCOUNT = "123456789012"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
HEADERS = HeaderKey(b"k" * 32)
MADE = Outside(b"i" * 12, b"t" * 16, b"sealed", b"meta")


@pytest.fixture
def header() -> bytes:
    return header_for(ACCOUNT, KEY_ID, HEADERS)


@pytest.mark.parametrize("version", [2, 7])
def test_golden_ciphertext_of_each_version_still_opens(version: int) -> None:
    golden = json.loads((DATA / f"ciphertext-v{version}.json").read_text())
    headers = HeaderKey(bytes.fromhex(golden["header_key"])) if version == 7 else HEADERS
    blob, context = bytes.fromhex(golden["blob"]), golden["context"]
    read = headers.read(blob)
    assert (read.version, read.account, read.key_id) == (version, golden["account"], golden["key_id"])
    made = unpack(blob, read.size)
    there = AESGCM(bytes.fromhex(golden["outside_key"]))
    message = there.decrypt(made.iv, made.ciphertext + made.tag, associated(blob[: read.size], context))
    material = Material(golden["account"], golden["key_id"], bytes.fromhex(golden["material"]), headers)
    assert open_message(material, message, context) == golden["plaintext"].encode()


def test_what_was_packed_is_unpacked(header: bytes) -> None:
    blob = pack(header, MADE)
    read = HEADERS.read(blob)
    assert (read.version, read.account, read.key_id, read.size) == (7, ACCOUNT, KEY_ID, len(header))
    assert unpack(blob, read.size) == MADE


def test_every_part_of_the_header_and_context_is_bound(header: bytes) -> None:
    bound = {associated(header[:at] + bytes((header[at] ^ 1,)) + header[at + 1 :], None) for at in range(len(header))}
    assert len(bound | {associated(header, None), associated(header, {"a": "b"})}) == len(header) + 2


def test_ciphertext_cut_short_is_refused(header: bytes) -> None:
    blob = pack(header, MADE)
    for end in range(len(header), len(blob) - len(MADE.ciphertext) + 1):
        with pytest.raises(CiphertextError):
            unpack(blob[:end], len(header))


@pytest.mark.parametrize(
    "wrong", [{"iv": b""}, {"iv": bytes(17)}, {"tag": bytes(15)}, {"tag": bytes(17)}, {"metadata": bytes(101)}]
)
def test_lengths_that_cannot_be_kept_are_refused(header: bytes, wrong: dict[str, Any]) -> None:
    with pytest.raises(CiphertextError):
        pack(header, MADE._replace(**wrong))
