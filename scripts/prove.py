"""What is too long for CI, proved: `make prove`, or `python scripts/prove.py [--quick] [NAME ...]`.

Each proof is a program of its own that prints one JSON object and exits 1 where something did not hold, or tests that
run under pytest. What came out is written to docs/evidence/NAME.json, with date, commit and machine. `--quick` is a
smoke of each and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parents[1]
EVIDENCE = ROOT / "docs" / "evidence"
REFERENCE = "tests/engines/policy_reference/prove.py"


class Proof(NamedTuple):
    """What is run: in full, and in short. A limit is in seconds, on two cores that others use too."""

    name: str
    promise: str
    program: str
    full: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    limit: float = 300.0


PROOFS = (
    Proof(
        "isolation",
        "No request of one account or region reads or changes another's: every built operation, two accounts, two "
        "regions, the owner's own call beside it.",
        "pytest",
        ("tests/conformance/isolation",),
        ("tests/conformance/isolation", "-k", "account_summary or DescribeKey or GetRole or DescribePolicy"),
    ),
    Proof(
        "later",
        "With the keeper held stopped a replica stays Creating and timers wait; both complete, once, when it goes on "
        "or is replaced. With a region stopped and its files moved away, the other region decrypts.",
        "pytest",
        ("tests/survival/test_later.py", "tests/services/kms/test_keeper_stopped.py"),
        ("tests/survival/test_later.py", "-k", "away"),
    ),
    Proof(
        "erasure",
        "The exact sealed bytes, captured before deletion, are found nowhere in the data directory afterwards.",
        "pytest",
        ("tests/survival/test_erasure.py",),
        ("tests/survival/test_erasure.py", "-k", "nowhere"),
    ),
    Proof(
        "full_disk",
        "A full disk refuses writes clearly and serves reads while its reserve lasts; nothing acknowledged is lost.",
        "pytest",
        ("tests/survival/test_full_disk.py", "tests/foundation/records/test_disk.py"),
        ("tests/survival/test_full_disk.py",),
    ),
    Proof(
        "synced_before_answer",
        "A system-call trace shows the sync of the log before the answer; with strict audit, of the audit too.",
        "pytest",
        ("tests/survival/test_synced_before_answer.py",),
        ("tests/survival/test_synced_before_answer.py", "-k", "store or early"),
    ),
    Proof(
        "starvation",
        "Two processes writing at once: neither starves.",
        "scripts/prove/starvation.py",
        ("20",),
        ("2",),
    ),
    Proof(
        "survival",
        "kill -9 of any process, supervisor and keeper too, during mixed load, some between commit and publication: "
        "every acknowledged write and its audit record is there, and a revoked grant stays revoked in every worker.",
        "scripts/prove/survival.py",
        ("20",),
        ("5",),
        420.0,
    ),
    Proof(
        "malformed",
        "Requests mutated, then correctly signed, over sockets: no 5xx but 501, no hang, no growth.",
        "scripts/prove/malformed.py",
        ("10000",),
        ("300",),
        420.0,
    ),
    Proof(
        "parsers",
        "Fuzzed protocol parsers: members or a typed refusal, and at least 90 % of their branches reached.",
        "scripts/prove/parsers.py",
        ("10000",),
        ("1500",),
        900.0,
    ),
    Proof(
        "formats",
        "Mutated files of every format and archives made to exhaust their reader: nothing raises, memory and time stay "
        "bounded, what can't be read says so.",
        "scripts/prove_formats.py",
        ("--count", "10000"),
        ("--count", "150"),
        3600.0,
    ),
    Proof(
        "edge_swap",
        "A thousand web ACL updates under load: no request dropped, none judged by two ACLs, memory bounded; an ACL "
        "that can't compile never replaces one that runs.",
        "scripts/prove_edge.py",
        ("swap", "--updates", "1000"),
        ("swap", "--updates", "40"),
        1200.0,
    ),
    Proof(
        "edge_hostile",
        "Requests made to be dear cost the edge no more than 20 ms of CPU each, and others are served meanwhile.",
        "scripts/prove_edge.py",
        ("hostile",),
        ("hostile", "--times", "3"),
        900.0,
    ),
    Proof(
        "policy",
        "The policy engine answers a million random requests as the reference evaluator does.",
        REFERENCE,
        ("1000000",),
        ("4000",),
        1500.0,
    ),
)


def run(proof: Proof, *, quick: bool) -> dict[str, Any]:
    """What came out, with `holds`."""
    arguments = proof.quick if quick else proof.full
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="casemate-prove-") as folder:
        report = Path(folder) / "report.xml"
        if proof.program == "pytest":
            command = [sys.executable, "-m", "pytest", *arguments, "-q", f"--junitxml={report}"]
        else:
            command = [sys.executable, proof.program, *arguments]
        try:
            status, output, complaint = _within(command, proof.limit)
        except subprocess.TimeoutExpired:
            return {"holds": False, "failure": f"not done within {proof.limit:.0f} s", "seconds": proof.limit}
        found = _of_tests(report) if proof.program == "pytest" else _of_program(output)
    holds = status == 0 and found.get("passed", 1) > 0
    failure = {} if holds else {"failure": (complaint or output)[-2000:].replace(str(ROOT), ".")}
    return {"holds": holds, "seconds": round(time.monotonic() - began, 1), "result": found, **failure}


def _within(command: list[str], seconds: float) -> tuple[int, str, str]:
    """Exit status and both outputs; what takes longer is ended with all that it started."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, start_new_session=True, **pipes) as running:  # type: ignore[call-overload]
        try:
            output, complaint = running.communicate(timeout=seconds)
        except BaseException:
            os.killpg(running.pid, signal.SIGKILL)
            raise
        return running.returncode, output, complaint


