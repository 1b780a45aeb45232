"""`casemate waf proxy`: a reverse proxy that inspects."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

import uvloop

from casemate.cli.waf.plans import cache_folder, cache_of
from casemate.edge.proxy.configuration import Configuration, address_of, origin_of
from casemate.edge.proxy.forwarding import Trusted
from casemate.edge.proxy.serving import serve
from casemate.foundation.clock import SharedClock
from casemate.foundation.errors import UsageError
from casemate.foundation.log import Log

MOST_WORKERS: Final = 256


def run(options: argparse.Namespace) -> int:
    """Serve until a signal ends it."""
    if not 1 <= options.workers <= MOST_WORKERS:
        raise UsageError(f"--workers is from 1 to {MOST_WORKERS}")
    if options.health_path and not options.health_path.startswith("/"):
        raise UsageError("--health-path begins with /")
    cache = cache_of(options)
    host, port = address_of(options.listen)
    configuration = Configuration(
        acl=str(options.acl),
        origins=tuple(origin_of(url) for url in options.origin),
        host=host,
        port=port,
        workers=options.workers,
        kind=options.resource,
        certificates=_certificates(options),
        waf_log=_absolute(options.log),
        access_log=_absolute(options.access_log),
        trusted=_networks(options.trust_forwarded),
        origin_ca=_absolute(options.origin_ca),
        health_path=options.health_path or "",
        explain=options.explain,
        cache=str(cache_folder(options) or ""),
    )
    with tempfile.TemporaryDirectory(prefix="casemate-edge-") as folder:
        home = Path(folder)
        clock = SharedClock(home / "clock")
        log = Log(clock, process="edge")
        uvloop.run(serve(configuration, cache=cache, clock=clock, log=log, folder=home, ready=_ready))
    return 0


def _certificates(options: argparse.Namespace) -> tuple[tuple[str, str], ...]:
    chains, keys = options.tls_cert, options.tls_key
    if len(chains) != len(keys):
        raise UsageError("--tls-cert and --tls-key come in pairs")
    return tuple(
        (str(Path(chain).absolute()), str(Path(key).absolute())) for chain, key in zip(chains, keys, strict=True)
    )


def _absolute(path: Path | None) -> str:
    return str(path.absolute()) if path is not None else ""


def _networks(given: list[str]) -> tuple[str, ...]:
    try:
        Trusted(given)
    except ValueError as error:
        raise UsageError(f"--trust-forwarded: {error}") from None
    return tuple(given)


def _ready(url: str) -> None:
    sys.stdout.write(f"ready {url}\n")
    sys.stdout.flush()
