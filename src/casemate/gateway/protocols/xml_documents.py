"""XML requests: parsed into trees, and trees read by their shapes.

The parser is the standard library's expat, with what makes XML dangerous refused before it takes effect: document type
declarations (and with them entities), processing instructions, documents too deep or of too many elements. Whatever
encoding a document claims, it is read as UTF-8.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NoReturn
from xml.parsers import expat

from casemate.gateway.models import Member, Shape
from casemate.gateway.protocols.documents import UnknownMember
from casemate.gateway.protocols.errors import MalformedRequest
from casemate.gateway.protocols.text import text_reader

MAX_DEPTH: Final = 64
_MOST_ELEMENTS: Final = 100_000

Reader = Callable[["Element"], Any]


class Element:
    """One element: its name without prefix, its attributes, its child elements and the text directly in it."""

    __slots__ = ("attributes", "children", "name", "texts")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Element] = []
        self.texts: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self.texts)


def decode_xml(body: bytes) -> Element:
    """The root element of a document; MalformedRequest."""
    tree = _TreeBuilder()
    try:
        tree.parser.Parse(body, True)
    except expat.ExpatError as error:
        raise MalformedRequest(
            "The XML you provided was not well-formed or did not validate against our published schema"
        ) from error
    assert tree.root is not None
    return tree.root


class _TreeBuilder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._elements = 0
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._refuse
        parser.ProcessingInstructionHandler = self._refuse

    @staticmethod
    def _refuse(*_: Any) -> NoReturn:
        raise MalformedRequest("A request has no document type declaration and no processing instructions.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._open) == MAX_DEPTH or self._elements > _MOST_ELEMENTS:
            raise MalformedRequest("The XML document is nested too deep or too large.")
        element = Element(name.rpartition(":")[2], attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].texts.append(text)


class XmlReader:
    """Compiles readers of one service's shapes."""

    def __init__(self) -> None:
        self._structures: dict[tuple[str, frozenset[str]], Reader] = {}

    def structure(self, shape: Shape, without: frozenset[str] = frozenset()) -> Reader:
        """A reader of a structure's element; `without` are members that travel elsewhere."""
        key = (shape.name, without)
        if key not in self._structures:
            self._structures[key] = lambda element: self._structures[key](element)  # noqa: PLW0108 - looked up late: a shape may contain itself
            self._structures[key] = self._structure(shape, without)
        return self._structures[key]

    def member(self, member: Member) -> Reader:
        match member.shape.type:
            case "structure":
                return self.structure(member.shape)
            case "list":
                return self._wrapped_list(member)
            case "map":
                return self._wrapped_map(member)
            case _:
                return self._scalar(member)

    def _structure(self, shape: Shape, without: frozenset[str]) -> Reader:
        members: dict[str, tuple[str, Reader, bool]] = {}
        attributes: dict[str, tuple[str, Callable[[str], Any]]] = {}
        for name, member in shape.members.items():
            wire = member.location_name or name
            if name in without:
                continue
            read: Reader
            if member.trait("xmlAttribute"):
                attributes[wire.rpartition(":")[2]] = (name, text_reader(member, "iso8601"))
            elif member.trait("flattened") and member.shape.type in {"list", "map"}:
                members[wire] = (name, self._flat(member), True)
            else:
                # To botocore a name that the structure has for itself counts here too; to Smithy only as a root.
                read = self.member(member)
                members[wire] = members[member.own_location_name or name] = (name, read, False)

        def read_structure(element: Element) -> dict[str, Any]:
            _refuse_text(element)
            value = _read_attributes(element, attributes)
            flat: dict[str, list[Element]] = {}
            for child in element.children:
                known = members.get(child.name)
                if known is None:
                    raise UnknownMember(child.name)
                name, read, flattened = known
                if flattened:
                    flat.setdefault(child.name, []).append(child)
                elif name in value:
                    raise MalformedRequest(f"The element {child.name[:64]} stands twice where it may stand once.")
                else:
                    value[name] = read(child)
            for wire, children in flat.items():
                name, read, _ = members[wire]
                value[name] = read(_gathered(children))
            return value

        return read_structure

    def _scalar(self, member: Member) -> Reader:
        read = text_reader(member, "iso8601")

        def read_scalar(element: Element) -> Any:
            if element.children:
                raise MalformedRequest(f"The element {element.name[:64]} holds elements where it may hold text.")
            return read(element.text if read is str else element.text.strip())

        return read_scalar

    def _wrapped_list(self, member: Member) -> Reader:
        each = member.shape.element
        read_each, wire = self.member(each), each.location_name or "member"

        def read_list(element: Element) -> list[Any]:
            _refuse_text(element)
            for child in element.children:
                if child.name != wire:
                    raise UnknownMember(child.name)
            return [read_each(child) for child in element.children]

        return read_list

    def _wrapped_map(self, member: Member) -> Reader:
        read_entries = self._entries(member)

        def read_map(element: Element) -> dict[str, Any]:
            _refuse_text(element)
            for child in element.children:
                if child.name != "entry":
                    raise UnknownMember(child.name)
            return read_entries(element)

        return read_map

    def _flat(self, member: Member) -> Reader:
        """A reader of a gathering of like elements that stand directly in the structure."""
        if member.shape.type == "map":
            return self._entries(member)
        read_each = self.member(member.shape.element)
        return lambda gathered: [read_each(child) for child in gathered.children]

    def _entries(self, member: Member) -> Callable[[Element], dict[str, Any]]:
        key, value = member.shape.key, member.shape.value
        key_name, value_name = key.location_name or "key", value.location_name or "value"
        read_key, read_value = self.member(key), self.member(value)

        def read_entries(element: Element) -> dict[str, Any]:
            entries: dict[str, Any] = {}
            for entry in element.children:
                parts = {child.name: child for child in entry.children}
                if parts.keys() != {key_name, value_name} or len(entry.children) != 2:
                    raise MalformedRequest("An entry of a map has one key and one value.")
                name = read_key(parts[key_name])
                if name in entries:
                    raise MalformedRequest("A map says a key twice.")
                entries[name] = read_value(parts[value_name])
            return entries

        return read_entries


def _gathered(children: list[Element]) -> Element:
    gathered = Element("", {})
    gathered.children = children
    return gathered


def _refuse_text(element: Element) -> None:
    if not all(map(str.isspace, element.texts)):
        raise MalformedRequest(f"The element {element.name[:64]} holds text where it may hold elements.")


def _read_attributes(element: Element, known: dict[str, tuple[str, Callable[[str], Any]]]) -> dict[str, Any]:
    value = {}
    for attribute, text in element.attributes.items():
        if attribute.startswith(("xmlns", "xsi:schemaLocation", "xml:")):
            continue
        member = known.get(attribute.rpartition(":")[2])
        if member is None:
            raise UnknownMember(attribute)
        value[member[0]] = member[1](text)
    return value
