"""Form-encoded requests as trees, and trees read by shapes: what Query and EC2 requests are made of.

`Tags.member.1.Key=a` becomes `{"Tags": {"member": {"1": {"Key": "a"}}}}`; a reader of the shape turns that into
members (Smithy, "AWS query protocol" and "EC2 query protocol").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from casemate.gateway.models import Member, Shape
from casemate.gateway.protocols.documents import UnknownMember
from casemate.gateway.protocols.errors import MalformedRequest
from casemate.gateway.protocols.text import TextReader, text_reader

Node = str | dict[str, Any]
Reader = Callable[[Node], Any]

# An AWS request has some hundred parameters at most; a tree has no more levels than the deepest shape.
_MOST_PARAMETERS: Final = 20_000
_DEEPEST: Final = 64
_INDEX: Final = re.compile(r"\d{1,9}", re.ASCII)


def decode_form(encoded: bytes) -> list[tuple[str, str]]:
    """The pairs of an application/x-www-form-urlencoded text, in order; MalformedRequest."""
    if encoded.count(b"&") >= _MOST_PARAMETERS:
        raise MalformedRequest(f"A request has at most {_MOST_PARAMETERS} parameters.")
    pairs = []
    try:
        for pair in encoded.split(b"&"):
            if pair:
                name, _, value = pair.partition(b"=")
                pairs.append((_decode(name), _decode(value)))
    except UnicodeDecodeError as error:
        raise MalformedRequest("The query string is not UTF-8.") from error
    return pairs


def _decode(text: bytes) -> str:
    if b"+" in text:
        text = text.replace(b"+", b" ")
    return (unquote_to_bytes(text) if b"%" in text else text).decode()


def grow(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """The tree of dotted names; MalformedRequest where a name is given twice or is both a value and a branch."""
    root: dict[str, Any] = {}
    for name, value in pairs:
        steps = name.split(".") if "." in name else [name]
        if len(steps) > _DEEPEST:
            raise MalformedRequest("A parameter's name is nested too deep.")
        node = root
        for step in steps[:-1]:
            node = node.setdefault(step, {})
            if type(node) is not dict:
                raise MalformedRequest(f"The parameter {name[:256]} contradicts another one.")
        if steps[-1] in node:
            raise MalformedRequest(f"The parameter {name[:256]} is given more than once.")
        node[steps[-1]] = value
    return root


class FormReader:
    """Compiles readers of one service's shapes; `ec2` selects that dialect."""

    def __init__(self, *, ec2: bool = False) -> None:
        self._ec2 = ec2
        self._structures: dict[str, Reader] = {}

    def structure(self, shape: Shape) -> Reader:
        name = shape.name
        if name not in self._structures:
            self._structures[name] = lambda node: self._structures[name](node)  # noqa: PLW0108 - looked up late: a shape may contain itself
            self._structures[name] = self._structure(shape)
        return self._structures[name]

    def _names(self, member: Member) -> set[str]:
        """What the parameter may be called: where the specification and botocore differ, either."""
        name = member.location_name or member.name
        if self._ec2:
            if query_name := member.trait("queryName"):
                return {query_name}
            capital = name[0].upper() + name[1:]
            return {capital} if member.location_name else {capital, name}
        if member.shape.type == "list" and member.trait("flattened"):
            return {name, member.shape.element.location_name or name}
        return {name}

    def _structure(self, shape: Shape) -> Reader:
        members: dict[str, tuple[str, Reader]] = {}
        for name, member in shape.members.items():
            read = self.member(member)
            for wire in self._names(member):
                members[wire] = (name, read)
        get = members.get

        def read_structure(node: Node) -> dict[str, Any]:
            if type(node) is not dict:
                if node == "":
                    return {}
                raise MalformedRequest("A structure is given as a value.")
            value = {}
            for key, item in node.items():
                known = get(key)
                if known is None:
                    raise UnknownMember(key)
                if known[0] in value:
                    raise MalformedRequest(f"The parameter {key[:256]} is given more than once.")
                value[known[0]] = known[1](item)
            return value

        return read_structure

    def member(self, member: Member) -> Reader:
        shape = member.shape
        match shape.type:
            case "structure":
                return self.structure(shape)
            case "list":
                return self._list(member)
            case "map":
                return self._map(member)
            case _:
                return _scalar(text_reader(member, "iso8601"))

    def _list(self, member: Member) -> Reader:
        element = member.shape.element
        read_element = self.member(element)
        wrapper = None if self._ec2 or member.trait("flattened") else element.location_name or "member"

        def read_list(node: Node) -> list[Any]:
            return [read_element(item) for item in _indexed(node, wrapper)]

        return read_list

    def _map(self, member: Member) -> Reader:
        key, value = member.shape.key, member.shape.value
        key_name, value_name = key.location_name or "key", value.location_name or "value"
        read_key, read_value = self.member(key), self.member(value)
        wrapper = None if member.trait("flattened") else "entry"

        def read_map(node: Node) -> dict[str, Any]:
            entries: dict[str, Any] = {}
            for entry in _indexed(node, wrapper):
                if type(entry) is not dict or key_name not in entry or not entry.keys() <= {key_name, value_name}:
                    raise MalformedRequest("An entry of a map needs a key and a value.")
                name = read_key(entry[key_name])
                if name in entries:
                    raise MalformedRequest("A map has a key twice.")
                entries[name] = read_value(entry[value_name]) if value_name in entry else None
            return entries

        return read_map


def _indexed(node: Node, wrapper: str | None) -> list[Node]:
    """The numbered branches in the order of their numbers; an empty value is an empty list."""
    if node == "":
        return []
    if wrapper is not None:
        if type(node) is not dict or node.keys() != {wrapper}:
            raise MalformedRequest(f"The elements of a list are named {wrapper}.1, {wrapper}.2 and so on.")
        node = node[wrapper]
    if type(node) is not dict or not all(map(_INDEX.fullmatch, node)):
        raise MalformedRequest("The elements of a list are numbered.")
    numbered = {int(index): item for index, item in node.items()}
    if len(numbered) != len(node):
        raise MalformedRequest("A list has a number twice.")
    return [numbered[index] for index in sorted(numbered)]


def _scalar(read: TextReader) -> Reader:
    def read_scalar(node: Node) -> Any:
        if type(node) is not str:
            raise MalformedRequest("A value is given as a structure.")
        return read(node)

    return read_scalar


def without(tree: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """The tree without parameters that are no members: the operation's name and what signs it."""
    return {name: node for name, node in tree.items() if name not in names and not name.startswith("X-Amz-")}
