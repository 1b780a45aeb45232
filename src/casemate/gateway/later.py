"""What happens later: due timers are fired, messages are delivered.

Each timer runs in a unit of work whose commit also removes it; each message is applied in a unit whose commit also
remembers it. Both check the keeper's lease number, so that a keeper that was asleep can't do what its successor did.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from casemate.foundation.caller import Caller
from casemate.foundation.context import Context, Host, Origin
from casemate.foundation.errors import Unavailable
from casemate.foundation.ids import new_uuid, partition_of
from casemate.foundation.log import Log
from casemate.foundation.operation import Service
from casemate.foundation.records import BUS, AuditEntry, Conflict, Message, RecordsError, Store, Timer, Unit
from casemate.foundation.records.unit import LEASES, Lease
from casemate.foundation.stores import Stores
from casemate.gateway.regions import HOME

LEASE: Final = "keeper"
_BATCH: Final = 256
_TRIES: Final = 20
_INTERNAL: Final = Origin("AWS Internal", "AWS Internal")


class LeaseLost(Exception):
    """Another keeper holds the lease: this one must not go on."""


class Later:
    """Fires timers and delivers messages, one store after another. Not for several threads."""

    def __init__(self, *, stores: Stores, host: Host, services: Sequence[Service], log: Log) -> None:
        self._stores = stores
        self._host = host
        self._log = log
        self._timers: Mapping[str, tuple[Service, Callable[[Context, Timer], None]]] = {
            kind: (service, run) for service in services for kind, run in service.timers.items()
        }
        self._messages: Mapping[str, tuple[Service, Callable[[Context, Message], None]]] = {
            kind: (service, run) for service in services for kind, run in service.messages.items()
        }
        self._lease_numbers: dict[str, int] = {}
        self.fired = self.delivered = 0

    def hold(self, store: Store, number: int) -> None:
        """Work in this store under the keeper's lease of this number."""
        self._lease_numbers[store.name] = number

    def fire_due(self, store: Store, now: float) -> int:
        """Fire what is due in a store at `now`; how many timers that were."""
        count = 0
        while due := store.due_timers(now, _BATCH):
            for timer in due:
                self._fire(store, timer)
                count += 1
        self.fired += count
        return count

    def deliver(self, store: Store) -> int:
        """Deliver a store's messages, in order for each destination and key; how many that were."""
        count, after = 0, 0
        blocked: set[tuple[str, str]] = set()
        while pending := store.pending(after, _BATCH):
            for message in pending:
                after = message.seq
                lane = (message.destination, message.key)
                if lane in blocked:
                    continue
                if self._deliver(store, message):
                    count += 1
                else:
                    blocked.add(lane)
        self.delivered += count
        return count

    def _fire(self, store: Store, timer: Timer) -> None:
        known = self._timers.get(timer.kind)

        def work(unit: Unit) -> None:
            unit.fired(timer)
            if known is not None:
                service, run = known
                context = self._context(service, store, unit, timer.kind)
                run(context, timer)
                for account, body in context.trail:
                    unit.audit(AuditEntry(account, context.now, body))

        if known is None:
            self._log.error("a timer that nothing answers to was dropped", kind=timer.kind, key=timer.key)
        self._commit(store, work)

    def _deliver(self, source: Store, message: Message) -> bool:
        """False where the destination is stopped or refuses: this lane waits."""
        known = self._messages.get(message.kind)
        if message.destination != BUS and known is not None:
            try:
                destination = self._stores.named(message.destination)
                self._apply(source, destination, message, *known)
            except (Unavailable, RecordsError) as error:
                self._log.debug("a message waits", kind=message.kind, key=message.key, reason=str(error))
                return False
        elif message.destination != BUS:
            self._log.error("a message that nothing answers to was dropped", kind=message.kind, key=message.key)
        self._commit(source, lambda unit: unit.complete(message))
        return True

    def _apply(
        self,
        source: Store,
        destination: Store,
        message: Message,
        service: Service,
        run: Callable[[Context, Message], None],
    ) -> None:
        def work(unit: Unit) -> None:
            if not unit.receive(source.name, message.seq):
                return
            context = self._context(service, destination, unit, message.kind)
            run(context, message)
            for account, body in context.trail:
                unit.audit(AuditEntry(account, context.now, body))

        self._commit(destination, work)

    def _commit(self, store: Store, work: Callable[[Unit], None]) -> None:
        """Run a piece of work in a unit of its own, again where a record has moved meanwhile."""
        for _ in range(_TRIES):
            unit = store.unit()
            number = self._lease_numbers.get(store.name)
            if number is not None:
                unit.checks(LEASE, number)
            work(unit)
            if not unit.has_writes:
                return
            try:
                store.submit(unit).result()
            except Conflict:
                if number is not None and _lease_number(store) != number:
                    raise LeaseLost(store.name) from None
                continue
            return
        raise RecordsError(f"a piece of later work in {store.name} kept meeting changed records")

    def _context(self, service: Service, store: Store, unit: Unit, name: str) -> Context:
        region = store.name
        if region.startswith("global-"):
            region = HOME[region.removeprefix("global-")]
        partition = partition_of(region)
        caller = Caller(
            kind="service",
            account="",
            arn=service.principal,
            partition=partition,
            user_id=service.principal,
            service=service.principal,
        )
        return Context(
            service=service.name,
            operation=name,
            region=region,
            partition=partition,
            caller=caller,
            request_id=new_uuid(),
            now=self._host.clock.now(),
            unit=unit,
            origin=_INTERNAL,
            host=self._host,
        )


def take_lease(store: Store, holder: str) -> int:
    """Make a process the store's keeper; whoever was it before fails at its next commit. The lease's number."""
    while True:
        unit = store.unit()
        found = unit.get(LEASES, "", LEASE)
        number = found.number + 1 if found is not None else 1
        unit.put(LEASES, "", LEASE, Lease(number=number, holder=holder, until=math.inf))
        try:
            store.submit(unit).result()
        except Conflict:
            continue
        return number


def _lease_number(store: Store) -> int:
    found = store.reader.get(LEASES, "", LEASE)
    return found.number if found is not None else 0


def counted(later: Later) -> dict[str, Any]:
    return {"timers_fired": later.fired, "messages_delivered": later.delivered}
