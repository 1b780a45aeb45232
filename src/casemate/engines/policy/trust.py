"""What only a role's trust policy is held to.

IAM User Guide, "Creating IAM roles" and "Identity-provider controls for shared OIDC providers".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casemate.engines.policy.conditions import FOR_ALL, take_apart
from casemate.engines.policy.grammar import fail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from casemate.engines.policy.grammar import StatementSyntax

ONLY_ASSUME_ROLE: Final = "AssumeRole policy may only specify STS AssumeRole actions."

SHARED_ISSUERS: Final = {
    "token.actions.githubusercontent.com": "sub",
    "gitlab.com": "sub",
    "agent.buildkite.com": "sub",
    "app.terraform.io": "sub",
}
"""Issuers that sign tokens for everybody's tenants, and the claim that tells one tenant from another."""

_REQUIRING: Final = frozenset({"StringEquals", "StringEqualsIgnoreCase", "StringLike"})


def check_trust(statements: Iterable[StatementSyntax]) -> None:
    """Refuse foreign actions, and trust in everybody who holds a token of a shared issuer."""
    for statement in statements:
        for action in statement.actions:
            if not action.lower().startswith("sts:"):
                fail(ONLY_ASSUME_ROLE, detail=f"action {action[:64]!r}", path=f"{statement.path}.Action")
        if statement.allows:
            _check_issuers(statement)


def _check_issuers(statement: StatementSyntax) -> None:
    for issuer in _issuers(statement):
        claim = SHARED_ISSUERS.get(issuer)
        if claim is None or _requires(statement, f"{issuer}:{claim}"):
            continue
        fail(
            f"Missing required condition on {issuer}:{claim} for a shared OIDC provider.",
            detail="every tenant of the issuer would be trusted",
            path=f"{statement.path}.Condition",
        )


def _issuers(statement: StatementSyntax) -> Iterator[str]:
    for kind, value in statement.principals or ():
        if kind == "Federated" and ":oidc-provider/" in value:
            yield value.partition(":oidc-provider/")[2]


def _requires(statement: StatementSyntax, key: str) -> bool:
    """Whether a condition insists on the key, with values that are more than wildcards."""
    for condition in statement.conditions:
        name = take_apart(condition.operator)
        if condition.key.lower() != key or name is None or name.base not in _REQUIRING:
            continue
        if name.if_exists or name.qualifier == FOR_ALL:
            continue
        if condition.values and all(value.strip("*?:") for value in condition.values):
            return True
    return False
