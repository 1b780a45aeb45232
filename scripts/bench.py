"""`make bench`: ratios measured in one session, ours and the reference in turns.

Requests a CPU-second of the server's whole process tree is the stable number on a noisy machine; each figure is the
median of the runs. All requests are distinct and freshly signed.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent / "bench"))

from beside import beside
from cast import Cast, assemble, spread
from growth import grow
from load import Keys, Outcome, measure, sign
from node import REGION, Process, casemate, hello

OPERATIONS = ("Encrypt", "Decrypt", "GenerateDataKey")
GOAL = 0.25
GOAL_OF_WRITES = 0.83
_RECORD = 1024


class Figures(NamedTuple):
    """What the runs of one server or operation showed."""

    outcomes: list[Outcome]

    def median(self, figure: Callable[[Outcome], float]) -> float:
        return statistics.median(figure(outcome) for outcome in self.outcomes)


def context(number: int) -> dict[str, str]:
    return {"app": f"bench-{number}", "purpose": "measure"}


def bodies_of(operation: str, start: int) -> Callable[[str, int], dict[str, Any]]:
    def body(key: str, number: int) -> dict[str, Any]:
        number += start
        if operation == "Encrypt":
            plaintext = base64.b64encode(b"%032d" % number).decode()
            return {"KeyId": key, "Plaintext": plaintext, "EncryptionContext": context(number)}
        if operation == "CreateKey":
            return {"Description": f"key {number}"}
        return {"KeyId": key, "KeySpec": "AES_256", "EncryptionContext": context(number)}

    return body


class Bench:
    """One session: a server, its cast, and the reference beside it."""

    def __init__(self, node: Process, reference: Process, cast: Cast, seconds: float) -> None:
        self.node, self.reference, self.cast, self.seconds = node, reference, cast, seconds
        self.host = "{}:{}".format(*node.address)
        self.made = 0
        self.answered: dict[str, int] = dict.fromkeys((*OPERATIONS, "CreateKey"), 0)
        self.ciphertexts: list[tuple[Keys, str, dict[str, str]]] = []
        self.before = {operation: node.audited(operation) for operation in self.answered}

    def hello(self) -> Outcome:
        request = self._signed("Encrypt", spread(self.cast, 1, bodies_of("Encrypt", 0)))
        count = int(120_000 * self.seconds)
        return measure(*self.reference.address, request * count, self.reference.tree(), seconds=self.seconds)

    def run(self, operation: str, rate: int) -> Outcome:
        count = int(rate * self.seconds)
        if operation == "Decrypt":
            asked = self._to_decrypt(count)
        elif operation == "CreateKey":
            body = bodies_of(operation, self.made)
            asked = [(self.node.admin(), json.dumps(body("", number)).encode()) for number in range(count)]
        else:
            asked = spread(self.cast, count, bodies_of(operation, self.made))
        self.made += count
        signed = self._signed(operation, asked)
        outcome = measure(*self.node.address, signed, self.node.tree(), seconds=self.seconds)
        self.answered[operation] += outcome.requests
        return outcome

    def _to_decrypt(self, count: int) -> list[tuple[Keys, bytes]]:
        """Requests with ciphertexts that nobody has asked for yet; of each caller's own making."""
        bodies = []
        start = self.made
        asked = spread(self.cast, count, bodies_of("Encrypt", start))
        signed = self._signed("Encrypt", asked)
        outcome = measure(*self.node.address, signed, [], seconds=600, connections=1, keep=True)
        self.answered["Encrypt"] += outcome.requests
        for (keys, request), answer in zip(asked, outcome.bodies, strict=True):
            blob = json.loads(answer)["CiphertextBlob"]
            told = json.loads(request)["EncryptionContext"]
            bodies.append((keys, json.dumps({"CiphertextBlob": blob, "EncryptionContext": told}).encode()))
        return bodies

    def _signed(self, operation: str, asked: list[tuple[Keys, bytes]]) -> list[bytes]:
        now = time.time()
        target = f"TrentService.{operation}"
        return [sign(keys, "kms", REGION, self.host, target, body, moment=now) for keys, body in asked]

    def unaccounted(self) -> list[str]:
        """Operations whose audit does not hold exactly what was answered, with both numbers."""
        wrong = []
        for operation, answered in self.answered.items():
            held = self.node.audited(operation) - self.before[operation]
            print(f"audit: {operation:<16} {answered:>8} answered {held:>8} recorded")
            if held != answered:
                wrong.append(operation)
        return wrong


