"""Customer managed policies, and AWS's beside them (IAM User Guide, "Managed policies and inline policies")."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from casemate.foundation import inventory
from casemate.foundation.context import Context, Resource
from casemate.foundation.ids import new_unique_id, parse_arn
from casemate.foundation.operation import Check, operation
from casemate.foundation.records import Collection, Reader
from casemate.services.iam import documents, errors, guards, managed, moments, paging, quotas, tags
from casemate.services.iam.arns import policy_arn
from casemate.services.iam.audit import READS, WRITES
from casemate.services.iam.managed import PublishedPolicy
from casemate.services.iam.permissions import RequestKeys, check, on_new, on_paths
from casemate.services.iam.records import GROUPS, POLICIES, ROLES, USERS, ManagedPolicy, PolicyVersion

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes

RESOURCE_TYPE: Final = "AWS::IAM::ManagedPolicy"
_QUOTA: Final = "PoliciesPerAccount"
_ALL: Final = 100_000
_ATTACHED: Final[tuple[Collection[Any], ...]] = (USERS, GROUPS, ROLES)
_BOUNDED: Final[tuple[Collection[Any], ...]] = (USERS, ROLES)

AnyPolicy = ManagedPolicy | PublishedPolicy


class Standing(NamedTuple):
    """On how many users, groups and roles a policy stands, and how many it bounds."""

    attached: int = 0
    bounding: int = 0


def find(context: Context, arn: str) -> AnyPolicy | None:
    """The policy with that ARN, the caller's account's or AWS's. Raises ValidationError for what is no ARN."""
    parsed = parse_arn(arn)
    if parsed is None or parsed.service != "iam":
        raise errors.validation("Invalid ARN:  Could not be parsed!")
    if parsed.partition != context.partition:
        return None
    if parsed.account == "aws":
        return managed.published(arn)
    if parsed.account != context.account:
        return None
    policy = context.unit.get(POLICIES, context.account, parsed.resource.rpartition("/")[2].lower())
    return policy if policy is not None and arn_of(context, policy) == arn else None


def attachable(context: Context, arn: str) -> AnyPolicy | None:
    """The policy, if it is one that users, groups and roles may have. Raises ValidationError, PolicyNotAttachable."""
    policy = find(context, arn)
    if isinstance(policy, PublishedPolicy) and policy.for_services_only:
        raise errors.service_policy()
    return policy


def take(context: Context, policy: AnyPolicy, by: str) -> None:
    """An entity, by its unique id, begins to use a policy."""
    if isinstance(policy, ManagedPolicy):
        guards.hold(context.unit, context.account, arn_of(context, policy), by)


def arn_of(context: Context, policy: AnyPolicy) -> str:
    if isinstance(policy, PublishedPolicy):
        return policy.arn(context.partition)
    return policy_arn(context.partition, context.account, policy)


def on_policy(context: Context, request: Mapping[str, Any]) -> Check:
    """An `authorize` for operations on one managed policy, which goes on as `context.loaded` if it exists."""
    arn: str = request["PolicyArn"]
    policy = context.loaded = find(context, arn)
    parsed = parse_arn(arn)
    owner = context.account if parsed is None or not parsed.account.isdecimal() else parsed.account
    own_tags = policy.tags if isinstance(policy, ManagedPolicy) else ()
    context.resources.append(Resource(arn, RESOURCE_TYPE, owner))
    return check(context, arn, keys=RequestKeys(request, tags=own_tags), owner=owner)


def loaded(context: Context, request: Mapping[str, Any]) -> AnyPolicy:
    """The policy that `authorize` looked up. Raises NoSuchEntity."""
    policy: AnyPolicy | None = context.loaded
    if policy is None:
        raise errors.absent_policy(request["PolicyArn"])
    return policy


def own(context: Context, request: Mapping[str, Any]) -> ManagedPolicy:
    """The same for operations that change it. Raises NoSuchEntity, AccessDenied for AWS's policies."""
    policy = loaded(context, request)
    if isinstance(policy, PublishedPolicy):
        raise errors.aws_policy()
    return policy


def keep(context: Context, policy: ManagedPolicy) -> None:
    """Keep a policy, new or changed, and what the inventory says of it."""
    context.unit.put(POLICIES, context.account, policy.name.lower(), policy)
    arn = arn_of(context, policy)
    inventory.register(context.unit, arn=arn, type=RESOURCE_TYPE, account=context.account, region="", tags=policy.tags)


def standing(context: Context, arn: str) -> Standing:
    """Where a policy stands."""
    account = context.account

    def count(reader: Reader) -> Standing:
        attached = sum(len(reader.find(kind, "attached", account, arn)) for kind in _ATTACHED)
        return Standing(attached, sum(len(reader.find(kind, "boundary", account, arn)) for kind in _BOUNDED))

    found: Standing = context.unit.memo(("iam.standing", account, arn), count)
    return found


def standings(context: Context) -> dict[str, Standing]:
    """Every policy that stands somewhere in the account."""
    attached: Counter[str] = Counter()
    bounding: Counter[str] = Counter()
    for kind in _ATTACHED:
        attached.update(arn for arn, *_ in context.unit.page_index(kind, "attached", context.account, limit=_ALL))
    for kind in _BOUNDED:
        bounding.update(arn for arn, *_ in context.unit.page_index(kind, "boundary", context.account, limit=_ALL))
    return {arn: Standing(attached[arn], bounding[arn]) for arn in (*attached, *bounding)}


