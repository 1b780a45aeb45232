"""Who calls, and on which keys: policies with conditions, grants, session policies, an organization's policy.

Fifty principals in two accounts: the first account's users allowed by key policies (with conditions), users allowed by
grants alone, sessions of a role with session policies; and a session in a member account under a service control
policy, which uses keys of its own account.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError
from load import Keys
from node import Process

USERS, GRANTEES, SESSIONS, MEMBERS = 20, 10, 15, 5
_CRYPTOGRAPHY = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"]
_CONTEXT = {"kms:EncryptionContext:app": "bench-*"}


class Caller(NamedTuple):
    """Credentials, and the keys that their holder may use."""

    keys: Keys
    usable: list[str]


class Cast(NamedTuple):
    callers: list[Caller]
    mix: list[str]
    """What is in it, in words."""


def assemble(node: Process, count: int) -> Cast:
    """Make principals and `count` keys on a fresh server."""
    mix: list[str] = []
    iam, sts, kms = node.client("iam"), node.client("sts"), node.client("kms")
    account = sts.get_caller_identity()["Account"]
    users = [_user(iam, f"user-{number}") for number in range(USERS)]
    grantees = [_user(iam, f"grantee-{number}") for number in range(GRANTEES)]
    sessions = [_session(iam, sts, account, number) for number in range(SESSIONS)]
    policy = _key_policy(account, "role/bench")
    ours = _make_keys(kms, policy, count * 9 // 10)
    granted = ours[: max(1, len(ours) // 10)]
    arns = [f"arn:aws:iam::{account}:user/grantee-{number}" for number in range(GRANTEES)]
    grants = [(key, arn) for key in granted for arn in arns]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda pair: _grant(kms, *pair), grants))
    mix.append(f"{USERS} users by identity policy and key policies with conditions on {len(ours)} keys")
    mix.append(f"{GRANTEES} users by grants with constraints on {len(granted)} keys ({len(grants)} grants)")
    mix.append(f"{SESSIONS} role sessions with session policies")
    callers = [Caller(keys, ours) for keys in users + sessions] + [Caller(keys, granted) for keys in grantees]
    try:
        callers += _members(node, count - len(ours))
        mix.append(f"{MEMBERS} sessions in a member account under a service control policy, {count - len(ours)} keys")
    except (ClientError, BotoCoreError) as error:
        mix.append(f"NOT in the mix: a member account under a service control policy ({error})")
    return Cast(callers, mix)


def spread(cast: Cast, count: int, body: Callable[[str, int], dict[str, Any]]) -> list[tuple[Keys, bytes]]:
    """Distinct requests, callers in turn, each on one of the caller's keys at random."""
    choose = random.Random(1).choice
    requests = []
    for number in range(count):
        caller = cast.callers[number % len(cast.callers)]
        requests.append((caller.keys, json.dumps(body(choose(caller.usable), number)).encode()))
    return requests


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _key_policy(account: str, *delegated: str) -> str:
    root = {"AWS": f"arn:aws:iam::{account}:root"}
    named = {"AWS": [f"arn:aws:iam::{account}:{each}" for each in delegated]}
    statements: list[dict[str, Any]] = [
        {"Sid": "Manage", "Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"},
        {
            "Sid": "OnlyForTheApplication",
            "Effect": "Deny",
            "Principal": "*",
            "Action": _CRYPTOGRAPHY,
            "Resource": "*",
            "Condition": {
                "StringNotLike": _CONTEXT,
                "StringNotEquals": {"kms:CallerAccount": "000000000000"},
            },
        },
    ]
    if delegated:
        statements.append(
            {
                "Sid": "Use",
                "Effect": "Allow",
                "Principal": named,
                "Action": _CRYPTOGRAPHY,
                "Resource": "*",
                "Condition": {"StringLike": _CONTEXT, "IpAddress": {"aws:SourceIp": "127.0.0.0/8"}},
            }
        )
    return _document(*statements)


def _make_keys(kms: Any, policy: str, count: int) -> list[str]:
    with ThreadPoolExecutor(4) as pool:
        made = pool.map(lambda _: kms.create_key(Policy=policy)["KeyMetadata"]["Arn"], range(count))
        return list(made)


def _user(iam: Any, name: str) -> Keys:
    iam.create_user(UserName=name)
    if name.startswith("user"):
        allow = {"Effect": "Allow", "Action": _CRYPTOGRAPHY, "Resource": "*", "Condition": {"StringLike": _CONTEXT}}
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=_document(allow))
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return Keys(made["AccessKeyId"], made["SecretAccessKey"])


def _session(iam: Any, sts: Any, account: str, number: int) -> Keys:
    if number == 0:
        trust = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
        iam.create_role(RoleName="bench", AssumeRolePolicyDocument=_document(trust))
    limits = {"Effect": "Allow", "Action": _CRYPTOGRAPHY, "Resource": "*"}
    made = sts.assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/bench", RoleSessionName=f"s-{number}", Policy=_document(limits)
    )
    return _keys(made)


def _keys(assumed: Any) -> Keys:
    made = assumed["Credentials"]
    return Keys(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def _grant(kms: Any, key: str, grantee: str) -> None:
    kms.create_grant(
        KeyId=key,
        GranteePrincipal=grantee,
        Operations=["Encrypt", "Decrypt", "GenerateDataKey"],
        Constraints={"EncryptionContextSubset": {"purpose": "measure"}},
    )


def _members(node: Process, count: int) -> list[Caller]:
    """An organization, a member account under a service control policy, and sessions in it."""
    organizations, sts = node.client("organizations"), node.client("sts")
    organizations.create_organization(FeatureSet="ALL")
    made = organizations.create_account(Email="member@example.com", AccountName="member")["CreateAccountStatus"]
    status = organizations.describe_create_account_status(CreateAccountRequestId=made["Id"])["CreateAccountStatus"]
    member = status["AccountId"]
    root = organizations.list_roots()["Roots"][0]["Id"]
    kinds = {each["Type"] for each in organizations.list_roots()["Roots"][0]["PolicyTypes"]}
    if "SERVICE_CONTROL_POLICY" not in kinds:
        organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    deny = {
        "Effect": "Deny",
        "Action": "kms:*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["us-east-1", "eu-west-1"]}},
    }
    policy = organizations.create_policy(
        Name="regions", Description="", Type="SERVICE_CONTROL_POLICY", Content=_document(deny)
    )
    organizations.attach_policy(PolicyId=policy["Policy"]["PolicySummary"]["Id"], TargetId=member)
    role = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
    sessions = [_keys(sts.assume_role(RoleArn=role, RoleSessionName=f"m-{number}")) for number in range(MEMBERS)]
    theirs = _make_keys(node.client("kms", sessions[0]), _key_policy(member), count)
    return [Caller(keys, theirs) for keys in sessions]
