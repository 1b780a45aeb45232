"""What a request costs at the edge: `python scripts/bench/edge.py [--seconds N] [--cache DIR]`.

One worker each, in one run, on the same requests: the proxy alone (an ACL without rules), with core-block, and beside
them nginx + ModSecurity v3 + OWASP CRS from the system's packages, where these are installed. What is printed is the
worker's own CPU time (user and system) a request, requests a second, and the machine's load when it was measured.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvloop

ROOT = Path(__file__).resolve().parents[2]
TICK = os.sysconf("SC_CLK_TCK")
MODULE = Path("/usr/lib/nginx/modules/ngx_http_modsecurity_module.so")
SETUP = Path("/etc/modsecurity/crs/crs-setup.conf")
CRS = Path("/usr/share/modsecurity-crs/rules")
OPEN = '{"Name": "open", "DefaultAction": {"Allow": {}}, "Rules": []}'
CONNECTIONS = 8

_ITEMS = [
    {
        "id": 1000 + n,
        "name": f"Garden chair number {n}",
        "price": 19.5 + n,
        "tags": ["garden", "wood"],
        "note": "gift wrap, please",
    }
    for n in range(17)
]
BODY = json.dumps({"customer": "Anna O'Neill", "items": _ITEMS}).encode()[:4096]
_COMMON = (
    b"Host: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n"
    b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-GB,en;q=0.5\r\n"
    b"Accept-Encoding: gzip, deflate\r\nCookie: session=4f2b8a6c1d3e5f70; theme=dark; cart=12\r\n"
)
REQUESTS = {
    "GET": b"GET /products/list?category=garden&sort=price&page=3&q=wooden+chair HTTP/1.1\r\n" + _COMMON + b"\r\n",
    "POST": b"POST /api/orders HTTP/1.1\r\n"
    + _COMMON
    + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
    + BODY,
    "attack GET": b"GET /products/list?id=1%27+UNION+SELECT+username%2Cpassword+FROM+users-- HTTP/1.1\r\n"
    + _COMMON
    + b"\r\n",
}


class Load(asyncio.Protocol):
    """One connection that asks, waits for the whole answer, and asks again."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._buffer = b""
        self.answers = 0
        self.statuses: set[int] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            self._buffer = buffer
            return
        at = buffer.lower().find(b"content-length:", 0, end)
        length = int(buffer[at + 15 : buffer.find(b"\r\n", at)]) if at >= 0 else 0
        if len(buffer) < end + 4 + length:
            self._buffer = buffer
            return
        self._buffer = buffer[end + 4 + length :]
        self.answers += 1
        self.statuses.add(int(buffer[9:12]))
        self._transport.write(self._request)


def cpu(pid: int) -> float:
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICK


async def measure(port: int, pid: int, request: bytes, seconds: float) -> dict[str, Any]:
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: Load(request), "127.0.0.1", port) for _ in range(CONNECTIONS)]
    await asyncio.sleep(min(1.0, seconds / 3))  # warm
    before, begun, start = sum(load.answers for _, load in made), cpu(pid), time.perf_counter()
    await asyncio.sleep(seconds)
    count, used, took = sum(load.answers for _, load in made) - before, cpu(pid) - begun, time.perf_counter() - start
    for transport, _ in made:
        transport.abort()
    await asyncio.sleep(0.05)
    statuses = sorted(set().union(*(load.statuses for _, load in made)))
    return {
        "cpu_us": round(used / max(count, 1) * 1e6, 1),
        "per_second": round(count / took),
        "requests": count,
        "statuses": statuses,
        "load": round(os.getloadavg()[0], 2),
    }


@contextmanager
def application() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        command = [sys.executable, str(Path(__file__).with_name("edge_origin.py")), str(listener.fileno())]
        process = subprocess.Popen(command, pass_fds=[listener.fileno()])
        try:
            yield listener.getsockname()[1]
        finally:
            process.terminate()
            process.wait()


