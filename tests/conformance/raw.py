"""Requests whose bytes are ours to choose, signed (Signature Version 4) after everything else was done to them."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import time
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

Headers = list[tuple[bytes, bytes]]


class Answer(NamedTuple):
    """Status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes


class Place(NamedTuple):
    """What a signature is for."""

    service: str
    region: str = "us-east-1"


def signed_headers(  # noqa: PLR0917 - a request is these
    keys: tuple[str, str], place: Place, method: bytes, target: bytes, headers: Headers, body: bytes
) -> Headers:
    """`headers` (with Host) and those of a signature over all of it, in the past of less than a second."""
    stamp = datetime.fromtimestamp(time.time(), UTC)
    date, day = stamp.strftime("%Y%m%dT%H%M%SZ").encode(), stamp.strftime("%Y%m%d")
    digest = hashlib.sha256(body).hexdigest().encode()
    whole = [*headers, (b"x-amz-date", date), *([(b"x-amz-content-sha256", digest)] if place.service == "s3" else [])]
    folded: dict[bytes, list[bytes]] = {}
    for name, value in whole:
        folded.setdefault(name.lower(), []).append(b" ".join(value.split()))
    names = b";".join(sorted(folded))
    path, _, query = target.partition(b"?")
    canonical = b"\n".join(
        [
            method,
            _once(path, safe="/-_.~") if place.service == "s3" else _normal(path),
            _canonical_query(query),
            *(name + b":" + b",".join(folded[name]) for name in sorted(folded)),
            b"",
            names,
            digest,
        ]
    )
    scope = f"{day}/{place.region}/{place.service}/aws4_request"
    text = b"\n".join([b"AWS4-HMAC-SHA256", date, scope.encode(), hashlib.sha256(canonical).hexdigest().encode()])
    key = b"AWS4" + keys[1].encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text, "sha256").hex()
    credential = f"AWS4-HMAC-SHA256 Credential={keys[0]}/{scope}, SignedHeaders={names.decode('latin-1')}, "
    return [*whole, (b"authorization", f"{credential}Signature={signature}".encode("latin-1"))]


def _normal(path: bytes) -> bytes:
    """The path as all services but S3 sign it: without dot segments and empty ones, encoded once more."""
    parts: list[bytes] = []
    for part in path.split(b"/"):
        if part == b"..":
            del parts[-1:]
        elif part not in {b"", b"."}:
            parts.append(part)
    end = b"/" if parts and path.endswith(b"/") else b""
    return quote(b"/" + b"/".join(parts) + end, safe="/-_.~").encode()


def _canonical_query(query: bytes) -> bytes:
    pairs = [pair.partition(b"=") for pair in query.split(b"&") if pair]
    encoded = sorted((_once(name.replace(b"+", b" ")), _once(value.replace(b"+", b" "))) for name, _, value in pairs)
    return b"&".join(name + b"=" + value for name, value in encoded)


def _once(text: bytes, safe: str = "-_.~") -> bytes:
    return quote(unquote_to_bytes(text), safe=safe).encode()


def send(connection: http.client.HTTPConnection, method: bytes, target: bytes, headers: Headers, body: bytes) -> Answer:
    """Send these bytes, with the length of the body, and read the answer."""
    head = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    length = b"content-length: %d\r\n\r\n" % len(body)
    if connection.sock is None:
        connection.connect()
    connection.send(method + b" " + target + b" HTTP/1.1\r\n" + head + length + body)
    response = http.client.HTTPResponse(connection.sock, method=method.decode("latin-1"))
    response.begin()
    try:
        answer = Answer(
            response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        )
        if response.will_close:
            connection.close()
    finally:
        response.close()
    return answer


def ask(url: str, keys: tuple[str, str], place: Place, headers: Headers, body: bytes) -> Answer:
    """One well-formed POST to `/`."""
    host = url.partition("//")[2]
    connection = http.client.HTTPConnection(host, timeout=30)
    whole = signed_headers(keys, place, b"POST", b"/", [(b"host", host.encode()), *headers], body)
    try:
        return send(connection, b"POST", b"/", whole, body)
    finally:
        connection.close()
