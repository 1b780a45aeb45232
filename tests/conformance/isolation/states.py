"""What an owner has, told apart from what it had: to see that strangers changed nothing."""

from __future__ import annotations

import re
from typing import Any

from botocore.exceptions import ClientError
from tests.conformance import raw
from tests.conformance.isolation.world import Actor

# When the role was last used, by whoever enters the account; and the request's own id.
VARYING = re.compile(rb"<RoleLastUsed>.*?</RoleLastUsed>|<RoleLastUsed/>|<RequestId>[^<]*</RequestId>", re.DOTALL)


def state_of(service: str, owner: Actor, name: str) -> Any:
    """All of the account, or the things called `name`."""
    return {"iam": _iam, "sts": _iam, "kms": _kms, "organizations": _organizations, "ram": _ram}[service](owner, name)


def _asked(call: Any, **request: Any) -> Any:
    """The answer, or the code of the refusal."""
    try:
        answer = call(**request)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def _iam(owner: Actor, name: str) -> Any:
    body = b"Action=GetAccountAuthorizationDetails&Version=2010-05-08&MaxItems=1000"
    kind = [(b"content-type", b"application/x-www-form-urlencoded")]
    answer = raw.ask(owner.url, owner.keys, raw.Place("iam"), kind, body)
    assert answer.status == 200
    assert b"<IsTruncated>false</IsTruncated>" in answer.body
    return (
        VARYING.sub(b"", answer.body),
        _asked(owner.iam.list_account_aliases),
        _asked(owner.iam.list_access_keys, UserName=name),
        _asked(owner.iam.get_instance_profile, InstanceProfileName=name),
    )


def _kms(owner: Actor, name: str) -> Any:
    key = _asked(owner.kms.describe_key, KeyId=f"alias/{name}")
    if isinstance(key, str):
        return key
    named = {"KeyId": key["KeyMetadata"]["KeyId"]}
    calls = ("get_key_policy", "list_grants", "list_aliases", "list_resource_tags", "get_key_rotation_status")
    return key, [_asked(getattr(owner.kms, call), **named) for call in calls]


def _ram(owner: Actor, name: str) -> Any:
    shares = _asked(owner.ram.get_resource_shares, resourceOwner="SELF", name=name)
    arns = [each["resourceShareArn"] for each in shares["resourceShares"]]
    associations = [
        _asked(owner.ram.get_resource_share_associations, associationType=kind, resourceShareArns=arns)
        for kind in ("PRINCIPAL", "RESOURCE")
    ]
    return shares, associations, _asked(owner.ram.get_resource_share_invitations)


def _organizations(owner: Actor, _name: str) -> Any:
    api = owner.organizations
    root = _asked(api.list_roots)
    if isinstance(root, str):
        return root
    return (
        _asked(api.describe_organization),
        root,
        api.get_paginator("list_accounts").paginate().build_full_result(),
        _asked(api.list_organizational_units_for_parent, ParentId=root["Roots"][0]["Id"]),
        api.get_paginator("list_policies").paginate(Filter="SERVICE_CONTROL_POLICY").build_full_result(),
        _asked(api.list_aws_service_access_for_organization),
    )
