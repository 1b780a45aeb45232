"""`casemate scan`: personal and secret data in files and folders, as Macie would report it."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from casemate.cli.caches import cache_of_user
from casemate.cli.options import add_json, wants_json
from casemate.cli.scan_files import FileToScan, files_of
from casemate.cli.scan_json import lines_of
from casemate.cli.scan_progress import Progress
from casemate.cli.scan_table import table_of, warning_of
from casemate.cli.scan_work import UNOPENED, crashed, scan_all
from casemate.engines.sensitive import (
    AllowList,
    CustomIdentifier,
    Plan,
    SensitiveError,
    compile_plan,
    select,
)
from casemate.engines.sensitive.results import ScanResult
from casemate.foundation.clock import SharedClock, iso
from casemate.foundation.errors import CasemateError, UsageError

_LARGEST_DEFINITION: Final = 1024 * 1024
_LARGEST_LIST: Final = 35 * 1024 * 1024
_GROUPS: Final = ("RECOMMENDED", "ALL", "NONE")
_MEMBERS: Final = frozenset(field.encode_name for field in msgspec.structs.fields(CustomIdentifier))
_LEVEL_MEMBERS: Final = frozenset({"occurrencesThreshold", "severity"})
_UNUSED: Final = frozenset({"clientToken", "description", "tags"})
"""Members of CreateCustomDataIdentifier that change nothing in a scan."""


def add_to(commands: Any) -> None:
    parser = commands.add_parser(
        "scan",
        help="find personal and secret data in files",
        description="Find personal and secret data in files of any format, at its exact place. No server is needed.",
    )
    add_json(parser)
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", type=Path, help="a file, or a folder with all that is in it"
    )
    parser.add_argument(
        "--identifiers",
        metavar="LIST",
        default="RECOMMENDED",
        help="RECOMMENDED (unless said), ALL, NONE, and ids to add; -ID takes one out: --identifiers=ALL,-NAME",
    )
    parser.add_argument(
        "--custom",
        metavar="FILE",
        action="append",
        default=[],
        type=Path,
        help="custom data identifiers: a JSON object or a list of them, with the members of CreateCustomDataIdentifier",
    )
    parser.add_argument(
        "--allow",
        metavar="FILE",
        action="append",
        default=[],
        type=Path,
        help='an allow list: one entry a line, or {"regex": "…"}',
    )
    parser.add_argument("--workers", metavar="N", type=int, default=0, help="processes (default: one a core)")
    parser.add_argument("--fail", action="store_true", help="exit with 3 where something was found")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    if options.workers < 0:
        raise UsageError(f"--workers must be 1 or more, not {options.workers}")
    plan = plan_of(options.identifiers, options.custom, options.allow)
    files = files_of(options.paths)
    as_json = wants_json(options)
    workers = options.workers or len(os.sched_getaffinity(0))
    now = _now()
    found = problems = 0
    failed = False
    asked = set(options.paths)
    progress = Progress(files, sys.stderr)
    samples = 0 if as_json else 1
    try:
        under_way = progress.under_way if progress.shown else None
        for file, result in scan_all(
            files, plan, workers=workers, samples=samples, progress=progress.bytes_read, under_way=under_way
        ):
            progress.clear()
            shown = _print(file, result, now=now, as_json=as_json)
            problems += shown.status != "COMPLETE"
            failed |= file.path in asked and any(each.reason in UNOPENED for each in shown.files)
            for warning in warning_of(file, shown):
                sys.stderr.write(warning)
            found += sum(detection.count for each in shown.files for detection in each.detections)
            progress.done(file)
        progress.clear()
        if not as_json:
            _summary(files, found, problems)
    except BrokenPipeError:  # whoever read the output has seen enough (`| head`)
        _silence()
    return 3 if found and options.fail else 1 if failed else 0


def _print(file: FileToScan, result: ScanResult, *, now: str, as_json: bool) -> ScanResult:
    """Print what was found in one file; give its result: one that can't be described is skipped, the scan goes on."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        if as_json:
            sys.stdout.buffer.writelines(lines_of(file, result, now))
        else:
            sys.stdout.buffer.writelines(f"{line}\n".encode(encoding, "replace") for line in table_of(file, result))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - one hostile file must not end the scan of all others
        return crashed(file.path.name, error)
    return result


