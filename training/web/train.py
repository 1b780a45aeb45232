# ruff: noqa: INP001, S311, T201 - a script, run by hand
"""Train the scorer of the web inspection engine (src/casemate/engines/web/scorer) on the project's own corpora.

    python training/web/train.py [--cache DIR] [--check]

Runs the engine with the scorer off over tests/data/web, the made benign corpus and attacks put behind a sentence, keeps
the evidence that is in doubt, and fits a logistic regression to it by Newton's method. Prints what leaving each set out
shows: how many attacks the scorer would lose and how many benign requests it would release. Needs numpy; deterministic.
`--check` says whether the weights that are committed come out again.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import evaluate_web  # noqa: E402 - the path is set first
from evaluate import web_corpus  # noqa: E402 - see above
from evaluate.web_words import Words  # noqa: E402 - see above

from casemate.engines.web.evaluate import evaluate  # noqa: E402 - see above
from casemate.engines.web.scorer import RELEASE, in_doubt  # noqa: E402 - see above
from casemate.engines.web.scorer.features import features  # noqa: E402 - see above

SETS = ROOT / "tests" / "data" / "web" / "second"
WEIGHTS = ROOT / "src" / "casemate" / "engines" / "web" / "scorer" / "weights.json"
SEED, PENALTY, STEPS, FEWEST = 11, 1.0, 20, 4
FOLDS = 4


class Sample(NamedTuple):
    """Evidence in doubt: its features, whether it is of an attack, its set, and a number to divide a set by."""

    features: dict[str, float]
    attack: bool
    set: str
    part: int


def samples(scorer: evaluate_web.Scorer, name: str, requests: Iterable[dict[str, Any]]) -> Iterator[Sample]:
    """The first evidence of each blocked request, when it is in doubt."""
    for request in requests:
        verdict = evaluate(evaluate_web.view(request), scorer.without_sizes, scorer=False)
        for match in verdict.matches if verdict.blocked else ():
            for evidence in match.evidence[:1] if match.terminating else ():
                doubt = evidence.doubt
                if doubt is not None and in_doubt(doubt.detector, doubt.reason, doubt.value):
                    found = features(doubt.detector, doubt.reason, doubt.value, doubt.excerpt, evidence.field)
                    part = zlib.crc32(str(request.get("payload", request["target"])).encode()[-24:]) % FOLDS
                    yield Sample(found, request["label"] == "attack", name, part)


def wrapped() -> Iterator[dict[str, Any]]:
    """Attacks of the second set behind a sentence, which a scorer must not learn to pass."""
    words, rng = Words(), random.Random(SEED)
    for request in evaluate_web.read([SETS / "attacks.jsonl.gz"]):
        payload = request.get("payload")
        if payload and rng.random() < 0.5:
            sentence = rng.choice((words.of(rng, "sentences"), rng.choice(words.docstrings)[:160].replace("\n", " ")))
            body = json.dumps({"name": "Ann", "text": f"{sentence} {payload}"})
            headers = [["Host", "a"], ["User-Agent", "Mozilla/5.0"], ["Content-Type", "application/json"]]
            yield {**request, "method": "POST", "target": "/c", "headers": headers, "body": body}


def collected(scorer: evaluate_web.Scorer) -> list[Sample]:
    """All samples, set by set."""
    found: list[Sample] = []
    for path in sorted(SETS.glob("*.jsonl.gz")):
        name = path.name.split("-")[0] if "-" in path.name else "second"
        found += samples(scorer, name, evaluate_web.read([path]))
    found += samples(scorer, "corpus", (r for r in web_corpus.benign(SEED) if not r["class"].startswith("browser")))
    found += samples(scorer, "wrapped", wrapped())
    return found


def fitted(given: list[Sample], names: list[str]) -> np.ndarray:
    """Weights by Newton's method; benign samples weigh as much in all as half the attacks."""
    index = {name: at for at, name in enumerate(names)}
    x = np.zeros((len(given), len(names)))
    for row, sample in enumerate(given):
        for name, amount in sample.features.items():
            if name in index:
                x[row, index[name]] = amount
    y = np.array([float(sample.attack) for sample in given])
    weight = np.where(y == 0, 0.5 * y.sum() / max((y == 0).sum(), 1), 1.0)
    w = np.zeros(len(names))
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-x @ w))
        gradient = x.T @ (weight * (p - y)) + PENALTY * w
        w -= np.linalg.solve((x.T * (weight * p * (1 - p))) @ x + PENALTY * np.eye(len(names)), gradient)
    return w


def scores(given: list[Sample], names: list[str], w: np.ndarray) -> list[float]:
    """The score of each sample."""
    known = dict(zip(names, w, strict=True))
    return [sum(known.get(name, 0.0) * amount for name, amount in sample.features.items()) for sample in given]


def frequent(given: list[Sample]) -> list[str]:
    """Features that occur often enough to be learnt."""
    count: dict[str, int] = {}
    for sample in given:
        for name in sample.features:
            count[name] = count.get(name, 0) + 1
    return sorted(name for name, number in count.items() if number >= FEWEST)


def report(given: list[Sample]) -> None:
    """What leaving each set out shows; `second` and the same payloads behind sentences are left out by parts."""
    kept_together = {"second", "wrapped"}
    results: dict[str, list[tuple[bool, float]]] = {}
    for name in sorted({sample.set for sample in given} - kept_together):
        _left_out(given, [s.set == name for s in given], results)
    for part in range(FOLDS):
        _left_out(given, [s.set in kept_together and s.part == part for s in given], results)
    for name, judged in sorted(results.items()):
        line = f"{name:8}"
        for kind, label in ((True, "attacks lost"), (False, "benign released")):
            of = [value for attack, value in judged if attack is kind]
            line += f"  {label} {sum(value < RELEASE for value in of)} of {len(of)}"
        print(line)


def _left_out(given: list[Sample], out: list[bool], results: dict[str, list[tuple[bool, float]]]) -> None:
    training = [sample for sample, left in zip(given, out, strict=True) if not left]
    tested = [sample for sample, left in zip(given, out, strict=True) if left]
    names = frequent(training)
    for sample, value in zip(tested, scores(tested, names, fitted(training, names)), strict=True):
        results.setdefault(sample.set, []).append((sample.attack, value))


def main() -> int:
    """Collect, report, fit, write or compare."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "casemate" / "patterns")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    given = collected(evaluate_web.Scorer(options.cache))
    report(given)
    names = frequent(given)
    made = {name: round(float(weight), 3) for name, weight in zip(names, fitted(given, names), strict=True)}
    text = json.dumps(made, indent=0, sort_keys=True) + "\n"
    if options.check:
        return 0 if WEIGHTS.read_text("utf-8") == text else 1
    WEIGHTS.write_text(text, "utf-8")
    print(f"{len(made)} weights")
    return 0


if __name__ == "__main__":
    sys.exit(main())
