from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.kbkdf import KBKDFHMAC, CounterLocation, Mode
from hypothesis import given
from hypothesis import strategies as st

from casemate.foundation.seal import Place, Seal, SealedElsewhereError, SealError, create_seal, open_seal
from casemate.foundation.seal.ring import Ring

PLACE = Place("kms.keys", "123456789012", "us-east-1", "1234abcd", "1")


@pytest.fixture
def seal(tmp_path: Path) -> Seal:
    return create_seal(tmp_path)


@pytest.mark.parametrize("plaintext", [b"", b"x", b"x" * 32, b"x" * 100_000])
def test_what_was_wrapped_opens_at_its_place(seal: Seal, plaintext: bytes) -> None:
    blob = seal.wrap(plaintext, PLACE)
    assert seal.open(blob, PLACE) == plaintext
    assert len(blob) == len(plaintext) + 49


def test_another_process_of_the_node_opens_it(tmp_path: Path, seal: Seal) -> None:
    assert open_seal(tmp_path).open(seal.wrap(b"x", PLACE), PLACE) == b"x"


def test_two_wraps_of_one_value_differ(seal: Seal) -> None:
    assert seal.wrap(b"x" * 32, PLACE)[5:] != seal.wrap(b"x" * 32, PLACE)[5:]


@pytest.mark.parametrize("part", range(5))
def test_row_moved_elsewhere_does_not_open(seal: Seal, part: int) -> None:
    parts = list(PLACE)
    parts[part] += "x"
    with pytest.raises(SealedElsewhereError):
        seal.open(seal.wrap(b"x", PLACE), Place(*parts))


def test_characters_moved_between_parts_do_not_open(seal: Seal) -> None:
    with pytest.raises(SealedElsewhereError):
        seal.open(seal.wrap(b"x", Place("a", "bc", "", "d", "")), Place("ab", "c", "", "d", ""))


_parts = st.tuples(*[st.text("a1,|é", max_size=3)] * 5)


@given(_parts, _parts)
def test_place_encoding_is_injective(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert (Place(*one).encode() == Place(*other).encode()) is (one == other)


def test_every_flipped_bit_is_refused(seal: Seal) -> None:
    blob = seal.wrap(b"secret", PLACE)
    for position in range(len(blob)):
        for bit in range(8):
            changed = bytearray(blob)
            changed[position] ^= 1 << bit
            with pytest.raises(SealedElsewhereError):
                seal.open(bytes(changed), PLACE)


def test_every_truncation_is_refused(seal: Seal) -> None:
    blob = seal.wrap(b"secret", PLACE)
    for end in range(len(blob)):
        with pytest.raises(SealedElsewhereError):
            seal.open(blob[:end], PLACE)


def test_another_node_does_not_open_it(tmp_path: Path, seal: Seal) -> None:
    (tmp_path / "other").mkdir()
    with pytest.raises(SealedElsewhereError):
        create_seal(tmp_path / "other").open(seal.wrap(b"x", PLACE), PLACE)


def test_message_key_equals_an_independent_kbkdf() -> None:
    ring = Ring({0: bytes(32), 1: bytes(range(32))})
    blob = Seal(ring, lambda: None).wrap(b"secret", PLACE)
    header, nonce, iv, body = blob[:5], blob[5:21], blob[21:33], blob[33:]
    kdf = KBKDFHMAC(
        algorithm=SHA256(),
        mode=Mode.CounterMode,
        length=32,
        rlen=4,
        llen=4,
        location=CounterLocation.BeforeFixed,
        label=b"casemate/seal/message-key/v1",
        context=nonce,
        fixed=None,
    )
    associated = header + b"8,12,9,8,1|kms.keys123456789012us-east-11234abcd1"
    assert AESGCM(kdf.derive(bytes(range(32)))).decrypt(iv, body, associated) == b"secret"


def test_golden_blob_still_opens() -> None:
    ring = Ring({0: bytes(32), 1: bytes(range(32))})
    blob = bytes.fromhex((Path(__file__).parents[2] / "data" / "seal" / "seal-v1.hex").read_text())
    assert Seal(ring, lambda: None).open(blob, PLACE) == b"the golden secret"


def test_derived_keys_differ_by_purpose_and_stay(tmp_path: Path, seal: Seal) -> None:
    keys = {seal.derive(purpose) for purpose in ("page-tokens", "session-tokens", "", "page-token")}
    assert len(keys) == 4
    assert all(len(key) == 32 for key in keys)
    assert open_seal(tmp_path).derive("page-tokens") == seal.derive("page-tokens")


def test_reprs_tell_no_secret(seal: Seal) -> None:
    assert seal.derive("x").hex() not in repr(seal)
    assert issubclass(SealedElsewhereError, SealError)
