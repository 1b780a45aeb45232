"""How the keys of a multi-Region key learn of each other (KMS Developer Guide, "Multi-Region keys in AWS KMS").

The primary says all that they share: material, rotation, and who they are. It numbers what it says (`edition`) and
sends it by outbox, with the material sealed for the place where it goes; what arrives out of turn has no effect.
Nothing here is needed for using a key: each region has all of its own.
"""

from __future__ import annotations

import math
from typing import Final

import msgspec
from msgspec.structs import replace

from casemate.foundation.context import Context, Resource
from casemate.foundation.records import Message, Timer
from casemate.foundation.seal import Seal
from casemate.services.kms import key_uses, turnover
from casemate.services.kms.material import open_backing, seal_for
from casemate.services.kms.records import (
    DAY,
    KEYS,
    RESOURCE_TYPE,
    ROTATE,
    BackingKey,
    Key,
    KeyState,
    MultiRegion,
    Rotation,
    delete_key,
    deletion_began,
    store_key,
    timer_key,
)

SYNCHRONIZE: Final = "kms.synchronize"
PROMOTE: Final = "kms.promote"
REPLICA_GONE: Final = "kms.replica_gone"
INQUIRE: Final = "kms.inquire"
DISOWN: Final = "kms.disown"
HELD: Final = "kms.held"
SETTLE: Final = "kms.settle"
DELETE: Final = "kms.delete"
_PATIENCE: Final = 60.0
"""Seconds until a key that waits for its primary asks whether it still should; twice as long each time."""
_MOST_PATIENCE: Final = DAY
"""A primary's region may stand still for long: no more than one question a day gathers then."""


class NewReplica(msgspec.Struct, frozen=True):
    """What a replica was asked to be, by the request that the primary took."""

    region: str
    request: str
    policy: str
    principals: tuple[tuple[str, str], ...]
    description: str
    tags: tuple[tuple[str, str], ...]


class Shared(msgspec.Struct, frozen=True):
    """What the primary says to one relative. The material is sealed for the relative's place."""

    account: str
    key_id: str
    edition: int
    primary_region: str
    replica_regions: tuple[str, ...]
    promoting: str
    rotation: Rotation | None
    on_demand_rotations: int
    backing: tuple[BackingKey, ...]
    new: NewReplica | None = None


class Word(msgspec.Struct, frozen=True):
    """What a relative says of itself, or is told about the request that made it."""

    account: str
    key_id: str
    region: str
    request: str = ""
    """Of the request, or of the material that this is about."""


_encode = msgspec.msgpack.Encoder().encode
_shared = msgspec.msgpack.Decoder(Shared).decode
read_word = msgspec.msgpack.Decoder(Word).decode


def is_primary(key: Key) -> bool:
    """Whether changes to what relatives share are made here: single-Region keys and primaries."""
    return key.multi_region is None or key.multi_region.primary_region == key.region


def tell(context: Context, key: Key, new: NewReplica | None = None) -> Key:
    """Tell all replicas what they share with this primary; the key to keep."""
    place = key.multi_region
    if place is None:
        return key
    key = replace(key, multi_region=replace(place, edition=place.edition + 1))
    for region in place.replica_regions:
        _send(context, SYNCHRONIZE, region, key, new if new is not None and new.region == region else None)
    return key


def promote(context: Context, key: Key, region: str) -> Key:
    """Hand the primary's part over to the replica in a region; the key to keep, until the new primary speaks."""
    place = key.multi_region
    assert place is not None
    key = replace(key, state="Updating", multi_region=replace(place, promoting=region, edition=place.edition + 1))
    _send(context, PROMOTE, region, key)
    return key


def say_farewell(context: Context, key: Key) -> None:
    """Tell the primary that this replica is gone."""
    place = key.multi_region
    if place is not None and place.primary_region != key.region:
        word = Word(key.account, key.id, key.region)
        context.unit.send(Message(place.primary_region, timer_key(key), REPLICA_GONE, _encode(word)))


def await_primary(context: Context, key: Key, asked: int = 0) -> None:
    """Ask the primary, later, if it has not spoken by then: the request that it waits for may have failed."""
    patience = min(_PATIENCE * 2.0**asked, _MOST_PATIENCE)
    context.unit.schedule(Timer(context.now + patience, SETTLE, timer_key(key), b"%d" % (asked + 1)))


