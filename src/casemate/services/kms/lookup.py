"""From what a caller names to the key (KMS Developer Guide, "Key identifiers")."""

from __future__ import annotations

import re
from typing import NamedTuple

from casemate.foundation.context import Context, Resource
from casemate.foundation.errors import AccessDenied
from casemate.foundation.ids import parse_arn
from casemate.services.kms import errors, managed
from casemate.services.kms.records import ALIASES, KEYS, Key

_KEY_ID = re.compile(r"(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32})\Z")


class Named(NamedTuple):
    """A key, and the alias (`alias/…`) through which it was named."""

    key: Key
    alias: str | None


def find(context: Context, text: str, *, aliases: bool = True, abroad: bool = True) -> Named:
    """The key that `text` names; with `abroad` another account's may be.

    Raises NotFoundException for what is absent here or malformed, InvalidArnException for an alias where none is
    taken, and AccessDenied for what is absent in another account, so that nobody can probe.
    """
    account, name = _own_part(context, text)
    if account != context.account and not abroad:
        raise absent(context, account, name, errors.absent_key(text))
    if name.startswith("alias/"):
        if not aliases:
            raise errors.no_alias_here()
        alias = context.unit.get(ALIASES, account, name)
        if alias is None and account == context.account and managed.is_managed(name):
            return Named(managed.make(context, name), name)
        if alias is None:
            raise absent(context, account, name, errors.absent_alias(context.arn(name, account=account)))
        return Named(_key(context, account, alias.key_id), name)
    if not _KEY_ID.match(name):
        raise errors.invalid_key_id(text)
    return Named(_key(context, account, name), None)


def _own_part(context: Context, text: str) -> tuple[str, str]:
    if not text.startswith("arn:"):
        return context.account, text
    arn = parse_arn(text)
    if arn is None or arn.service != "kms" or not arn.account:
        raise errors.invalid_key_id(text)
    if arn.region != context.region or arn.partition != context.partition:
        raise errors.foreign_region(arn.region)
    resource = arn.resource
    if resource.startswith("alias/"):
        return arn.account, resource
    if not resource.startswith("key/") or resource.startswith("key/alias/"):
        raise errors.invalid_key_id(text)
    return arn.account, resource[len("key/") :]


def _key(context: Context, account: str, key_id: str) -> Key:
    key = context.unit.get(KEYS, account, key_id)
    if key is None:
        arn = context.arn(f"key/{key_id}", account=account)
        raise absent(context, account, key_id, errors.absent_key(arn))
    return key


def absent(context: Context, account: str, name: str, at_home: Exception) -> Exception:
    """`at_home` in the caller's own account; for another's the refusal that does not say whether something is there."""
    resource = name if name.startswith("alias/") else f"key/{name}"
    arn = context.arn(resource, account=account)
    context.resources.append(Resource(arn, "AWS::KMS::Key", account))
    if account == context.account:
        return at_home
    return AccessDenied(refusal_abroad(context, arn))


def refusal_abroad(context: Context, arn: str) -> str:
    """The text that says nothing about what another account has; `arn` is of what the caller named."""
    return (
        f"User: {context.caller.arn} is not authorized to perform: kms:{context.operation} on resource: {arn} because "
        "the resource does not exist in this Region, no resource-based policies allow access, or a resource-based "
        "policy explicitly denies access"
    )
