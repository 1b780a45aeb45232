"""Rotation over a real server: the promise KMS-08."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

DAY = 86400


def material(kms: Any, key: str) -> str:
    return str(kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"])


def test_key_rotates_by_calendar_and_old_ciphertext_decrypts(server: Any, kms: Any, key: str) -> None:
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    old = kms.encrypt(KeyId=key, Plaintext=b"old")
    first = material(kms, key)
    kms.enable_key_rotation(KeyId=key)
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 365)
    assert abs(status["NextRotationDate"].timestamp() - time.time() - 365 * DAY) < 60
    server.advance("364d")
    assert material(kms, key) == first
    server.advance("2d")
    assert material(kms, key) != first
    server.advance("365d")
    listed = kms.list_key_rotations(KeyId=key)["Rotations"]
    assert [each["RotationType"] for each in listed] == ["AUTOMATIC", "AUTOMATIC"]
    assert round((listed[1]["RotationDate"] - listed[0]["RotationDate"]).total_seconds() / DAY) == 365
    assert kms.decrypt(CiphertextBlob=old["CiphertextBlob"])["Plaintext"] == b"old"
    assert kms.decrypt(CiphertextBlob=old["CiphertextBlob"])["KeyMaterialId"] == first


def test_key_rotates_on_demand_25_times(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    for _ in range(25):
        assert kms.rotate_key_on_demand(KeyId=key)["KeyId"] == arn
    text = (
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be "
        f"performed for this key: {arn}"
    )
    assert refused(kms.rotate_key_on_demand, KeyId=key) == ("LimitExceededException", text, 400)
    everything = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL", Limit=1000)["Rotations"]
    assert len({each["KeyMaterialId"] for each in everything}) == 26
    assert [each["KeyMaterialState"] for each in everything] == ["NON_CURRENT"] * 25 + ["CURRENT"]
    assert "RotationDate" not in everything[0]
    pages = kms.get_paginator("list_key_rotations").paginate(KeyId=key, PaginationConfig={"PageSize": 10})
    assert len([each for page in pages for each in page["Rotations"]]) == 25


def test_on_demand_does_not_move_the_schedule(server: Any, kms: Any, key: str) -> None:
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    due = kms.get_key_rotation_status(KeyId=key)["NextRotationDate"]
    server.advance("10d")
    kms.rotate_key_on_demand(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["NextRotationDate"] == due


def test_disabled_rotation_does_not_happen(server: Any, kms: Any, key: str) -> None:
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    kms.disable_key_rotation(KeyId=key)
    assert set(kms.get_key_rotation_status(KeyId=key)) == {"KeyId", "KeyRotationEnabled", "ResponseMetadata"}
    server.advance("100d")
    assert kms.list_key_rotations(KeyId=key)["Rotations"] == []


def test_disabled_key_rotates_when_it_is_enabled_again(server: Any, kms: Any, key: str) -> None:
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    kms.disable_key(KeyId=key)
    server.advance("100d")
    assert kms.list_key_rotations(KeyId=key)["Rotations"] == []
    kms.enable_key(KeyId=key)
    server.advance("1s")
    assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1


@pytest.mark.parametrize(("days", "allowed"), [(89, False), (90, True), (2560, True), (2561, False)])
def test_period_is_90_to_2560_days(
    kms: Any, unchecked: Any, *, key: str, refused: Callable[..., Any], days: int, allowed: bool
) -> None:
    if allowed:
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=days)
        assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == days
    else:
        assert (
            refused(unchecked.enable_key_rotation, KeyId=key, RotationPeriodInDays=days).code == "ValidationException"
        )


def test_hmac_keys_do_not_rotate(kms: Any, refused: Callable[..., Any]) -> None:
    key = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    for call in (kms.enable_key_rotation, kms.disable_key_rotation, kms.rotate_key_on_demand, kms.list_key_rotations):
        assert refused(call, KeyId=key).code == "UnsupportedOperationException"
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False


def test_status_is_false_while_deletion_is_pending_and_true_again_when_it_is_called_off(
    server: Any, kms: Any, key: str
) -> None:
    """GetKeyRotationStatus: nothing rotates meanwhile; what fell due does once the key is enabled."""
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    kms.disable_key(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    server.advance("85d")
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], "NextRotationDate" in status) == (False, False)
    server.advance("10d")
    kms.cancel_key_deletion(KeyId=key)
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 90)
    assert kms.list_key_rotations(KeyId=key)["Rotations"] == []
    kms.enable_key(KeyId=key)
    server.advance("1s")
    assert [each["RotationType"] for each in kms.list_key_rotations(KeyId=key)["Rotations"]] == ["AUTOMATIC"]
