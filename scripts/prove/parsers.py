"""Hostile requests for every protocol's parser, in this process: none breaks it, and the parsers were really reached.

`python scripts/prove/parsers.py [COUNT]` (mutants a protocol) prints one JSON object.
"""

from __future__ import annotations

import collections
import json
import sys
import time
from pathlib import Path
from typing import Any

import coverage

ROOT = Path(__file__).parents[2]
LEAST_BRANCHES = 90.0
WRITERS = {"responses.py"}
"""What no request reaches: it looks at answers."""


def main(count: int) -> dict[str, Any]:
    measured = coverage.Coverage(
        data_file=None, branch=True, include=[f"{ROOT}/src/casemate/gateway/protocols/*"], config_file=False
    )
    # Before the modules are loaded: what they do at that time is theirs too.
    measured.start()
    sys.path.insert(0, str(ROOT))
    import hostile
    from tests.gateway.protocols.test_fuzz import CORPUS, survive

    outcomes = {}
    began = time.perf_counter()
    for protocol in CORPUS:
        met: collections.Counter[str] = collections.Counter()
        for request, signing in hostile.requests(protocol, count, seed=count):
            try:
                met[survive(request, signing)] += 1
                met["taken by the short way too"] += plain_agrees(request, signing)
            except Exception as error:
                error.add_note(f"{request.method!r} {request.target!r} {request.headers!r} {request.body!r} {signing}")
                raise
        outcomes[protocol] = dict(met)
    measured.stop()
    return {
        "requests_of_each_protocol": count,
        "seconds": round(time.perf_counter() - began, 1),
        "outcomes": outcomes,
        **_branches(measured),
    }


def plain_agrees(request: Any, signing: str | None) -> bool:
    """Whether JSON's short way takes the request; what it takes, the careful way takes with the same value."""
    from casemate.foundation.errors import ServiceError
    from casemate.gateway.models import load
    from casemate.gateway.protocols import JsonCodec, codec_for, recognise

    try:
        found = recognise(request, signing)
    except ServiceError:
        return False
    codec = codec_for(load(found.service), found.protocol)
    if not isinstance(codec, JsonCodec):
        return False
    taken = codec.parse_plain(found.operation, bytes(request.body))
    if taken is None:
        return False
    assert taken == codec.parse(found.operation, request, found.labels)
    return True


def _branches(measured: coverage.Coverage) -> dict[str, Any]:
    """Branches taken, in percent: of all files, and of each."""
    folder = ROOT / "src" / "casemate" / "gateway" / "protocols"
    taken = possible = 0
    files = {}
    for path in sorted(folder.glob("*.py")):
        if path.name in WRITERS:
            continue
        numbers = measured._analyze(str(path)).numbers
        taken += numbers.n_executed_branches
        possible += numbers.n_branches
        if numbers.n_branches:
            files[path.name] = round(100 * numbers.n_executed_branches / numbers.n_branches, 1)
    return {"branches_percent": round(100 * taken / possible, 1), "branches_percent_of_files": files}


def holds(result: dict[str, Any]) -> bool:
    return result["branches_percent"] >= LEAST_BRANCHES and all(
        outcome["refused"] for outcome in result["outcomes"].values()
    )


if __name__ == "__main__":
    found = main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    print(json.dumps({"what": "hostile requests at the parsers", **found}, indent=1))
    sys.exit(0 if holds(found) else 1)
