"""`casemate audit`: the records of what was called, and the proof that none was changed or taken out."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from casemate.cli.options import add_data, in_force
from casemate.foundation.audit import FOLDER, AuditKeys, read_segments, verify_segments
from casemate.foundation.errors import CasemateError
from casemate.foundation.node import Node
from casemate.foundation.records import AuditBroken, Store
from casemate.foundation.seal import Seal, SealError, open_seal
from casemate.foundation.seal.root import decode_root_file
from casemate.foundation.seal_of_node import custody_of, open_or_make_seal, read_secret
from casemate.foundation.settings import Settings
from casemate.foundation.stores import STORE

_BATCH: Final = 1000


def add_to(commands: Any) -> None:
    parser = commands.add_parser("audit", help="print the audit records, one JSON object a line; or verify them")
    add_data(parser)
    parser.add_argument("--verify", action="store_true", help="prove that no record was changed, taken out or cut off")
    parser.add_argument("--root-key", metavar="FILE", help="for --verify: the root key (default: the data directory's)")
    parser.add_argument("--root-key-passphrase-file", metavar="FILE", help="the passphrase of the root key")
    parser.add_argument("--event", metavar="NAME", help="only calls of this operation, for example Decrypt")
    parser.add_argument("--account", metavar="ID", help="only what this account sees")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    settings = in_force(options).settings
    node = Node(settings.data_path)
    folder = node.generation(node.facts().generation)
    if options.verify:
        key = Path(options.root_key) if options.root_key else None
        return _verify(folder, _seal(node, settings, key), node.facts().stopped_regions)
    for body in _bodies(folder):
        record = msgspec.json.decode(body)
        if options.event and record.get("eventName") != options.event:
            continue
        if options.account and record.get("recipientAccountId") != options.account:
            continue
        print(body.decode())
    return 0


def _seal(node: Node, settings: Settings, root_key: Path | None) -> Seal:
    try:
        if root_key is not None:
            root = decode_root_file(read_secret(root_key, "root key"), custody_of(settings).passphrase)
            return open_seal(node.path, holder=root)
        return open_or_make_seal(node, settings, make=False)
    except SealError as error:
        raise CasemateError(
            f"the audit is chained under keys that only the root key opens: {error}; give it with --root-key FILE, and "
            "its passphrase, if it has one, with --root-key-passphrase-file FILE"
        ) from None


def _verify(folder: Path, seal: Seal, stopped: Iterable[str]) -> int:
    proven = verify_audit(folder, seal, stopped)
    for what in proven.unproven:
        sys.stderr.write(f"not proven: {what}\n")
    holds = "every other chain holds" if proven.unproven else "every chain holds"
    sys.stderr.write(f"{holds}: {proven.stores} stores, {proven.writers} writers of segments\n")
    return 1 if proven.unproven else 0


class Proven(NamedTuple):
    """What was found sound."""

    stores: int
    writers: int
    unproven: list[str]
    """Records of which nothing can be said: they were there before there was what proves them."""


def verify_audit(folder: Path, seal: Seal, stopped: Iterable[str]) -> Proven:
    """Verify the whole audit of a data generation, beside a server or without. Stopped regions may be elsewhere.

    Raises CasemateError.
    """
    keys = AuditKeys.of(seal)
    segments = verify_segments(folder / FOLDER, keys)
    unproven = [f"the segments of {writer} up to number {last}" for writer, last in segments.unproven.items()]
    unproven += [f"the records of {name} from before it was made anew" for name in segments.anew]
    found = set()
    for name, store in _stores(folder, keys):
        with contextlib.closing(store):
            try:
                last = store.audit_unproven()
                store.verify_audit()
            except AuditBroken as error:
                raise CasemateError(f"{store.path}: {error}") from None
        if last:
            unproven.append(f"the records of {name} up to number {last}")
        found.add(name)
    missing = sorted({*segments.stores} - found - {*stopped})
    if missing:
        raise CasemateError(f"the store of {missing[0]} is missing from {folder}: its records and its audit are gone")
    return Proven(len(found), len(segments.writers), unproven)


def _stores(folder: Path, keys: AuditKeys | None = None) -> Iterator[tuple[str, Store]]:
    for path in sorted(folder.glob(f"*/*/{STORE}")):
        prefix = "global-" if path.parent.parent.name == "global" else ""
        name = f"{prefix}{path.parent.name}"
        key = b"" if keys is None else keys.store(name)
        yield name, Store.open(path, name=name, create=False, audit_key=key)


def _bodies(folder: Path) -> Iterator[bytes]:
    """Writes, store by store; then reads and denials, writer by writer."""
    for _, store in _stores(folder):
        with contextlib.closing(store):
            after = 0
            while batch := store.audit_records(after, _BATCH):
                for record in batch:
                    after = record.seq
                    yield record.body
    for stored in read_segments(folder / FOLDER):
        yield stored.body
