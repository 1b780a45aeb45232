"""Tags of accounts, roots, organizational units and policies (Organizations User Guide, "Tagging resources")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from casemate.foundation import inventory
from casemate.foundation.context import Context
from casemate.foundation.operation import operation
from casemate.services.organizations import errors, lookup, names
from casemate.services.organizations.audit import READS, WRITES
from casemate.services.organizations.permissions import on
from casemate.services.organizations.records import POLICIES, Account, Node, Organization, Policy, Tags

if TYPE_CHECKING:
    from casemate.contracts.shapes import organizations as shapes

MOST: Final = 50
Tagged = Account | Node | Policy


def given(tags: Sequence[Any] | None) -> Tags:
    """The tags of a request. Raises InvalidInputException, ConstraintViolationException."""
    return added((), tags or ())


def added(have: Tags, tags: Sequence[Any]) -> Tags:
    """The tags with a request's added; a key that is there gets the new value."""
    keys = [tag["Key"] for tag in tags]
    if len(set(keys)) != len(keys):
        raise errors.invalid("DUPLICATE_TAG_KEY")
    if any(key.lower().startswith("aws:") for key in keys):
        raise errors.invalid("INVALID_SYSTEM_TAGS_PARAMETER")
    merged = {**dict(have), **{tag["Key"]: tag["Value"] for tag in tags}}
    if len(merged) > MOST:
        raise errors.constraint("MAX_TAG_LIMIT_EXCEEDED", "You have exceeded the number of tags for this resource.")
    return tuple(merged.items())


def registered(context: Context, organization: Organization, entity: Tagged) -> None:
    """Say in the inventory what there is, with its tags."""
    inventory.register(
        context.unit,
        arn=_arn(context, organization, entity),
        type=_type(entity),
        account=organization.management,
        region="",
        tags=entity.tags,
    )


def unregistered(context: Context, organization: Organization, entity: Tagged) -> None:
    inventory.remove(context.unit, arn=_arn(context, organization, entity), account=organization.management)


def _type(entity: Tagged) -> str:
    if isinstance(entity, Node):
        return "AWS::Organizations::OrganizationalUnit" if entity.parent else "AWS::Organizations::Root"
    return "AWS::Organizations::Account" if isinstance(entity, Account) else "AWS::Organizations::Policy"


def _arn(context: Context, organization: Organization, entity: Tagged) -> str:
    if isinstance(entity, Policy):
        return names.policy_arn(context.partition, organization, entity)
    return names.target_arn(context.partition, organization, entity.id)


def _named(context: Context, organization: Organization, resource_id: str) -> Tagged:
    """Raises TargetNotFoundException."""
    if not resource_id.startswith("p-"):
        return lookup.target(context, organization, resource_id)
    policy = lookup.policy_or_none(context, organization, resource_id)
    if policy is None or not policy.organization:
        raise errors.absent("TargetNotFoundException", "a target")
    return policy


def _keep(context: Context, organization: Organization, entity: Tagged) -> None:
    if isinstance(entity, Policy):
        context.unit.put(POLICIES, organization.id, entity.id, entity)
    else:
        lookup.keep(context, entity)
    registered(context, organization, entity)


@operation(authorize=on("ResourceId"), audit=WRITES)
def tag_resource(context: Context, request: shapes.TagResourceRequest) -> None:
    organization = lookup.managing(context)
    entity = _named(context, organization, request["ResourceId"])
    _keep(context, organization, replace(entity, tags=added(entity.tags, request["Tags"])))


@operation(authorize=on("ResourceId"), audit=WRITES)
def untag_resource(context: Context, request: shapes.UntagResourceRequest) -> None:
    organization = lookup.managing(context)
    entity = _named(context, organization, request["ResourceId"])
    gone = set(request["TagKeys"])
    _keep(context, organization, replace(entity, tags=tuple(tag for tag in entity.tags if tag[0] not in gone)))


@operation(authorize=on("ResourceId"), audit=READS)
def list_tags_for_resource(
    context: Context, request: shapes.ListTagsForResourceRequest
) -> shapes.ListTagsForResourceResponse:
    """All of them are on one page: there are never more than 50."""
    organization = lookup.managing(context)
    if request.get("NextToken") is not None:
        raise errors.invalid("INVALID_NEXT_TOKEN")
    entity = _named(context, organization, request["ResourceId"])
    return {"Tags": [{"Key": key, "Value": value} for key, value in entity.tags]}