def children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def proxy(acl: Path, origin: int, cache: Path) -> Iterator[tuple[int, int]]:
    """Port and worker's process id of `casemate waf proxy`."""
    command = [sys.executable, "-m", "casemate.cli.main", "waf", "proxy", "--acl", str(acl), "--cache", str(cache)]
    command += ["--origin", f"http://127.0.0.1:{origin}", "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        yield int(line.rpartition(":")[2]), children(process.pid)[0]
    finally:
        process.terminate()
        process.wait()


NGINX = """
load_module {module};
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log /dev/null crit; user root;
events {{ worker_connections 512; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; client_body_buffer_size 128k;
  fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder}; keepalive_requests 10000000;
  upstream app {{ server 127.0.0.1:{origin}; keepalive 32; keepalive_requests 10000000; }}
  server {{
    listen 127.0.0.1:{port};
    modsecurity {on}; modsecurity_rules_file {folder}/rules.conf;
    location / {{ proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; }}
  }}
}}
"""
RULES = """
SecRuleEngine On
SecRequestBodyAccess On
SecResponseBodyAccess Off
SecRequestBodyLimit 13107200
SecRequestBodyNoFilesLimit 131072
SecAuditEngine Off
SecRule REQUEST_HEADERS:Content-Type "^application/json" \\
  "id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
Include {setup}
Include {crs}/*.conf
"""


@contextmanager
def nginx(origin: int, folder: Path, *, on: bool) -> Iterator[tuple[int, int]]:
    """Port and worker's process id of nginx with ModSecurity and CRS."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "rules.conf").write_text(RULES.format(setup=SETUP, crs=CRS))
    text = NGINX.format(module=MODULE, folder=folder, origin=origin, port=port, on="on" if on else "off")
    (folder / "nginx.conf").write_text(text)
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port, children(process.pid)[0]
    finally:
        process.terminate()
        process.wait()


def nginx_missing() -> str:
    if shutil.which("nginx") is None and not Path("/usr/sbin/nginx").exists():
        return "nginx is not installed"
    missing = [str(path) for path in (MODULE, SETUP, CRS) if not path.exists()]
    return f"{', '.join(missing)} is missing" if missing else ""


def run(seconds: float, cache: Path) -> list[dict[str, Any]]:
    """Every figure, a row each."""
    rows: list[dict[str, Any]] = []

    def add(subject: str, port: int, pid: int) -> None:
        for name, request in REQUESTS.items():
            row = {"subject": subject, "request": name, **uvloop.run(measure(port, pid, request, seconds))}
            rows.append(row)
            print(json.dumps(row), flush=True)

    with tempfile.TemporaryDirectory(prefix="casemate-bench-") as name, application() as origin:
        folder = Path(name)
        empty = folder / "open.json"
        empty.write_text(OPEN)
        for subject, acl in (("proxy alone", empty), ("proxy + core-block", ROOT / "examples/waf/core-block.json")):
            with proxy(acl, origin, cache) as (port, pid):
                add(subject, port, pid)
        missing = nginx_missing()
        if missing:
            print(
                json.dumps(
                    {
                        "subject": "nginx + ModSecurity + CRS",
                        "skipped": f"{missing} (apt-get install nginx libnginx-mod-http-modsecurity modsecurity-crs)",
                    }
                )
            )
            return rows
        for subject, on in (("nginx alone", False), ("nginx + ModSecurity + CRS", True)):
            with nginx(origin, folder, on=on) as (port, pid):
                add(subject, port, pid)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "casemate-bench-cache")
    options = parser.parse_args()
    rows = run(options.seconds, options.cache)
    cost = {(row["subject"], row["request"]): row["cpu_us"] for row in rows}
    for name in REQUESTS:
        alone, ours = cost["proxy alone", name], cost["proxy + core-block", name]
        told = {"request": name, "proxy_us": alone, "waf_above_us": round(ours - alone, 1)}
        theirs = cost.get(("nginx + ModSecurity + CRS", name))
        if theirs:
            told["part_of_modsecurity"] = round(ours / theirs, 3)
        print(json.dumps(told))
    print(json.dumps({"body_bytes": len(BODY), "injection_detector": "casemate's own (no libinjection)"}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
