"""Options that several commands take."""

from __future__ import annotations

import argparse
from typing import Any

from casemate.foundation import settings
from casemate.foundation.settings import InForce, Settings


def add_data(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", metavar="DIR", help="the data directory (default: $XDG_DATA_HOME/casemate)")


def add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object a line on standard output")


def in_force(options: argparse.Namespace) -> InForce:
    """The settings, with what was given on the command line over all else. Raises UsageError."""
    names: set[str] = {*Settings.__struct_fields__, "config"}
    flags: dict[str, Any] = {name: value for name, value in vars(options).items() if name in names}
    return settings.load(flags)
