"""Aliases (KMS Developer Guide, "Aliases in AWS KMS").

Each operation needs the right on the alias, which IAM alone gives, and on the keys that it is taken from and put on.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from casemate.engines.keys import SPECS
from casemate.foundation import inventory
from casemate.foundation.context import Context, Resource
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import AuditRule, Check, operation
from casemate.services.kms import errors, lookup, paging, quotas
from casemate.services.kms.conditions import KeyConditions
from casemate.services.kms.permissions import check_key, on_account
from casemate.services.kms.records import ALIAS_TYPE, ALIASES, KEYS, Alias, Key
from casemate.services.kms.states import refuse_in

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

_NAME: Final = re.compile(r"alias/[a-zA-Z0-9/_-]+\Z")
_PENDING: Final = ("PendingDeletion", "PendingReplicaDeletion")
_PREFIX: Final = (
    'Alias must start with the prefix "alias/". Please see '
    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
)
_WRITES: Final = AuditRule(read_only=False)


def _on_alias(context: Context, name: str) -> Check:
    return Check(
        action=f"kms:{context.operation}",
        resource=context.arn(name),
        owner=context.account,
        keys=KeyConditions(context, None, {}),
    )


def _note_alias(context: Context, name: str) -> None:
    context.resources.append(Resource(context.arn(name), "AWS::KMS::Key", context.account))


def _refuse_bad_name(name: str) -> None:
    if not name.startswith("alias/"):
        raise errors.validation(_PREFIX)
    if name.lower().startswith("alias/aws/"):
        raise ServiceError("NotAuthorizedException", status=400)
    if not _NAME.match(name):
        raise errors.validation(f"Alias name {name} contains characters that an alias can't have.")


def _alias(context: Context, name: str) -> Alias:
    alias = context.unit.get(ALIASES, context.account, name)
    if alias is None:
        raise errors.absent_alias(context.arn(name))
    return alias


def _target(context: Context, text: str) -> lookup.Named:
    return lookup.find(context, text, aliases=False, abroad=False)


def _current(context: Context, alias: Alias) -> lookup.Named:
    key = context.unit.get(KEYS, context.account, alias.key_id)
    assert key is not None  # the aliases of a key go with it
    return lookup.Named(key, None)


# -- create


def _may_create(context: Context, request: Mapping[str, Any]) -> list[Check]:
    name = request["AliasName"]
    _refuse_bad_name(name)
    target = _target(context, request["TargetKeyId"])
    context.loaded = target.key
    checks = [_on_alias(context, name), check_key(context, {}, target)]
    _note_alias(context, name)
    return checks


@operation(authorize=_may_create, audit=_WRITES)
def create_alias(context: Context, request: shapes.CreateAliasRequest) -> None:
    name, key = request["AliasName"], context.loaded
    if context.unit.get(ALIASES, context.account, name) is not None:
        raise errors.already_exists(f"An alias with the name {context.arn(name)} already exists")
    refuse_in(key, *_PENDING)
    place = _place(context, key)
    _put(context, Alias(name=name, key_id=key.id, created=context.now, updated=context.now, place=place), key)
    context.audit_response = {"keyId": key.arn}


def _place(context: Context, key: Key) -> int:
    most = quotas.ALIASES_OF_A_KEY
    told = f"The KMS key {key.arn} has {most} aliases, which is the most."
    return quotas.place_at(context, ALIASES, key.account, key.id, most=most, told=told)


def _put(context: Context, alias: Alias, key: Key) -> None:
    context.unit.put(ALIASES, key.account, alias.name, alias)
    inventory.register(
        context.unit,
        arn=context.arn(alias.name, account=key.account),
        type=ALIAS_TYPE,
        account=key.account,
        region=key.region,
        uses=(key.arn,),
    )


def remove(context: Context, account: str, name: str) -> None:
    """Have no such alias."""
    context.unit.delete(ALIASES, account, name)
    inventory.remove(context.unit, arn=context.arn(name, account=account), account=account)


# -- update


def _may_update(context: Context, request: Mapping[str, Any]) -> list[Check]:
    name = request["AliasName"]
    _refuse_bad_name(name)
    target = _target(context, request["TargetKeyId"])
    alias = _alias(context, name)
    current = _current(context, alias)
    context.loaded = alias, current.key, target.key
    checks = [_on_alias(context, name), check_key(context, {}, target)]
    if current.key.id != target.key.id:
        checks.append(check_key(context, {}, current))
    _note_alias(context, name)
    return checks


@operation(authorize=_may_update, audit=_WRITES)
def update_alias(context: Context, request: shapes.UpdateAliasRequest) -> None:
    del request
    alias: Alias
    alias, old, new = context.loaded
    if _type_of(old) != _type_of(new) or old.usage != new.usage:
        raise errors.validation(
            "The current and the new KMS key must be of the same type (symmetric, asymmetric or HMAC) and key usage."
        )
    refuse_in(new, *_PENDING)
    place = alias.place if old.id == new.id else _place(context, new)
    _put(context, replace(alias, key_id=new.id, updated=context.now, place=place), new)
    context.audit_response = {"keyId": new.arn}


def _type_of(key: Key) -> str:
    family = SPECS[key.spec].family
    return family if family in {"symmetric", "hmac"} else "asymmetric"


# -- delete


def _may_delete(context: Context, request: Mapping[str, Any]) -> list[Check]:
    name = request["AliasName"]
    _refuse_bad_name(name)
    alias = _alias(context, name)
    current = _current(context, alias)
    context.loaded = alias, current.key
    checks = [_on_alias(context, name), check_key(context, {}, current)]
    _note_alias(context, name)
    return checks


@operation(authorize=_may_delete, audit=_WRITES)
def delete_alias(context: Context, request: shapes.DeleteAliasRequest) -> None:
    del request
    alias: Alias
    alias, key = context.loaded
    remove(context, key.account, alias.name)
    context.audit_response = {"keyId": key.arn}


# -- list


@operation(authorize=on_account, audit=AuditRule(read_only=True))
def list_aliases(context: Context, request: shapes.ListAliasesRequest) -> shapes.ListAliasesResponse:
    named, account = request.get("KeyId"), context.account
    page = paging.of(context, request, default=50, most=100, filters=(named or "",))
    if named is None:
        found = context.unit.page(ALIASES, account, after=page.after, limit=page.limit + 1)
    else:
        key = _target(context, named).key
        found = context.unit.find(ALIASES, "key", account, key.id, after=page.after, limit=page.limit + 1)
    entries = [
        {
            "AliasName": alias.name,
            "AliasArn": context.arn(alias.name),
            "TargetKeyId": alias.key_id,
            "CreationDate": alias.created,
            "LastUpdatedDate": alias.updated,
        }
        for _, alias in found[: page.limit]
    ]
    return {"Aliases": entries, **page.rest(found)}  # type: ignore[typeddict-item] # the paging members
