"""JSON bodies as AWS WAF reads them.

Source: AWS WAF Developer Guide, "JSON body". Parsing doesn't fully validate: a missing comma, a missing colon and extra
colons pass. It stops at invalid characters, duplicate keys, truncation, and at a root that is no object or array; what
came before is inspected. Well-formed documents take a fast way that gives the same elements.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

DEEPEST: Final = 512
_KEY: Final = re.compile(rb'"[ \t\r\n]*:')
_TOKEN: Final = re.compile(
    rb'[ \t\r\n]*(?:(?P<string>"(?:[^"\\\x00-\x1f]|\\.)*")|(?P<mark>[{}\[\]:,])'
    rb"|(?P<word>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))"
)


class Document(NamedTuple):
    """What was read: `root` an object or array (None when there was nothing to read), `complete` without a failure."""

    root: Any
    complete: bool


def parse(body: bytes) -> Document:
    """Read `body`; never raises."""
    if body.lstrip(b" \t\r\n")[:1] not in {b"{", b"["}:
        return Document(None, complete=False)
    try:
        root = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return _parse_leniently(body)
    # A decoder keeps the last of two equal keys; an application may keep the first.
    if b":" in body and len(_KEY.findall(body)) != _count_keys(root):
        return _parse_leniently(body)
    return Document(root, complete=True)


def _count_keys(root: Any) -> int:
    count, stack = 0, [root]
    while stack:
        node = stack.pop()
        if type(node) is dict:
            count += len(node)
            stack.extend(value for value in node.values() if type(value) in {dict, list})
        else:
            stack.extend(value for value in node if type(value) in {dict, list})
    return count


class _Reader:
    """The lenient reader's state: the open containers, and the key that waits for its value."""

    def __init__(self) -> None:
        self.root: Any = None
        self.open: list[Any] = []
        self.keys: list[str | None] = []

    def take(self, value: Any) -> bool:
        """Put a value, or an object's key, where it belongs; False when the reading must stop."""
        if not self.open:
            return False
        container = self.open[-1]
        if type(container) is list:
            container.append(value)
            return True
        key = self.keys[-1]
        if key is None:
            if type(value) is not str or value in container:
                return False
            self.keys[-1] = value
            container[value] = None
            return True
        container[key] = value
        self.keys[-1] = None
        return True

    def enter(self, container: Any) -> bool:
        """Open an object or array."""
        if len(self.open) >= DEEPEST or (self.root is not None and not self.open):
            return False
        if self.root is None:
            self.root = container
        elif (type(self.open[-1]) is dict and self.keys[-1] is None) or not self.take(container):
            return False
        self.open.append(container)
        self.keys.append(None)
        return True

    def leave(self, kind: type) -> bool:
        """Close the innermost container, which must be of `kind`."""
        if not self.open or type(self.open[-1]) is not kind:
            return False
        self.open.pop()
        self.keys.pop()
        return True


def _parse_leniently(body: bytes) -> Document:
    reader = _Reader()
    position, end = 0, len(body.rstrip(b" \t\r\n"))
    while position < end:
        token = _TOKEN.match(body, position)
        if token is None or not _read(reader, token):
            return Document(reader.root, complete=False)
        position = token.end()
    return Document(reader.root, complete=not reader.open)


def _read(reader: _Reader, token: re.Match[bytes]) -> bool:
    string, mark, word = token.groups()
    if mark == b"{":
        return reader.enter({})
    if mark == b"[":
        return reader.enter([])
    if mark == b"}":
        return reader.leave(dict)
    if mark == b"]":
        return reader.leave(list)
    if mark:
        return bool(reader.open)
    try:
        return reader.take(msgspec.json.decode(string if string is not None else word))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def scalar(value: Any) -> bytes:
    """A leaf as the bytes that statements see: strings unescaped, in UTF-8; the rest as JSON writes it."""
    if type(value) is str:
        return value.encode("utf-8", "surrogatepass")
    return msgspec.json.encode(value)


def elements(root: Any, *, keys: bool, values: bool) -> list[bytes]:
    """Keys and (or) leaves of a document or of a part of it."""
    found: list[bytes] = []
    stack = [root]
    while stack:
        node = stack.pop()
        kind = type(node)
        if kind is dict:
            if keys:
                found.extend(key.encode("utf-8", "surrogatepass") for key in node)
            stack.extend(node.values())
        elif kind is list:
            stack.extend(node)
        elif values:
            found.append(scalar(node))
    return found


def names_and_values(root: Any) -> tuple[list[bytes], list[bytes]]:
    """Every key and every leaf of a document."""
    names: list[str] = []
    texts: list[str] = []
    others: list[bytes] = []
    stack = [root]
    pop = stack.pop
    while stack:
        node = pop()
        kind = type(node)
        if kind is str:
            texts.append(node)
        elif kind is dict:
            names += node
            stack += node.values()
        elif kind is list:
            stack += node
        else:
            others.append(scalar(node))
    encoded = [text.encode("utf-8", "surrogatepass") for text in dict.fromkeys(texts)]
    return [name.encode("utf-8", "surrogatepass") for name in dict.fromkeys(names)], encoded + others


def at_pointers(root: Any, pointers: Sequence[tuple[str, ...]]) -> list[Any]:
    """The parts of a document that JSON Pointers (RFC 6901, already split and unescaped) lead to."""
    found = []
    for pointer in pointers:
        node, reached = root, True
        for step in pointer:
            if type(node) is dict and step in node:
                node = node[step]
            elif type(node) is list and step.isascii() and step.isdigit() and len(step) < 7 and int(step) < len(node):
                node = node[int(step)]
            else:
                reached = False
                break
        if reached:
            found.append(node)
    return found


def split_pointer(pointer: str) -> tuple[str, ...]:
    """The steps of a JSON Pointer. Raises ValueError when it isn't one (RFC 6901)."""
    if not pointer.startswith("/"):
        raise ValueError("a JSON Pointer begins with '/'")
    steps = pointer[1:].split("/")
    if any(re.search(r"~(?![01])", step) for step in steps):
        raise ValueError("'~' stands before 0 or 1 only")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)
