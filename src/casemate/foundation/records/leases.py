"""Leases: the right to do a chore, held by one process at a time and numbered.

Whoever takes over a lapsed lease gets a higher number. A unit of work that does the chore checks its number when it
commits (``Unit.checks``), so a holder that was asleep cannot do what another has taken over.
"""

from collections.abc import Callable
from concurrent.futures import Future

import msgspec

from casemate.foundation.records.errors import Conflict
from casemate.foundation.records.unit import LEASES, Lease, Unit


class Leases:
    """The leases of one store. Every call waits for its commit: not for the event loop."""

    def __init__(self, unit: Callable[[], Unit], submit: Callable[[Unit], Future[None]]) -> None:
        self._unit = unit
        self._submit = submit

    def acquire(self, name: str, holder: str, now: float, seconds: float) -> int | None:
        """Take a free or lapsed lease, or prolong one's own, until ``now + seconds``.

        Its number, or None when another holds it.
        """
        unit = self._unit()
        found = unit.get(LEASES, "", name)
        if found is None:
            lease = Lease(number=1, holder=holder, until=now + seconds)
        elif found.holder == holder and now < found.until:
            lease = msgspec.structs.replace(found, until=now + seconds)
        elif found.until <= now:
            lease = Lease(number=found.number + 1, holder=holder, until=now + seconds)
        else:
            return None
        unit.put(LEASES, "", name, lease)
        try:
            self._submit(unit).result()
        except Conflict:
            return None
        return lease.number

    def release(self, name: str, number: int) -> None:
        """Let a lease lapse now; nothing happens when it is no longer that number."""
        unit = self._unit()
        found = unit.get(LEASES, "", name)
        if found is None or found.number != number:
            return
        unit.put(LEASES, "", name, msgspec.structs.replace(found, until=0.0))
        try:
            self._submit(unit).result()
        except Conflict:
            return
