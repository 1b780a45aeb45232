"""The server's own endpoints under /_casemate/: health, metrics, and, on a test server, what steers it.

Loopback only. A page in a browser must not be able to reset or steer: whatever carries an Origin, or a Host that is
not this server's own, is refused.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from casemate.foundation.channel import CallRefused, Channel, ChannelClosed
from casemate.foundation.http import Reply, Request
from casemate.gateway.counters import prometheus
from casemate.gateway.pipeline import Pipeline

_PREFIX: Final = b"/_casemate/"
_JSON: Final = [(b"content-type", b"application/json")]
_TEXT: Final = [(b"content-type", b"text/plain; version=0.0.4")]
_STATES: Final = {"stopped": "stop", "running": "start"}
_STEERING: Final = {b"clock": "clock", b"region": "region", b"reset": "reset", b"seed": "seed"}


class Internal:
    """Answers /_casemate/… and hands everything else to the pipeline."""

    def __init__(
        self, *, pipeline: Pipeline, channel: Channel, url: str, test: bool, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._pipeline = pipeline
        self._channel = channel
        self._own_hosts = _own_hosts(url)
        self._test = test
        self._loop = loop
        self._tasks: set[asyncio.Task[None]] = set()

    def handle(self, request: Request, reply: Reply) -> None:
        if not request.target.startswith(_PREFIX):
            self._pipeline.handle(request, reply)
            return
        name = request.target[len(_PREFIX) :].partition(b"?")[0]
        if name == b"live":
            _send(reply, 200, {"live": True})
        elif name in {b"health", b"metrics"}:
            self._later(self._status(name, request, reply))
        elif name in _STEERING:
            self._steer(name, request, reply)
        else:
            _refuse(reply, 404, "there is no such endpoint")

    def _later(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _status(self, name: bytes, request: Request, reply: Reply) -> None:
        try:
            if name == b"health":
                status = await self._channel.call("status")
                told = {key: status[key] for key in ("ready", "test", "generation")}
                _send(reply, 200 if status["ready"] else 503, told)
            elif not _from_loopback(request):
                _refuse(reply, 403, "metrics are for loopback only")
            else:
                reply.send(200, _TEXT, prometheus(await self._channel.call("metrics")))
        except (ChannelClosed, CallRefused) as error:
            _refuse(reply, 503, str(error))

    def _steer(self, name: bytes, request: Request, reply: Reply) -> None:
        refusal = self._refusal(request)
        if refusal is not None:
            _refuse(reply, *refusal)
            return
        if name == b"reset" and request.body:
            _refuse(reply, 400, "reset takes an empty body")
            return
        try:
            message = msgspec.json.decode(request.body) if request.body else {}
        except msgspec.DecodeError:
            message = None
        if not isinstance(message, dict):
            _refuse(reply, 400, "the body is not a JSON object")
            return
        self._later(self._carry(_STEERING[name], message, reply))

    async def _carry(self, do: str, message: dict[str, Any], reply: Reply) -> None:
        if do == "region":
            action = message.pop("action", None) or _STATES.get(str(message.pop("state", "")), "list")
            if action not in {"list", "stop", "start"} or not set(message) <= {"name"}:
                _refuse(reply, 400, 'say {"action": "stop", "name": "eu-west-1"} (or start, or list)')
                return
            do = f"region-{action}"
        try:
            arguments = {key: value for key, value in message.items() if key not in {"id", "do"}}
            _send(reply, 200, await self._channel.call(do, **arguments))
        except CallRefused as error:
            _refuse(reply, 400, str(error))
        except ChannelClosed as error:
            _refuse(reply, 503, str(error))

    def _refusal(self, request: Request) -> tuple[int, str] | None:
        if not self._test:
            return 403, "this is for servers started with --test"
        if request.method != b"POST":
            return 405, "use POST"
        if not _from_loopback(request):
            return 403, "this is for loopback only"
        if request.header(b"origin") is not None:
            return 403, "a page in a browser may not do this"
        if (request.header(b"host") or b"").decode("ascii", "replace").lower() not in self._own_hosts:
            return 403, "the Host header is not this server's own"
        return None


def _own_hosts(url: str) -> frozenset[str]:
    _, _, authority = url.partition("://")
    port = authority.rpartition(":")[2]
    return frozenset({authority, *(f"{host}:{port}" for host in ("127.0.0.1", "localhost", "[::1]"))})


def _from_loopback(request: Request) -> bool:
    try:
        return not request.peer[0] or ipaddress.ip_address(request.peer[0]).is_loopback
    except ValueError:
        return False


def _send(reply: Reply, status: int, body: Mapping[str, Any]) -> None:
    reply.send(status, _JSON, msgspec.json.encode(body) + b"\n")


def _refuse(reply: Reply, status: int, message: str) -> None:
    _send(reply, status, {"message": message})