def shown(context: Context, policy: AnyPolicy, stands: Standing) -> shapes.Policy:
    """What all answers say of a policy."""
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": arn_of(context, policy),
        "Path": policy.path,
        "DefaultVersionId": policy.version if isinstance(policy, PublishedPolicy) else policy.default,
        "AttachmentCount": stands.attached,
        "PermissionsBoundaryUsageCount": stands.bounding,
        "IsAttachable": True,
        "CreateDate": float(policy.created),
        "UpdateDate": float(policy.updated),
    }


@operation(authorize=on_new("policy", "PolicyName", RESOURCE_TYPE), audit=WRITES)
def create_policy(context: Context, request: shapes.CreatePolicyRequest) -> shapes.CreatePolicyResponse:
    name, document = request["PolicyName"], request["PolicyDocument"]
    documents.managed(document)
    account, now = context.account, moments.now(context)
    if context.unit.get(POLICIES, account, name.lower()) is not None:
        raise errors.exists(f"A policy called {name} already exists. Duplicate names are not allowed.")
    quotas.one_more(context.unit, account, _QUOTA, name)
    policy = ManagedPolicy(
        name=name,
        id=new_unique_id("ANPA"),
        path=request.get("Path") or "/",
        created=now,
        updated=now,
        default="v1",
        versions=(PolicyVersion("v1", document, now),),
        newest=1,
        description=request.get("Description"),
        tags=tags.given(request.get("Tags") or []),
    )
    keep(context, policy)
    made = shown(context, policy, Standing())
    return {"Policy": {**made, **tags.member(policy.tags)}}  # type: ignore[typeddict-item]  # a member that may be missing


@operation(authorize=on_policy, audit=READS)
def get_policy(context: Context, request: shapes.GetPolicyRequest) -> shapes.GetPolicyResponse:
    policy = loaded(context, request)
    answer = shown(context, policy, standing(context, arn_of(context, policy)))
    answer["Tags"] = []
    if isinstance(policy, ManagedPolicy):
        answer["Tags"] = tags.shown(policy.tags)
        if policy.description is not None:
            answer["Description"] = policy.description
    return {"Policy": answer}


@operation(authorize=on_policy, audit=WRITES)
def delete_policy(context: Context, request: shapes.DeletePolicyRequest) -> None:
    policy = own(context, request)
    arn = arn_of(context, policy)
    if any(standing(context, arn)):
        raise errors.conflict("Cannot delete a policy attached to entities.")
    if len(policy.versions) > 1:
        raise errors.conflict(
            "This policy has more than one version. Before you delete a policy, you must delete the policy's "
            "versions. The default version is deleted with the policy."
        )
    guards.end(context.unit, context.account, arn)
    context.unit.delete(POLICIES, context.account, policy.name.lower())
    inventory.remove(context.unit, arn=arn, account=context.account)
    quotas.one_less(context.unit, context.account, _QUOTA, policy.name)


@operation(authorize=on_paths("policy"), audit=READS)
def list_policies(context: Context, request: shapes.ListPoliciesRequest) -> shapes.ListPoliciesResponse:
    scope, prefix = request.get("Scope") or "All", request.get("PathPrefix") or "/"
    usage, attached = request.get("PolicyUsageFilter"), bool(request.get("OnlyAttached"))
    page = paging.page_of(context, request, scope, prefix, usage or "", str(attached))
    stands = standings(context)

    def wanted(policy: AnyPolicy) -> bool:
        its = stands.get(arn_of(context, policy), _NOWHERE)
        return (
            policy.path.startswith(prefix)
            and (not attached or any(its))
            and (usage != "PermissionsPolicy" or its.attached > 0)
            and (usage != "PermissionsBoundary" or its.bounding > 0)
        )

    found = paging.chosen(page, lambda after, limit: _listed(context, scope, after, limit), wanted)
    listed = [
        shown(context, policy, stands.get(arn_of(context, policy), _NOWHERE)) for _, policy in found[: page.limit]
    ]
    return {"Policies": listed, **page.rest(found)}  # type: ignore[typeddict-item]  # the paging members


_NOWHERE: Final = Standing()
_OWN: Final = "1/"
_AWS: Final = "2/"


def _listed(context: Context, scope: str, after: str, limit: int) -> list[tuple[str, AnyPolicy]]:
    """Policies in order of position: the account's own, then AWS's."""
    listed: list[tuple[str, AnyPolicy]] = []
    if scope != "AWS" and after < _AWS:
        found = context.unit.page(POLICIES, context.account, after=after.removeprefix(_OWN), limit=limit)
        listed.extend((_OWN + id_, policy) for id_, policy in found)
    if scope != "Local" and len(listed) < limit:
        keys = (key for key in managed.everything() if _AWS + key > after)
        for key, _ in zip(keys, range(limit - len(listed)), strict=False):
            listed.append((_AWS + key, managed.everything()[key]))
    return listed
