"""Grants (KMS Developer Guide, "Grants in AWS KMS"): made, listed, retired, revoked. How they match: matching.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from casemate.foundation.context import Context, Resource
from casemate.foundation.errors import ServiceError
from casemate.foundation.ids import new_hex, parse_arn
from casemate.foundation.operation import Allowance, AuditRule, Check, operation
from casemate.services.kms import errors, grant_shapes, grant_tokens, lookup, paging, policies, quotas
from casemate.services.kms.conditions import KeyConditions
from casemate.services.kms.matching import holders
from casemate.services.kms.permissions import check_key, on_account, on_key
from casemate.services.kms.records import GRANTS, Grant, Key, for_evaluation, grant_identity, of_key
from casemate.services.kms.states import require_enabled, state_of

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

_DEFAULT: Final = 50
_MOST: Final = 100


def _audited(request: Mapping[str, Any]) -> Mapping[str, Any]:
    constraints = request.get("Constraints")
    if constraints is None:
        return request
    return {**request, "Constraints": {name[:1].lower() + name[1:]: value for name, value in constraints.items()}}


@operation(authorize=on_key(aliases=False), audit=AuditRule(read_only=False, hide=("GrantTokens",), request=_audited))
def create_grant(context: Context, request: shapes.CreateGrantRequest) -> shapes.CreateGrantResponse:
    key: Key = context.loaded
    if state_of(context, key) != "Unavailable":  # it can be granted, though not used
        require_enabled(key)
    grant = grant_shapes.read(context, key, request, new_hex(64))
    if request.get("DryRun"):
        raise errors.dry_run()
    same = context.unit.find(GRANTS, "identity", "", grant_identity(grant)) if grant.name else []
    if same:
        grant = same[0][1]
    else:
        context.unit.add(GRANTS, "", grant.id, replace(grant, place=_place(context, key)))
    context.audit_response = {"keyId": key.arn, "grantId": grant.id}
    return {"GrantId": grant.id, "GrantToken": grant_tokens.issue(context, grant)}


def _place(context: Context, key: Key) -> int:
    most = quotas.GRANTS_OF_A_KEY
    told = f"The KMS key {key.arn} has {most} grants, which is the most."
    return quotas.place_at(context, GRANTS, "", of_key(key.account, key.id), most=most, told=told)


@operation(authorize=on_key(aliases=False), audit=AuditRule(read_only=True))
def list_grants(context: Context, request: shapes.ListGrantsRequest) -> shapes.ListGrantsResponse:
    key: Key = context.loaded
    principal, service = request.get("GranteePrincipal"), request.get("GranteeServicePrincipal")
    grant_id = request.get("GrantId")
    if principal and service:
        raise errors.validation("GranteePrincipal and GranteeServicePrincipal must not be specified together.")
    _refuse_service_filter(context, "GranteeServicePrincipal", service)
    named = principal or service
    filters = (key.arn, named or "", grant_id or "")
    page = paging.of(context, request, default=_DEFAULT, most=_MOST, filters=filters)
    if grant_id is not None:
        grant = context.unit.get(GRANTS, "", grant_id)
        fits = grant is not None and _is_of(grant, key) and named in {None, grant.grantee, grant.grantee_service}
        found = [(grant_id, grant)] if grant is not None and fits else []
    elif named is not None:
        value = of_key(key.account, key.id, named)
        found = context.unit.find(GRANTS, "grantee", "", value, after=page.after, limit=page.limit + 1)
    else:
        value = of_key(key.account, key.id)
        found = context.unit.find(GRANTS, "key", "", value, after=page.after, limit=page.limit + 1)
    entries = [grant_shapes.shown(grant, key.arn) for _, grant in found[: page.limit]]
    return {"Grants": entries, **page.rest(found)}  # type: ignore[typeddict-item] # the paging members


def _refuse_service_filter(context: Context, member: str, named: str | None) -> None:
    if named is not None and context.caller.kind != "service":
        raise errors.validation(f"{member} can be used only by callers in a service principal.")


def _may_list_retirable(context: Context, request: Mapping[str, Any]) -> Check:
    principal, service = request.get("RetiringPrincipal"), request.get("RetiringServicePrincipal")
    if (principal is None) == (service is None):
        raise errors.validation("Specify either RetiringPrincipal or RetiringServicePrincipal.")
    _refuse_service_filter(context, "RetiringServicePrincipal", service)
    if principal is not None:
        arn = parse_arn(principal)
        if arn is None:
            raise errors.bad_arn(principal)
        if arn.account != context.account:
            raise ServiceError(
                "InvalidArnException", f"ARN {principal} is not a principal of account {context.account}"
            )
    return on_account(context, request)


@operation(authorize=_may_list_retirable, audit=AuditRule(read_only=True))
def list_retirable_grants(context: Context, request: shapes.ListRetirableGrantsRequest) -> shapes.ListGrantsResponse:
    named = request.get("RetiringPrincipal") or request.get("RetiringServicePrincipal") or ""
    page = paging.of(context, request, default=_DEFAULT, most=_MOST, filters=(named,))
    found = context.unit.find(GRANTS, "retiring", "", named, after=page.after, limit=page.limit + 1)
    entries = [
        grant_shapes.shown(grant, context.arn(f"key/{grant.key_id}", account=grant.account))
        for _, grant in found[: page.limit]
    ]
    return {"Grants": entries, **page.rest(found)}  # type: ignore[typeddict-item] # the paging members


# -- retiring


def _may_retire(context: Context, request: Mapping[str, Any]) -> Check:
    """Who may is said by the grant: its retiring principal, its grantee where the grant has RetireGrant, its issuer.

    An account that is issuer or retiring principal passes the right on by IAM. A key policy can only deny it.
    """
    key, grant = _named_by(context, request)
    context.loaded = key, grant
    context.resources.append(Resource(key.arn, "AWS::KMS::Key", key.account))
    context.note_extra(grantId=grant.id)
    own = set(holders(context.caller))
    named = {grant.retiring_id or grant.retiring, grant.retiring_service}
    if "RetireGrant" in grant.operations:
        named.add(grant.holder)
    allowed = bool(own & named)
    return Check(
        action="kms:RetireGrant",
        resource=key.arn,
        owner=context.account,
        policy=policies.denials_of(for_evaluation(key)),
        # With a policy that allows nothing, this refuses everybody whom no allowance lets in.
        policy_required=context.account not in _delegating(grant),
        keys=KeyConditions(context, key, request),
        allowances=lambda: (Allowance(grant.id, f"grant {grant.id}"),) if allowed else (),
        aws_managed=key.manager == "AWS",
        hidden=lookup.refusal_abroad(context, key.arn) if key.account != context.account else None,
    )


def _named_by(context: Context, request: Mapping[str, Any]) -> tuple[Key, Grant]:
    token, key_id, grant_id = request.get("GrantToken"), request.get("KeyId"), request.get("GrantId")
    if (token is None) == (key_id is None and grant_id is None) or (key_id is None) != (grant_id is None):
        raise errors.validation("Specify either a grant token, or a key ARN and a grant ID.")
    if token is not None:
        meant = grant_tokens.read(context, token)
        key_id = context.arn(f"key/{meant.key_id}", account=meant.account)
        grant_id = meant.grant_id
    assert key_id is not None
    assert grant_id is not None
    key = lookup.find(context, key_id, aliases=False).key
    grant = context.unit.get(GRANTS, "", grant_id)
    if grant is None or not _is_of(grant, key):
        raise lookup.absent(context, key.account, key.id, errors.absent_grant(grant_id))
    return key, grant


def _delegating(grant: Grant) -> set[str]:
    """The accounts whose IAM says who may retire the grant."""
    arns = [grant.issuer]
    if grant.retiring is not None and grant.retiring.endswith(":root"):
        arns.append(grant.retiring)
    return {parsed.account for parsed in map(parse_arn, arns) if parsed is not None}


@operation(authorize=_may_retire, audit=AuditRule(read_only=False, keep=()))
def retire_grant(context: Context, request: shapes.RetireGrantRequest) -> None:
    _, grant = context.loaded
    if request.get("DryRun"):
        raise errors.dry_run()
    context.unit.delete(GRANTS, "", grant.id)


# -- revoking


def _may_revoke(context: Context, request: Mapping[str, Any]) -> Check:
    named = lookup.find(context, request["KeyId"], aliases=False)
    context.loaded = named.key
    return check_key(context, request, named)


@operation(authorize=_may_revoke, audit=AuditRule(read_only=False))
def revoke_grant(context: Context, request: shapes.RevokeGrantRequest) -> None:
    key: Key = context.loaded
    grant = context.unit.get(GRANTS, "", request["GrantId"])
    if grant is None or not _is_of(grant, key):
        raise errors.absent_grant(request["GrantId"])
    if request.get("DryRun"):
        raise errors.dry_run()
    context.unit.delete(GRANTS, "", grant.id)
    context.audit_response = {"keyId": key.arn}


def _is_of(grant: Grant, key: Key) -> bool:
    return grant.key_id == key.id and grant.account == key.account