def appends(folder: Path, seconds: float) -> float:
    """Bare appends of a kilobyte a second, each with its fdatasync."""
    descriptor = os.open(folder / "appends", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    block, count, stop = b"x" * _RECORD, 0, time.perf_counter() + seconds
    began = time.perf_counter()
    while time.perf_counter() < stop:
        os.write(descriptor, block)
        os.fdatasync(descriptor)
        count += 1
    os.close(descriptor)
    return count / (time.perf_counter() - began)


def line(name: str, figures: Figures, reference: Figures) -> None:
    speed, bare = figures.median(lambda each: each.per_cpu_second), reference.median(lambda each: each.per_cpu_second)
    print(
        f"{name:<16} {speed:>9,.0f} a CPU-second  {speed / bare:5.3f} of hello (goal {GOAL})  "
        f"{figures.median(lambda each: each.per_second):>8,.0f}/s  "
        f"p50 {figures.median(lambda each: each.percentile(0.5)) * 1e3:5.2f} ms  "
        f"p99 {figures.median(lambda each: each.percentile(0.99)) * 1e3:5.2f} ms  "
        f"failed {sum(each.errors for each in figures.outcomes)}"
    )


def throughput(options: argparse.Namespace) -> bool:
    """Print the tables of speed; whether the audit holds all that was answered."""
    with (
        tempfile.TemporaryDirectory(prefix="casemate-bench-") as folder,
        casemate(Path(folder) / "data", options.workers) as node,
        hello() as reference,
    ):
        cast = assemble(node, options.keys)
        print(f"{options.workers} workers and the keeper, {options.keys} keys, {len(cast.callers)} principals:")
        print("\n".join(f"- {each}" for each in cast.mix))
        bench = Bench(node, reference, cast, options.seconds)
        runs: dict[str, list[Outcome]] = {"hello": [], **{each: [] for each in bench.answered}}
        bare = []
        for _ in range(options.runs):
            runs["hello"].append(bench.hello())
            for operation in OPERATIONS:
                runs[operation].append(bench.run(operation, options.rate))
            bare.append(appends(Path(folder), options.seconds))
            runs["CreateKey"].append(bench.run("CreateKey", 6_000))
        print(f"\nload average {os.getloadavg()[0]:.2f} on {os.cpu_count()} cores; medians of {options.runs} runs")
        figures = {name: Figures(outcomes) for name, outcomes in runs.items()}
        for name in ("hello", *OPERATIONS, "CreateKey"):
            line(name, figures[name], figures["hello"])
        writes, append = figures["CreateKey"].median(lambda each: each.per_second), statistics.median(bare)
        print(f"durable writes: CreateKey {writes:,.0f}/s, bare append + fdatasync {append:,.0f}/s, ", end="")
        print(f"{writes / append:.2f} of it (goal {GOAL_OF_WRITES})")
        time.sleep(1.5)  # what a worker's segment still holds in the kernel is on the disk within a second
        return not bench.unaccounted()


def steady(options: argparse.Namespace) -> None:
    """Print what readers feel of writes."""
    with (
        tempfile.TemporaryDirectory(prefix="casemate-bench-") as folder,
        casemate(Path(folder) / "data", options.workers) as node,
    ):
        beside(node, options.seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description="Ratios measured in one session.")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each run (default 5)")
    parser.add_argument("--runs", type=int, default=3, help="of which the median counts (default 3)")
    parser.add_argument("--workers", type=int, default=2, help="API workers (default 2)")
    parser.add_argument("--keys", type=int, default=1000, help="in the mix (default 1000)")
    parser.add_argument("--rate", type=int, default=20_000, help="requests made ready a second of a run")
    parser.add_argument("--many", type=int, default=100_000, help="keys of the table of growth; 0 leaves it out")
    parser.add_argument("--asymmetric", action="store_true", help="measure key pairs against the bare library instead")
    options = parser.parse_args()
    if options.asymmetric:
        from asymmetric import asymmetric

        return 0 if asymmetric(seconds=min(options.seconds, 2.0), runs=options.runs) else 1
    whole = throughput(options)
    steady(options)
    if options.many:
        grow(100, options.many)
    if not whole:
        print("the audit does not hold what was answered", file=sys.stderr)
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
