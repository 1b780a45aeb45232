"""One turn of the event loop: the audit of its requests is written in one call before any of them is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from casemate.foundation.audit import AuditSegment
from casemate.foundation.errors import Unavailable

Headers = list[tuple[bytes, bytes]]
Send = Callable[[int, Headers, bytes], None]


class _Waiting(NamedTuple):
    send: Send
    status: int
    headers: Headers
    body: bytes
    refuse: Callable[[Unavailable], None]


class Turn:
    """Answers that wait for their audit records."""

    def __init__(self, loop: asyncio.AbstractEventLoop, segment: AuditSegment) -> None:
        self._loop = loop
        self.segment = segment
        self._waiting: list[_Waiting] = []
        self._scheduled = False

    def answer(
        self,
        records: list[tuple[str, bytes]],
        send: Send,
        reply: tuple[int, Headers, bytes],
        refuse: Callable[[Unavailable], None],
    ) -> None:
        """Send a reply when the records are written; `refuse` is called where they can't be."""
        append = self.segment.append
        for _, body in records:
            append(body)
        self._waiting.append(_Waiting(send, *reply, refuse))
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._end)

    def _end(self) -> None:
        self._scheduled = False
        waiting, self._waiting = self._waiting, []
        try:
            self.segment.flush()
        except Unavailable as error:
            for item in waiting:
                item.refuse(error)
            return
        for item in waiting:
            item.send(item.status, item.headers, item.body)
