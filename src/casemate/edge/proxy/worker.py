"""A worker: one process that accepts connections. `python -m casemate.edge.proxy.worker CHANNEL LISTENER CLOCK`."""

from __future__ import annotations

import asyncio
import signal
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
from casemate.edge.proxy.core import Front, Logs, Proxy
from casemate.edge.proxy.door import EdgeServer
from casemate.edge.proxy.forwarding import Trusted
from casemate.edge.proxy.health import watch
from casemate.edge.proxy.log_file import LogFile
from casemate.edge.proxy.origins import Origins
from casemate.edge.proxy.tls import Certificates
from casemate.edge.proxy.tokens.asking import Asking
from casemate.edge.proxy.tokens.signing import Signer
from casemate.engines.web import (
    ActivePlan,
    PatternCache,
    Plan,
    ProcessCounters,
    ResourceKind,
    WebAclError,
    read_acl_file,
)
from casemate.engines.web.compiler import LogPolicy, log_policy
from casemate.engines.web.counters import Delta
from casemate.foundation.channel import CallRefused, Channel, ChannelClosed, Handler
from casemate.foundation.clock import Clock, SharedClock
from casemate.foundation.http import Limits
from casemate.foundation.log import Log

LINE_BYTES: Final = 1024 * 1024
DRAIN_SECONDS: Final = 8.0
COUNTS_A_MESSAGE: Final = 300
"""A key is 1 KB at most, and grows by a third in JSON."""


