"""`casemate admin`: what only somebody on the machine itself may do."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from casemate.cli import control
from casemate.cli.options import add_data, in_force
from casemate.foundation.node import Node


def add_to(commands: Any) -> None:
    parser = commands.add_parser("admin", help="give the first administrator new keys")
    add_data(parser)
    parser.add_argument("action", choices=["reset-keys"], metavar="reset-keys", help="the old key stops at once")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    node = Node(in_force(options).settings.data_path)
    answer = control.ask(node, "admin-reset-keys")
    sys.stderr.write(
        f"The administrator of account {answer['account']} has a new key, in {answer['file']}.\n"
        f'eval "$(casemate env --data {node.path})" uses it.\n'
    )
    return 0
