"""What processes of a node say to each other: JSON lines over a socket, each side calling the other.

A request is `{"id": n, "do": NAME, …}`; its answer `{"id": n, "ok": {…}}` or `{"id": n, "error": TEXT}`.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from casemate.foundation.errors import CasemateError

LINE_BYTES = 1024 * 1024
"""No message is longer; a line beyond it ends the connection."""

Answer = Mapping[str, Any] | None
Handler = Callable[[Mapping[str, Any]], Awaitable[Answer]]


class ChannelClosed(CasemateError):
    """The other side has gone."""


class CallRefused(CasemateError):
    """The other side answered that it can't; the text says why."""


class Channel:
    """One end of a connection between two processes."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handlers: Mapping[str, Handler]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._handlers = handlers
        self._waiting: dict[int, asyncio.Future[Mapping[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._tasks: set[asyncio.Task[None]] = set()
        self.closed = False

    async def call(self, do: str, **arguments: Any) -> Mapping[str, Any]:
        """Ask the other side; its answer. Raises CallRefused, ChannelClosed."""
        if self.closed:
            raise ChannelClosed("the other process has gone")
        number = next(self._numbers)
        future: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        self._send({"id": number, "do": do, **arguments})
        return await future

    async def serve(self) -> None:
        """Take messages until the other side goes."""
        try:
            while line := await self._reader.readline():
                self._take(msgspec.json.decode(line))
        except (ValueError, OSError, msgspec.DecodeError):
            pass  # a broken line and a broken connection end it alike
        finally:
            self.close()

    def close(self) -> None:
        self.closed = True
        self._writer.close()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(ChannelClosed("the other process has gone"))
        self._waiting.clear()

    def _take(self, message: dict[str, Any]) -> None:
        if "do" in message:
            task = asyncio.ensure_future(self._answer(message))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            return
        future = self._waiting.pop(message.get("id", 0), None)
        if future is None or future.done():
            return
        if "error" in message:
            future.set_exception(CallRefused(message["error"]))
        else:
            future.set_result(message.get("ok") or {})

    async def _answer(self, message: dict[str, Any]) -> None:
        number = message.get("id")
        handler = self._handlers.get(message["do"])
        if handler is None:
            self._send({"id": number, "error": f"there is no '{message['do']}' here"})
            return
        try:
            self._send({"id": number, "ok": dict(await handler(message) or {})})
        except CasemateError as error:
            self._send({"id": number, "error": str(error)})
        except Exception as error:  # noqa: BLE001 - the other side must get an answer; ours is the log's
            self._send({"id": number, "error": f"{type(error).__name__}: {error}"})

    def _send(self, message: dict[str, Any]) -> None:
        if not self.closed:
            self._writer.write(msgspec.json.encode(message) + b"\n")
