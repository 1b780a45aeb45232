"""The managed permission of KMS keys: what a share lets its principals do (RAM User Guide, "Managing permissions")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from casemate.foundation.context import Context
from casemate.foundation.operation import AuditRule, operation
from casemate.services.ram import errors, paging
from casemate.services.ram.lookup import KEY_TYPE
from casemate.services.ram.permissions import on_account

_NAME: Final = "AWSRAMDefaultPermissionKMSKey"
_VERSION: Final = 1
_SINCE: Final = 1767225600.0
"""The first day of 2026."""
KEY_ACTIONS: Final = (
    "kms:Decapsulate",
    "kms:Decrypt",
    "kms:DeriveSharedSecret",
    "kms:DescribeKey",
    "kms:Encapsulate",
    "kms:Encrypt",
    "kms:GenerateDataKey*",
    "kms:GenerateMac",
    "kms:GetPublicKey",
    "kms:ReEncrypt*",
    "kms:Sign",
    "kms:Verify",
    "kms:VerifyMac",
)
"""Use of a key: all of it that is open to other accounts (KMS Developer Guide, "AWS KMS permissions"), but no grants.

The choice is ours: the documents that this was built from do not list the actions of AWS's own permission.
"""
_READ: Final = AuditRule(read_only=True)


def arn(context: Context) -> str:
    return f"arn:{context.partition}:ram::aws:permission/{_NAME}"


def check(context: Context, arns: list[str] | None) -> None:
    """Raises MalformedArnException, UnknownResourceException for a permission that is not of KMS keys."""
    for named in arns or ():
        if not named.startswith(f"arn:{context.partition}:ram:"):
            raise errors.malformed(named)
        if named != arn(context):
            raise errors.unknown(named)


def _summary(context: Context) -> dict[str, Any]:
    return {
        "arn": arn(context),
        "version": str(_VERSION),
        "defaultVersion": True,
        "name": _NAME,
        "resourceType": KEY_TYPE,
        "status": "ATTACHABLE",
        "creationTime": _SINCE,
        "lastUpdatedTime": _SINCE,
        "isResourceTypeDefault": True,
        "permissionType": "AWS_MANAGED",
        "featureSet": "STANDARD",
    }


@operation(authorize=on_account, audit=_READ)
def list_permissions(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    kind = request.get("resourceType")
    wanted = (
        (kind is None or kind.lower() == KEY_TYPE.lower())
        and request.get("permissionType", "ALL") != "CUSTOMER_MANAGED"
        and request.get("permissionStatus", "ATTACHABLE") == "ATTACHABLE"
        and request.get("resourceOwner", "OTHER-ACCOUNTS") != "SELF"
    )
    return paging.answer(context, request, "permissions", [(_NAME, _summary(context))] if wanted else [])


@operation(authorize=on_account, audit=_READ)
def get_permission(context: Context, request: Mapping[str, Any]) -> Mapping[str, Any]:
    check(context, [request["permissionArn"]])
    if request.get("permissionVersion", _VERSION) != _VERSION:
        raise errors.unknown(request["permissionArn"])
    if request.get("permissionTemplateParameters"):
        raise errors.invalid("The permission has no template parameters.")
    document = {"Effect": "Allow", "Action": list(KEY_ACTIONS)}
    return {"permission": {**_summary(context), "permission": msgspec.json.encode(document).decode()}}
