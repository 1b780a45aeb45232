"""Malformed requests, signed after mutation, over sockets: no failure, no hang, no growth.

`python scripts/prove/malformed.py [COUNT]` (mutants a protocol) prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.conformance import malformed
from tests.conftest import Process

GROWTH_MEGABYTES = 64
"""Audit, caches and models have bounds of their own; a leak of a kilobyte a request would be over this."""


def main(count: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="casemate-malformed-") as folder:
        server = Process(Path(folder) / "data", "--workers", "1", "--test")
        try:
            server.ready()
            return storm(server, count)
        finally:
            server.stop()


def storm(server: Process, count: int) -> dict[str, Any]:
    began = time.perf_counter()
    outcomes = [malformed.warm_up(server, protocol) for protocol in malformed.PROTOCOLS]
    worker = server.pids("worker")
    before = malformed.resident_bytes(worker[0])
    storms = {protocol: malformed.storm(server, protocol, count, seed=count) for protocol in malformed.PROTOCOLS}
    outcomes += storms.values()
    kms = server.client("kms")
    blob = kms.encrypt(KeyId=kms.create_key()["KeyMetadata"]["KeyId"], Plaintext=b"well")["CiphertextBlob"]
    return {
        "requests_of_each_protocol": count,
        "seconds": round(time.perf_counter() - began, 1),
        "statuses": {name: dict(sorted(each.statuses.items())) for name, each in storms.items()},
        "wrongly_signed": sum(each.wrongly_signed for each in storms.values()),
        "failures": [wrong for each in outcomes for wrong in each.wrong][:5],
        "slowest_milliseconds": round(max(each.slowest for each in outcomes) * 1000, 1),
        "grown_megabytes": round((malformed.resident_bytes(worker[0]) - before) / (1 << 20), 1),
        "same_worker_and_well": server.pids("worker") == worker
        and kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"well",
    }


def holds(result: dict[str, Any]) -> bool:
    return (
        not result["failures"]
        and result["same_worker_and_well"]
        and result["grown_megabytes"] < GROWTH_MEGABYTES
        and result["wrongly_signed"] <= result["requests_of_each_protocol"] * 0.05
    )


if __name__ == "__main__":
    found = main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    print(json.dumps({"what": "malformed signed requests over sockets", **found}, indent=1))
    sys.exit(0 if holds(found) else 1)
