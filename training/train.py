"""Trains the model that ships, or one that has not seen some source: `python -m training.train --help`.

Deterministic for given packages and number of threads; on two cores it takes under 30 minutes.
"""

# ruff: noqa: T201  a script says what it does

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from torch.nn import functional

from casemate.engines.sensitive.names.decoding import names_in
from casemate.engines.sensitive.names.features import FLAGS, SIZES, WORDS, Features
from casemate.engines.sensitive.names.lexicons import COMMON, FAMILY, GIVEN, PLACE, Lexicons
from casemate.engines.sensitive.names.tokens import Tokens, tokens_of
from training import corpora, sources
from training.corpora import Mark, Sentence
from training.generation import Example, Generator
from training.model import Tagger, exported

WINDOW = 192
BATCH = 32
TARGET = (
    Path(__file__).resolve().parents[1] / "src" / "casemate" / "engines" / "sensitive" / "names" / "data" / "names.onnx"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--hold-out", action="append", default=[], choices=sorted(corpora.SOURCES), help="not trained on"
    )
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--output", type=Path, default=TARGET)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(2)
    loaded = {name: corpora.load(name) for name in corpora.SOURCES}
    training = [one for name in loaded if name not in options.hold_out for one in loaded[name]]
    model = train(training, options.epochs, options.seed)
    for name in options.hold_out or ("gum",):
        print(name, "unseen" if options.hold_out else "seen", measured(model, loaded[name]), flush=True)
    proto = exported(
        model, {"trained_on": ", ".join(n for n in loaded if n not in options.hold_out), "seed": str(options.seed)}
    )
    onnx.save(proto, options.output)
    print(options.output, options.output.stat().st_size)


def train(sentences: Sequence[Sentence], epochs: int, seed: int) -> Tagger:
    """A model trained on sentences and on what is generated around them."""
    generator = Generator(sources.people(), sources.cities(), seed)
    features = Features(Lexicons.shipped())
    chooser = np.random.default_rng(seed)
    order = random.Random(seed)  # noqa: S311  an order, not a secret
    model = Tagger()
    optimiser = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.01)
    started = time.monotonic()
    for epoch in range(epochs):
        examples = list(generator.epoch(sentences))
        order.shuffle(examples)
        rate = 4e-3 * 0.5 * (1 + np.cos(np.pi * epoch / epochs)) + 1e-4
        for group in optimiser.param_groups:
            group["lr"] = rate
        total, count = 0.0, 0
        model.train()
        for rows, labels in _batches(examples, features, chooser):
            optimiser.zero_grad()
            marks = model(torch.from_numpy(rows.astype(np.int64)))
            loss = functional.cross_entropy(marks.flatten(0, 1), torch.from_numpy(labels).flatten())
            loss.backward()
            optimiser.step()
            total += float(loss)
            count += 1
        print(f"epoch {epoch} loss {total / count:.4f} {time.monotonic() - started:.0f} s", flush=True)
    model.eval()
    return model


def labels_of(tokens: Tokens, marks: Iterable[Mark]) -> np.ndarray:
    """The mark of each token (`decoding`'s numbers)."""
    labels = np.zeros(len(tokens.words), dtype=np.int64)
    starts = np.array(tokens.starts)
    for mark in marks:
        inside = np.flatnonzero((starts >= mark.start) & (starts < mark.end))
        if len(inside):
            begins = 1 if mark.kind == "PER" else 3
            labels[inside] = begins + 1
            labels[inside[0]] = begins
    return labels


def _batches(
    examples: Sequence[Example], features: Features, chooser: np.random.Generator
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Windows over all examples one after another, as lines stand in a file."""
    rows, labels = [], []
    for example in examples:
        text = example.text + ("\n" if chooser.random() < 0.7 else "\n\n")
        tokens = tokens_of(text)
        rows.append(features.of(tokens.words, tokens.gaps()))
        labels.append(labels_of(tokens, [mark for mark in example.marks if mark.kind in {"PER", "ADDR"}]))
    stream, marks = np.concatenate(rows), np.concatenate(labels)
    _forget(stream, chooser)
    windows = len(stream) // WINDOW
    stream = stream[: windows * WINDOW].reshape(windows, WINDOW, len(SIZES))
    marks = marks[: windows * WINDOW].reshape(windows, WINDOW)
    order = chooser.permutation(windows)
    for at in range(0, windows - BATCH + 1, BATCH):
        chosen = order[at : at + BATCH]
        yield stream[chosen], marks[chosen]


def _forget(stream: np.ndarray, chooser: np.random.Generator) -> None:
    """Hides words and what lexicons say of them now and then: unknown names are the rule in real text."""
    hidden = chooser.random(len(stream)) < 0.25
    stream[hidden, 0] = WORDS - 1
    affixes = chooser.random(len(stream)) < 0.08
    stream[affixes, 1] = 0
    stream[affixes, 2] = 0
    known = (stream[:, 5] & (GIVEN | FAMILY)) > 0
    unknown = known & (chooser.random(len(stream)) < 0.22)
    stream[unknown, 5] &= FLAGS - 1 - GIVEN - FAMILY
    stream[unknown & (chooser.random(len(stream)) < 0.5), 5] &= FLAGS - 1 - PLACE - COMMON


def measured(model: Tagger, sentences: Sequence[Sentence]) -> dict[str, float]:
    """Precision, recall and F1 of full names: a name counts as found where what was found overlaps it."""
    features = Features(Lexicons.shipped())
    right = found = wanted = met = 0
    for sentence in sentences:
        tokens = tokens_of(sentence.text)
        with torch.no_grad():
            rows = torch.from_numpy(features.of(tokens.words, tokens.gaps()).astype(np.int64))
            chances = torch.softmax(model(rows[None])[0], dim=1).numpy()
        names = names_in(tokens, chances.argmax(axis=1).tolist(), chances)
        gold = [
            one
            for one in sentence.marks
            if one.kind == "PER" and len(tokens_of(sentence.text[one.start : one.end]).words) > 1
        ]
        found += len(names)
        wanted += len(gold)
        right += sum(any(one.start < mark.end and mark.start < one.end for mark in gold) for one in names)
        met += sum(any(one.start < mark.end and mark.start < one.end for one in names) for mark in gold)
    precision, recall = right / max(1, found), met / max(1, wanted)
    return {
        "precision": round(precision, 3),
        "recall": round(recall, 3),
        "f1": round(2 * precision * recall / max(1e-9, precision + recall), 3),
        "names": wanted,
    }


if __name__ == "__main__":
    main()
