"""From a request and its outcome to the audit records that it leaves (CloudTrail User Guide)."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from casemate.foundation.audit import AuditRecord, identity_of, lower_first
from casemate.foundation.audit.record import EVENT_VERSION, TEXT_LIMIT, bounded
from casemate.foundation.caller import Caller
from casemate.foundation.clock import Clock, iso
from casemate.foundation.context import Context
from casemate.foundation.errors import AccessDenied, ServiceError
from casemate.foundation.operation import AuditRule
from casemate.foundation.random import RandomIds

_KEPT_IDENTITIES: Final = 10_000
_DENIED: Final = "AccessDenied"
_UNBUILT: Final = AuditRule(read_only=False, keep=())


def _encode_other(value: Any) -> Any:
    """Bytes that a record does hold are base64, as everywhere in JSON."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)


class Recorder:
    """Makes audit records."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ids = RandomIds()
        self._encode = msgspec.json.Encoder(enc_hook=_encode_other).encode
        self._identities: dict[tuple[str, str], msgspec.Raw] = {}
        self._second = -1
        self._time = ""

    def records(
        self,
        context: Context,
        rule: AuditRule | None,
        request: Mapping[str, Any] | None,
        response: Mapping[str, Any] | None,
        error: ServiceError | None,
    ) -> list[tuple[str, bytes]]:
        """The records of a call, each with the account that it is for: the caller's, and the owner's copy."""
        rule = rule or _UNBUILT
        caller = context.caller
        record = self._record(context, rule, request, response, error)
        denied = isinstance(error, AccessDenied)
        owners = () if denied or not rule.shared else self._other_owners(context)
        if not owners:
            return [(caller.account, self._encode(record))]
        shared = record.shared_event_id = self._ids.next()
        records = [(caller.account, self._encode(record))]
        for owner in owners:
            copy = msgspec.structs.replace(
                record,
                user_identity=identity_of(caller, owner_copy=True),
                event_id=self._ids.next(),
                recipient_account_id=owner,
                shared_event_id=shared,
            )
            records.append((owner, self._encode(copy)))
        return records

    def _record(
        self,
        context: Context,
        rule: AuditRule,
        request: Mapping[str, Any] | None,
        response: Mapping[str, Any] | None,
        error: ServiceError | None,
    ) -> AuditRecord:
        origin = context.origin
        via = context.via[-1] if context.via else None
        return AuditRecord(
            event_version=EVENT_VERSION,
            user_identity=self._identity(context.caller, via),
            event_time=self._now(context.now),
            event_source=f"{context.service}.amazonaws.com",
            event_name=context.operation,
            aws_region=context.region,
            source_ip_address=via or origin.source_ip,
            user_agent=via or origin.user_agent[:TEXT_LIMIT],
            error_code=None if error is None else _code(error),
            error_message=None if error is None else (error.message or "")[:TEXT_LIMIT] or None,
            request_parameters=_request_parameters(context, rule, request),
            response_elements=None if error is not None else _response_elements(context, rule, response),
            additional_event_data=context.audit_extra,
            request_id=context.request_id,
            event_id=self._ids.next(),
            read_only=rule.read_only,
            resources=[{"accountId": owner, "type": kind, "ARN": arn} for arn, kind, owner in context.resources],
            event_type="AwsApiCall",
            management_event=True,
            recipient_account_id=context.caller.account,
            event_category="Management",
            tls_details={
                "tlsVersion": origin.tls_version,
                "cipherSuite": origin.tls_cipher,
                "clientProvidedHostHeader": origin.host,
            }
            if origin.secure and via is None
            else None,
        )

    def _identity(self, caller: Caller, via: str | None) -> msgspec.Raw:
        key = (caller.access_key_id or caller.arn, via or "")
        found = self._identities.get(key)
        if found is None:
            if len(self._identities) >= _KEPT_IDENTITIES:
                self._identities.clear()
            found = self._identities[key] = identity_of(caller, invoked_by=via)
        return found

    def _now(self, moment: float) -> str:
        second = int(moment)
        if second != self._second:
            self._second, self._time = second, iso(second)
        return self._time

    @staticmethod
    def _other_owners(context: Context) -> list[str]:
        owners: list[str] = []
        for resource in context.resources:
            owner = resource.account
            if owner and owner != context.caller.account and owner not in owners:
                owners.append(owner)
        return owners


def _code(error: ServiceError) -> str:
    return _DENIED if isinstance(error, AccessDenied) else error.code


def _request_parameters(context: Context, rule: AuditRule, request: Mapping[str, Any] | None) -> Any:
    if request is None:
        return None
    if context.audit_request is not None:
        return context.audit_request
    if rule.request is not None:
        request = rule.request(request)
        if request is None:
            return None
    if rule.keep is not None:
        kept = {name[:1].lower() + name[1:]: request[name] for name in rule.keep if name in request}
        return kept or None
    kept = {name: value for name, value in request.items() if name not in rule.hide}
    return bounded(lower_first(kept), "requestParameters") or None


def _response_elements(context: Context, rule: AuditRule, response: Mapping[str, Any] | None) -> Any:
    if context.audit_response is not None:
        return context.audit_response
    if rule.response is None or not response:
        return None
    made = rule.response(response)
    return bounded(lower_first(made), "responseElements") if made else None
