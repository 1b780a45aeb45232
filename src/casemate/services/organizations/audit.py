"""Organizations' calls as its audit records hold them (Organizations User Guide, "Logging with CloudTrail").

Names and e-mail addresses of accounts are masked, times are in words.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from casemate.foundation.operation import AuditRule

_MASK: Final = "****"
_MASKED: Final = frozenset({"AccountName", "Email", "MasterAccountEmail"})


def recorded(members: Any) -> Any:
    """Members spelled as in a record."""
    if isinstance(members, Mapping):
        return {name[:1].lower() + name[1:]: _member(name, value) for name, value in members.items()}
    if isinstance(members, list):
        return [recorded(item) for item in members]
    return members


def _member(name: str, value: Any) -> Any:
    if name in _MASKED:
        return _MASK
    return date(value) if name.endswith("Timestamp") else recorded(value)


def date(moment: float) -> str:
    """Such as `Jul 30, 2024 9:53:13 PM`."""
    at = time.gmtime(moment)
    day = f"{time.strftime('%b', at)} {at.tm_mday}, {at.tm_year}"
    return f"{day} {at.tm_hour % 12 or 12}{time.strftime(':%M:%S %p', at)}"


READS: Final = AuditRule(read_only=True)
WRITES: Final = AuditRule(read_only=False, request=recorded, response=recorded)
