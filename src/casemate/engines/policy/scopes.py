"""Action and Resource elements, compiled: which operations and which things a statement is about.

IAM User Guide, "IAM JSON policy elements: Action", "NotAction", "Resource", "NotResource".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casemate.engines.policy.arns import PARTS, compile_arn
from casemate.engines.policy.globs import STAR, Matcher, Token, compile_glob, literal_of, tokens_of
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
        literals = [literal_of(pattern) for pattern in patterns]
        self._everything = EVERYTHING in patterns
        self._exact = frozenset(literal for literal in literals if literal is not None)
        self._patterns = tuple(
            compile_glob(pattern) for pattern, literal in zip(patterns, literals, strict=True) if literal is None
        )
        self._negated = negated

    def covers(self, action: str) -> bool:
        """Whether the statement is about an action, given in lower case ("kms:encrypt")."""
        listed = self._everything or action in self._exact or any(matches(action) for matches in self._patterns)
        return listed is not self._negated


class ResourceScope:
    """The resources of one statement: static patterns, and templates that need the request's context."""

    __slots__ = ("_matchers", "_negated", "_templates")

    def __init__(self, resources: Sequence[str], *, negated: bool, variables: bool) -> None:
        matchers: list[Matcher] = []
        templates: list[tuple[Part, ...]] = []
        for text in resources:
            parts = resource_template(text, variables=variables)
            if variables_of(parts):
                templates.append(parts)
            elif (matcher := compile_arn(static_tokens(parts))) is not None:
                matchers.append(matcher)
        self._matchers = tuple(matchers)
        self._templates = tuple(templates)
        self._negated = negated

    @property
    def is_static(self) -> bool:
        """Whether the answer is the same for every request."""
        return not self._templates

    def covers(self, resource: str) -> bool:
        """Whether a static scope holds a resource."""
        return any(matches(resource) for matches in self._matchers) is not self._negated

    def covers_with(self, resource: str, keys: Keys) -> bool:
        """Whether the scope holds a resource in the context of a request.

        An entry whose variable has no value matches nothing, so a NotResource of it holds everything.
        """
        listed = any(matches(resource) for matches in self._matchers) or any(
            _template_matches(parts, resource, keys) for parts in self._templates
        )
        return listed is not self._negated


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
