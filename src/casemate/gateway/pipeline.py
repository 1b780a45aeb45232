"""How an AWS request travels, on one page.

    recognise the service and operation
    → authenticate the raw bytes (SigV4 in the header, presigned)
    → parse by the published service model
    → authorise
    → run the operation
    → commit its unit of work
    → record (audit)
    → serialise
    → answer

No service does any of these steps for itself. Every refusal leaves by `_refuse`, in the protocol of the request.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, NamedTuple, cast

from casemate.contracts.identity import CredentialRefused
from casemate.foundation.context import Context, Host, Origin
from casemate.foundation.errors import CasemateError, NotBuilt, ServiceError, Unavailable
from casemate.foundation.http import Reply, Request
from casemate.foundation.log import Log
from casemate.foundation.operation import Check, Heavy, Operation, Response, Service
from casemate.foundation.random import RandomIds
from casemate.foundation.records import AlreadyExists, AuditEntry, CommitError, Conflict, RecordsError
from casemate.foundation.stores import Stores
from casemate.gateway import models, protocols
from casemate.gateway.authenticate import Authenticator, Signer
from casemate.gateway.authorize import Authorizer
from casemate.gateway.counters import Counters
from casemate.gateway.recording import Recorder
from casemate.gateway.turn import Turn
from casemate.gateway.way import Way
from casemate.services.iam.usage import Uses
from casemate.services.kms.key_uses import KeyUses
from casemate.services.kms.key_uses import write as write_key_uses
from casemate.services.sts import restrictions

_TRIES: Final = 6
"""How often an operation runs anew because a record that it read has moved."""
_KEY_USES_EVERY: Final = 5
"""Uses of keys are written in one of so many rounds: there may be thousands of them a second."""
_ORIGINS: Final = 1024
"""Origins that are remembered."""
_MOST_HEAVY: Final = 512
"""Requests that wait for a thread; one more is throttled."""
_TOO_FAST: Final = "Rate exceeded: too many requests wait for a processor. Try again with backoff."
_BUSY: Final = "The request could not be completed because the resource was changed by other requests. Try again."


class Route(NamedTuple):
    """Where the requests of one X-Amz-Target go: known targets only, so there are no more than operations."""

    called: protocols.Recognised
    codec: protocols.JsonCodec
    service: Service
    operation: Operation


class Pipeline:
    """The way of a request in one process."""

    def __init__(
        self,
        *,
        loop: asyncio.AbstractEventLoop,
        stores: Stores,
        host: Host,
        services: Sequence[Service],
        authenticator: Authenticator,
        authorizer: Authorizer,
        turn: Turn,
        log: Log,
        threads: ThreadPoolExecutor,
        key_uses: KeyUses,
    ) -> None:
        self.stores = stores
        self.turn = turn
        self.counters = Counters()
        self._loop = loop
        self._host = host
        self._clock = host.clock
        self._authenticator = authenticator
        self._authorizer = authorizer
        self._recorder = Recorder(host.clock)
        self._next_id = RandomIds().next
        self._log = log
        self._threads = threads
        self._heavy = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="heavy")
        self._heavy_waiting = 0
        self._built: dict[tuple[str, str], tuple[Service, Operation]] = {
            (service.model, operation.name): (service, operation)
            for service in services
            for operation in service.operations
            if not operation.internal
        }
        self._origins: dict[Any, Origin] = {}
        self._uses: defaultdict[str, Uses] = defaultdict(Uses)
        self._key_uses = key_uses
        self._rounds = 0
        self._named = {service.model: service for service in services}
        self._routes: dict[bytes | None, Route] = {}

    def write_last_uses(self) -> None:
        """Keep which access keys and roles were used lately; what can't be written now is lost, being no audit."""
        for partition, uses in self._uses.items():
            if len(uses):
                store = self.stores.all_of_partition(partition)
                unit = store.unit()
                uses.write(unit)
                if unit.has_writes:
                    store.commit(unit, _whatever)
        self._rounds += 1
        if self._rounds % _KEY_USES_EVERY == 0:
            self._write_key_uses()

    def _write_key_uses(self) -> None:
        for region, uses in self._key_uses.take().items():
            with suppress(Unavailable):
                store = self.stores.region(region)
                unit = store.unit()
                write_key_uses(unit, uses)
                if unit.has_writes:
                    store.commit(unit, _whatever)

    def handle(self, request: Request, reply: Reply) -> None:
        """Take a request; it is answered now, or when what it waits for is done."""
        way = Way(request, reply, self._next_id())
        try:
            operation = self._enter_again(way) or self._enter(way)
            self._run(way, operation)
        except Exception as error:  # noqa: BLE001 - every refusal leaves by one door
            self._refuse(way, error)

    def _enter(self, way: Way) -> Operation:
        """1 to 3 for any request."""
        raw = way.raw()
        # 1. Recognise.
        signed = self._authenticator.read(raw)
        way.called = called = protocols.recognise(raw, signed.service if signed else None)
        way.codec = codec = protocols.codec_for(models.load(called.service), called.protocol)
        # 2. Authenticate.
        if signed is None and models.load(called.service).operation(called.operation).unsigned:
            raise NotBuilt(called.service, called.operation)
        signer = self._authenticator.verify(raw, signed, called.service, self._clock.real())
        service, way.operation = self._built.get((called.service, called.operation), (None, None))
        way.context = self._context(way, service, called.service, signer)
        if way.operation is None:
            raise NotBuilt(called.service, called.operation)
        # 3. Parse.
        way.members = codec.parse(called.operation, raw, called.labels)
        target = way.request.header(b"x-amz-target")
        if target is not None and service is not None and isinstance(codec, protocols.JsonCodec):
            self._routes[target] = Route(called, codec, service, way.operation)
        return way.operation

    def _enter_again(self, way: Way) -> Operation | None:
        """1 to 3 for the usual request: a JSON operation and a caller that were here before. None: it is another."""
        fields = way.request.fields
        # 1. Recognise.
        route = self._routes.get(fields.get(b"x-amz-target"))
        if route is None:
            return None
        # 2. Authenticate.
        called, codec, service, operation = route
        signer = self._authenticator.verify_again(way.request, called.service, self._clock.real())
        if signer is None:
            return None
        # 3. Parse.
        members = codec.parse_plain(called.operation, way.request.body)
        if members is None:
            return None
        way.called, way.codec, way.operation, way.members = called, codec, operation, members
        way.context = self._context(way, service, "", signer)
        return operation

    def _context(self, way: Way, service: Service | None, model: str, signer: Signer) -> Context:
        called, request, fields = way.called, way.request, way.request.fields
        assert called is not None
        if service is None or service.scope == "global":
            store = self.stores.all_of_partition(signer.partition)
        else:
            store = self.stores.region(signer.region)
        way.store = store
        key = (request.peer[0], request.tls, fields.get(b"user-agent"), fields.get(b"host"))
        name, now = service.name if service is not None else model, self._clock.now()
        self._uses[signer.partition].note(signer.caller, name, signer.region, now)
        return Context(
            name,
            called.operation,
            signer.region,
            signer.partition,
            signer.caller,
            way.request_id,
            now,
            store.unit(),
            self._origins.get(key) or self._origin(key),
            self._host,
        )

    def _origin(self, key: tuple[str, Any, bytes | None, bytes | None]) -> Origin:
        """Where a request came from; the same object for all requests that are alike."""
        address, tls, agent, host = key
        if len(self._origins) >= _ORIGINS:
            self._origins.clear()
        origin = self._origins[key] = Origin(
            address,
            agent.decode("utf-8", "replace") if agent else "",
            tls is not None,
            tls.version if tls else "",
            tls.cipher if tls else "",
            host.decode("ascii", "replace") if host else "",
        )
        return origin

    def _run(self, way: Way, operation: Operation) -> None:
        """4 and 5, here or in a thread; then on."""
        if operation.runs == "thread":
            self._threads.submit(self._perform_in_thread, way)
            return
        outcome = self._perform(way)
        if type(outcome) is Heavy:
            self._perform_heavy(way, outcome)
        else:
            self._settle(way, cast("Response", outcome))

    def _perform(self, way: Way) -> Response | Heavy:
        """4. Authorise; 5. run."""
        operation, context = way.operation, way.context
        assert operation is not None
        assert context is not None
        if context.caller.session is not None and context.caller.kind != "role_session":
            restrictions.refuse(context.caller, context.service, operation.name)
        if operation.authorize is not None:
            checks = operation.authorize(context, way.members)
            if type(checks) is Check:
                self._authorizer.require(self.stores, context, checks)
            elif checks is not None:
                for check in cast("Sequence[Check]", checks):
                    self._authorizer.require(self.stores, context, check)
        return operation.run(context, way.members)

    def _perform_heavy(self, way: Way, heavy: Heavy) -> None:
        """The rest of 5 in a thread: one for each processor, and a bounded queue before them."""
        if self._heavy_waiting >= _MOST_HEAVY:
            raise ServiceError("ThrottlingException", _TOO_FAST)
        self._heavy_waiting += 1
        self._heavy.submit(self._finish_in_thread, way, heavy)

    def _finish_in_thread(self, way: Way, heavy: Heavy) -> None:
        try:
            response = heavy.work()
        except Exception as error:  # noqa: BLE001 - goes out by the same door, on the loop
            self._loop.call_soon_threadsafe(self._heavy_done, self._refuse, way, error)
        else:
            self._loop.call_soon_threadsafe(self._heavy_done, self._settle_safely, way, response)

    def _heavy_done(self, then: Callable[[Way, Any], None], way: Way, outcome: Any) -> None:
        self._heavy_waiting -= 1
        then(way, outcome)

    def _perform_in_thread(self, way: Way) -> None:
        try:
            response = self._perform(way)
            if isinstance(response, Heavy):
                response = response.work()
        except Exception as error:  # noqa: BLE001 - goes out by the same door, on the loop
            self._loop.call_soon_threadsafe(self._refuse, way, error)
        else:
            self._loop.call_soon_threadsafe(self._settle_safely, way, response)

    def _settle_safely(self, way: Way, response: Mapping[str, Any] | None) -> None:
        try:
            self._settle(way, response)
        except Exception as error:  # noqa: BLE001
            self._refuse(way, error)

    def _settle(self, way: Way, response: Mapping[str, Any] | None) -> None:
        """6. Commit; 7. record; 8. serialise; 9. answer."""
        context, operation, codec = way.context, way.operation, way.codec
        assert context is not None
        assert operation is not None
        assert codec is not None
        records = self._recorder.records(context, operation.audit, way.members, response, None)
        if operation.uses_key:
            self._key_uses.note(context, records)
        way.answer = codec.serialize(operation.name, response or {}, way.request_id)
        unit = context.unit
        if not unit.has_writes:
            if context.trail:
                records.extend(context.trail)
            self.turn.answer(records, way)
            self.counters.done(way)
            return
        for account, body in (*records, *context.trail):
            unit.audit(AuditEntry(account, context.now, body))
        store = way.store
        assert store is not None
        store.commit(unit, way.committed(self._committed))

    def _committed(self, way: Way, error: CommitError | None) -> None:
        """A unit of work is durable, or it is not."""
        if error is None:
            assert way.answer is not None
            way.reply.send(*way.answer)
            self.counters.done(way)
        elif isinstance(error, Conflict | AlreadyExists) and way.tries < _TRIES:
            way.tries += 1
            self._again(way)
        elif isinstance(error, Conflict | AlreadyExists):
            self._refuse(way, ServiceError("ThrottlingException", _BUSY))
        else:
            self._refuse(way, error)

    def _again(self, way: Way) -> None:
        assert way.context is not None
        assert way.operation is not None
        way.renew(self._clock.now())
        try:
            self._run(way, way.operation)
        except Exception as error:  # noqa: BLE001
            self._refuse(way, error)

    # -- refusals

    def _refuse(self, way: Way, error: Exception) -> None:
        """The one door by which a request leaves that is not granted."""
        refusal = self._refusal(way, error)
        reply = way.refused(refusal)
        self.counters.refused(way, refusal)
        if way.context is None or refusal.code == "ServiceUnavailable":
            way.reply.send(*reply)
            return
        records = self._recorder.records(
            way.context, way.operation.audit if way.operation else None, way.parsed, None, refusal
        )
        way.answer = reply
        self.turn.answer(records, way)

    def _refusal(self, way: Way, error: Exception) -> ServiceError:
        if isinstance(error, ServiceError):
            return error
        if isinstance(error, CredentialRefused):
            return ServiceError("ExpiredToken" if error.kind == "expired" else "InvalidClientTokenId", str(error))
        if isinstance(error, Unavailable | RecordsError):
            self._log.warning("request refused", request=way.request_id, reason=str(error))
            return ServiceError("ServiceUnavailable", str(error), status=503, fault=True)
        self._log.failure("a bug of ours", error, reference=way.request_id, operation=way.name)
        if isinstance(error, CasemateError):
            return ServiceError("InternalFailure", str(error), status=500, fault=True)
        return ServiceError(
            "InternalFailure",
            "This is a bug in Casemate, not in your request; the server's log has it under reference "
            f"{way.request_id}.",
            status=500,
            fault=True,
        )


def _whatever(_error: CommitError | None) -> None:
    return None
