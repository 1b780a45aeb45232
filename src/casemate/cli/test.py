"""`casemate test`: every test of a clone."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from casemate.foundation.errors import UsageError


def add_to(commands: Any) -> None:
    parser = commands.add_parser("test", help="run every test of this clone (arguments go to pytest)")
    parser.add_argument("--setup-only", action="store_true", help="only install what the tests need")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="for pytest")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    root = Path(__file__).resolve().parents[3]
    if not (root / "tests").is_dir():
        raise UsageError("the tests come with a clone of the repository, not with the installed package")
    if options.setup_only:
        return 0
    os.chdir(root)
    return os.execv(sys.executable, [sys.executable, "-m", "pytest", *options.arguments])  # noqa: S606 - becomes pytest
