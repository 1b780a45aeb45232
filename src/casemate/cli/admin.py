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
from casemate.foundation.seal_of_node import (
    add_domain_key_of_node,
    change_passphrase_of_node,
    move_root_key_of_node,
    read_secret,
)


def add_to(commands: Any) -> None:
    parser = commands.add_parser("admin", help="new keys for the first administrator; how the root key is kept")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    keys = actions.add_parser("reset-keys", help="give the first administrator new keys; the old ones stop at once")
    keys.set_defaults(run=reset_keys)
    change = actions.add_parser("change-passphrase", help="keep the root key under a (new) passphrase, or under none")
    new = change.add_mutually_exclusive_group(required=True)
    new.add_argument("--new-passphrase-file", metavar="FILE", help="a file that holds the new passphrase")
    new.add_argument("--no-passphrase", action="store_true", help="keep the root key in its file alone")
    change.set_defaults(run=change_passphrase)
    domain = actions.add_parser("add-domain-key", help="seal with a new domain key from now on")
    domain.set_defaults(run=add_domain_key)
    move = actions.add_parser("move-root-key", help="seal under a new root key, in a PKCS#11 token or in root.key")
    move.add_argument("--to", choices=("token", "file"), required=True, help="where the new root key is kept")
    move.add_argument("--new-passphrase-file", metavar="FILE", help="with --to file: a passphrase for root.key")
    move.set_defaults(run=move_root_key)
    for action in (change, domain, move):
        action.add_argument("--root-key-passphrase-file", metavar="FILE", help="the passphrase that is in force")
    for name, what in (("module", "the token's module"), ("token", "its label"), ("pin-file", "a file with its PIN")):
        move.add_argument(f"--root-key-pkcs11-{name}", metavar="FILE" if "file" in name else name.upper(), help=what)
    add_data(parser, keys, change, domain, move)


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
    passphrase = None if options.no_passphrase else read_secret(Path(options.new_passphrase_file), "new passphrase")
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


def move_root_key(options: argparse.Namespace) -> int:
    settings = in_force(options).settings
    node = Node(settings.data_path)
    node.facts()
    if not settings.root_key_pkcs11_module:
        raise UsageError(
            "say which token: --root-key-pkcs11-module, --root-key-pkcs11-token, --root-key-pkcs11-pin-file"
        )
    passphrase = (
        read_secret(Path(options.new_passphrase_file), "new passphrase") if options.new_passphrase_file else None
    )
    move_root_key_of_node(node, settings, to_file=options.to == "file", passphrase=passphrase)
    told = "with the same three settings" if options.to == "token" else "without the token's settings"
    sys.stderr.write(
        f"A new root key seals {node.path}; the old one opens it no more. The next start is {told}; "
        "processes that run go on. Back up again: older backups open with the old root key only.\n"
    )
    return 0
