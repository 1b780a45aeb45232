"""Deletion (KMS Developer Guide, "Delete an AWS KMS key"): a waiting period that can be called off, then the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec.structs import replace

from casemate.foundation.context import Context, Resource
from casemate.foundation.operation import AuditRule, operation
from casemate.foundation.records import Message, Timer
from casemate.services.kms import aliases, errors
from casemate.services.kms.custom_stores import keys as custom_keys
from casemate.services.kms.metadata import audited
from casemate.services.kms.permissions import on_key
from casemate.services.kms.records import ALIASES, GRANTS, KEYS, Key, deletion_began, of_key, store_key, timer_key
from casemate.services.kms.relatives import DELETE, forget_key, is_primary, read_word, say_farewell
from casemate.services.kms.states import refuse_in

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

FORGET_GRANTS: Final = "kms.forget_grants"
_LEAST_DAYS: Final = 7
_MOST_DAYS: Final = 30
_PENDING: Final = ("PendingDeletion", "PendingReplicaDeletion")
_GRANTS_AT_ONCE: Final = 500


@operation(
    authorize=on_key(
        aliases=False, abroad=False, defaults={"kms:schedulekeydeletionpendingwindowindays": (str(_MOST_DAYS),)}
    ),
    audit=AuditRule(read_only=False, response=audited),
)
def schedule_key_deletion(
    context: Context, request: shapes.ScheduleKeyDeletionRequest
) -> shapes.ScheduleKeyDeletionResponse:
    key: Key = context.loaded
    days = request.get("PendingWindowInDays", _MOST_DAYS)
    if not _LEAST_DAYS <= days <= _MOST_DAYS:
        bound = (
            f"greater than or equal to {_LEAST_DAYS}" if days < _LEAST_DAYS else f"less than or equal to {_MOST_DAYS}"
        )
        raise errors.validation(
            f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to satisfy constraint: "
            f"Member must have value {bound}"
        )
    refuse_in(key, *_PENDING, "Updating")
    answer: shapes.ScheduleKeyDeletionResponse = {"KeyId": key.arn, "PendingWindowInDays": days}
    if key.multi_region is not None and is_primary(key) and key.multi_region.replica_regions:
        store_key(context, replace(key, state="PendingReplicaDeletion", pending_window_days=days))
        return {**answer, "KeyState": "PendingReplicaDeletion"}
    key = deletion_began(key, context.now, days)
    assert key.deletion is not None
    store_key(context, key)
    context.unit.schedule(Timer(key.deletion, DELETE, timer_key(key)))
    return {**answer, "KeyState": "PendingDeletion", "DeletionDate": key.deletion}


@operation(
    authorize=on_key(aliases=False, abroad=False),
    audit=AuditRule(read_only=False, response=audited),
)
def cancel_key_deletion(context: Context, request: shapes.CancelKeyDeletionRequest) -> shapes.CancelKeyDeletionResponse:
    """Call the deletion off; the key stays disabled until it is enabled."""
    del request
    key: Key = context.loaded
    if key.state not in _PENDING:
        raise errors.wrong_state(key.arn, "is not pending deletion")
    # A replica that its primary has not spoken to yet goes on waiting for it, and so does a key for its import.
    state: Literal["Disabled", "Creating", "PendingImport"] = "Disabled"
    if key.multi_region is not None and not is_primary(key) and not key.multi_region.edition:
        state = "Creating"
    elif not key.complete:
        state = "PendingImport"
    store_key(context, replace(key, state=state, deletion=None, pending_window_days=None))
    context.unit.cancel(DELETE, timer_key(key))
    return {"KeyId": key.arn}


def on_delete(context: Context, timer: Timer) -> None:
    """The waiting period is over: the key, its aliases and its grants go, and its material with it."""
    account, _, key_id = timer.key.partition("/")
    key = context.unit.get(KEYS, account, key_id)
    if key is None or key.state != "PendingDeletion":
        return
    context.resources.append(Resource(key.arn, "AWS::KMS::Key", account))
    custom_keys.forget(context, key)
    _erase(context, key)
    say_farewell(context, key)
    context.service_event("DeleteKey", account, {"keyId": key_id}, response={"keyId": key.arn})


def on_disown(context: Context, message: Message) -> None:
    """At a replica that was made for a request which came to nothing: it goes, never having had material."""
    word = read_word(message.body)
    key = context.unit.get(KEYS, word.account, word.key_id)
    if (
        key is not None
        and key.multi_region is not None
        and not key.multi_region.edition
        and key.multi_region.request == word.request
    ):
        _erase(context, key)


def _erase(context: Context, key: Key) -> None:
    for name, _ in context.unit.find(ALIASES, "key", key.account, key.id):
        aliases.remove(context, key.account, name)
    forget_key(context, key)
    _forget_grants(context, timer_key(key))


def on_forget_grants(context: Context, timer: Timer) -> None:
    """Go on with the grants of a key that is gone."""
    _forget_grants(context, timer.key)


def _forget_grants(context: Context, named: str) -> None:
    account, _, key_id = named.partition("/")
    found = context.unit.find(GRANTS, "key", "", of_key(account, key_id), limit=_GRANTS_AT_ONCE)
    for grant_id, _ in found:
        context.unit.delete(GRANTS, "", grant_id)
    if len(found) == _GRANTS_AT_ONCE:
        context.unit.schedule(Timer(context.now, FORGET_GRANTS, named))
