"""Whether a response is what its model says: for tests of services. The gateway itself trusts them and only writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from casemate.gateway.models import ServiceModel, Shape

_TYPES: Final[dict[str, type | tuple[type, ...]]] = {
    "string": str,
    "blob": bytes,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": (int, float),
}


def problems(model: ServiceModel, operation: str, response: Mapping[str, Any]) -> list[str]:
    """What is wrong with a response: unknown members, missing required ones, values of another type or enum.

    Each is a path and a reason; an empty list says that nothing is.
    """
    shape = model.operation(operation).output
    if shape is None:
        return [f"{name}: the operation has no output" for name in response]
    return list(_problems(shape, response, ""))


def _problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    match shape.type:
        case "structure":
            yield from _structure_problems(shape, value, path)
        case "list":
            if not isinstance(value, list):
                yield f"{path}: {type(value).__name__} is no list"
                return
            for number, item in enumerate(value):
                yield from _problems(shape.element.shape, item, f"{path}[{number}]")
        case "map":
            if not isinstance(value, Mapping):
                yield f"{path}: {type(value).__name__} is no map"
                return
            for key, item in value.items():
                yield from _problems(shape.key.shape, key, f"{path} key {key!r}")
                yield from _problems(shape.value.shape, item, f"{path}[{key!r}]")
        case kind:
            if not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
                yield f"{path}: {type(value).__name__} is no {kind}"
            elif (values := shape.trait("enum")) is not None and value not in values:
                yield f"{path}: {value!r} is none of {values}"


def _structure_problems(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if shape.trait("document"):
        return
    if not isinstance(value, Mapping):
        yield f"{path}: {type(value).__name__} is no structure"
        return
    before = f"{path}." if path else ""
    for name in shape.required:
        if name not in value:
            yield f"{before}{name}: required and missing"
    for name, item in value.items():
        member = shape.members.get(name)
        if member is None:
            yield f"{before}{name}: not in the model"
        else:
            yield from _problems(member.shape, item, f"{before}{name}")
