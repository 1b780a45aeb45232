"""The data directory of a node: what lies where, and the few facts that all its processes share.

node.json          what this directory is: format, first account, whether it is for tests, the data generation
root.key seal.json the root key and what it opens (foundation/seal)
credentials.json   the first administrator's access key, 0600
clock              the shared page of the test clock
control.sock       the control channel, 0600
g1/                a data generation: global/PARTITION/, regions/REGION/, audit/
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import msgspec

from casemate.foundation.errors import CasemateError, UsageError
from casemate.foundation.files import replace_file

FORMAT = 1
_NODE = "node.json"


class NodeFacts(msgspec.Struct, kw_only=True):
    """What node.json says."""

    format: int = FORMAT
    account: str
    test: bool = False
    generation: int = 1
    stopped_regions: list[str] = []
    certificate_names: list[str] = []


class DirectoryInUse(CasemateError):
    """Another server runs on this data directory."""


class Node:
    """A data directory."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = -1

    @property
    def exists(self) -> bool:
        return (self.path / _NODE).exists()

    def facts(self) -> NodeFacts:
        """Raises UsageError where the directory is none of ours, or a newer program's."""
        try:
            facts = msgspec.json.decode((self.path / _NODE).read_bytes(), type=NodeFacts)
        except FileNotFoundError:
            raise UsageError(f"{self.path} is no data directory of Casemate: `casemate up` makes one") from None
        except msgspec.DecodeError as error:
            raise UsageError(f"{self.path / _NODE} can't be read: {error}") from None
        if facts.format > FORMAT:
            raise UsageError(
                f"{self.path} was written by a newer version of Casemate (format {facts.format}, this one knows "
                f"{FORMAT}): use that version"
            )
        return facts

    def write(self, facts: NodeFacts) -> None:
        """Replace node.json so that it is whole at any moment."""
        replace_file(self.path / _NODE, msgspec.json.encode(facts) + b"\n")

    def make(self) -> None:
        """The directory itself, for its owner alone."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.path.stat().st_mode & 0o077:  # it was there before, open to others
            self.path.chmod(0o700)

    def lock(self) -> None:
        """Take the directory for this process. Raises DirectoryInUse."""
        descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise DirectoryInUse(f"another Casemate server runs on {self.path}") from None
        self._lock = descriptor

    @property
    def clock(self) -> Path:
        return self.path / "clock"

    @property
    def control(self) -> Path:
        return self.path / "control.sock"

    @property
    def credentials(self) -> Path:
        return self.path / "credentials.json"

    @property
    def tls(self) -> Path:
        return self.path / "tls"

    def generation(self, number: int) -> Path:
        return self.path / f"g{number}"
