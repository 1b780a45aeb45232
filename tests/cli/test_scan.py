"""`casemate scan`: options, output and exit codes."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from casemate.cli import scan
from casemate.cli.scan_files import files_of
from casemate.cli.scan_progress import line
from casemate.cli.scan_table import mask
from casemate.engines.sensitive import scan as engine_scan
from casemate.foundation.errors import CasemateError, UsageError

SSN = "536-22-8741"


@pytest.fixture(autouse=True)
def cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "people.csv").write_text(f"id,ssn\n1,{SSN}\n2,212-45-8890\n")
    (tmp_path / "a.txt").write_text(f"nothing\nssn {SSN}\n")
    (tmp_path / "clean.txt").write_text("nothing at all\n")
    return tmp_path


def ran(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    scan.add_to(parser.add_subparsers())
    options = parser.parse_args(["scan", *arguments])
    return int(options.run(options))


def findings(capsys: pytest.CaptureFixture[str]) -> list[dict]:
    return [json.loads(each) for each in capsys.readouterr().out.splitlines()]


def test_json_prints_a_finding_a_line_in_the_order_of_keys(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(str(folder), "--json", "--identifiers", "USA_SOCIAL_SECURITY_NUMBER") == 0
    found = findings(capsys)
    assert [each["resourcesAffected"]["s3Object"]["key"] for each in found] == ["a.txt", "b/people.csv"]
    detection = found[1]["classificationDetails"]["result"]["sensitiveData"][0]["detections"][0]
    assert detection == {
        "type": "USA_SOCIAL_SECURITY_NUMBER",
        "count": 2,
        "occurrences": {
            "cells": [
                {"row": 2, "column": 2, "columnName": "ssn", "cellReference": None},
                {"row": 3, "column": 2, "columnName": "ssn", "cellReference": None},
            ]
        },
    }
    assert found[0]["type"] == "SensitiveData:S3Object/Personal"
    assert found[0]["severity"] == {"description": "High", "score": 3}


def test_key_of_a_file_given_as_argument_is_its_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ran(str(folder / "b" / "people.csv"), "--json", "--identifiers", "USA_SOCIAL_SECURITY_NUMBER")
    assert findings(capsys)[0]["resourcesAffected"]["s3Object"]["key"] == "people.csv"


def test_table_masks_what_it_shows(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ran(str(folder), "--identifiers", "USA_SOCIAL_SECURITY_NUMBER") == 0
    shown = capsys.readouterr()
    assert "line 2:5" in shown.out
    assert "row 2 ssn, row 3 ssn" in shown.out
    assert SSN not in shown.out + shown.err
    assert "3 occurrences in 3 files" in shown.err


def test_fail_exits_with_three_only_where_something_was_found(folder: Path) -> None:
    assert ran(str(folder), "--fail", "--json", "--identifiers", "USA_SOCIAL_SECURITY_NUMBER") == 3
    assert ran(str(folder / "clean.txt"), "--fail", "--json", "--identifiers", "USA_SOCIAL_SECURITY_NUMBER") == 0


def test_results_do_not_depend_on_workers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(6):
        lines = [f"{'x' * 120} ssn {SSN} {row}" for row in range(8000)]
        (tmp_path / f"{number}.log").write_text("\n".join(lines))
    printed = []
    for workers in ("1", "3"):
        ran(str(tmp_path), "--json", "--workers", workers, "--identifiers", "USA_SOCIAL_SECURITY_NUMBER")
        printed.append([{**each, "createdAt": "", "updatedAt": ""} for each in findings(capsys)])
    assert printed[0] == printed[1]
    assert len(printed[0]) == 6


def test_custom_identifiers_and_allow_lists_are_read_from_files(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    custom, allow, pattern = folder / "custom.json", folder / "allow.txt", folder / "allow.json"
    custom.write_text(json.dumps([{"name": "Word", "regex": "noth[a-z]+", "severityLevels": []}]))
    allow.write_text(f"{SSN}\n")
    pattern.write_text(json.dumps({"regex": "212-.*"}))
    ran(
        *(str(folder / "b"), str(folder / "clean.txt"), "--json", "--custom", str(custom), "--allow", str(allow)),
        *("--allow", str(pattern), "--identifiers", "USA_SOCIAL_SECURITY_NUMBER"),
    )
    found = findings(capsys)
    assert [each["type"] for each in found] == ["SensitiveData:S3Object/CustomIdentifier"]
    custom_found = found[0]["classificationDetails"]["result"]["customDataIdentifiers"]
    assert (custom_found["totalCount"], custom_found["detections"][0]["name"]) == (1, "Word")


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("RECOMMENDED", 35),
        ("ALL", 166),
        ("NONE", 0),
        ("ALL,-NAME", 165),
        ("-PKCS", 34),
        ("NAME,ADDRESS", 2),
        ("NONE,PKCS", 1),
    ],
)
def test_identifiers_are_chosen_by_group_and_id(text: str, count: int) -> None:
    assert len(scan.chosen_ids(text)) == count


@pytest.mark.parametrize("text", ["", "EMAIL", "-EMAIL", "all"])
def test_wrong_identifiers_are_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError):
        scan.chosen_ids(text)


@pytest.mark.parametrize(
    "content", ["{", "[1]", '{"name": "x"}', '{"name": "x", "regex": "(?=a)b"}', '{"name": "x", "regex": "["}']
)
def test_wrong_custom_identifiers_are_a_usage_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "custom.json"
    path.write_text(content)
    with pytest.raises(UsageError):
        scan.plan_of("NONE", [path])


@pytest.mark.parametrize("content", ["", "\n \n", "x" * 91, '{"regex": 1}', '{"regex": "("}', "{"])
def test_wrong_allow_lists_are_a_usage_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "allow"
    path.write_text(content)
    with pytest.raises(UsageError):
        scan.plan_of("NONE", [], [path])


def test_missing_path_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CasemateError, match="No such file"):
        ran(str(tmp_path / "none"))


def test_unreadable_file_is_said_and_does_not_end_the_scan(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\nnot really")
    assert ran(str(folder), "--identifiers", "USA_SOCIAL_SECURITY_NUMBER") == 0
    shown = capsys.readouterr()
    assert "broken.pdf" in shown.err
    assert "b/people.csv" in shown.out


def test_links_below_a_folder_are_not_followed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "b" / "link.txt").symlink_to(folder / "a.txt")
    ran(str(folder / "b"), "--json", "--identifiers", "USA_SOCIAL_SECURITY_NUMBER")
    assert len(findings(capsys)) == 1


@pytest.mark.parametrize(("text", "masked"), [("123", "***"), (SSN, "5**-**-**41"), ("a\x1b[2Jb", "*?[***")])
def test_mask_hides_letters_and_digits(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_progress_line_says_share_rate_and_time_left() -> None:
    assert line(50_000_000, 100_000_000, 1.0, "a\x1bb") == "[############            ]  50%  50.0 MB/s  0:01 left  a?b"


def test_names_that_are_not_utf8_are_printed_with_replacements(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/b\xff.txt"))).write_text(f"ssn {SSN}\n")
    (tmp_path / "c.json").write_text('{"a\\ud800":{"ssn":"219-16-3333"}}')
    for options in (["--json"], []):
        assert ran(str(tmp_path), *options, "--identifiers", "USA_SOCIAL_SECURITY_NUMBER") == 0
        shown = capsys.readouterr()
        if options:
            keys = [json.loads(each)["resourcesAffected"]["s3Object"]["key"] for each in shown.out.splitlines()]
            assert keys == ["b\ufffd.txt", "c.json"]
        assert not shown.err or "2 occurrences" in shown.err


def test_file_that_the_engine_fails_on_is_skipped(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:

    def failing(stream: BinaryIO, name: str, *arguments: Any, **options: Any) -> Any:
        if name == "a.txt":
            raise ZeroDivisionError("what nobody thought of")
        return engine_scan(stream, name, *arguments, **options)

    monkeypatch.setattr("casemate.cli.scan_work.scan", failing)
    assert ran(str(folder), "--json", "--identifiers", "USA_SOCIAL_SECURITY_NUMBER") == 0
    shown = capsys.readouterr()
    assert "a.txt: SKIPPED UNABLE_TO_PARSE_FILE: ZeroDivisionError" in shown.err
    assert len(shown.out.splitlines()) == 1


def test_named_file_that_can_not_be_opened_is_an_error(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path, *_arguments: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refused)
    assert ran(str(folder), "--identifiers", "USA_SOCIAL_SECURITY_NUMBER") == 0
    assert ran(str(folder / "a.txt"), "--identifiers", "USA_SOCIAL_SECURITY_NUMBER") == 1
    assert "a.txt: SKIPPED PERMISSION_DENIED" in capsys.readouterr().err


def test_file_that_vanished_is_said_to_have_vanished(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_of([folder])
    monkeypatch.setattr(scan, "files_of", lambda _paths: files)
    (folder / "a.txt").unlink()
    ran(str(folder), "--identifiers", "USA_SOCIAL_SECURITY_NUMBER")
    assert "a.txt: SKIPPED VANISHED" in capsys.readouterr().err


def test_reader_that_has_seen_enough_ends_the_scan_quietly(folder: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "casemate.cli.main", "scan", str(folder), "--json"]
    command += ["--identifiers", "USA_SOCIAL_SECURITY_NUMBER"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    "content",
    [
        '{"name": "x", "regex": "a", "keyword": ["abc"]}',
        '{"name": "x", "regex": "a", "severityLevels": [{"occurrencesThreshold": 1, "severity": "LOW", "keyword": 1}]}',
    ],
)
def test_unknown_members_of_custom_identifiers_are_refused_by_name(tmp_path: Path, content: str) -> None:
    path = tmp_path / "custom.json"
    path.write_text(content)
    with pytest.raises(UsageError, match="keyword"):
        scan.plan_of("NONE", [path])


def test_members_that_change_nothing_in_a_scan_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "custom.json"
    path.write_text('{"name": "x", "regex": "a", "description": "d", "tags": {}, "clientToken": "t"}')
    assert scan.read_custom(path)[0].name == "x"


@pytest.mark.parametrize(
    ("text", "row"),
    [
        ("sep=;\nid;ssn\n1;219163333\n", 3),
        ("# for you, only\nid,ssn\n1,219163333\n", 3),
        ("Our report\n\nid,ssn\n1,219163333\n", 4),
        ('id,"social\nsecurity number"\n1,219163333\n', 2),
        ('Report;\n"what for";"social\nsecurity number"\n1;219163333\n', 3),
    ],
)
def test_cells_below_a_header_that_is_not_the_first_line_are_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, row: int
) -> None:
    (tmp_path / "a.csv").write_text(text)
    ran(str(tmp_path), "--json", "--identifiers", "USA_SOCIAL_SECURITY_NUMBER")
    (found,) = findings(capsys)
    detection = found["classificationDetails"]["result"]["sensitiveData"][0]["detections"][0]
    assert [cell["row"] for cell in detection["occurrences"]["cells"]] == [row]


def test_what_stands_above_a_header_is_found_by_its_own_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number, last in enumerate(("2,212-45-8890", '"2\n",212-45-8890')):
        (tmp_path / f"{number}.csv").write_text(f"# ssn {SSN}\nid,ssn\n{last}\n")
    ran(str(tmp_path), "--json", "--identifiers", "USA_SOCIAL_SECURITY_NUMBER")
    for found in findings(capsys):
        detection = found["classificationDetails"]["result"]["sensitiveData"][0]["detections"][0]
        assert [cell["row"] for cell in detection["occurrences"]["cells"]] == [1, 3]


@pytest.mark.parametrize(
    "document",
    [
        {"log": {"request": {"headers": [{"name": "Authorization", "value": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}]}}},
        {"Authorization": "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="},
    ],
)
def test_basic_authorization_is_found_as_member_of_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], document: dict[str, Any]
) -> None:
    (tmp_path / "a.json").write_text(json.dumps(document))
    ran(str(tmp_path), "--json", "--identifiers", "HTTP_BASIC_AUTH_HEADER")
    assert len(findings(capsys)) == 1


def test_workers_do_not_run_the_script_of_the_command_again(tmp_path: Path) -> None:
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_text(f"ssn {SSN} and more\n" * 120_000)
    script = tmp_path / "command"
    script.write_text("import sys\nfrom casemate.cli.main import main\nsys.exit(main())\n")
    command = [sys.executable, str(script), "scan", str(tmp_path / "a.log"), str(tmp_path / "b.log"), "--json"]
    command += ["--workers", "2", "--fail", "--identifiers", "USA_SOCIAL_SECURITY_NUMBER"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (3, b"")
    assert [json.loads(line)["resourcesAffected"]["s3Object"]["key"] for line in done.stdout.splitlines()] == [
        "a.log",
        "b.log",
    ]
