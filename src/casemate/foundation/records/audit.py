"""The audit of writes: a chain of hashes in the store, numbered by its writer.

Each digest covers the digest before it, so a record that is changed, cut out, put in or put elsewhere shows. It also
covers what the unit of work wrote (keys and hashes of bodies), so a row put back to an older state shows as well.
"""

import hashlib
import hmac
import struct
from collections.abc import Callable, Iterable

import msgspec

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


_decode_changes = msgspec.msgpack.Decoder(tuple[int, list[tuple[str, str, str, bytes | None]]]).decode

_PAGE = 1000

Written = dict[RecordKey, tuple[int, bytes | None]]
"""The version and the hash of the body that were written last; None: deleted"""


def verify_records(
    read: Callable[[int, int], list[AuditRecord]], raw: Callable[[RecordKey], tuple[int, bytes] | None]
) -> AuditHead:
    """Follow the chain to its end and see that every record that it tells of is as it was written last.

    ``read`` gives records of the chain after a number, ``raw`` the version and body of a record. Writes may go on
    meanwhile: a record that differs is looked at again when the chain has grown. A record written since without an
    audit entry is beyond what the chain can say; one that is older, differs or is gone is AuditBroken.
    """
    head = AuditHead(0, GENESIS)
    suspects: Written = {}
    while True:
        before = head
        while records := read(head.seq, _PAGE):
            head = verify_chain(records, head)
            for record in records:
                suspects.update(_written(record))
        suspects = {key: last for key, last in suspects.items() if not _agrees(raw(key), last)}
        if not suspects:
            return head
        if head == before:
            key = next(iter(suspects))
            raise AuditBroken(head.seq, f"{key[0]} {key[2]!r} in {key[1]!r} is not what was written last")


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
