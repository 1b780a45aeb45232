"""Scores the sensitive data engine: exact places in a corpus that this script makes, and what it reports of
look-alikes.

A sanity check: corpus and engine are of one house. `--json` prints every figure; the default is a summary.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "evaluate"))

from sensitive_corpus import Document, documents, look_alikes

from casemate.engines.sensitive import FileResult, Plan, compile_plan, scan, select
from casemate.runtime import limited_parsers

Key = tuple[tuple[str, ...], str, tuple[Any, ...]]


def places(result: FileResult) -> list[Key]:
    found: list[Key] = []
    for detection in result.detections:
        each = detection.occurrences
        members, name = result.members, detection.type
        found += [(members, name, ("cell", row, column)) for row, column, _, _ in each.cells]
        found += [(members, name, ("line", *line)) for line in each.lines]
        found += [(members, name, ("record", index, path)) for index, path in each.records]
        found += [(members, name, ("page", number)) for number in each.pages]
    return found


def is_same(truth: Key, found: Key) -> bool:
    """Places are equal; of a record, its index and that the field's name (and its place in the list) is on the path."""
    if truth[:2] != found[:2] or truth[2][0] != found[2][0]:
        return False
    if truth[2][0] != "record":
        return truth[2] == found[2]
    path = (found[2][2] or "").replace("\\'", "'")
    in_list = len(truth[2]) < 4 or f"$.items[{truth[2][3]}]" in path
    return truth[2][1] == found[2][1] and str(truth[2][2]) in path and in_list


def score(document: Document, plan: Plan, counts: dict[str, Counter[str]], wrong: list[str]) -> None:
    result = scan(io.BytesIO(document.data), document.name, plan, parsers=limited_parsers())
    found = [each for file in result.files for each in places(file)]
    for truth in document.truth:
        match = next((each for each in found if is_same(truth, each)), None)
        if match is None:
            counts["missed"][truth[1]] += 1
            wrong.append(f"missed {truth[1]} in {document.name} {truth[2]}")
        else:
            found.remove(match)
            counts["right"][truth[1]] += 1
    for each in found:
        counts["wrong"][each[1]] += 1
        wrong.append(f"wrong {each[1]} in {document.name} {each[2]}")


def f1(right: int, wrong: int, missed: int) -> float:
    return 2 * right / (2 * right + wrong + missed) if right or wrong or missed else 1.0


def evaluate(seed: int, rounds: int) -> dict[str, Any]:
    plan = compile_plan([each for each in select("ALL") if each not in {"NAME", "ADDRESS"}])
    counts: dict[str, Counter[str]] = {"right": Counter(), "wrong": Counter(), "missed": Counter()}
    wrong: list[str] = []
    for document in documents(seed, rounds):
        score(document, plan, counts, wrong)
    names = sorted({name for each in counts.values() for name in each})
    each_f1 = {name: f1(counts["right"][name], counts["wrong"][name], counts["missed"][name]) for name in names}
    totals = [sum(counts[kind].values()) for kind in ("right", "wrong", "missed")]
    reported: dict[str, float] = {}
    count = 20
    for name, document in look_alikes(seed, count):
        result = scan(io.BytesIO(document.data), document.name, plan, parsers=limited_parsers())
        reported[name] = sum(each.count for file in result.files for each in file.detections) / count
    return {
        "micro": f1(*totals),
        "macro": sum(each_f1.values()) / len(each_f1),
        "occurrences": totals[0] + totals[2],
        "look_alikes": sum(reported.values()) / len(reported),
        "identifiers": each_f1,
        "classes": reported,
        "mistakes": wrong,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--mistakes", type=int, default=0, metavar="N", help="print so many")
    options = parser.parse_args()
    figures = evaluate(options.seed, options.rounds)
    if options.json:
        print(json.dumps({name: value for name, value in figures.items() if name != "mistakes"}))
        return 0
    low = {name: value for name, value in figures["identifiers"].items() if value < 0.95}
    print(f"micro F1 {figures['micro']:.3f}, macro F1 {figures['macro']:.3f} over {figures['occurrences']} occurrences")
    print(f"look-alikes reported: {figures['look_alikes']:.2%} of {len(figures['classes'])} classes")
    for name, value in sorted(low.items(), key=lambda item: item[1]):
        print(f"  {value:.2f} {name}")
    for name, value in figures["classes"].items():
        if value:
            print(f"  reported {value:.0%} {name}")
    kinds = Counter(
        " ".join((*mistake.split()[:2], "in", mistake.split()[3].split("-")[0])) for mistake in figures["mistakes"]
    )
    for mistake, count in kinds.most_common(options.mistakes):
        print(f"   {count} {mistake}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
