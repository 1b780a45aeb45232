from __future__ import annotations

import io
import sys
import tempfile
import time
from pathlib import Path

import pytest
from tests.engines.sensitive.formats import samples

from casemate.contracts.sensitive import Limits, PageText, Problem, Unit
from casemate.engines.sensitive.formats import Format, Readers, Unreadable
from casemate.runtime import ParserProcesses, limited_parsers
from casemate.runtime import parsers as module

NATIVE = ("a.xlsx", "a.pdf", "a.doc", "a.parquet", "a.orc", "a.avro", "a.7z")


def read(data: bytes, name: str, **limits: float) -> list[Unit]:
    return list(limited_parsers().units(io.BytesIO(data), name, Limits(**limits)))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", NATIVE)
def test_file_read_apart_gives_what_it_gives_here(name: str) -> None:
    data = dict(samples.every_format())[name]
    assert read(data, name) == list(Readers().units(io.BytesIO(data), name, Limits()))


def test_packed_file_is_read_apart_and_keeps_its_members() -> None:
    found = read(samples.zipped({"d/a.pdf": samples.pdf(["Ann Lee"])}), "a.zip")
    assert found[-1] == PageText(1, "Ann Lee", ("d/a.pdf",))


def test_file_on_disk_is_read_through_its_own_descriptor(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(samples.pdf(["Ann Lee"]))
    with (tmp_path / "a.pdf").open("rb") as file:
        file.read(7)
        assert list(ParserProcesses()(Format.PDF, file, Limits())) == [PageText(1, "Ann Lee")]


def test_damaged_file_says_why() -> None:
    found = read(samples.columnar("parquet")[:100], "a.parquet")
    assert isinstance(found[-1], Problem)
    assert (found[-1].status, found[-1].reason) == ("SKIPPED", "UNABLE_TO_PARSE_FILE")


def in_child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str) -> list[Unit]:
    """What arrives when the parser's process runs other code."""
    script = tmp_path / "child.py"
    script.write_text(code)

    real = module.subprocess.Popen

    class Replaced(real):  # type: ignore[type-arg,misc]
        def __init__(self, command: list[str], **options: object) -> None:
            super().__init__([sys.executable, str(script), *command[4:]], **options)  # type: ignore[call-overload]

    monkeypatch.setattr(module.subprocess, "Popen", Replaced)
    with tempfile.TemporaryFile() as file:
        file.write(b"%PDF-")
        return list(ParserProcesses(idle_seconds=3.0 if "sleep" in code else 60.0)(Format.PDF, file, Limits()))


PAGE = "from casemate.runtime.frames import *; import os, sys, time; os.write(1, frame_of(PageText(1, 'x')));"


@pytest.mark.parametrize(
    ("code", "reason", "said"),
    [
        (PAGE + "os.abort()", "MALFORMED_FILE", "died"),
        (PAGE + "sys.exit(0)", "MALFORMED_FILE", "status 0"),
        (PAGE + "time.sleep(60)", "TIME_CUT_OFF_REACHED", "stopped"),
        (PAGE + "os.write(1, b'\\xff\\xff\\xff\\xff')", "MALFORMED_FILE", "never sends"),
        (PAGE + "os.write(1, b'\\0\\0\\0\\3abc')", "MALFORMED_FILE", "never sends"),
        (PAGE + "os.write(1, frame_of(Failed('TIME_CUT_OFF_REACHED', 'so')))", "TIME_CUT_OFF_REACHED", "so"),
    ],
)
def test_process_that_misbehaves_is_a_problem_of_its_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, reason: str, said: str
) -> None:
    with pytest.raises(Unreadable, match=said) as caught:
        in_child(monkeypatch, tmp_path, code)
    assert caught.value.reason == reason


def test_reading_that_is_given_up_ends_the_process() -> None:
    units = ParserProcesses()(Format.PDF, io.BytesIO(samples.pdf(["one", "two"])), Limits())
    assert next(units) == PageText(1, "one")
    started = time.monotonic()
    units.close()  # type: ignore[attr-defined]
    assert time.monotonic() - started < 5


def test_workbook_that_takes_too_much_memory_is_a_problem() -> None:
    sheet = samples.xlsx([["x"]], first="A1")
    far = sheet_with_far_cell(sheet)
    found = read(far, "a.xlsx", memory_bytes=64 * 1024 * 1024)
    assert isinstance(found[-1], Problem)


def sheet_with_far_cell(data: bytes) -> bytes:
    """A workbook whose last cell stands in the last row and column: tables of all cells between take gigabytes."""
    import zipfile

    files = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            files[name] = archive.read(name)
    name = "xl/worksheets/sheet1.xml"
    files[name] = files[name].replace(b"</row>", b'</row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    return samples.zipped(files)
