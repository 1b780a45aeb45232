"""Options that several commands take."""

from __future__ import annotations

import argparse
from typing import Any

from casemate.foundation import settings
from casemate.foundation.settings import InForce, Settings


def add_data(*parsers: argparse.ArgumentParser) -> None:
    """`--data`, on a command and on its subcommands alike."""
    for parser in parsers:
        parser.add_argument(
            "--data",
            metavar="DIR",
            default=argparse.SUPPRESS,
            help="the data directory (default: $XDG_DATA_HOME/casemate)",
        )


def add_json(*parsers: argparse.ArgumentParser) -> None:
    """`--json`, on a command and on its subcommands alike."""
    for parser in parsers:
        parser.add_argument(
            "--json",
            action="store_true",
            default=argparse.SUPPRESS,
            help="one JSON object a line on standard output",
        )


def wants_json(options: argparse.Namespace) -> bool:
    return bool(getattr(options, "json", False))


def in_force(options: argparse.Namespace) -> InForce:
    """The settings, with what was given on the command line over all else. Raises UsageError."""
    names: set[str] = {*Settings.__struct_fields__, "config"}
    flags: dict[str, Any] = {name: value for name, value in vars(options).items() if name in names}
    return settings.load(flags)
