"""Which operations a key's state allows (KMS Developer Guide, "Key states of AWS KMS keys")."""

from __future__ import annotations

from typing import Literal

from casemate.foundation.context import Context
from casemate.services.kms import errors
from casemate.services.kms.custom_stores.use import is_connected
from casemate.services.kms.records import Key, KeyState

_DISCONNECTED = "is unavailable: its custom key store is not connected"
_SAYS = {
    "PendingDeletion": "is pending deletion",
    "PendingReplicaDeletion": "is pending deletion",
    "PendingImport": "is pending import",
    "Creating": "is creating",
    "Updating": "is updating",
}


def state_of(context: Context, key: Key) -> KeyState | Literal["Unavailable"]:
    """The state that a key is seen in: while its custom key store is disconnected, what is kept here waits."""
    if key.custom_key_store is not None and key.state in {"Enabled", "Disabled"} and not is_connected(context, key):
        return "Unavailable"
    return key.state


def require_usable(context: Context, key: Key, usage: str, operation: str) -> None:
    """The key can be used now, and for this. Raises DisabledException, KMSInvalidStateException, InvalidKeyUsage…"""
    require_available(context, key)
    if key.usage != usage:
        raise errors.wrong_usage(key.arn, key.usage, operation)


def refuse(key: Key) -> None:
    """Refuse a key because of the state that it is in."""
    if key.state == "Disabled":
        raise errors.disabled(key.arn)
    raise errors.wrong_state(key.arn, _SAYS[key.state])


def refuse_in(key: Key, *states: str) -> None:
    """Refuse the key if it is in one of these states."""
    if key.state in states:
        refuse(key)


def require_available(context: Context, key: Key) -> None:
    """The key can do cryptography now. Raises DisabledException, KMSInvalidStateException."""
    if key.custom_key_store is not None and state_of(context, key) == "Unavailable":
        raise errors.wrong_state(key.arn, _DISCONNECTED)
    require_enabled(key)


def require_enabled(key: Key) -> None:
    """The key is not disabled, nor on its way in or out. Raises DisabledException, KMSInvalidStateException."""
    if key.state not in {"Enabled", "Updating"}:
        refuse(key)
