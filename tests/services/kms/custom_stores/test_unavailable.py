"""The key-state matrix of Unavailable: keys whose custom key store is disconnected.

KMS Developer Guide, "Key states of AWS KMS keys": they can be viewed and managed, but not used; what switches them on or
off succeeds, and shows once they are available again.
"""

from __future__ import annotations

from typing import Any

import pytest
from tests.services.kms.calls import (
    CANCEL,
    EVERYTHING,
    IMPORTS,
    INVALID,
    MOVES,
    ROTATION,
    UNSUPPORTED,
    furnished,
    outcome,
)
from tests.services.kms.custom_stores.stores import connected

CRYPTOGRAPHY = (
    "Encrypt",
    "Decrypt",
    "ReEncryptFrom",
    "ReEncryptTo",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
)
# What keys of custom key stores don't do in any state.
NEVER = ("RotateKeyOnDemand", "ReplicateKey", "GetKeyRotationStatus", *ROTATION, *IMPORTS, *MOVES)
REFUSED = {**dict.fromkeys((*CRYPTOGRAPHY, *CANCEL), INVALID), **dict.fromkeys(NEVER, UNSUPPORTED)}
CALLS = {**EVERYTHING, **MOVES, **IMPORTS}


def seen(kms: Any, key: str) -> tuple[str, bool]:
    facts = kms.describe_key(KeyId=key)["KeyMetadata"]
    return facts["KeyState"], facts["Enabled"]


@pytest.fixture
def facts(server: Any, kms: Any, outside: str) -> dict[str, Any]:
    return {**furnished(server, kms, outside), "import": {"ImportToken": b"x", "EncryptedKeyMaterial": b"x"}}


def test_what_an_unavailable_key_refuses(kms: Any, store: str, facts: dict[str, Any]) -> None:
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    found = {}
    for name, call in CALLS.items():
        assert seen(kms, facts["key"]) == ("Unavailable", False), name
        found[name] = outcome(call, kms, facts)
        if name == "ScheduleKeyDeletion":
            # It stays PendingDeletion though its store is disconnected, so that the deletion can be called off.
            assert seen(kms, facts["key"]) == ("PendingDeletion", False)
            kms.cancel_key_deletion(KeyId=facts["key"])
            kms.enable_key(KeyId=facts["key"])
    assert found == {**dict.fromkeys(CALLS, ""), **REFUSED}


def test_cryptography_of_the_same_key_is_done_while_connected(kms: Any, facts: dict[str, Any]) -> None:
    """The allowed twins; data key pairs are not for keys of custom key stores, in any state that can be used."""
    found = {name: outcome(CALLS[name], kms, facts) for name in CRYPTOGRAPHY}
    assert found == {name: UNSUPPORTED if "Pair" in name else "" for name in CRYPTOGRAPHY}


def test_switching_an_unavailable_key_off_shows_when_it_is_available(
    kms: Any, store: str, facts: dict[str, Any]
) -> None:
    key = facts["key"]
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    kms.disable_key(KeyId=key)
    assert seen(kms, key) == ("Unavailable", False)
    assert outcome(CALLS["Encrypt"], kms, facts) == INVALID
    assert outcome(CALLS["CreateGrant"], kms, facts) == ""
    assert connected(kms, store)["ConnectionState"] == "CONNECTED"
    assert seen(kms, key) == ("Disabled", False)
    assert outcome(CALLS["Encrypt"], kms, facts) == "DisabledException"
    assert outcome(CALLS["CreateGrant"], kms, facts) == "DisabledException"
    kms.enable_key(KeyId=key)
    assert outcome(CALLS["Encrypt"], kms, facts) == ""


def test_dry_run_finds_an_unavailable_key_too(kms: Any, store: str, outside: str) -> None:
    asked = {"key": outside}

    def dry(kms: Any, key: str, _: dict[str, Any]) -> None:
        kms.encrypt(KeyId=key, Plaintext=b"x", DryRun=True)

    assert outcome(dry, kms, asked) == "DryRunOperationException"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    assert outcome(dry, kms, asked) == INVALID
