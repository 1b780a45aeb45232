from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from casemate.foundation.seal import (
    Custody,
    LocalRootKey,
    PassphraseError,
    Place,
    RootKeyExposedError,
    RootKeyMissingError,
    Scrypt,
    SealDamagedError,
    SealError,
    add_domain_key,
    change_passphrase,
    create_seal,
    has_seal,
    open_root_key,
    open_seal,
    replace_root_key,
)
from casemate.foundation.seal import files as seal_files

PLACE = Place("kms.keys", "123456789012", "us-east-1", "1234abcd")
CHEAP = Scrypt(n=16, r=1, p=1)
PLAIN = Custody(cost=CHEAP)


def under(passphrase: bytes) -> Custody:
    return Custody(passphrase=passphrase, cost=CHEAP)


def credential(directory: Path, content: bytes, mode: int = 0o400) -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / "casemate.root-key"
    path.write_bytes(content)
    path.chmod(mode)
    return directory


def test_seal_made_twice_is_refused(tmp_path: Path) -> None:
    assert not has_seal(tmp_path)
    create_seal(tmp_path)
    assert has_seal(tmp_path)
    with pytest.raises(SealError, match="already"):
        create_seal(tmp_path)


def test_files_are_for_the_owner_alone_and_hold_no_plain_domain_key(tmp_path: Path) -> None:
    create_seal(tmp_path)
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "root.key": 0o600,
        "seal.json": 0o600,
    }
    wrapped = json.loads((tmp_path / "seal.json").read_text())["keys"]
    assert all(len(value) > 60 for entry in wrapped for value in entry["wrapped"].values())


def test_root_key_left_by_a_crash_is_used_not_overwritten(tmp_path: Path) -> None:
    create_seal(tmp_path)
    (tmp_path / "seal.json").unlink()
    before = (tmp_path / "root.key").read_bytes()
    create_seal(tmp_path)
    assert (tmp_path / "root.key").read_bytes() == before


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o622])
def test_root_key_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    create_seal(tmp_path)
    (tmp_path / "root.key").chmod(mode)
    with pytest.raises(RootKeyExposedError, match="chmod 600"):
        open_seal(tmp_path)


def test_passphrase_is_needed_and_must_be_right(tmp_path: Path) -> None:
    blob = create_seal(tmp_path, passphrase=b"correct horse", cost=CHEAP).wrap(b"x", PLACE)
    assert open_seal(tmp_path, passphrase=b"correct horse").open(blob, PLACE) == b"x"
    with pytest.raises(PassphraseError, match="none was given"):
        open_seal(tmp_path)
    with pytest.raises(PassphraseError, match="does not open"):
        open_seal(tmp_path, passphrase=b"wrong")


@pytest.mark.parametrize("encode", [bytes, lambda key: key.hex().encode() + b"\n"])
def test_credential_of_the_service_manager_opens_and_leaves_no_root_key(
    tmp_path: Path, encode: Callable[[bytes], bytes]
) -> None:
    given = credential(tmp_path / "credentials", encode(bytes(range(32))))
    data = tmp_path / "data"
    data.mkdir()
    blob = create_seal(data, credentials=given).wrap(b"x", PLACE)
    assert [path.name for path in data.iterdir()] == ["seal.json"]
    assert open_seal(data, credentials=given).open(blob, PLACE) == b"x"
    with pytest.raises(RootKeyMissingError):
        open_seal(data)


@pytest.mark.parametrize("content", [b"", b"short", bytes(31), b"g" * 64, "é".encode() * 16 + b"x"])
def test_credential_that_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(SealDamagedError, match="credential"):
        create_seal(tmp_path, credentials=credential(tmp_path / "credentials", content))


def test_credential_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RootKeyExposedError):
        create_seal(tmp_path, credentials=credential(tmp_path / "credentials", bytes(32), 0o444))


