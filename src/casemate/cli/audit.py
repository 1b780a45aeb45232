"""`casemate audit`: the records of what was called, and the proof that none was changed or taken out."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from casemate.cli.options import add_data, in_force
from casemate.foundation.audit import read_segments, verify_segments
from casemate.foundation.node import Node
from casemate.foundation.records import Store

_BATCH: Final = 1000


def add_to(commands: Any) -> None:
    parser = commands.add_parser("audit", help="print the audit records, one JSON object a line; or verify them")
    add_data(parser)
    parser.add_argument("--verify", action="store_true", help="check every chain of hashes")
    parser.add_argument("--event", metavar="NAME", help="only calls of this operation, for example Decrypt")
    parser.add_argument("--account", metavar="ID", help="only what this account sees")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    node = Node(in_force(options).settings.data_path)
    folder = node.generation(node.facts().generation)
    if options.verify:
        heads = verify_segments(folder / "audit")
        stores = 0
        for store in _stores(folder):
            with contextlib.closing(store):
                store.verify_audit()
                stores += 1
        sys.stderr.write(f"every chain holds: {stores} stores, {len(heads)} writers of segments\n")
        return 0
    for body in _bodies(folder):
        record = msgspec.json.decode(body)
        if options.event and record.get("eventName") != options.event:
            continue
        if options.account and record.get("recipientAccountId") != options.account:
            continue
        print(body.decode())
    return 0


def _stores(folder: Path) -> Iterator[Store]:
    for path in sorted(folder.glob("*/*/store.db")):
        yield Store.open(path, name=path.parent.name, create=False)


def _bodies(folder: Path) -> Iterator[bytes]:
    """Writes, store by store; then reads and denials, writer by writer."""
    for store in _stores(folder):
        with contextlib.closing(store):
            after = 0
            while batch := store.audit_records(after, _BATCH):
                for record in batch:
                    after = record.seq
                    yield record.body
    for stored in read_segments(folder / "audit"):
        yield stored.body
