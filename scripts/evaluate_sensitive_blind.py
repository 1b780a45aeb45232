"""Measure `casemate scan` on files that share nothing with it: `python scripts/evaluate_sensitive_blind.py`.

The corpus (scripts/evaluate/sensitive_blind_*.py) is written from published standards and Macie's user guide and
imports nothing of Casemate; the engine runs as the command. What counts is the exact place. An occurrence of another
identifier of the same family at a planted place (a passport of a second country, whose form is the same) is neither
right nor wrong.

Where labels or forms were added to the engine after it had been measured here, the figure is no longer blind for them.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from evaluate import sensitive_blind_files as files
from evaluate.sensitive_blind_kinds import KINDS, Kind
from evaluate.sensitive_blind_lookalikes import LOOKALIKES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FAMILIES = {kind.identifier: kind.family for kind in KINDS}


def items_of(rng: random.Random, kinds: list[Kind]) -> list[files.Item]:
    return [files.Item(kind, kind.make(rng)) for kind in kinds]


def write(folder: Path, seed: int, rounds: int) -> list[files.Planted]:
    """Fill the folder; give what was planted."""
    planted: list[files.Planted] = []
    for turn in range(rounds):
        rng = random.Random(seed * 1000 + turn)
        kinds = [*KINDS, *LOOKALIKES]
        rng.shuffle(kinds)
        for at in range(0, len(kinds), 25):
            for data, found in texts(rng, f"{turn}-{at}", kinds[at : at + 25]):
                (folder / found[0].file).write_bytes(data)
                planted += found
        for at in range(0, len(kinds), 6):
            columns = [
                kind for kind in kinds[at : at + 6] if not kind.multiline and (kind.names or kind.identifier[0] != "~")
            ]
            if columns:
                planted += tables(rng, folder, f"{turn}-{at}", columns)
    return planted


def texts(rng: random.Random, stem: str, kinds: list[Kind]) -> Iterator[tuple[bytes, list[files.Planted]]]:
    for form in files.LINE_FORMATS:
        usable = [
            kind
            for kind in kinds
            if form.write in (files.prose, files.log, files.chat, files.markdown, files.web) or kind.names
        ]
        yield files.write_lines(rng, form, f"{stem}.{form.suffix}", items_of(rng, usable))
    named = [kind for kind in kinds if kind.names]
    for suffix, writer, chosen in (
        ("eml", files.write_mail, kinds), ("json", files.write_json, named), ("jsonl", files.write_jsonl, named),
        ("docx", files.write_docx, kinds), ("pdf", files.write_pdf, kinds),
    ):  # fmt: skip
        yield writer(rng, f"{stem}.{suffix}", items_of(rng, chosen))


def tables(rng: random.Random, folder: Path, stem: str, kinds: list[Kind]) -> list[files.Planted]:
    header, rows, placed = files.table(rng, kinds, 6)
    separator, quote = rng.choice([(",", False), (",", True), (";", False), ("\t", False), ("|", False)])
    forms: dict[str, Callable[[], bytes]] = {
        "tsv" if separator == "\t" else "csv": lambda: files.delimited(header, rows, separator, quote=quote),
        "xlsx": lambda: files.workbook(header, rows),
        "parquet": lambda: files.parquet(header, rows),
    }
    planted = []
    for suffix, data in forms.items():
        name = f"{stem}.{suffix}"
        (folder / name).write_bytes(data())
        for (row, column), kind in placed.items():
            place = (row, header[column]) if suffix == "parquet" else (row + 2, column + 1)
            planted.append(files.Planted(name, place, kind.identifier, kind.family))
    return planted


def reported(folder: Path) -> Iterator[tuple[str, str, files.Place]]:
    """What the command says: file, identifier and place of each occurrence."""
    command = [str(Path(sys.executable).parent / "casemate"), "scan", str(folder), "--json", "--identifiers=ALL"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"casemate scan ended with {done.returncode}")
    for line in done.stdout.splitlines():
        finding = json.loads(line)
        key = finding["resourcesAffected"]["s3Object"]["key"]
        for group in finding["classificationDetails"]["result"]["sensitiveData"]:
            for detection in group["detections"]:
                places = list(places_of(detection.get("occurrences") or {}))
                places += [()] * (detection["count"] - len(places))
                for place in places:
                    yield key, detection["type"], place


def places_of(occurrences: dict[str, Any]) -> Iterator[files.Place]:
    for found in occurrences.get("lineRanges") or ():
        yield (found["start"], found["startColumn"])
    for found in occurrences.get("cells") or ():
        yield (found["row"], found["column"])
    for found in occurrences.get("pages") or ():
        yield (found["pageNumber"],)
    for found in occurrences.get("records") or ():
        yield (
            found["recordIndex"],
            re.sub(r"\[['\"]?([^\]'\"]*)['\"]?\]", r".\1", found["jsonPath"]).lstrip("$").lstrip("."),
        )


def sorted_out(planted: list[files.Planted], found: list[tuple[str, str, files.Place]]) -> dict[str, Any]:
    """Counts per identifier, and the look-alikes that were reported."""
    wanted: dict[tuple[str, files.Place], list[str]] = defaultdict(list)
    for one in planted:
        wanted[one.file, one.place].append(one.identifier)
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    fooled, by_format, misses, falses = Counter[str](), Counter[str](), [], []
    seen: dict[tuple[str, files.Place], list[str]] = defaultdict(list)
    for file, identifier, place in found:
        seen[file, place].append(identifier)
    for spot, identifiers in wanted.items():
        left = list(seen.get(spot, ()))
        for identifier in identifiers:
            if identifier.startswith("~"):
                continue
            if identifier in left:
                left.remove(identifier)
                right[identifier] += 1
            else:
                missed[identifier] += 1
                by_format[f"{spot[0].rpartition('.')[2]} missed"] += 1
                misses.append((identifier, *spot))
        families = {FAMILIES.get(identifier, identifier) for identifier in identifiers}
        for identifier in left:
            if FAMILIES[identifier] in families:
                continue
            wrong[identifier] += 1
            by_format[f"{spot[0].rpartition('.')[2]} false"] += 1
            falses.append((identifier, *spot, identifiers[0] if len(identifiers) == 1 else ""))
            if len(identifiers) == 1 and identifiers[0].startswith("~"):
                fooled[identifiers[0]] += 1
    for spot in seen.keys() - wanted.keys():
        for identifier in seen[spot]:
            wrong[identifier] += 1
            falses.append((identifier, *spot, "elsewhere"))
    return {
        "right": right,
        "wrong": wrong,
        "missed": missed,
        "fooled": fooled,
        "formats": by_format,
        "misses": misses,
        "falses": falses,
    }


def f1(right: int, wrong: int, missed: int) -> float:
    return 2 * right / (2 * right + wrong + missed) if right else 0.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--worst", type=int, default=25)
    parser.add_argument("--details", type=Path, help="write every miss and every false report to this file")
    parser.add_argument("--keep", type=Path, help="write the corpus here and leave it")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = chosen.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        planted = write(folder, chosen.seed, chosen.rounds)
        counts = sorted_out(planted, list(reported(folder)))
    right, wrong, missed = counts["right"], counts["wrong"], counts["missed"]
    scores = {
        kind.identifier: f1(right[kind.identifier], wrong[kind.identifier], missed[kind.identifier]) for kind in KINDS
    }
    for identifier, score in sorted(scores.items(), key=lambda pair: pair[1])[: chosen.worst]:
        print(
            f"{score:.3f} {identifier}  right {right[identifier]} wrong {wrong[identifier]} missed {missed[identifier]}"
        )
    alike = sum(one.identifier.startswith("~") for one in planted)
    print("look-alikes reported:", dict(counts["fooled"].most_common()))
    print("by format:", dict(sorted(counts["formats"].items())))
    print(
        f"planted {len(planted) - alike} values of {len(KINDS)} identifiers, "
        f"{alike} look-alikes of {len(LOOKALIKES)} classes"
    )
    micro, macro = f1(right.total(), wrong.total(), missed.total()), sum(scores.values()) / len(scores)
    print(f"micro F1 {micro:.4f}  macro F1 {macro:.4f}"
          f"  look-alikes reported {counts['fooled'].total() / alike:.4f}")  # fmt: skip
    if chosen.details:
        chosen.details.write_text(
            "\n".join(repr(("miss", *one)) for one in counts["misses"])
            + "\n"
            + "\n".join(repr(("false", *one)) for one in counts["falses"])
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
