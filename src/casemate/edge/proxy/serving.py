"""The proxy's parent process: it owns the sockets, keeps the workers alive and brings web ACLs into force."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec

from casemate.edge.proxy.acl import AclRefused, clear, explained, snapshot
from casemate.edge.proxy.configuration import Configuration
from casemate.edge.proxy.tls import Certificates
from casemate.edge.proxy.tokens.signing import KEY_BYTES, KEYS_KEPT
from casemate.engines.web import PatternCache, WebAclError, compile_acl, read_acl_file
from casemate.foundation.channel import CallRefused, ChannelClosed, Handler
from casemate.foundation.children import Child
from casemate.foundation.clock import Clock
from casemate.foundation.listening import listen
from casemate.foundation.log import Log

WATCH_SECONDS: Final = 0.5
KEY_SECONDS: Final = 86_400.0


class Parent:
    """The processes of one proxy."""

    def __init__(self, configuration: Configuration, cache: PatternCache, clock: Clock, log: Log, folder: Path) -> None:
        self._configuration = configuration
        self._cache = cache
        self._clock = clock
        self._log = log
        self._folder = folder
        self._children: list[Child] = []
        self._stopped = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._keys = [os.urandom(KEY_BYTES)]
        self._changing = asyncio.Lock()
        self._acl = self._digest = ""
        self._seen: tuple[int, ...] = ()

    async def start(self) -> str:
        """Start everything; the URL, when every worker answers.

        Raises AclRefused, StartFailed, AddressRefused, OSError.
        """
        configuration = self._configuration
        listeners = listen(configuration.host, configuration.port, configuration.workers)
        path = Path(configuration.acl)
        self._seen = _state(path)
        copy, self._digest = snapshot(path, self._folder)
        self._acl = str(copy)
        await asyncio.to_thread(self._check, copy)
        if configuration.certificates:
            Certificates(configuration.certificates)  # what can't be used is said before a worker starts
        self._children = [self._worker(index, listener) for index, listener in enumerate(listeners)]
        for child in self._children:
            await child.spawn()
        await asyncio.gather(*(self._begin(child) for child in self._children))
        for child in self._children:
            self._watch(child.keep(partial(self._begin_anew, child)))
        self._watch(self._follow())
        self._watch(self._rotate_keys())
        host, port = listeners[0].getsockname()[:2]
        scheme = "https" if configuration.secure else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"

    def heed_signals(self) -> None:
        """Before anything starts: whoever reads `ready` may send one at once."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopped.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: self._watch(self._reload()))

    async def wait(self) -> None:
        """Until a signal ends it; then everything is drained."""
        await self._stopped.wait()
        await self.stop()

    async def stop(self) -> None:
        """Let the workers answer what is under way, then end them."""
        for child in self._children:
            child.leaving = True
            if child.listener is not None:
                child.listener.close()
        await asyncio.gather(*(child.end() for child in self._children))
        for task in self._tasks:
            task.cancel()

    def _check(self, copy: Path) -> None:
        """Compile an ACL here first: what can't be compiled reaches no worker, and patterns are compiled once."""
        path = Path(self._configuration.acl)
        try:
            plan = compile_acl(*read_acl_file(copy), cache=self._cache)
        except WebAclError as error:
            raise AclRefused(explained(path, error).replace(str(copy), str(path))) from None
        for note in plan.notes:
            self._log.warning("web ACL", note=note)

    # -- changes

    async def _follow(self) -> None:
        """Bring the ACL file's changes into force within a second."""
        path = Path(self._configuration.acl)
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            state = _state(path)
            if state != self._seen:
                self._seen = state
                await self._update()

    async def _reload(self) -> None:
        """SIGHUP: the ACL file, certificates and log files anew."""
        if not self._children:
            return  # all of it is being read for the first time
        await self._update()
        for answer in await self._tell_all("reload"):
            if isinstance(answer, CallRefused):
                self._log.error("certificates or logs could not be read again; the old ones stay", reason=str(answer))
                return
        self._log.info("certificates and logs read again")

    async def _update(self) -> None:
        """Check the ACL here, have every worker prepare it, then publish it; what fails leaves the one in force."""
        async with self._changing:
            path = Path(self._configuration.acl)
            try:
                copy, digest = snapshot(path, self._folder)
                if digest == self._digest:
                    return
                await asyncio.to_thread(self._check, copy)
                for answer in await self._tell_all("prepare", acl=str(copy), digest=digest):
                    if isinstance(answer, CallRefused):
                        raise AclRefused(f"a worker could not prepare it: {answer}")  # noqa: TRY301 - one way out
            except (AclRefused, OSError) as error:
                self._log.error("the web ACL was refused; the one in force stays", reason=str(error))
                clear(self._folder, but=Path(self._acl))
                return
            self._acl, self._digest = str(copy), digest
            await self._tell_all("publish", digest=digest)
            clear(self._folder, but=copy)
            self._log.info("web ACL in force", digest=digest)

    async def _rotate_keys(self) -> None:
        """A new key for tokens once a day; tokens of the days before stay good as long as they live."""
        while True:
            await asyncio.sleep(KEY_SECONDS)
            async with self._changing:
                self._keys = [os.urandom(KEY_BYTES), *self._keys][:KEYS_KEPT]
                await self._tell_all("keys", keys=msgspec.to_builtins(self._keys))

    async def _tell_all(self, do: str, **arguments: Any) -> list[Any]:
        """Ask every worker that serves; one that dies meanwhile begins anew with what is in force then."""
        calls = [child.channel.call(do, **arguments) for child in self._children if child.ready and child.channel]
        return list(await asyncio.gather(*calls, return_exceptions=True))

    def _relay_from(self, index: int) -> Handler:
        """Counts of rate-based rules from one worker to the others."""

        async def counts(message: Mapping[str, Any]) -> None:
            for child in (each for at, each in enumerate(self._children) if at != index):
                if child.ready and child.channel is not None:
                    with contextlib.suppress(CallRefused, ChannelClosed):
                        await child.channel.call("counts", deltas=message["deltas"])

        return counts

    # -- workers

    def _watch(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _worker(self, index: int, listener: socket.socket) -> Child:
        def command(descriptor: int) -> list[str]:
            given = (descriptor, listener.fileno(), self._folder / "clock")
            return ["-m", "casemate.edge.proxy.worker", *map(str, given)]

        return Child(f"worker-{index}", command, {"counts": self._relay_from(index)}, self._log, listener)

    async def _begin(self, child: Child) -> None:
        await child.begin(
            configuration=msgspec.to_builtins(self._configuration),
            acl=self._acl,
            digest=self._digest,
            keys=msgspec.to_builtins(self._keys),
        )

    async def _begin_anew(self, child: Child) -> None:
        async with self._changing:
            await self._begin(child)


async def serve(
    configuration: Configuration,
    *,
    cache: PatternCache,
    clock: Clock,
    log: Log,
    folder: Path,
    ready: Callable[[str], None],
) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is told the URL. Raises AclRefused, StartFailed, AddressRefused, OSError.

    `folder` is the proxy's own while it runs; the clock's file stands in it under the name `clock`.
    """
    parent = Parent(configuration, cache, clock, log, folder)
    parent.heed_signals()
    try:
        url = await parent.start()
    except BaseException:
        await parent.stop()
        raise
    ready(url)
    await parent.wait()


def _state(path: Path) -> tuple[int, ...]:
    """What changes when a file does."""
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino
