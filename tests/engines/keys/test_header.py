from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casemate.engines.keys import CiphertextError, HeaderKey, Material, MaterialError, seal_message
from casemate.engines.keys.header import _MOST_KNOWN, FIRST, TAGGED, naming

ACCOUNT = "123456789012"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY = bytes(range(32))
ROOM = bytes(44)  # nonce, IV and tag


@pytest.fixture
def headers() -> HeaderKey:
    return HeaderKey(KEY)


def header_of(headers: HeaderKey, key_id: str = KEY_ID) -> bytes:
    return headers.tagged(naming(TAGGED, ACCOUNT, key_id) + b"m" * 32)


def test_tag_is_the_first_8_bytes_of_hmac_sha_256_over_what_is_before_it(headers: HeaderKey) -> None:
    made = header_of(headers)
    assert len(made) == 14 + 36 + 32 + 8
    assert made[-8:] == hmac.new(KEY, made[:-8], hashlib.sha256).digest()[:8]


def test_header_is_read_by_an_equal_key_and_by_no_other(headers: HeaderKey) -> None:
    blob = header_of(headers) + ROOM
    for reader in (headers, headers, HeaderKey(KEY)):
        assert reader.read(blob) == (4, ACCOUNT, KEY_ID, (b"m" * 32).hex(), 90)
    with pytest.raises(CiphertextError):
        HeaderKey(bytes(32)).read(blob)


def test_every_flipped_bit_of_a_header_is_found(headers: HeaderKey) -> None:
    blob = header_of(headers) + ROOM
    assert headers.read(blob).key_id == KEY_ID
    for position in range(90):
        for bit in range(8):
            changed = bytearray(blob)
            changed[position] ^= 1 << bit
            with pytest.raises(CiphertextError):
                headers.read(bytes(changed))
    assert headers.read(blob).key_id == KEY_ID


def test_version_turned_into_the_first_one_names_the_same_key(headers: HeaderKey) -> None:
    """What has no tag to check is refused when it is opened."""
    blob = b"\x01" + header_of(headers)[1:] + ROOM
    assert headers.read(blob).key_id == KEY_ID


def test_message_after_a_true_header_is_cut_short_or_too_long(headers: HeaderKey) -> None:
    header = header_of(headers)
    assert headers.read(header + ROOM)
    for blob in (header, header + ROOM[:-1], header + bytes(6144 - 89)):
        with pytest.raises(CiphertextError):
            headers.read(blob)
    assert headers.read(header + bytes(6144 - 90))


def test_header_of_each_version_tells_where_it_ends(headers: HeaderKey) -> None:
    named = ACCOUNT.encode() + b"\x24" + KEY_ID.encode()
    assert headers.read(b"\x01" + named + b"m" * 32 + ROOM) == (1, ACCOUNT, KEY_ID, (b"m" * 32).hex(), 82)
    assert headers.read(b"\x02" + named + b"x") == (2, ACCOUNT, KEY_ID, "", 50)
    assert headers.read(headers.tagged(b"\x07" + named) + b"x") == (7, ACCOUNT, KEY_ID, "", 58)
    assert [headers.read(blob).is_outside for blob in (b"\x01" + named + bytes(76), b"\x02" + named + b"x")] == [
        False,
        True,
    ]


def test_only_true_headers_are_kept_and_no_more_than_a_bound(headers: HeaderKey) -> None:
    for number in range(3):
        for blob in (bytes((TAGGED,)) + naming(FIRST, ACCOUNT, f"{number:036}")[1:] + bytes(84), b"noise" * 40):
            with pytest.raises(CiphertextError):
                headers.read(blob)
    assert headers._known == {}
    for number in range(_MOST_KNOWN + 5):
        headers.read(header_of(headers, f"{number:036}") + ROOM)
    assert 0 < len(headers._known) <= _MOST_KNOWN
    assert headers.read(header_of(headers) + ROOM).key_id == KEY_ID


@given(st.binary(max_size=300))
def test_noise_is_read_or_refused(noise: bytes) -> None:
    headers = HeaderKey(KEY)
    for start in (b"", *(bytes((version,)) + b"123456789012\x24" for version in (1, 2, 4, 7))):
        try:
            header = headers.read(start + noise)
        except CiphertextError:
            continue
        assert header.version in {1, 2}
        assert len(header.material_id) == (0 if header.is_outside else 64)
        assert len(header.key_id) == 36


@pytest.mark.parametrize("version", [1, 2, 4, 7])
@pytest.mark.parametrize(
    "rest",
    [
        b"",
        b"x" * 12 + b"\x01a" + bytes(84),
        "²".encode() * 6 + b"\x01a" + bytes(84),
        b"1" * 12 + b"\x00" + bytes(85),
        b"1" * 12 + b"\x41" + b"a" * 65 + bytes(84),
        b"1" * 12 + b"\x01\n" + bytes(84),
        b"1" * 12 + b"\x01\xe4" + bytes(84),
        b"1" * 12 + b"\x01a" + bytes(6200),
        b"1" * 12 + b"\xff" + b"a" * 30,
    ],
)
def test_header_out_of_shape_is_refused(headers: HeaderKey, version: int, rest: bytes) -> None:
    with pytest.raises(CiphertextError):
        headers.read(bytes((version,)) + rest)


@pytest.mark.parametrize("version", [0, 3, 5, 6, 8, 0x7B, 255])
def test_other_versions_are_refused(headers: HeaderKey, version: int) -> None:
    with pytest.raises(CiphertextError):
        headers.read(bytes((version,)) + header_of(headers)[1:] + ROOM)


def test_materials_begin_their_messages_with_a_true_header(headers: HeaderKey) -> None:
    material = Material(ACCOUNT, KEY_ID, KEY, headers)
    read = headers.read(seal_message(material, b"x"))
    assert (read.key_id, read.material_id, read.size) == (KEY_ID, material.material_id, len(material.prefix))


@pytest.mark.parametrize("size", [0, 31, 33])
def test_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(MaterialError):
        HeaderKey(bytes(size))


def test_key_is_not_shown(headers: HeaderKey) -> None:
    assert repr(headers) == "<HeaderKey>"