def _send(context: Context, kind: str, region: str, key: Key, new: NewReplica | None = None) -> None:
    place, seal = key.multi_region, context.host.seal
    assert place is not None
    shared = Shared(
        account=key.account,
        key_id=key.id,
        edition=place.edition,
        primary_region=place.primary_region,
        replica_regions=place.replica_regions,
        promoting=place.promoting,
        rotation=key.rotation,
        on_demand_rotations=key.on_demand_rotations,
        backing=tuple(_told(seal, key, region, each) for each in key.backing),
        new=new,
    )
    context.unit.send(Message(region, timer_key(key), kind, _encode(shared)))


def _told(seal: Seal, key: Key, region: str, each: BackingKey) -> BackingKey:
    """What a relative gets of a material: imported material itself stays where it was imported."""
    if key.origin == "EXTERNAL":
        return replace(each, sealed=b"", expires=None, description=None)
    return seal_for(seal, key, region, each, open_backing(seal, key, each))


def say_held(context: Context, key: Key, material_id: str) -> None:
    """Tell the primary that this relative has a material that waits to become current."""
    assert key.multi_region is not None
    word = Word(key.account, key.id, key.region, material_id)
    context.unit.send(Message(key.multi_region.primary_region, timer_key(key), HELD, _encode(word)))


def _say_what_is_held(context: Context, key: Key) -> None:
    waiting = key.waiting
    if waiting is not None and waiting.sealed and key.region not in waiting.held_by:
        say_held(context, key, waiting.material_id)


# -- what arrives


def on_synchronize(context: Context, message: Message) -> None:
    """At a relative: take up what the primary says."""
    shared = _shared(message.body)
    key = context.unit.get(KEYS, shared.account, shared.key_id)
    if key is None or key.multi_region is None or shared.edition <= key.multi_region.edition:
        return
    changed = _taken_up(key, shared)
    context.unit.cancel(SETTLE, timer_key(key))
    context.unit.cancel(ROTATE, timer_key(key))
    store_key(context, changed)
    _say_what_is_held(context, changed)
    if _current(changed) not in {None, _current(key)}:
        context.resources.append(Resource(key.arn, RESOURCE_TYPE, key.account))
        context.service_event("SynchronizeMultiRegionKey", key.account, response={"keyId": key.arn})


def _current(key: Key) -> str | None:
    return key.current.material_id if key.current is not None else None


def _merged(key: Key, shared: Shared) -> tuple[BackingKey, ...]:
    """The materials that a relative has now: the primary's list, with what was imported here."""
    if key.origin != "EXTERNAL":
        return shared.backing
    own = {each.material_id: each for each in key.backing}
    return tuple(
        replace(each, sealed=here.sealed, expires=here.expires, description=here.description)
        if (here := own.get(each.material_id)) is not None
        else each
        for each in shared.backing
    )


def _state(key: Key, state: KeyState) -> KeyState:
    """The state, or PendingImport where imported material is missing."""
    if key.origin == "EXTERNAL" and not key.complete and state in {"Enabled", "Disabled"}:
        return "PendingImport"
    return state


def _taken_up(key: Key, shared: Shared) -> Key:
    place = key.multi_region
    assert place is not None
    if shared.new is not None and shared.new.request != place.request and key.state == "Creating":
        # Another request made the record that stands here, and the primary took this one.
        new = shared.new
        key = replace(key, policy=new.policy, principals=new.principals, description=new.description, tags=new.tags)
    waits = key.state == "Creating" or (key.state == "Updating" and shared.promoting != key.region)
    key = replace(key, backing=_merged(key, shared))
    return replace(
        key,
        state=_state(key, "Enabled" if waits else key.state),
        rotation=shared.rotation,
        on_demand_rotations=shared.on_demand_rotations,
        multi_region=MultiRegion(
            primary_region=shared.primary_region,
            replica_regions=shared.replica_regions,
            edition=shared.edition,
            request=place.request,
        ),
    )


