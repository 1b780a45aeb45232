"""How data of an older release becomes data of this one.

A database says its format with a number. Formats only grow; each has the statements that lead to it from the one
before. They run once, when a store is first opened by a newer program, after a copy of the database was put beside
it. Older programs refuse newer data.
"""

from collections.abc import Sequence
from pathlib import Path

from casemate.foundation.records.errors import DataNewerThanProgram

Steps = Sequence[Sequence[str]]
"""The statements of format 1, 2, 3, ..."""


def steps_from(path: Path, found: int, steps: Steps) -> list[tuple[int, Sequence[str]]]:
    """The formats still to be reached from the one found, with their statements. DataNewerThanProgram."""
    if found > len(steps):
        raise DataNewerThanProgram(str(path), found, len(steps))
    return [(number + 1, steps[number]) for number in range(found, len(steps))]


def backup_path(path: Path, found: int) -> Path:
    """Where the database is copied before it leaves a format."""
    return path.with_name(f"{path.name}.format-{found}")
