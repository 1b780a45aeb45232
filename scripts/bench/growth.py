"""How the same calls fare with a hundred keys and with a hundred thousand; how fast a server starts; what it holds."""

from __future__ import annotations

import base64
import json
import random
import secrets
import tempfile
import time
import uuid
from pathlib import Path

from load import Keys, measure, sign
from node import REGION, Process, casemate, share_of_memory

_BATCH = 500
_CALLS = 6000
_AT_MOST = 20.0


def grow(few: int, many: int) -> None:
    """Print the table of growth."""
    with tempfile.TemporaryDirectory(prefix="casemate-bench-") as folder:
        data = Path(folder)
        print(f"\n## Growth: {few:,} keys and {many:,} keys")
        with casemate(data, 1) as node:
            started_new = node.started_in
            keys = [_seed(node, few), []]
            small = _latencies(node, keys[0])
            began = time.perf_counter()
            keys[1] = _seed(node, many - few)
            print(f"seeded in {time.perf_counter() - began:.0f} s")
            large = _latencies(node, keys[0] + keys[1])
            memory = ", ".join(f"{share_of_memory(pid):.0f} MB" for pid in node.workers())
        with casemate(data, 1) as node:
            started_full = node.started_in
            fresh = ", ".join(f"{share_of_memory(pid):.0f} MB" for pid in node.workers())
    for name, before in small.items():
        print(f"{name:<28} {before * 1e3:7.2f} ms {large[name] * 1e3:7.2f} ms   x {large[name] / before:.2f}")
    print(f"start: new {started_new:.2f} s, with {many:,} keys {started_full:.2f} s")
    print(f"memory of a worker (PSS): {fresh} after the start, {memory} after the calls")


def _seed(node: Process, count: int) -> list[str]:
    account = node.client("sts").get_caller_identity()["Account"]
    made: list[str] = []
    while len(made) < count:
        ids = [str(uuid.UUID(bytes=secrets.token_bytes(16), version=4)) for _ in range(min(_BATCH, count - len(made)))]
        given = [
            {
                "account": account,
                "region": REGION,
                "id": each,
                "material": base64.b64encode(secrets.token_bytes(32)).decode(),
            }
            for each in ids
        ]
        node.steer("seed", {"keys": given})
        made += ids
    return made


def _latencies(node: Process, keys: list[str]) -> dict[str, float]:
    """Median seconds of calls one after the other, each on a key of its own at random, after as many to warm up."""
    admin, found = node.admin(), {}
    order = random.Random(1).choices(keys, k=_CALLS)
    bodies: dict[str, list[dict[str, object]]] = {
        "Encrypt p50": [{"KeyId": key, "Plaintext": "aGVsbG8="} for key in order],
        "DescribeKey p50": [{"KeyId": key} for key in order],
        "ListKeys p50 (a page of 100)": [{"Limit": 100}] * (_CALLS // 10),
    }
    for name, requests in bodies.items():
        signed = _signed(node, admin, name.split()[0], requests)
        half = len(signed) // 2
        for part in (signed[:half], signed[half:]):
            outcome = measure(*node.address, part, [], seconds=_AT_MOST, connections=1)
        found[name] = outcome.percentile(0.5)
    return found


def _signed(node: Process, keys: Keys, operation: str, bodies: list[dict[str, object]]) -> list[bytes]:
    """Requests on one key differ in their time: signatures hold for fifteen minutes."""
    host = "{}:{}".format(*node.address)
    now = time.time()
    return [
        sign(
            keys, "kms", REGION, host, f"TrentService.{operation}", json.dumps(body).encode(), moment=now - number % 600
        )
        for number, body in enumerate(bodies)
    ]
