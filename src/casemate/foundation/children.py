"""Processes that a parent starts, asks over a channel, and starts again when they die.

A child is started afresh (never forked after anything is open), in a session of its own, and leaves when the parent's
end of its channel closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from casemate.foundation.channel import CallRefused, Channel, ChannelClosed, Handler
from casemate.foundation.errors import CasemateError
from casemate.foundation.log import Log

DRAIN_SECONDS: Final = 10.0
RESTART_PAUSES: Final = (0.0, 0.1, 0.5, 2.0, 5.0)
"""Seconds before the next try of a child that keeps dying; one that lived a minute begins anew."""
_LINE_BYTES: Final = 1024 * 1024


class StartFailed(CasemateError):
    """A child could not begin; the text says why."""


class Child:
    """One process, from its first start to its last.

    `command(descriptor)` is what Python is given to run; `descriptor` is the child's end of the channel. `listener` is
    passed on to every process in turn, so that a restarted one inherits its queue. `handlers` answer what it asks.
    """

    def __init__(
        self,
        name: str,
        command: Callable[[int], Sequence[str]],
        handlers: Mapping[str, Handler],
        log: Log,
        listener: socket.socket | None = None,
    ) -> None:
        self.name = name
        self.listener = listener
        self.process: asyncio.subprocess.Process | None = None
        self.channel: Channel | None = None
        self.ready = False
        self.leaving = False
        self._command = command
        self._handlers = handlers
        self._log = log
        self._deaths = 0
        self._started = 0.0
        self._serving: asyncio.Task[None] | None = None

    async def spawn(self) -> None:
        """Start the process; it waits to be told to begin. Raises OSError."""
        ours, theirs = socket.socketpair()
        descriptors = [theirs.fileno()]
        if self.listener is not None:
            descriptors.append(self.listener.fileno())
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._command(theirs.fileno()),
            pass_fds=descriptors,
            stdin=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        reader, writer = await asyncio.open_connection(sock=ours, limit=_LINE_BYTES)
        self.channel = Channel(reader, writer, self._handlers)
        self._serving = asyncio.ensure_future(self.channel.serve())
        self._started = asyncio.get_running_loop().time()

    async def begin(self, **arguments: Any) -> None:
        """Tell it to begin. Raises StartFailed."""
        assert self.channel is not None
        try:
            await self.channel.call("begin", **arguments)
        except (ChannelClosed, CallRefused) as error:
            raise StartFailed(f"the {self.name} could not begin: {error}") from None
        self.ready = True

    async def keep(self, begin: Callable[[], Awaitable[None]]) -> None:
        """Start it again whenever it dies, until it is `leaving`; `begin` may raise StartFailed."""
        while not self.leaving:
            assert self.process is not None
            code = await self.process.wait()
            self.ready = False
            if self.leaving:
                return
            lived = asyncio.get_running_loop().time() - self._started
            self._deaths = 0 if lived > 60 else min(self._deaths + 1, len(RESTART_PAUSES) - 1)
            self._log.warning("process ended, starting it again", process=self.name, code=code, lived=round(lived, 1))
            await asyncio.sleep(RESTART_PAUSES[self._deaths - 1] if self._deaths else 0)
            if self.leaving:
                return
            await self.spawn()
            try:
                await begin()
            except StartFailed as error:
                self._log.error("process did not begin", process=self.name, reason=str(error))
                with contextlib.suppress(ProcessLookupError):
                    self.process.kill()

    async def end(self) -> None:
        """Let it answer what is under way, then end it."""
        self.leaving = True
        if self.process is None or self.process.returncode is not None:
            return
        if self.channel is not None:
            with contextlib.suppress(ChannelClosed, CallRefused, TimeoutError):
                await asyncio.wait_for(self.channel.call("drain"), DRAIN_SECONDS)
            self.channel.close()
        try:
            await asyncio.wait_for(self.process.wait(), DRAIN_SECONDS)
        except TimeoutError:
            self.process.kill()
            await self.process.wait()
