"""`casemate region`: which regions run; stop one, start it again."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from casemate.cli.options import add_data, add_json, wants_json
from casemate.cli.server import ask_server


def add_to(commands: Any) -> None:
    parser = commands.add_parser("region", help="list, stop or start regions")
    actions = parser.add_subparsers(dest="action", metavar="list|stop|start", required=True)
    listing = actions.add_parser("list", help="the regions that have been used, and their state")
    stop = actions.add_parser("stop", help="let go of a region's files")
    start = actions.add_parser("start", help="take it up again")
    for action in (stop, start):
        action.add_argument("name", metavar="NAME", help="for example eu-west-1")
    add_data(parser, listing, stop, start)
    add_json(parser, listing, stop, start)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    message = {"action": options.action}
    if options.action != "list":
        message["name"] = options.name
    answer = ask_server(options, "region", message)
    rows = answer.get("regions") or [{"name": answer["name"], "state": _state(options.action)}]
    for row in rows:
        print(msgspec.json.encode(row).decode() if wants_json(options) else f"{row['name']:16} {row['state']}")
    return 0


def _state(action: str) -> str:
    return "stopped" if action == "stop" else "running"
