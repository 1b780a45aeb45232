"""What an application would read from a body: fields of forms, parts, JSON strings, XML texts.

Used by the managed rule groups. The content type is believed only as far as the body bears it out, because an attacker
writes both.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from casemate.engines.web.components import json_body
from casemate.engines.web.components.query import MOST_PARTS, parse_pairs

_BOUNDARY: Final = re.compile(rb"boundary=(?:\"([^\"]{1,100})\"|([^\s;,]{1,100}))", re.IGNORECASE)
_DISPOSITION: Final = re.compile(
    rb"content-disposition:[^\r\n]*?(?:;\s*name=(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;]+)))?"
    rb"(?:;\s*filename\*?=(?:\"((?:[^\"\\]|\\.)*)\"|([^\s;\r\n]+)))?\s*(?:\r?\n|$)",
    re.IGNORECASE,
)
_XML: Final = re.compile(
    rb"<!\[CDATA\[(?P<cdata>.*?)(?:\]\]>|\Z)|<(?P<name>[A-Za-z_][\w:.\-]{0,100})|=\s*\"(?P<double>[^\"]*)\""
    rb"|=\s*'(?P<single>[^']*)'|>(?P<text>[^<>]+)",
    re.DOTALL,
)


class BodyValues(NamedTuple):
    """Parts of a body: `values` and `names` of fields, `file_names` and `file_contents` of uploads."""

    values: tuple[bytes, ...]
    names: tuple[bytes, ...]
    file_names: tuple[bytes, ...] = ()
    file_contents: tuple[bytes, ...] = ()


NOTHING: Final = BodyValues((), ())


def read(content_type: bytes, body: bytes) -> BodyValues:
    """The parts of `body`; all of it as one value when it is no form, multipart, JSON or XML."""
    if not body:
        return NOTHING
    kind = content_type.lower()
    if b"multipart/" in kind:
        found = _BOUNDARY.search(content_type)
        if found:
            return _multipart(body, found.group(1) or found.group(2))
    start = body[:64].lstrip(b" \t\r\n\xef\xbb\xbf")[:1]
    if start in {b"{", b"["}:
        document = json_body.parse(body)
        if not document.complete and b"}\n" in body:
            lines = _json_lines(body)
            if lines is not None:
                return lines
        if document.root is not None:
            return _json(document, body)
    if start == b"<":
        parts = _xml(body)
        # Markup that is not said to be XML is read as it stands too: an application may keep it as a text.
        said = b"xml" in kind or body[:64].lstrip(b" \t\r\n\xef\xbb\xbf").startswith(b"<?xml")
        return parts if said else parts._replace(values=bounded([*parts.values, body]))
    if b"urlencoded" in kind or (b"=" in body and b"json" not in kind and _FORM.match(body)):
        pairs = parse_pairs(body)
        return BodyValues(bounded([value for _, value in pairs]), bounded([name for name, _ in pairs]))
    return BodyValues((body,), ())


_FORM: Final = re.compile(rb"[\w.\-%+\[\]]{1,100}=[^\s]*\Z")


def bounded(values: list[bytes]) -> tuple[bytes, ...]:
    """Without repetitions and empty ones; beyond MOST_PARTS the rest as one."""
    distinct = list(dict.fromkeys(values))
    if len(distinct) > MOST_PARTS:
        distinct[MOST_PARTS:] = [b"\x1e".join(distinct[MOST_PARTS:])]
    return tuple(value for value in distinct if value)


def _json(document: json_body.Document, body: bytes) -> BodyValues:
    names, values = json_body.names_and_values(document.root)
    if not document.complete:
        # What an application's more patient parser would still read must not escape.
        values.append(body)
    return BodyValues(bounded(values), bounded(names))


def _json_lines(body: bytes) -> BodyValues | None:
    """The parts of lines that are a JSON document each, as bulk APIs and collectors of errors take; None for others."""
    names: list[bytes] = []
    values: list[bytes] = []
    lines = body.split(b"\n")
    if len(lines) > MOST_PARTS:
        return None
    for line in lines:
        if not line.strip():
            continue
        document = json_body.parse(line)
        if not document.complete:
            return None
        more_names, more_values = json_body.names_and_values(document.root)
        names += more_names
        values += more_values
    return BodyValues(bounded(values), bounded(names))


def _multipart(body: bytes, boundary: bytes) -> BodyValues:
    values: list[bytes] = []
    names: list[bytes] = []
    file_names: list[bytes] = []
    contents: list[bytes] = []
    parts = body.split(b"--" + boundary, MOST_PARTS)
    if len(parts) == 1:
        return BodyValues((body,), ())
    for part in parts[1:]:
        if part.startswith(b"--"):
            continue
        head, blank, content = part.partition(b"\r\n\r\n")
        if not blank:
            head, blank, content = part.partition(b"\n\n")
        if not blank:
            values.append(part.strip(b"\r\n"))
            continue
        found = _DISPOSITION.search(head)
        name, file_name = (
            (found.group(1) or found.group(2), found.group(3) or found.group(4)) if found else (None, None)
        )
        if name:
            names.append(name)
        content = content.removesuffix(b"\n").removesuffix(b"\r")
        if file_name is not None:
            file_names.append(file_name)
            contents.append(content)
        else:
            values.append(content)
    return BodyValues(bounded(values), bounded(names), bounded(file_names), bounded(contents))


def _xml(body: bytes) -> BodyValues:
    values: list[bytes] = []
    names: list[bytes] = []
    for token in _XML.finditer(body):
        name = token.group("name")
        if name:
            names.append(name)
            continue
        value = (token.group(token.lastgroup or 0) or b"").strip()
        if value:
            values.append(value)
        if len(values) > MOST_PARTS or len(names) > MOST_PARTS:
            values.append(body[token.end() :])
            break
    return BodyValues(bounded(values), bounded(names))
