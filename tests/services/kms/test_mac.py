"""HMAC keys over a real server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

LENGTHS = {224: 28, 256: 32, 384: 48, 512: 64}


def made(kms: Any, bits: int = 256) -> str:
    return str(kms.create_key(KeySpec=f"HMAC_{bits}", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"])


@pytest.mark.parametrize("bits", LENGTHS)
def test_mac_is_made_and_verified(kms: Any, bits: int) -> None:
    key, algorithm = made(kms, bits), f"HMAC_SHA_{bits}"
    facts = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert facts["MacAlgorithms"] == [algorithm]
    assert "EncryptionAlgorithms" not in facts
    answer = kms.generate_mac(KeyId=key, MacAlgorithm=algorithm, Message=b"m")
    assert (len(answer["Mac"]), answer["KeyId"], answer["MacAlgorithm"]) == (LENGTHS[bits], facts["Arn"], algorithm)
    verified = kms.verify_mac(KeyId=key, MacAlgorithm=algorithm, Message=b"m", Mac=answer["Mac"])
    assert verified["MacValid"] is True


@pytest.mark.parametrize("change", [{"Message": b"n"}, {"Mac": b"\0" * 32}, {"Mac": b"short"}])
def test_wrong_mac_is_an_error(kms: Any, refused: Callable[..., Any], change: dict[str, bytes]) -> None:
    key = made(kms)
    asked = {"KeyId": key, "MacAlgorithm": "HMAC_SHA_256", "Message": b"m"}
    asked["Mac"] = kms.generate_mac(**asked)["Mac"]
    assert refused(kms.verify_mac, **{**asked, **change}).code == "KMSInvalidMacException"
    assert kms.verify_mac(**asked)["MacValid"]


def test_algorithm_usage_and_length_are_the_keys(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    mac = made(kms, 224)
    refusal = refused(kms.generate_mac, KeyId=mac, MacAlgorithm="HMAC_SHA_256", Message=b"m")
    assert refusal[:2] == (
        "InvalidKeyUsageException",
        "Algorithm HMAC_SHA_256 is incompatible with key spec HMAC_224.",
    )
    assert refused(kms.generate_mac, KeyId=key, MacAlgorithm="HMAC_SHA_256", Message=b"m").message.endswith(
        "key usage is ENCRYPT_DECRYPT which is not valid for GenerateMac."
    )
    assert refused(kms.encrypt, KeyId=mac, Plaintext=b"x").message.endswith(
        "key usage is GENERATE_VERIFY_MAC which is not valid for Encrypt."
    )
    asked = {"KeyId": mac, "MacAlgorithm": "HMAC_SHA_224"}
    assert kms.generate_mac(**asked, Message=b"m" * 4096)["Mac"]
    assert refused(kms.generate_mac, **asked, Message=b"m" * 4097).code == "ValidationException"


def test_dry_run_of_mac_operations(kms: Any, refused: Callable[..., Any]) -> None:
    asked = {"KeyId": made(kms), "MacAlgorithm": "HMAC_SHA_256", "Message": b"m"}
    code = kms.generate_mac(**asked)["Mac"]
    assert refused(kms.generate_mac, **asked, DryRun=True).code == "DryRunOperationException"
    assert refused(kms.verify_mac, **asked, Mac=code, DryRun=True).code == "DryRunOperationException"
    assert refused(kms.verify_mac, **asked, Mac=b"x", DryRun=True).code == "KMSInvalidMacException"
