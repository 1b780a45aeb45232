# ruff: noqa: INP001, S311, T201 - a script, run by hand
"""Train the scorer of the web inspection engine (src/casemate/engines/web/scorer) on the project's own corpora.

    python training/web/train.py [--cache DIR] [--check]

Runs the engine with the scorer off over tests/data/web, the made benign corpus, attacks put behind a sentence, and
attacks in texts that show them or merely hide them (texts.json: `{}` is the payload; and source code as repositories,
notebooks and editors send it); keeps the evidence that is in doubt, and fits a logistic
regression to it by Newton's method. Prints what leaving each set out shows: how many attacks the scorer would lose and
how many benign requests it would release. Needs numpy; deterministic. `--check` says whether the weights that are
committed come out again.
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
from urllib.parse import quote_plus, urlencode

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import evaluate_web  # noqa: E402 - the path is set first
from evaluate import web_corpus  # noqa: E402 - see above
from evaluate.web_words import Words  # noqa: E402 - see above

from casemate.engines.web.inspection import Inspection  # noqa: E402 - see above
from casemate.engines.web.managed.scanning import scan_units  # noqa: E402 - see above
from casemate.engines.web.scorer import RELEASE  # noqa: E402 - see above
from casemate.engines.web.scorer.features import features  # noqa: E402 - see above

SETS = ROOT / "tests" / "data" / "web" / "second"
WEIGHTS = ROOT / "src" / "casemate" / "engines" / "web" / "scorer" / "weights.json"
TEXTS = json.loads(Path(__file__).with_name("texts.json").read_text("utf-8"))
SEED, PENALTY, STEPS, FEWEST = 11, 1.0, 20, 4
FOLDS = 4
KEPT_APART = {"ninth"}
"""Sets that nothing is learnt from: what the weights show on them stays blind."""
BENIGN_WEIGHT = 0.5
"""What all benign samples weigh, as a share of all attacks: an attack lost is worse than a text that waits."""
HEADERS = [["Host", "a"], ["User-Agent", "Mozilla/5.0"]]


class Sample(NamedTuple):
    """A request with evidence: the features of each that is in doubt, None for what is not."""

    doubts: tuple[dict[str, float] | None, ...]
    attack: bool
    set: str
    part: int


def samples(scorer: evaluate_web.Scorer, name: str, requests: Iterable[dict[str, Any]]) -> Iterator[Sample]:
    """The first evidence of each rule that a request has any for."""
    plan = scorer.without_sizes
    for request in requests:
        view = evaluate_web.view(request)
        inspection = Inspection(view, plan.body_limits[view.kind], None)
        inspection.scorer = False
        doubts: list[dict[str, float] | None] = []
        found = scan_units(plan.managed_units, inspection)
        for group in evaluate_web.GROUPS:
            for hit in found.get(f"AWSManagedRules{group}", {}).values():
                doubt = hit.evidence.doubt
                doubts.append(
                    features(doubt.detector, doubt.reason, doubt.place, hit.evidence.field) if doubt else None
                )
        if doubts:
            part = request.get("part", zlib.crc32(str(request.get("payload", request["target"])).encode()[-24:]))
            yield Sample(tuple(doubts), request["label"] == "attack", name, part % FOLDS)


def wrapped() -> Iterator[dict[str, Any]]:
    """Attacks of the second set behind a sentence, which a scorer must not learn to pass."""
    words, rng = Words(), random.Random(SEED)
    for request in evaluate_web.read([SETS / "attacks.jsonl.gz"]):
        payload = request.get("payload")
        if payload and rng.random() < 0.5:
            sentence = rng.choice((words.of(rng, "sentences"), rng.choice(words.docstrings)[:160].replace("\n", " ")))
            body = json.dumps({"name": "Ann", "text": f"{sentence} {payload}"})
            headers = [*HEADERS, ["Content-Type", "application/json"]]
            yield {**request, "method": "POST", "target": "/c", "headers": headers, "body": body}


def told(texts: list[str], label: str, *, times: int) -> Iterator[dict[str, Any]]:
    """Payloads of the second set in texts, each text `times`; a part holds whole texts, so that new ones are tested."""
    rng = random.Random(SEED)
    payloads = sorted(
        {
            request["payload"]
            for request in evaluate_web.read([SETS / "attacks.jsonl.gz"])
            if len(request.get("payload", "")) < 120 and request["class"].split("/")[0] not in {"agent", "probe"}
        }
    )
    for number, text in enumerate(texts):
        for payload in rng.sample(payloads, times):
            yield {**_placed(rng, text.replace("{}", payload)), "label": label, "payload": payload, "part": number}


def _placed(rng: random.Random, text: str) -> dict[str, Any]:
    where = rng.choice(("query", "form", "json"))
    if where == "query":
        return {"target": "/search?page=1&q=" + quote_plus(text), "headers": HEADERS}
    if where == "form":
        headers = [*HEADERS, ["Content-Type", "application/x-www-form-urlencoded"]]
        return {"method": "POST", "target": "/c", "headers": headers, "body": urlencode({"n": "Ann", "t": text})}
    headers = [*HEADERS, ["Content-Type", "application/json"]]
    return {"method": "POST", "target": "/c", "headers": headers, "body": json.dumps({"id": 7, "text": text})}


def documents() -> Iterator[dict[str, Any]]:
    """Source code in the fields that hold it."""
    for number, document in enumerate(TEXTS["documents"]):
        headers = [*HEADERS, ["Content-Type", "application/json"]]
        request = {"method": "POST", "target": "/c", "headers": headers, "body": json.dumps(document)}
        yield {**request, "label": "benign", "part": number}


def collected(scorer: evaluate_web.Scorer) -> tuple[list[Sample], dict[str, int]]:
    """All samples, set by set, and how many requests each set and label has."""
    found: list[Sample] = []
    number: dict[str, int] = {}

    def counted(name: str, requests: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for request in requests:
            key = f"{name} {request['label']}"
            number[key] = number.get(key, 0) + 1
            yield request

    def labelled(path: Path) -> Iterator[dict[str, Any]]:
        for request in evaluate_web.read([path]):
            yield {"label": "attack" if "attacks" in path.name else "benign", **request}

    given: list[tuple[str, Iterable[dict[str, Any]]]] = [
        (path.name.split("-")[0] if "-" in path.name else "second", labelled(path))
        for path in sorted(SETS.glob("*.jsonl.gz"))
    ]
    given = [(name, requests) for name, requests in given if name not in KEPT_APART]
    given.append(("corpus", ({"label": "benign", **r} for r in web_corpus.benign(SEED) if r["class"][:7] != "browser")))
    given.append(("wrapped", wrapped()))
    given.append(("shown", told(TEXTS["shown"], "benign", times=14)))
    given.append(("meant", told(TEXTS["meant"], "attack", times=14)))
    given.append(("documents", documents()))
    for name, requests in given:
        found += samples(scorer, name, counted(name, requests))
    return found, number


def fitted(given: list[Sample], names: list[str]) -> np.ndarray:
    """Weights by Newton's method."""
    index = {name: at for at, name in enumerate(names)}
    rows = [(doubt, sample.attack) for sample in given for doubt in sample.doubts if doubt is not None]
    x = np.zeros((len(rows), len(names)))
    for row, (doubt, _attack) in enumerate(rows):
        for name, amount in doubt.items():
            if name in index:
                x[row, index[name]] = amount
    y = np.array([float(attack) for _, attack in rows])
    weight = np.where(y == 0, BENIGN_WEIGHT * y.sum() / max((y == 0).sum(), 1), 1.0)
    w = np.zeros(len(names))
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (weight * (p - y)) + PENALTY * w
        w -= np.linalg.solve((x.T * (weight * p * (1 - p))) @ x + PENALTY * np.eye(len(names)), gradient)
    return w


