"""`casemate env`: the variables that point AWS clients at this server."""

from __future__ import annotations

import argparse
import shlex
from typing import Any

import msgspec

from casemate.cli import control
from casemate.cli.options import add_data, in_force
from casemate.foundation.node import Node


def add_to(commands: Any) -> None:
    parser = commands.add_parser("env", help="print export lines for AWS clients")
    add_data(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    settings = in_force(options).settings
    node = Node(settings.data_path)
    node.facts()
    credentials = msgspec.json.decode(node.credentials.read_bytes())
    status = control.ask(node, "status")
    values = {
        "AWS_ENDPOINT_URL": status["url"],
        "AWS_ACCESS_KEY_ID": credentials["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": credentials["secret_access_key"],
        "AWS_DEFAULT_REGION": settings.region,
        "CASEMATE_DATA": str(node.path),
    }
    if status["url"].startswith("https:") and (node.tls / "ca.pem").exists():
        values["AWS_CA_BUNDLE"] = str(node.tls / "ca.pem")
    for name, value in values.items():
        print(f"export {name}={shlex.quote(value)}")
    print("unset AWS_SESSION_TOKEN AWS_PROFILE")
    return 0
