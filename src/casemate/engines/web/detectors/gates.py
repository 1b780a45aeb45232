"""Prefilters made from a detector's own expressions: what Hyperscan can search for in one pass over all values.

A gate matches wherever its expression does, and sometimes elsewhere: assertions about what stands beside are dropped
and counted repetitions become open ones, possessive or lazy ones plain, so that it stays small. The expression itself
then decides.
"""

from __future__ import annotations

import re

_COUNTED = re.compile(rb"\{(\d+)(,?)(\d*)\}")
_ASSERTIONS = (b"(?=", b"(?!", b"(?<=", b"(?<!")
_SHORT = 3  # repetitions up to this are kept: opening them would match far more


def gate(expression: bytes) -> bytes:
    """An expression in Hyperscan's dialect that matches whatever `expression` matches."""
    return _open(_without_assertions(expression))


def union(*expressions: bytes) -> bytes:
    """One gate for several expressions."""
    return b"|".join(gate(expression) for expression in expressions)


def _open(expression: bytes) -> bytes:
    out, position, depth, level = bytearray(), 0, False, 0
    while position < len(expression):
        octet = expression[position : position + 1]
        if octet == b"\\":
            out += expression[position : position + 2]
            position += 2
            continue
        if octet == b"[" and not depth:
            depth = True
        elif octet == b"]" and depth:
            depth = False
        elif octet in b"()" and not depth:
            level += 1 if octet == b"(" else -1
        elif octet in b"^$" and not depth and (level or not _at_edge(expression, position)):
            position += 1
            continue
        elif octet == b"{" and not depth:
            match = _COUNTED.match(expression, position)
            if match is not None:
                out += _repetition(match)
                position = match.end()
                sign = expression[position : position + 1]
                if sign == b"+" or (sign == b"?" and out[-1:] in b"*+"):
                    position += 1
                continue
        out += octet
        position += 1
    return bytes(out)


def _at_edge(expression: bytes, position: int) -> bool:
    """Whether an anchor stands where Hyperscan takes it: at the begin or end of an alternative of the whole."""
    if expression[position : position + 1] == b"^":
        return position == 0 or expression[position - 1 : position] == b"|"
    return position + 1 == len(expression) or expression[position + 1 : position + 2] == b"|"


def _repetition(match: re.Match[bytes]) -> bytes:
    least, comma, most = int(match.group(1)), match.group(2), match.group(3)
    highest = int(most) if most else least
    if comma and (not most or highest > _SHORT):
        return b"*" if least == 0 else b"+"
    return match.group() if highest <= _SHORT else b"+"


def _without_assertions(expression: bytes) -> bytes:
    out, position, inside = bytearray(), 0, False
    while position < len(expression):
        octet = expression[position : position + 1]
        if octet == b"\\":
            out += expression[position : position + 2]
            position += 2
            continue
        if octet == b"[" and not inside:
            inside = True
            if expression[position + 1 : position + 2] == b"]":
                out += octet
                position += 1
                octet = b"]"
        elif octet == b"]" and inside:
            inside = False
        elif not inside and expression.startswith(_ASSERTIONS, position):
            position = _end_of_group(expression, position)
            continue
        out += octet
        position += 1
    return bytes(out)


def _end_of_group(expression: bytes, position: int) -> int:
    depth, inside = 0, False
    while position < len(expression):
        octet = expression[position : position + 1]
        if octet == b"\\":
            position += 2
            continue
        if octet == b"[" and not inside:
            inside = True
        elif octet == b"]" and inside:
            inside = False
        elif octet == b"(" and not inside:
            depth += 1
        elif octet == b")" and not inside:
            depth -= 1
            if depth == 0:
                return position + 1
        position += 1
    return position
