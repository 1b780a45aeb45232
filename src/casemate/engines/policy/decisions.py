"""The answer: allowed or not, by which statement, in AWS's words, and in full on request.

IAM User Guide, "Troubleshoot access denied error messages".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec

from casemate.engines.policy.survey import Check, CheckName, survey

if TYPE_CHECKING:
    from casemate.engines.policy.context_keys import Keys
    from casemate.engines.policy.policies import Policy, Statement
    from casemate.engines.policy.requests import Allowance, Standing, Target
    from casemate.engines.policy.subjects import Subject

Effect = Literal["allow", "explicit_deny", "implicit_deny"]

TRUST: Final = "role trust policy"
POLICY_TYPES: Final[dict[CheckName, str]] = {
    "RCP": "resource control policy",
    "SCP": "service control policy",
    "VPC_ENDPOINT": "VPC endpoint policy",
    "RESOURCE": "resource-based policy",
    "PRINCIPAL": "identity-based policy",
    "PERMISSIONS_BOUNDARY": "permissions boundary",
    "SESSION": "session policy",
}


class Decision(msgspec.Struct, frozen=True, eq=False, gc=False):
    """What the engine decided about one request.

    `policy_type` is the type that decided, in the words of AWS's messages; `policy` and `statement` are what allowed
    or explicitly denied it (None for an implicit deny, the root user and an allowance, which is in `allowance`).
    """

    effect: Effect
    policy_type: str
    policy: Policy | None
    statement: Statement | None
    allowance: Allowance | None
    _asked: tuple[Subject, Standing, Target, Keys]

    def __bool__(self) -> bool:
        return self.effect == "allow"

    def __repr__(self) -> str:
        return f"<Decision {self.effect} by {self.policy_type}>"

    @property
    def allowed(self) -> bool:
        return self.effect == "allow"

    @property
    def is_cross_account(self) -> bool:
        """Whether caller and resource belong to different accounts."""
        subject, _standing, target, _keys = self._asked
        return target.owner is not None and target.owner != subject.account

    def message(
        self,
        caller_arn: str | None = None,
        action: str | None = None,
        resource: str | None = None,
        *,
        with_cause: bool = True,
    ) -> str:
        """AWS's text of a denial; what is not given is the request's own.

        An empty `resource` leaves that part out, as some services do for actions without resources; `with_cause`
        False leaves the ending out, as across accounts.
        """
        subject, _standing, target, _keys = self._asked
        caller = caller_arn or subject.arn
        action = action or target.action
        resource = target.resource if resource is None else resource
        text = f"User: {caller} is not authorized to perform: {action}"
        if resource:
            text += f" on resource: {resource}"
        return text + self.cause(action) if with_cause else text

    def cause(self, action: str | None = None) -> str:
        """The ending of the denial's text, with its leading space: which type of policy stood against it."""
        if self.allowed:
            return ""
        kind = self.policy_type
        if self.effect == "implicit_deny":
            return f" because no {kind} allows the {action or self._asked[2].action} action"
        article = "the" if kind == TRUST else "an" if kind[0] in "aeiou" else "a"
        source = self.policy.source if self.policy is not None else None
        named = f": {source}" if source is not None and _is_managed(source) else ""
        return f" with an explicit deny in {article} {kind}{named}"

    def explain(self) -> tuple[Check, ...]:
        """Every check with the statements behind it, worked out anew from the request."""
        return survey(*self._asked)


def _is_managed(source: str) -> bool:
    """Managed policies and policies of an organization are named in messages; inline ones have no ARN."""
    return source.startswith("arn:") and ":policy/" in source
