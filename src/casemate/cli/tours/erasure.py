"""What of a key's sealed material lies in a data directory."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final

from casemate.foundation.node import Node
from casemate.foundation.records import Store
from casemate.foundation.stores import STORE
from casemate.services.kms.records import KEYS

_PIECE: Final = 20
"""Bytes that are searched for: short enough to be found on either side of the border of a page."""


def sealed_material(data: Path, region: str, account: str, key_id: str) -> list[bytes]:
    """The sealed material of a key, as the store of its region has it."""
    node = Node(data)
    folder = node.generation(node.facts().generation) / "regions" / region
    with closing(Store.open(folder / STORE, name=region, create=False)) as store:
        key = store.reader.get(KEYS, account, key_id)
        return [] if key is None else [backing.sealed for backing in key.backing]


def files_with(data: Path, sealed: list[bytes]) -> list[str]:
    """The files of a data directory, logs included, in which a piece of it lies."""
    pieces = {each[at : at + _PIECE] for each in sealed for at in range(0, len(each) - _PIECE + 1, 4)}
    found = []
    for path in sorted(data.rglob("*")):
        try:
            content = path.read_bytes() if path.is_file() else b""
        except FileNotFoundError:  # a log that was taken in meanwhile
            continue
        if any(piece in content for piece in pieces):
            found.append(str(path.relative_to(data)))
    return found
