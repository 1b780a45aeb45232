from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode
from hypothesis import given
from hypothesis import strategies as st

from casemate.engines.keys import (
    CiphertextError,
    ContextError,
    HeaderKey,
    Material,
    MaterialError,
    encode_context,
    material_id_for,
    open_message,
    seal_message,
)

DATA = Path(__file__).parents[2] / "data" / "keys"
HEADERS = HeaderKey(b"k" * 32)
ACCOUNT = "123456789012"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
MRK_ID = "mrk-1234abcd12ab34cd56ef1234567890ab"
KEY = bytes(range(32))


@pytest.fixture
def material() -> Material:
    return Material(ACCOUNT, KEY_ID, KEY, HEADERS)


@pytest.mark.parametrize("size", [0, 1, 32, 4096])
@pytest.mark.parametrize("context", [None, {}, {"a": "b"}, {"ä": "ö", "": ""}])
@pytest.mark.parametrize("key_id", [KEY_ID, MRK_ID])
def test_message_sealed_opens_again(size: int, context: dict[str, str] | None, key_id: str) -> None:
    material = Material(ACCOUNT, key_id, KEY, HEADERS)
    plaintext = bytes(size)
    blob = seal_message(material, plaintext, context)
    assert open_message(material, blob, context) == plaintext
    header = HEADERS.read(blob)
    assert (header.version, header.account, header.key_id, header.material_id) == (
        4,
        ACCOUNT,
        key_id,
        material.material_id,
    )


def test_message_of_another_process_opens_with_an_equal_material(material: Material) -> None:
    assert open_message(Material(ACCOUNT, KEY_ID, KEY, HEADERS), seal_message(material, b"x")) == b"x"


def test_two_messages_never_share_nonce_or_ciphertext(material: Material) -> None:
    blobs = [seal_message(material, b"same") for _ in range(50)]
    start = HEADERS.read(blobs[0]).size
    assert len({blob[start : start + 16] for blob in blobs}) == 50
    assert len({blob[start + 16 : start + 28] for blob in blobs}) == 50
    assert len({blob[-20:] for blob in blobs}) == 50


def test_message_key_equals_an_independent_kbkdf(material: Material) -> None:
    blob = seal_message(material, b"secret", {"k": "v"})
    start = HEADERS.read(blob).size
    nonce, iv, body = blob[start : start + 16], blob[start + 16 : start + 28], start + 28
    kdf = KBKDFHMAC(
        algorithm=SHA256(),
        mode=Mode.CounterMode,
        length=32,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=b"casemate/kms/message-key/v1",
        context=nonce,
        fixed=None,
    )
    associated = blob[:body] + bytes.fromhex("00000001 00000001") + b"k" + bytes.fromhex("00000001") + b"v"
    assert AESGCM(kdf.derive(KEY)).decrypt(iv, blob[body:], associated) == b"secret"


@pytest.mark.parametrize("version", [1, 4])
def test_golden_message_of_each_version_still_opens(version: int) -> None:
    golden = json.loads((DATA / f"ciphertext-v{version}.json").read_text())
    headers = HeaderKey(bytes.fromhex(golden["header_key"])) if version > 1 else HEADERS
    material = Material(golden["account"], golden["key_id"], bytes.fromhex(golden["material"]), headers)
    blob = bytes.fromhex(golden["blob"])
    assert blob[0] == version
    assert material.material_id == headers.read(blob).material_id == golden["material_id"]
    assert open_message(material, blob, golden["context"]) == golden["plaintext"].encode()


def test_message_of_the_first_version_is_not_opened_with_its_header_changed() -> None:
    golden = json.loads((DATA / "ciphertext-v1.json").read_text())
    material = Material(golden["account"], golden["key_id"], bytes.fromhex(golden["material"]), HEADERS)
    blob = bytes.fromhex(golden["blob"])
    for position in range(len(blob)):
        changed = bytearray(blob)
        changed[position] ^= 1
        with pytest.raises(CiphertextError):
            open_message(material, bytes(changed), golden["context"])
    with pytest.raises(CiphertextError):
        open_message(material, material.prefix + blob[len(material.earlier) :], golden["context"])


def test_header_is_associated_data_with_its_tag(material: Material) -> None:
    """A material whose headers another key tags opens nothing of this one's: the tag is no part that may be changed."""
    other = Material(ACCOUNT, KEY_ID, KEY, HeaderKey(b"o" * 32))
    blob = seal_message(material, b"x")
    assert len(other.prefix) == len(material.prefix)
    with pytest.raises(CiphertextError):
        open_message(other, blob)
    with pytest.raises(CiphertextError):
        open_message(other, other.prefix + blob[len(material.prefix) :])


