"""From a request and its outcome to the audit records that it leaves (CloudTrail User Guide).

A record is put together from encoded pieces: what is the same for all calls of a caller, or of an operation from one
place, is encoded once and kept.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec

from casemate.foundation.audit import identity_of, lower_first
from casemate.foundation.audit.record import EVENT_VERSION, TEXT_LIMIT, bounded
from casemate.foundation.clock import Clock, iso
from casemate.foundation.context import Context, Resource
from casemate.foundation.errors import AccessDenied, ServiceError
from casemate.foundation.operation import AuditRule
from casemate.foundation.random import RandomIds

V = TypeVar("V")

_KEPT: Final = 4096
"""Pieces of one kind that are remembered; then all are made anew."""
_DENIED: Final = "AccessDenied"
_UNBUILT: Final = AuditRule(read_only=False, keep=())
_NULL: Final = b"null"
_SILENT_WHEN_DENIED: Final = frozenset(("iam", "sts"))
"""Services whose records of denied calls don't tell what was asked."""
_EVENT_ID: Final = 12
"""Its place among the pieces of a record."""


def _encode_other(value: Any) -> Any:
    """Bytes that a record does hold are base64, as everywhere in JSON."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)


_encode = msgspec.json.Encoder(enc_hook=_encode_other).encode


class _Kept(dict[Any, Any]):
    """Encoded pieces by what they were made from, bounded."""

    def made(self, key: Any, make: Callable[[], V]) -> V:
        if len(self) >= _KEPT:
            self.clear()
        value = make()
        self[key] = value
        return value


class Recorder:
    """Makes audit records. For the event loop's thread; threads that record make their own."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ids = RandomIds()
        self._callers = _Kept()
        self._places = _Kept()
        self._resources = _Kept()
        self._second = -1
        self._time = b""

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
        account = context.caller.account
        facts, owners = self._facts(context, rule, account)
        parts = [
            self._caller(context),
            self._now(context.now),
            self._place(context),
            b"" if error is None else _failure(error),
            b',"requestParameters":',
            _request_parameters(context, rule, request, denied=isinstance(error, AccessDenied)),
            b',"responseElements":',
            _NULL if error is not None else _response_elements(context, rule, response),
            b"" if context.audit_extra is None else b',"additionalEventData":' + _encode(context.audit_extra),
            b',"requestID":"',
            context.request_id.encode(),
            b'","eventID":"',
            b"",
            b'"',
            facts,
        ]
        tls = _tls_details(context) if context.origin.secure else b""
        if not owners or not rule.shared or isinstance(error, AccessDenied):
            return [(account, self._whole(parts, account, b"", tls))]
        shared = b',"sharedEventID":"' + self._ids.next().encode() + b'"'
        records = [(account, self._whole(parts, account, shared, tls))]
        parts[0] = _caller_piece(identity_of(context.caller, owner_copy=True))
        return records + [(owner, self._whole(parts, owner, shared, tls)) for owner in owners]

    def service_event(
        self,
        context: Context,
        name: str,
        account: str,
        details: Mapping[str, Any] | None,
        response: Mapping[str, Any] | None,
    ) -> bytes:
        """The record of what a service did by itself (CloudTrail User Guide, "Non-API events").

        Without details it is of type AwsApiCall, with a request id: KMS's SynchronizeMultiRegionKey is.
        """
        call = b"" if details is not None else b',"requestID":"' + context.request_id.encode() + b'"'
        return b"".join(
            (
                _caller_piece(msgspec.Raw(_encode({"accountId": account, "invokedBy": "AWS Internal"}))),
                self._now(context.now),
                _place_piece(context, name),
                b',"requestParameters":null,"responseElements":',
                _encode(response),
                call,
                b',"eventID":"',
                self._ids.next().encode(),
                b'"',
                self._facts(context, _UNBUILT, account, b"AwsApiCall" if call else b"AwsServiceEvent")[0],
                account.encode(),
                b'"' if call else b'","serviceEventDetails":' + _encode(details),
                b',"eventCategory":"Management"}',
            )
        )

    def _whole(self, parts: list[bytes], recipient: str, shared: bytes, tls: bytes) -> bytes:
        parts[_EVENT_ID] = self._ids.next().encode()
        return b"".join((*parts, recipient.encode(), b'"', shared, b',"eventCategory":"Management"', tls, b"}"))

    def _caller(self, context: Context) -> bytes:
        caller = context.caller
        via = context.via[-1] if context.via else None
        key = (caller.access_key_id, caller.arn, via)
        found: bytes | None = self._callers.get(key)
        return found or self._callers.made(key, lambda: _caller_piece(identity_of(caller, invoked_by=via)))

    def _place(self, context: Context) -> bytes:
        key = (context.service, context.operation, context.region, context.origin, context.via)
        found: bytes | None = self._places.get(key)
        return found or self._places.made(key, lambda: _place_piece(context, context.operation))

    def _facts(
        self, context: Context, rule: AuditRule, account: str, event_type: bytes = b"AwsApiCall"
    ) -> tuple[bytes, tuple[str, ...]]:
        """readOnly, resources, type, up to the recipient's account; and the other accounts that own the resources."""
        key = (rule.read_only, event_type, account, *context.resources)
        found: tuple[bytes, tuple[str, ...]] | None = self._resources.get(key)
        if found is not None:
            return found
        piece = _facts_piece(rule, context.resources, event_type)
        owners = dict.fromkeys(each.account for each in context.resources if each.account not in {account, ""})
        return self._resources.made(key, lambda: (piece, tuple(owners)))

    def _now(self, moment: float) -> bytes:
        second = int(moment)
        if second != self._second:
            self._second, self._time = second, iso(second).encode()
        return self._time


