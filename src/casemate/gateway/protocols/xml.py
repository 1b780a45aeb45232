"""XML written by shapes: answers of Query, EC2 and REST-XML services (Smithy, "XML bindings")."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from casemate.gateway.models import Member, Shape
from casemate.gateway.protocols.text import TextWriter, text_writer

Append = Callable[[str], Any]
Writer = Callable[[Any, Append], None]

PROLOGUE: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
# What XML 1.0 has no way to say at all; a carriage return would be read as a line feed if it stood bare.
_SPECIAL: Final = re.compile(r"[&<>\r\x85\u2028]")
_REFERENCES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;", "\x85": "&#x85;", "\u2028": "&#x2028;"}
_NOT_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def escape(text: str) -> str:
    """Text as the content of an element; what XML can't carry becomes U+FFFD."""
    if _NOT_XML.search(text):
        text = _NOT_XML.sub("\ufffd", text)
    return _SPECIAL.sub(lambda match: _REFERENCES[match[0]], text)


def escape_attribute(text: str) -> str:
    return escape(text).replace('"', "&quot;").replace("\n", "&#xA;").replace("\t", "&#x9;")


class XmlWriter:
    """Compiles writers of one service's shapes."""

    def __init__(self) -> None:
        self._contents: dict[tuple[str, frozenset[str]], Writer] = {}

    def content(self, shape: Shape, without: frozenset[str] = frozenset()) -> Writer:
        """A writer of what stands inside a structure's element."""
        key = (shape.name, without)
        if key not in self._contents:
            self._contents[key] = lambda value, append: self._contents[key](value, append)  # noqa: PLW0108 - looked up late: a shape may contain itself
            self._contents[key] = self._structure(shape, without)
        return self._contents[key]

    def _structure(self, shape: Shape, without: frozenset[str]) -> Writer:
        writers = [
            (name, self.element(member, member.location_name or name))
            for name, member in shape.members.items()
            if name not in without and not member.trait("xmlAttribute")
        ]

        def write_structure(value: Mapping[str, Any], append: Append) -> None:
            for name, write in writers:
                item = value.get(name)
                if item is not None:
                    write(item, append)

        return write_structure

    def element(self, member: Member, name: str, namespace: str = "") -> Writer:
        """A writer of a member in its own element or, flattened, in several; `namespace` is for a root's xmlns."""
        shape = member.shape
        match shape.type:
            case "structure":
                return self._structure_element(member, name, namespace)
            case "list":
                return self._list(member, name)
            case "map":
                return self._map(member, name)
            case _:
                return _scalar(text_writer(member, "iso8601"), name, namespace_of(member))

    def _structure_element(self, member: Member, name: str, namespace: str) -> Writer:
        return self.root(member.shape, name, namespace + namespace_of(member))

    def root(self, shape: Shape, name: str, namespace: str, without: frozenset[str] = frozenset()) -> Writer:
        """A writer of a structure in an element of this name, with its attributes."""
        write = self.content(shape, without)
        attributes = [
            (each, member.location_name or each)
            for each, member in shape.members.items()
            if member.trait("xmlAttribute")
        ]
        opening, closing = f"<{name}{namespace}", f"</{name}>"

        def write_element(value: Mapping[str, Any], append: Append) -> None:
            append(opening)
            for each, attribute in attributes:
                if value.get(each) is not None:
                    append(f' {attribute}="{escape_attribute(value[each])}"')
            append(">")
            write(value, append)
            append(closing)

        return write_element

    def _list(self, member: Member, name: str) -> Writer:
        element = member.shape.element
        if member.trait("flattened"):
            write_each = self.element(element, name)

            def write_flat(value: list[Any], append: Append) -> None:
                for item in value:
                    write_each(item, append)

            return write_flat
        write_item = self.element(element, element.location_name or "member")
        opening, closing = f"<{name}{namespace_of(member)}>", f"</{name}>"

        def write_list(value: list[Any], append: Append) -> None:
            append(opening)
            for item in value:
                write_item(item, append)
            append(closing)

        return write_list

    def _map(self, member: Member, name: str) -> Writer:
        key, value = member.shape.key, member.shape.value
        write_key = self.element(key, key.location_name or "key")
        write_value = self.element(value, value.location_name or "value")
        flattened = bool(member.trait("flattened"))
        entry = name if flattened else "entry"
        opening = "" if flattened else f"<{name}{namespace_of(member)}>"
        closing = "" if flattened else f"</{name}>"

        def write_map(items: Mapping[str, Any], append: Append) -> None:
            append(opening)
            for item_name, item in items.items():
                append(f"<{entry}>")
                write_key(item_name, append)
                write_value(item, append)
                append(f"</{entry}>")
            append(closing)

        return write_map


def _scalar(write: TextWriter, name: str, namespace: str) -> Writer:
    opening, closing = f"<{name}{namespace}>", f"</{name}>"

    def write_scalar(value: Any, append: Append) -> None:
        append(f"{opening}{escape(write(value))}{closing}")

    return write_scalar


def namespace_of(member: Member) -> str:
    """The xmlns attribute of an element, with a blank before; empty where the model has none."""
    return xmlns(member.trait("xmlNamespace"))


def xmlns(namespace: Any) -> str:
    """The attribute for a namespace as the models give it: a URI, or a URI with a prefix."""
    if not namespace:
        return ""
    if isinstance(namespace, str):
        return f' xmlns="{escape_attribute(namespace)}"'
    prefix = f":{namespace['prefix']}" if namespace.get("prefix") else ""
    return f' xmlns{prefix}="{escape_attribute(namespace["uri"])}"'