def test_message_is_134_bytes_longer_than_its_plaintext(material: Material) -> None:
    assert [len(seal_message(material, bytes(size))) for size in (0, 32, 4096)] == [134, 166, 4230]


def test_every_flipped_bit_is_refused(material: Material) -> None:
    blob = seal_message(material, b"x" * 5, {"a": "b"})
    for position in range(len(blob)):
        for bit in range(8):
            changed = bytearray(blob)
            changed[position] ^= 1 << bit
            with pytest.raises(CiphertextError):
                open_message(material, bytes(changed), {"a": "b"})


def test_every_truncation_and_extension_is_refused(material: Material) -> None:
    blob = seal_message(material, b"x" * 5)
    for end in range(len(blob)):
        with pytest.raises(CiphertextError):
            open_message(material, blob[:end])
    with pytest.raises(CiphertextError):
        open_message(material, blob + b"\0")


@pytest.mark.parametrize(
    ("sealed", "opened"),
    [
        ({"ab": "c"}, {"a": "bc"}),
        ({"a": "b"}, None),
        (None, {"a": "b"}),
        ({"a": "b"}, {"A": "b"}),
        ({"a": "b"}, {"a": "B"}),
        ({"a": "b"}, {"a": "b", "c": "d"}),
        ({"a": "", "b": ""}, {"a": "b"}),
        ({"": "ab"}, {"ab": ""}),
        ({"a": "b"}, {"b": "a"}),
        ({"a": "\ud800"[:0]}, {"a": "\ud800"}),
    ],
)
def test_another_context_is_refused(
    material: Material, sealed: dict[str, str] | None, opened: dict[str, str] | None
) -> None:
    blob = seal_message(material, b"x", sealed)
    with pytest.raises(CiphertextError):
        open_message(material, blob, opened)


def test_context_order_does_not_matter(material: Material) -> None:
    assert open_message(material, seal_message(material, b"x", {"a": "1", "b": "2"}), {"b": "2", "a": "1"}) == b"x"


def test_context_that_is_no_text_is_refused_when_sealing(material: Material) -> None:
    with pytest.raises(ContextError):
        seal_message(material, b"x", {"a": "\ud800"})


_contexts = st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=3)


@given(_contexts, _contexts)
def test_context_encoding_is_injective(one: dict[str, str], other: dict[str, str]) -> None:
    assert (encode_context(one) == encode_context(other)) is (one == other)


@pytest.mark.parametrize(
    ("account", "key_id", "key"),
    [
        ("210987654321", KEY_ID, KEY),
        (ACCOUNT, MRK_ID, KEY),
        (ACCOUNT, KEY_ID, bytes(32)),
    ],
)
def test_message_of_another_account_key_or_material_is_refused(
    material: Material, account: str, key_id: str, key: bytes
) -> None:
    with pytest.raises(CiphertextError):
        open_message(Material(account, key_id, key, HEADERS), seal_message(material, b"x"))


def test_header_rewritten_for_another_key_with_the_same_material_is_refused(material: Material) -> None:
    other = Material(ACCOUNT, KEY_ID[:-1] + "c", KEY, HEADERS)
    blob = seal_message(material, b"x")
    forged = other.prefix + blob[len(material.prefix) :]
    with pytest.raises(CiphertextError):
        open_message(other, forged)


def test_plaintext_over_4096_bytes_is_refused(material: Material) -> None:
    with pytest.raises(ValueError, match="4096"):
        seal_message(material, bytes(4097))


@pytest.mark.parametrize(
    ("account", "key_id", "key"),
    [
        (ACCOUNT, KEY_ID, bytes(31)),
        (ACCOUNT, KEY_ID, bytes(33)),
        ("12345678901", KEY_ID, KEY),
        ("12345678901a", KEY_ID, KEY),
        (ACCOUNT, "", KEY),
        (ACCOUNT, "x" * 65, KEY),
        (ACCOUNT, "ä", KEY),
    ],
)
def test_material_out_of_shape_is_refused(account: str, key_id: str, key: bytes) -> None:
    with pytest.raises(MaterialError):
        Material(account, key_id, key, HEADERS)


def test_material_id_binds_key_id_and_material() -> None:
    ids = {
        material_id_for(KEY_ID, KEY),
        material_id_for(MRK_ID, KEY),
        material_id_for(KEY_ID, bytes(32)),
        material_id_for("a", b"bc"),
        material_id_for("ab", b"c"),
    }
    assert len(ids) == 5
    assert all(len(bytes.fromhex(identity)) == 32 for identity in ids)
    assert hashlib.sha256(KEY).hexdigest() not in ids


def test_material_shows_no_key_in_its_repr(material: Material) -> None:
    assert KEY.hex() not in repr(material)
    assert repr(KEY) not in repr(material)
