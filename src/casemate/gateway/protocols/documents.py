"""Structures, lists and maps of self-describing formats (JSON, CBOR), read and written by their shapes.

A reader turns a decoded document into request members and refuses what has another type or is not in the model; a
writer does the reverse for answers. Both are compiled once a shape. How scalars look is the format's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from casemate.gateway.models import Member, Shape
from casemate.gateway.protocols.errors import MalformedRequest

Reader = Callable[[Any], Any]
Writer = Callable[[Any], Any]

_INT_RANGE: Final = {"integer": (-(1 << 31), (1 << 31) - 1), "long": (-(1 << 63), (1 << 63) - 1)}


class UnknownMember(Exception):
    """A request names a member that its shape does not have."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def read_any(document: Any) -> Any:
    return document


def read_string(document: Any) -> str:
    if type(document) is not str:
        raise MalformedRequest(f"{_token(document)} can not be converted to a String")
    return document


def read_boolean(document: Any) -> bool:
    if type(document) is not bool:
        raise MalformedRequest(f"{_token(document)} can not be converted to a Boolean")
    return document


def integer_reader(member: Member) -> Reader:
    """A reader of whole numbers; a fraction of zero (`1.0`) is taken, anything else after the point is not."""
    least, most = _INT_RANGE[member.shape.type]
    noun = "an Integer" if member.shape.type == "integer" else "a Long"

    def read_integer(document: Any) -> int:
        value = document
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int or not least <= value <= most:
            raise MalformedRequest(f"{_token(document)} can not be converted to {noun}")
        return value

    return read_integer


def _token(document: Any) -> str:
    """What a document is, in the words of AWS's own message."""
    match document:
        case bool():
            return f"{str(document).upper()}_VALUE"
        case int() | float():
            return "NUMBER_VALUE"
        case str():
            return "STRING_VALUE"
        case list():
            return "START_ARRAY"
        case dict():
            return "START_OBJECT"
        case _:
            return "VALUE"


class DocumentReader:
    """Compiles readers of one service's shapes; `scalars` makes a format's readers of blob, timestamp and numbers."""

    def __init__(self, scalars: Mapping[str, Callable[[Member], Reader]]) -> None:
        self._scalars = scalars
        self._structures: dict[str, Reader] = {}

    def structure(self, shape: Shape, without: frozenset[str] = frozenset()) -> Reader:
        """A reader of a structure; `without` are members that travel elsewhere in the message."""
        if without:
            return self._structure(shape, without)
        name = shape.name
        if name not in self._structures:
            self._structures[name] = lambda document: self._structures[name](document)  # noqa: PLW0108 - looked up late: a shape may contain itself
            self._structures[name] = self._structure(shape, without)
        return self._structures[name]

    def member(self, member: Member) -> Reader:
        """A reader of one member's value."""
        shape = member.shape
        match shape.type:
            case "structure":
                return read_any if shape.trait("document") else self.structure(shape)
            case "list":
                return self._list(self.member(shape.element))
            case "map":
                return self._map(self.member(shape.value))
            case "string":
                return read_string
            case "boolean":
                return read_boolean
            case kind:
                return self._scalars[kind](member)

    def _structure(self, shape: Shape, without: frozenset[str]) -> Reader:
        members: dict[str, tuple[str, Reader]] = {
            member.location_name or name: (name, self.member(member))
            for name, member in shape.members.items()
            if name not in without
        }
        get = members.get

        def read_structure(document: Any) -> dict[str, Any]:
            if type(document) is not dict:
                raise MalformedRequest("Start of structure or map was expected.")
            value = {}
            for key, item in document.items():
                known = get(key)
                if known is None:
                    raise UnknownMember(key if type(key) is str else repr(key))
                if item is not None:  # null is absence
                    value[known[0]] = known[1](item)
            return value

        return read_structure

    @staticmethod
    def _list(read_element: Reader) -> Reader:
        def read_list(document: Any) -> list[Any]:
            if type(document) is not list:
                raise MalformedRequest("Expected list or null")
            return [None if item is None else read_element(item) for item in document]

        return read_list

    @staticmethod
    def _map(read_value: Reader) -> Reader:
        def read_map(document: Any) -> dict[str, Any]:
            if type(document) is not dict:
                raise MalformedRequest("Expected map or null")
            value = {}
            for key, item in document.items():
                if type(key) is not str:
                    raise MalformedRequest("Expected map keys to be strings")
                value[key] = None if item is None else read_value(item)
            return value

        return read_map


class DocumentWriter:
    """Compiles writers of one service's shapes.

    A writer is None where the encoder takes the value as it is: most answers need no pass in Python at all.
    """

    def __init__(self, scalars: Mapping[str, Callable[[Member], Writer | None]], *, rename: bool = True) -> None:
        self._scalars = scalars
        self._rename = rename
        self._structures: dict[str, Writer | None] = {}
        self._open: set[str] = set()

    def structure(self, shape: Shape, without: frozenset[str] = frozenset()) -> Writer | None:
        if without:
            return self._structure(shape, without)
        name = shape.name
        if name in self._open:  # a shape that contains itself
            return lambda value: value if (writer := self._structures[name]) is None else writer(value)
        if name not in self._structures:
            self._open.add(name)
            self._structures[name] = self._structure(shape, without)
            self._open.discard(name)
        return self._structures[name]

    def member(self, member: Member) -> Writer | None:
        shape = member.shape
        match shape.type:
            case "structure":
                return None if shape.trait("document") else self.structure(shape)
            case "list":
                write_element = self.member(shape.element)
                if write_element is None:
                    return None
                return lambda value: [None if item is None else write_element(item) for item in value]
            case "map":
                write_value = self.member(shape.value)
                if write_value is None:
                    return None
                return lambda value: {k: None if v is None else write_value(v) for k, v in value.items()}
            case "string" | "boolean" | "integer" | "long":
                return None
            case kind:
                return self._scalars[kind](member)

    def _structure(self, shape: Shape, without: frozenset[str]) -> Writer | None:
        members: dict[str, tuple[str, Writer | None]] = {
            name: ((member.location_name or name) if self._rename else name, self.member(member))
            for name, member in shape.members.items()
            if name not in without
        }
        if all(name == known[0] and known[1] is None for name, known in members.items()) and not without:
            return None

        written = [(name, write) for name, (_, write) in members.items() if write is not None]
        renamed = any(name != known[0] for name, known in members.items())
        names = members.keys()

        def write_structure(value: Mapping[str, Any]) -> dict[str, Any]:
            document = dict(value) if value.keys() <= names else {name: value[name] for name in value if name in names}
            for name, write in written:
                if name in document:
                    document[name] = write(document[name])
            return {members[name][0]: item for name, item in document.items()} if renamed else document

        return write_structure
