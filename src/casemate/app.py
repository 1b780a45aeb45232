"""Where everything is put together: the processes of a node, each from its parts.

The supervisor starts this module for each child: `python -m casemate.app --child worker INDEX CHANNEL LISTENER`.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import resource
import secrets
import signal
import socket
import ssl
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import msgspec
import uvloop

from casemate.foundation.audit import FOLDER, AuditKeys, AuditSegment, Registry
from casemate.foundation.channel import Channel
from casemate.foundation.clock import SharedClock
from casemate.foundation.context import Host
from casemate.foundation.errors import CasemateError, UsageError
from casemate.foundation.http import Limits, Server
from casemate.foundation.http import Request as HttpRequest
from casemate.foundation.log import Log
from casemate.foundation.node import Node, NodeFacts
from casemate.foundation.records import Store
from casemate.foundation.seal import Seal
from casemate.foundation.seal_of_node import open_or_make_seal
from casemate.foundation.settings import Settings
from casemate.foundation.stores import STORE, Stores
from casemate.foundation.tls import server_context
from casemate.gateway.authenticate import Authenticator
from casemate.gateway.authorize import Authorizer
from casemate.gateway.dispatch import Dispatch
from casemate.gateway.identities import ServiceIdentities
from casemate.gateway.internal import Internal
from casemate.gateway.keeping import Keeping
from casemate.gateway.page_tokens import PageTokens
from casemate.gateway.pipeline import Pipeline
from casemate.gateway.recording import Recorder
from casemate.gateway.regions import REGIONS
from casemate.gateway.turn import Turn
from casemate.services import iam, kms, organizations, ram, sts
from casemate.services.kms.key_uses import KeyUses

SERVICES: Final = (iam.SERVICE, kms.SERVICE, organizations.SERVICE, ram.SERVICE, sts.SERVICE)
_DRAIN_SECONDS: Final = 8.0
_THREADS: Final = 4
_USES_SECONDS: Final = 1.0
_COLLECT: Final = (20_000, 20, 50)
_PR_SET_DUMPABLE: Final = 4


class House:
    """What worker and keeper are both made of."""

    def __init__(self, message: Mapping[str, Any], process: str, loop: asyncio.AbstractEventLoop) -> None:
        self.settings = msgspec.convert(message["settings"], Settings)
        self.facts = msgspec.convert(message["facts"], NodeFacts)
        self.test = self.settings.test and self.facts.test
        self.node = Node(self.settings.data_path)
        self.loop = loop
        self.clock = SharedClock(self.node.clock)
        self.log = Log(self.clock, process=process, level=self.settings.log_level)
        self.process = process
        self.seal: Seal = open_or_make_seal(self.node, self.settings, make=process == "keeper")
        self.audit_keys = AuditKeys.of(self.seal)
        self._registry(self.audit_directory()).make()
        self.stores = Stores(
            self.node.generation(self.facts.generation), self._open_store, stopped=self.facts.stopped_regions
        )
        self.identities = ServiceIdentities(self.seal)
        self.authorizer = Authorizer(self.identities)
        self.recorder = Recorder(self.clock)
        self.key_uses = KeyUses()
        self.dispatch = Dispatch(
            stores=self.stores,
            services=SERVICES,
            authorizer=self.authorizer,
            identities=self.identities,
            page_tokens=PageTokens(self.seal.derive("page-tokens")),
            recorder=self.recorder,
            key_uses=self.key_uses,
        )
        self.host = Host(
            clock=self.clock,
            seal=self.seal,
            dispatcher=self.dispatch,
            first_account=self.facts.account,
            test=self.test,
            data=self.node.path,
            attestation_roots=self.settings.attestation_roots,
            kms_request_quotas=self.settings.kms_request_quotas,
        )

    def _open_store(self, path: Path, name: str) -> Store:
        registry = self._registry(path.parent.parent / FOLDER)
        registry.make()  # for a data generation that is being made ready, too
        registry.expect_store(name, path / STORE)
        store = Store.open(
            path / STORE,
            name=name,
            create=True,
            audit_key=self.audit_keys.store(name),
            cache_bytes=self.settings.cache_megabytes << 20,
            deliver=self._deliver,
            on_fatal=self.fatal,
            at=self._killer(),
        )
        registry.enter_store(name)
        return store

    def _registry(self, directory: Path) -> Registry:
        return Registry(directory, self.audit_keys.registry)

    def _killer(self) -> Callable[[str], None]:
        """For tests of survival: ends this process, unprepared, at a point of one commit in so many."""
        point, _, count = self.settings.test_kill_at.partition(":")
        if not point:
            return _go_on

        def kill(reached: str) -> None:
            if reached == point and secrets.randbelow(int(count)) == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        return kill

    def _deliver(self, results: Any) -> None:
        """The results of one commit, in one call, on the event loop."""
        self.loop.call_soon_threadsafe(_call_each, list(results))

    def fatal(self, error: BaseException) -> None:
        """A sync that failed: what the disk holds is unknown, and going on would lie."""
        self.log.error("the disk failed to sync; this process ends", reason=str(error))
        os._exit(70)

    def audit_directory(self) -> Path:
        return self.node.generation(self.facts.generation) / FOLDER

    def open_segment(self) -> AuditSegment:
        return AuditSegment(
            self.audit_directory(),
            writer=self.process,
            keys=self.audit_keys,
            clock=self.clock,
            strict=self.settings.audit_sync == "strict",
            reserve_bytes=self.settings.disk_reserve_megabytes << 20,
            on_fatal=self.fatal,
        )


def _go_on(_point: str) -> None:
    return None


def _call_each(results: list[Any]) -> None:
    for done, result in results:
        done(result)


class Worker:
    """A process that answers requests."""

    def __init__(self, index: int, listener: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
        self._name = f"worker-{index}"
        self._listener = listener
        self._loop = loop
        self._draining = False
        self.channel: Channel
        self.gone = asyncio.Event()

    def handlers(self) -> dict[str, Any]:
        return {
            "begin": self._begin,
            "drain": self._drain,
            "reload": self._reload,
            "metrics": self._metrics,
            "generation": self._generation,
            "region": self._region,
            "regions": self._regions,
        }

    async def _begin(self, message: Mapping[str, Any]) -> None:
        house = self._house = House(message, self._name, self._loop)
        settings = house.settings
        self._turn = Turn(self._loop, house.open_segment())
        authenticator = Authenticator(
            stores=house.stores,
            identities=house.identities,
            open_account=house.facts.account if settings.open else None,
        )
        self._pipeline = Pipeline(
            loop=self._loop,
            stores=house.stores,
            host=house.host,
            services=SERVICES,
            authenticator=authenticator,
            authorizer=house.authorizer,
            turn=self._turn,
            log=house.log,
            threads=ThreadPoolExecutor(_THREADS, thread_name_prefix="operation"),
            key_uses=house.key_uses,
        )
        internal = Internal(
            pipeline=self._pipeline,
            channel=self.channel,
            url=message["url"],
            test=house.test,
            loop=self._loop,
        )
        self._server = Server(
            internal.handle,
            clock=house.clock,
            on_error=self._on_error,
            limits=Limits(body_bytes=settings.request_megabytes << 20),
        )
        house.stores.all_of_partition("aws")
        if house.settings.region not in house.facts.stopped_regions:
            house.stores.region(house.settings.region)
        await self._server.start([self._listener], self._tls())
        self._loop.call_later(_USES_SECONDS, self._write_last_uses)
        _settle_memory()

    def _write_last_uses(self) -> None:
        try:
            self._pipeline.write_last_uses()
        except CasemateError as error:
            self._house.log.debug("last uses were not written", reason=str(error))
        if not self._draining:
            self._loop.call_later(_USES_SECONDS, self._write_last_uses)

    def _on_error(self, error: Exception, request: HttpRequest | None) -> None:
        del request  # it holds what must not be logged
        self._house.log.failure("a bug of ours", error)

    def _tls(self) -> ssl.SSLContext | None:
        return server_context(self._house.node, self._house.settings)

    async def _drain(self, _message: Mapping[str, Any]) -> None:
        self._draining = True
        await self._server.drain(_DRAIN_SECONDS)
        self._turn.segment.close()
        self._house.stores.close()
        self._loop.call_later(0.05, self.gone.set)

    async def _reload(self, _message: Mapping[str, Any]) -> None:
        context = self._tls()
        if context is not None:
            await self._server.replace_tls(context)

    async def _metrics(self, _message: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"process": self._name, **self._pipeline.counters.snapshot(), "http": self._server.counters._asdict()}

    async def _generation(self, message: Mapping[str, Any]) -> None:
        house = self._house
        house.facts = msgspec.convert(message["facts"], NodeFacts)
        self._turn.segment.close()
        house.stores.switch(house.node.generation(house.facts.generation), house.facts.stopped_regions)
        self._turn.segment = house.open_segment()

    async def _region(self, message: Mapping[str, Any]) -> None:
        _require_region(message["name"])
        self._house.stores.stop(message["stopped"])

    async def _regions(self, _message: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"regions": self._house.stores.existing_regions()}


class Keeper:
    """The process that does what happens later."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.channel: Channel
        self.gone = asyncio.Event()

    def handlers(self) -> dict[str, Any]:
        return {
            "begin": self._begin,
            "drain": self._drain,
            "reload": _nothing,
            "metrics": self._metrics,
            "generation": self._generation,
            "region": self._region,
            "regions": self._regions,
            "clock": self._in_thread("clock"),
            "prepare-generation": self._in_thread("prepare_generation"),
            "clean-generations": self._in_thread("clean_generations"),
            "admin-reset-keys": self._in_thread("reset_admin_keys"),
            "backup": self._in_thread("backup"),
            "seed": self._in_thread("seed"),
        }

    async def _begin(self, message: Mapping[str, Any]) -> None:
        house = self._house = House(message, "keeper", self._loop)
        self._keeping = Keeping(
            node=house.node,
            facts=house.facts,
            stores=house.stores,
            host=house.host,
            services=SERVICES,
            clock=house.clock,
            log=house.log,
        )
        if house.settings.tls:
            from casemate.foundation.local_ca import make_local_certificate  # noqa: PLC0415 - only where TLS is asked for

            make_local_certificate(house.node.tls, house.seal, house.settings.address[0], house.clock.real())
        await self._loop.run_in_executor(None, self._keeping.prepare)
        self._keeping.start()

    def _in_thread(self, method: str) -> Any:
        async def run(message: Mapping[str, Any]) -> Any:
            return await self._loop.run_in_executor(None, getattr(self._keeping, method), message)

        return run

    async def _drain(self, _message: Mapping[str, Any]) -> None:
        await self._loop.run_in_executor(None, self._keeping.stop)
        self._house.stores.close()
        self._loop.call_later(0.05, self.gone.set)

    async def _metrics(self, _message: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"process": "keeper", **self._keeping.counted()}

    async def _generation(self, message: Mapping[str, Any]) -> None:
        facts = msgspec.convert(message["facts"], NodeFacts)
        await self._loop.run_in_executor(None, self._keeping.switch, facts)

    async def _region(self, message: Mapping[str, Any]) -> None:
        _require_region(message["name"])
        await self._loop.run_in_executor(None, self._keeping.stop_regions, message["stopped"])

    async def _regions(self, _message: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"regions": self._house.stores.existing_regions()}


