"""`casemate config`: what is in force, and from where."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import msgspec

from casemate.cli.options import add_data, add_json, in_force, wants_json


def add_to(commands: Any) -> None:
    parser = commands.add_parser("config", help="the settings in force, and where each comes from")
    add_data(parser)
    add_json(parser)
    parser.add_argument("--config", metavar="FILE", help="settings in TOML")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    settings, sources, strangers = in_force(options)
    for name in settings.__struct_fields__:
        value = getattr(settings, name)
        if wants_json(options):
            row = {"name": name, "value": value, "source": sources.get(name, "default")}
            print(msgspec.json.encode(row).decode())
        else:
            print(f"{name:26} {value!s:44} {sources.get(name, 'default')}")
    for name in strangers:
        sys.stderr.write(f"casemate: {name} is no setting and has no effect\n")
    return 0
