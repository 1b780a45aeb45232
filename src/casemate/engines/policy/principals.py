"""The Principal element, compiled: whether and how directly it names a caller.

IAM User Guide, "AWS JSON policy elements: Principal" and "NotPrincipal".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from casemate.engines.policy.subjects import (
    ANYONE,
    DIRECT,
    canonical_key,
    federated_key,
    service_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from casemate.engines.policy.subjects import Subject

    Who = Callable[[Subject, bool], int]

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,127}", re.ASCII)
_ROOT = re.compile(r"arn:[a-z0-9-]+:iam::(\d{12}):root", re.ASCII)


@dataclass(frozen=True, slots=True)
class Principal:
    """One principal that a policy names. `type` is AWS, Service, Federated or CanonicalUser."""

    type: str
    value: str
    statement: int
    negated: bool

    @property
    def account(self) -> str | None:
        """The account that an AWS principal stands for or belongs to; None for `*`, unique ids and the other types."""
        if self.type != "AWS":
            return None
        if _ACCOUNT.fullmatch(self.value):
            return self.value
        parts = self.value.split(":", 5)
        return parts[4] if len(parts) == 6 and _ACCOUNT.fullmatch(parts[4]) else None

    @property
    def names_account(self) -> bool:
        """Whether it is an account as a whole, by number or by root ARN."""
        return self.type == "AWS" and bool(_ACCOUNT.fullmatch(self.value) or _ROOT.fullmatch(self.value))


# The forms of an AWS principal: no wildcard may stand in any of them.
_ENTITY = re.compile(
    r"arn:[a-z0-9-]+:(?:iam::\d{12}:(?:root|(?:user|role)/[\w+=,.@/-]+)"
    r"|sts::\d{12}:(?:assumed-role/[\w+=,.@-]+/[\w+=,.@-]+|federated-user/[\w+=,.@-]+))",
    re.ASCII,
)
_SERVICE = re.compile(r"[a-z0-9][a-z0-9.-]*\.amazonaws\.(?:com|com\.cn|eu|internal)", re.ASCII)
_PROVIDER = re.compile(
    r"arn:[a-z0-9-]+:iam::\d{12}:(?:saml|oidc)-provider/[\w+=,.@/:%-]+|[a-z0-9][a-z0-9.-]*\.[a-z]+", re.ASCII
)
_CANONICAL = re.compile(r"[0-9a-f]{64}", re.ASCII)

_KEYS: Final = {"Service": service_key, "Federated": federated_key, "CanonicalUser": canonical_key}


def index_keys(pairs: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The names of `Subject.names` that the pairs stand for. What can be no principal is left out: it names nobody."""
    keys = set()
    for kind, value in pairs:
        spell = _KEYS.get(kind)
        if spell is not None:
            keys.add(spell(value))
        elif value == ANYONE or value.startswith("arn:") or _ACCOUNT.fullmatch(value) or _UNIQUE_ID.fullmatch(value):
            keys.add(value)
    return frozenset(keys)


def compile_principals(pairs: tuple[tuple[str, str], ...], *, negated: bool) -> Who:
    """A function of (caller, whether a permissions boundary binds it) to how directly the element names the caller.

    0 is not at all. For NotPrincipal the answer is DIRECT for everybody who is not excepted.
    """
    index = index_keys(pairs)
    if negated:
        return _everybody_but(index)
    if ANYONE in index:
        return lambda _subject, _bounded: DIRECT

    def names(subject: Subject, _bounded: bool) -> int:
        for name, directness in subject.names:
            if name in index:
                return directness
        return 0

    return names


def _everybody_but(index: frozenset[str]) -> Who:
    """NotPrincipal: a caller is excepted when each of its levels is listed (account, role, session).

    One level that is missing is denied as such, and the caller with it. A caller with a permissions boundary is
    always denied.
    """
    if ANYONE in index:
        return lambda _subject, bounded: DIRECT if bounded else 0

    def names(subject: Subject, bounded: bool) -> int:
        if bounded or not subject.names:
            return DIRECT
        levels = {directness for _, directness in subject.names}
        listed = {directness for name, directness in subject.names if name in index}
        return 0 if listed == levels else DIRECT

    return names


def invalid_principals(pairs: Iterable[tuple[str, str]], policy_kind: str) -> Iterator[tuple[str, str]]:
    """The pairs of type and value that can be no principal, whatever exists; types are as IAM's refusal has them."""
    for kind, value in pairs:
        if kind == "AWS":
            forms = (_ACCOUNT, _UNIQUE_ID, _ENTITY)
            if value != ANYONE and not any(form.fullmatch(value) for form in forms):
                yield kind, value
        elif kind == "Service":
            if not _SERVICE.fullmatch(value):
                yield "SERVICE", value
        elif kind == "Federated":
            if not _PROVIDER.fullmatch(value):
                yield "FEDERATED", value
        elif not _CANONICAL.fullmatch(value) or policy_kind == "trust":
            yield "CANONICAL_USER", value
