"""What readers of other keys feel of durable writes: reads at a fixed pace, alone and beside CreateKey."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Coroutine, Iterator
from itertools import cycle
from typing import Any

import uvloop
from load import drive, paced, percentile, sign
from node import REGION, Process

GOAL = 1.2
_READERS = 2
_PAUSE = 0.01
_WRITERS = 4
_WRITES_PAUSE = 0.01
_CLIENTS = 32
_BODIES = {"Encrypt": {"Plaintext": "aGVsbG8="}, "DescribeKey": {}}


def beside(node: Process, seconds: float) -> None:
    """Print the p99 of reads alone, beside writes at a fixed rate, and beside as many as 32 clients get done."""
    keys = [node.client("kms").create_key()["KeyMetadata"]["KeyId"] for _ in range(20)]
    print(f"\n## {_READERS * len(_BODIES)} readers at {_READERS * len(_BODIES) / _PAUSE:.0f}/s, and durable writes")
    alone = uvloop.run(_felt(node, keys, seconds, "none"))
    for name, words in (
        ("paced", f"{_WRITERS / _WRITES_PAUSE:.0f}/s at most"),
        ("all", f"{_CLIENTS} clients, as fast as they can"),
    ):
        felt = uvloop.run(_felt(node, keys, seconds, name))
        for operation, waits in felt.items():
            before, after = percentile(alone[operation], 0.99), percentile(waits, 0.99)
            print(
                f"{operation:<12} p99 {before * 1e3:5.2f} ms alone, {after * 1e3:6.2f} ms beside CreateKey ({words})   "
                f"x {after / before:.2f} (goal {GOAL})"
            )


async def _felt(node: Process, keys: list[str], seconds: float, writes: str) -> dict[str, list[float]]:
    """Seconds that each read took, by operation."""
    until = time.perf_counter() + seconds
    admin, host = node.admin(), "{}:{}".format(*node.address)

    def signed(operation: str, bodies: Iterator[dict[str, str]]) -> Iterator[bytes]:
        for body in bodies:
            target = f"TrentService.{operation}"
            yield sign(admin, "kms", REGION, host, target, json.dumps(body).encode(), moment=time.time())

    def over() -> bool:
        return time.perf_counter() > until

    creates = signed("CreateKey", ({"Description": f"{writes} {number}"} for number in range(10**9)))
    writers: list[Coroutine[Any, Any, object]] = []
    if writes == "paced":
        writers = [paced(*node.address, creates, _WRITES_PAUSE, over) for _ in range(_WRITERS)]
    elif writes == "all":
        writers = [drive(*node.address, creates, seconds, _CLIENTS, keep=False)]
    readers = {
        operation: [
            paced(*node.address, signed(operation, cycle([{"KeyId": key, **body} for key in keys])), _PAUSE, over)
            for _ in range(_READERS)
        ]
        for operation, body in _BODIES.items()
    }
    work = [asyncio.ensure_future(each) for each in writers]
    tasks = {
        operation: [asyncio.ensure_future(each) for each in coroutines] for operation, coroutines in readers.items()
    }
    felt = {operation: [wait for task in made for wait in await task] for operation, made in tasks.items()}
    for each in work:
        await each
    return felt
