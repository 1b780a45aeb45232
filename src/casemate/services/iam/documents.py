"""Policy documents: held to IAM's grammar when they are stored, percent-encoded when they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from casemate.engines import policy as engine
from casemate.foundation.errors import ServiceError
from casemate.services.iam import errors

MANAGED_CHARACTERS = 6144
TRUST_CHARACTERS = 2048


def checked(text: str, kind: engine.PolicyKind) -> engine.Policy:
    """The document compiled. Raises MalformedPolicyDocument, ValidationError."""
    try:
        return engine.validate(text, kind, profile="iam")
    except engine.PolicySyntaxError as error:
        code = "ValidationException" if error.code_hint == "ValidationError" else error.code_hint
        raise ServiceError(code, error.message) from None


def managed(text: str) -> None:
    """Hold a customer managed policy to its grammar and size."""
    checked(text, "identity")
    if engine.size_without_white_space(text) > MANAGED_CHARACTERS:
        raise errors.over_quota("PolicySize", MANAGED_CHARACTERS)


def trust(text: str) -> engine.Policy:
    """Hold a role's trust policy to its grammar and size."""
    policy = checked(text, "trust")
    if policy.size_without_white_space > TRUST_CHARACTERS:
        raise errors.over_quota("ACLSizePerRole", TRUST_CHARACTERS)
    return policy


def inline_size(texts: Iterable[str]) -> int:
    """What an entity's inline policies count together: characters that are no white space."""
    return sum(engine.size_without_white_space(text) for text in texts)


def shown(text: str) -> str:
    """A document as IAM's answers hold it (RFC 3986)."""
    return quote(text, safe="")
