"""What a web ACL may hold: every member that the service's model doesn't know is refused, and every wrong type.

An ACL with a member misspelt must not be taken for one without it: `{"DefaultAction": {"Allow": {}}, "Ruels": [...]}`
would let everything through. The model is members.json, made by scripts/build_acl_members.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

from casemate.engines.web.errors import NOT_EXACTLY_ONE, NOT_VALID, InvalidParameter

# The model requires these too, but they decide nothing about a request, and ACLs written by hand leave them out.
# A rule's own name and priority are another matter, and so is all that a statement requires.
OPTIONAL: Final[Mapping[str, frozenset[str]]] = {
    "WebACL": frozenset({"Name", "Id", "ARN", "VisibilityConfig"}),
    "RuleGroup": frozenset({"Name", "Id", "ARN", "Capacity", "VisibilityConfig"}),
    "IPSet": frozenset({"Name", "Id", "ARN", "IPAddressVersion"}),
    "Rule": frozenset({"VisibilityConfig"}),
    "LoggingConfiguration": frozenset({"ResourceArn", "LogDestinationConfigs"}),
    "FirewallManagerRuleGroup": frozenset({"VisibilityConfig"}),
}
_NAMES: Final = {
    "structure": "an object",
    "map": "an object",
    "list": "a list",
    "string": "a text",
    "blob": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "long": "a whole number",
}


class Shape(msgspec.Struct, frozen=True):
    """A shape of the model: its type, the word for it in refusals, and what stands in it."""

    type: str
    field: str = ""
    members: Mapping[str, str] = {}
    required: tuple[str, ...] = ()
    element: str = ""
    keys: tuple[str, ...] = ()
    options: frozenset[str] = frozenset()
    pattern: str = ""


@cache
def shapes() -> Mapping[str, Shape]:
    """The shapes by their names in the model, read once a process."""
    return msgspec.json.decode((Path(__file__).parent / "members.json").read_bytes(), type=dict[str, Shape])


def closest(member: str, known: Iterable[str]) -> str:
    """What is wrong with an unknown member, for its author: the known one that looks most like it."""
    by_lower = {name.lower(): name for name in known}
    if not by_lower:
        return f"'{member[:80]}' is unknown; nothing goes here"
    found = get_close_matches(member[:80].lower(), by_lower, n=1, cutoff=0.5)
    if found:
        return f"'{member[:80]}' is unknown; did you mean '{by_lower[found[0]]}'?"
    return f"'{member[:80]}' is unknown; known are {', '.join(by_lower.values())}"


def check(value: Any, name: str, field: str, path: str = "") -> None:
    """Hold a document against a shape of the model.

    Raises InvalidParameter for an unknown member, a missing one, and a value of another type; `field` is the word for
    what the model has no word for.
    """
    known = shapes()
    # A stack of our own: how deep statements may nest is for the compiler to say, not for Python.
    waiting: list[tuple[Any, str, str, str]] = [(value, name, field, path)]
    while waiting:
        value, name, field, path = waiting.pop()
        shape = known[name]
        field = shape.field or field
        if not _fits(value, shape.type):
            reason = NOT_EXACTLY_ONE if value is None else NOT_VALID
            detail = f"{_NAMES[shape.type]} goes here"
            raise InvalidParameter(field, path.rpartition(".")[2] or name, reason, path=path, detail=detail)
        within: list[tuple[Any, str, str, str]] = []
        if shape.type == "structure":
            _check_names(value, shape.members, field, path)
            _check_required(value, name, shape, field, path)
            within = [(one, shape.members[key], field, _joined(path, key)) for key, one in value.items()]
        elif shape.type == "map":
            if shape.keys:
                _check_names(value, shape.keys, field, path)
            within = [(one, shape.element, field, _joined(path, key)) for key, one in value.items()]
        elif shape.type == "list":
            within = [(one, shape.element, field, f"{path}[{_label(one, i, name)}]") for i, one in enumerate(value)]
        waiting += reversed(within)


def _fits(value: Any, kind: str) -> bool:
    match kind:
        case "structure" | "map":
            return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)
        case "list":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str)
        case "blob":
            return isinstance(value, str | bytes)
        case "boolean":
            return isinstance(value, bool)
        case _:
            return isinstance(value, int) and not isinstance(value, bool)


def _check_names(value: Mapping[str, Any], known: Iterable[str], field: str, path: str) -> None:
    for key in value:
        if key not in known:
            raise InvalidParameter(field, key[:80], NOT_VALID, path=path, detail=closest(key, known))


def _check_required(value: Mapping[str, Any], name: str, shape: Shape, field: str, path: str) -> None:
    for key in shape.required:
        if key not in value and key not in OPTIONAL.get(name, ()):
            word = shapes()[shape.members[key]].field or field
            raise InvalidParameter(word, key, NOT_EXACTLY_ONE, path=path, detail=f"{key} is missing")


def _joined(path: str, key: str) -> str:
    return f"{path}.{key[:80]}" if path else key[:80]


def _label(value: Any, index: int, name: str) -> str:
    """Rules go by their names, all else by where it stands."""
    own = value.get("Name") if name in {"Rules", "FirewallManagerRuleGroups"} and isinstance(value, Mapping) else None
    return own[:128] if isinstance(own, str) and own else str(index)
