"""What can go wrong with a store.

RecordsError
├── CommitError          a unit of work was refused; nothing of it was kept
│   ├── Conflict         a record that it read has moved: run the operation again
│   ├── AlreadyExists    a unique index holds that value for another record
│   ├── DiskFull         the disk takes no more; reads go on
│   ├── Unkeepable       something in the unit is not what a database can hold
│   ├── StoreClosed      the store was closed before the unit's turn came
│   └── StoreFailed      the disk or the database is broken
├── StoreMissing         no store at that path, and none was to be made
├── DataNewerThanProgram the data was written by a later release
└── AuditBroken          the audit chain does not hold
"""

from casemate.foundation.errors import CasemateError


class RecordsError(CasemateError):
    """Anything that a store reports."""


class CommitError(RecordsError):
    """A unit of work was refused, and nothing of it was kept (see StoreFailed for the one exception)."""


class Conflict(CommitError):
    """What the unit saw is no longer so; the operation may run again on what is true now."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} has changed since it was read")
        self.what = what


class AlreadyExists(CommitError):
    """A unique index already holds the value for another record."""

    def __init__(self, collection: str, index: str, scope: str, value: str) -> None:
        super().__init__(f"{collection} already has a record whose {index} is {value!r} in {scope!r}")
        self.collection = collection
        self.index = index
        self.scope = scope
        self.value = value


class DiskFull(CommitError):
    """The disk refused the write; what was committed before stays readable."""


class Unkeepable(CommitError):
    """Something in the unit is not what a database can hold: a lone surrogate, a number out of range."""


class StoreClosed(CommitError):
    """The store is closed, or closed before the unit's turn came; nothing of the unit was kept."""


class StoreFailed(CommitError):
    """The disk or the database failed; whether a commit in flight was kept shows when the store is opened again."""


class StoreMissing(RecordsError):
    """There is no store at the path, and none was to be made."""


class DataNewerThanProgram(RecordsError):
    """The store was written by a later release of the program, which this one must not touch."""

    def __init__(self, path: str, found: int, known: int) -> None:
        super().__init__(
            f"{path} has data format {found}; this program knows formats up to {known}: use a newer release"
        )
        self.found = found
        self.known = known


class AuditBroken(RecordsError):
    """A record of the audit chain was changed, cut out or put in."""

    def __init__(self, seq: int, reason: str) -> None:
        super().__init__(f"audit record {seq}: {reason}")
        self.seq = seq
