"""`casemate waf proxy`: a reverse proxy that inspects."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import uvloop

from casemate.cli.waf.plans import cache_folder, cache_of
from casemate.edge.proxy.configuration import INSPECTED, Configuration, address_of, origin_of
from casemate.edge.proxy.serving import serve
from casemate.foundation.clock import SharedClock
from casemate.foundation.log import Log


def run(options: argparse.Namespace) -> int:
    """Serve until a signal ends it."""
    cache = cache_of(options)
    host, port = address_of(options.listen)
    configuration = Configuration(
        acl=str(options.acl),
        origins=tuple(origin_of(url) for url in options.origin),
        host=host,
        port=port,
        workers=options.workers,
        kind=INSPECTED.get(options.resource, options.resource),
        cache=str(cache_folder(options)),
    )
    with tempfile.TemporaryDirectory(prefix="casemate-edge-") as folder:
        home = Path(folder)
        clock = SharedClock(home / "clock")
        log = Log(clock, process="edge")
        uvloop.run(serve(configuration, cache=cache, clock=clock, log=log, folder=home, ready=_ready))
    return 0


def _ready(url: str) -> None:
    sys.stdout.write(f"ready {url}\n")
    sys.stdout.flush()
