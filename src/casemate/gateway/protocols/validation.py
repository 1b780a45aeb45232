"""The constraints of the models, and the words in which AWS says that one is broken.

`compile_check` makes a function that says quickly whether a value keeps all constraints of its shape; only when it
says no does `violations` walk the value again to tell what is wrong. Values are in the form that every codec parses to:
str, int, float, bool, bytes, list, dict; timestamps are floats.

Lengths of strings count code points (Smithy, "length trait"); patterns match as a whole, see `models.patterns`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from casemate.gateway.models import Member, Shape
from casemate.gateway.models.patterns import matcher

Check = Callable[[Any], bool]

# More would only lengthen the answer to a request that is wrong anyway.
_MOST_VIOLATIONS: Final = 10
_LONGEST_SHOWN: Final = 1024
_SIZED: Final = frozenset({"string", "blob", "list", "map"})


class Violation(NamedTuple):
    """One broken constraint; `reason` is the word that Organizations has for its kind."""

    path: str
    shown: str
    constraint: str
    reason: str

    def __str__(self) -> str:
        return f"Value{self.shown} at '{self.path}' failed to satisfy constraint: {self.constraint}"


class Checks:
    """Compiled checks of one service's shapes."""

    def __init__(self) -> None:
        self._compiled: dict[str, Check | None] = {}
        self._open: set[str] = set()

    def compile(self, shape: Shape) -> Check | None:
        """A function that is true of values that keep the shape's constraints; None where it has none."""
        name = shape.name
        if name in self._open:  # a shape that contains itself
            return lambda value: (check := self._compiled[name]) is None or check(value)
        if name not in self._compiled:
            self._open.add(name)
            self._compiled[name] = self._compile(shape)
            self._open.discard(name)
        return self._compiled[name]

    def _compile(self, shape: Shape) -> Check | None:
        match shape.type:
            case "structure":
                return self._structure(shape)
            case "list":
                return self._list(shape)
            case "map":
                return self._map(shape)
            case "string":
                return _string(shape)
            case "blob":
                return _sized(shape)
            case "integer" | "long" | "float" | "double":
                return _number(shape)
            case _:
                return None

    def _structure(self, shape: Shape) -> Check | None:
        required = shape.required
        union = bool(shape.trait("union"))
        checks = {
            name: check for name, member in shape.members.items() if (check := self.compile(member.shape)) is not None
        }
        if not required and not checks and not union:
            return None

        def check_structure(value: dict[str, Any]) -> bool:
            for name in required:
                if name not in value:
                    return False
            for name, item in value.items():
                check = checks.get(name)
                if check is not None and not check(item):
                    return False
            return not union or len(value) == 1

        return check_structure

    def _list(self, shape: Shape) -> Check:
        least, most = _bounds(shape)
        element = self.compile(shape.element.shape)

        def check_list(value: list[Any]) -> bool:
            if not least <= len(value) <= most:
                return False
            if element is None:
                return None not in value
            return all(item is not None and element(item) for item in value)

        return check_list

    def _map(self, shape: Shape) -> Check:
        least, most = _bounds(shape)
        check_key = self.compile(shape.key.shape)
        check_value = self.compile(shape.value.shape)

        def check_map(value: dict[str, Any]) -> bool:
            if not least <= len(value) <= most:
                return False
            for key, item in value.items():
                if check_key is not None and not check_key(key):
                    return False
                if item is None or (check_value is not None and not check_value(item)):
                    return False
            return True

        return check_map


def _bounds(shape: Shape) -> tuple[float, float]:
    return shape.trait("min", 0), shape.trait("max", float("inf"))


def _string(shape: Shape) -> Check | None:
    values = shape.trait("enum")
    if values is not None:
        return frozenset(values).__contains__
    pattern = shape.trait("pattern")
    if pattern is None:
        return _sized(shape)
    least, most = _bounds(shape)
    matches = matcher(pattern)
    return lambda value: least <= len(value) <= most and matches(value) is not None


def _sized(shape: Shape) -> Check | None:
    least, most = _bounds(shape)
    if least == 0 and most == float("inf"):
        return None
    return lambda value: least <= len(value) <= most


def _number(shape: Shape) -> Check | None:
    least, most = shape.trait("min", float("-inf")), shape.trait("max", float("inf"))
    if least == float("-inf") and most == float("inf"):
        return None
    return lambda value: least <= value <= most


def violations(shape: Shape, value: Any) -> list[Violation]:
    """What is wrong with a request, in the order of the model's members, ten at most."""
    found: list[Violation] = []
    for violation in _structure_violations(shape, value, ""):
        found.append(violation)
        if len(found) == _MOST_VIOLATIONS:
            break
    return found


def message(found: list[Violation]) -> str:
    """AWS's sentence about them."""
    plural = "s" if len(found) > 1 else ""
    return f"{len(found)} validation error{plural} detected: " + "; ".join(str(violation) for violation in found)


def _structure_violations(shape: Shape, value: Mapping[str, Any], prefix: str) -> Iterator[Violation]:
    required = frozenset(shape.required)
    for name, member in shape.members.items():
        path = f"{prefix}{name[0].lower()}{name[1:]}"
        if name in value:
            yield from _violations(member.shape, value[name], path)
        elif name in required:
            yield Violation(path, " null", "Member must not be null", "INPUT_REQUIRED")
    if shape.trait("union") and len(value) != 1:
        path = prefix.removesuffix(".")
        yield Violation(path, "", "Member must have exactly one of its members set", "INVALID_LIST_MEMBER")


