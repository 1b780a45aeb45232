"""Instance profiles: how an EC2 instance gets its role (IAM User Guide, "Use instance profiles")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from casemate.foundation import inventory
from casemate.foundation.context import Context, Resource
from casemate.foundation.ids import new_unique_id
from casemate.foundation.operation import Check, operation
from casemate.services.iam import documents, errors, guards, moments, paging, quotas, tags, trust
from casemate.services.iam.arns import arn, profile_arn, role_arn
from casemate.services.iam.audit import READS, WRITES
from casemate.services.iam.kinds import ROLE, modifiable
from casemate.services.iam.permissions import RequestKeys, check, on_entity, on_new, on_paths
from casemate.services.iam.records import PROFILES, ROLES, InstanceProfile, Role

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes

RESOURCE_TYPE: Final = "AWS::IAM::InstanceProfile"
_QUOTA: Final = "InstanceProfilesPerAccount"


def on_profile(context: Context, request: Mapping[str, Any]) -> Check:
    """An `authorize` for operations on one instance profile, which goes on as `context.loaded` if it exists."""
    name = request["InstanceProfileName"]
    profile = context.loaded = context.unit.get(PROFILES, context.account, name.lower())
    path, spelled = (profile.path, profile.name) if profile else ("/", name)
    resource = arn(context.partition, context.account, "instance-profile", path, spelled)
    context.resources.append(Resource(resource, RESOURCE_TYPE, context.account))
    return check(context, resource, keys=RequestKeys(request, tags=profile.tags if profile else ()))


def _with_pass_role(context: Context, request: Mapping[str, Any]) -> list[Check]:
    """Adding a role hands it to EC2: the caller needs PassRole for it."""
    checks = [on_profile(context, request)]
    role: Role | None = ROLE.get(context, request["RoleName"])
    resource = arn(context.partition, context.account, "role", "/", request["RoleName"])
    if role is not None:
        resource = ROLE.arn(context, role)
    keys = RequestKeys({}, tags=role.tags if role else (), extra={"iam:passedtoservice": ("ec2.amazonaws.com",)})
    return [*checks, check(context, resource, keys=keys, action="PassRole")]


def loaded(context: Context, request: Mapping[str, Any]) -> InstanceProfile:
    """The instance profile that `authorize` looked up. Raises NoSuchEntity."""
    profile: InstanceProfile | None = context.loaded
    if profile is None:
        raise errors.absent(f"Instance Profile {request['InstanceProfileName']} cannot be found.")
    return profile


def keep(context: Context, profile: InstanceProfile) -> None:
    """Keep an instance profile, new or changed, and what the inventory says of it."""
    account, partition = context.account, context.partition
    context.unit.put(PROFILES, account, profile.name.lower(), profile)
    role = context.unit.get(ROLES, account, profile.role) if profile.role else None
    inventory.register(
        context.unit,
        arn=profile_arn(partition, account, profile),
        type=RESOURCE_TYPE,
        account=account,
        region="",
        tags=profile.tags,
        uses=[role_arn(partition, account, role)] if role else [],
    )


def profiles_of(context: Context, role: Role) -> tuple[InstanceProfile, ...]:
    """The instance profiles that hold a role, in order of name."""
    return tuple(profile for _, profile in context.unit.find(PROFILES, "role", context.account, role.name.lower()))


def shown(context: Context, profile: InstanceProfile, *, tagged: bool = True) -> Any:
    """What answers say of an instance profile; lists leave its tags out."""
    account, partition = context.account, context.partition
    role = context.unit.get(ROLES, account, profile.role) if profile.role else None
    roles = []
    if role is not None:
        roles.append(
            {
                "Path": role.path,
                "RoleName": role.name,
                "RoleId": role.id,
                "Arn": role_arn(partition, account, role),
                "CreateDate": role.created,
                "AssumeRolePolicyDocument": documents.shown(trust.shown(context.unit, partition, account, role)),
            }
        )
    return {
        "Path": profile.path,
        "InstanceProfileName": profile.name,
        "InstanceProfileId": profile.id,
        "Arn": profile_arn(partition, account, profile),
        "CreateDate": profile.created,
        "Roles": roles,
        **(tags.member(profile.tags) if tagged else {}),
    }


@operation(authorize=on_new("instance-profile", "InstanceProfileName", RESOURCE_TYPE), audit=WRITES)
def create_instance_profile(
    context: Context, request: shapes.CreateInstanceProfileRequest
) -> shapes.CreateInstanceProfileResponse:
    name = request["InstanceProfileName"]
    if context.unit.get(PROFILES, context.account, name.lower()) is not None:
        raise errors.exists(f"Instance Profile {name} already exists.")
    quotas.one_more(context.unit, context.account, _QUOTA, name)
    profile = InstanceProfile(
        name=name,
        id=new_unique_id("AIPA"),
        path=request.get("Path") or "/",
        created=moments.now(context),
        tags=tags.given(request.get("Tags") or []),
    )
    keep(context, profile)
    return {"InstanceProfile": shown(context, profile)}


@operation(authorize=on_profile, audit=READS)
def get_instance_profile(
    context: Context, request: shapes.GetInstanceProfileRequest
) -> shapes.GetInstanceProfileResponse:
    return {"InstanceProfile": shown(context, loaded(context, request))}


@operation(authorize=on_paths("instance-profile"), audit=READS)
def list_instance_profiles(
    context: Context, request: shapes.ListInstanceProfilesRequest
) -> shapes.ListInstanceProfilesResponse:
    prefix = request.get("PathPrefix") or "/"
    page = paging.page_of(context, request, prefix)
    found = paging.chosen(
        page,
        lambda after, limit: context.unit.page(PROFILES, context.account, after=after, limit=limit),
        lambda profile: profile.path.startswith(prefix),
    )
    listed = [shown(context, profile, tagged=False) for _, profile in found[: page.limit]]
    return {"InstanceProfiles": listed, **page.rest(found)}  # type: ignore[typeddict-item]  # the paging members


@operation(authorize=on_entity(ROLE), audit=READS)
def list_instance_profiles_for_role(
    context: Context, request: shapes.ListInstanceProfilesForRoleRequest
) -> shapes.ListInstanceProfilesForRoleResponse:
    role: Role = ROLE.loaded(context, request)
    page = paging.page_of(context, request, role.id)
    found = page.of((profile.name.lower(), profile) for profile in profiles_of(context, role))
    listed = [shown(context, profile, tagged=False) for _, profile in found[: page.limit]]
    return {"InstanceProfiles": listed, **page.rest(found)}  # type: ignore[typeddict-item]  # the paging members


@operation(authorize=_with_pass_role, audit=WRITES)
def add_role_to_instance_profile(context: Context, request: shapes.AddRoleToInstanceProfileRequest) -> None:
    profile = loaded(context, request)
    role = modifiable(ROLE.named(context, request["RoleName"]))
    if profile.role is not None:
        raise errors.over_quota("InstanceSessionsPerInstanceProfile", 1)
    guards.hold(context.unit, context.account, role.id, profile.id)
    keep(context, replace(profile, role=role.name.lower()))


@operation(authorize=on_profile, audit=WRITES)
def remove_role_from_instance_profile(context: Context, request: shapes.RemoveRoleFromInstanceProfileRequest) -> None:
    profile = loaded(context, request)
    role = modifiable(ROLE.named(context, request["RoleName"]))
    if profile.role != role.name.lower():
        raise errors.absent_named("role", request["RoleName"])
    keep(context, replace(profile, role=None))


@operation(authorize=on_profile, audit=WRITES)
def delete_instance_profile(context: Context, request: shapes.DeleteInstanceProfileRequest) -> None:
    profile = loaded(context, request)
    if profile.role is not None:
        raise errors.in_use("must remove roles from instance profile first")
    account = context.account
    context.unit.delete(PROFILES, account, profile.name.lower())
    inventory.remove(context.unit, arn=profile_arn(context.partition, account, profile), account=account)
    quotas.one_less(context.unit, account, _QUOTA, profile.name)
