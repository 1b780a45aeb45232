"""`casemate admin`: what only somebody on the machine itself may do."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from casemate.cli import control
from casemate.cli.options import add_data, in_force
from casemate.foundation.errors import UsageError
from casemate.foundation.node import Node
from casemate.foundation.seal_of_node import add_domain_key_of_node, change_passphrase_of_node


def add_to(commands: Any) -> None:
    parser = commands.add_parser("admin", help="new keys for the first administrator; how the root key is kept")
    actions = parser.add_subparsers(dest="action", metavar="reset-keys|change-passphrase|add-domain-key", required=True)
    keys = actions.add_parser("reset-keys", help="give the first administrator new keys; the old ones stop at once")
    keys.set_defaults(run=reset_keys)
    change = actions.add_parser("change-passphrase", help="keep the root key under a (new) passphrase, or under none")
    new = change.add_mutually_exclusive_group(required=True)
    new.add_argument("--new-passphrase-file", metavar="FILE", help="a file that holds the new passphrase")
    new.add_argument("--no-passphrase", action="store_true", help="keep the root key in its file alone")
    change.set_defaults(run=change_passphrase)
    domain = actions.add_parser("add-domain-key", help="seal with a new domain key from now on")
    domain.set_defaults(run=add_domain_key)
    for action in (change, domain):
        action.add_argument("--root-key-passphrase-file", metavar="FILE", help="the passphrase that is in force")
    add_data(parser, keys, change, domain)


def reset_keys(options: argparse.Namespace) -> int:
    node = Node(in_force(options).settings.data_path)
    answer = control.ask(node, "admin-reset-keys")
    sys.stderr.write(
        f"The administrator of account {answer['account']} has a new key, in {answer['file']}.\n"
        f'eval "$(casemate env --data {node.path})" uses it.\n'
    )
    return 0


def change_passphrase(options: argparse.Namespace) -> int:
    settings = in_force(options).settings
    node = Node(settings.data_path)
    node.facts()
    passphrase = None if options.no_passphrase else _passphrase(Path(options.new_passphrase_file))
    change_passphrase_of_node(node, settings, passphrase)
    sys.stderr.write(
        "The root key is wrapped anew; nothing that it seals was touched. Processes that run go on; the next start "
        "needs the new form.\n"
    )
    return 0


def add_domain_key(options: argparse.Namespace) -> int:
    settings = in_force(options).settings
    node = Node(settings.data_path)
    node.facts()
    number = add_domain_key_of_node(node, settings)
    sys.stderr.write(f"Domain key {number} seals from the next start on; what older ones sealed still opens.\n")
    return 0


def _passphrase(path: Path) -> bytes:
    try:
        passphrase = path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise UsageError(f"the new passphrase can't be read from {path}: {error.strerror}") from None
    if not passphrase:
        raise UsageError(f"{path} is empty; --no-passphrase keeps the root key in its file alone")
    return passphrase
