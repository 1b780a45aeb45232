"""How far a store's chain of audit records has come, kept beside the database: cutting off its end shows.

It is written in place behind each commit, so it is never ahead of the database whatever crashes; it may be behind.
"""

from __future__ import annotations

import contextlib
import hmac
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from casemate.foundation.audit import HeadFile, read_if_there
from casemate.foundation.records.audit import AuditHead, Reached
from casemate.foundation.records.errors import AuditBroken

_encode: Final = msgspec.msgpack.Encoder().encode


class ChainEnd:
    """The file of one store. Written under the store's lock only."""

    def __init__(self, database: Path, key: bytes) -> None:
        self.path = database.with_name(f"{database.name}.head")
        self._file = HeadFile(self.path, hmac.digest(key, b"casemate/audit/v1/end", "sha256"))
        self._since: AuditHead | None = None
        self._writes = False
        self._adopted = False

    def make(self, head: AuditHead) -> None:
        """Make the file. Raises OSError."""
        self._file.make(head.seq, _encode(Reached(head, head)))

    def adopt(self, now: AuditHead, digest_at: Callable[[int], bytes]) -> None:
        """Go on with the file, once, before this process' first commit.

        One that does not agree with the database stays as it is from then on: it is evidence.
        """
        if self._adopted:
            return
        self._adopted = True
        kept = read_if_there(self._file)
        if kept is None:
            return
        reached = _decode(kept.content)
        head = reached.head
        if head.seq <= now.seq:
            there = now.digest if head.seq == now.seq else digest_at(head.seq)
            self._writes = hmac.compare_digest(there, head.digest)
            self._since = reached.since

    def write(self, head: AuditHead) -> None:
        """Tell of a commit that is on the disk. Where the file can't be written it stays behind: that is true too."""
        if self._writes and self._since is not None:
            with contextlib.suppress(OSError):
                self._file.write(head.seq, _encode(Reached(head, self._since)), sync=False)

    def close(self) -> None:
        self._file.close()

    def read(self) -> Reached:
        """Raises AuditBroken where there is none, or none that this key made."""
        try:
            kept = self._file.read()
        except FileNotFoundError:
            raise AuditBroken(0, f"{self.path} is missing: where the chain ended can't be known") from None
        if kept is None:
            raise AuditBroken(0, f"{self.path} was changed: it is not what the holder of the root key wrote")
        return _decode(kept.content)


def _decode(content: bytes) -> Reached:
    return msgspec.msgpack.decode(content, type=Reached)
