"""ARNs of what IAM keeps (IAM User Guide, "IAM identifiers"): no region, the path between kind and name."""

from __future__ import annotations

from casemate.services.iam.records import Group, InstanceProfile, ManagedPolicy, Role, User


def arn(partition: str, account: str, kind: str, path: str, name: str) -> str:
    """`kind` is the word in the ARN: user, group, role, policy, instance-profile."""
    return f"arn:{partition}:iam::{account}:{kind}{path}{name}"


def user_arn(partition: str, account: str, user: User) -> str:
    return arn(partition, account, "user", user.path, user.name)


def group_arn(partition: str, account: str, group: Group) -> str:
    return arn(partition, account, "group", group.path, group.name)


def role_arn(partition: str, account: str, role: Role) -> str:
    return arn(partition, account, "role", role.path, role.name)


def policy_arn(partition: str, account: str, policy: ManagedPolicy) -> str:
    return arn(partition, account, "policy", policy.path, policy.name)


def profile_arn(partition: str, account: str, profile: InstanceProfile) -> str:
    return arn(partition, account, "instance-profile", profile.path, profile.name)


def root_arn(partition: str, account: str) -> str:
    return f"arn:{partition}:iam::{account}:root"
