#!/usr/bin/env python3
"""Make a corpus of what record.py recorded: one line a request, labelled benign, without repetitions."""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from pathlib import Path

_PASSING_PARAMETERS = re.compile(r"\b(_|ver|rev|nonce|_wpnonce|t|timestamp|token)=[^&]*")
_IDENTIFIERS = re.compile(r"[0-9a-f]{6,}")


def main() -> None:
    """Read OUT/PORT.jsonl for each PORT=CLASS, and write one compressed file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recorded", type=Path, help="the folder that record.py wrote to")
    parser.add_argument("corpus", type=Path, help="the file to write (.jsonl.gz)")
    parser.add_argument("classes", nargs="+", metavar="PORT=CLASS")
    options = parser.parse_args()
    seen: set[tuple[str, ...]] = set()
    counts: Counter[str] = Counter()
    with options.corpus.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as packed:
        for named in options.classes:
            port, _, kind = named.partition("=")
            for line in (options.recorded / f"{port}.jsonl").read_text("utf-8").splitlines():
                request = json.loads(line)
                shape = _shape(kind, request)
                if shape in seen:
                    continue
                seen.add(shape)
                counts[kind] += 1
                written = {"label": "benign", "class": kind, **request}
                packed.write(json.dumps(written, ensure_ascii=False).encode() + b"\n")
    for kind, number in counts.items():
        print(f"{kind}: {number} requests")


def _shape(kind: str, request: dict[str, str]) -> tuple[str, ...]:
    body = request.get("body", request.get("body_base64", ""))
    return kind, request["method"], _PASSING_PARAMETERS.sub("", request["target"]), _IDENTIFIERS.sub("", body)


if __name__ == "__main__":
    main()
