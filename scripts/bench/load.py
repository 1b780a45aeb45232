"""A load generator that costs little: signed requests made beforehand, sent over keep-alive connections.

Every request is distinct and freshly signed. What is measured is requests a CPU-second of the server's process tree
(user + system time), and the latency seen by the client.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, cast

import httptools
import uvloop

TICK = os.sysconf("SC_CLK_TCK")


class Keys(NamedTuple):
    """Credentials to sign with."""

    access_key_id: str
    secret: str
    token: str | None = None


class Outcome(NamedTuple):
    """What a run showed."""

    requests: int
    errors: int
    seconds: float
    cpu_seconds: float
    latencies: list[float]
    bodies: list[bytes]
    """What was answered, in no order, where it was asked for."""

    @property
    def per_cpu_second(self) -> float:
        return self.requests / self.cpu_seconds

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    def percentile(self, part: float) -> float:
        """Seconds."""
        return percentile(self.latencies, part)


def sign(keys: Keys, service: str, region: str, host: str, target: str, body: bytes, *, moment: float) -> bytes:
    """A whole JSON 1.1 request, signed (Signature Version 4)."""
    stamp = datetime.fromtimestamp(moment, UTC)
    amz_date, day = stamp.strftime("%Y%m%dT%H%M%SZ"), stamp.strftime("%Y%m%d")
    token_line = f"x-amz-security-token:{keys.token}\n" if keys.token else ""
    token_name = "x-amz-security-token;" if keys.token else ""
    names = f"content-type;host;x-amz-date;{token_name}x-amz-target"
    canonical = (
        f"POST\n/\n\ncontent-type:application/x-amz-json-1.1\nhost:{host}\nx-amz-date:{amz_date}\n{token_line}"
        f"x-amz-target:{target}\n\n{names}\n{hashlib.sha256(body).hexdigest()}"
    )
    scope = f"{day}/{region}/{service}/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{amz_date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = _signing_key(keys.secret, day, region, service)
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    token_header = f"X-Amz-Security-Token: {keys.token}\r\n" if keys.token else ""
    return (
        f"POST / HTTP/1.1\r\nHost: {host}\r\nX-Amz-Target: {target}\r\nContent-Type: application/x-amz-json-1.1\r\n"
        f"User-Agent: Botocore/1.44.8 ua/2.1 os/linux lang/python#3.12\r\nX-Amz-Date: {amz_date}\r\n{token_header}"
        f"Authorization: AWS4-HMAC-SHA256 Credential={keys.access_key_id}/{scope}, SignedHeaders={names}, "
        f"Signature={signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


_KEYS: dict[tuple[str, str, str, str], bytes] = {}


def _signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    place = (secret, day, region, service)
    if place not in _KEYS:
        key = b"AWS4" + secret.encode()
        for part in (day, region, service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        _KEYS[place] = key
    return _KEYS[place]


class _Client(asyncio.Protocol):
    """One connection: sends the next request when the last is answered."""

    def __init__(self, run: _Run) -> None:
        self._run = run
        self._parser = httptools.HttpResponseParser(self)
        self._sent = 0.0
        self._body = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._next()

    def _next(self) -> None:
        request = next(self._run.requests, None)
        if request is None or time.perf_counter() > self._run.stop_at:
            self._transport.close()
            return
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body = body  # answers are small: they come in one piece

    def on_message_complete(self) -> None:
        run = self._run
        run.latencies.append(time.perf_counter() - self._sent)
        if run.bodies is not None:
            run.bodies.append(self._body)
        if self._parser.get_status_code() != 200:
            run.errors += 1
            run.failure = self._body
        self._parser = httptools.HttpResponseParser(self)
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        self._run.open -= 1
        if not self._run.open:
            self._run.done.set_result(None)


class _Run:
    def __init__(self, requests: Iterator[bytes], stop_at: float, connections: int) -> None:
        self.requests = requests
        self.stop_at = stop_at
        self.latencies: list[float] = []
        self.errors = 0
        self.failure = b""
        self.bodies: list[bytes] | None = None
        self.open = connections
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()


async def drive(host: str, port: int, requests: Iterator[bytes], seconds: float, connections: int, keep: bool) -> _Run:
    """Send requests on so many connections, for up to that long or until none is left."""
    run = _Run(requests, time.perf_counter() + seconds, connections)
    if keep:
        run.bodies = []
    loop = asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: _Client(run), host, port)
    await run.done
    return run


async def paced(
    host: str, port: int, requests: Iterator[bytes], pause: float, until: Callable[[], bool]
) -> list[float]:
    """Seconds that each request took, sent one after the other on one connection every `pause` seconds."""
    reader, writer = await asyncio.open_connection(host, port)
    felt = []
    while not until() and (request := next(requests, None)) is not None:
        began = time.perf_counter()
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if not head.startswith(b"http/1.1 200"):
            raise SystemExit(f"a request failed: {head[:200]!r}")
        length = next(each for each in head.split(b"\r\n") if each.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
        felt.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, pause - felt[-1]))
    writer.close()
    return felt


def percentile(waits: list[float], part: float) -> float:
    ordered = sorted(waits)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def measure(
    host: str,
    port: int,
    requests: list[bytes],
    pids: list[int],
    *,
    seconds: float = 5.0,
    connections: int = 32,
    keep: bool = False,
) -> Outcome:
    """Send requests for up to that long; what it cost the processes. The first failure is told on standard error."""
    before = sum(cpu_of(pid) for pid in pids)
    started = time.perf_counter()
    run = uvloop.run(drive(host, port, iter(requests), seconds, connections, keep))
    taken = time.perf_counter() - started
    cost = sum(cpu_of(pid) for pid in pids) - before
    if run.errors:
        print(f"{run.errors} requests failed, the last with {run.failure[:300]!r}", file=sys.stderr)
    return Outcome(len(run.latencies), run.errors, taken, max(cost, 1 / TICK), run.latencies, run.bodies or [])


def cpu_of(pid: int) -> float:
    """User and system seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK
