"""JSON documents as leaves with their paths: any size, one window at a time.

A value that fits the window is decoded at once by the C decoder; only the containers that are larger are walked step by
step. Nothing of an object is lost where a key stands twice.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from casemate.contracts.sensitive import MEBIBYTE, Leaf, Leaves, Members, PathElement
from casemate.engines.sensitive.formats.problems import JSON_TOO_DEEP, MALFORMED, Unreadable

WINDOW: Final = MEBIBYTE
"""Characters of a value that are decoded at once."""

BATCH: Final = 2_000
"""Leaves that are passed on at once."""

LONGEST_SCALAR: Final = 16 * MEBIBYTE
"""Characters of one string: a longer one is refused, since it must be kept whole."""

LONGEST_WORD: Final = 64
"""Characters of a literal or an escape, and more than either has."""

_SPACE: Final = re.compile(r"[ \t\n\r]*")
Path = tuple[PathElement, ...]


class MalformedJson(Unreadable):
    """Text that is no JSON, from `line` (1-based) on."""

    def __init__(self, detail: str) -> None:
        super().__init__(MALFORMED, detail)


def _object(pairs: list[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    return tuple(pairs)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=str, parse_int=str, parse_constant=str, strict=False
)


class JsonDocument:
    """A document that is read a window at a time; keeps the way down to where reading stands.

    `chunks` are its bytes in `encoding`; `depth` bounds how deep it may be nested.
    """

    def __init__(self, chunks: Iterator[bytes], encoding: str, depth: int) -> None:
        self._chunks = chunks
        self._decode = codecs.getincrementaldecoder(encoding)("replace").decode
        self._depth = depth
        self._text = ""
        self._at = 0
        self._over = False
        self._lines = 0

    def leaves(self, members: Members) -> Iterator[Leaves]:
        """The strings and numbers of the document, in its order.

        Raises MalformedJson where it is no JSON (`rest` then has what was not read), and Unreadable where it is nested
        too deep; what was read before has been passed on.
        """
        while self._skip_space():
            for batch in self._value():
                if batch:
                    yield Leaves(batch, members)

    def rest(self) -> Iterator[bytes]:
        """What was not read, as UTF-8 text; blank before it what was read, so that lines and columns hold."""
        read = self._text[: self._at]
        lines = self._lines + read.count("\n")
        while lines > 0:
            yield b"\n" * min(lines, MEBIBYTE)
            lines -= MEBIBYTE
        column = len(read) - 1 - read.rfind("\n")
        yield (" " * min(column, MEBIBYTE) + self._text[self._at :]).encode("utf-8", "replace")
        while not self._over:
            data = next(self._chunks, None)
            self._over = data is None
            yield self._decode(data or b"", data is None).encode("utf-8", "replace")

    def _fill(self, size: int) -> bool:
        """Reads on until `size` characters lie ahead; False where the text ends before."""
        if len(self._text) - self._at >= size:
            return True
        self._lines += self._text.count("\n", 0, self._at)
        parts = [self._text[self._at :]]
        length = len(parts[0])
        while length < size and not self._over:
            data = next(self._chunks, None)
            self._over = data is None
            part = self._decode(data or b"", data is None)
            parts.append(part)
            length += len(part)
        self._text, self._at = "".join(parts), 0
        return length >= size

    def _skip_space(self) -> bool:
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return True
            if not self._fill(1):
                return False

    def _peek(self) -> str:
        if not self._skip_space():
            raise MalformedJson("the JSON document ends before its last value does")
        return self._text[self._at]

    def _value(self) -> Iterator[list[Leaf]]:
        """The leaves of one value: decoded where it fits the window, walked where it does not."""
        found: list[Leaf] = []
        steps: list[Iterator[Path]] = []
        step: Path | None = ()
        while step is not None:
            value = self._decoded()
            if value is not _TOO_LARGE:
                _flatten(value, step, self._depth, found)
                if len(found) >= BATCH:
                    yield found
                    found = []
            elif len(step) >= self._depth:
                raise _too_deep(self._depth)
            else:
                steps.append(self._steps(step))
            step = None
            while steps and step is None:
                step = next(steps[-1], None)
                if step is None:
                    steps.pop()
        yield found

    def _decoded(self) -> Any:
        opening = self._peek()
        whole = self._fill(WINDOW)
        if opening not in "[{":
            return self._scalar()
        try:
            value, end = _DECODER.raw_decode(self._text, self._at)
        except (ValueError, RecursionError) as error:
            return self._large_or_wrong(error, whole=whole)
        self._at = end
        return value

    def _large_or_wrong(self, error: Exception, *, whole: bool) -> object:
        """What does not decode may go on behind the window, or be nested too deep for one call: then it is walked."""
        ahead = len(self._text) - self._at
        at = getattr(error, "pos", None)
        cut_off = whole and (at is None or at >= self._at + ahead - LONGEST_WORD or _open_string(error))
        if cut_off or isinstance(error, RecursionError):
            return _TOO_LARGE
        raise MalformedJson(f"no JSON: {error}") from error

    def _scalar(self) -> Any:
        """A string, number or word: read on while it may go on behind what was read."""
        size = WINDOW
        while True:
            more = self._fill(size) and size < LONGEST_SCALAR
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except ValueError as error:
                cut_off = getattr(error, "pos", 0) > len(self._text) - LONGEST_WORD
                if more and (cut_off or _open_string(error)):
                    size = 4 * size + LONGEST_WORD
                    continue
                raise MalformedJson(f"no JSON: {error}") from error
            if more and end == len(self._text) and self._text[end - 1] != '"':
                size = 4 * size + LONGEST_WORD
                continue
            self._at = end
            return value

    def _steps(self, path: Path) -> Iterator[Path]:
        """The paths of a container's values; each is to be read before the next is asked for."""
        array = self._text[self._at] == "["
        closing = "]" if array else "}"
        self._at += 1
        index = 0
        if self._peek() == closing:
            self._at += 1
            return
        while True:
            key: PathElement = index if array else self._key()
            yield (*path, key)
            index += 1
            after = self._peek()
            self._at += 1
            if after == closing:
                return
            if after != ",":
                raise MalformedJson(f"no JSON: {after!r} where a comma or {closing!r} belongs")

    def _key(self) -> str:
        if self._peek() != '"':
            raise MalformedJson("no JSON: the name of a member is missing")
        key = self._scalar()
        if self._peek() != ":":
            raise MalformedJson("no JSON: no colon behind the name of a member")
        self._at += 1
        return str(key)


_TOO_LARGE: Final = object()


def _open_string(error: Exception) -> bool:
    """The decoder tells an unfinished string by where it begins."""
    return isinstance(error, json.JSONDecodeError) and error.msg.startswith("Unterminated string")


def _too_deep(depth: int) -> Unreadable:
    return Unreadable(JSON_TOO_DEEP, f"the document is nested deeper than {depth} levels")


def _flatten(value: Any, path: Path, depth: int, found: list[Leaf]) -> None:
    """Adds the leaves of a decoded value. Objects are tuples of pairs here, arrays lists."""
    kind = type(value)
    if kind is str:
        if value:
            found.append(Leaf(0, path, value))
        return
    if kind is not tuple and kind is not list:
        return
    if len(path) >= depth:
        raise _too_deep(depth)
    for key, item in enumerate(value) if kind is list else value:
        if type(item) is str:
            if item:
                found.append(Leaf(0, (*path, key), item))
        elif item is not None:
            _flatten(item, (*path, key), depth, found)