def _caller_piece(identity: msgspec.Raw) -> bytes:
    return b'{"eventVersion":"%b","userIdentity":%b,"eventTime":"' % (EVENT_VERSION.encode(), bytes(identity))


def _place_piece(context: Context, name: str) -> bytes:
    origin = context.origin
    via = context.via[-1] if context.via else None
    place = {
        "eventSource": f"{context.service}.amazonaws.com",
        "eventName": name,
        "awsRegion": context.region,
        "sourceIPAddress": via or origin.source_ip,
        "userAgent": via or origin.user_agent[:TEXT_LIMIT],
    }
    return b'",' + _encode(place)[1:-1]


def _facts_piece(rule: AuditRule, resources: list[Resource], event_type: bytes) -> bytes:
    named = _encode([{"accountId": owner, "type": kind, "ARN": arn} for arn, kind, owner in resources])
    return b',"readOnly":%b,"resources":%b,"eventType":"%b","managementEvent":true,"recipientAccountId":"' % (
        b"true" if rule.read_only else b"false",
        named,
        event_type,
    )


def _failure(error: ServiceError) -> bytes:
    members = {"errorCode": _DENIED if isinstance(error, AccessDenied) else error.code}
    if error.message:
        members["errorMessage"] = error.message[:TEXT_LIMIT]
    return b"," + _encode(members)[1:-1]


def _tls_details(context: Context) -> bytes:
    origin = context.origin
    if not origin.secure or context.via:
        return b""
    return b',"tlsDetails":' + _encode(
        {
            "tlsVersion": origin.tls_version,
            "cipherSuite": origin.tls_cipher,
            "clientProvidedHostHeader": origin.host,
        }
    )


def _request_parameters(context: Context, rule: AuditRule, request: Mapping[str, Any] | None, *, denied: bool) -> bytes:
    if request is None or (denied and context.service in _SILENT_WHEN_DENIED):
        return _NULL
    if context.audit_request is not None:
        return _encode(context.audit_request)
    if rule.request is not None:
        request = rule.request(request)
        if request is None:
            return _NULL
    if rule.keep is not None:
        named = {}
        for name, spelled in rule.kept:
            if name in request:
                named[spelled] = request[name]
        return _encode(named) if named else _NULL
    kept = {name: value for name, value in request.items() if name not in rule.hide}
    return bounded(_encode(lower_first(kept)), "requestParameters") if kept else _NULL


def _response_elements(context: Context, rule: AuditRule, response: Mapping[str, Any] | None) -> bytes:
    if context.audit_response is not None:
        return _encode(context.audit_response)
    if rule.response is None or not response:
        return _NULL
    made = rule.response(response)
    return bounded(_encode(lower_first(made)), "responseElements") if made else _NULL
