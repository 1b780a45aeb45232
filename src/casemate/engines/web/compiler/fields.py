"""FieldToMatch and text transformations, compiled to units."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from casemate.engines.web.compiler.shapes import items, number, one_of, option, text
from casemate.engines.web.components import fields
from casemate.engines.web.components.json_body import split_pointer
from casemate.engines.web.components.query import PRE_PARSE
from casemate.engines.web.errors import (
    DUPLICATE,
    ILLEGAL_COMBINATION,
    NOT_EXACTLY_ONE,
    NOT_VALID,
    InvalidParameter,
)
from casemate.engines.web.inspection import Component, Unit
from casemate.engines.web.transformations import TRANSFORMATIONS

OVERSIZE: Final = ("CONTINUE", "MATCH", "NO_MATCH")
FALLBACK: Final = ("MATCH", "NO_MATCH")
SCOPES: Final = ("ALL", "KEY", "VALUE")
MOST_TRANSFORMATIONS: Final = 10
ARGUMENTS: Final = frozenset({"SingleQueryArgument", "AllQueryArguments"})


def _name(member: Mapping[str, Any], field: str, path: str, most: int = 64) -> bytes:
    return text(member.get("Name"), field, "Name", path, most=most).lower().encode()


def _oversize(member: Mapping[str, Any], path: str) -> str:
    return option(member.get("OversizeHandling") or "CONTINUE", OVERSIZE, "OVERSIZE_HANDLING", "OversizeHandling", path)


def _fallback(member: Mapping[str, Any], path: str) -> str:
    return option(member.get("FallbackBehavior"), FALLBACK, "FALLBACK_BEHAVIOR", "FallbackBehavior", path)


def _scope(member: Mapping[str, Any], field: str, path: str) -> str:
    return option(member.get("MatchScope"), SCOPES, field, "MatchScope", path)


def _names(value: Any, field: str, path: str, change: Callable[[str], str]) -> tuple[bytes, ...]:
    names = items(value, 1, 199, field, "MatchPattern", path)
    return tuple(change(text(name, field, "name", path, most=64)).encode() for name in names)


def _filtered(member: Mapping[str, Any], what: str, path: str) -> dict[str, Any]:
    field = "HEADER_MATCH_PATTERN" if what == "Headers" else "COOKIE_MATCH_PATTERN"
    included, excluded = f"Included{what}", f"Excluded{what}"
    change = str.lower if what == "Headers" else str
    pattern = member.get("MatchPattern")
    settings: dict[str, Any] = {
        "scope": _scope(member, "MAP_MATCH_SCOPE", path),
        "oversize": _oversize(member, path),
    }
    chosen = [
        name for name in ("All", included, excluded) if isinstance(pattern, Mapping) and pattern.get(name) is not None
    ]
    if len(chosen) != 1:
        raise InvalidParameter(field, "MatchPattern", NOT_EXACTLY_ONE, path=path)
    assert isinstance(pattern, Mapping)
    if chosen[0] == included:
        settings["included"] = _names(pattern[included], field, path, change)
    elif chosen[0] == excluded:
        settings["excluded"] = _names(pattern[excluded], field, path, change)
    return settings


def _json(member: Mapping[str, Any], path: str) -> Component:
    pattern = member.get("MatchPattern")
    chosen = [
        name for name in ("All", "IncludedPaths") if isinstance(pattern, Mapping) and pattern.get(name) is not None
    ]
    if len(chosen) != 1:
        raise InvalidParameter("JSON_MATCH_PATTERN", "MatchPattern", NOT_EXACTLY_ONE, path=path)
    assert isinstance(pattern, Mapping)
    pointers = None
    if chosen[0] == "IncludedPaths":
        found = []
        for pointer in items(pattern["IncludedPaths"], 1, 1000, "JSON_MATCH_PATTERN", "IncludedPaths", path):
            try:
                found.append(split_pointer(text(pointer, "JSON_MATCH_PATTERN", "path", path, most=512)))
            except ValueError as error:
                raise InvalidParameter("JSON_MATCH_PATTERN", pointer, NOT_VALID, path=path, detail=str(error)) from None
        pointers = tuple(found)
    fallback = member.get("InvalidFallbackBehavior")
    if fallback is not None:
        options = (*FALLBACK, "EVALUATE_AS_STRING")
        option(fallback, options, "BODY_PARSING_FALLBACK_BEHAVIOR", "InvalidFallbackBehavior", path)
    return fields.JsonBody(
        pointers=pointers,
        scope=_scope(member, "JSON_MATCH_SCOPE", path),
        fallback=fallback,
        oversize=_oversize(member, path),
    )


Reader = Callable[[Mapping[str, Any], str], Component]
READERS: Final[Mapping[str, Reader]] = {
    "SingleHeader": lambda member, path: fields.SingleHeader(_name(member, "SINGLE_HEADER", path)),
    "SingleQueryArgument": lambda member, path: fields.QueryArguments(_name(member, "SINGLE_QUERY_ARGUMENT", path)),
    "AllQueryArguments": lambda _member, _path: fields.QueryArguments(),
    "UriPath": lambda _member, _path: fields.UriPath(),
    "QueryString": lambda _member, _path: fields.QueryString(),
    "Body": lambda member, path: fields.Body(_oversize(member, path)),
    "Method": lambda _member, _path: fields.Method(),
    "JsonBody": _json,
    "Headers": lambda member, path: fields.Headers(**_filtered(member, "Headers", path)),
    "Cookies": lambda member, path: fields.Cookies(**_filtered(member, "Cookies", path)),
    "HeaderOrder": lambda member, path: fields.HeaderOrder(_oversize(member, path)),
    "JA3Fingerprint": lambda member, path: fields.Fingerprint("JA3_FINGERPRINT", _fallback(member, path)),
    "JA4Fingerprint": lambda member, path: fields.Fingerprint("JA4_FINGERPRINT", _fallback(member, path)),
    "UriFragment": lambda member, path: fields.UriFragment(
        _fallback(member, path) if member.get("FallbackBehavior") is not None else None
    ),
}


class Units:
    """The units of a plan: equal component and chain, same unit."""

    def __init__(self) -> None:
        self._units: dict[tuple[Component, tuple[str, ...]], Unit] = {}

    def unit(self, component: Component, chain: tuple[str, ...]) -> Unit:
        """The unit of a component after a chain, made with those before it in the chain when it is new."""
        found = self._units.get((component, chain))
        if found is None:
            parent = self.unit(component, chain[:-1]) if chain else None
            found = self._units[component, chain] = Unit(component, chain, parent)
        return found

    def of(self, statement: Mapping[str, Any], path: str) -> Unit:
        """The unit that a statement inspects, from its FieldToMatch and transformations."""
        return self.unit(component_of(statement, path), chain_of(statement.get("TextTransformations"), path))


def component_of(statement: Mapping[str, Any], path: str) -> Component:
    """The component of FieldToMatch, with the pre-parse transformations. Raises InvalidParameter."""
    where = f"{path}.FieldToMatch"
    name, member = one_of(statement.get("FieldToMatch"), READERS, "FIELD_TO_MATCH", "FieldToMatch", where)
    component = READERS[name](member, f"{where}.{name}")
    pre_parse = statement.get("PreParseTextTransformations")
    if pre_parse:
        where = f"{path}.PreParseTextTransformations"
        if name not in ARGUMENTS:
            raise InvalidParameter(
                "PRE_PARSE_TEXT_TRANSFORMATION",
                name,
                ILLEGAL_COMBINATION,
                path=where,
                detail="only query arguments are parsed",
            )
        steps = _in_order(pre_parse, PRE_PARSE, "PRE_PARSE_TEXT_TRANSFORMATION", where)
        assert isinstance(component, fields.QueryArguments)
        return fields.QueryArguments(component.argument, steps)
    return component


def chain_of(transformations: Any, path: str) -> tuple[str, ...]:
    """The names of text transformations in order, without NONE. Raises InvalidParameter."""
    where = f"{path}.TextTransformations"
    return _in_order(transformations, TRANSFORMATIONS, "TEXT_TRANSFORMATION", where)


def _in_order(value: Any, known: Mapping[str, Any], field: str, path: str) -> tuple[str, ...]:
    steps: dict[int, str] = {}
    for entry in items(value, 1, MOST_TRANSFORMATIONS, field, "TextTransformations", path):
        if not isinstance(entry, Mapping):
            raise InvalidParameter(field, str(entry)[:80], NOT_VALID, path=path)
        priority = number(entry.get("Priority"), 0, 2**31 - 1, field, "Priority", path)
        if priority in steps:
            raise InvalidParameter(field, str(priority), DUPLICATE, path=path, detail="two have the same Priority")
        steps[priority] = option(entry.get("Type"), known, field, "Type", path)
    return tuple(steps[priority] for priority in sorted(steps) if steps[priority] != "NONE")
