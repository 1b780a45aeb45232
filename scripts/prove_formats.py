"""Mutated files of every format: `python scripts/prove_formats.py [--count 10000] [--seed 15] [--in-process]`.

Each file is changed (bytes flipped, cut, doubled, moved, lengths made huge) and read as a scan reads it, native formats
in their own processes. Nothing may raise, take longer than a file's time, or take more memory than a worker has. Prints
one JSON object; exits 1 where something did not hold.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import resource
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.engines.sensitive.formats.samples import every_format  # noqa: E402

from casemate.contracts.sensitive import Limits, Problem  # noqa: E402  after the path that tests are found by
from casemate.engines.sensitive.formats import Readers  # noqa: E402
from casemate.runtime import limited_parsers  # noqa: E402

SECONDS = 20.0
MEMORY = 512 * 1024 * 1024
SLOW = frozenset({"a.pdf", "a.doc", "a.parquet", "a.orc", "a.avro", "a.7z", "a.xlsx"})
"""Formats that start a process for each file: one in SLOW_SHARE of their mutants, all others without."""
SLOW_SHARE = 12


def mutated(data: bytes, chooser: random.Random) -> bytes:
    """A file with one to a few changes."""
    changed = bytearray(data)
    for _ in range(chooser.choice((1, 1, 2, 4, 16))):
        if not changed:
            break
        at = chooser.randrange(len(changed))
        match chooser.randrange(7):
            case 0:
                changed[at] ^= 1 << chooser.randrange(8)
            case 1:
                changed[at] = chooser.choice((0, 1, 0x7F, 0x80, 0xFF))
            case 2:
                del changed[at : at + chooser.randint(1, 40)]
            case 3:
                changed[at:at] = changed[at : at + chooser.randint(1, 200)] * chooser.randint(1, 5)
            case 4:
                changed[at : at + 4] = chooser.choice(
                    (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f")
                )
            case 5:
                changed = changed[:at]
            case _:
                changed[at:at] = chooser.randbytes(chooser.randint(1, 30))
    return bytes(changed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=15)
    options = parser.parse_args()
    chooser = random.Random(options.seed)
    files = list(every_format())
    apart, here = limited_parsers(idle_seconds=SECONDS), Readers()
    ends: Counter[str] = Counter()
    wrong: list[str] = []
    slowest = 0.0
    for number in range(options.count):
        name, data = files[number % len(files)]
        turn = number // len(files)
        readers = apart if name in SLOW and (turn % SLOW_SHARE == 0 or name in {"a.pdf", "a.xlsx"}) else here
        mutant = mutated(data, chooser)
        started = time.monotonic()
        try:
            last = [unit for unit in readers.units(io.BytesIO(mutant), name, Limits()) if isinstance(unit, Problem)]
            ends[last[-1].status if last else "COMPLETE"] += 1
        except Exception as error:  # noqa: BLE001  that nothing raises is what is proved
            wrong.append(f"{name} {number}: {type(error).__name__}: {error}"[:200])
        taken = time.monotonic() - started
        slowest = max(slowest, taken)
        if taken > SECONDS:
            wrong.append(f"{name} {number}: took {taken:.1f} s")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if memory > MEMORY:
        wrong.append(f"took {memory} bytes of memory")
    report = {
        "files": options.count,
        "formats": len(files),
        "seed": options.seed,
        "ends": dict(ends),
        "slowest_seconds": round(slowest, 2),
        "peak_memory_bytes": memory,
        "wrong": wrong[:20],
    }
    print(json.dumps(report))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
