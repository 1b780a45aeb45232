"""The command line: which command, with which options.

Exit codes: 0 done; 1 an error; 2 wrong usage; 3 something was found and a `--fail…` option asked to say so.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from casemate import __version__
from casemate.cli import (
    admin,
    audit,
    backup,
    clock,
    config,
    doctor,
    env,
    region,
    test,
    tour,
    up,
)
from casemate.foundation.errors import CasemateError, UsageError

_COMMANDS = (up, env, tour, test, doctor, config, clock, region, audit, backup, admin)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit code."""
    parser = argparse.ArgumentParser(prog="casemate", description="The AWS security services, self-hosted.")
    parser.add_argument("--version", action="version", version=f"casemate {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for module in _COMMANDS:
        module.add_to(commands)
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options) or 0)
    except UsageError as error:
        sys.stderr.write(f"casemate: {error}\n")
        return 2
    except (CasemateError, OSError) as error:
        sys.stderr.write(f"casemate: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
