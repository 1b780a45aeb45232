"""The keys of the audit: one for each chain and for each file that says how far a chain has come.

All come from one sub-key of the seal (docs/root-key.md). A chain made for one writer or one store does not verify as
another's.
"""

from __future__ import annotations

import hmac
from typing import Final

from casemate.foundation.seal import Seal

_PURPOSE: Final = "audit"


class AuditKeys:
    """32 bytes for each use, by HMAC-SHA-256 over its name under 32 bytes that nobody else has."""

    def __init__(self, root: bytes) -> None:
        self._root = root
        self.registry = self._derived(b"registry", "")

    @classmethod
    def of(cls, seal: Seal) -> AuditKeys:
        """The keys of a node."""
        return cls(seal.derive(_PURPOSE))

    def segments(self, writer: str) -> bytes:
        """Chains the segments of a writer."""
        return self._derived(b"segments", writer)

    def head(self, writer: str) -> bytes:
        """Authenticates how far a writer's segments go."""
        return self._derived(b"head", writer)

    def store(self, name: str) -> bytes:
        """Chains the records of a store."""
        return self._derived(b"store", name)

    def _derived(self, use: bytes, name: str) -> bytes:
        return hmac.digest(self._root, b"casemate/audit/v1/" + use + b"\0" + name.encode(), "sha256")
