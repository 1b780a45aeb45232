"""What a context can ask for on its way: policy questions, page tokens, calls of other operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from msgspec.structs import replace

from casemate.contracts.identity import Identities
from casemate.foundation.caller import Caller
from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import Check, Heavy, Operation, Service
from casemate.foundation.records import AlreadyExists, AuditEntry, Conflict, Store
from casemate.foundation.stores import Stores, store_name
from casemate.gateway.authorize import Authorizer
from casemate.gateway.page_tokens import PageTokens
from casemate.gateway.recording import Recorder
from casemate.gateway.regions import REGIONS
from casemate.services.kms.key_uses import KeyUses

_TRIES: Final = 6
"""How often a call in another store runs anew because a record that it read has moved."""
BUSY: Final = "The request could not be completed because the resource was changed by other requests. Try again."


class Dispatch:
    """Carries the questions and calls of contexts."""

    def __init__(
        self,
        *,
        stores: Stores,
        services: Sequence[Service],
        authorizer: Authorizer,
        identities: Identities,
        page_tokens: PageTokens,
        recorder: Recorder,
        key_uses: KeyUses,
    ) -> None:
        self._stores = stores
        self._services = {service.name: service for service in services}
        self._operations = {
            (service.name, operation.name): operation for service in services for operation in service.operations
        }
        self._authorizer = authorizer
        self._identities = identities
        self._page_tokens = page_tokens
        self._recorder = recorder
        self._key_uses = key_uses

    def require(self, context: Context, check: Check) -> None:
        self._authorizer.require(self._stores, context, check)

    def would_allow(self, context: Context, check: Check) -> bool:
        return self._authorizer.would_allow(self._stores, context, check)

    def service_event(
        self,
        context: Context,
        name: str,
        account: str,
        details: Mapping[str, Any] | None,
        response: Mapping[str, Any] | None,
    ) -> None:
        context.trail.append((account, self._recorder.service_event(context, name, account, details, response)))

    def principal_exists(self, context: Context, arn: str) -> bool:
        reader = self._stores.all_of_partition(context.partition).reader
        return self._identities.principal_exists(reader, arn)

    def principal_id(self, context: Context, arn: str) -> str | None:
        reader = self._stores.all_of_partition(context.partition).reader
        return self._identities.principal_id(reader, arn)

    def knows_region(self, region: str) -> bool:
        return region in REGIONS

    def page_token(self, context: Context, position: str, filters: tuple[str, ...]) -> str:
        return self._page_tokens.issue(_list_of(context), filters, position)

    def page_position(self, context: Context, token: str, filters: tuple[str, ...]) -> str:
        return self._page_tokens.position(token, _list_of(context), filters)

    def call(
        self,
        context: Context,
        service: str,
        operation: str,
        request: Mapping[str, Any],
        *,
        region: str | None,
        caller: Caller | None,
    ) -> Any:
        called = self._operations[service, operation]
        there = region or context.region
        name = store_name(self._services[service].scope, there)
        own = store_name(self._services[context.service].scope, context.region)
        child = replace(
            context,
            service=service,
            operation=operation,
            region=there,
            caller=caller or context.caller,
            via=context.via if caller or service == context.service else (*context.via, self._principal(context)),
            loaded=None,
            resources=[],
            audit_extra=None,
            audit_request=None,
            audit_response=None,
        )
        if name == own:
            return self._run(child, called, request)
        return self._run_apart(self._stores.named(name), context, child, called, request)

    def _run_apart(
        self, store: Store, context: Context, child: Context, called: Operation, request: Mapping[str, Any]
    ) -> Any:
        """Run a call in a unit of work of its own, anew where a record that it read has moved."""
        for _ in range(_TRIES):
            apart = replace(child, unit=store.unit(), resources=[], trail=[])
            response = self._run(apart, called, request)
            if not apart.unit.has_writes:
                context.trail.extend(apart.trail)
                return response
            with suppress(Conflict, AlreadyExists):
                self._commit(store, apart)
                return response
        raise ServiceError("ThrottlingException", BUSY)

    def _run(self, child: Context, called: Operation, request: Mapping[str, Any]) -> Any:
        try:
            if called.authorize is not None:
                checks = called.authorize(child, request)
                for check in (checks,) if isinstance(checks, Check) else checks or ():
                    self.require(child, check)
            response = called.run(child, request)
            if isinstance(response, Heavy):
                response = response.work()
        except ServiceError as error:
            if _is_recorded(child, called):
                child.trail.extend(self._recorder.records(child, called.audit, request, None, error))
            raise
        if _is_recorded(child, called):
            records = self._recorder.records(child, called.audit, request, response, None)
            child.trail.extend(records)
            if called.uses_key:
                self._key_uses.note(child, records)
        return response

    @staticmethod
    def _commit(store: Store, child: Context) -> None:
        for account, body in child.trail:
            child.unit.audit(AuditEntry(account, child.now, body))
        store.submit(child.unit).result()

    def _principal(self, context: Context) -> str:
        return self._services[context.service].principal


def _is_recorded(child: Context, called: Operation) -> bool:
    """An internal operation leaves no record, unless it stands for one of the API and gave the context its name."""
    return not called.internal or child.operation != called.name


def _list_of(context: Context) -> tuple[str, str, str, str]:
    return context.service, context.operation, context.account, context.region
