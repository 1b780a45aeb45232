"""How far a scan is, also within one large file."""

from __future__ import annotations

import io
import multiprocessing
import threading
from pathlib import Path

from casemate.cli.scan_files import files_of
from casemate.cli.scan_progress import Progress
from casemate.cli.scan_watch import Places
from casemate.cli.scan_work import scan_all
from casemate.engines.sensitive import compile_plan


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_within_one_large_file_is_told_while_it_is_read(tmp_path: Path) -> None:
    line = "nothing here, " * 8 + "customer 4711 of 2026-11-24\n"
    (tmp_path / "a.log").write_text(line * 800_000)
    files = files_of([tmp_path])
    told: list[tuple[int, str]] = []
    results = list(
        scan_all(
            files,
            compile_plan(["USA_SOCIAL_SECURITY_NUMBER"]),
            workers=4,
            samples=0,
            progress=lambda count: told.append((count, "done")),
            under_way=lambda count, file: told.append((count, file.key)),
        )
    )
    assert results[0][1].status == "COMPLETE"
    assert told[-1] == (files[0].size, "done")
    within = [count for count, key in told[:-1] if key == "a.log" and 0 < count < files[0].size]
    assert within == sorted(within)
    assert within


def test_watch_tells_the_place_of_the_descriptor_and_nothing_after_the_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 100)
    places = Places(multiprocessing.get_context("spawn"), 1)
    watch = places.watch()
    with (tmp_path / "a").open("rb", buffering=0) as stream, watch.of(stream):
        stream.read(60)
        tries = iter(range(200))
        while list(places) == [0] and next(tries, None) is not None:
            threading.Event().wait(0.05)
        assert list(places) == [60]
    assert list(places) == [0]


def test_line_counts_what_is_read_of_files_that_are_not_done(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 400)
    files = files_of([tmp_path])
    stream = Terminal()
    Progress(files, stream).under_way(100, files[0])
    assert " 25%" in stream.getvalue()
    assert " left  a" in stream.getvalue()


def test_nothing_is_shown_where_the_stream_is_no_terminal(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"x" * 400)
    files = files_of([tmp_path])
    stream = io.StringIO()
    progress = Progress(files, stream)
    progress.under_way(100, files[0])
    progress.clear()
    assert (progress.shown, stream.getvalue()) == (False, "")
