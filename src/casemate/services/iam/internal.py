"""What other services ask of IAM: the role that STS hands out, the roles of an account that Organizations makes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypedDict

from casemate.engines import policy as engine
from casemate.foundation.context import Context
from casemate.foundation.ids import new_unique_id, parse_arn
from casemate.foundation.operation import AuditRule, operation
from casemate.services.iam import kinds, moments
from casemate.services.iam.arns import role_arn
from casemate.services.iam.bindings import document_of
from casemate.services.iam.records import ROLES, Role, Tags

_UNRECORDED = AuditRule(read_only=True, keep=())
_KEPT = 1024


class RoleFacts(TypedDict):
    """A role as STS needs it. `Trust` is the trust policy with users and roles under their unique ids."""

    Arn: str
    Name: str
    Id: str
    Path: str
    Account: str
    Trust: str
    MaxSession: int
    Tags: Tags


class ResolvedRole(TypedDict):
    """`Role` is None where there is none of that ARN."""

    Role: RoleFacts | None


@operation(authorize=None, audit=_UNRECORDED, internal=True)
def resolve_role(context: Context, request: Mapping[str, Any]) -> ResolvedRole:
    """The role with the ARN `RoleArn`, in whichever account it is."""
    arn: str = request["RoleArn"]
    parsed = parse_arn(arn)
    if parsed is None or parsed.service != "iam" or not parsed.resource.startswith("role/"):
        return {"Role": None}
    role = context.unit.get(ROLES, parsed.account, parsed.resource.rpartition("/")[2].lower())
    if role is None or role_arn(context.partition, parsed.account, role) != arn:
        return {"Role": None}
    facts: RoleFacts = {
        "Arn": arn,
        "Name": role.name,
        "Id": role.id,
        "Path": role.path,
        "Account": parsed.account,
        "Trust": trust_of(role),
        "MaxSession": role.max_session,
        "Tags": role.tags,
    }
    return {"Role": facts}


def trust_of(role: Role) -> str:
    """The trust policy for evaluation: who it names is who was meant when it was written."""
    return _renamed(role.trust, role.principals) if role.principals else role.trust


@lru_cache(maxsize=_KEPT)
def _renamed(trust: str, principals: tuple[tuple[str, str], ...]) -> str:
    return engine.rename_principals(trust, dict(principals))


class AbsentPolicies(TypedDict):
    """The ARNs that no managed policy has."""

    Absent: list[str]


@operation(authorize=None, audit=_UNRECORDED, internal=True)
def resolve_managed_policies(context: Context, request: Mapping[str, Any]) -> AbsentPolicies:
    """Which of `PolicyArns` are no managed policies of AWS or of the account `Account`."""
    absent = []
    for arn in request["PolicyArns"]:
        parsed = parse_arn(arn)
        ours = parsed is not None and parsed.account in {"aws", request["Account"]}
        if not ours or document_of(context.unit, arn) is None:
            absent.append(arn)
    return {"Absent": absent}


class CreatedRole(TypedDict):
    """The ARN of the role that was made, or was there."""

    Arn: str


@operation(authorize=None, audit=_UNRECORDED, internal=True)
def create_account_role(context: Context, request: Mapping[str, Any]) -> CreatedRole:
    """Make a role in the caller's account: `RoleName`, `Path`, `TrustPolicy`, `PolicyArns`; one that is there stays.

    The trust policy must name accounts and services only: no user or role is looked up.
    """
    name: str = request["RoleName"]
    role = context.unit.get(ROLES, context.account, name.lower())
    if role is None:
        role = Role(
            name=name,
            id=new_unique_id("AROA"),
            path=request.get("Path", "/"),
            created=moments.now(context),
            trust=request["TrustPolicy"],
            attached=tuple(request["PolicyArns"]),
        )
        kinds.make(context, kinds.ROLE, role)
    return {"Arn": role_arn(context.partition, context.account, role)}
