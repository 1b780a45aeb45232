"""IAM: for each built operation, what it is about, and the request for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.conformance.isolation.world import Actor, Case

INLINE = "inline"
Params = dict[str, Any]


def user(owner: Actor, name: str, **more: Any) -> Params:
    owner.iam.create_user(UserName=name, Path=f"/{owner.mark}/", Tags=owner.tags(), **more)
    return {"UserName": name}


def group(owner: Actor, name: str) -> Params:
    owner.iam.create_group(GroupName=name, Path=f"/{owner.mark}/")
    return {"GroupName": name}


def role(owner: Actor, name: str, **more: Any) -> Params:
    owner.iam.create_role(
        RoleName=name,
        Path=f"/{owner.mark}/",
        Description=owner.mark,
        Tags=owner.tags(),
        AssumeRolePolicyDocument=owner.trust(),
        **more,
    )
    return {"RoleName": name}


def policy(owner: Actor, name: str) -> Params:
    made = owner.iam.create_policy(
        PolicyName=name,
        Path=f"/{owner.mark}/",
        Description=owner.mark,
        Tags=owner.tags(),
        PolicyDocument=owner.document(),
    )
    return {"PolicyArn": made["Policy"]["Arn"]}


def profile(owner: Actor, name: str) -> Params:
    owner.iam.create_instance_profile(InstanceProfileName=name, Path=f"/{owner.mark}/", Tags=owner.tags())
    return {"InstanceProfileName": name}


def policy_versions(owner: Actor, name: str) -> Params:
    """A policy with a second version that is not the default one."""
    made = policy(owner, name)
    owner.iam.create_policy_version(**made, PolicyDocument=owner.document(Effect="Deny"))
    return {**made, "VersionId": "v2"}


def profile_with_role(owner: Actor, name: str) -> Params:
    made = {**profile(owner, name), **role(owner, name)}
    owner.iam.add_role_to_instance_profile(**made)
    return made


def group_with_user(owner: Actor, name: str) -> Params:
    made = {**group(owner, name), **user(owner, name)}
    owner.iam.add_user_to_group(**made)
    return made


def access_key(owner: Actor, name: str) -> Params:
    user(owner, name)
    key = owner.iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    owner.secrets.add(key)
    return {"UserName": name, "AccessKeyId": key}


def service_role(owner: Actor, name: str) -> Params:
    made = owner.iam.create_service_linked_role(
        AWSServiceName="autoscaling.amazonaws.com", CustomSuffix=name, Description=owner.mark
    )
    return {"RoleName": made["Role"]["RoleName"]}


def service_role_deletion(owner: Actor, name: str) -> Params:
    made = service_role(owner, name)
    return {"DeletionTaskId": owner.iam.delete_service_linked_role(**made)["DeletionTaskId"]}


def account_alias(owner: Actor, name: str) -> Params:
    owner.iam.create_account_alias(AccountAlias=name)
    return {"AccountAlias": name}


def marked_alias(owner: Actor, name: str) -> Params:
    alias = f"{owner.mark.lower()}-{name}"
    owner.secrets.add(alias)
    owner.iam.create_account_alias(AccountAlias=alias)
    return {}


def with_inline(kind: Callable[[Actor, str], Params], noun: str, policy_name: str | None = INLINE) -> Any:
    """An entity with an inline policy; the policy is named after the owner where None is given."""

    def make(owner: Actor, name: str) -> Params:
        made = kind(owner, name)
        put = getattr(owner.iam, f"put_{noun}_policy")
        put(**made, PolicyName=policy_name or owner.mark, PolicyDocument=owner.document())
        return {**made, "PolicyName": policy_name} if policy_name else made

    return make


def with_attached(kind: Callable[[Actor, str], Params], noun: str, *, name_it: bool = True) -> Any:
    """An entity with a managed policy of the same account."""

    def make(owner: Actor, name: str) -> Params:
        made, managed = kind(owner, name), policy(owner, name)
        getattr(owner.iam, f"attach_{noun}_policy")(**made, **managed)
        owner.secrets.add(managed["PolicyArn"])
        return {**made, **managed} if name_it else made

    return make


def attached_to_role(owner: Actor, name: str) -> Params:
    return {"PolicyArn": with_attached(role, "role")(owner, name)["PolicyArn"]}


def bounded(kind: Callable[..., Params]) -> Any:
    def make(owner: Actor, name: str) -> Params:
        return kind(owner, name, PermissionsBoundary=policy(owner, name)["PolicyArn"])

    return make


def boundary_for(kind: Callable[..., Params]) -> Any:
    def make(owner: Actor, name: str) -> Params:
        return {**kind(owner, name), "PermissionsBoundary": policy(owner, name)["PolicyArn"]}

    return make


def both(*kinds: Callable[[Actor, str], Params]) -> Any:
    return lambda owner, name: {key: value for kind in kinds for key, value in kind(owner, name).items()}


def about(kind: Callable[[Actor, str], Params], **more: Any) -> Any:
    """The thing, and what else the request says; functions are asked for the owner's own."""

    def make(owner: Actor, name: str) -> Params:
        asked = {key: value(owner) if callable(value) else value for key, value in more.items()}
        return {**kind(owner, name), **asked}

    return make


