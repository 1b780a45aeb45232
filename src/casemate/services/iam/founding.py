"""The first account's administrator: made at first start, given new keys on the machine itself."""

from __future__ import annotations

import msgspec

from casemate.foundation.ids import new_access_key_id, new_secret_access_key, new_unique_id
from casemate.foundation.records import Unit
from casemate.foundation.seal import Seal
from casemate.services.iam import quotas
from casemate.services.iam.bindings import place_of
from casemate.services.iam.records import ACCESS_KEYS, USERS, AccessKey, User

NAME = "admin"


class FirstCredentials(msgspec.Struct, frozen=True):
    """The administrator's credentials, as the 0600 file in the data directory holds them."""

    account: str
    user_id: str
    access_key_id: str
    secret_access_key: str


def new_credentials(account: str) -> FirstCredentials:
    return FirstCredentials(account, new_unique_id("AIDA"), new_access_key_id("AKIA", account), new_secret_access_key())


def renewed(old: FirstCredentials) -> FirstCredentials:
    """The same administrator with another key."""
    return msgspec.structs.replace(
        old, access_key_id=new_access_key_id("AKIA", old.account), secret_access_key=new_secret_access_key()
    )


def is_founded(unit: Unit, credentials: FirstCredentials) -> bool:
    """Whether the administrator has this key."""
    return unit.get(ACCESS_KEYS, "", credentials.access_key_id) is not None


def found(unit: Unit, seal: Seal, credentials: FirstCredentials, now: float) -> None:
    """Make the administrator, with exactly this key: any other key of it is taken back."""
    account, name = credentials.account, NAME.lower()
    user = unit.get(USERS, account, name)
    if user is None:
        user = User(
            name=NAME,
            id=credentials.user_id,
            path="/",
            created=now,
            attached=("arn:aws:iam::aws:policy/AdministratorAccess",),
        )
        quotas.one_more(unit, account, "UsersPerAccount", name)
        unit.put(USERS, account, name, user)
    for key_id, _ in unit.find(ACCESS_KEYS, "user", "", f"{account}/{name}"):
        unit.delete(ACCESS_KEYS, "", key_id)
    sealed = seal.wrap(credentials.secret_access_key.encode(), place_of(credentials.access_key_id, account))
    key = AccessKey(id=credentials.access_key_id, account=account, user=name, sealed=sealed, created=now)
    unit.put(ACCESS_KEYS, "", key.id, key)
