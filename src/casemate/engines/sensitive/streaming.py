"""Large values written piece by piece: lists whose items are made as they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import msgspec

_AT_ONCE: Final = 4096
"""Items that are held as objects at one time."""


class Many:
    """Stands for a list in a tree of dicts and lists; never empty."""

    def __init__(self, kept: Sequence[Any], item: Callable[[Any], Any]) -> None:
        self._kept = kept
        self._item = item

    def chunks(self) -> Iterator[list[Any]]:
        for begin in range(0, len(self._kept), _AT_ONCE):
            yield [self._item(each) for each in self._kept[begin : begin + _AT_ONCE]]


def pieces_of_repr(value: Any) -> Iterator[str]:
    """What `repr` says of a tree in which each `Many` is the list that it stands for."""
    if isinstance(value, Many):
        yield "["
        for number, chunk in enumerate(value.chunks()):
            yield (", " if number else "") + repr(chunk)[1:-1]
        yield "]"
    elif isinstance(value, dict):
        yield "{"
        for number, (name, each) in enumerate(value.items()):
            yield (", " if number else "") + repr(name) + ": "
            yield from pieces_of_repr(each)
        yield "}"
    elif isinstance(value, list | tuple):
        opened, closed = "[]" if isinstance(value, list) else "()"
        yield opened
        for number, each in enumerate(value):
            yield ", " if number else ""
            yield from pieces_of_repr(each)
        yield closed
    else:
        yield repr(value)


def pieces_of_json(value: Any) -> Iterator[bytes]:
    """The JSON of a tree in which each `Many` is the list that it stands for, in UTF-8."""
    if isinstance(value, Many):
        yield b"["
        for number, chunk in enumerate(value.chunks()):
            yield (b"," if number else b"") + encoded(chunk)[1:-1]
        yield b"]"
    elif isinstance(value, dict):
        yield b"{"
        for number, (name, each) in enumerate(value.items()):
            yield (b"," if number else b"") + encoded(name) + b":"
            yield from pieces_of_json(each)
        yield b"}"
    elif isinstance(value, list):
        yield b"["
        for number, each in enumerate(value):
            yield b"," if number else b""
            yield from pieces_of_json(each)
        yield b"]"
    else:
        yield encoded(value)


def encoded(value: Any) -> bytes:
    """A value as JSON; names of files and members may hold halves of surrogate pairs, which become U+FFFD."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_whole(value))


def _whole(value: Any) -> Any:
    """A value with U+FFFD for each half of a surrogate pair."""
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {_whole(name): _whole(each) for name, each in value.items()}
    return [_whole(each) for each in value] if isinstance(value, list) else value
