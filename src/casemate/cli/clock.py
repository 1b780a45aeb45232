"""`casemate clock`: the test clock."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from casemate.cli.options import add_data, add_json, wants_json
from casemate.cli.server import ask_server
from casemate.foundation.clock import parse_duration, parse_iso
from casemate.foundation.errors import UsageError


def add_to(commands: Any) -> None:
    parser = commands.add_parser("clock", help="show, set or advance the test clock")
    actions = parser.add_subparsers(dest="action", metavar="show|set|advance", required=True)
    show = actions.add_parser("show", help="what time it is for services")
    to = actions.add_parser("set", help="go forward to a time; what falls due on the way happens")
    to.add_argument("value", metavar="TIME", help="ISO 8601, for example 2027-01-31T12:00:00Z")
    by = actions.add_parser("advance", help="go forward by a duration; what falls due on the way happens")
    by.add_argument("value", metavar="DURATION", help="for example 90s, 12h, 366d")
    add_data(parser, show, to, by)
    add_json(parser, show, to, by)
    parser.set_defaults(run=run)


def _check(options: argparse.Namespace) -> None:
    try:
        if options.action == "advance":
            parse_duration(options.value)
        elif options.action == "set":
            parse_iso(options.value)
    except ValueError as error:
        raise UsageError(f"'{options.value}' can't be taken: {error}") from None


def run(options: argparse.Namespace) -> int:
    _check(options)
    arguments = {"action": options.action}
    if options.action != "show":
        arguments["value"] = options.value
    answer = ask_server(options, "clock", arguments)
    if wants_json(options):
        print(msgspec.json.encode(answer).decode())
    else:
        print(answer["now"])
    return 0
