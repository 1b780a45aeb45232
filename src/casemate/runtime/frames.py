"""How units travel from a parser's process to ours: length-prefixed MessagePack, checked as it arrives.

The process at the other end may have been taken over by what it read, so nothing that it sends is trusted: lengths are
bounded, and a value that is not exactly of a unit's shape is refused.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final

import msgspec

from casemate.contracts.sensitive import (
    MEBIBYTE,
    Leaf,
    Leaves,
    Limits,
    PageText,
    PathElement,
    Prose,
    RecordBatch,
    TableBatch,
    Unit,
)
from casemate.engines.sensitive.formats import Packed

LARGEST_FRAME: Final = 64 * MEBIBYTE
PREFIX: Final = 4


class FrameRefused(Exception):
    """What arrived is no frame of ours."""


class Failed(msgspec.Struct, frozen=True, array_like=True, tag=0):
    """The parser could not go on: a reason of Macie's, and a sentence."""

    reason: str
    detail: str


class Done(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """The file is read."""


class _Table(msgspec.Struct, frozen=True, array_like=True, tag=2):
    columns: tuple[str | None, ...]
    values: list[list[str | None]]
    first_row: int
    sheet: str | None


class _Records(msgspec.Struct, frozen=True, array_like=True, tag=3):
    paths: tuple[tuple[PathElement, ...], ...]
    values: list[list[str | None]]
    first_record: int


class _Leaves(msgspec.Struct, frozen=True, array_like=True, tag=4):
    leaves: list[tuple[int, tuple[PathElement, ...], str]]


class _Page(msgspec.Struct, frozen=True, array_like=True, tag=5):
    number: int
    text: str


class _Prose(msgspec.Struct, frozen=True, array_like=True, tag=6):
    text: str


class _Packed(msgspec.Struct, frozen=True, array_like=True, tag=7):
    name: str
    data: bytes
    last: bool


_Frame = Failed | Done | _Table | _Records | _Leaves | _Page | _Prose | _Packed
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(_Frame)


def frame_of(unit: Unit | Packed | Failed | Done) -> bytes:
    """A frame with its length before it. Raises ValueError where it is too large."""
    body = _ENCODER.encode(_sent(unit))
    if len(body) > LARGEST_FRAME:
        raise ValueError(f"a unit of {len(body)} bytes is larger than a frame may be")
    return len(body).to_bytes(PREFIX, "big") + body


def unit_of(body: bytes | bytearray | memoryview) -> Unit | Packed | Failed | Done:
    """What a frame says. Raises FrameRefused."""
    try:
        return _received(_DECODER.decode(body))
    except (msgspec.MsgspecError, ValueError) as error:
        raise FrameRefused(str(error)) from error


def _sent(unit: Unit | Packed | Failed | Done) -> Any:
    match unit:
        case TableBatch():
            return _Table(unit.columns, list(map(list, unit.values)), unit.first_row, unit.sheet)
        case RecordBatch():
            return _Records(unit.paths, list(map(list, unit.values)), unit.first_record)
        case Leaves():
            return _Leaves([(leaf.record, leaf.path, leaf.value) for leaf in unit.leaves])
        case PageText():
            return _Page(unit.number, unit.text)
        case Prose():
            return _Prose(unit.text)
        case Packed():
            return _Packed(unit.name, unit.data, unit.last)
        case Failed() | Done():
            return unit
        case _:
            raise ValueError(f"a parser sends no {type(unit).__name__}")


def _received(frame: _Frame) -> Unit | Packed | Failed | Done:
    match frame:
        case _Table(columns, values, first_row, sheet):
            if len(columns) != len(values) or len({len(column) for column in values}) > 1:
                raise FrameRefused("the columns of a table do not fit together")
            return TableBatch(columns, values, first_row, sheet)
        case _Records(paths, values, first_record):
            if len(paths) != len(values) or len({len(column) for column in values}) > 1:
                raise FrameRefused("the columns of records do not fit together")
            return RecordBatch(paths, values, first_record)
        case _Leaves(leaves):
            return Leaves([Leaf(record, path, value) for record, path, value in leaves])
        case _Page(number, text):
            return PageText(number, text)
        case _Prose(text):
            return Prose(text)
        case _Packed(name, data, last):
            return Packed(name, data, last)
        case _:
            return frame


def limits_text(limits: Limits) -> str:
    """Limits as an argument of a command."""
    return msgspec.json.encode(dataclasses.asdict(limits)).decode()


def limits_of(text: str) -> Limits:
    """Limits from an argument. Raises msgspec.MsgspecError."""
    return msgspec.json.decode(text, type=Limits)
