from __future__ import annotations

import gzip
import io
import zipfile
import zlib

import pytest
from tests.engines.sensitive.formats.samples import TABLE, every_format, seven_zip, tarred, units, unpacked, zipped

from casemate.contracts.sensitive import Limits, Opened, Problem, TextBlock

MEBIBYTE = 1024 * 1024


def texts(data: bytes, name: str, limits: Limits | None = None) -> dict[tuple[str, ...], bytes]:
    found: dict[tuple[str, ...], bytes] = {}
    for unit in units(data, name, limits):
        if isinstance(unit, TextBlock):
            found[unit.members] = found.get(unit.members, b"") + unit.data
    return found


def problems(data: bytes, name: str, limits: Limits | None = None) -> list[Problem]:
    return [unit for unit in units(data, name, limits) if isinstance(unit, Problem)]


@pytest.mark.parametrize("name", ["a.csv.gz", "a.csv.bz2", "a.csv.xz", "a.csv.zst"])
def test_compressed_file_holds_a_file_of_its_name(name: str) -> None:
    assert texts(dict(every_format())[name], f"folder/{name}") == {("a.csv",): TABLE}


def test_compressed_tar_is_one_archive() -> None:
    data = tarred({"d/a.csv": TABLE, "b.txt": b"text"}, "w:gz")
    assert texts(data, "x.tar.gz") == {("d/a.csv",): TABLE, ("b.txt",): b"text"}


def test_archives_in_archives_name_all_files_around() -> None:
    inner = zipped({"deep.txt": b"found"})
    data = tarred({"one.zip": inner, "two.gz": gzip.compress(inner)})
    assert texts(data, "x.tar") == {("one.zip", "deep.txt"): b"found", ("two.gz", "two", "deep.txt"): b"found"}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_zip_of_each_method_is_read(method: int) -> None:
    assert texts(zipped({"a.txt": b"text" * 100, "e.txt": b""}, method), "a.zip") == {("a.txt",): b"text" * 100}


def test_zip_behind_other_bytes_is_read() -> None:
    data = zipped({"a.txt": b"text"})
    padded = b"PK\x03\x04" + b"not really an archive yet" + data
    assert texts(padded, "a.zip") == {("a.txt",): b"text"}


@pytest.mark.parametrize("form", ["ustar", "gnu", "pax"])
def test_tar_with_long_names_is_read_in_each_form(form: str) -> None:
    import tarfile

    number = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}[form]
    name = "d" * 90 + "/" + ("n" if form == "ustar" else "ü") * 80 + ".txt"
    assert texts(tarred({name: b"text", "b": b"more"}, format=number), "a.tar") == {(name,): b"text", ("b",): b"more"}


def test_archive_depth_over_the_limit_is_told_and_the_rest_is_read() -> None:
    data = zipped({"bottom.txt": b"text"})
    for _ in range(11):
        data = zipped({"next.zip": data, "beside.txt": b"seen"})
    found = problems(data, "a.zip")
    assert [one.reason for one in found] == ["ARCHIVE_NESTING_LEVEL_OVER_LIMIT", "ARCHIVE_CONTAINS_UNPROCESSED_FILES"]
    assert len(found[0].members) == 10
    assert len(texts(data, "a.zip")) == 10


def test_members_over_the_limit_stop_the_reading() -> None:
    data = zipped({f"{i}.txt": b"x" for i in range(30)})
    found = problems(data, "a.zip", Limits(archive_members=20))
    assert [(one.status, one.reason) for one in found] == [("PARTIAL", "ARCHIVE_TOTAL_DOCUMENTS_PROCESSED_OVER_LIMIT")]
    assert len(texts(data, "a.zip", Limits(archive_members=20))) == 20


