"""Session policies, and how much of a session's allotted space they and its tags take.

IAM User Guide, "Policies and permissions in IAM" (session policies), "IAM and AWS STS quotas". AWS does not publish how
it packs: tags count here as measured at AWS, 4.6 characters a percent; policies by their plain length against the
published limit of 2,048 characters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from casemate.engines import policy as engine
from casemate.foundation.context import Context
from casemate.services.sts import errors
from casemate.services.sts.session_tags import Tags

PLAIN_CHARACTERS: Final = 2048
MOST_ARNS: Final = 10
_WHOLE: Final = 100
_TAG_CHARACTERS: Final = 4.6
"""Characters of keys and values that take one percent."""


class SessionPolicies(NamedTuple):
    """Inline documents (None where neither these nor ARNs were given), and ARNs of managed policies."""

    inline: tuple[str, ...] | None
    arns: tuple[str, ...]

    @property
    def given(self) -> bool:
        return self.inline is not None or bool(self.arns)


def of(context: Context, request: Mapping[str, Any], account: str) -> SessionPolicies:
    """The session policies of a request, for a session in `account`.

    Raises MalformedPolicyDocument, ValidationError, PackedPolicyTooLarge.
    """
    text: str | None = request.get("Policy")
    arns = tuple(item.get("arn", "") for item in request.get("PolicyArns") or ())
    if len(arns) > MOST_ARNS:
        raise errors.validation(
            "1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length "
            f"less than or equal to {MOST_ARNS}"
        )
    if text is not None:
        _hold_to_grammar(text)
    plain = len(text or "") + sum(len(arn) for arn in arns)
    if plain > PLAIN_CHARACTERS:
        raise errors.policy_too_large(_percent_of_plain(plain))
    if arns:
        _refuse_absent(context, arns, account)
    return SessionPolicies(None if text is None else (text,), arns)


def _hold_to_grammar(text: str) -> None:
    try:
        engine.validate(text, "session", profile="iam")
    except engine.PolicySyntaxError as error:
        raise (
            errors.validation(error.message)
            if error.code_hint == "ValidationError"
            else errors.malformed(error.message)
        ) from None


def _refuse_absent(context: Context, arns: tuple[str, ...], account: str) -> None:
    found = context.call("iam", "ResolveManagedPolicies", {"PolicyArns": arns, "Account": account})
    for arn in found["Absent"]:
        raise errors.validation(f"Policy {arn} does not exist in account {account} or cannot be used in a session.")


def packed_size(policies: SessionPolicies, tags: Tags) -> int:
    """The percentage of the allotted space. Raises PackedPolicyTooLarge above 100."""
    for_tags = _percent_of_tags(tags)
    if for_tags > _WHOLE:
        raise errors.tags_too_large(for_tags)
    texts: Iterable[str] = (*(policies.inline or ()), *policies.arns)
    whole = for_tags + _percent_of_plain(sum(len(text) for text in texts))
    if whole > _WHOLE:
        raise errors.policy_too_large(whole)
    return whole


def _percent_of_tags(tags: Tags) -> int:
    return math.ceil(sum(len(key) + len(value) for key, value in tags) / _TAG_CHARACTERS)


def _percent_of_plain(characters: int) -> int:
    return math.ceil(characters * _WHOLE / PLAIN_CHARACTERS)
