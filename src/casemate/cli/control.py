"""Talking to a running server: by its control socket, or by HTTP where AWS_ENDPOINT_URL names it."""

from __future__ import annotations

import http.client
import socket
import ssl
import urllib.parse
from collections.abc import Mapping
from typing import Any

import msgspec

from casemate.foundation.errors import CasemateError
from casemate.foundation.node import Node

_SECONDS = 600.0
"""Advancing the clock by a year may fire a great many timers."""


class NoServer(CasemateError):
    """No server runs there."""


class Refused(CasemateError):
    """The server answered that it can't."""


def ask(node: Node, do: str, **arguments: Any) -> Mapping[str, Any]:
    """Ask the server of a data directory, by its control socket. Raises NoServer, Refused."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(_SECONDS)
        try:
            connection.connect(str(node.control))
        except OSError:
            raise NoServer(f"no server runs on {node.path}: start one with `casemate up --data {node.path}`") from None
        connection.sendall(msgspec.json.encode({"id": 1, "do": do, **arguments}) + b"\n")
        with connection.makefile("rb") as lines:
            line = lines.readline()
    if not line:
        raise NoServer(f"the server on {node.path} went away without an answer")
    answer = msgspec.json.decode(line)
    if "error" in answer:
        raise Refused(answer["error"])
    return answer.get("ok") or {}


def ask_over_http(url: str, name: str, message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask a test server by its /_casemate/ endpoints. Raises NoServer, Refused."""
    status, answer = _exchange(url, "POST", name, msgspec.json.encode(message) if message else b"")
    if status != http.HTTPStatus.OK:
        raise Refused(str(answer.get("message")))
    return answer


def health(url: str) -> Mapping[str, Any]:
    """What a server says of its health. Raises NoServer."""
    return _exchange(url, "GET", "health", None)[1]


def _exchange(url: str, method: str, name: str, body: bytes | None) -> tuple[int, dict[str, Any]]:
    parts = urllib.parse.urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        # Loopback, and nothing secret goes over it.
        unverified = ssl._create_unverified_context()  # noqa: S323 - see above
        connection = http.client.HTTPSConnection(host, port, timeout=_SECONDS, context=unverified)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=_SECONDS)
    try:
        connection.request(method, f"/_casemate/{name}", body)
        response = connection.getresponse()
        return response.status, msgspec.json.decode(response.read(), type=dict[str, Any])
    except (OSError, http.client.HTTPException, msgspec.DecodeError) as error:
        raise NoServer(f"no Casemate server answers at {url}: {error}") from None
    finally:
        connection.close()
