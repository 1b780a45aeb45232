"""IAM's answers as its audit records hold them (CloudTrail User Guide; "Logging IAM and AWS STS API calls")."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

from casemate.foundation.operation import AuditRule

_WITHHELD: Final = frozenset({"SecretAccessKey"})
_DATES: Final = frozenset({"CreateDate", "UpdateDate"})


def recorded(response: Any) -> Any:
    """An answer with members spelled as in a record, times in words, secrets left out."""
    if isinstance(response, Mapping):
        return {
            name[:1].lower() + name[1:]: _date(value) if name in _DATES else recorded(value)
            for name, value in response.items()
            if name not in _WITHHELD
        }
    if isinstance(response, list):
        return [recorded(item) for item in response]
    return response


def _date(moment: float) -> str:
    """Such as `Jul 30, 2024 9:53:13 PM`."""
    at = time.gmtime(moment)
    return (
        f"{time.strftime('%b', at)} {at.tm_mday}, {at.tm_year} {at.tm_hour % 12 or 12}{time.strftime(':%M:%S %p', at)}"
    )


READS: Final = AuditRule(read_only=True)
WRITES: Final = AuditRule(read_only=False, response=recorded)
