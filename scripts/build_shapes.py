"""Makes src/casemate/contracts/shapes: requests and responses of the built services as TypedDicts.

python scripts/build_shapes.py            writes the files
python scripts/build_shapes.py --check    exits 1 where a file is not what this script would write
"""

from __future__ import annotations

import keyword
import sys
from collections.abc import Iterator
from pathlib import Path

from casemate.gateway.models import Member, ServiceModel, Shape, index, load

SHAPES = Path(__file__).resolve().parent.parent / "src/casemate/contracts/shapes"

# The services whose operations are written against these types.
SERVICES = ("kms", "sts", "iam", "organizations")

_SCALARS = {
    "string": "str",
    "blob": "bytes",
    "boolean": "bool",
    "integer": "int",
    "long": "int",
    "float": "float",
    "double": "float",
    "timestamp": "float",
}


def main() -> int:
    files = {f"{service.replace('-', '_')}.py": rendered(load(service)) for service in SERVICES}
    if "--check" in sys.argv[1:]:
        stale = [
            name for name, text in files.items() if not (SHAPES / name).exists() or (SHAPES / name).read_text() != text
        ]
        print("\n".join(f"{name} is not current" for name in stale) or "shapes are current")
        return 1 if stale else 0
    for name, text in files.items():
        (SHAPES / name).write_text(text)
    return 0


def rendered(model: ServiceModel) -> str:
    """The module of one service."""
    structures = sorted(_reachable(model), key=lambda shape: shape.name)
    title = model.metadata["serviceFullName"]
    head = f'''"""{title}: its requests and responses, made by scripts/build_shapes.py from botocore {index().botocore}.

Blobs are bytes; timestamps are float seconds since the epoch; what the model does not require may be missing.
"""

from __future__ import annotations

from typing import NotRequired, TypedDict
'''
    return "\n\n".join([head, *map(_rendered_structure, structures)])


def _reachable(model: ServiceModel) -> Iterator[Shape]:
    """Every structure in a request or a response."""
    seen: set[str] = set()
    waiting: list[Shape] = []
    for name in model.operation_names:
        operation = model.operation(name)
        waiting += [shape for shape in (operation.input, operation.output) if shape is not None]
    while waiting:
        shape = waiting.pop()
        if shape.name in seen:
            continue
        seen.add(shape.name)
        waiting += [member.shape for member in _parts(shape)]
        if shape.type == "structure":
            yield shape


def _parts(shape: Shape) -> list[Member]:
    match shape.type:
        case "structure":
            return list(shape.members.values())
        case "list":
            return [shape.element]
        case "map":
            return [shape.key, shape.value]
        case _:
            return []


def _rendered_structure(shape: Shape) -> str:
    members = {name: _type_of(member.shape) for name, member in shape.members.items()}
    typed = {name: text if name in shape.required else f"NotRequired[{text}]" for name, text in members.items()}
    if any(keyword.iskeyword(name) or not name.isidentifier() for name in typed):
        fields = "".join(f'        "{name}": "{text}",\n' for name, text in typed.items())
        return f'{shape.name} = TypedDict(\n    "{shape.name}",\n    {{\n{fields}    }},\n)\n'
    fields = "".join(f"    {name}: {text}\n" for name, text in typed.items()) or "    pass\n"
    return f"class {shape.name}(TypedDict):\n{fields}"


def _type_of(shape: Shape) -> str:
    match shape.type:
        case "structure":
            return shape.name
        case "list":
            return f"list[{_type_of(shape.element.shape)}]"
        case "map":
            return f"dict[{_type_of(shape.key.shape)}, {_type_of(shape.value.shape)}]"
        case kind:
            return _SCALARS[kind]


if __name__ == "__main__":
    sys.exit(main())
