"""Archives of very many members: what is kept of them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from casemate.contracts.sensitive import Limits, Lines, Problem, TextBlock, Unit
from casemate.engines.sensitive import compile_plan, scan, scanning


class ManyMembers:
    """Gives packed files: the fifth has a number in it, the seventh can't be read."""

    def units(self, stream: BinaryIO, name: str, limits: Limits) -> Iterator[Unit]:
        for number in range(12):
            members = (f"{number}.txt",)
            if number == 7:
                yield Problem("SKIPPED", "UNABLE_TO_PARSE_FILE", "broken", members)
                continue
            text = b"ssn 536-22-1234\n" if number == 5 else b"nothing\n"
            yield TextBlock(text, layout=Lines(), members=members, first=True)


def test_members_beyond_the_most_are_kept_only_where_something_was_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "_MOST_MEMBERS", 3)
    plan = compile_plan(["USA_SOCIAL_SECURITY_NUMBER"])
    result = scan(io.BytesIO(b""), "a.zip", plan, parsers=ManyMembers())
    found = [(file.members, detection.count) for file in result for detection in file.detections]
    assert found == [(("5.txt",), 1)]
    assert len(result.files) <= 5
    assert (result.status, result.reason) == ("PARTIAL", "ARCHIVE_CONTAINS_UNPROCESSED_FILES")
