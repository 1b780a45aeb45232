"""A million random requests: `python tests/engines/policy_reference/prove.py [CASES [SEED]]` prints one JSON object.

The exit status is 1 when the engine and the reference evaluator disagree about any of them.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[3]))
from tests.engines.policy_reference.comparison import Report, run

CASES = 1_000_000
CASES_A_RUN = 10_000
SHOWN = 5  # disagreements that are printed; the rest are counted


def prove(count: int, seed: str) -> Report:
    """`run` in runs of its own seeds ("SEED:0", "SEED:1", ..), side by side on all cores."""
    runs = -(-count // CASES_A_RUN)
    total = Report()
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        sizes = [min(CASES_A_RUN, count - number * CASES_A_RUN) for number in range(runs)]
        for report in pool.map(run, sizes, [f"{seed}:{number}" for number in range(runs)]):
            total.add(report)
    return total


def summary(report: Report, seed: str, seconds: float) -> dict[str, Any]:
    return {
        "what": "policy engine against the reference evaluator",
        "cases": report.cases,
        "seed": seed,
        "seconds": round(seconds, 1),
        "outcomes": dict(report.outcomes),
        "operators": len({name.split()[0] for name in report.operators}),
        "same_account_rules": len(report.table),
        "disagreements": len(report.disagreements),
        "examples": report.disagreements[:SHOWN],
    }


def main(arguments: list[str]) -> int:
    count = int(arguments[0]) if arguments else CASES
    seed = arguments[1] if len(arguments) > 1 else "prove"
    begun = time.perf_counter()
    report = prove(count, seed)
    json.dump(summary(report, seed, time.perf_counter() - begun), sys.stdout, indent=2)
    sys.stdout.write("\n")
    return 1 if report.disagreements else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
