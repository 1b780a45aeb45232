"""The global condition keys of a request (IAM User Guide, "AWS global condition context keys").

Each is computed only when a policy asks for it. Keys of a service (kms:…, sts:…, and the tag keys, which only the
service knows) come from the check.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from casemate.contracts.identity import Binding
from casemate.foundation.clock import iso
from casemate.foundation.context import Context
from casemate.foundation.operation import Check, Values, value_under

_TRUE: Values = ("true",)
_FALSE: Values = ("false",)
_PRINCIPAL_TYPES = {
    "root": "Account",
    "user": "User",
    "role_session": "AssumedRole",
    "federated_user": "FederatedUser",
    "service": "Service",
    "anonymous": "Anonymous",
}
_PRINCIPAL_TAG = "aws:principaltag/"


class RequestKeys(msgspec.Struct, frozen=True, eq=False):
    """The condition keys of one check of one request, by name in lower case."""

    _context: Context
    _binding: Binding
    _check: Check
    _owner_organization: str | None

    def get(self, name: str) -> Values | None:
        found = _GLOBAL.get(name)
        if found is not None:
            return found(self)
        if name.startswith(_PRINCIPAL_TAG):
            return value_under(self._binding.tags.items(), name[len(_PRINCIPAL_TAG) :])
        return self._check.keys(name)

    def _principal_arn(self) -> Values | None:
        caller = self._context.caller
        if caller.kind in {"anonymous", "service"}:
            return None
        return (caller.role_arn or caller.arn,)

    def _user_name(self) -> Values | None:
        caller = self._context.caller
        return (caller.name,) if caller.kind == "user" else None

    def _service_only(self, value: str | None) -> Values | None:
        return (value,) if self._context.caller.kind == "service" and value else None

    def _mfa_present(self) -> Values | None:
        session = self._context.caller.session
        if session is None or self._context.caller.kind == "federated_user":
            return None
        return _TRUE if session.mfa else _FALSE

    def _mfa_age(self) -> Values | None:
        session = self._context.caller.session
        if session is None or not session.mfa:
            return None
        return (str(int(self._context.host.clock.real() - session.issued)),)

    def _issue_time(self) -> Values | None:
        session = self._context.caller.session
        return (iso(session.issued),) if session is not None else None

    def _source_identity(self) -> Values | None:
        session = self._context.caller.session
        return (session.source_identity,) if session is not None and session.source_identity else None

    def _via(self) -> Values | None:
        return self._context.via or None

    def _organization(self) -> Values | None:
        return (self._binding.organization,) if self._binding.organization else None

    def _organization_of_owner(self) -> Values | None:
        return (self._owner_organization,) if self._owner_organization else None


_GLOBAL: dict[str, Callable[[RequestKeys], Values | None]] = {
    "aws:principalarn": RequestKeys._principal_arn,
    "aws:principalaccount": lambda self: (self._context.caller.account,),
    "aws:principaltype": lambda self: (_PRINCIPAL_TYPES[self._context.caller.kind],),
    "aws:userid": lambda self: (self._context.caller.user_id,),
    "aws:username": RequestKeys._user_name,
    "aws:principalorgid": RequestKeys._organization,
    "aws:principalorgpaths": lambda self: self._binding.organization_paths or None,
    "aws:principalisawsservice": lambda self: _TRUE if self._context.caller.kind == "service" else _FALSE,
    "aws:principalservicename": lambda self: self._service_only(self._context.caller.service),
    "aws:principalservicenameslist": lambda self: self._service_only(self._context.caller.service),
    "aws:tokenissuetime": RequestKeys._issue_time,
    "aws:multifactorauthpresent": RequestKeys._mfa_present,
    "aws:multifactorauthage": RequestKeys._mfa_age,
    "aws:sourceidentity": RequestKeys._source_identity,
    "aws:sourceip": lambda self: (
        (self._context.origin.source_ip,) if self._context.origin.source_ip and not self._context.via else None
    ),
    "aws:securetransport": lambda self: _TRUE if self._context.origin.secure else _FALSE,
    "aws:useragent": lambda self: (self._context.origin.user_agent,) if self._context.origin.user_agent else None,
    "aws:currenttime": lambda self: (iso(self._context.now),),
    "aws:epochtime": lambda self: (str(int(self._context.now)),),
    "aws:requestedregion": lambda self: (self._context.region,),
    "aws:resourceaccount": lambda self: (self._check.owner,) if self._check.owner else None,
    "aws:resourceorgid": RequestKeys._organization_of_owner,
    "aws:viaawsservice": lambda self: _TRUE if self._context.via else _FALSE,
    "aws:calledvia": RequestKeys._via,
    "aws:calledviafirst": lambda self: self._context.via[:1] or None,
    "aws:calledvialast": lambda self: self._context.via[-1:] or None,
    "aws:sourcearn": lambda self: self._service_only(self._context.source_arn),
    "aws:sourceaccount": lambda self: self._service_only(self._context.source_account),
}