class Worker:
    """What the parent can ask of a worker."""

    def __init__(self, listener: socket.socket, clock: Clock, log: Log) -> None:
        self._listener = listener
        self._clock = clock
        self._log = log
        self._prepared: dict[str, tuple[Plan, LogPolicy]] = {}
        self._policy = LogPolicy()
        self._proxy: Proxy | None = None
        self._server: EdgeServer | None = None
        self._certificates: Certificates | None = None
        self._counters = ProcessCounters()
        self._logs = Logs()
        self.channel: Channel | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def handlers(self) -> dict[str, Handler]:
        return {
            "begin": self._begin,
            "prepare": self._prepare,
            "publish": self._publish,
            "reload": self._reload,
            "counts": self._counts,
            "keys": self._rekey,
            "drain": self._drain,
        }

    async def _begin(self, message: Mapping[str, Any]) -> Mapping[str, Any] | None:
        configuration = msgspec.convert(message["configuration"], Configuration)
        self._configuration = configuration
        self._active = ActivePlan(
            PatternCache(Path(configuration.cache) if configuration.cache else None), self._counters
        )
        await self._prepare(message)
        await self._publish(message)
        self._signer = Signer(_keys(message))
        if configuration.workers > 1:
            self._counters.share()
        self._origins = Origins(configuration.origins, configuration.timeouts, _origin_tls(configuration), self._clock)
        self._logs = Logs(self._log_file(configuration.waf_log), self._log_file(configuration.access_log))
        self._proxy = proxy = Proxy(
            active=self._active,
            origins=self._origins,
            clock=self._clock,
            front=self._front(),
            logs=self._logs,
            asking=Asking(self._signer),
            policy=self._policy,
        )
        self._server = EdgeServer(
            proxy,
            clock=self._clock,
            on_error=lambda error, _request: self._log.failure("a request failed", error),
            limits=Limits(),
        )
        if configuration.certificates:
            self._certificates = Certificates(configuration.certificates)
        context = self._certificates.listening if self._certificates is not None else None
        await self._server.start([self._listener], context)
        self._tasks.append(asyncio.create_task(self._tick()))
        if configuration.health_path:
            self._tasks.append(asyncio.create_task(watch(self._origins, configuration.health_path)))
        return None

    def _front(self) -> Front:
        configuration = self._configuration
        return Front(
            scheme="https" if configuration.secure else "http",
            port=self._listener.getsockname()[1],
            kind=ResourceKind(configuration.kind),
            trusted=Trusted(configuration.trusted),
            explain=configuration.explain,
        )

    def _log_file(self, name: str) -> LogFile | None:
        return LogFile(Path(name), self._lost) if name else None

    def _lost(self, lines: int, reason: str) -> None:
        self._log.error("log lines were lost", lines=lines, reason=reason)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            self._origins.sweep()
            if self._proxy is not None:
                self._proxy.sweep(self._clock.monotonic())
            for file in self._logs:
                if file is not None:
                    file.flush()
            deltas = self._counters.deltas() if self._configuration.workers > 1 else []
            for start in range(0, len(deltas), COUNTS_A_MESSAGE):
                await self._tell("counts", deltas=msgspec.to_builtins(deltas[start : start + COUNTS_A_MESSAGE]))

    async def _tell(self, do: str, **arguments: Any) -> None:
        assert self.channel is not None
        try:
            await self.channel.call(do, **arguments)
        except (CallRefused, ChannelClosed) as error:
            self._log.warning("the parent did not take a message", what=do, reason=str(error))

    async def _prepare(self, message: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Compile a snapshot, in a thread: requests go on."""
        path = Path(message["acl"])

        def compiled() -> tuple[Plan, LogPolicy]:
            acl, resources = read_acl_file(path)
            return self._active.compile(acl, resources), log_policy(acl, resources.logging)

        try:
            prepared = await asyncio.to_thread(compiled)
        except WebAclError as error:
            raise AclRefused(explained(path, error)) from None
        self._prepared = {message["digest"]: prepared}
        return None

    async def _publish(self, message: Mapping[str, Any]) -> Mapping[str, Any] | None:
        plan, self._policy = self._prepared.pop(message["digest"])
        self._active.publish(plan)
        if self._proxy is not None:
            self._proxy.policy = self._policy
        return None

    async def _reload(self, _message: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Certificates and log files anew. Raises UsageError, OSError; then the old ones stay."""
        if self._certificates is not None:
            self._certificates.load(self._configuration.certificates)
        for file in self._logs:
            if file is not None:
                file.reopen()
        return None

    async def _counts(self, message: Mapping[str, Any]) -> Mapping[str, Any] | None:
        self._counters.absorb(msgspec.convert(message["deltas"], list[Delta]))
        return None

    async def _rekey(self, message: Mapping[str, Any]) -> Mapping[str, Any] | None:
        self._signer.replace(_keys(message))
        return None

    async def _drain(self, _message: Mapping[str, Any]) -> Mapping[str, Any] | None:
        if self._server is not None:
            await self._server.drain(DRAIN_SECONDS)
            if self._proxy is not None:
                self._proxy.close()
            self._origins.close()
        for task in self._tasks:
            task.cancel()
        for file in self._logs:
            if file is not None:
                file.close()
        self._logs = Logs()
        return None


def _keys(message: Mapping[str, Any]) -> list[bytes]:
    return msgspec.convert(message["keys"], list[bytes])


def _origin_tls(configuration: Configuration) -> ssl.SSLContext | None:
    if not any(origin.tls for origin in configuration.origins):
        return None
    context = ssl.create_default_context(cafile=configuration.origin_ca or None)
    context.set_alpn_protocols(["http/1.1"])
    return context


async def _run(channel: int, listener: int, clock: Path) -> None:
    # The parent hears of signals and says what follows; a terminal sends them to all.
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, lambda: None)
    reader, writer = await asyncio.open_connection(sock=socket.socket(fileno=channel), limit=LINE_BYTES)
    shared = SharedClock(clock)
    worker = Worker(socket.socket(fileno=listener), shared, Log(shared, process="edge-worker"))
    worker.channel = Channel(reader, writer, worker.handlers())
    await worker.channel.serve()


def main(arguments: list[str]) -> int:
    """Serve until the parent's end of the channel closes."""
    uvloop.run(_run(int(arguments[0]), int(arguments[1]), Path(arguments[2])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
