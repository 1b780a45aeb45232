"""One turn of the event loop: the audit of its requests is written in one call before any of them is answered."""

from __future__ import annotations

import asyncio
from typing import Protocol

from casemate.foundation.audit import AuditSegment
from casemate.foundation.errors import Unavailable
from casemate.foundation.http import Reply

Headers = list[tuple[bytes, bytes]]


class Answer(Protocol):
    """A request that is answered when its records are written."""

    @property
    def reply(self) -> Reply: ...
    @property
    def answer(self) -> tuple[int, Headers, bytes] | None: ...

    def unavailable(self, error: Unavailable) -> None:
        """Answer that what should have been recorded can't be."""
        ...


class Turn:
    """Answers that wait for their audit records."""

    def __init__(self, loop: asyncio.AbstractEventLoop, segment: AuditSegment) -> None:
        self._loop = loop
        self.segment = segment
        self._waiting: list[Answer] = []

    def answer(self, records: list[tuple[str, bytes]], waiting: Answer) -> None:
        """Send an answer when the records are written; `unavailable` is called where they can't be."""
        segment = self.segment
        for _, body in records:
            segment.append(body)
        if not self._waiting:
            self._loop.call_soon(self._end)
        self._waiting.append(waiting)

    def _end(self) -> None:
        waiting, self._waiting = self._waiting, []
        try:
            self.segment.flush()
        except Unavailable as error:
            for item in waiting:
                item.unavailable(error)
            return
        for item in waiting:
            assert item.answer is not None
            item.reply.send(*item.answer)
