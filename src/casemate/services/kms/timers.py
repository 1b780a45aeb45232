"""What happens later: rotations, deletions, and what multi-Region keys tell each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from casemate.foundation.operation import MessageRun, TimerRun
from casemate.services.kms import deletion, imported, relatives, rotation
from casemate.services.kms.custom_stores import operations
from casemate.services.kms.records import ROTATE

TIMERS: Final[Mapping[str, TimerRun]] = {
    ROTATE: rotation.on_rotate,
    relatives.DELETE: deletion.on_delete,
    relatives.SETTLE: relatives.on_settle,
    deletion.FORGET_GRANTS: deletion.on_forget_grants,
    imported.EXPIRE: imported.on_expire,
    operations.CONNECT: operations.on_connect,
}
MESSAGES: Final[Mapping[str, MessageRun]] = {
    relatives.SYNCHRONIZE: relatives.on_synchronize,
    relatives.PROMOTE: relatives.on_promote,
    relatives.REPLICA_GONE: relatives.on_replica_gone,
    relatives.INQUIRE: relatives.on_inquire,
    relatives.DISOWN: deletion.on_disown,
    relatives.HELD: relatives.on_held,
}
