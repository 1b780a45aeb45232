"""Requests from files: HAR, JSON lines, raw HTTP; a folder of them."""

from __future__ import annotations

import base64
import binascii
import re
import sys
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from casemate.engines.web import RequestView, ResourceKind
from casemate.foundation.errors import CasemateError

CLIENT: Final = "192.0.2.1"  # TEST-NET-1 (RFC 5737): no list holds it
LARGEST_FILE: Final = 1 << 30
_LAST_TIME: Final = 1e15  # seconds or milliseconds; beyond it floats no longer tell seconds apart
_LINE: Final = re.compile(rb"^([A-Za-z!#$%&'*+.^_`|~-]{1,32}) (\S[^\r\n]*?) (HTTP/\d(?:\.\d)?)\r?$", re.MULTILINE)


_MEMBERS: Final = frozenset({
    "method", "url", "target", "headers", "body", "body_base64", "client_ip", "http_version", "time", "ja3", "ja4",
    "uri_fragment",
})  # fmt: skip
_REMARKS: Final = frozenset({"id", "note", "label", "class", "payload", "place"})
"""What may stand beside a request and says nothing about it: our sets of requests have these."""


class RequestFileError(CasemateError):
    """A file of requests that can't be read."""


class Given(NamedTuple):
    """A request and where it stood."""

    source: str
    view: RequestView


class Reading(NamedTuple):
    """What a request that doesn't say so itself is taken for."""

    kind: ResourceKind
    time: float


def read_requests(names: list[str], reading: Reading) -> Iterator[Given]:
    """Every request of some files. Raises RequestFileError naming the file and what is wrong."""
    for name in names:
        if name == "-":
            for number, line in enumerate(sys.stdin.buffer, 1):
                if line.strip():
                    yield Given(f"-:{number}", _from_json(_decoded(line, f"-:{number}"), f"-:{number}", reading))
            continue
        path = Path(name)
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            yield from _file(file, reading)


def _file(path: Path, reading: Reading) -> Iterator[Given]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise RequestFileError(f"{path}: larger than {LARGEST_FILE >> 20} MB")
        content = path.read_bytes()
    except OSError as error:
        raise RequestFileError(f"{path}: {error.strerror or error}") from None
    suffix = path.suffix.lower()
    if suffix == ".har":
        yield from _har(path, content, reading)
    elif suffix in {".jsonl", ".ndjson", ".json"} or content[:1] == b"{":
        for number, line in enumerate(content.splitlines(), 1):
            if line.strip():
                where = f"{path}:{number}"
                yield Given(where, _from_json(_decoded(line, where), where, reading))
    else:
        yield from _raw(path, content, reading)