def _silence() -> None:
    """Let nothing more be written to an output that nobody reads: Python would complain of it at its end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _summary(files: Sequence[FileToScan], found: int, problems: int) -> None:
    size = sum(file.size for file in files)
    unread = f"; {problems} not read, or not to the end (see above)" if problems else ""
    sys.stderr.write(f"{found} occurrences in {len(files)} files, {size / 1e6:.1f} MB{unread}\n")


def _now() -> str:
    with tempfile.TemporaryDirectory(prefix="casemate-") as folder:
        clock = SharedClock(Path(folder) / "clock")
        with contextlib.closing(clock):
            return iso(clock.real())


def plan_of(identifiers: str, custom: Iterable[Path] = (), allow: Iterable[Path] = ()) -> Plan:
    """The plan that the options ask for. Raises UsageError, CasemateError."""
    try:
        return compile_plan(
            chosen_ids(identifiers),
            custom=[each for path in custom for each in read_custom(path)],
            allow=[read_allow_list(path) for path in allow],
            cache=cache_of_user(),
        )
    except SensitiveError as error:
        raise UsageError(str(error)) from None


def chosen_ids(text: str) -> tuple[str, ...]:
    """Ids named by `--identifiers`. Raises UsageError."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise UsageError("--identifiers names nothing; NONE is for custom identifiers alone")
    chosen: set[str] = set()
    try:
        if words[0].startswith("-"):
            chosen |= {*select("RECOMMENDED")}
        for word in words:
            if word in _GROUPS:
                chosen |= {*select("ALL" if word == "ALL" else "NONE" if word == "NONE" else "RECOMMENDED")}
            elif word.startswith("-"):
                chosen -= {*select("INCLUDE", [word[1:]])}
            else:
                chosen |= {*select("INCLUDE", [word])}
    except SensitiveError as error:
        raise UsageError(f"--identifiers: {error}") from None
    return tuple(sorted(chosen))


def read_custom(path: Path) -> list[CustomIdentifier]:
    """Custom identifiers in a file of JSON. Raises UsageError."""
    content = _content(path, _LARGEST_DEFINITION)
    try:
        given = msgspec.json.decode(content)
        several = given if isinstance(given, list) else [given]
        read = msgspec.convert(several, list[CustomIdentifier])
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise UsageError(f"{path}: {error}") from None
    for each in several:
        levels = [level for level in each.get("severityLevels", ()) if isinstance(level, dict)]
        unknown = {*each} - _MEMBERS - _UNUSED | {name for level in levels for name in {*level} - _LEVEL_MEMBERS}
        if unknown:  # a misspelt `keywords` would report far more than was meant
            raise UsageError(f"{path}: unknown member {', '.join(sorted(unknown))}")
    return read


def read_allow_list(path: Path) -> AllowList:
    """An allow list in a file. Raises UsageError."""
    content = _content(path, _LARGEST_LIST)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8: {error}") from None
    try:
        if text.lstrip().startswith("{"):
            criteria = msgspec.json.decode(content)
            if not isinstance(criteria, dict) or not isinstance(criteria.get("regex"), str):
                raise UsageError(f'{path}: an allow list in JSON is {{"regex": "…"}}')
            return AllowList.of_regex(criteria["regex"])
        return AllowList.of_words(text.splitlines())
    except (SensitiveError, msgspec.DecodeError) as error:
        raise UsageError(f"{path}: {error}") from None


def _content(path: Path, largest: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except OSError as error:
        raise CasemateError(f"{path} can't be read: {error.strerror}") from None
    if len(content) > largest:
        raise UsageError(f"{path} is larger than {largest} bytes")
    return content
