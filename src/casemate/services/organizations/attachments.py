"""Policies attached to the root, to organizational units and to accounts; types of policies switched on and off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import operation
from casemate.services.organizations import errors, lookup, managed, names, paging
from casemate.services.organizations.audit import READS, WRITES
from casemate.services.organizations.organization import shown_root
from casemate.services.organizations.permissions import on
from casemate.services.organizations.policies import offered, summary
from casemate.services.organizations.records import ACCOUNTS, NODES, Account, Node, Organization

if TYPE_CHECKING:
    from casemate.contracts.shapes import organizations as shapes

MOST: Final = {managed.SCP: 10, managed.RCP: 5}
"""Policies of a type on one root, organizational unit or account; AWS's own count, too."""


def _attached(target: lookup.Target, kind: str) -> tuple[str, ...]:
    return target.scps if kind == managed.SCP else target.rcps


def _with(target: lookup.Target, kind: str, policies: tuple[str, ...]) -> lookup.Target:
    return replace(target, **{"scps" if kind == managed.SCP else "rcps": policies})


def _refuse_disabled(organization: Organization, kind: str) -> None:
    if kind not in organization.policy_types:
        raise ServiceError(
            "PolicyTypeNotEnabledException", "This operation can be performed only for enabled policy types."
        )


@operation(authorize=on("PolicyId", "TargetId"), audit=WRITES)
def attach_policy(context: Context, request: shapes.AttachPolicyRequest) -> None:
    organization = lookup.with_all_features(context)
    policy = lookup.policy(context, organization, request["PolicyId"])
    target = lookup.target(context, organization, request["TargetId"])
    _refuse_disabled(organization, policy.type)
    attached = _attached(target, policy.type)
    if policy.id in attached:
        raise ServiceError(
            "DuplicatePolicyAttachmentException", "The selected policy is already attached to the specified target."
        )
    if len(attached) >= MOST[policy.type]:
        raise errors.constraint(
            "MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You have attached the maximum number of policies of this type to the target.",
        )
    lookup.keep(context, _with(target, policy.type, (*attached, policy.id)))
    lookup.changed(context, organization)


@operation(authorize=on("PolicyId", "TargetId"), audit=WRITES)
def detach_policy(context: Context, request: shapes.DetachPolicyRequest) -> None:
    organization = lookup.with_all_features(context)
    policy = lookup.policy(context, organization, request["PolicyId"])
    target = lookup.target(context, organization, request["TargetId"])
    attached = _attached(target, policy.type)
    if policy.id not in attached:
        raise ServiceError(
            "PolicyNotAttachedException", "The policy isn't attached to the specified target in the specified root."
        )
    if policy.id == managed.FULL_RESOURCE_ACCESS.id:
        raise errors.invalid("NON_DETACHABLE_POLICY", "You can't detach this policy: AWS manages it.")
    if len(attached) == 1:
        raise errors.constraint(
            "MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED",
            "You cannot remove the last policy attached to the specified target. You must have at least one attached "
            "at all times.",
        )
    lookup.keep(context, _with(target, policy.type, tuple(each for each in attached if each != policy.id)))


@operation(authorize=on("TargetId"), audit=READS)
def list_policies_for_target(
    context: Context, request: shapes.ListPoliciesForTargetRequest
) -> shapes.ListPoliciesForTargetResponse:
    organization = lookup.managing(context)
    target = lookup.target(context, organization, request["TargetId"])
    kind = request["Filter"]
    page = paging.page_of(context, request, target.id, kind)
    attached = _attached(target, kind) if kind in managed.TYPES else ()
    found = [(each, each) for each in sorted(attached) if each > page.after]
    policies = [lookup.policy(context, organization, each) for each in page.of(found)]
    listed = [summary(context, organization, policy) for policy in policies]
    return {"Policies": listed, **page.rest(found)}  # type: ignore[typeddict-item]


@operation(authorize=on("PolicyId"), audit=READS)
def list_targets_for_policy(
    context: Context, request: shapes.ListTargetsForPolicyRequest
) -> shapes.ListTargetsForPolicyResponse:
    """In order of id, which has accounts before organizational units and those before the root."""
    organization = lookup.managing(context)
    policy = lookup.policy(context, organization, request["PolicyId"])
    page = paging.page_of(context, request, policy.id)
    value = f"{organization.id}/{policy.id}"
    found: list[tuple[str, Any]] = []
    for collection in (ACCOUNTS, NODES):
        left = page.wanted - len(found)
        if left:
            found += context.unit.find(collection, "attached", "", value, after=page.after, limit=left)
    listed = [_target(context, organization, target) for target in page.of(found)]
    return {"Targets": listed, **page.rest(found)}  # type: ignore[typeddict-item]


def _target(context: Context, organization: Organization, target: lookup.Target) -> Any:
    kind = "ACCOUNT" if isinstance(target, Account) else "ORGANIZATIONAL_UNIT" if target.parent else "ROOT"
    return {
        "TargetId": target.id,
        "Arn": names.target_arn(context.partition, organization, target.id),
        "Name": target.name,
        "Type": kind,
    }


@operation(authorize=on("RootId"), audit=WRITES, runs="thread")
def enable_policy_type(context: Context, request: shapes.EnablePolicyTypeRequest) -> shapes.EnablePolicyTypeResponse:
    """AWS's own policy of the type is attached to everything: at first all stays as it was."""
    organization = lookup.with_all_features(context)
    root = lookup.root(context, organization, request["RootId"])
    kind = offered(request["PolicyType"])
    if kind in organization.policy_types:
        raise ServiceError("PolicyTypeAlreadyEnabledException", "The specified policy type is already enabled.")
    organization = lookup.changed(context, organization, policy_types=(*organization.policy_types, kind))
    _attach_everywhere(context, organization, kind, (managed.DEFAULT[kind],))
    return {"Root": shown_root(context, organization, root)}


@operation(authorize=on("RootId"), audit=WRITES, runs="thread")
def disable_policy_type(context: Context, request: shapes.DisablePolicyTypeRequest) -> shapes.DisablePolicyTypeResponse:
    """Every policy of the type is detached from everything; the policies themselves stay."""
    organization = lookup.with_all_features(context)
    root = lookup.root(context, organization, request["RootId"])
    kind = offered(request["PolicyType"])
    _refuse_disabled(organization, kind)
    left = tuple(each for each in organization.policy_types if each != kind)
    organization = lookup.changed(context, organization, policy_types=left)
    _attach_everywhere(context, organization, kind, ())
    return {"Root": shown_root(context, organization, root)}


def _attach_everywhere(context: Context, organization: Organization, kind: str, policies: tuple[str, ...]) -> None:
    nodes: list[tuple[str, Node]] = context.unit.find(NODES, "organization", "", organization.id)
    accounts: list[tuple[str, Account]] = context.unit.find(ACCOUNTS, "organization", "", organization.id)
    targets: list[lookup.Target] = [*(node for _, node in nodes), *(account for _, account in accounts)]
    for target in targets:
        lookup.keep(context, _with(target, kind, policies))
