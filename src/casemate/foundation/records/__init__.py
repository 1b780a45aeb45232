"""Records: what services remember.

A store keeps typed records in collections, with indexes, timers, an outbox, and the audit of every write, in one
database. Reads come from ``Store.reader``; an operation works in a ``Unit`` and commits it. See store.py for the way
in, unit.py for what a unit of work promises, page.py for why a cached record is never a stale one.
"""

from casemate.foundation.records.audit import GENESIS, AuditEntry, AuditHead, AuditRecord, verify_chain
from casemate.foundation.records.collection import Collection, Index
from casemate.foundation.records.errors import (
    AlreadyExists,
    AuditBroken,
    CommitError,
    Conflict,
    DataNewerThanProgram,
    DiskFull,
    RecordsError,
    StoreClosed,
    StoreFailed,
    StoreMissing,
    Unkeepable,
)
from casemate.foundation.records.outbox import BUS, Message
from casemate.foundation.records.reader import Reader
from casemate.foundation.records.store import Store
from casemate.foundation.records.timers import Timer
from casemate.foundation.records.unit import Unit

__all__ = [
    "BUS",
    "GENESIS",
    "AlreadyExists",
    "AuditBroken",
    "AuditEntry",
    "AuditHead",
    "AuditRecord",
    "Collection",
    "CommitError",
    "Conflict",
    "DataNewerThanProgram",
    "DiskFull",
    "Index",
    "Message",
    "Reader",
    "RecordsError",
    "Store",
    "StoreClosed",
    "StoreFailed",
    "StoreMissing",
    "Timer",
    "Unit",
    "Unkeepable",
    "verify_chain",
]
