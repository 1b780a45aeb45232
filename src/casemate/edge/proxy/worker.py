"""A worker: one process that accepts connections. `python -m casemate.edge.proxy.worker CHANNEL LISTENER CLOCK`."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import uvloop

from casemate.edge.proxy.acl import AclRefused, explained
from casemate.edge.proxy.configuration import Configuration
from casemate.edge.proxy.core import Front, Proxy
from casemate.edge.proxy.forwarding import Trusted
from casemate.edge.proxy.origins import Origins
from casemate.engines.web import ActivePlan, PatternCache, Plan, ProcessCounters, ResourceKind, WebAclError
from casemate.engines.web import read_acl_file
from casemate.foundation.channel import Channel, Handler
from casemate.foundation.clock import Clock, SharedClock
from casemate.foundation.http import Limits, Server
from casemate.foundation.log import Log

LINE_BYTES: Final = 1024 * 1024


class Worker:
    """What the parent can ask of a worker."""

    def __init__(self, listener: socket.socket, clock: Clock, log: Log) -> None:
        self._listener = listener
        self._clock = clock
        self._log = log
        self._prepared: dict[str, Plan] = {}
        self._server: Server | None = None
        self._ended = asyncio.Event()

    def handlers(self) -> dict[str, Handler]:
        return {"begin": self._begin, "prepare": self._prepare, "publish": self._publish, "drain": self._drain}

    async def _begin(self, message: Mapping[str, Any]) -> Mapping[str, Any] | None:
        configuration = msgspec.convert(message["configuration"], Configuration)
        self._active = ActivePlan(PatternCache(Path(configuration.cache)), ProcessCounters())
        await self._prepare(message)
        await self._publish(message)
        origins = Origins(configuration.origins, configuration.timeouts, _origin_tls(configuration))
        self._origins = origins
        front = Front(
            "http", self._listener.getsockname()[1], ResourceKind(configuration.kind), Trusted(configuration.trusted)
        )
        proxy = Proxy(active=self._active, origins=origins, clock=self._clock, front=front)
        self._server = Server(
            proxy,
            clock=self._clock,
            on_error=lambda error, _request: self._log.failure("a request failed", error),
            limits=Limits(),
        )
        await self._server.start([self._listener])
        self._tick()
        return None

    def _tick(self) -> None:
        self._origins.sweep(self._clock.monotonic())
        asyncio.get_running_loop().call_later(1.0, self._tick)

    async def _prepare(self, message: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Compile a snapshot, in a thread: requests go on."""
        path = Path(message["acl"])
        try:
            plan = await asyncio.to_thread(lambda: self._active.compile(*read_acl_file(path)))
        except WebAclError as error:
            raise AclRefused(explained(path, error)) from None
        self._prepared = {message["digest"]: plan}
        return None

    async def _publish(self, message: Mapping[str, Any]) -> Mapping[str, Any] | None:
        self._active.publish(self._prepared.pop(message["digest"]))
        return None

    async def _drain(self, _message: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if self._server is not None:
            await self._server.drain(8.0)
            self._origins.close()
        return None


def _origin_tls(configuration: Configuration) -> ssl.SSLContext | None:
    if not any(origin.tls for origin in configuration.origins):
        return None
    context = ssl.create_default_context(cafile=configuration.origin_ca or None)
    context.set_alpn_protocols(["http/1.1"])
    return context


async def _run(channel: int, listener: int, clock: Path) -> None:
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=channel), limit=LINE_BYTES)
    shared = SharedClock(clock)
    log = Log(shared, process="edge-worker")
    worker = Worker(socket.socket(fileno=listener), shared, log)
    await Channel(reader, writer, worker.handlers()).serve()


def main(arguments: list[str]) -> int:
    """Serve until the parent's end of the channel closes."""
    uvloop.run(_run(int(arguments[0]), int(arguments[1]), Path(arguments[2])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
