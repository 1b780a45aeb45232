"""What a service declares: its operations, what they check, how they are audited, what happens later."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from casemate.foundation.check import Allowance, Check, ConditionKeys, Values, no_keys, value_under
from casemate.foundation.context import Context
from casemate.foundation.records import Collection, Message, Timer

__all__ = [
    "Allowance",
    "AuditRule",
    "Check",
    "ConditionKeys",
    "Heavy",
    "Operation",
    "Service",
    "Values",
    "no_keys",
    "operation",
    "value_under",
]

Checks = Check | Sequence[Check] | None
Response = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Heavy:
    """The rest of an operation, too long for the event loop (over 200 µs): it is done in a thread, then answered."""

    work: Callable[[], Response]


Run = Callable[[Context, Any], Response | Heavy]
Authorize = Callable[[Context, Any], Checks]


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
    uses_key: bool = False
    """Whether its success is a use of the keys that are its resources (KMS API, GetKeyLastUsage)."""


def operation(
    *,
    authorize: Authorize | None,
    audit: AuditRule,
    runs: Literal["inline", "thread", "stream"] = "inline",
    internal: bool = False,
    uses_key: bool = False,
) -> Callable[[Run], Operation]:
    """Declare a function as the operation whose API name is the function's name in camel case."""

    def declare(run: Run) -> Operation:
        name = "".join(part[:1].upper() + part[1:] for part in run.__name__.split("_"))
        return Operation(
            name=name, run=run, authorize=authorize, audit=audit, runs=runs, internal=internal, uses_key=uses_key
        )

    return declare


TimerRun = Callable[[Context, Timer], None]
MessageRun = Callable[[Context, Message], None]


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
