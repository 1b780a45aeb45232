"""The context of one request: what an operation is given beside the request itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec

from casemate.foundation.caller import Caller
from casemate.foundation.clock import Clock
from casemate.foundation.errors import PageTokenRefused

if TYPE_CHECKING:
    from casemate.foundation.check import Check
    from casemate.foundation.records import Unit
    from casemate.foundation.seal import Seal


class Origin(NamedTuple):
    """Where a request came from."""

    source_ip: str = ""
    user_agent: str = ""
    secure: bool = False
    tls_version: str = ""
    tls_cipher: str = ""
    host: str = ""


class Resource(NamedTuple):
    """A resource as an audit record names it."""

    arn: str
    type: str
    account: str


class Dispatcher(Protocol):
    """What carries a context's calls and questions: the pipeline."""

    def require(self, context: Context, check: Check) -> None: ...

    def would_allow(self, context: Context, check: Check) -> bool: ...

    def service_event(
        self,
        context: Context,
        name: str,
        account: str,
        details: Mapping[str, Any] | None,
        response: Mapping[str, Any] | None,
    ) -> None: ...

    def principal_exists(self, context: Context, arn: str) -> bool: ...

    def principal_id(self, context: Context, arn: str) -> str | None: ...

    def knows_region(self, region: str) -> bool: ...

    def page_token(self, context: Context, position: str, filters: tuple[str, ...]) -> str: ...

    def page_position(self, context: Context, token: str, filters: tuple[str, ...]) -> str: ...

    def call(
        self,
        context: Context,
        service: str,
        operation: str,
        request: Mapping[str, Any],
        *,
        region: str | None,
        caller: Caller | None,
    ) -> Any: ...


@dataclass(frozen=True, slots=True)
class Host:
    """What all requests of a process share."""

    clock: Clock
    seal: Seal
    dispatcher: Dispatcher
    first_account: str
    test: bool = False
    data: Path = Path()
    """The data directory, where operators put files beside the stores."""
    attestation_roots: str = ""
    """A file of certificates: the roots of attestation documents that are believed."""
    kms_request_quotas: str = "off"
    """Whether KMS's request quotas are in force: `off` or `default`."""
    kept: dict[str, Any] = field(default_factory=dict)
    """What a service keeps for all its requests in this process, by a name that begins with the service's."""


class Context(msgspec.Struct, eq=False):
    """One request on its way: who calls what, where, when, and the unit of work that its effects go into.

    `now` is the test clock's time when the request arrived, in seconds; `loaded` is what `authorize` found and hands
    on to the operation; `via` names the services that forwarded the caller, first to last.
    """

    service: str
    operation: str
    region: str
    partition: str
    caller: Caller
    request_id: str
    now: float
    unit: Unit
    origin: Origin
    host: Host
    loaded: Any = None
    via: tuple[str, ...] = ()
    source_arn: str | None = None
    source_account: str | None = None
    resources: list[Resource] = []
    """The resources that the audit record names, in order."""
    audit_extra: dict[str, Any] | None = None
    """additionalEventData of the audit record."""
    audit_request: Any = None
    """Takes the place of the audit record's requestParameters where the operation says so."""
    audit_response: Any = None
    trail: list[tuple[str, bytes]] = []
    """Audit records of the calls made on the way, each with the account that it is for."""

    @property
    def account(self) -> str:
        return self.caller.account

    def arn(self, resource: str, *, account: str | None = None, region: str | None = None) -> str:
        """The ARN of a resource of this service, here and of the caller's account unless said otherwise."""
        where = self.region if region is None else region
        return f"arn:{self.partition}:{self.service}:{where}:{account or self.caller.account}:{resource}"

    def require(self, check: Check) -> None:
        """Ask the policies; raises AccessDenied."""
        self.host.dispatcher.require(self, check)

    def service_event(
        self,
        name: str,
        account: str,
        details: Mapping[str, Any] | None = None,
        *,
        response: Mapping[str, Any] | None = None,
    ) -> None:
        """Record what the service did by itself (a rotation, a deletion at the end of its waiting period).

        Without `details` it is recorded as a call that the service made of itself, as AWS does for a few. `response`
        is responseElements.
        """
        self.host.dispatcher.service_event(self, name, account, details, response)

    def would_allow(self, check: Check) -> bool:
        """Whether the check's resource policy would let this caller, if its own policies allowed everything."""
        return self.host.dispatcher.would_allow(self, check)

    def principal_exists(self, arn: str) -> bool:
        """Whether the principal that a policy names (a user's, role's or account's ARN, or an account id) exists."""
        return self.host.dispatcher.principal_exists(self, arn)

    def principal_id(self, arn: str) -> str | None:
        """The unique id of the user or role with this ARN, `ROLE:SESSION` of a session; None where there is none."""
        return self.host.dispatcher.principal_id(self, arn)

    def knows_region(self, region: str) -> bool:
        """Whether there is such a region."""
        return self.host.dispatcher.knows_region(region)

    def page_token(self, position: str, *filters: str) -> str:
        """A token for the rest of a list that goes on behind `position`, good only for this list and caller."""
        return self.host.dispatcher.page_token(self, position, filters)

    def page_position(self, token: str, *filters: str) -> str:
        """The position in a token. Raises PageTokenRefused."""
        return self.host.dispatcher.page_position(self, token, filters)

    def page_after(self, token: str | None, *filters: str, refused: Exception) -> str:
        """Behind which position a list goes on: "" without a token. Raises `refused` for a token that is not of it."""
        if token is None:
            return ""
        try:
            return self.page_position(token, *filters)
        except PageTokenRefused:
            raise refused from None

    def call(
        self,
        service: str,
        operation: str,
        request: Mapping[str, Any],
        *,
        region: str | None = None,
        caller: Caller | None = None,
    ) -> Any:
        """Call an operation of a service as this caller (forwarded), or as `caller`.

        In the same store it shares this unit of work; in another store it is a unit of its own, committed before
        this returns, and only operations that run in a thread may do that.
        """
        return self.host.dispatcher.call(self, service, operation, request, region=region, caller=caller)

    def note_extra(self, **members: Any) -> None:
        """Add members to the audit record's additionalEventData."""
        if self.audit_extra is None:
            self.audit_extra = {}
        self.audit_extra.update(members)
