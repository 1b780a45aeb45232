"""Mutated files of every format: `python scripts/prove_formats.py [--count 10000] [--seed 15]`.

Each file is changed (bytes flipped, cut, doubled, moved, lengths made huge) and read as a scan reads it, native formats
in their own processes; then come archives made to exhaust their reader. Nothing may raise, take longer than a file's
time, or take more memory than a worker has. Prints one JSON object; exits 1 where something did not hold.
"""

from __future__ import annotations

import argparse
import bz2
import io
import json
import lzma
import random
import resource
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.engines.sensitive.formats.samples import every_format  # noqa: E402

from casemate.contracts.sensitive import Limits, Problem  # noqa: E402  after the path that tests are found by
from casemate.engines.sensitive.formats import Readers  # noqa: E402
from casemate.runtime import limited_parsers  # noqa: E402

SECONDS = 20.0
BOMB_SECONDS = 240.0  # of this process's own time: others may be busy
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


def many_members(count: int) -> bytes:
    """A zip archive of so many files of one line each."""
    data = b"id 42\n"
    local, central = [], []
    place = 0
    for number in range(count):
        name = b"%07d.txt" % number
        head = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, len(data), len(data), len(name), 0)
        local.append(head + name + data)
        central.append(
            struct.pack(
                "<4s6H3L5H2L",
                b"PK\x01\x02",
                20,
                20,
                0,
                0,
                0,
                0,
                0,
                len(data),
                len(data),
                len(name),
                0,
                0,
                0,
                0,
                0,
                place,
            )
            + name
        )
        place += len(head) + len(name) + len(data)
    directory = b"".join(central)
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(directory), place)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, place + len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return b"".join(local) + directory + end64 + locator + end


def packed(compressor: bz2.BZ2Compressor | lzma.LZMACompressor, piece: bytes, count: int) -> bytes:
    return b"".join(compressor.compress(piece) for _ in range(count)) + compressor.flush()


def bombs(members: int) -> Iterator[tuple[str, bytes]]:
    """Archives made to exhaust their reader."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    mebibyte = b"a" * (1 << 20)
    thousand = b"".join(packer.compress(mebibyte) for _ in range(2000)) + packer.flush()
    yield "ratio.txt.gz", thousand
    yield "ratio.txt.bz2", packed(bz2.BZ2Compressor(), mebibyte, 400)
    yield "ratio.txt.xz", packed(lzma.LZMACompressor(), mebibyte, 400)
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(200):
            archive.writestr(f"{number}.txt", mebibyte * 16)
    yield "wide.zip", sink.getvalue()
    nested = sink.getvalue()
    for _ in range(12):
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("next.zip", nested)
        nested = sink.getvalue()
    yield "nested.zip", nested
    yield "members.zip", many_members(members)
    yield "deep.json", b"[" * (8 << 20)
    yield "long.json", b'{"a": "' + b"x" * (64 << 20)


def prove_bombs(members: int) -> tuple[dict[str, str], list[str]]:
    """How each bomb ended, and what did not hold. They are made by another process: this one's memory is measured."""
    ends, wrong = {}, []
    with tempfile.TemporaryDirectory(prefix="casemate-bombs-") as folder:
        subprocess.run([sys.executable, __file__, "--make", folder, "--members", str(members)], check=True, timeout=600)
        for path in sorted(Path(folder).iterdir()):
            started = time.process_time()
            with path.open("rb") as file:
                units = limited_parsers().units(file, path.name, Limits())
                last = [unit for unit in units if isinstance(unit, Problem)]
            taken = time.process_time() - started
            ended = f"{last[-1].status} {last[-1].reason}" if last else "COMPLETE"
            ends[path.name] = f"{ended} in {taken:.1f} s"
            if taken > BOMB_SECONDS:
                wrong.append(f"{path.name}: took {taken:.0f} s")
    return ends, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=15)
    parser.add_argument("--make", metavar="FOLDER", type=Path, help="write the bombs there, and nothing else")
    parser.add_argument("--members", type=int, default=0, help="of the zip archive with the most")
    options = parser.parse_args()
    if options.make:
        for name, data in bombs(options.members):
            (options.make / name).write_bytes(data)
        return 0
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
    bombed, more = prove_bombs(1_000_000 if options.count >= 10_000 else 20_000)
    wrong += more
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if memory > MEMORY:
        wrong.append(f"took {memory} bytes of memory")
    report = {
        "files": options.count,
        "formats": len(files),
        "seed": options.seed,
        "ends": dict(ends),
        "bombs": bombed,
        "slowest_seconds": round(slowest, 2),
        "peak_memory_bytes": memory,
        "wrong": wrong[:20],
    }
    print(json.dumps(report))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