def _violations(shape: Shape, value: Any, path: str) -> Iterator[Violation]:
    for constraint, reason in _broken(shape, value):
        yield Violation(path, _shown(shape, value), constraint, reason)
    if shape.type == "structure":
        yield from _structure_violations(shape, value, path + ".")
    elif shape.type == "list":
        yield from _list_violations(shape, value, path)
    elif shape.type == "map":
        yield from _map_violations(shape, value, path)


def _list_violations(shape: Shape, value: list[Any], path: str) -> Iterator[Violation]:
    element = shape.element.shape
    if element.type in {"structure", "list", "map"}:
        for number, item in enumerate(value, start=1):
            where = f"{path}.{number}.member"
            if item is None:
                yield Violation(where, " null", "Member must not be null", "INPUT_REQUIRED")
            else:
                yield from _violations(element, item, where)
    elif None in value or any(_broken(element, item) for item in value):
        yield Violation(
            path, _shown(shape, value), f"Member must satisfy constraint: {_all(element)}", "INVALID_LIST_MEMBER"
        )


def _map_violations(shape: Shape, value: dict[str, Any], path: str) -> Iterator[Violation]:
    key, item_shape = shape.key.shape, shape.value.shape
    if any(_broken(key, name) for name in value):
        yield Violation(path, _shown(shape, value), f"Map keys must satisfy constraint: {_all(key)}", "INVALID_PATTERN")
    if item_shape.type in {"structure", "list", "map"}:
        for name, item in value.items():
            where = f"{path}.{name[:_LONGEST_SHOWN]}.member"
            if item is None:
                yield Violation(where, " null", "Member must not be null", "INPUT_REQUIRED")
            else:
                yield from _violations(item_shape, item, where)
    elif None in value.values() or any(_broken(item_shape, item) for item in value.values()):
        yield Violation(
            path, _shown(shape, value), f"Map value must satisfy constraint: {_all(item_shape)}", "INVALID_PATTERN"
        )


def _broken(shape: Shape, value: Any) -> list[tuple[str, str]]:
    """The shape's own constraints that the value breaks: their text and their kind."""
    kind = shape.type
    broken = []
    if kind in _SIZED or kind in {"integer", "long", "float", "double"}:
        size = len(value) if kind in _SIZED else value
        noun, word = ("length", "LENGTH") if kind in _SIZED else ("value", "VALUE")
        least, most = shape.trait("min"), shape.trait("max")
        # Not the opposite comparisons: NaN is on neither side of a bound.
        if most is not None and not size <= most:
            broken.append((f"Member must have {noun} less than or equal to {most}", f"MAX_{word}_EXCEEDED"))
        if least is not None and not size >= least:
            broken.append((f"Member must have {noun} greater than or equal to {least}", f"MIN_{word}_EXCEEDED"))
    if kind == "string":
        # A value that is too long is not shown to the pattern: its time is bounded by the shape's length.
        pattern = shape.trait("pattern")
        if pattern is not None and len(value) <= shape.trait("max", len(value)) and not matcher(pattern)(value):
            broken.append((f"Member must satisfy regular expression pattern: {pattern}", "INVALID_PATTERN"))
        values = shape.trait("enum")
        if values is not None and value not in values:
            broken.append((f"Member must satisfy enum value set: [{', '.join(values)}]", "INVALID_ENUM"))
    return broken


def _all(shape: Shape) -> str:
    """Every constraint of a shape, as AWS lists them for elements of lists and maps."""
    noun = "length" if shape.type in _SIZED else "value"
    texts = []
    if (most := shape.trait("max")) is not None:
        texts.append(f"Member must have {noun} less than or equal to {most}")
    if (least := shape.trait("min")) is not None:
        texts.append(f"Member must have {noun} greater than or equal to {least}")
    if (pattern := shape.trait("pattern")) is not None:
        texts.append(f"Member must satisfy regular expression pattern: {pattern}")
    if (values := shape.trait("enum")) is not None:
        texts.append(f"Member must satisfy enum value set: [{', '.join(values)}]")
    return f"[{', '.join([*texts, 'Member must not be null'])}]"


def _shown(shape: Shape, value: Any) -> str:
    """The value as AWS prints it, with a blank before; nothing where it may be secret."""
    if _secret(shape, frozenset()):
        return ""
    text = _printed(value)
    return f" '{text[:_LONGEST_SHOWN]}{'...' if len(text) > _LONGEST_SHOWN else ''}'"


def _secret(shape: Shape, within: frozenset[str]) -> bool:
    """Whether a value of the shape is, or contains, what must not be printed."""
    if shape.trait("sensitive") or shape.type == "blob":
        return True
    if shape.name in within:
        return False
    inner = within | {shape.name}
    parts: list[Member] = list(shape.members.values())
    if shape.type == "list":
        parts = [shape.element]
    elif shape.type == "map":
        parts = [shape.key, shape.value]
    return any(_secret(part.shape, inner) for part in parts)


def _printed(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return f"[{', '.join(_printed(item) for item in value[:_LONGEST_SHOWN])}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}={_printed(item)}' for key, item in value.items())}}}"
    return "null" if value is None else str(value)
