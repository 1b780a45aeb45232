"""What a service declares: its operations, what they check, how they are audited, what happens later."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from casemate.foundation.context import Context
    from casemate.foundation.records import Collection, Message, Timer

Values = tuple[str, ...]
ConditionKeys = Callable[[str], Values | None]
"""From a condition key's name in lower case to its values; None where the request has no such key."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """A delegation that already matched this caller and request (what KMS calls a grant)."""

    id: str
    description: str


def no_keys(_name: str) -> Values | None:
    return None


@dataclass(slots=True)
class Check:
    """One question to the policies: may the caller do `action` on `resource`?

    `policy` is the resource's own policy text. `policy_required` says that an identity policy alone never suffices,
    even inside the account (KMS keys, role trust policies). `keys` answers the service's own condition keys and is
    asked only where a policy names one; `allowances` is asked only where the policies have not decided.
    """

    action: str
    resource: str
    owner: str
    policy: str | None = None
    policy_kind: Literal["resource", "trust"] = "resource"
    policy_required: bool = False
    keys: ConditionKeys = no_keys
    allowances: Callable[[], Sequence[Allowance]] | None = None
    aws_managed: bool = False
    """An AWS managed resource: resource control policies leave it alone."""
    denial: str | None = None
    """The text of the refusal, where the service has one of its own."""


Checks = Check | Sequence[Check] | None
Run = Callable[["Context", Any], Mapping[str, Any] | None]
Authorize = Callable[["Context", Any], Checks]


@dataclass(frozen=True, slots=True)
class AuditRule:
    """How calls of an operation are recorded (CloudTrail User Guide, "CloudTrail record contents").

    `keep` names the request members that are written; None means all but `hide`. `response` makes
    responseElements; without it they are null. `resources` makes the list of resources where the checks' ARNs are
    not it.
    """

    read_only: bool
    keep: tuple[str, ...] | None = None
    hide: tuple[str, ...] = ()
    request: Callable[[Any], Any] | None = None
    response: Callable[[Any], Any] | None = None
    shared: bool = True
    """Whether the resource's owner in another account gets a copy."""
    kept: tuple[tuple[str, str], ...] = field(init=False)
    """`keep` with the names as a record spells them."""

    def __post_init__(self) -> None:
        spelled = tuple((name, name[:1].lower() + name[1:]) for name in self.keep or ())
        object.__setattr__(self, "kept", spelled)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation: one plain function, and what the pipeline needs to know of it."""

    name: str
    run: Run
    authorize: Authorize | None
    audit: AuditRule
    runs: Literal["inline", "thread", "stream"] = "inline"
    internal: bool = False
    """Called by other services only; the wire does not reach it."""


def operation(
    *,
    authorize: Authorize | None,
    audit: AuditRule,
    runs: Literal["inline", "thread", "stream"] = "inline",
    internal: bool = False,
) -> Callable[[Run], Operation]:
    """Declare a function as the operation whose API name is the function's name in camel case."""

    def declare(run: Run) -> Operation:
        name = "".join(part[:1].upper() + part[1:] for part in run.__name__.split("_"))
        return Operation(name=name, run=run, authorize=authorize, audit=audit, runs=runs, internal=internal)

    return declare


TimerRun = Callable[["Context", "Timer"], None]
MessageRun = Callable[["Context", "Message"], None]


@dataclass(frozen=True, slots=True)
class Service:
    """A service as the pipeline sees it.

    `scope` says which store it lives in: each region's own, or the one for the partition's global services.
    """

    name: str
    model: str
    scope: Literal["region", "global"]
    operations: tuple[Operation, ...]
    collections: tuple[Collection[Any], ...] = ()
    timers: Mapping[str, TimerRun] = field(default_factory=dict)
    messages: Mapping[str, MessageRun] = field(default_factory=dict)
    principal: str = ""
    """The service principal, such as kms.amazonaws.com."""
    ignored: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Operation to member to the reason why the member is accepted and has no effect."""