def _of_program(output: str) -> dict[str, Any]:
    try:
        found = json.loads(output)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _of_tests(report: Path) -> dict[str, Any]:
    """Counts, and what was skipped and why: a proof that could not be made here is to be seen."""
    if not report.exists():
        return {"passed": 0}
    cases = ET.parse(report).getroot().iter("testcase")
    found: dict[str, Any] = {"passed": 0, "failed": [], "skipped": {}}
    for case in cases:
        name = f"{case.get('classname')}::{case.get('name')}"
        skipped = case.find("skipped")
        if skipped is not None:
            found["skipped"][name] = skipped.get("message")
        elif case.find("failure") is not None or case.find("error") is not None:
            found["failed"].append(name)
        else:
            found["passed"] += 1
    return found


def circumstances() -> dict[str, Any]:
    """When, of which commit, and on what."""

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], capture_output=True, text=True, cwd=ROOT, check=False)
        return done.stdout.strip()

    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "commit": git("rev-parse", "HEAD"),
        "uncommitted_changes": bool(
            git("status", "--porcelain", "--untracked-files=no", ".", ":(exclude)docs/evidence")
        ),
        "machine": {
            "cores": len(os.sched_getaffinity(0)),
            "processor": _processor(),
            "system": f"{platform.system()} {platform.release()}",
            "python": platform.python_version(),
        },
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a smoke of each; writes no evidence")
    parser.add_argument("names", nargs="*", choices=[[], *(proof.name for proof in PROOFS)], help="only these")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # by way of `_within`, which ends what was started
    chosen = [proof for proof in PROOFS if not options.names or proof.name in options.names]
    failed = []
    for proof in chosen:
        print(f"{proof.name:<22} ", end="", flush=True)
        found = run(proof, quick=options.quick)
        skipped = found.get("result", {}).get("skipped")
        print(
            f"{'holds' if found['holds'] else 'FAILS':<6} {found['seconds']:>7.1f} s",
            "  some skipped" if skipped else "",
        )
        if not found["holds"]:
            failed.append(proof.name)
            print(found["failure"], file=sys.stderr)
        if not options.quick:
            EVIDENCE.mkdir(parents=True, exist_ok=True)
            evidence = {"promise": proof.promise, "program": f"{proof.program} {' '.join(proof.full)}".strip()}
            text = json.dumps({**evidence, **circumstances(), **found}, indent=2)
            (EVIDENCE / f"{proof.name}.json").write_text(f"{text}\n")
    print(f"{len(chosen) - len(failed)} of {len(chosen)} hold" + (f"; not: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
