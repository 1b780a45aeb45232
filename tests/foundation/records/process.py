"""Another process that uses a store; run by the tests as a program: process.py COMMAND STORE ARGUMENTS...

Everything that it has to say is a line on standard output, written at once.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import msgspec

from casemate.foundation.records import AuditEntry, Collection, Conflict, Index, Store, Unit


class Counter(msgspec.Struct, frozen=True):
    value: int
    owner: str = ""


COUNTERS = Collection("test.counters", Counter, indexes=[Index("owner", lambda c: [c.owner])])


def say(*words: object) -> None:
    os.write(1, (" ".join(map(str, words)) + "\n").encode())


def committed(store: Store, unit: Unit) -> bool:
    try:
        store.submit(unit).result()
    except Conflict:
        return False
    return True


def set_counter(store: Store, id_: str, value: int, owner: str = "") -> None:
    while True:
        unit = store.unit()
        unit.get(COUNTERS, "", id_)
        unit.put(COUNTERS, "", id_, Counter(value, owner))
        unit.audit(AuditEntry("", 0.0, f"{id_}={value}".encode()))
        if committed(store, unit):
            return


def increment(store: Store, id_: str, times: int) -> None:
    """Add one, that many times, running again whenever another process was first."""
    for _ in range(times):
        while True:
            unit = store.unit()
            found = unit.get(COUNTERS, "", id_)
            unit.put(COUNTERS, "", id_, Counter(found.value + 1 if found else 1))
            unit.audit(AuditEntry("", 0.0, b"one more"))
            if committed(store, unit):
                break


def loop(store: Store, name: str, seconds: float) -> None:
    """Write as fast as it goes with eight threads, so that the writer always has more to do.

    Says how many writes were acknowledged, and how long the slowest took.
    """
    say("ready")
    sys.stdin.readline()
    end = time.monotonic() + seconds
    counts, waits = [0] * 8, [0.0] * 8

    def write(thread: int) -> None:
        while (start := time.monotonic()) < end:
            set_counter(store, f"{name}.{thread}.{counts[thread]}", counts[thread])
            waits[thread] = max(waits[thread], time.monotonic() - start)
            counts[thread] += 1

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    say(sum(counts), max(waits))


def acknowledge(store: Store, name: str) -> None:
    """Write from four threads until killed, and say each write after it was acknowledged."""

    def write(thread: int) -> None:
        number = 0
        while True:
            id_ = f"{name}.{thread}.{number}"
            set_counter(store, id_, number)
            say(id_)
            number += 1

    for thread in range(4):
        threading.Thread(target=write, args=(thread,), daemon=True).start()
    sys.stdin.readline()


def set_and_die(store: Store, id_: str, value: int, owner: str) -> None:
    set_counter(store, id_, value, owner)
    say("lived")


def delete_and_die(store: Store, id_: str) -> None:
    unit = store.unit()
    unit.delete(COUNTERS, "", id_)
    store.submit(unit).result()
    say("lived")


def main() -> None:
    command, path, *arguments = sys.argv[1:]
    death = arguments.pop(0) if command.endswith("and_die") else None

    def at(point: str) -> None:
        if point == death:
            os.kill(os.getpid(), signal.SIGKILL)

    store = Store.open(Path(path), name="test", create=False, at=at)
    match command:
        case "increment":
            increment(store, arguments[0], int(arguments[1]))
        case "loop":
            loop(store, arguments[0], float(arguments[1]))
        case "acknowledge":
            acknowledge(store, arguments[0])
        case "set_and_die":
            set_and_die(store, arguments[0], int(arguments[1]), arguments[2])
        case "delete_and_die":
            delete_and_die(store, arguments[0])
        case "set":
            for value in range(int(arguments[1])):
                set_counter(store, arguments[0], value)
                say("acknowledged", value)
    store.close()


if __name__ == "__main__":
    main()
