"""Finding the server that a command talks to: AWS_ENDPOINT_URL, else --data, else the default data directory."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from casemate.cli import control
from casemate.cli.options import in_force
from casemate.foundation.node import Node
from casemate.foundation.settings import environment_value


def ask_server(options: argparse.Namespace, name: str, message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Ask the server that is meant; `name` is the endpoint under /_casemate/. Raises NoServer, Refused."""
    url = environment_value("AWS_ENDPOINT_URL")
    node = Node(in_force(options).settings.data_path)
    if url and not _is_of(node, url):
        return control.ask_over_http(url, name, message)
    do, arguments = name, dict(message)
    if name == "region":
        do = f"region-{arguments.pop('action')}"
    return control.ask(node, do, **arguments)


def _is_of(node: Node, url: str) -> bool:
    """Whether the server at this URL is that of the data directory: its control socket may do more than HTTP."""
    try:
        return bool(control.ask(node, "status")["url"] == url.rstrip("/"))
    except control.NoServer:
        return False
