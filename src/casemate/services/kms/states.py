"""Which operations a key's state allows (KMS Developer Guide, "Key states of AWS KMS keys")."""

from __future__ import annotations

from casemate.services.kms import errors
from casemate.services.kms.records import Key

_SAYS = {
    "PendingDeletion": "is pending deletion",
    "PendingReplicaDeletion": "is pending deletion",
    "PendingImport": "is pending import",
    "Creating": "is creating",
    "Updating": "is updating",
    "Unavailable": "is unavailable",
}


def require_usable(key: Key, usage: str, operation: str) -> None:
    """The key can be used now, and for this. Raises DisabledException, KMSInvalidStateException, InvalidKeyUsage…"""
    require_enabled(key)
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


def require_enabled(key: Key) -> None:
    """The key can be used now. Raises DisabledException, KMSInvalidStateException."""
    if key.state not in {"Enabled", "Updating"}:
        refuse(key)
