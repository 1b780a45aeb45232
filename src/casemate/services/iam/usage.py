"""When access keys and roles were last used (IAM User Guide, "Last accessed information").

Uses are gathered in memory as requests come, and written about once a second in a unit of work of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from casemate.foundation.caller import Caller
from casemate.foundation.records import Collection, Reader, Unit
from casemate.services.iam.records import AccessKey, Role

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes

TRAILING_SECONDS: Final = 400 * 86400
"""How far back a role's last use is told."""


class LastUse(msgspec.Struct, frozen=True):
    """The last request signed with an access key, or as a role."""

    at: float
    service: str
    region: str


LAST_USES: Final = Collection("iam.last_uses", LastUse)
"""Scope is the account, id the access key's or the role's unique id."""


class Uses:
    """The uses of a process since they were last written. For one thread."""

    def __init__(self) -> None:
        self._gathered: dict[tuple[str, str], LastUse] = {}

    def note(self, caller: Caller, service: str, region: str, now: float) -> None:
        """A request of this caller has been authenticated."""
        if caller.kind == "role_session":
            self._gathered[caller.account, caller.unique_id] = LastUse(now, service, region)
        elif caller.access_key_id.startswith("AKIA"):
            self._gathered[caller.account, caller.access_key_id] = LastUse(now, service, region)

    def write(self, unit: Unit) -> None:
        """Put what was gathered into a unit of work, and begin anew."""
        gathered, self._gathered = self._gathered, {}
        for (account, used), use in gathered.items():
            known = unit.get(LAST_USES, account, used)
            if known is None or known.at < use.at:
                unit.put(LAST_USES, account, used, use)

    def __len__(self) -> int:
        return len(self._gathered)


def of_key(reader: Reader, key: AccessKey) -> shapes.AccessKeyLastUsed:
    """What GetAccessKeyLastUsed says."""
    use = reader.get(LAST_USES, key.account, key.id)
    if use is None:
        return {"ServiceName": "N/A", "Region": "N/A"}
    return {"LastUsedDate": use.at, "ServiceName": use.service, "Region": use.region}


def of_role(reader: Reader, account: str, role: Role, now: float) -> dict[str, Any]:
    """The member RoleLastUsed of GetRole: empty where the role was not used in 400 days."""
    use = reader.get(LAST_USES, account, role.id)
    if use is None or use.at < now - TRAILING_SECONDS:
        return {}
    return {"LastUsedDate": use.at, "Region": use.region}


def forget(unit: Unit, account: str, used: str) -> None:
    """Forget the uses of an access key or role that is deleted."""
    if unit.get(LAST_USES, account, used) is not None:
        unit.delete(LAST_USES, account, used)
