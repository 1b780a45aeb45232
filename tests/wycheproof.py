"""Vectors of Project Wycheproof about key pairs (tests/data/wycheproof)."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

_PAIRS = Path(__file__).parent / "data" / "wycheproof" / "pairs.tar.xz"


@cache
def documents() -> dict[str, Any]:
    """Every file of vectors, by its name."""
    with tarfile.open(_PAIRS) as archive:
        return {
            Path(member.name).stem: json.loads(archive.extractfile(member).read())  # type: ignore[union-attr]
            for member in archive.getmembers()
        }


def cases(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The cases of a file, each with its group."""
    for group in documents()[name]["testGroups"]:
        for case in group["tests"]:
            yield group, case
