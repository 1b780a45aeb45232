"""What an evaluation answers."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from casemate.engines.web.inspection import Evidence

DEFAULT_ACTION: Final = "Default_Action"


class CustomResponse(msgspec.Struct, frozen=True):
    """What to answer instead of 403: `status`, `headers` in order, `body` and `content_type`, both maybe empty."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    content_type: str = ""


class Match(msgspec.Struct, frozen=True):
    """A rule that matched.

    `rule` is the web ACL's rule; within a group `group` is its ARN or managed name and `rule_within_group` the rule
    there. `action` is what it does (after overrides), `overridden` what it would do without them, `terminating` whether
    the evaluation ended with it, `evidence` why it matched.
    """

    rule: str
    action: str
    terminating: bool
    evidence: tuple[Evidence, ...]
    group: str = ""
    rule_within_group: str = ""
    overridden: str = ""
    rate: dict[str, Any] | None = None


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The answer about a request.

    `action` is ALLOW, BLOCK, CAPTCHA, CHALLENGE or MONETIZE; `terminating_rule` Default_Action when no rule ended the
    evaluation, and `terminating_rule_type` REGULAR, RATE_BASED, GROUP or MANAGED_RULE_GROUP. `insert_headers` go into
    the request when it passes, names as they are to be sent (x-amzn-waf-…). `matches` holds every rule that matched, in
    order. `capacity` is the web ACL's WCU.
    """

    action: str
    terminating_rule: str = DEFAULT_ACTION
    terminating_rule_type: str = "REGULAR"
    rule_within_group: str = ""
    group: str = ""
    labels: tuple[str, ...] = ()
    response: CustomResponse | None = None
    insert_headers: tuple[tuple[str, str], ...] = ()
    immunity: int = 300
    matches: tuple[Match, ...] = ()
    capacity: int = 0

    @property
    def blocked(self) -> bool:
        """Whether the request doesn't reach the application now."""
        return self.action != "ALLOW"
