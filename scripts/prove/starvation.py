"""Two processes that write to one store as fast as they can: what each got done, and the longest that one waited.

`python scripts/prove/starvation.py [SECONDS]` prints one JSON object.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import msgspec

from casemate.foundation import inventory
from casemate.foundation.records import AuditEntry, Store
from casemate.services.kms.records import KEYS, RESOURCE_TYPE, BackingKey, Key

THREADS = 8
ACCOUNT = "123456789012"
LEAST_SHARE = 0.3
LONGEST_WAIT = 1.0
"""Seconds. Two cores are all that there may be, and each commit waits for the disk."""
POLICY = msgspec.json.encode({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:*"}}).decode()


def write_key(store: Store) -> None:
    """What CreateKey writes: a key, its place in the inventory, its audit record."""
    key_id = str(uuid.uuid4())
    arn = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{key_id}"
    backing = (BackingKey("0" * 64, bytes(120), 0.0),)
    key = Key(key_id, arn, ACCOUNT, "us-east-1", 0.0, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", POLICY, backing=backing)
    unit = store.unit()
    unit.put(KEYS, ACCOUNT, key_id, key)
    inventory.register(unit, arn=arn, type=RESOURCE_TYPE, account=ACCOUNT, region="us-east-1", tags=())
    unit.audit(AuditEntry(ACCOUNT, 0.0, b"x" * 900))
    store.submit(unit).result()


def write(path: Path, seconds: float) -> None:
    """One of the two: with several writers each, so that there is always something to commit."""
    store = Store.open(path, name="us-east-1", create=False)
    print("ready", flush=True)
    sys.stdin.readline()
    end = time.monotonic() + seconds
    waits: list[list[float]] = [[] for _ in range(THREADS)]

    def loop(mine: list[float]) -> None:
        while (began := time.monotonic()) < end:
            write_key(store)
            mine.append(time.monotonic() - began)

    threads = [threading.Thread(target=loop, args=(mine,)) for mine in waits]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    print(json.dumps([wait for mine in waits for wait in mine]))


def main(seconds: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="casemate-starvation-") as folder:
        path = Path(folder) / "store.db"
        Store.open(path, name="us-east-1", create=True).close()
        command = [sys.executable, __file__, "--writer", str(path), str(seconds)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        writers = [subprocess.Popen(command, **pipes) for _ in range(2)]  # type: ignore[call-overload]
        for writer in writers:
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            writer.stdin.write("go\n")
            writer.stdin.flush()
        waits = [sorted(json.loads(writer.communicate(timeout=seconds + 60)[0])) for writer in writers]
    written = [len(each) for each in waits]
    return {
        "seconds": seconds,
        "units_of_each_process": written,
        "smaller_share": round(min(written) / sum(written), 3),
        "worst_wait_milliseconds": [round(each[-1] * 1000, 1) for each in waits],
        "median_wait_milliseconds": [round(each[len(each) // 2] * 1000, 1) for each in waits],
        "p99_wait_milliseconds": [round(each[int(len(each) * 0.99)] * 1000, 1) for each in waits],
    }


def holds(result: dict[str, Any]) -> bool:
    return result["smaller_share"] > LEAST_SHARE and max(result["worst_wait_milliseconds"]) < LONGEST_WAIT * 1000


if __name__ == "__main__":
    if sys.argv[1:2] == ["--writer"]:
        write(Path(sys.argv[2]), float(sys.argv[3]))
        sys.exit(0)
    found = main(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0)
    print(json.dumps({"what": "two processes writing to one store", **found}, indent=1))
    sys.exit(0 if holds(found) else 1)
