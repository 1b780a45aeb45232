"""The edge under updates and under attack: `python scripts/prove_edge.py [swap|hostile] [--updates N] [--workers N]`.

swap: web ACLs are replaced under load. Every ACL marks what it lets through with its own number in three places (two
rules and the default action) and blocks one path with its number in two headers; every tenth changes patterns too. A
request whose marks differ was judged by two ACLs. Now and then an ACL that can't compile is put in: the one before goes
on. Fails where a request was dropped, a verdict was mixed, an update did not arrive, or memory grew.

hostile: requests made to be dear, random ones of every kind, and ones that are refused unjudged, against core-block,
with both logs written. Fails where one costs more than 20 ms of the worker's CPU time, an honest client beside them
waits more than a second, or memory grows beyond a bound.

Prints one JSON object; exits 1 where something did not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import contextlib
import json
import os
import random
import re
import signal
import socket
import string
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvloop

ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 1 << 20
MOST_GROWTH = 48 * MEGABYTE
"""Of a worker, from a tenth of the updates on: allocators and caches of 512 pattern sets, no more."""
PATIENCE = 20.0
VISIBILITY = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
CONNECTIONS = 6


def marked(name: str, number: int) -> dict[str, Any]:
    return {"CustomRequestHandling": {"InsertHeaders": [{"Name": name, "Value": str(number)}]}}


def acl(number: int) -> dict[str, Any]:
    """The ACL of an update."""
    path = {"FieldToMatch": {"UriPath": {}}, "TextTransformations": [{"Priority": 0, "Type": "NONE"}]}
    starts = {**path, "PositionalConstraint": "STARTS_WITH"}
    pattern = f"^/(?:page|item{number // 10}[a-f]{{2,9}})"
    headers = [{"Name": "x-one", "Value": str(number)}, {"Name": "x-two", "Value": str(number)}]
    statements = (
        ({"Count": marked("one", number)}, {"RegexMatchStatement": {**path, "RegexString": pattern}}),
        (
            {"Count": marked("two", number)},
            {"ByteMatchStatement": {**starts, "SearchString": base64.b64encode(b"/page").decode()}},
        ),
        (
            {"Block": {"CustomResponse": {"ResponseCode": 403, "ResponseHeaders": headers}}},
            {"ByteMatchStatement": {**starts, "SearchString": base64.b64encode(b"/blocked").decode()}},
        ),
    )
    rules = [
        {"Name": f"r{at}", "Priority": at, "Action": action, "Statement": statement, "VisibilityConfig": VISIBILITY}
        for at, (action, statement) in enumerate(statements)
    ]
    return {"Name": "swap", "DefaultAction": {"Allow": marked("three", number)}, "Rules": rules}


class Application(asyncio.Protocol):
    """Answers with the marks that it was sent."""

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
            marks = b",".join(re.findall(rb"x-amzn-waf-(?:one|two|three): (\d+)", head))
            self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(marks), marks))


class Load:
    """Connections that ask without pause."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.requests = self.blocked = self.dropped = self.mixed = self.newest = 0
        self.stopping = False
        self.slowest = 0.0

    async def ask(self, number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        turn = 0
        while not self.stopping:
            turn += 1
            target = b"/blocked" if turn % 5 == number % 5 else b"/page/%d" % turn
            writer.write(b"GET %b HTTP/1.1\r\nHost: a\r\nUser-Agent: prove\r\n\r\n" % target)
            begun = time.perf_counter()
            try:
                head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
                length = re.search(rb"content-length: (\d+)", head)
                body = await reader.readexactly(int(length[1])) if length else b""
            except (OSError, asyncio.IncompleteReadError, TimeoutError):
                self.dropped += 1
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                continue
            self.slowest = max(self.slowest, time.perf_counter() - begun)
            self._judge(target, head, body)
        writer.close()

    def _judge(self, target: bytes, head: bytes, body: bytes) -> None:
        self.requests += 1
        if target == b"/blocked":
            self.blocked += 1
            marks = re.findall(rb"x-(?:one|two): (\d+)", head)
            right = head.startswith(b"HTTP/1.1 403 ") and len(marks) == 2
        else:
            marks = body.split(b",")
            right = head.startswith(b"HTTP/1.1 200 ") and len(marks) == 3
        if not right or len(set(marks)) != 1:
            self.mixed += 1
        else:
            self.newest = max(self.newest, int(marks[0]))


def resident(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 if found else 0


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def used(pid: int) -> float:
    """Seconds of CPU time."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def replace(path: Path, content: str) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(content)
    fresh.replace(path)


async def swap(updates: int, workers: int, folder: Path) -> dict[str, Any]:
    """Run it; what happened."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = await asyncio.get_running_loop().create_server(Application, sock=listener.dup())
        port = listener.getsockname()[1]
    file = folder / "acl.json"
    replace(file, json.dumps(acl(1)))
    command = [sys.executable, "-m", "casemate.cli.main", "waf", "proxy", "--acl", str(file)]
    command += ["--origin", f"http://127.0.0.1:{port}", "--listen", "127.0.0.1:0", "--workers", str(workers)]
    log = (folder / "log").open("wb")
    command += ["--cache", str(folder / "cache")]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=log)
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        load = Load(int(line.rpartition(b":")[2]))
        asking = [asyncio.create_task(load.ask(number)) for number in range(CONNECTIONS)]
        told = await updated(load, process.pid, file, updates)
        load.stopping = True
        await asyncio.gather(*asking)
    finally:
        if process.returncode is None:
            process.terminate()
        code = await process.wait()
        log.close()
        server.close()
    refused = (folder / "log").read_text().count("the web ACL was refused")
    return {
        **told,
        "requests": load.requests,
        "blocked": load.blocked,
        "dropped": load.dropped,
        "mixed": load.mixed,
        "slowest_ms": round(load.slowest * 1000, 1),
        "refused": refused,
        "exit": code,
    }


async def updated(load: Load, pid: int, file: Path, updates: int) -> dict[str, Any]:
    """Put the updates in, each when the one before was seen."""
    workers = children(pid)
    before, late, broken = 0, 0, 0
    for number in range(2, updates + 2):
        if number % 50 == 0:
            replace(file, '{"DefaultAction": {"Allow": {}}, "Rules": [{"Name": "broken"}]}')
            broken += 1
            os.kill(pid, signal.SIGHUP)
            await asyncio.sleep(0.2)
        replace(file, json.dumps(acl(number)))
        os.kill(pid, signal.SIGHUP)
        until = time.monotonic() + PATIENCE
        while load.newest < number and time.monotonic() < until:  # noqa: ASYNC110 - the load tells nobody
            await asyncio.sleep(0.005)
        late += load.newest < number
        if number == max(2, updates // 10):
            before = max(map(resident, workers))
    return {
        "updates": updates,
        "broken_acls": broken,
        "late": late,
        "memory_before_mb": round(before / MEGABYTE, 1),
        "memory_after_mb": round(max(map(resident, workers)) / MEGABYTE, 1),
    }


def held(told: dict[str, Any]) -> bool:
    growth = told["memory_after_mb"] - told["memory_before_mb"]
    return (
        told["dropped"] == told["mixed"] == told["late"] == told["exit"] == 0
        and told["refused"] >= told["broken_acls"]
        and told["requests"] > 0
        and growth * MEGABYTE <= MOST_GROWTH
    )


MOST_CPU = 0.020
"""Seconds of the worker's time a request."""
MOST_WAIT = 1.0
MOST_HOSTILE_GROWTH = 192 * MEGABYTE
_HEAD = b"Host: a.example\r\nUser-Agent: Mozilla/5.0\r\nAccept: */*\r\n"


def post(kind: bytes, body: bytes) -> bytes:
    return b"POST /form HTTP/1.1\r\n%bContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b" % (_HEAD, kind, len(body), body)


def get(target: bytes, headers: bytes = b"") -> bytes:
    return b"GET %b HTTP/1.1\r\n%b%b\r\n" % (target, _HEAD, headers)


JSON = b"application/json"
FORM = b"application/x-www-form-urlencoded"
RANDOM_BYTES = 8_000
"""Of a random body: nearly all of it lies within what rules see."""
VARIANTS = 10


def random_bodies(seed: int) -> dict[str, bytes]:
    """Bodies without any sense, by kind: nothing that was found in one can be expected in the next."""
    chance = random.Random(seed)
    noise = chance.randbytes(RANDOM_BYTES)
    signs = "".join(chance.choices(string.punctuation + string.digits + " \n", k=RANDOM_BYTES))
    letters = "".join(chance.choices(string.ascii_letters + "    ", k=RANDOM_BYTES))
    base64_text = base64.b64encode(noise)[:RANDOM_BYTES]
    pairs = "&".join(f"{chance.randrange(999)}={quote(chance.randbytes(12))}" for _ in range(220))
    document = {
        "".join(chance.choices(string.ascii_lowercase, k=6)): [
            chance.random(), "".join(chance.choices(string.printable, k=20)), {"a": chance.randbytes(9).hex()}
        ]
        for _ in range(80)
    }  # fmt: skip
    return {
        "bytes": post(b"application/octet-stream", noise),
        "bytes as a form": post(FORM, b"q=" + noise),
        "bytes as JSON": post(JSON, noise),
        "bytes as text": post(b"text/plain", noise),
        "signs as a form": post(FORM, b"q=" + signs.encode()),
        "signs as JSON": post(JSON, json.dumps({"q": signs}).encode()[:RANDOM_BYTES]),
        "letters as a form": post(FORM, b"q=" + letters.encode()),
        "letters as JSON": post(JSON, json.dumps({"q": letters}).encode()),
        "pairs of a form": post(FORM, pairs.encode()[:RANDOM_BYTES]),
        "JSON": post(JSON, json.dumps(document).encode()[:RANDOM_BYTES]),
        "Base64": post(b"text/plain", base64_text),
        "Base64 as a form": post(FORM, b"q=" + quote(base64_text.decode(), safe="").encode()[:RANDOM_BYTES]),
        "Base64 as JSON": post(JSON, b'{"q":"' + base64_text + b'"}'),
        "hexadecimal as a form": post(FORM, b"q=" + noise.hex().encode()[:RANDOM_BYTES]),
        "multipart": post(
            b"multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' + noise + b"\r\n--b--\r\n",
        ),
        "bytes in a query": get(b"/?q=" + quote(noise).encode()[:RANDOM_BYTES]),
        "Base64 in a query": get(b"/?q=" + base64_text),
        "a cookie": get(b"/", b"Cookie: q=" + base64_text + b"\r\n"),
    }


def refused_requests() -> dict[str, bytes]:
    """What never gets as far as being judged."""
    return {
        "5 000 headers": get(b"/", b"".join(b"X-H%d: y\r\n" % n for n in range(5_000))),
        "a head that never ends": get(b"/", b"X: " + b"y" * 200_000),
        "a target of 40 KB": get(b"/" + b"a" * 40_000),
        "no request at all": bytes(range(256)) * 40,
        "two spaces in the request line": b"GET  / HTTP/1.1\r\n" + _HEAD + b"\r\n",
        "broken chunks": b"POST / HTTP/1.1\r\n" + _HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        "framing without body": b"POST / HTTP/1.1\r\n"
        + _HEAD
        + b"Transfer-Encoding: chunked\r\n\r\n1;"
        + b"a" * 120_000,
        "5 000 trailers": b"POST / HTTP/1.1\r\n"
        + _HEAD
        + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"
        + b"X: y\r\n" * 5_000
        + b"\r\n",
    }


def everything() -> dict[str, list[bytes]]:
    """The requests by name, where they are random several of a kind."""
    found = {name: [raw] for name, raw in hostile_requests().items()}
    for seed in range(VARIANTS):
        for name, raw in random_bodies(seed).items():
            found.setdefault(f"random: {name}", []).append(raw)
    return found | {f"refused: {name}": [raw] for name, raw in refused_requests().items()}


def hostile_requests() -> dict[str, bytes]:
    json_type, form = JSON, FORM
    multipart = b"".join(b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n' % n for n in range(160))
    chunks = b"1\r\na\r\n" * 2_000 + b"0\r\n\r\n"
    return {
        "deep JSON": post(json_type, b"[" * 4_000 + b"]" * 4_000),
        "deep JSON objects": post(json_type, b'{"a":' * 1_300 + b"1" + b"}" * 1_300),
        "JSON of many keys": post(json_type, b"{" + b",".join(b'"k%d":%d' % (n, n) for n in range(700)) + b"}"),
        "JSON of many strings": post(json_type, b"[" + b",".join(b'"a\'b--%d"' % n for n in range(600)) + b"]"),
        "10 000 parameters in a body": post(form, b"&".join(b"p%d=1" % n for n in range(10_000))),
        "10 000 parameters in a query": get(b"/?" + b"&".join(b"a" for _ in range(8_000))),
        "quotes and brackets": post(form, b"q=" + b"%27%22%3C%28" * 600),
        "nested percent signs": get(b"/?q=" + b"%25" * 4_000),
        "nested Base64 look-alike": post(form, b"q=" + b"QUFB" * 1_900),
        "unclosed comments": get(b"/?q=" + b"/*" * 5_000),
        "spaces": get(b"/?q=1" + b"+" * 9_000 + b"union"),
        "slashes and dots": get(b"/" + b"../" * 4_000),
        "regex bait": get(b"/?q=" + b"a" * 6_000 + b"!"),
        "90 headers": get(b"/", b"".join(b"X-H%d: %b\r\n" % (n, b"<'>" * 80) for n in range(90))),
        "1 000 cookies": get(b"/", b"Cookie: " + b"; ".join(b"c%d='%d" % (n, n) for n in range(1_000)) + b"\r\n"),
        "multipart of many parts": post(b"multipart/form-data; boundary=b", multipart + b"--b--\r\n"),
        "XML of many entities": post(b"text/xml", b"<a>" + b"&lt;&#x27;" * 700 + b"</a>"),
        "8 MB body": post(b"application/octet-stream", bytes(range(256)) * 32_768),
        "chunks of one byte": b"POST / HTTP/1.1\r\n" + _HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks,
    }


async def hostile(times: int, acl_file: Path, cache: Path, folder: Path) -> dict[str, Any]:
    """Send each request some times while an honest client asks beside them; what each cost."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = await asyncio.get_running_loop().create_server(Application, sock=listener.dup())
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "casemate.cli.main", "waf", "proxy", "--acl", str(acl_file), "--cache", str(cache)]
    command += ["--origin", f"http://127.0.0.1:{port}", "--listen", "127.0.0.1:0"]
    command += ["--log", str(folder / "waf.log"), "--access-log", str(folder / "access.log")]
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    costs: dict[str, float] = {}
    try:
        assert process.stdout is not None
        at = int((await asyncio.wait_for(process.stdout.readline(), 600)).rpartition(b":")[2])
        worker = children(process.pid)[0]
        honest = Load(at)
        await answered(at, get(b"/"))
        before = resident(worker)
        slow = [await begun(at) for _ in range(200)]
        asking = asyncio.create_task(honest.ask(-1))
        for name, requests in everything().items():
            start, since = used(worker), honest.requests
            for turn in range(times):
                await answered(at, requests[turn % len(requests)])
            # What the honest client's requests cost meanwhile is not the attacker's.
            mine = (honest.requests - since) * 200e-6
            costs[name] = round(max(used(worker) - start - mine, 0.0) / times * 1000, 2)
        honest.stopping = True
        await asking
        for writer in slow:
            writer.close()
        after = resident(worker)
    finally:
        process.terminate()
        await process.wait()
        server.close()
    return {
        "cpu_ms": costs,
        "dearest_ms": max(costs.values()),
        "dearest": max(costs, key=lambda name: costs[name]),
        "honest_requests": honest.requests,
        "honest_dropped": honest.dropped,
        "honest_slowest_ms": round(honest.slowest * 1000, 1),
        "slow_clients": len(slow),
        "memory_before_mb": round(before / MEGABYTE, 1),
        "memory_after_mb": round(after / MEGABYTE, 1),
        "held": max(costs.values()) <= MOST_CPU * 1000
        and honest.dropped == 0
        and honest.slowest <= MOST_WAIT
        and after - before <= MOST_HOSTILE_GROWTH,
    }


async def begun(port: int) -> asyncio.StreamWriter:
    """A client that begins a request and says no more."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + b"x" * 5_000)
    return writer


async def answered(port: int, request: bytes) -> None:
    """Send, and wait for whatever comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    with contextlib.suppress(OSError):  # refused before all was sent
        await asyncio.wait_for(reader.read(65_536), 30)
    writer.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="?", choices=("swap", "hostile"), default="swap")
    parser.add_argument("--times", type=int, default=20, help="of each hostile request")
    parser.add_argument("--cache", type=Path, help="where compiled patterns are kept (hostile)")
    parser.add_argument("--acl", type=Path, default=ROOT / "examples" / "waf" / "core-block.json")
    parser.add_argument("--updates", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="casemate-swap-") as folder:
        home = Path(folder)
        if options.what == "swap":
            told = uvloop.run(swap(options.updates, options.workers, home))
            told["held"] = held(told)
        else:
            told = uvloop.run(hostile(options.times, options.acl, options.cache or home / "cache", home))
    print(json.dumps(told))
    return 0 if told["held"] else 1


if __name__ == "__main__":
    sys.exit(main())
