"""What importing the engine loads: nothing heavy before an ACL needs it."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("hyperscan", "re2", "maxminddb", "numpy", "casemate.engines.web.detectors")


def test_importing_the_engine_and_its_command_loads_nothing_heavy() -> None:
    program = (
        "import sys, casemate.engines.web, casemate.cli.waf\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
