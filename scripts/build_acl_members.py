"""Makes src/casemate/engines/web/compiler/members.json: what a web ACL, and what it refers to, may hold.

python scripts/build_acl_members.py            writes the file
python scripts/build_acl_members.py --check    exits 1 where the file is not what this script would write
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from casemate.gateway.models import Shape, load

FILE = Path(__file__).resolve().parent.parent / "src/casemate/engines/web/compiler/members.json"
ROOTS = ("WebACL", "RuleGroup", "IPSet", "RegexPatternSet", "LoggingConfiguration")

# Texts whose options the compiler doesn't list itself.
OPTIONS = ("CountryCode",)
PATTERNS = ("TokenDomain",)


def main() -> int:
    text = rendered()
    if "--check" in sys.argv[1:]:
        stale = not FILE.exists() or FILE.read_text() != text
        print(f"{FILE.name} is not current" if stale else f"{FILE.name} is current")
        return int(stale)
    FILE.write_text(text)
    return 0


def rendered() -> str:
    """The file: a shape a line, by name."""
    model = load("wafv2")
    fields = model.shape("ParameterExceptionField").trait("enum", [])
    shapes = {shape.name: _described(shape, frozenset(fields)) for shape in _reachable()}
    lines = [f'"{name}":{msgspec.json.encode(shapes[name]).decode()}' for name in sorted(shapes)]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _reachable() -> Iterator[Shape]:
    model = load("wafv2")
    seen: set[str] = set()
    waiting = [model.shape(name) for name in ROOTS]
    while waiting:
        shape = waiting.pop()
        if shape.name not in seen:
            seen.add(shape.name)
            yield shape
            waiting += _parts(shape)


def _parts(shape: Shape) -> list[Shape]:
    match shape.type:
        case "structure":
            return [member.shape for member in shape.members.values()]
        case "list":
            return [shape.element.shape]
        case "map":
            return [shape.value.shape]
        case _:
            return []


def _described(shape: Shape, fields: frozenset[str]) -> dict[str, Any]:
    known: dict[str, Any] = {"type": shape.type}
    # What a refusal calls it: BYTE_MATCH_STATEMENT for ByteMatchStatement, as far as the model has such a word.
    field = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", shape.name).upper()
    if field in fields:
        known["field"] = field
    match shape.type:
        case "structure":
            known["members"] = {name: member.shape.name for name, member in shape.members.items()}
            if shape.required:
                known["required"] = sorted(shape.required)
        case "list":
            known["element"] = shape.element.shape.name
        case "map":
            known["element"] = shape.value.shape.name
            if shape.key.shape.trait("enum"):
                known["keys"] = shape.key.shape.trait("enum")
    if shape.name in OPTIONS:
        known["options"] = shape.trait("enum")
    if shape.name in PATTERNS:
        known["pattern"] = shape.trait("pattern")
    return known


if __name__ == "__main__":
    sys.exit(main())
