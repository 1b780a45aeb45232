"""`casemate backup` and `casemate restore`: online, sealed, verified."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from casemate.cli import control
from casemate.cli.audit import verify_audit
from casemate.cli.options import add_data, in_force
from casemate.foundation import backup as backups
from casemate.foundation.errors import CasemateError, UsageError
from casemate.foundation.files import replace_file
from casemate.foundation.node import Node
from casemate.foundation.records import Store
from casemate.foundation.seal import Seal
from casemate.foundation.seal_of_node import open_or_make_seal
from casemate.foundation.settings import Settings
from casemate.foundation.stores import STORE


def add_to(commands: Any) -> None:
    backup = commands.add_parser("backup", help="write a sealed backup of a running server, or verify one")
    add_data(backup)
    backup.add_argument("file", metavar="FILE")
    backup.add_argument("--verify", action="store_true", help="prove that this backup opens and is whole")
    backup.add_argument("--root-key", metavar="FILE", help="for --verify: the root key (default: the data directory's)")
    backup.add_argument("--root-key-passphrase-file", metavar="FILE", help="the passphrase of the root key")
    backup.set_defaults(run=run_backup)
    restore = commands.add_parser("restore", help="restore a backup into an empty directory")
    add_data(restore)
    restore.add_argument("file", metavar="FILE")
    restore.add_argument("--root-key", metavar="FILE", help="the root key (not needed if the service manager gives it)")
    restore.add_argument("--root-key-passphrase-file", metavar="FILE", help="the passphrase of the root key")
    restore.set_defaults(run=run_restore)


def run_backup(options: argparse.Namespace) -> int:
    settings = in_force(options).settings
    path = Path(options.file).absolute()
    if options.verify:
        with tempfile.TemporaryDirectory(prefix="casemate-verify-") as temporary:
            folder = Path(temporary) / "data"
            own = settings.data_path / "root.key"
            key = Path(options.root_key) if options.root_key else (own if own.exists() else None)
            stores, lacking = _restore(path, folder, key, settings)
        sys.stderr.write(_said_to_lack(lacking))
        sys.stderr.write(f"{path} opens and is whole: {stores} stores, their records and their audit chains verified\n")
        return 0
    answer = control.ask(Node(settings.data_path), "backup", path=str(path))
    sys.stderr.write(_said_to_lack(answer["lacking"]))
    sys.stderr.write(
        f"{answer['path']}: {answer['bytes']} bytes. It opens only with the root key of {settings.data_path}: keep a "
        "copy of root.key (or its passphrase) somewhere else, for without it nothing in a backup can be had again.\n"
    )
    return 0


def run_restore(options: argparse.Namespace) -> int:
    settings = in_force(options).settings
    folder = settings.data_path
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty: a backup is restored into an empty directory only")
    key = Path(options.root_key) if options.root_key else None
    try:
        stores, lacking = _restore(Path(options.file), folder, key, settings)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    sys.stderr.write(_said_to_lack(lacking))
    sys.stderr.write(
        f"{folder}: {stores} stores restored and verified. `casemate up --data {folder}` serves them; the "
        "administrator's key is the one that the backup holds.\n"
    )
    return 0


def _said_to_lack(regions: list[str]) -> str:
    return "".join(
        f"warning: {region} is NOT in this backup: it was stopped, and its files were not in the data directory\n"
        for region in regions
    )


def _restore(file: Path, folder: Path, root_key: Path | None, settings: Settings) -> tuple[int, list[str]]:
    """Unpack and verify; how many stores there are, and the regions that are not among them.

    Raises BackupRefused, SealError.
    """
    Node(folder).make()
    with file.open("rb") as source:
        header = backups.read_header(source)
        replace_file(folder / "seal.json", header.seal)
        if root_key is not None:
            replace_file(folder / "root.key", root_key.read_bytes())
        seal = _seal(folder, settings)
        backups.extract(source, header, seal, folder)
    return _verify(folder, seal), header.lacking


def _seal(folder: Path, settings: Settings) -> Seal:
    return open_or_make_seal(Node(folder), settings, make=False)


def _verify(folder: Path, seal: Seal) -> int:
    count = 0
    for path in sorted(folder.glob(f"g*/*/*/{STORE}")):
        with contextlib.closing(Store.open(path, name=path.parent.name, create=False)) as store:
            faults = store.integrity()
            if faults:
                raise CasemateError(f"{path} is damaged: {faults[0]}")
        count += 1
    for generation in folder.glob("g*"):
        verify_audit(generation, seal, Node(folder).facts().stopped_regions)
    return count
