"""From shares to the AWS_RAM key policies of what is in them: KMS is told each time that either changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import msgspec

from casemate.foundation.context import Context
from casemate.foundation.ids import parse_arn
from casemate.services.ram import trust
from casemate.services.ram.lookup import associated
from casemate.services.ram.managed import KEY_ACTIONS
from casemate.services.ram.records import ORGANIZATION, SHARES, Association

_SID: Final = "RAMStatement"


def apply(context: Context, arns: Iterable[str]) -> None:
    """Have each of these keys' AWS_RAM policy say what all shares with it say now."""
    for arn in arns:
        parsed = parse_arn(arn)
        assert parsed is not None
        principals = _principals(context, arn)
        statements = [
            {"Sid": f"{_SID}{number}", **_statement(context.partition, each, arn)}
            for number, each in enumerate(principals, 1)
        ]
        policy = msgspec.json.encode({"Version": "2012-10-17", "Statement": statements}).decode() if statements else ""
        told = {
            "Account": parsed.account,
            "KeyId": parsed.resource.removeprefix("key/"),
            "Policy": policy,
            "Principals": [each.entity for each in principals if each.entity.startswith("arn:")],
            "Consumers": sorted({each.account or ORGANIZATION for each in principals}),
        }
        context.call("kms", "ApplySharing", told)


def _principals(context: Context, arn: str) -> list[Association]:
    found: dict[str, Association] = {}
    for _, share in context.unit.find(SHARES, "resource", "", arn):
        if share.status == "ACTIVE":
            found.update({each.entity: each for each in associated(share.principals)})
    return [found[entity] for entity in sorted(found)]


def _statement(partition: str, principal: Association, arn: str) -> dict[str, Any]:
    if not principal.account:
        return trust.statement(principal.entity, list(KEY_ACTIONS), arn)
    named = (
        principal.entity if principal.entity.startswith("arn:") else f"arn:{partition}:iam::{principal.account}:root"
    )
    return {"Effect": "Allow", "Principal": {"AWS": named}, "Action": list(KEY_ACTIONS), "Resource": arn}
