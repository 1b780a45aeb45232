"""A compiled web ACL: rules in the order of evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from casemate.engines.web.verdicts import CustomResponse

if TYPE_CHECKING:
    from casemate.engines.web.data import AddressData
    from casemate.engines.web.managed.scanning import CompiledGroup, ScanUnit
    from casemate.engines.web.rates import RateStatement
    from casemate.engines.web.statements import Statement
    from casemate.engines.web.view import ResourceKind

TERMINATING: Final = frozenset({"ALLOW", "BLOCK", "MONETIZE"})
TOKEN_ACTIONS: Final = frozenset({"CAPTCHA", "CHALLENGE"})


class Action(msgspec.Struct, frozen=True):
    """What a rule does: ALLOW, BLOCK, COUNT, CAPTCHA, CHALLENGE or MONETIZE, and with which response or headers."""

    kind: str
    response: CustomResponse | None = None
    insert_headers: tuple[tuple[str, str], ...] = ()


class PlannedRule(msgspec.Struct, frozen=True):
    """A rule with a statement of its own. Immunity times are in seconds."""

    name: str
    statement: Statement
    action: Action
    labels: tuple[str, ...] = ()
    captcha_immunity: int = 300
    challenge_immunity: int = 300
    rate: RateStatement | None = None
    overridden: str = ""


class PlannedGroup(msgspec.Struct, frozen=True):
    """A rule that refers to a rule group of the customer's."""

    name: str
    group: str
    rules: tuple[PlannedRule, ...]
    count_only: bool = False


class PlannedManagedGroup(msgspec.Struct, frozen=True):
    """A rule that refers to a managed rule group."""

    name: str
    group: str
    compiled: CompiledGroup
    actions: Mapping[str, Action]
    scope_down: Statement | None = None
    count_only: bool = False
    captcha_immunity: int = 300
    challenge_immunity: int = 300


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A web ACL ready to evaluate.

    `body_limits` in bytes by kind of resource; `rate_rules` the counters' rule names in use; `notes` what the operator
    should know: lists that are missing, strings that could be read in two ways; `scorer` whether texts are judged
    mildly.
    """

    name: str
    arn: str
    default: Action
    rules: tuple[PlannedRule | PlannedGroup | PlannedManagedGroup, ...]
    body_limits: Mapping[ResourceKind, int]
    capacity: int
    data: AddressData
    token_domains: tuple[str, ...] = ()
    rate_rules: frozenset[str] = frozenset()
    managed_units: tuple[ScanUnit, ...] = ()
    notes: tuple[str, ...] = ()
    scorer: bool = True
