"""Keys behind a real HTTPS proxy of an external key store (promise KMS-19)."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from tests.services.kms.custom_stores.stores import connected, described


def test_store_is_made_described_connected_and_deleted(kms: Any, proxy: Any, reach: Callable[..., None]) -> None:
    reach()
    store = kms.create_custom_key_store(**proxy.asked())["CustomKeyStoreId"]
    entry = described(kms, store)
    assert (entry["ConnectionState"], entry["CustomKeyStoreType"]) == ("DISCONNECTED", "EXTERNAL_KEY_STORE")
    assert entry["XksProxyConfiguration"] == {
        "Connectivity": "PUBLIC_ENDPOINT",
        "AccessKeyId": proxy.first["AccessKeyId"],
        "UriEndpoint": f"https://{proxy.host}",
        "UriPath": proxy.path,
    }
    assert proxy.seen[0][0] == "/health"
    assert connected(kms, store)["ConnectionState"] == "CONNECTED"
    assert (
        kms.describe_custom_key_stores(CustomKeyStoreName="outside")["CustomKeyStores"][0]["CustomKeyStoreId"] == store
    )
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    kms.delete_custom_key_store(CustomKeyStoreId=store)
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == []


def test_key_outside_encrypts_and_decrypts_with_both_halves(kms: Any, proxy: Any, outside: str) -> None:
    facts = kms.describe_key(KeyId=outside)["KeyMetadata"]
    assert (facts["Origin"], facts["XksKeyConfiguration"]) == ("EXTERNAL_KEY_STORE", {"Id": "key-one"})
    assert "CurrentKeyMaterialId" not in facts
    told = {"EncryptionContext": {"table": "orders"}}
    blob = kms.encrypt(KeyId=outside, Plaintext=b"secret", **told)["CiphertextBlob"]
    answer = kms.decrypt(CiphertextBlob=blob, **told)
    assert (answer["Plaintext"], answer["KeyId"]) == (b"secret", facts["Arn"])
    (_, asked), (path, _) = proxy.seen[-2:]
    assert path == "/keys/key-one/decrypt"
    assert b"secret" not in json.dumps(asked).encode()
    about = asked["requestMetadata"]
    assert (about["kmsOperation"], about["kmsKeyArn"]) == ("Encrypt", facts["Arn"])
    assert about["awsPrincipalArn"].endswith("user/admin") or ":user/" in about["awsPrincipalArn"]
    data = kms.generate_data_key(KeyId=outside, KeySpec="AES_256", **told)
    assert kms.decrypt(CiphertextBlob=data["CiphertextBlob"], **told)["Plaintext"] == data["Plaintext"]
    largest = os.urandom(4096)
    assert (
        kms.decrypt(CiphertextBlob=kms.encrypt(KeyId=outside, Plaintext=largest)["CiphertextBlob"])["Plaintext"]
        == largest
    )


def test_proxy_is_told_which_request_of_whom_it_serves(
    server: Any, kms: Any, proxy: Any, key: str, outside: str
) -> None:
    """The requestMetadata of each operation (specification, "Request Metadata")."""
    named = {"KeyId": outside}
    blob = kms.encrypt(**named, Plaintext=b"x")["CiphertextBlob"]
    here = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    facts = kms.describe_key(**named)["KeyMetadata"]
    calls = {
        "Encrypt": lambda: kms.encrypt(**named, Plaintext=b"x"),
        "Decrypt": lambda: kms.decrypt(CiphertextBlob=blob),
        "GenerateDataKey": lambda: kms.generate_data_key(**named, KeySpec="AES_128"),
        "GenerateDataKeyWithoutPlaintext": lambda: kms.generate_data_key_without_plaintext(**named, NumberOfBytes=24),
        "ReEncrypt": lambda: kms.re_encrypt(CiphertextBlob=here, DestinationKeyId=outside),
    }
    for operation, call in calls.items():
        request = call()["ResponseMetadata"]["RequestId"]
        path, asked = proxy.seen[-1]
        assert path == f"/keys/key-one/{'decrypt' if operation == 'Decrypt' else 'encrypt'}"
        assert asked["requestMetadata"] == {
            "awsPrincipalArn": server.client("sts").get_caller_identity()["Arn"],
            "kmsKeyArn": facts["Arn"],
            "kmsOperation": operation,
            "kmsRequestId": request,
        }
    kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=outside)
    assert [path.rpartition("/")[2] for path, _ in proxy.seen[-2:]] == ["decrypt", "encrypt"]
    assert {asked["requestMetadata"]["kmsOperation"] for _, asked in proxy.seen[-2:]} == {"ReEncrypt"}


def test_changed_ciphertext_or_context_does_not_open(kms: Any, outside: str, refused: Callable[..., Any]) -> None:
    blob = kms.encrypt(KeyId=outside, Plaintext=b"x", EncryptionContext={"a": "b"})["CiphertextBlob"]
    assert refused(kms.decrypt, CiphertextBlob=blob, EncryptionContext={"a": "c"}).code == "InvalidCiphertextException"
    for place in (0, 5, 13, 14, 49, 50, 57, 58, 60, len(blob) // 2, len(blob) - 1):
        changed = blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :]
        for named in ({}, {"KeyId": outside}):
            told = {"CiphertextBlob": changed, "EncryptionContext": {"a": "b"}, **named}
            assert refused(kms.decrypt, **told).code == "InvalidCiphertextException", place
    for cut in (20, 51, 58, 60, len(blob) - 1):
        told = {"CiphertextBlob": blob[:cut], "EncryptionContext": {"a": "b"}}
        assert refused(kms.decrypt, KeyId=outside, **told).code == "InvalidCiphertextException"


def test_keys_inside_and_outside_do_not_open_each_other(
    kms: Any, key: str, outside: str, refused: Callable[..., Any]
) -> None:
    there = kms.encrypt(KeyId=outside, Plaintext=b"x")["CiphertextBlob"]
    here = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert refused(kms.decrypt, KeyId=key, CiphertextBlob=there).code == "IncorrectKeyException"
    assert refused(kms.decrypt, KeyId=outside, CiphertextBlob=here).code == "IncorrectKeyException"
    moved = kms.re_encrypt(CiphertextBlob=there, DestinationKeyId=key)
    assert "SourceKeyMaterialId" not in moved
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == b"x"
    back = kms.re_encrypt(CiphertextBlob=here, DestinationKeyId=outside)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=back)["Plaintext"] == b"x"


def test_proxy_that_is_down_loses_nothing(
    kms: Any, proxy: Any, outside: str, reach: Callable[..., None], refused: Callable[..., Any]
) -> None:
    blob = kms.encrypt(KeyId=outside, Plaintext=b"x")["CiphertextBlob"]
    proxy.stop()
    for refusal in (refused(kms.decrypt, CiphertextBlob=blob), refused(kms.encrypt, KeyId=outside, Plaintext=b"x")):
        assert refusal.code == "KMSInvalidStateException"
        assert "proxy" in refusal.message
    again = refused(kms.create_custom_key_store, **proxy.asked(CustomKeyStoreName="b", XksProxyUriPath="/b/kms/xks/v1"))
    assert again.code == "XksProxyUriUnreachableException"
    reach()
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_proxy_has_a_quarter_of_a_second(
    server: Any, kms: Any, proxy: Any, outside: str, refused: Callable[..., Any]
) -> None:
    proxy.delay = 3.0
    asking_once = server.client("kms")
    began = time.monotonic()
    refusal = refused(asking_once.encrypt, KeyId=outside, Plaintext=b"x")
    assert refusal.code == "KMSInvalidStateException"
    assert "250 milliseconds" in refusal.message
    assert 0.25 <= time.monotonic() - began < 1.5  # the proxy's own time is twice as long, on however busy a machine
    proxy.delay = 0.0
    assert kms.encrypt(KeyId=outside, Plaintext=b"x")["CiphertextBlob"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"not json"),
        (200, b"[]"),
        (200, b'{"ciphertext": 5}'),
        (200, b"{" * 5000),
        (200, b'{"plaintext": "' + b"A" * 20_000 + b'"}'),
        (500, b'{"errorName": "InternalException"}'),
        (429, b'{"errorName": "ThrottlingException"}'),
        (302, b"{}"),
    ],
)
def test_whatever_the_proxy_says_use_is_invalid_state(
    kms: Any, proxy: Any, outside: str, refused: Callable[..., Any], *, status: int, body: bytes
) -> None:
    proxy.answer = status, body
    assert refused(kms.encrypt, KeyId=outside, Plaintext=b"x").code == "KMSInvalidStateException"
    proxy.answer = None
    assert kms.encrypt(KeyId=outside, Plaintext=b"x")["CiphertextBlob"]


def test_integrity_value_is_checked(kms: Any, proxy: Any, outside: str, refused: Callable[..., Any]) -> None:
    def spoiled(answer: dict[str, Any]) -> dict[str, Any]:
        return {**answer, "ciphertext": answer["ciphertext"][:-4] + "AAA="} if "ciphertext" in answer else answer

    proxy.spoil = spoiled
    refusal = refused(kms.encrypt, KeyId=outside, Plaintext=b"x")
    assert refusal.code == "KMSInvalidStateException"
    assert "integrity" in refusal.message


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            {"XksProxyAuthenticationCredential": {"AccessKeyId": "A" * 20, "RawSecretAccessKey": "x" * 43}},
            "XksProxyIncorrectAuthenticationCredentialException",
        ),
        ({"XksProxyUriPath": "/wrong/kms/xks/v1"}, "XksProxyInvalidConfigurationException"),
        ({"XksProxyUriEndpoint": "https://nobody.invalid"}, "XksProxyUriUnreachableException"),
        ({"XksProxyUriEndpoint": "https://localhost"}, "XksProxyUriUnreachableException"),
        ({"KeyStorePassword": "1234567"}, "ValidationException"),
        ({"XksProxyConnectivity": "VPC_ENDPOINT_SERVICE"}, "ValidationException"),
    ],
)
def test_store_is_refused_by_what_is_wrong_with_it(
    kms: Any, proxy: Any, reach: Callable[..., None], refused: Callable[..., Any], *, change: dict[str, Any], code: str
) -> None:
    reach()
    assert refused(kms.create_custom_key_store, **proxy.asked(**change)).code == code
    assert kms.create_custom_key_store(**proxy.asked())["CustomKeyStoreId"]


@pytest.mark.parametrize("missing", ["XksProxyUriEndpoint", "XksProxyUriPath", "XksProxyConnectivity"])
def test_members_of_an_external_store_are_needed(
    kms: Any, proxy: Any, refused: Callable[..., Any], missing: str
) -> None:
    asked = {name: value for name, value in proxy.asked().items() if name != missing}
    refusal = refused(kms.create_custom_key_store, **asked)
    assert refusal.code == "ValidationException"
    assert missing in refusal.message


def test_names_and_addresses_are_taken_once(kms: Any, proxy: Any, store: str, refused: Callable[..., Any]) -> None:
    assert refused(kms.create_custom_key_store, **proxy.asked()).code == "CustomKeyStoreNameInUseException"
    other = proxy.asked(CustomKeyStoreName="another")
    assert refused(kms.create_custom_key_store, **other).code == "XksProxyUriInUseException"
    assert described(kms, store)["ConnectionState"] == "CONNECTED"


def test_tls_must_verify_and_client_certificates_work(
    kms: Any, proxy: Any, reach: Callable[..., None], refused: Callable[..., Any]
) -> None:
    port = proxy.start(clients=True)
    reach(port=port)
    assert refused(kms.create_custom_key_store, **proxy.asked()).code == "XksProxyUriUnreachableException"
    reach(port=port, paper="stranger")
    assert refused(kms.create_custom_key_store, **proxy.asked()).code == "XksProxyUriUnreachableException"
    reach(port=port, paper="client")
    assert kms.create_custom_key_store(**proxy.asked())["CustomKeyStoreId"]


def test_credential_is_rotated_while_connected(
    kms: Any, proxy: Any, store: str, outside: str, refused: Callable[..., Any]
) -> None:
    proxy.credentials[proxy.second["AccessKeyId"]] = proxy.second["RawSecretAccessKey"]
    kms.update_custom_key_store(CustomKeyStoreId=store, XksProxyAuthenticationCredential=proxy.second)
    del proxy.credentials[proxy.first["AccessKeyId"]]
    assert kms.encrypt(KeyId=outside, Plaintext=b"x")["CiphertextBlob"]
    wrong = {"CustomKeyStoreId": store, "XksProxyAuthenticationCredential": proxy.first}
    assert refused(kms.update_custom_key_store, **wrong).code == "XksProxyIncorrectAuthenticationCredentialException"
    assert kms.encrypt(KeyId=outside, Plaintext=b"x")["CiphertextBlob"]


def test_failed_connection_says_why_and_must_be_reset(
    kms: Any, proxy: Any, reach: Callable[..., None], refused: Callable[..., Any]
) -> None:
    reach()
    store = kms.create_custom_key_store(**proxy.asked())["CustomKeyStoreId"]
    proxy.credentials.clear()
    entry = connected(kms, store)
    assert (entry["ConnectionState"], entry["ConnectionErrorCode"]) == ("FAILED", "XKS_PROXY_ACCESS_DENIED")
    assert refused(kms.connect_custom_key_store, CustomKeyStoreId=store).code == "CustomKeyStoreInvalidStateException"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    again = refused(kms.disconnect_custom_key_store, CustomKeyStoreId=store)
    assert again.code == "CustomKeyStoreInvalidStateException"
    proxy.stop()
    entry = connected(kms, store)
    assert entry["ConnectionErrorCode"] == "XKS_PROXY_NOT_REACHABLE"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)


def test_disconnected_store_makes_its_keys_unavailable(
    kms: Any, store: str, outside: str, refused: Callable[..., Any]
) -> None:
    blob = kms.encrypt(KeyId=outside, Plaintext=b"x")["CiphertextBlob"]
    assert refused(kms.delete_custom_key_store, CustomKeyStoreId=store).code == "CustomKeyStoreInvalidStateException"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    facts = kms.describe_key(KeyId=outside)["KeyMetadata"]
    assert (facts["KeyState"], facts["Enabled"]) == ("Unavailable", False)
    assert refused(kms.decrypt, CiphertextBlob=blob).code == "KMSInvalidStateException"
    assert refused(kms.delete_custom_key_store, CustomKeyStoreId=store).code == "CustomKeyStoreHasCMKsException"
    asked = {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": "key-two"}
    assert refused(kms.create_key, **asked).code == "CustomKeyStoreInvalidStateException"
    assert connected(kms, store)["ConnectionState"] == "CONNECTED"
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert kms.describe_key(KeyId=outside)["KeyMetadata"]["KeyState"] == "Enabled"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"XksKeyId": "absent"}, "XksKeyNotFoundException"),
        ({"XksKeyId": "key-one"}, "XksKeyAlreadyInUseException"),
        ({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}, "UnsupportedOperationException"),
        ({"MultiRegion": True}, "UnsupportedOperationException"),
        ({"Origin": "AWS_CLOUDHSM"}, "ValidationException"),
        ({"Origin": "AWS_KMS"}, "ValidationException"),
        ({"CustomKeyStoreId": "cks-00000000000000000"}, "CustomKeyStoreNotFoundException"),
    ],
)
def test_key_outside_is_refused_by_what_is_wrong(
    kms: Any, store: str, outside: str, refused: Callable[..., Any], *, change: dict[str, Any], code: str
) -> None:
    asked = {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": "key-two"}
    assert refused(kms.create_key, **{**asked, **change}).code == code
    assert kms.create_key(**asked)["KeyMetadata"]["KeyState"] == "Enabled"
    assert outside


def test_external_key_must_be_enabled_and_of_the_kind(
    kms: Any, proxy: Any, store: str, refused: Callable[..., Any]
) -> None:
    asked = {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": "key-two"}
    proxy.status["key-two"] = "DISABLED"
    assert refused(kms.create_key, **asked).code == "XksKeyInvalidConfigurationException"
    proxy.status["key-two"] = "ENABLED"
    proxy.spoil = lambda answer: {**answer, "keySpec": "RSA_2048"} if "keySpec" in answer else answer
    assert refused(kms.create_key, **asked).code == "XksKeyInvalidConfigurationException"
    proxy.spoil = lambda answer: answer
    assert kms.create_key(**asked)["KeyMetadata"]["KeyId"]


def test_what_keys_outside_do_not_do_is_refused(
    kms: Any, store: str, outside: str, refused: Callable[..., Any]
) -> None:
    for operation in (kms.enable_key_rotation, kms.rotate_key_on_demand, kms.get_key_rotation_status):
        assert refused(operation, KeyId=outside).code == "UnsupportedOperationException"
    pair = refused(kms.generate_data_key_pair, KeyId=outside, KeyPairSpec="ECC_NIST_P256")
    assert pair.code == "UnsupportedOperationException"
    random = refused(kms.generate_random, NumberOfBytes=8, CustomKeyStoreId=store)
    assert random.code == "UnsupportedOperationException"


def test_secret_of_the_proxy_is_nowhere_in_clear(kms: Any, server: Any, proxy: Any, outside: str) -> None:
    kms.encrypt(KeyId=outside, Plaintext=b"x")
    secret = proxy.first["RawSecretAccessKey"].encode()
    for path in server.data.rglob("*"):
        if path.is_file() and path.stat().st_size < 64 << 20:
            assert secret not in path.read_bytes(), path


def test_endpoint_changes_at_rest_only(kms: Any, proxy: Any, store: str, refused: Callable[..., Any]) -> None:
    changed = {"CustomKeyStoreId": store, "XksProxyUriEndpoint": f"https://{proxy.host}"}
    told = refused(kms.update_custom_key_store, **changed)
    assert (told.code, "XksProxyUriEndpoint" in told.message) == ("CustomKeyStoreInvalidStateException", True)
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    kms.update_custom_key_store(**changed)


def test_failed_store_is_disconnected_before_it_is_changed_or_deleted(
    kms: Any, proxy: Any, reach: Callable[..., None], refused: Callable[..., Any]
) -> None:
    reach()
    store = kms.create_custom_key_store(**proxy.asked())["CustomKeyStoreId"]
    proxy.stop()
    assert connected(kms, store)["ConnectionState"] == "FAILED"
    renamed = {"CustomKeyStoreId": store, "NewCustomKeyStoreName": "other"}
    assert refused(kms.update_custom_key_store, **renamed).code == "CustomKeyStoreInvalidStateException"
    assert refused(kms.delete_custom_key_store, CustomKeyStoreId=store).code == "CustomKeyStoreInvalidStateException"
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    kms.update_custom_key_store(**renamed)
    kms.delete_custom_key_store(CustomKeyStoreId=store)