def _settle_memory() -> None:
    """What is there for good is not looked at again; what a request leaves behind is collected in larger lots."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT)


def _require_region(name: str) -> None:
    if name not in REGIONS:
        raise UsageError(f"'{name}' is no region of AWS")


async def _nothing(_message: Mapping[str, Any]) -> None:
    return None


async def run_child(role: str, index: int, channel_descriptor: int, listener_descriptor: int | None) -> None:
    """Be a child of the supervisor until it says so, or is gone."""
    loop = asyncio.get_running_loop()
    if role == "worker":
        assert listener_descriptor is not None
        listener = socket.socket(fileno=listener_descriptor)
        child: Worker | Keeper = Worker(index, listener, loop)
    else:
        child = Keeper(loop)
    connection = socket.socket(fileno=channel_descriptor)
    reader, writer = await asyncio.open_connection(sock=connection, limit=1024 * 1024)
    child.channel = Channel(reader, writer, child.handlers())
    serving = asyncio.ensure_future(child.channel.serve())
    await asyncio.wait([serving, asyncio.ensure_future(child.gone.wait())], return_when=asyncio.FIRST_COMPLETED)


def _guard_memory() -> None:
    """No core dump and no debugger: what is open in memory is key material."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def main(arguments: list[str]) -> int:
    """`--child ROLE INDEX CHANNEL [LISTENER]`."""
    if arguments[:1] != ["--child"]:
        sys.stderr.write("casemate.app starts the server's own processes; the command is `casemate`\n")
        return 2
    role, index, channel, *listener = arguments[1:]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the supervisor decides when to leave
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    _guard_memory()
    try:
        uvloop.run(run_child(role, int(index), int(channel), int(listener[0]) if listener else None))
    except CasemateError as error:
        sys.stderr.write(f"casemate: {error}\n")
        return 1
    os._exit(0)  # threads of the standard library must not keep a drained process


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
