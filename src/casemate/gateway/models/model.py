"""A read-only, typed view of one published service model.

A model is a graph of shapes. Entries are decoded one by one when they are first asked for: EC2 has 4 421 shapes, and a
request needs a handful.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec

_DATA: Final = Path(__file__).parent / "data"
_SHAPES_BEGIN: Final = b'\n"shapes":{\n'
_OPERATIONS_BEGIN: Final = b'\n"operations":{\n'


class UnknownService(LookupError):
    """No model has this name."""


class UnknownOperationName(LookupError):
    """The model has no operation of this name."""


class _Entries(Protocol):
    """The named entries of one section of a model."""

    def get(self, name: str) -> dict[str, Any] | None: ...
    def names(self) -> list[str]: ...
    def naming(self, text: bytes) -> Iterable[str]:
        """The entries that contain `text`, perhaps with some that don't."""
        ...


class _Lines:
    """Entries of a file of ours: one a line, sorted by name, found by halving and decoded on demand."""

    def __init__(self, section: bytes) -> None:
        self._section = section

    def get(self, name: str) -> dict[str, Any] | None:
        wanted = b'"%b":' % name.encode()
        section = self._section
        low, high = 0, len(section)
        while low < high:
            start = section.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = section.find(b"\n", start)
            end = len(section) if end < 0 else end
            found = section[start : start + len(wanted)]
            if found == wanted:
                entry: dict[str, Any] = msgspec.json.decode(section[start + len(wanted) : end].rstrip(b","))
                return entry
            if found < wanted:
                low = end + 1
            else:
                high = start
        return None

    def names(self) -> list[str]:
        return [_entry_name(line) for line in self._section.split(b"\n")]

    def naming(self, text: bytes) -> Iterable[str]:
        if text not in self._section:
            return []
        return [_entry_name(line) for line in self._section.split(b"\n") if text in line]


def _entry_name(line: bytes) -> str:
    return line[1 : line.index(b'"', 1)].decode()


class _Plain:
    """Entries of a model given as a dictionary (the published protocol cases)."""

    def __init__(self, entries: Mapping[str, dict[str, Any]]) -> None:
        self._entries = entries

    def get(self, name: str) -> dict[str, Any] | None:
        return self._entries.get(name)

    def names(self) -> list[str]:
        return list(self._entries)

    def naming(self, text: bytes) -> Iterable[str]:
        del text
        return list(self._entries)


class Shape:
    """One shape: a type and its constraints.

    `type` is one of structure, list, map, string, integer, long, float, double, boolean, blob, timestamp.
    """

    __slots__ = ("_member_cache", "_model", "_traits", "name", "type")

    def __init__(self, model: ServiceModel, name: str, traits: dict[str, Any]) -> None:
        self._model = model
        self._traits = traits
        self._member_cache: dict[str, Member] | None = None
        self.name = name
        self.type: str = traits["type"]

    @property
    def members(self) -> dict[str, Member]:
        """A structure's members in the model's order; empty for other types."""
        if self._member_cache is None:
            members = self._traits.get("members", {})
            self._member_cache = {name: Member(self._model, name, member) for name, member in members.items()}
        return self._member_cache

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(self._traits.get("required", ()))

    @property
    def element(self) -> Member:
        """A list's member."""
        return Member(self._model, "member", self._traits["member"])

    @property
    def key(self) -> Member:
        return Member(self._model, "key", self._traits["key"])

    @property
    def value(self) -> Member:
        return Member(self._model, "value", self._traits["value"])

    @property
    def payload(self) -> str | None:
        """The member that is the whole body of a REST message."""
        payload: str | None = self._traits.get("payload")
        return payload

    def trait(self, name: str, default: Any = None) -> Any:
        """A trait as the model has it: min, max, pattern, enum, sensitive, union, document, error, fault, ..."""
        return self._traits.get(name, default)

    @property
    def traits(self) -> Mapping[str, Any]:
        return self._traits


class Member:
    """A use of a shape: a structure's member, a list's element, a map's key or value.

    What is said where the shape is used wins over what the shape says of itself, as in botocore.
    """

    __slots__ = ("_model", "_traits", "name", "target")

    def __init__(self, model: ServiceModel, name: str, traits: dict[str, Any]) -> None:
        self._model = model
        self._traits = traits
        self.name = name
        self.target: str = traits["shape"]

    @property
    def shape(self) -> Shape:
        return self._model.shape(self.target)

    def trait(self, name: str, default: Any = None) -> Any:
        """A trait of the use, else of the shape: location, locationName, flattened, timestampFormat, ..."""
        if name in self._traits:
            return self._traits[name]
        return self.shape.trait(name, default)

    @property
    def location(self) -> str | None:
        """Where a REST message carries it: uri, querystring, header, headers, statusCode; None is the body."""
        location: str | None = self._traits.get("location")
        return location

    @property
    def location_name(self) -> str | None:
        name: str | None = self.trait("locationName")
        return name

    @property
    def own_location_name(self) -> str | None:
        """What the use alone says of its name."""
        name: str | None = self._traits.get("locationName")
        return name


@dataclass(frozen=True, slots=True)
class Pagination:
    """The members by which an operation pages."""

    input_tokens: tuple[str, ...]
    output_tokens: tuple[str, ...]
    limit_key: str | None


