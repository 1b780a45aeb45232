"""The audit of writes: a chain of hashes in the store, numbered by its writer.

Each digest covers the digest before it, so a record that is changed, cut out, put in or put elsewhere shows. It also
covers what the unit of work wrote (keys and hashes of bodies), so a row put back to an older state shows as well.
"""

import hashlib
import struct
from collections.abc import Iterable

import msgspec

from casemate.foundation.records.errors import AuditBroken

GENESIS = bytes(32)
"""What stands for the digest before the first record's."""

_FRAME = struct.Struct(">QdII")


class AuditEntry(msgspec.Struct, frozen=True):
    """What an operation says of itself: its account, when (seconds since the epoch), and its record, ready to keep."""

    account: str
    time: float
    body: bytes


class AuditRecord(msgspec.Struct, frozen=True):
    """An entry in its place in the chain.

    ``changes`` is empty, or MessagePack: [version, [collection, scope, id, SHA-256 of the body or nil], ...].
    """

    seq: int
    account: str
    time: float
    changes: bytes
    body: bytes
    digest: bytes


class AuditHead(msgspec.Struct, frozen=True):
    """The end of the chain: the last number given and its digest."""

    seq: int
    digest: bytes


def chain_digest(previous: bytes, seq: int, entry: AuditEntry, changes: bytes) -> bytes:
    """SHA-256 over the previous digest, the number, the time, account, changes and body, each framed by its length."""
    account = entry.account.encode()
    frame = _FRAME.pack(seq, entry.time, len(account), len(changes))
    return hashlib.sha256(b"".join((previous, frame, account, changes, entry.body))).digest()


def verify_chain(records: Iterable[AuditRecord], start: AuditHead) -> AuditHead:
    """Follow the chain from ``start`` through all records and return its end.

    AuditBroken names the first record that doesn't fit.
    """
    seq, digest = start.seq, start.digest
    for record in records:
        seq += 1
        if record.seq != seq:
            raise AuditBroken(seq, f"missing; the next one is {record.seq}")
        digest = chain_digest(digest, seq, AuditEntry(record.account, record.time, record.body), record.changes)
        if digest != record.digest:
            raise AuditBroken(seq, "its digest does not follow from its content and the record before it")
    return AuditHead(seq, digest)
