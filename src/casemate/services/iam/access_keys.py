"""Access keys: long-lived credentials of users (IAM User Guide, "Manage access keys for IAM users")."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.errors import AccessDenied
from casemate.foundation.ids import new_access_key_id, new_secret_access_key
from casemate.foundation.operation import Check, operation
from casemate.services.iam import errors, guards, moments, paging, usage
from casemate.services.iam.audit import READS, WRITES
from casemate.services.iam.bindings import place_of
from casemate.services.iam.kinds import USER
from casemate.services.iam.permissions import RequestKeys, check, entity_check, on_user_or_self
from casemate.services.iam.records import ACCESS_KEYS, AccessKey, User

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes

MOST: Final = 2
# All requests that give a user keys hold the same guard, so that its quota is exact.
_KEYS: Final = "keys"
_STATES: Final = {True: "Active", False: "Inactive"}


def keys_of(context: Context, user: str | None) -> tuple[AccessKey, ...]:
    """The access keys of a user (None: of the account's root), in order of id."""
    owner = f"{context.account}/{(user or '').lower()}"
    return tuple(key for _, key in context.unit.find(ACCESS_KEYS, "user", "", owner))


def rename_keys(context: Context, user: User, renamed: User) -> None:
    """Have a user's keys say its new name."""
    if user.name.lower() == renamed.name.lower():
        return
    guards.hold(context.unit, context.account, user.id, _KEYS)
    for key in keys_of(context, user.name):
        context.unit.put(ACCESS_KEYS, "", key.id, replace(key, user=renamed.name.lower()))


def _owner(context: Context, request: Mapping[str, Any]) -> User | None:
    """The user whose keys a request is about; None is the root. Raises NoSuchEntity."""
    return None if context.loaded is None and "UserName" not in request else USER.loaded(context, request)


def _key(context: Context, request: Mapping[str, Any]) -> AccessKey:
    """The key that a request names, of the user that it names. Raises NoSuchEntity."""
    user = _owner(context, request)
    key = context.unit.get(ACCESS_KEYS, "", request["AccessKeyId"])
    owner = user.name.lower() if user else None
    if key is None or key.account != context.account or key.user != owner:
        raise errors.absent_key(request["AccessKeyId"])
    return key


@operation(authorize=on_user_or_self, audit=WRITES)
def create_access_key(context: Context, request: shapes.CreateAccessKeyRequest) -> shapes.CreateAccessKeyResponse:
    user = _owner(context, request)
    if user is None:
        raise AccessDenied("Access keys of an account's root are not made here; make a user, or a role to assume.")
    if len(keys_of(context, user.name)) >= MOST:
        raise errors.over_quota("AccessKeysPerUser", MOST)
    account = context.account
    guards.hold(context.unit, account, user.id, _KEYS)
    key_id, secret = new_access_key_id("AKIA", account), new_secret_access_key()
    key = AccessKey(
        id=key_id,
        account=account,
        user=user.name.lower(),
        sealed=context.host.seal.wrap(secret.encode(), place_of(key_id, account)),
        created=moments.now(context),
    )
    context.unit.put(ACCESS_KEYS, "", key_id, key)
    return {
        "AccessKey": {
            "UserName": user.name,
            "AccessKeyId": key_id,
            "Status": "Active",
            "SecretAccessKey": secret,
            "CreateDate": key.created,
        }
    }


@operation(authorize=on_user_or_self, audit=READS)
def list_access_keys(context: Context, request: shapes.ListAccessKeysRequest) -> shapes.ListAccessKeysResponse:
    user = _owner(context, request)
    name = user.name if user else None
    page = paging.page_of(context, request, name or "")
    found = page.of((key.id, key) for key in keys_of(context, name))
    listed: list[shapes.AccessKeyMetadata] = [
        {
            "UserName": name or "root",
            "AccessKeyId": key.id,
            "Status": _STATES[key.active],
            "CreateDate": key.created,
        }
        for _, key in found[: page.limit]
    ]
    return {"AccessKeyMetadata": listed, **page.rest(found)}  # type: ignore[typeddict-item]  # the paging members


@operation(authorize=on_user_or_self, audit=WRITES)
def update_access_key(context: Context, request: shapes.UpdateAccessKeyRequest) -> None:
    key = _key(context, request)
    if request["Status"] not in _STATES.values():
        raise errors.invalid_input(f"Status {request['Status']} can't be set.")
    active = request["Status"] == "Active"
    if key.active != active:
        context.unit.put(ACCESS_KEYS, "", key.id, replace(key, active=active))


@operation(authorize=on_user_or_self, audit=WRITES)
def delete_access_key(context: Context, request: shapes.DeleteAccessKeyRequest) -> None:
    key = _key(context, request)
    context.unit.delete(ACCESS_KEYS, "", key.id)
    usage.forget(context.unit, key.account, key.id)


def _on_key(context: Context, request: Mapping[str, Any]) -> Check:
    """About the user whose key it is. A key of another account, or of nobody, is refused like a lack of rights."""
    key = context.unit.get(ACCESS_KEYS, "", request["AccessKeyId"])
    if key is None or key.account != context.account:
        raise AccessDenied(
            f"User: {context.caller.arn} is not authorized to perform: iam:GetAccessKeyLastUsed on resource: access "
            f"key {request['AccessKeyId']}"
        )
    if key.user is None:
        question = check(context, "*", keys=RequestKeys(request))
    else:
        question = entity_check(context, USER, request, key.user)
    context.loaded = key
    return question


@operation(authorize=_on_key, audit=READS)
def get_access_key_last_used(
    context: Context, request: shapes.GetAccessKeyLastUsedRequest
) -> shapes.GetAccessKeyLastUsedResponse:
    del request
    key: AccessKey = context.loaded
    name = "root" if key.user is None else USER.named(context, key.user).name
    return {"UserName": name, "AccessKeyLastUsed": usage.of_key(context.unit, key)}
