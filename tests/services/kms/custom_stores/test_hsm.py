"""Keys in a PKCS#11 token, which takes the place of a CloudHSM cluster."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CLUSTER = "cluster-2a3b4cdefgh"
ANCHOR = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
WITHIN = 15.0


@pytest.fixture
def asked(server: Any, hsm: Any) -> Iterator[dict[str, Any]]:
    """What CreateCustomKeyStore is asked, with the token configured."""
    file: Path = server.data / "key_stores.toml"
    file.write_text(f'[hsm.{CLUSTER}]\nmodule = "{hsm.module}"\ntoken = "{hsm.label}"\n', "utf-8")
    yield {
        "CustomKeyStoreName": "token",
        "CloudHsmClusterId": CLUSTER,
        "TrustAnchorCertificate": ANCHOR,
        "KeyStorePassword": hsm.pin,
    }
    file.unlink(missing_ok=True)


def connected(kms: Any, store: str) -> dict[str, Any]:
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    deadline = time.monotonic() + WITHIN
    while True:
        (entry,) = kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"]
        if entry["ConnectionState"] != "CONNECTING" or time.monotonic() > deadline:
            return dict(entry)
        time.sleep(0.05)


@pytest.fixture
def store(kms: Any, asked: dict[str, Any]) -> str:
    made = str(kms.create_custom_key_store(**asked)["CustomKeyStoreId"])
    assert connected(kms, made)["ConnectionState"] == "CONNECTED"
    return made


def test_key_of_a_token_encrypts_and_never_leaves_it(kms: Any, store: str, refused: Callable[..., Any]) -> None:
    facts = kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store)["KeyMetadata"]
    assert (facts["Origin"], facts["CloudHsmClusterId"], facts["CustomKeyStoreId"]) == ("AWS_CLOUDHSM", CLUSTER, store)
    asked = {"KeyId": facts["KeyId"], "EncryptionContext": {"a": "b"}}
    plaintext = os.urandom(4096)
    blob = kms.encrypt(**asked, Plaintext=plaintext)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})["Plaintext"] == plaintext
    changed = blob[:-1] + bytes([blob[-1] ^ 1])
    refusal = refused(kms.decrypt, **asked, CiphertextBlob=changed)
    assert refusal.code == "InvalidCiphertextException"
    data = kms.generate_data_key_without_plaintext(**asked, KeySpec="AES_128")
    assert len(kms.decrypt(CiphertextBlob=data["CiphertextBlob"], EncryptionContext={"a": "b"})["Plaintext"]) == 16


def test_deleted_key_goes_from_its_token(kms: Any, server: Any, store: str, hsm: Any) -> None:
    key = kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store)["KeyMetadata"]["KeyId"]
    from casemate.foundation.pkcs11 import Token, TokenName

    def there() -> bool:
        token = Token(TokenName(Path(hsm.module), hsm.label), hsm.pin, turn=server.data / "key_stores.toml")
        try:
            return token.has_key(key)
        finally:
            token.close()

    assert there()
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    server.advance("8d")
    assert not there()


def test_random_bytes_come_from_the_token(kms: Any, store: str) -> None:
    first = kms.generate_random(NumberOfBytes=32, CustomKeyStoreId=store)["Plaintext"]
    assert len(first) == 32
    assert kms.generate_random(NumberOfBytes=32, CustomKeyStoreId=store)["Plaintext"] != first


def test_wrong_pin_is_told_by_the_connection(kms: Any, asked: dict[str, Any], refused: Callable[..., Any]) -> None:
    store = kms.create_custom_key_store(**{**asked, "KeyStorePassword": "7654321"})["CustomKeyStoreId"]
    entry = connected(kms, store)
    assert (entry["ConnectionState"], entry["ConnectionErrorCode"]) == ("FAILED", "INVALID_CREDENTIALS")
    again = {"CustomKeyStoreId": store, "KeyStorePassword": asked["KeyStorePassword"]}
    assert refused(kms.update_custom_key_store, **again).code == "CustomKeyStoreInvalidStateException"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    kms.update_custom_key_store(**again)
    assert connected(kms, store)["ConnectionState"] == "CONNECTED"


def test_cluster_that_nobody_stands_for_is_not_found(
    kms: Any, server: Any, asked: dict[str, Any], refused: Callable[..., Any]
) -> None:
    other = {**asked, "CloudHsmClusterId": "cluster-zzzzzzzzzzz"}
    assert refused(kms.create_custom_key_store, **other).code == "CloudHsmClusterNotFoundException"
    missing = {name: value for name, value in asked.items() if name != "KeyStorePassword"}
    assert refused(kms.create_custom_key_store, **missing).code == "ValidationException"
    anchor = server.data / "anchor.crt"
    anchor.write_text("another certificate", "utf-8")
    file = server.data / "key_stores.toml"
    whole = file.read_text("utf-8")
    file.write_text(whole + f'trust_anchor = "{anchor}"\n', "utf-8")
    assert refused(kms.create_custom_key_store, **asked).code == "IncorrectTrustAnchorException"
    anchor.unlink()
    for content in (file.read_text("utf-8"), "[hsm"):
        file.write_text(content, "utf-8")
        refusal = refused(kms.create_custom_key_store, **asked)
        assert refusal.code == "CloudHsmClusterInvalidConfigurationException"
        assert "key_stores.toml" in refusal.message
        assert str(server.data) not in refusal.message
    file.write_text(whole + f'trust_anchor = "{anchor}"\n', "utf-8")
    anchor.write_text(ANCHOR, "utf-8")
    assert kms.create_custom_key_store(**asked)["CustomKeyStoreId"]
    twice = {**asked, "CustomKeyStoreName": "again"}
    assert refused(kms.create_custom_key_store, **twice).code == "CloudHsmClusterInUseException"


def test_configuration_that_is_broken_is_said_and_breaks_nothing_else(
    kms: Any, server: Any, store: str, refused: Callable[..., Any]
) -> None:
    key = kms.create_key(Origin="AWS_CLOUDHSM", CustomKeyStoreId=store)["KeyMetadata"]["KeyId"]
    file = server.data / "key_stores.toml"
    whole = file.read_text("utf-8")
    file.write_text("[hsm", "utf-8")
    refusal = refused(kms.encrypt, KeyId=key, Plaintext=b"x")
    assert refusal.code == "KMSInvalidStateException"
    assert "key_stores.toml" in refusal.message
    own = kms.create_key()["KeyMetadata"]["KeyId"]
    assert kms.encrypt(KeyId=own, Plaintext=b"x")["CiphertextBlob"]
    file.write_text(whole, "utf-8")
    assert kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