def listed(kind: Callable[[Actor, str], Mapping[str, Any]], **request: Any) -> Case:
    """A list of the account's things, with one of them made."""

    def make(owner: Actor, name: str) -> Params:
        kind(owner, name)
        return request

    return Case(make, own=True)


def new(**request: Any) -> Any:
    """A request for something new that is called `name`."""
    return lambda owner, name: {
        key: value(owner) if callable(value) else (name if value is None else value) for key, value in request.items()
    }


NEUTRAL = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"*"}}'
SERVICE_TRUST = (
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":"ec2.amazonaws.com"}}}'
)
NEW_TAGS = [{"Key": "colour", "Value": "green"}]

CASES: dict[str, Case | list[Case]] = {
    "AddRoleToInstanceProfile": Case(both(profile, role)),
    "AddUserToGroup": Case(both(group, user)),
    "AttachGroupPolicy": Case(both(group, policy)),
    "AttachRolePolicy": Case(both(role, policy)),
    "AttachUserPolicy": Case(both(user, policy)),
    "CreateAccessKey": Case(user),
    "CreateAccountAlias": Case(new(AccountAlias=None), own=True, separate=True),
    "CreateGroup": Case(new(GroupName=None), own=True),
    "CreateInstanceProfile": Case(new(InstanceProfileName=None), own=True),
    "CreatePolicy": Case(new(PolicyName=None, PolicyDocument=NEUTRAL), own=True),
    "CreatePolicyVersion": Case(about(policy, PolicyDocument=NEUTRAL)),
    "CreateRole": [
        Case(new(RoleName=None, AssumeRolePolicyDocument=SERVICE_TRUST), own=True),
        Case(
            lambda owner, name: {
                "RoleName": name,
                "AssumeRolePolicyDocument": owner.trust(),
                "PermissionsBoundary": policy(owner, name)["PolicyArn"],
            }
        ),
    ],
    "CreateServiceLinkedRole": Case(new(AWSServiceName="autoscaling.amazonaws.com", CustomSuffix=None), own=True),
    "CreateUser": [
        Case(new(UserName=None), own=True),
        Case(lambda owner, name: {"UserName": name, "PermissionsBoundary": policy(owner, name)["PolicyArn"]}),
    ],
    "DeleteAccessKey": Case(access_key),
    "DeleteAccountAlias": Case(account_alias, twin=False),
    "DeleteGroup": Case(group),
    "DeleteGroupPolicy": Case(with_inline(group, "group")),
    "DeleteInstanceProfile": Case(profile),
    "DeletePolicy": Case(policy),
    "DeletePolicyVersion": Case(policy_versions),
    "DeleteRole": Case(role),
    "DeleteRolePermissionsBoundary": Case(bounded(role)),
    "DeleteRolePolicy": Case(with_inline(role, "role")),
    "DeleteServiceLinkedRole": Case(service_role),
    "DeleteUser": Case(user),
    "DeleteUserPermissionsBoundary": Case(bounded(user)),
    "DeleteUserPolicy": Case(with_inline(user, "user")),
    "DetachGroupPolicy": Case(with_attached(group, "group")),
    "DetachRolePolicy": Case(with_attached(role, "role")),
    "DetachUserPolicy": Case(with_attached(user, "user")),
    "GetAccessKeyLastUsed": Case(
        lambda owner, name: {"AccessKeyId": access_key(owner, name)["AccessKeyId"]}, silent=True
    ),
    "GetAccountAuthorizationDetails": listed(user),
    "GetAccountSummary": Case(new(), own=True, silent=True),
    "GetGroup": Case(lambda owner, name: {"GroupName": group_with_user(owner, name)["GroupName"]}),
    "GetGroupPolicy": Case(with_inline(group, "group")),
    "GetInstanceProfile": Case(
        lambda owner, name: {"InstanceProfileName": profile_with_role(owner, name)["InstanceProfileName"]}
    ),
    "GetPolicy": Case(policy),
    "GetPolicyVersion": Case(policy_versions),
    "GetRole": Case(role),
    "GetRolePolicy": Case(with_inline(role, "role")),
    "GetServiceLinkedRoleDeletionStatus": Case(service_role_deletion, silent=True),
    "GetUser": Case(user),
    "GetUserPolicy": Case(with_inline(user, "user")),
    "ListAccessKeys": Case(lambda owner, name: {"UserName": access_key(owner, name)["UserName"]}),
    "ListAccountAliases": listed(marked_alias),
    "ListAttachedGroupPolicies": Case(with_attached(group, "group", name_it=False)),
    "ListAttachedRolePolicies": Case(with_attached(role, "role", name_it=False)),
    "ListAttachedUserPolicies": Case(with_attached(user, "user", name_it=False)),
    "ListEntitiesForPolicy": Case(attached_to_role, silent=True),
    "ListGroupPolicies": Case(with_inline(group, "group", None)),
    "ListGroups": listed(group, MaxItems=1000),
    "ListGroupsForUser": Case(lambda owner, name: {"UserName": group_with_user(owner, name)["UserName"]}),
    "ListInstanceProfileTags": Case(profile),
    "ListInstanceProfiles": listed(profile, MaxItems=1000),
    "ListInstanceProfilesForRole": Case(lambda owner, name: {"RoleName": profile_with_role(owner, name)["RoleName"]}),
    "ListPolicies": listed(policy, Scope="Local", MaxItems=1000),
    "ListPolicyTags": Case(policy),
    "ListPolicyVersions": Case(
        lambda owner, name: {"PolicyArn": policy_versions(owner, name)["PolicyArn"]}, silent=True
    ),
    "ListRolePolicies": Case(with_inline(role, "role", None)),
    "ListRoleTags": Case(role),
    "ListRoles": listed(role, MaxItems=1000),
    "ListUserPolicies": Case(with_inline(user, "user", None)),
    "ListUserTags": Case(user),
    "ListUsers": listed(user, MaxItems=1000),
    "PutGroupPolicy": Case(about(group, PolicyName=INLINE, PolicyDocument=NEUTRAL)),
    "PutRolePermissionsBoundary": Case(boundary_for(role)),
    "PutRolePolicy": Case(about(role, PolicyName=INLINE, PolicyDocument=NEUTRAL)),
    "PutUserPermissionsBoundary": Case(boundary_for(user)),
    "PutUserPolicy": Case(about(user, PolicyName=INLINE, PolicyDocument=NEUTRAL)),
    "RemoveRoleFromInstanceProfile": Case(profile_with_role),
    "RemoveUserFromGroup": Case(group_with_user),
    "SetDefaultPolicyVersion": Case(policy_versions),
    "TagInstanceProfile": Case(about(profile, Tags=NEW_TAGS)),
    "TagPolicy": Case(about(policy, Tags=NEW_TAGS)),
    "TagRole": Case(about(role, Tags=NEW_TAGS)),
    "TagUser": Case(about(user, Tags=NEW_TAGS)),
    "UntagInstanceProfile": Case(about(profile, TagKeys=["owner"])),
    "UntagPolicy": Case(about(policy, TagKeys=["owner"])),
    "UntagRole": Case(about(role, TagKeys=["owner"])),
    "UntagUser": Case(about(user, TagKeys=["owner"])),
    "UpdateAccessKey": Case(about(access_key, Status="Inactive")),
    "UpdateAssumeRolePolicy": Case(about(role, PolicyDocument=SERVICE_TRUST)),
    "UpdateGroup": Case(about(group, NewPath="/changed/")),
    "UpdateRole": Case(about(role, MaxSessionDuration=7200)),
    "UpdateRoleDescription": Case(about(role, Description="changed")),
    "UpdateUser": Case(about(user, NewPath="/changed/")),
}
