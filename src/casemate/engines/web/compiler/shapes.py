"""Reading the API's shapes: exactly one of several members, numbers in ranges, texts among options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from casemate.engines.web.errors import (
    ABOVE_MAXIMUM,
    BELOW_MINIMUM,
    NOT_AN_OPTION,
    NOT_EXACTLY_ONE,
    NOT_VALID,
    InvalidParameter,
)

ENTITY_NAME: Final = re.compile(r"[\w\-]{1,128}")


def one_of(value: Any, options: Iterable[str], field: str, parameter: str, path: str) -> tuple[str, Mapping[str, Any]]:
    """The one member that a union has. Raises InvalidParameter for none, several, or one that isn't known."""
    known = list(options)
    members = [name for name, member in value.items() if member is not None] if isinstance(value, Mapping) else []
    if len(members) != 1 or members[0] not in known:
        strange = [name for name in members if name not in known]
        detail = f"'{strange[0]}' is unknown; " if strange else ""
        raise InvalidParameter(
            field, parameter, NOT_EXACTLY_ONE, path=path, detail=f"{detail}exactly one of {', '.join(known)} goes here"
        )
    member = value[members[0]]
    if not isinstance(member, Mapping):
        raise InvalidParameter(field, members[0], NOT_VALID, path=path, detail="an object goes here")
    return members[0], member


def option(value: Any, options: Iterable[str], field: str, parameter: str, path: str) -> str:
    """A text among options. Raises InvalidParameter."""
    known = tuple(options)
    if value not in known:
        raise InvalidParameter(
            field, str(value), NOT_AN_OPTION, path=path, detail=f"{parameter} is one of {', '.join(known)}"
        )
    return str(value)


def number(  # noqa: PLR0917 - value, bounds, and how a refusal names it
    value: Any, least: int, most: int, field: str, parameter: str, path: str
) -> int:
    """A whole number in a range. Raises InvalidParameter."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidParameter(field, str(value), NOT_VALID, path=path, detail=f"{parameter} is a whole number")
    if value < least:
        raise InvalidParameter(field, str(value), BELOW_MINIMUM, path=path, detail=f"{parameter} is at least {least}")
    if value > most:
        raise InvalidParameter(field, str(value), ABOVE_MAXIMUM, path=path, detail=f"{parameter} is at most {most}")
    return value


def text(value: Any, field: str, parameter: str, path: str, *, most: int = 1024) -> str:
    """A text that isn't empty. Raises InvalidParameter."""
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise InvalidParameter(
            field, str(value)[:80], NOT_VALID, path=path, detail=f"{parameter} is a text of 1 to {most} characters"
        )
    return value


def items(  # noqa: PLR0917 - value, bounds, and how a refusal names it
    value: Any, least: int, most: int, field: str, parameter: str, path: str
) -> list[Any]:
    """A list of so many. Raises InvalidParameter."""
    if not isinstance(value, list):
        raise InvalidParameter(field, parameter, NOT_VALID, path=path, detail=f"{parameter} is a list")
    if len(value) < least:
        raise InvalidParameter(field, parameter, BELOW_MINIMUM, path=path, detail=f"at least {least} go here")
    if len(value) > most:
        raise InvalidParameter(field, parameter, ABOVE_MAXIMUM, path=path, detail=f"at most {most} go here")
    return value