def _decoded(text: bytes, where: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise RequestFileError(f"{where}: no JSON: {error}") from None


def _latin(text: Any) -> bytes:
    return str(text).encode("utf-8", "surrogateescape")


def _target(url: str) -> tuple[bytes, str, str]:
    """(path and query, host, scheme) of a URL; a fragment isn't sent."""
    if url.startswith("/"):
        return _latin(url.partition("#")[0]), "", "https"
    try:
        parts = urlsplit(url)
    except ValueError:
        return _latin(url), "", "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query or url.partition("#")[0].endswith("?") else "")
    return _latin(target), parts.netloc.rpartition("@")[2], parts.scheme or "https"


def text_of(value: Any, where: str, what: str) -> str:
    """A member that is a text, empty where it is missing. Raises RequestFileError."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RequestFileError(f"{where}: {what} is a text")
    return value


def number_of(value: Any, where: str, what: str) -> float:
    """A member that is a number. Raises RequestFileError."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _LAST_TIME:
        raise RequestFileError(f"{where}: {what} is a number")
    return float(value)


def headers_of(value: Any, where: str) -> list[tuple[bytes, bytes]]:
    """Headers: an object, or a list of pairs or of objects with name and value. Raises RequestFileError."""
    if value is None:
        return []
    if not isinstance(value, dict | list):
        raise RequestFileError(f"{where}: headers are an object or a list")
    if isinstance(value, dict):
        flat = [(name, one) for name, given in value.items() for one in (given if isinstance(given, list) else [given])]
        return [_header(name, one, where) for name, one in flat]
    found = []
    for entry in value:
        if isinstance(entry, dict) and "name" in entry:
            found.append(_header(entry["name"], entry.get("value", ""), where))
        elif isinstance(entry, list) and len(entry) == 2:
            found.append(_header(entry[0], entry[1], where))
        else:
            raise RequestFileError(f"{where}: a header is a name and a value")
    return found


def _header(name: Any, value: Any, where: str) -> tuple[bytes, bytes]:
    if not isinstance(name, str) or isinstance(value, bool) or not isinstance(value, str | int):
        raise RequestFileError(f"{where}: a header is a name and a value")
    return _latin(name), _latin(value)


def _from_json(entry: Any, where: str, reading: Reading) -> RequestView:
    if not isinstance(entry, dict) or not ("url" in entry or "target" in entry):
        raise RequestFileError(f'{where}: a request is an object with "method" and "url" or "target"')
    for member in entry:
        if member not in _MEMBERS and member not in _REMARKS:
            near = get_close_matches(member[:80], _MEMBERS, n=1)
            raise RequestFileError(f"{where}: '{member[:80]}' is unknown" + (f"; '{near[0]}'?" if near else ""))
    given = {name: text_of(entry.get(name), where, name) for name in _MEMBERS - {"headers", "time"}}
    target, host, scheme = _target(given["target"] or given["url"])
    headers = headers_of(entry.get("headers"), where)
    if host and not any(name.lower() == b"host" for name, _ in headers):
        headers.insert(0, (b"Host", _latin(host)))
    body = _latin(given["body"])
    if given["body_base64"]:
        try:
            body = base64.b64decode(given["body_base64"], validate=True)
        except (binascii.Error, ValueError):
            raise RequestFileError(f"{where}: body_base64 is no Base64") from None
    return RequestView(
        method=_latin(given["method"] or "GET"),
        target=target,
        headers=headers,
        client_ip=given["client_ip"] or CLIENT,
        http_version=given["http_version"] or "HTTP/1.1",
        body=body,
        kind=reading.kind,
        time=reading.time if entry.get("time") is None else number_of(entry["time"], where, "time"),
        scheme=scheme,
        ja3=entry.get("ja3"),
        ja4=entry.get("ja4"),
        uri_fragment=None if entry.get("uri_fragment") is None else _latin(given["uri_fragment"]),
    )


def _har(path: Path, content: bytes, reading: Reading) -> Iterator[Given]:
    document = _decoded(content, str(path))
    log = document.get("log") if isinstance(document, dict) else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list):
        raise RequestFileError(f"{path}: no HAR: log.entries is missing")
    for number, entry in enumerate(entries):
        request = entry.get("request") if isinstance(entry, dict) else None
        if not isinstance(request, dict):
            raise RequestFileError(f"{path}: entry {number} has no request")
        where = f"{path}:{number}"
        body, encoded = _posted(request.get("postData"), where)
        headers = request.get("headers") or []
        if not isinstance(headers, list) or not all(isinstance(header, dict) for header in headers):
            raise RequestFileError(f"{where}: headers are a list of objects")
        known = {
            "method": request.get("method"),
            "url": request.get("url"),
            "headers": [h for h in headers if not str(h.get("name", "")).startswith(":")],
            "body_base64" if encoded else "body": body,
            "http_version": request.get("httpVersion"),
        }
        yield Given(where, _from_json(known, where, reading))


def _posted(posted: Any, where: str) -> tuple[str, bool]:
    """The body of an entry of a HAR, and whether it is in Base64."""
    if posted is None:
        return "", False
    if not isinstance(posted, dict):
        raise RequestFileError(f"{where}: postData is an object")
    params = posted.get("params") or []
    if not isinstance(params, list) or not all(isinstance(param, dict) for param in params):
        raise RequestFileError(f"{where}: postData.params is a list of objects")
    body = text_of(posted.get("text"), where, "postData.text")
    return (
        body or "&".join(f"{param.get('name')}={param.get('value', '')}" for param in params),
        posted.get("encoding") == "base64",
    )


def _raw(path: Path, content: bytes, reading: Reading) -> Iterator[Given]:
    position, number = 0, 0
    while line := _LINE.search(content, position):
        if content[position : line.start()].strip():
            break
        view, position = _one_raw(content, line, reading)
        yield Given(f"{path}:{number}", view)
        number += 1
    if content[position:].strip() or not number:
        shown = content[position : position + 60].strip().decode("utf-8", "replace").splitlines()
        raise RequestFileError(f"{path}: no request line at byte {position}: '{shown[0] if shown else ''}'")


def _one_raw(content: bytes, line: re.Match[bytes], reading: Reading) -> tuple[RequestView, int]:
    """A request and where it ends: by Content-Length, else where the next request line begins."""
    blank = re.compile(rb"\r?\n\r?\n|\Z").search(content, line.end())
    assert blank is not None
    headers = []
    for field in content[line.end() : blank.start()].splitlines():
        name, colon, value = field.partition(b":")
        if colon:
            headers.append((name, value.strip(b" \t\r")))
    length = next((value for name, value in headers if name.lower() == b"content-length"), b"")
    if length.isdigit() and len(length) < 16:
        end = min(blank.end() + int(length), len(content))
        body = content[blank.end() : end]
    else:
        following = _LINE.search(content, blank.end())
        end = following.start() if following else len(content)
        body = content[blank.end() : end].rstrip(b"\r\n")
    method, target, version = line.groups()
    view = RequestView(
        method=method,
        target=target,
        headers=headers,
        client_ip=CLIENT,
        http_version=version.decode("ascii"),
        body=body,
        kind=reading.kind,
        time=reading.time,
    )
    return view, end