def on_promote(context: Context, message: Message) -> None:
    """At the replica that becomes the primary: take over, and say so to everybody."""
    shared = _shared(message.body)
    key = context.unit.get(KEYS, shared.account, shared.key_id)
    if key is None or key.multi_region is None:
        return
    others = tuple(region for region in shared.replica_regions if region != key.region)
    place = MultiRegion(
        primary_region=key.region, replica_regions=(*others, shared.primary_region), edition=shared.edition
    )
    key = replace(key, backing=_merged(key, shared))
    key = replace(
        key,
        state=_state(key, "Enabled" if key.state == "Updating" else key.state),
        rotation=shared.rotation,
        on_demand_rotations=shared.on_demand_rotations,
        multi_region=place,
    )
    if key.state == "PendingDeletion":
        # Its deletion was asked for while the promotion was on its way: it waits for its replicas as any primary.
        key = replace(key, state="PendingReplicaDeletion", deletion=None, pending_window_days=_days_left(context, key))
        context.unit.cancel(DELETE, timer_key(key))
    context.unit.cancel(SETTLE, timer_key(key))
    if key.rotation is not None:
        context.unit.schedule(Timer(max(key.rotation.next_due, context.now), ROTATE, timer_key(key)))
    store_key(context, tell(context, key))


def _days_left(context: Context, key: Key) -> int:
    """Whole days of a waiting period that has begun, rounded up: never shorter than what was asked for."""
    return math.ceil(((key.deletion or context.now) - context.now) / DAY)


def on_replica_gone(context: Context, message: Message) -> None:
    """At the primary: one relative less; what waited for the last one to go begins."""
    word = read_word(message.body)
    key = context.unit.get(KEYS, word.account, word.key_id)
    if key is None or key.multi_region is None:
        return
    place = key.multi_region
    elsewhere = place.promoting or place.primary_region
    if elsewhere != key.region:
        context.unit.send(Message(elsewhere, timer_key(key), REPLICA_GONE, message.body))
        return
    left = tuple(region for region in place.replica_regions if region != word.region)
    if left == place.replica_regions:
        return
    key = turnover.finish(context, replace(key, multi_region=replace(place, replica_regions=left)))
    if key.state == "PendingReplicaDeletion" and not left:
        key = deletion_began(key, context.now, key.pending_window_days or 0)
        assert key.deletion is not None
        context.unit.schedule(Timer(key.deletion, DELETE, timer_key(key)))
    store_key(context, tell(context, key))


def on_held(context: Context, message: Message) -> None:
    """At the primary: a relative has the material that waits; the last one's word makes it current."""
    word = read_word(message.body)
    key = context.unit.get(KEYS, word.account, word.key_id)
    if key is None or key.multi_region is None:
        return
    elsewhere = key.multi_region.promoting or key.multi_region.primary_region
    if elsewhere != key.region:
        context.unit.send(Message(elsewhere, timer_key(key), HELD, message.body))
        return
    waiting = key.waiting
    if waiting is None or waiting.material_id != word.request or word.region in waiting.held_by:
        return
    context.resources.append(Resource(key.arn, RESOURCE_TYPE, key.account))
    key = key.with_backing(replace(waiting, held_by=(*waiting.held_by, word.region)))
    store_key(context, tell(context, turnover.finish(context, key)))


# -- what waits for a request that may have failed


def on_settle(context: Context, timer: Timer) -> None:
    """At a replica that has waited long: ask."""
    account, _, key_id = timer.key.partition("/")
    key = context.unit.get(KEYS, account, key_id)
    if key is None or key.multi_region is None or key.state not in {"Creating", "Updating"} or is_primary(key):
        return
    word = Word(account, key_id, key.region, key.multi_region.request)
    context.unit.send(Message(key.multi_region.primary_region, timer.key, INQUIRE, _encode(word)))
    await_primary(context, key, int(timer.payload or b"0"))


def on_inquire(context: Context, message: Message) -> None:
    """At the primary: say it again to a replica of ours; disown what no request of ours came to."""
    word = read_word(message.body)
    key = context.unit.get(KEYS, word.account, word.key_id)
    place = key.multi_region if key is not None else None
    if key is not None and place is not None and place.primary_region != key.region:
        context.unit.send(Message(place.primary_region, message.key, INQUIRE, message.body))
    elif key is not None and place is not None and word.region in place.replica_regions:
        if place.promoting != word.region:
            store_key(context, tell(context, key))
    else:
        if key is not None:
            # A write, so that a ReplicateKey that is under way runs again and is heard after this.
            store_key(context, tell(context, key))
        context.unit.send(Message(word.region, message.key, DISOWN, message.body))


def forget_key(context: Context, key: Key) -> None:
    """Have no such key, nor anything that was to happen to it."""
    for kind in (ROTATE, SETTLE, DELETE):
        context.unit.cancel(kind, timer_key(key))
    key_uses.forget(context.unit, key.account, key.id)
    delete_key(context, key)