@pytest.mark.parametrize("name", ["zip", "tar", "gz", "7z"])
def test_extracted_bytes_over_the_limit_stop_the_reading(name: str) -> None:
    files = {f"{i}.txt": bytes([97 + i]) * 90_000 for i in range(10)}
    data = {"zip": zipped, "tar": tarred, "7z": seven_zip}.get(name, lambda f: gzip.compress(b"".join(f.values())))(
        files
    )
    found = problems(data, f"a.{name}", Limits(extracted_bytes=300_000))
    assert found[0].reason == "ARCHIVE_TOTAL_BYTES_EXTRACTED_OVER_LIMIT"
    read = sum(map(len, texts(data, f"a.{name}", Limits(extracted_bytes=300_000)).values()))
    assert 0 < read <= 300_000


def test_member_larger_than_its_limit_is_cut_and_the_next_is_read() -> None:
    data = zipped({"large.txt": b"x" * 2 * MEBIBYTE, "small.txt": b"small"})
    found = problems(data, "a.zip", Limits(member_bytes=MEBIBYTE))
    assert [(one.reason, one.members) for one in found] == [
        ("FILE_EXCEEDS_SIZE_LIMIT", ("large.txt",)),
        ("ARCHIVE_CONTAINS_UNPROCESSED_FILES", ()),
    ]
    assert texts(data, "a.zip", Limits(member_bytes=MEBIBYTE))["small.txt",] == b"small"


def test_bomb_of_a_thousand_to_one_is_stopped_by_its_ratio() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = b"".join(packer.compress(b"a" * MEBIBYTE) for _ in range(150)) + packer.flush()
    read = 0
    last = None
    for unit in units(data, "bomb.gz"):
        read += len(unit.data) if isinstance(unit, TextBlock) else 0
        last = unit if isinstance(unit, Problem) and unit.members else last
    assert last is not None
    assert (last.status, last.reason) == ("PARTIAL", "ARCHIVE_TOTAL_BYTES_EXTRACTED_OVER_LIMIT")
    assert read <= 130 * MEBIBYTE


def test_encrypted_member_is_told_and_the_rest_is_read() -> None:
    data = bytearray(zipped({"a.txt": b"secret", "b.txt": b"open"}))
    directory = data.index(b"PK\x01\x02")
    data[directory + 8] |= 1
    found = problems(bytes(data), "a.zip")
    assert (found[0].status, found[0].members) == ("SKIPPED", ("a.txt",))
    assert texts(bytes(data), "a.zip") == {("b.txt",): b"open"}


def test_file_of_no_known_format_in_an_archive_is_told() -> None:
    found = problems(zipped({"a.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "a.txt": b"x"}), "a.zip")
    assert [one.reason for one in found] == ["UNSUPPORTED_FILE_TYPE_EXCEPTION", "ARCHIVE_CONTAINS_UNPROCESSED_FILES"]


def test_time_over_the_limit_stops_the_reading() -> None:
    ticks = iter(range(10_000))
    found = unpacked(
        zipped({f"{i}.txt": b"x" for i in range(200)}),
        "a.zip",
        limits=Limits(seconds=50),
        monotonic=lambda: next(ticks),
    )
    assert isinstance(found[-1], Problem)
    assert (found[-1].status, found[-1].reason) == ("PARTIAL", "TIME_CUT_OFF_REACHED")


@pytest.mark.parametrize("name", [name for name, _ in every_format()])
def test_file_cut_short_is_partial_or_skipped_and_never_raises(name: str) -> None:
    data = dict(every_format())[name]
    for share in (0.1, 0.5, 0.9, 0.99):
        for unit in units(data[: int(len(data) * share)], name):
            assert isinstance(unit, Opened | Problem) or unit is not None


def test_directory_of_a_million_entries_is_not_kept() -> None:
    import tracemalloc

    from casemate.engines.sensitive.formats.zip import entries

    data = zipped({f"{i:06d}": b"" for i in range(20_000)}, zipfile.ZIP_STORED)
    tracemalloc.start()
    count = sum(1 for _ in entries(io.BytesIO(data)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < len(data) + 4 * MEBIBYTE
