"""The audit of writes: a chain of digests in the store, numbered by its writer, under the store's own key.

Each digest covers the digest before it, so a record that is changed, cut out, put in or put elsewhere shows, and only
who has the key can make one. It also covers what the unit of work wrote (keys and hashes of bodies), so a row put back
to an older state shows as well. How far the chain has come is kept beside the database (chain_end.py).
"""

import hashlib
import hmac
import struct
from collections.abc import Callable, Iterable

import msgspec

from casemate.foundation.audit import Mac
from casemate.foundation.records.collection import RecordKey
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

    ``changes`` is empty, or MessagePack: [version, [[collection, scope, id, SHA-256 of the body or nil], ...]].
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


def chain_digest(mac: Mac, previous: bytes, seq: int, entry: AuditEntry, changes: bytes) -> bytes:
    """HMAC-SHA-256 over the previous digest, number, time, account, changes and body, each framed by its length."""
    account = entry.account.encode()
    frame = _FRAME.pack(seq, entry.time, len(account), len(changes))
    return mac.code(b"".join((previous, frame, account, changes, entry.body)))


def verify_chain(mac: Mac, records: Iterable[AuditRecord], start: AuditHead) -> AuditHead:
    """Follow the chain from ``start`` through all records and return its end.

    AuditBroken names the first record that doesn't fit.
    """
    seq, digest = start.seq, start.digest
    for record in records:
        seq += 1
        if record.seq != seq:
            raise AuditBroken(seq, f"missing; the next one is {record.seq}")
        digest = chain_digest(mac, digest, seq, AuditEntry(record.account, record.time, record.body), record.changes)
        if not hmac.compare_digest(digest, record.digest):
            raise AuditBroken(seq, "its digest does not follow from its content and the record before it")
    return AuditHead(seq, digest)


_decode_changes = msgspec.msgpack.Decoder(tuple[int, list[tuple[str, str, str, bytes | None]]]).decode

_PAGE = 1000

Written = dict[RecordKey, tuple[int, bytes | None]]
"""The version and the hash of the body that were written last; None: deleted"""


class Reached(msgspec.Struct, frozen=True, array_like=True):
    """How far a chain is known to have come."""

    head: AuditHead
    since: AuditHead
    """Where the chain stood when that began to be kept: nothing can be said of the records up to there."""


def verify_records(
    mac: Mac,
    reached: Reached,
    read: Callable[[int, int], list[AuditRecord]],
    raw: Callable[[RecordKey], tuple[int, bytes] | None],
) -> AuditHead:
    """Follow the chain to its end and see that every record that it tells of is as it was written last.

    It begins behind ``reached.since`` and must pass ``reached.head``, which has to be read before.

    ``read`` gives records of the chain after a number, ``raw`` the version and body of a record. Writes may go on
    meanwhile: a record that differs is looked at again when the chain has grown. A record written since without an
    audit entry is beyond what the chain can say; one that is older, differs or is gone is AuditBroken.
    """
    head = reached.since
    suspects: Written = {}
    while True:
        before = head
        while records := read(head.seq, _PAGE):
            end = verify_chain(mac, records, head)
            _require_passed(reached.head, head.seq, records)
            head = end
            for record in records:
                suspects.update(_written(record))
        if head.seq < reached.head.seq:
            raise AuditBroken(head.seq + 1, f"missing; the chain is known to have come to {reached.head.seq}")
        suspects = {place: last for place, last in suspects.items() if not _agrees(raw(place), last)}
        if not suspects:
            return head
        if head == before:
            place = next(iter(suspects))
            raise AuditBroken(head.seq, f"{place[0]} {place[2]!r} in {place[1]!r} is not what was written last")


def _require_passed(head: AuditHead, before: int, records: list[AuditRecord]) -> None:
    """The records behind the number ``before`` hold the head, if it is among them."""
    at = head.seq - before - 1
    if 0 <= at < len(records) and not hmac.compare_digest(records[at].digest, head.digest):
        raise AuditBroken(head.seq, "it is not the record that was written: the chain was put back and went on")


def _written(record: AuditRecord) -> Written:
    if not record.changes:
        return {}
    version, changes = _decode_changes(record.changes)
    return {(collection, scope, id_): (version, digest) for collection, scope, id_, digest in changes}


def _agrees(found: tuple[int, bytes] | None, last: tuple[int, bytes | None]) -> bool:
    version, digest = last
    if found is None:
        return digest is None
    if found[0] != version:
        return found[0] > version
    return digest is not None and hmac.compare_digest(hashlib.sha256(found[1]).digest(), digest)