class Operation:
    """One operation."""

    __slots__ = ("_model", "_traits", "method", "name", "status", "uri")

    def __init__(self, model: ServiceModel, name: str, traits: dict[str, Any]) -> None:
        http = traits.get("http", {})
        self._model = model
        self._traits = traits
        self.name = name
        self.method: str = http.get("method", "POST")
        self.uri: str = http.get("requestUri", "/")
        self.status: int = http.get("responseCode", 200)

    @property
    def input(self) -> Shape | None:
        return self._shape("input")

    @property
    def output(self) -> Shape | None:
        return self._shape("output")

    def _shape(self, side: str) -> Shape | None:
        reference = self._traits.get(side)
        return None if reference is None else self._model.shape(reference["shape"])

    def input_trait(self, name: str) -> Any:
        """Of the request's root element: locationName or xmlNamespace."""
        return self._traits.get("input", {}).get(name)

    @property
    def result_wrapper(self) -> str | None:
        wrapper: str | None = self._traits.get("output", {}).get("resultWrapper")
        return wrapper

    @property
    def errors(self) -> tuple[str, ...]:
        """The names of the error shapes that it declares."""
        return tuple(error["shape"] for error in self._traits.get("errors", ()))

    @property
    def unsigned(self) -> bool:
        """Whether it is called without a signature (AssumeRoleWithSAML, AssumeRoleWithWebIdentity, ...)."""
        return self._traits.get("authtype") == "none" or self._traits.get("auth") == ["smithy.api#noAuth"]

    @property
    def pagination(self) -> Pagination | None:
        tokens = self._traits.get("pagination")
        if tokens is None:
            return None
        return Pagination(_listed(tokens["input_token"]), _listed(tokens["output_token"]), tokens.get("limit_key"))

    def trait(self, name: str, default: Any = None) -> Any:
        return self._traits.get(name, default)


def _listed(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


class ServiceModel:
    """One service's model."""

    def __init__(self, service: str, metadata: dict[str, Any], operations: _Entries, shapes: _Entries) -> None:
        self.service = service
        self.metadata: Mapping[str, Any] = metadata
        self._operation_entries = operations
        self._shape_entries = shapes
        self._operations: dict[str, Operation] = {}
        self._shapes: dict[str, Shape] = {}

    @classmethod
    def from_dict(cls, service: str, model: Mapping[str, Any]) -> ServiceModel:
        """A model in botocore's own form."""
        return cls(service, dict(model["metadata"]), _Plain(model["operations"]), _Plain(model["shapes"]))

    @property
    def protocols(self) -> tuple[str, ...]:
        """Every protocol that the service speaks, its preferred one first."""
        return tuple(self.metadata.get("protocols") or (self.metadata["protocol"],))

    @property
    def operation_names(self) -> list[str]:
        return self._operation_entries.names()

    def operation(self, name: str) -> Operation:
        """An operation by its name; UnknownOperationName where there is none."""
        operation = self._operations.get(name)
        if operation is None:
            entry = self._operation_entries.get(name)
            if entry is None:
                raise UnknownOperationName(f"{self.service} has no operation {name}")
            operation = self._operations[name] = Operation(self, name, entry)
        return operation

    @cached_property
    def compressed_operations(self) -> frozenset[str]:
        """The operations whose requests clients may compress."""
        names = self._operation_entries.naming(b'"requestcompression"')
        return frozenset(name for name in names if self.operation(name).trait("requestcompression"))

    def shape(self, name: str) -> Shape:
        """A shape by its name; KeyError where the model is broken."""
        shape = self._shapes.get(name)
        if shape is None:
            entry = self._shape_entries.get(name)
            if entry is None:
                raise KeyError(name)
            shape = self._shapes[name] = Shape(self, name, entry)
        return shape

    def error_shape(self, code: str, operation: Operation | None = None) -> Shape | None:
        """The error shape of this name or wire code; the operation's own errors are preferred."""
        if operation is not None:
            for name in operation.errors:
                if code in (name, self.shape(name).trait("error", {}).get("code")):
                    return self.shape(name)
        return self._errors_by_code.get(code)

    @cached_property
    def _errors_by_code(self) -> dict[str, Shape]:
        shapes = [self.shape(name) for name in self._shape_entries.naming(b'"exception":true')]
        errors = [shape for shape in shapes if shape.trait("exception")]
        by_code = {shape.trait("error", {}).get("code", shape.name): shape for shape in errors}
        return by_code | {shape.name: shape for shape in errors}


@cache
def load(service: str) -> ServiceModel:
    """The model of a service by botocore's name for it; UnknownService where there is none."""
    path = _DATA / f"{service}.json"
    if service in {"index", "categories"} or not service.replace("-", "").isalnum() or not path.exists():
        raise UnknownService(service)
    head, rest = path.read_bytes().split(_OPERATIONS_BEGIN, 1)
    operations, shapes = rest.split(_SHAPES_BEGIN, 1)
    metadata = msgspec.json.decode(head.removeprefix(b'{"metadata":').removesuffix(b","))
    return ServiceModel(
        service, metadata, _Lines(operations.removesuffix(b"\n},")), _Lines(shapes.removesuffix(b"\n}}\n"))
    )