def test_root_key_of_another_directory_is_refused(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for directory in (one, other):
        directory.mkdir()
        create_seal(directory)
    (other / "root.key").replace(one / "root.key")
    with pytest.raises(RootKeyMissingError, match="not the root key"):
        open_seal(one)


def test_absent_seal_and_root_key_are_named(tmp_path: Path) -> None:
    with pytest.raises(SealDamagedError, match=r"no seal\.json"):
        open_seal(tmp_path)
    create_seal(tmp_path)
    (tmp_path / "root.key").unlink()
    with pytest.raises(RootKeyMissingError, match=r"root\.key"):
        open_seal(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda ring: ring.update(format=2),
        lambda ring: ring["keys"].pop(),
        lambda ring: ring["keys"].reverse(),
        lambda ring: ring.update(surprise=1),
        lambda ring: ring["keys"][0]["wrapped"].update({next(iter(ring["keys"][0]["wrapped"])): "AAAA"}),
        lambda ring: ring["keys"][1].update(wrapped=ring["keys"][0]["wrapped"]),
    ],
)
def test_changed_seal_file_is_refused(tmp_path: Path, change: Callable[[Any], object]) -> None:
    create_seal(tmp_path)
    path = tmp_path / "seal.json"
    ring = json.loads(path.read_text())
    change(ring)
    path.write_text(json.dumps(ring))
    with pytest.raises(SealDamagedError):
        open_seal(tmp_path)


@pytest.mark.parametrize("content", ["", "{}", "[]", "nonsense", '{"format":1,"kept":"plain","key":"AAAA"}'])
def test_damaged_root_file_is_refused(tmp_path: Path, content: str) -> None:
    create_seal(tmp_path)
    (tmp_path / "root.key").write_text(content)
    with pytest.raises(SealDamagedError):
        open_seal(tmp_path)


@pytest.mark.parametrize(("n", "r", "p"), [(1 << 30, 8, 1), (3, 1, 1), (16, 0, 1), (16, 1, 1000)])
def test_scrypt_parameters_out_of_bounds_are_refused(tmp_path: Path, n: int, r: int, p: int) -> None:
    create_seal(tmp_path, passphrase=b"x", cost=CHEAP)
    path = tmp_path / "root.key"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"n": n, "r": r, "p": p}))
    with pytest.raises(SealDamagedError, match="scrypt"):
        open_seal(tmp_path, passphrase=b"x")


def test_passphrase_changes_without_touching_the_ring(tmp_path: Path) -> None:
    blob = create_seal(tmp_path).wrap(b"x", PLACE)
    ring = (tmp_path / "seal.json").read_bytes()
    change_passphrase(tmp_path, PLAIN, b"first")
    with pytest.raises(PassphraseError):
        open_seal(tmp_path)
    change_passphrase(tmp_path, under(b"first"), b"second")
    assert open_seal(tmp_path, passphrase=b"second").open(blob, PLACE) == b"x"
    change_passphrase(tmp_path, under(b"second"), None)
    assert open_seal(tmp_path).open(blob, PLACE) == b"x"
    assert (tmp_path / "seal.json").read_bytes() == ring


def test_replaced_root_key_opens_what_the_old_one_sealed_and_the_old_one_opens_nothing(tmp_path: Path) -> None:
    blob = create_seal(tmp_path).wrap(b"x", PLACE)
    old = open_root_key(tmp_path, PLAIN)
    replaced = replace_root_key(tmp_path, PLAIN, under(b"new"))
    assert replaced.open(blob, PLACE) == open_seal(tmp_path, passphrase=b"new").open(blob, PLACE) == b"x"
    (tmp_path / "root.key").unlink()
    with pytest.raises(RootKeyMissingError):
        open_seal(tmp_path, holder=old)


def test_root_key_moves_to_a_credential_and_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    given = Custody(credentials=credential(tmp_path / "credentials", bytes(range(32))))
    blob = create_seal(data).wrap(b"x", PLACE)
    replace_root_key(data, PLAIN, given)
    assert not (data / "root.key").exists()
    assert open_seal(data, credentials=given.credentials).open(blob, PLACE) == b"x"
    with pytest.raises(SealError, match="in use"):
        replace_root_key(data, given, given)
    with pytest.raises(SealError, match="not kept in"):
        change_passphrase(data, given, b"x")
    replace_root_key(data, given, PLAIN)
    assert open_seal(data).open(blob, PLACE) == b"x"
    # A credential that is no longer the root key does not stand in the way of root.key.
    assert open_seal(data, credentials=given.credentials).open(blob, PLACE) == b"x"


