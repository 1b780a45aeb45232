"""Which grant lets a caller do what it asks: on the way of every request that the policies alone do not allow.

A holder's grants on one key are read once and kept while they stand; where a holder has very many, the indexed marks
of grants.py lead straight to those that can match, so that a key with fifty thousand grants costs what one costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from casemate.foundation.caller import Caller
from casemate.foundation.context import Context
from casemate.foundation.operation import Allowance
from casemate.foundation.records import Reader
from casemate.services.kms.records import GRANTS, TAKES_CONTEXT, Grant, Key, context_mark, of_key

_FEW: Final = 64
"""A holder with more grants on one key than this has them looked up by what is asked."""
_PAGE: Final = 50

Pairs = Iterable[tuple[str, str]]


def allowances(
    context: Context,
    key: Key,
    operation: str,
    encryption_context: Mapping[str, str] | None,
    request: Mapping[str, Any],
) -> Sequence[Allowance]:
    """The first grant on a key that lets this caller do this, if there is one."""
    for holder in holders(context.caller):
        for grant in _candidates(context, key, holder, operation, encryption_context or {}):
            if _covers(grant, context, operation, encryption_context or {}, request):
                return (Allowance(grant.id, f"grant {grant.id}"),)
    return ()


def holders(caller: Caller) -> tuple[str, ...]:
    """What a grant can name this caller by: its user or role as a unique id, its session, its account, its service."""
    if caller.kind == "user":
        return (caller.unique_id,)
    if caller.kind == "role_session":
        return caller.unique_id, caller.user_id
    if caller.kind == "service":
        return (caller.service,) if caller.service else ()
    return () if caller.kind == "anonymous" else (caller.arn,)


def _candidates(
    context: Context, key: Key, holder: str, operation: str, encryption_context: Mapping[str, str]
) -> Iterator[Grant]:
    value = of_key(key.account, key.id, holder)
    few = context.unit.memo(("kms.grants", value), lambda reader: _few(reader, value))
    if few is not None:
        yield from few
        return
    for mark in _marks(operation, encryption_context):
        after = ""
        while found := context.unit.find(GRANTS, "matching", "", f"{value}/{mark}", after=after, limit=_PAGE):
            for _, grant in found:
                yield grant
            after = found[-1][0]


def _few(reader: Reader, value: str) -> tuple[Grant, ...] | None:
    found = reader.find(GRANTS, "holder", "", value, limit=_FEW + 1)
    return tuple(grant for _, grant in found) if len(found) <= _FEW else None


def _marks(operation: str, encryption_context: Mapping[str, str]) -> Iterator[str]:
    """Under which marks grants stand that can match: those without a constraint, of equal context, of one pair."""
    yield context_mark(operation, None)
    if operation in TAKES_CONTEXT:
        pairs = tuple(encryption_context.items())
        yield context_mark(f"{operation}=", pairs)
        for pair in dict.fromkeys(_lowered(pairs)):
            yield context_mark(f"{operation}+", (pair,))


def _covers(
    grant: Grant,
    context: Context,
    operation: str,
    encryption_context: Mapping[str, str],
    request: Mapping[str, Any],
) -> bool:
    if operation not in grant.operations:
        return False
    if grant.source_arn is not None and context.source_arn != grant.source_arn:
        return False
    if operation in TAKES_CONTEXT and not _meets(grant, encryption_context.items()):
        return False
    return operation != "CreateGrant" or _delegates(grant, request)


def _meets(grant: Grant, pairs: Pairs) -> bool:
    """Keys are compared without regard to case here, values with it (KMS API, GrantConstraints)."""
    given = _lowered(pairs)
    if grant.context_equals is not None and sorted(given) != sorted(_lowered(grant.context_equals)):
        return False
    return grant.context_subset is None or set(_lowered(grant.context_subset)) <= set(given)


def _delegates(parent: Grant, request: Mapping[str, Any]) -> bool:
    """A right to make grants that came from a grant gives on the same or less, as strictly or more."""
    if not set(request.get("Operations") or ()) <= set(parent.operations):
        return False
    constraints = request.get("Constraints") or {}
    equals, subset = constraints.get("EncryptionContextEquals"), constraints.get("EncryptionContextSubset")
    if parent.source_arn is not None and constraints.get("SourceArn") != parent.source_arn:
        return False
    if parent.context_equals is not None and (
        equals is None or sorted(_lowered(equals.items())) != sorted(_lowered(parent.context_equals))
    ):
        return False
    if parent.context_subset is None:
        return True
    needed = set(_lowered(parent.context_subset))
    return any(given is not None and needed <= set(_lowered(given.items())) for given in (equals, subset))


def _lowered(pairs: Pairs) -> list[tuple[str, str]]:
    return [(key.lower(), value) for key, value in pairs]
