"""Policies: written, changed, described (Organizations User Guide, "Managing policies")."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from casemate.engines import policy as engine
from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import operation
from casemate.services.organizations import errors, lookup, managed, names, paging, tags
from casemate.services.organizations.audit import READS, WRITES
from casemate.services.organizations.permissions import on, on_all
from casemate.services.organizations.records import ACCOUNTS, NODES, POLICIES, Organization, Policy

if TYPE_CHECKING:
    from casemate.contracts.shapes import organizations as shapes

MOST: Final = 12_000
"""Policies of an organization: AWS has 10,000 service and 2,000 resource control policies."""
CHARACTERS: Final = {managed.SCP: 10240, managed.RCP: 5120}
_KINDS: Final[dict[str, engine.PolicyKind]] = {managed.SCP: "scp", managed.RCP: "rcp"}


def summary(context: Context, organization: Organization, policy: Policy) -> Any:
    return {
        "Id": policy.id,
        "Arn": names.policy_arn(context.partition, organization, policy),
        "Name": policy.name,
        "Description": policy.description,
        "Type": policy.type,
        "AwsManaged": not policy.organization,
    }


def _whole(context: Context, organization: Organization, policy: Policy) -> Any:
    return {"PolicySummary": summary(context, organization, policy), "Content": policy.content}


def offered(kind: str) -> str:
    """Raises PolicyTypeNotAvailableForOrganizationException for the types that are not built."""
    if kind not in managed.TYPES:
        raise ServiceError(
            "PolicyTypeNotAvailableForOrganizationException",
            f"The policy type {kind} is not available: this server has service and resource control policies.",
        )
    return kind


def _hold_to_grammar(kind: str, content: str) -> None:
    """Raises ConstraintViolationException, MalformedPolicyDocumentException."""
    if len(content) > CHARACTERS[kind]:
        raise errors.constraint(
            "POLICY_CONTENT_LIMIT_EXCEEDED", f"The policy is longer than {CHARACTERS[kind]} characters."
        )
    try:
        engine.validate(content, _KINDS[kind], profile="organizations")
    except engine.PolicySyntaxError as error:
        raise ServiceError("MalformedPolicyDocumentException", error.message) from None


def _refuse_namesake(context: Context, organization: Organization, kind: str, name: str) -> None:
    own = context.unit.find(POLICIES, "name", organization.id, f"{kind}/{name}", limit=1)
    if own or any(policy.name == name and policy.type == kind for policy in managed.BY_ID.values()):
        raise ServiceError("DuplicatePolicyException", "A policy with the same name already exists.")


def own_policy(context: Context, organization: Organization, policy_id: str) -> Policy:
    """A policy that may be changed. Raises PolicyNotFoundException, InvalidInputException for AWS's own."""
    policy = lookup.policy(context, organization, policy_id)
    if not policy.organization:
        raise errors.invalid("IMMUTABLE_POLICY", "You can't change a policy that AWS manages.")
    return policy


@operation(authorize=on_all, audit=WRITES)
def create_policy(context: Context, request: shapes.CreatePolicyRequest) -> shapes.CreatePolicyResponse:
    organization = lookup.with_all_features(context)
    kind = offered(request["Type"])
    _hold_to_grammar(kind, request["Content"])
    _refuse_namesake(context, organization, kind, request["Name"])
    if organization.policies >= MOST:
        raise errors.constraint("POLICY_NUMBER_LIMIT_EXCEEDED", "You have exceeded the number of policies.")
    policy = Policy(
        id="p-" + names.random_id(8),
        organization=organization.id,
        name=request["Name"],
        description=request["Description"],
        type=kind,
        content=request["Content"],
        tags=tags.given(request.get("Tags")),
    )
    context.unit.put(POLICIES, organization.id, policy.id, policy)
    lookup.changed(context, organization, policies=organization.policies + 1)
    tags.registered(context, organization, policy)
    return {"Policy": _whole(context, organization, policy)}


@operation(authorize=on("PolicyId"), audit=WRITES)
def update_policy(context: Context, request: shapes.UpdatePolicyRequest) -> shapes.UpdatePolicyResponse:
    organization = lookup.with_all_features(context)
    policy = own_policy(context, organization, request["PolicyId"])
    content = request.get("Content")
    if content is not None:
        _hold_to_grammar(policy.type, content)
    name = request.get("Name", policy.name)
    if name != policy.name:
        _refuse_namesake(context, organization, policy.type, name)
    policy = replace(
        policy,
        name=name,
        description=request.get("Description", policy.description),
        content=policy.content if content is None else content,
    )
    context.unit.put(POLICIES, organization.id, policy.id, policy)
    return {"Policy": _whole(context, organization, policy)}


@operation(authorize=on("PolicyId"), audit=WRITES)
def delete_policy(context: Context, request: shapes.DeletePolicyRequest) -> None:
    organization = lookup.with_all_features(context)
    policy = own_policy(context, organization, request["PolicyId"])
    attached = f"{organization.id}/{policy.id}"
    accounts = context.unit.find(ACCOUNTS, "attached", "", attached, limit=1)
    nodes = context.unit.find(NODES, "attached", "", attached, limit=1)
    if accounts or nodes:
        raise ServiceError(
            "PolicyInUseException",
            "The policy is attached to one or more entities. You must detach it from all roots, OUs, and accounts "
            "before performing this operation.",
        )
    context.unit.delete(POLICIES, organization.id, policy.id)
    lookup.changed(context, organization, policies=organization.policies - 1)
    tags.unregistered(context, organization, policy)


@operation(authorize=on("PolicyId"), audit=READS)
def describe_policy(context: Context, request: shapes.DescribePolicyRequest) -> shapes.DescribePolicyResponse:
    organization = lookup.managing(context)
    return {"Policy": _whole(context, organization, lookup.policy(context, organization, request["PolicyId"]))}


@operation(authorize=on_all, audit=READS)
def list_policies(context: Context, request: shapes.ListPoliciesRequest) -> shapes.ListPoliciesResponse:
    organization = lookup.managing(context)
    kind = request["Filter"]
    page = paging.page_of(context, request, organization.id, kind)
    own = context.unit.find(POLICIES, "type", organization.id, kind, after=page.after, limit=page.wanted)
    awss = [each for each in managed.BY_ID.items() if each[1].type == kind and each[0] > page.after]
    found = sorted([*awss, *own], key=itemgetter(0))[: page.wanted]
    listed = [summary(context, organization, policy) for policy in page.of(found)]
    return {"Policies": listed, **page.rest(found)}  # type: ignore[typeddict-item]
