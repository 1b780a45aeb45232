"""The supervisor: owns the listening sockets, starts the processes of a node, restarts what dies, carries control.

One SO_REUSEPORT socket a worker is made here and passed on, so that a restarted worker inherits its queue. Children
are started afresh (never forked after anything is open) and leave when the supervisor's end of their channel closes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from casemate.foundation.channel import CallRefused, Channel, ChannelClosed
from casemate.foundation.errors import CasemateError
from casemate.foundation.log import Log
from casemate.foundation.node import Node, NodeFacts
from casemate.foundation.settings import Settings

DRAIN_SECONDS = 10.0
BACKLOG = 4096
RESTART_PAUSES = (0.0, 0.1, 0.5, 2.0, 5.0)
"""Seconds before the next try of a child that keeps dying; one that lived a minute begins anew."""


class StartFailed(CasemateError):
    """A child could not begin; the text says why."""


@dataclass(slots=True)
class _Child:
    role: str
    index: int
    listener: socket.socket | None
    process: asyncio.subprocess.Process | None = None
    channel: Channel | None = None
    ready: bool = False
    deaths: int = 0
    started: float = 0.0
    serving: asyncio.Task[None] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        return f"{self.role}-{self.index}" if self.role == "worker" else self.role


class Supervisor:
    """The processes of one node."""

    def __init__(self, node: Node, settings: Settings, facts: NodeFacts, log: Log, *, fresh: bool) -> None:
        self._node = node
        self._settings = settings
        self._facts = facts
        self._log = log
        self._fresh = fresh
        self._test = facts.test and settings.test
        self._children: list[_Child] = []
        self._leaving = False
        self._stopped = asyncio.Event()
        self._changing = asyncio.Lock()
        self._watchers: set[asyncio.Task[None]] = set()
        self.url = ""

    async def start(self) -> str:
        """Start everything; the URL, when every worker answers. Raises StartFailed, OSError."""
        listeners = _listen(self._settings, self._settings.worker_count)
        host, port = listeners[0].getsockname()[:2]
        scheme = "https" if self._settings.tls or self._settings.tls_cert else "http"
        self.url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        keeper = _Child("keeper", 0, None)
        workers = [_Child("worker", index, listener) for index, listener in enumerate(listeners)]
        self._children = [keeper, *workers]
        for child in self._children:
            await self._spawn(child)
        if self._fresh or self._settings.tls:  # the keeper makes what the workers open
            await self._begin(keeper)
            await asyncio.gather(*(self._begin(child) for child in workers))
        else:
            await asyncio.gather(*(self._begin(child) for child in self._children))
        await self._serve_control()
        for child in self._children:
            self._watch(child)
        return self.url

    async def wait(self) -> None:
        """Until a signal ends it; then everything is drained."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopped.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._watch_task(self._broadcast("reload")))
        await self._stopped.wait()
        await self.stop()

    async def stop(self) -> None:
        self._leaving = True
        with contextlib.suppress(FileNotFoundError):
            self._node.control.unlink()
        workers = [child for child in self._children if child.role == "worker"]
        keepers = [child for child in self._children if child.role == "keeper"]
        for group in (workers, keepers):
            await asyncio.gather(*(self._end(child) for child in group))

    # -- children

    async def _spawn(self, child: _Child) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "casemate.app", "--child", child.role, str(child.index), str(theirs.fileno())]
        descriptors = [theirs.fileno()]
        if child.listener is not None:
            command.append(str(child.listener.fileno()))
            descriptors.append(child.listener.fileno())
        child.process = await asyncio.create_subprocess_exec(
            *command, pass_fds=descriptors, stdin=asyncio.subprocess.DEVNULL, start_new_session=True
        )
        theirs.close()
        reader, writer = await asyncio.open_connection(sock=ours, limit=1024 * 1024)
        child.channel = Channel(reader, writer, self._handlers())
        child.serving = asyncio.ensure_future(child.channel.serve())
        child.started = asyncio.get_running_loop().time()

    async def _begin(self, child: _Child) -> None:
        assert child.channel is not None
        try:
            await child.channel.call(
                "begin",
                settings=msgspec.to_builtins(self._settings),
                facts=msgspec.to_builtins(self._facts),
                url=self.url,
                fresh=self._fresh,
            )
        except (ChannelClosed, CallRefused) as error:
            raise StartFailed(f"the {child.name} could not begin: {error}") from None
        child.ready = True

    def _watch(self, child: _Child) -> None:
        self._watch_task(self._keep(child))

    def _watch_task(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._watchers.add(task)
        task.add_done_callback(self._watchers.discard)

    async def _keep(self, child: _Child) -> None:
        while not self._leaving:
            assert child.process is not None
            code = await child.process.wait()
            child.ready = False
            if self._leaving:
                return
            lived = asyncio.get_running_loop().time() - child.started
            child.deaths = 0 if lived > 60 else min(child.deaths + 1, len(RESTART_PAUSES) - 1)
            self._log.warning("process ended, starting it again", process=child.name, code=code, lived=round(lived, 1))
            await asyncio.sleep(RESTART_PAUSES[child.deaths - 1] if child.deaths else 0)
            if self._leaving:
                return
            await self._spawn(child)
            try:
                await self._begin(child)
            except StartFailed as error:
                self._log.error("process did not begin", process=child.name, reason=str(error))

    async def _end(self, child: _Child) -> None:
        process, channel = child.process, child.channel
        if process is None or process.returncode is not None:
            return
        if channel is not None:
            with contextlib.suppress(ChannelClosed, CallRefused, TimeoutError):
                await asyncio.wait_for(channel.call("drain"), DRAIN_SECONDS)
            channel.close()
        try:
            await asyncio.wait_for(process.wait(), DRAIN_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    # -- control

    async def _serve_control(self) -> None:
        path = self._node.control
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        mask = os.umask(0o177)
        try:
            await asyncio.start_unix_server(self._control, path=str(path), limit=1024 * 1024)
        finally:
            os.umask(mask)

    async def _control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handlers = self._handlers()
        handlers["admin-reset-keys"] = self._to_keeper("admin-reset-keys")  # never reachable over HTTP
        handlers["backup"] = self._to_keeper("backup")
        await Channel(reader, writer, handlers).serve()

    def _handlers(self) -> dict[str, Any]:
        return {
            "status": self._status,
            "metrics": self._metrics,
            "reset": self._reset,
            "region-list": self._region_list,
            "region-stop": self._region_stop,
            "region-start": self._region_start,
            "clock": self._to_keeper("clock"),
            "seed": self._to_keeper("seed"),
        }

    def _to_keeper(self, do: str) -> Any:
        async def forward(message: Mapping[str, Any]) -> Mapping[str, Any]:
            channel = self._children[0].channel
            if channel is None or not self._children[0].ready:
                raise CallRefused("the keeper is being started again; try in a moment")
            arguments = {name: value for name, value in message.items() if name not in {"id", "do"}}
            return await channel.call(do, **arguments)

        return forward

    async def _broadcast(self, do: str, **arguments: Any) -> list[Mapping[str, Any]]:
        """Ask every process that lives; one that dies meanwhile will begin with the new facts."""
        calls = [child.channel.call(do, **arguments) for child in self._children if child.ready and child.channel]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        for answer in answers:
            if isinstance(answer, CallRefused):
                raise answer
        return [answer for answer in answers if not isinstance(answer, BaseException)]

    async def _status(self, _message: Mapping[str, Any]) -> Mapping[str, Any]:
        processes = [
            {"name": child.name, "pid": child.process.pid if child.process else 0, "ready": child.ready}
            for child in self._children
        ]
        return {
            "url": self.url,
            "pid": os.getpid(),
            "data": str(self._node.path),
            "generation": self._facts.generation,
            "test": self._test,
            "ready": all(child.ready for child in self._children),
            "processes": processes,
        }

    async def _metrics(self, _message: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"processes": await self._broadcast("metrics")}

    async def _reset(self, _message: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self._test:
            raise CallRefused("reset is for a server started with --test")
        async with self._changing:
            self._facts.generation += 1
            self._facts.stopped_regions = []
            prepared = self._to_keeper("prepare-generation")
            await prepared({"generation": self._facts.generation})
            self._node.write(self._facts)
            await self._broadcast("generation", facts=msgspec.to_builtins(self._facts))
        # Only now has every process let go of the old one.
        self._watch_task(self._to_keeper("clean-generations")({}))
        return {"generation": self._facts.generation}

    async def _region_list(self, _message: Mapping[str, Any]) -> Mapping[str, Any]:
        answers = await self._broadcast("regions")
        opened = sorted({region for answer in answers for region in answer.get("regions", [])})
        return {
            "regions": [
                {"name": name, "state": "stopped" if name in self._facts.stopped_regions else "running"}
                for name in sorted({*opened, *self._facts.stopped_regions})
            ]
        }

    async def _region_stop(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        return await self._set_stopped(message, {*self._facts.stopped_regions, str(message.get("name"))})

    async def _region_start(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        return await self._set_stopped(message, {*self._facts.stopped_regions} - {str(message.get("name"))})

    async def _set_stopped(self, message: Mapping[str, Any], stopped: set[str]) -> Mapping[str, Any]:
        async with self._changing:
            await self._broadcast("region", name=message.get("name"), stopped=sorted(stopped))
            self._facts.stopped_regions = sorted(stopped)
            self._node.write(self._facts)
        return {"name": message.get("name"), "stopped": sorted(stopped)}


def _listen(settings: Settings, count: int) -> list[socket.socket]:
    host, port = settings.address
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listeners: list[socket.socket] = []
    for _ in range(count):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if not listeners and address[1]:
            _refuse_taken(family, address)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind((address[0], listeners[0].getsockname()[1]) if listeners else address[:2])
        listener.listen(BACKLOG)
        listener.setblocking(False)
        listeners.append(listener)
    return listeners


def _refuse_taken(family: socket.AddressFamily, address: Any) -> None:
    """SO_REUSEPORT would let two servers of one user share a port and each get half of the requests."""
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address[:2])