def released(sample: Sample, known: dict[str, float]) -> bool:
    """Whether all evidence of a request counts for nothing."""
    return all(
        doubt is not None and sum(known.get(name, 0.0) * amount for name, amount in doubt.items()) < RELEASE
        for doubt in sample.doubts
    )


def frequent(given: list[Sample]) -> list[str]:
    """Features that occur often enough to be learnt."""
    count: dict[str, int] = {}
    for sample in given:
        for doubt in sample.doubts:
            for name in doubt or ():
                count[name] = count.get(name, 0) + 1
    return sorted(name for name, number in count.items() if number >= FEWEST)


def report(given: list[Sample], number: dict[str, int]) -> None:
    """What leaving each set out shows; what has the second set's payloads is left out by parts, in texts by texts."""
    by_parts = {"second", "wrapped", "shown", "meant", "documents"}
    results: dict[str, list[tuple[bool, bool]]] = {}
    for name in sorted({sample.set for sample in given} - by_parts):
        _left_out(given, [s.set == name for s in given], results)
    for part in range(FOLDS):
        _left_out(given, [s.set in by_parts and s.part == part for s in given], results)
    for name, judged in sorted(results.items()):
        line = f"{name:10}"
        for kind, label, said in ((True, "attack", "attacks lost"), (False, "benign", "benign released")):
            of = [gone for attack, gone in judged if attack is kind]
            if of:
                line += f"  {said} {sum(of)} of {len(of)} with evidence, of {number[f'{name} {label}']}"
        print(line)


def _left_out(given: list[Sample], out: list[bool], results: dict[str, list[tuple[bool, bool]]]) -> None:
    training = [sample for sample, left in zip(given, out, strict=True) if not left]
    tested = [sample for sample, left in zip(given, out, strict=True) if left]
    names = frequent(training)
    known = dict(zip(names, fitted(training, names), strict=True))
    for sample in tested:
        results.setdefault(sample.set, []).append((sample.attack, released(sample, known)))


def main() -> int:
    """Collect, report, fit, write or compare."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "casemate" / "patterns")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    given, number = collected(evaluate_web.Scorer(options.cache))
    report(given, number)
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
