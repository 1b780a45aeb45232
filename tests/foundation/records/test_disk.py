"""A disk that is full or broken: writes are refused clearly, reads go on, and a failed sync is the end."""

import ctypes
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from casemate.foundation.records import Collection, DiskFull, Store, StoreFailed
from casemate.foundation.records.page import WRITING
from casemate.foundation.records.sqlite.connections import translate
from casemate.foundation.records.sqlite.writing import SqliteWriting


class Blob(msgspec.Struct, frozen=True):
    body: bytes


BLOBS = Collection("test.blobs", Blob)

_libc = ctypes.CDLL(None, use_errno=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    path = tmp_path / "disk"
    path.mkdir()
    if _libc.mount(b"tmpfs", bytes(path), b"tmpfs", 0, b"size=3m") != 0:
        pytest.skip(f"may not mount a file system here: {os.strerror(ctypes.get_errno())}")
    yield path
    _libc.umount2(bytes(path), 2)


def put(store: Store, id_: str, body: bytes) -> None:
    unit = store.unit()
    unit.put(BLOBS, "", id_, Blob(body))
    store.submit(unit).result()


def fill(store: Store) -> int:
    """Write until the disk is full: how many records were acknowledged."""
    for number in range(10_000):
        try:
            put(store, str(number), bytes([number % 256]) * 20_000)
        except DiskFull:
            return number
    raise AssertionError("the disk never filled")


def test_full_disk_refuses_writes_and_serves_reads(small_disk: Path) -> None:
    store = Store.open(small_disk / "store.db", name="test", create=True)
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(600_000))
    count = fill(store)
    assert count > 10
    for number in range(count):
        assert store.reader.get(BLOBS, "", str(number)) == Blob(bytes([number % 256]) * 20_000)
    store.reader._begin_epoch()
    assert len(store.reader.page(BLOBS, "", limit=10_000)) == count
    assert store.reader.get(BLOBS, "", str(count)) is None
    with pytest.raises(DiskFull):
        put(store, "again", bytes(100_000))
    ballast.unlink()
    put(store, "again", bytes(100_000))
    assert store.reader.get(BLOBS, "", "again") == Blob(bytes(100_000))
    assert store.integrity() == []
    store.close()


def test_unit_too_big_for_the_disk_does_not_take_the_others_of_its_batch_with_it(small_disk: Path) -> None:
    store = Store.open(small_disk / "store.db", name="test", create=True)
    units = []
    for number in range(5):
        unit = store.unit()
        unit.put(BLOBS, "", str(number), Blob(bytes(5_000_000 if number == 2 else 1000)))
        units.append(unit)
    futures = [store.submit(unit) for unit in units]
    assert [type(future.exception()) for future in futures] == [
        type(None),
        type(None),
        DiskFull,
        type(None),
        type(None),
    ]
    assert [id_ for id_, _ in store.reader.page(BLOBS, "", limit=10)] == ["0", "1", "3", "4"]
    store.close()


def test_file_size_limit_reads_as_a_full_disk(tmp_path: Path) -> None:
    program = f"""
import resource, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from pathlib import Path
from process import *
store = Store.open(Path({str(tmp_path / "store.db")!r}), name="test", create=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
number = 0
try:
    while True:
        set_counter(store, str(number), number, "x" * 20000)
        number += 1
except Exception as error:
    print(type(error).__name__, number, store.reader.get(COUNTERS, "", "0").value)
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert output[0] == "DiskFull"
    assert int(output[1]) > 3
    assert output[2] == "0"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY


def test_failed_sync_is_fatal_to_the_process_and_nothing_after_it_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fatal: list[StoreFailed] = []
    store = Store.open(tmp_path / "store.db", name="test", create=True, on_fatal=fatal.append)
    put(store, "before", b"b")
    assert store.reader.get(BLOBS, "", "before") == Blob(b"b")

    def commit(_: SqliteWriting) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
        error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
        raise translate(error)

    with monkeypatch.context() as patched:
        patched.setattr(SqliteWriting, "commit", commit)
        with pytest.raises(StoreFailed, match="FSYNC"):
            put(store, "unlucky", b"u")
    assert len(fatal) == 1
    with pytest.raises(StoreFailed, match="FSYNC"):
        put(store, "after", b"a")
    assert store.reader.get(BLOBS, "", "before") == Blob(b"b")
    assert store._page.words[WRITING]
    store.close()
    store = Store.open(tmp_path / "store.db", name="test", create=False)
    assert not store._page.words[WRITING]
    put(store, "after", b"a")
    assert [id_ for id_, _ in store.reader.page(BLOBS, "", limit=10)] == ["after", "before"]
    store.close()
