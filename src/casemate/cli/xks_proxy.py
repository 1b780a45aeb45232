"""`casemate xks-proxy`: an external key store proxy over a PKCS#11 token."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any


def add_to(commands: Any) -> None:
    parser = commands.add_parser(
        "xks-proxy",
        help="serve the keys of a PKCS#11 token to an external key store",
        description="Serve the keys of a PKCS#11 token by the XKS proxy API. The file says where, which and to whom: "
        "docs/key-stores.md.",
    )
    parser.add_argument("configuration", metavar="FILE", help="the proxy's TOML file")
    parser.add_argument("--make-key", metavar="LABEL", help="make a key of this label in the token, and end")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    import uvloop  # noqa: PLC0415 - other commands don't need it

    from casemate.edge.xks_proxy import load, open_token, serve  # noqa: PLC0415 - see above
    from casemate.foundation.clock import RealClock  # noqa: PLC0415
    from casemate.foundation.errors import CasemateError  # noqa: PLC0415
    from casemate.foundation.log import Log  # noqa: PLC0415
    from casemate.foundation.pkcs11 import Pkcs11Error  # noqa: PLC0415

    configuration = load(Path(options.configuration))
    token = open_token(configuration, writes=bool(options.make_key))
    try:
        if options.make_key:
            token.make_key(options.make_key)
            sys.stderr.write(f"The token {configuration.token} has a new AES-256 key {options.make_key}.\n")
        else:
            clock = RealClock()
            log = Log(clock, process="xks-proxy", level="info")
            uvloop.run(serve(configuration, token, clock, log, _ready))
        token.close()
    except Pkcs11Error as error:
        raise CasemateError(str(error)) from None
    return 0


def _ready(url: str) -> None:
    sys.stdout.write(f"ready {url}\n")
    sys.stdout.flush()
