"""The supervisor: owns the listening sockets, starts the processes of a node, restarts what dies, carries control.

One SO_REUSEPORT socket a worker is made here and passed on, so that a restarted worker inherits its queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec

from casemate.foundation.channel import CallRefused, Channel
from casemate.foundation.children import Child
from casemate.foundation.listening import listen
from casemate.foundation.log import Log
from casemate.foundation.node import Node, NodeFacts
from casemate.foundation.settings import Settings


class Supervisor:
    """The processes of one node."""

    def __init__(self, node: Node, settings: Settings, facts: NodeFacts, log: Log, *, fresh: bool) -> None:
        self._node = node
        self._settings = settings
        self._facts = facts
        self._log = log
        self._fresh = fresh
        self._test = facts.test and settings.test
        self._children: list[Child] = []
        self._stopped = asyncio.Event()
        self._changing = asyncio.Lock()
        self._watchers: set[asyncio.Task[None]] = set()
        self.url = ""

    async def start(self) -> str:
        """Start everything; the URL, when every worker answers. Raises StartFailed, AddressRefused, OSError."""
        listeners = listen(*self._settings.address, self._settings.worker_count)
        host, port = listeners[0].getsockname()[:2]
        scheme = "https" if self._settings.tls or self._settings.tls_cert else "http"
        self.url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        keeper = self._child("keeper")
        workers = [self._child("worker", index, listener) for index, listener in enumerate(listeners)]
        self._children = [keeper, *workers]
        for child in self._children:
            await child.spawn()
        if self._fresh or self._settings.tls:  # the keeper makes what the workers open
            await self._begin(keeper)
            await asyncio.gather(*(self._begin(child) for child in workers))
        else:
            await asyncio.gather(*(self._begin(child) for child in self._children))
        await self._serve_control()
        for child in self._children:
            self._watch_task(child.keep(partial(self._begin, child)))
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
        for child in self._children:
            child.leaving = True
        with contextlib.suppress(FileNotFoundError):
            self._node.control.unlink()
        keeper, *workers = self._children
        for group in (workers, [keeper]):
            await asyncio.gather(*(child.end() for child in group))

    # -- children

    def _child(self, role: str, index: int = 0, listener: socket.socket | None = None) -> Child:
        def command(descriptor: int) -> list[str]:
            given = ["-m", "casemate.app", "--child", role, str(index), str(descriptor)]
            return given if listener is None else [*given, str(listener.fileno())]

        name = f"{role}-{index}" if role == "worker" else role
        return Child(name, command, self._handlers(), self._log, listener)

    async def _begin(self, child: Child) -> None:
        await child.begin(
            settings=msgspec.to_builtins(self._settings),
            facts=msgspec.to_builtins(self._facts),
            url=self.url,
            fresh=self._fresh,
        )

    def _watch_task(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._watchers.add(task)
        task.add_done_callback(self._watchers.discard)

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
