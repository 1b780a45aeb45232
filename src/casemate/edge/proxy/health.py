"""Asking origins whether they are well: one GET each few seconds and process."""

from __future__ import annotations

import asyncio
from typing import Final

from casemate.edge.proxy.forwarding import Pairs
from casemate.edge.proxy.origins import Origin, Origins, OriginUnreachable
from casemate.foundation.http import BodyStream

PROBE_SECONDS: Final = 5.0
WELL_BELOW: Final = 500
"""Answers below this status are signs of health."""


class Probe:
    """One question: a Response whose status is all that matters."""

    method = b"GET"

    def __init__(self) -> None:
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def whole(self, status: int, headers: Pairs, connection: bytes | None, body: bytes) -> None:  # noqa: ARG002 - Response's signature
        self._tell(status)

    def stream(
        self,
        status: int,
        headers: Pairs,  # noqa: ARG002
        connection: bytes | None,  # noqa: ARG002
        length: int | None,  # noqa: ARG002
        body: BodyStream,  # noqa: ARG002
    ) -> None:
        self._tell(status)

    def upgraded(self, headers: Pairs, rest: bytes) -> None:  # noqa: ARG002 - Response's signature
        self._tell(0)

    def lost(self, *, answered: bool, reused: bool) -> None:  # noqa: ARG002 - Response's signature
        self._tell(0)

    def late(self) -> None:
        self._tell(0)

    def origin_full(self) -> None:
        """A question is short."""

    def origin_ready(self) -> None:
        """A question is short."""

    def _tell(self, status: int) -> None:
        if not self.status.done():
            self.status.set_result(status)


async def watch(origins: Origins, path: str) -> None:
    """Ask every origin for a path, for good."""
    while True:
        await asyncio.gather(*(ask(origin, path) for origin in origins.all))
        await asyncio.sleep(PROBE_SECONDS)


async def ask(origin: Origin, path: str) -> None:
    """Ask once; an origin that doesn't answer below 500 within the time to connect is out until the next question."""
    probe = Probe()
    try:
        connection = await origin.connect()
    except OriginUnreachable:
        origin.out(PROBE_SECONDS * 2)
        return
    request = b"GET %b HTTP/1.1\r\nhost: %b\r\nuser-agent: casemate-health\r\nconnection: close\r\n\r\n"
    connection.ask(probe, request % (path.encode(), origin.host_header), whole=True)
    try:
        status = await asyncio.wait_for(probe.status, PROBE_SECONDS)
    except TimeoutError:
        status = 0
    connection.abandon(probe)
    if 0 < status < WELL_BELOW:
        origin.recovered()
    else:
        origin.out(PROBE_SECONDS * 2)
