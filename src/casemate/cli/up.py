"""`casemate up`: serve."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any

from casemate.cli.options import add_data, in_force
from casemate.foundation.children import StartFailed
from casemate.foundation.clock import SharedClock
from casemate.foundation.errors import UsageError
from casemate.foundation.log import Log
from casemate.foundation.node import Node, NodeFacts
from casemate.foundation.settings import Settings
from casemate.foundation.supervisor import Supervisor


def add_to(commands: Any) -> None:
    parser = commands.add_parser("up", help="serve the AWS APIs")
    add_data(parser)
    parser.add_argument("--config", metavar="FILE", help="settings in TOML")
    parser.add_argument("--listen", metavar="ADDRESS:PORT", help="where to serve (default 127.0.0.1:4566; port 0: any)")
    parser.add_argument("--workers", type=int, metavar="N", help="API workers (default: one a core)")
    parser.add_argument("--account", metavar="ID", help="the first account (default 123456789012)")
    parser.add_argument("--tls", action="store_const", const=True, help="TLS by the built-in local CA")
    parser.add_argument("--tls-cert", metavar="FILE", help="TLS with this certificate chain (PEM)")
    parser.add_argument("--tls-key", metavar="FILE", help="the certificate's private key (PEM)")
    parser.add_argument("--test", action="store_const", const=True, help="allow the test clock, seeding and reset")
    parser.add_argument("--open", action="store_const", const=True, help="accept any credentials (loopback only)")
    parser.add_argument(
        "--plain-http", action="store_const", const=True, help="plain HTTP beyond loopback (only with --test)"
    )
    parser.add_argument("--root-key-passphrase-file", metavar="FILE", help="the passphrase of the root key")
    parser.add_argument("--root-key-pkcs11-module", metavar="FILE", help="keep the root key in a PKCS#11 token")
    parser.add_argument("--root-key-pkcs11-token", metavar="LABEL", help="the label of that token")
    parser.add_argument("--root-key-pkcs11-pin-file", metavar="FILE", help="the PIN of that token's user")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    settings, sources, strangers = in_force(options)
    for name in strangers:
        sys.stderr.write(f"casemate: {name} is no setting and has no effect (casemate config lists them)\n")
    node = Node(settings.data_path)
    node.make()
    node.lock()
    fresh, facts = _facts(node, settings)
    if facts.account != settings.account and sources["account"] != "default":
        raise UsageError(
            f"{node.path} was made for account {facts.account}: leave out the account {settings.account}, or use "
            "another directory"
        )
    clock = SharedClock(node.clock)
    _warn_of_test_data(settings, facts, clock)
    log = Log(clock, process="supervisor", level=settings.log_level)
    return asyncio.run(_serve(node, settings, facts, log, fresh=fresh))


def _facts(node: Node, settings: Settings) -> tuple[bool, NodeFacts]:
    if node.exists:
        facts = node.facts()
        if settings.test and not facts.test:
            raise UsageError(f"{node.path} was not made with --test: use another directory for tests")
        return not node.generation(facts.generation).exists(), facts
    facts = NodeFacts(account=settings.account, test=settings.test)
    node.write(facts)
    return True, facts


async def _serve(node: Node, settings: Settings, facts: NodeFacts, log: Log, *, fresh: bool) -> int:
    supervisor = Supervisor(node, settings, facts, log, fresh=fresh)
    try:
        url = await supervisor.start()
    except StartFailed as error:
        sys.stderr.write(f"casemate: {error}\n")
        await supervisor.stop()
        return 1
    print(f"ready {url}", flush=True)
    _tell(node, settings, facts, url)
    await supervisor.wait()
    return 0


def _warn_of_test_data(settings: Settings, facts: NodeFacts, clock: SharedClock) -> None:
    if facts.test and not settings.test:
        ahead = f", and its clock is {clock.offset / 86400:.1f} days ahead" if clock.offset else ""
        sys.stderr.write(f"casemate: this data directory was made with --test{ahead}; it is served as any other now\n")


def _tell(node: Node, settings: Settings, facts: NodeFacts, url: str) -> None:
    """What runs, where, and what to type next; for people, so on standard error."""
    command = "./casemate" if (Path(__file__).resolve().parents[3] / "casemate").is_file() else "casemate"
    lines = [
        "",
        f"Casemate serves the AWS APIs of account {facts.account} at {url}",
        f"  data       {node.path}",
        f"  processes  {settings.worker_count} workers and a keeper" + ("; a test server" if settings.test else ""),
        "",
        "Type next, in another terminal:",
        f'  eval "$({command} env --data {node.path})"',
        "  aws sts get-caller-identity",
        "  aws kms create-key",
        "",
    ]
    if settings.open:
        lines.insert(1, "WARNING: --open accepts any credentials. Anyone who reaches this port is an administrator.")
    sys.stderr.write("\n".join(lines) + "\n")
    sys.stderr.flush()
