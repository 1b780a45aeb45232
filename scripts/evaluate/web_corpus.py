"""The benign corpus as a whole: what browsers were recorded asking, and what is made from seeds."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from evaluate import web_clients, web_traffic
from evaluate.web_traffic import Request

RECORDED = Path(__file__).resolve().parents[2] / "tests" / "data" / "web" / "browser"
SEED = 7
ORDINARY, LOOKALIKES, CLIENTS = 11_000, 3_000, 4_500


def recorded() -> Iterator[Request]:
    """Requests of Chromium, from every file of recordings."""
    for path in sorted(RECORDED.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                request = json.loads(line)
                body = (
                    base64.b64decode(request["body_base64"])
                    if "body_base64" in request
                    else request.get("body", "").encode()
                )
                yield {**request, "body": body}


def benign(seed: int = SEED, share: float = 1.0) -> Iterator[Request]:
    """The corpus, or that share of its made requests (the same ones each time)."""
    yield from recorded()
    yield from web_traffic.generate(seed, int(ORDINARY * share), int(LOOKALIKES * share))
    yield from web_clients.generate(seed, int(CLIENTS * share))
