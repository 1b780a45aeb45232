"""Action and Resource elements, compiled: which operations and which things a statement is about.

IAM User Guide, "IAM JSON policy elements: Action", "NotAction", "Resource", "NotResource".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casemate.engines.policy.arns import PARTS, compile_any_arn, compile_arn, is_arn
from casemate.engines.policy.globs import STAR, Token, literal_of, tokens_of
from casemate.engines.policy.matchers import compile_any
from casemate.engines.policy.templates import Part, Variable, parse_template, resolve, static_tokens, variables_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from casemate.engines.policy.context_keys import Keys

EVERYTHING: Final[tuple[Token, ...]] = (STAR,)


class ActionScope:
    """The actions of one statement. Case does not count."""

    __slots__ = ("_everything", "_exact", "_negated", "_patterns")

    def __init__(self, actions: Sequence[str], *, negated: bool) -> None:
        patterns = [tokens_of(action.lower()) for action in actions]
        self._everything = EVERYTHING in patterns
        self._exact = frozenset(text for pattern in patterns if (text := literal_of(pattern)) is not None)
        self._patterns = compile_any([pattern for pattern in patterns if literal_of(pattern) is None])
        self._negated = negated

    def covers(self, action: str) -> bool:
        """Whether the statement is about an action, given in lower case ("kms:encrypt")."""
        listed = self._everything or action in self._exact or any(matches(action) for matches in self._patterns)
        return listed is not self._negated


class ResourceScope:
    """The resources of one statement: static patterns, and templates that need the request's context."""

    __slots__ = ("_exact", "_matchers", "_negated", "_templates", "is_everything")

    def __init__(self, resources: Sequence[str], *, negated: bool, variables: bool) -> None:
        patterns: list[tuple[Token, ...]] = []
        templates: list[tuple[Part, ...]] = []
        for text in resources:
            parts = resource_template(text, variables=variables)
            if variables_of(parts):
                templates.append(parts)
            else:
                patterns.append(static_tokens(parts))
        literals = ((literal_of(pattern), pattern) for pattern in patterns)
        self._exact = frozenset(text for text, pattern in literals if text is not None and is_arn(pattern))
        self._matchers = compile_any_arn([pattern for pattern in patterns if literal_of(pattern) is None])
        self._templates = tuple(templates)
        self._negated = negated
        # Whether it holds every resource there is.
        self.is_everything = EVERYTHING in patterns and not negated

    @property
    def is_static(self) -> bool:
        """Whether the answer is the same for every request."""
        return not self._templates

    def covers(self, resource: str) -> bool:
        """Whether a static scope holds a resource."""
        return self._lists(resource) is not self._negated

    def covers_with(self, resource: str, keys: Keys) -> bool:
        """Whether the scope holds a resource in the context of a request.

        An entry whose variable has no value matches nothing, so a NotResource of it holds everything.
        """
        listed = self._lists(resource) or any(_template_matches(parts, resource, keys) for parts in self._templates)
        return listed is not self._negated

    def _lists(self, resource: str) -> bool:
        return resource in self._exact or any(matches(resource) for matches in self._matchers)


def _template_matches(parts: tuple[Part, ...], resource: str, keys: Keys) -> bool:
    tokens = resolve(parts, keys)
    matcher = compile_arn(tokens) if tokens is not None else None
    return matcher is not None and matcher(resource)


def resource_template(text: str, *, variables: bool) -> tuple[Part, ...]:
    """A Resource entry: variables count behind the fifth colon only, before it they are literal text."""
    head = text.split(":", PARTS - 1)
    if not variables or len(head) < PARTS:
        return tokens_of(text)
    front = ":".join(head[:-1]) + ":"
    return _join(tokens_of(front), parse_template(head[-1], variables=True, wildcards=True))


def _join(front: tuple[Token, ...], rest: tuple[Part, ...]) -> tuple[Part, ...]:
    last, first = front[-1], rest[0] if rest else ""
    if isinstance(last, str) and isinstance(first, str) and not isinstance(first, Variable):
        return (*front[:-1], last + first, *rest[1:])
    return (*front, *rest)
