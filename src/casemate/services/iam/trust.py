"""Who a role trusts. The policy is kept as it was given; beside it, the unique id that each named entity had then.

IAM User Guide, "AWS JSON policy elements: Principal": a user or role in a trust policy is that very one. When it is
deleted its unique id shows in the policy, and somebody new of the same name is not trusted.
"""

from __future__ import annotations

import re
from typing import Any

from casemate.engines import policy as engine
from casemate.foundation.context import Context
from casemate.foundation.ids import parse_arn
from casemate.foundation.records import Collection, Reader
from casemate.services.iam import bindings, documents, errors
from casemate.services.iam.arns import arn
from casemate.services.iam.records import ROLES, USERS, Role

_UNIQUE_ID = re.compile(r"(?:AIDA|AROA)[A-Z0-9]+")
_COLLECTIONS: dict[str, Collection[Any]] = {"user": USERS, "role": ROLES}


def resolved(context: Context, text: str) -> tuple[tuple[str, str], ...]:
    """The users and roles that a trust policy names, with their unique ids.

    Raises MalformedPolicyDocument where the document is none, or names somebody who does not exist; LimitExceeded.
    """
    policy = documents.trust(text)
    found: dict[str, str] = {}
    for principal in policy.principals():
        value = principal.value
        if principal.type == "AWS" and value != "*" and value not in found:
            unique_id = _unique_id(context, value)
            if unique_id:
                found[value] = unique_id
    return tuple(found.items())


def _unique_id(context: Context, value: str) -> str | None:
    """The id behind a user's or role's ARN; None for other principals that exist. Raises MalformedPolicyDocument."""
    if _UNIQUE_ID.fullmatch(value):
        # Ids are looked up at home: elsewhere the ARN says whose they are.
        if _living(context.unit, context.account, value) is None:
            raise errors.invalid_principal(value)
        return value
    parsed = parse_arn(value)
    if parsed is not None and parsed.partition != context.partition:
        raise errors.invalid_principal(value)
    kind, _, name = parsed.resource.partition("/") if parsed else ("", "", "")
    if parsed is None or parsed.service != "iam" or kind not in _COLLECTIONS:
        if not bindings.principal_exists(context.unit, value):
            raise errors.invalid_principal(value)
        return None
    entity = context.unit.get(_COLLECTIONS[kind], parsed.account, name.rpartition("/")[2].lower())
    if entity is None or arn(parsed.partition, parsed.account, kind, entity.path, entity.name) != value:
        raise errors.invalid_principal(value)
    unique_id: str = entity.id
    return unique_id


def _living(reader: Reader, account: str, unique_id: str) -> tuple[str, Any] | None:
    """The user or role with that id, and which it is."""
    kind = "user" if unique_id.startswith("AIDA") else "role"
    for _, entity in reader.find(_COLLECTIONS[kind], "id", account, unique_id):
        return kind, entity
    return None


def shown(reader: Reader, partition: str, account: str, role: Role) -> str:
    """The trust policy as it reads now: living entities under their present ARNs, gone ones under their ids."""
    names: dict[str, str] = {}
    for value, unique_id in role.principals:
        parsed = parse_arn(value)
        home = parsed.account if parsed else account
        found = _living(reader, home, unique_id)
        now = arn(partition, home, found[0], found[1].path, found[1].name) if found else unique_id
        if now != value:
            names[value] = now
    return engine.rename_principals(role.trust, names) if names else role.trust