def test_holder_outside_the_process_is_enough(tmp_path: Path) -> None:
    holder = LocalRootKey.generate()
    blob = create_seal(tmp_path, holder=holder).wrap(b"x", PLACE)
    assert [path.name for path in tmp_path.iterdir()] == ["seal.json"]
    assert open_seal(tmp_path, holder=LocalRootKey(holder.export())).open(blob, PLACE) == b"x"
    assert holder.export().hex() not in repr(holder)


def test_added_domain_key_is_used_and_older_blobs_open(tmp_path: Path) -> None:
    seal = create_seal(tmp_path)
    old = seal.wrap(b"old", PLACE)
    rotated = add_domain_key(tmp_path, PLAIN)
    new = rotated.wrap(b"new", PLACE)
    assert (rotated.newest_domain, old[4], new[4]) == (2, 1, 2)
    assert rotated.open(old, PLACE) == b"old"
    assert seal.open(new, PLACE) == b"new", "a running process learns of the new key when it meets it"
    assert seal.newest_domain == 2
    assert seal.derive("x") == rotated.derive("x")


class Crash(BaseException):
    """The process died here."""


def crash_at(monkeypatch: pytest.MonkeyPatch, count: int) -> Callable[[], bool]:
    """Let the system call number `count` of the seal's file work be the last; a write that is cut off writes half."""
    left = count

    def guarded(name: str) -> Callable[..., Any]:
        real = getattr(os, name)

        def call(*arguments: Any, **keywords: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                if name == "write":
                    real(arguments[0], bytes(arguments[1])[: len(arguments[1]) // 2])
                raise Crash
            if left < 0:
                raise Crash
            return real(*arguments, **keywords)

        return call

    for name in ("open", "write", "fsync", "replace", "unlink", "fchmod"):
        monkeypatch.setattr(seal_files.os, name, guarded(name))
    return lambda: left <= 0


@pytest.mark.parametrize("kind", ["passphrase", "plain", "credential", "domain"])
def test_crash_at_any_system_call_leaves_a_directory_that_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    given = credential(tmp_path / "credentials", bytes(range(32)))
    changes: dict[str, Callable[[Path], object]] = {
        "passphrase": lambda data: change_passphrase(data, PLAIN, b"new"),
        "plain": lambda data: replace_root_key(data, PLAIN, under(b"new")),
        "credential": lambda data: replace_root_key(data, PLAIN, Custody(credentials=given)),
        "domain": lambda data: add_domain_key(data, PLAIN),
    }
    for count in range(1, 100):
        data = tmp_path / f"data{count}"
        data.mkdir()
        blob = create_seal(data).wrap(b"x", PLACE)
        with monkeypatch.context() as patch:
            crashed = crash_at(patch, count)
            with contextlib.suppress(Crash):
                changes[kind](data)
            died = crashed()
        seal = opened_somehow(data, given)
        assert seal.open(blob, PLACE) == b"x"
        assert {path.name for path in data.iterdir()} <= {"root.key", "seal.json"}
        if not died:
            break
    assert count > 10, "the change has many moments to die at"
    assert not died


def opened_somehow(data: Path, given: Path) -> Any:
    try:
        return open_seal(data, passphrase=b"new")
    except RootKeyMissingError:
        return open_seal(data, credentials=given)


def test_crash_while_making_the_seal_can_be_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for count in range(1, 100):
        data = tmp_path / f"data{count}"
        data.mkdir()
        with monkeypatch.context() as patch:
            crashed = crash_at(patch, count)
            with contextlib.suppress(Crash):
                create_seal(data)
            died = crashed()
        seal = open_seal(data) if has_seal(data) else create_seal(data)
        assert seal.open(seal.wrap(b"x", PLACE), PLACE) == b"x"
        if not died:
            break
    assert count > 8


def test_full_disk_leaves_the_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blob = create_seal(tmp_path).wrap(b"x", PLACE)
    with monkeypatch.context() as patch:

        def full(*_: Any) -> int:
            raise OSError(errno.ENOSPC, "no space left")

        patch.setattr(seal_files.os, "write", full)
        with pytest.raises(OSError, match="no space"):
            replace_root_key(tmp_path, PLAIN, PLAIN)
    assert open_seal(tmp_path).open(blob, PLACE) == b"x"
