"""The command line: which command, with which options.

Exit codes: 0 done; 1 an error; 2 wrong usage; 3 something was found and a `--fail…` option asked to say so.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from casemate import __version__
from casemate.foundation.errors import CasemateError, UsageError

AddTo = Callable[[Any], None]

# Each command is imported when it is asked for: a server's start must not wait for what a backup needs.


def _up() -> AddTo:
    from casemate.cli import up  # noqa: PLC0415 - see above

    return up.add_to


def _env() -> AddTo:
    from casemate.cli import env  # noqa: PLC0415 - see above

    return env.add_to


def _tour() -> AddTo:
    from casemate.cli import tour  # noqa: PLC0415 - see above

    return tour.add_to


def _test() -> AddTo:
    from casemate.cli import test  # noqa: PLC0415 - see above

    return test.add_to


def _doctor() -> AddTo:
    from casemate.cli import doctor  # noqa: PLC0415 - see above

    return doctor.add_to


def _config() -> AddTo:
    from casemate.cli import config  # noqa: PLC0415 - see above

    return config.add_to


def _clock() -> AddTo:
    from casemate.cli import clock  # noqa: PLC0415 - see above

    return clock.add_to


def _region() -> AddTo:
    from casemate.cli import region  # noqa: PLC0415 - see above

    return region.add_to


def _audit() -> AddTo:
    from casemate.cli import audit  # noqa: PLC0415 - see above

    return audit.add_to


def _backup() -> AddTo:
    from casemate.cli import backup  # noqa: PLC0415 - see above

    return backup.add_to


def _admin() -> AddTo:
    from casemate.cli import admin  # noqa: PLC0415 - see above

    return admin.add_to


def _xks_proxy() -> AddTo:
    from casemate.cli import xks_proxy  # noqa: PLC0415 - see above

    return xks_proxy.add_to


def _waf() -> AddTo:
    from casemate.cli import waf  # noqa: PLC0415 - see above

    return waf.add_to


def _scan() -> AddTo:
    from casemate.cli import scan  # noqa: PLC0415 - see above

    return scan.add_to


_COMMANDS: Final[dict[str, Callable[[], AddTo]]] = {
    "up": _up,
    "env": _env,
    "tour": _tour,
    "test": _test,
    "doctor": _doctor,
    "config": _config,
    "clock": _clock,
    "region": _region,
    "audit": _audit,
    "backup": _backup,
    "restore": _backup,
    "admin": _admin,
    "scan": _scan,
    "waf": _waf,
    "xks-proxy": _xks_proxy,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; its exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    parser = argparse.ArgumentParser(prog="casemate", description="The AWS security services, self-hosted.")
    parser.add_argument("--version", action="version", version=f"casemate {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    named = _COMMANDS.get(given[0]) if given else None
    for load in [named] if named is not None else dict.fromkeys(_COMMANDS.values()):
        load()(commands)
    options = parser.parse_args(given)
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
