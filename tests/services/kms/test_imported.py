"""Imported key material over a real server, wrapped as a client wraps it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
    load_der_public_key,
)

STAYS = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}


def external(kms: Any, **members: Any) -> str:
    return str(kms.create_key(Origin="EXTERNAL", **members)["KeyMetadata"]["KeyId"])


def wrapped(parameters: Any, algorithm: str, material: bytes) -> bytes:
    hashed = SHA1() if algorithm.endswith("SHA_1") else SHA256()
    public: Any = load_der_public_key(parameters["PublicKey"])
    oaep = padding.OAEP(padding.MGF1(hashed), hashed, None)
    if algorithm.startswith("RSAES"):
        return bytes(public.encrypt(material, oaep))
    key = os.urandom(32)
    return bytes(public.encrypt(key, oaep)) + aes_key_wrap_with_padding(key, material)


def bring(
    kms: Any,
    key: str,
    material: bytes,
    *,
    algorithm: str = "RSAES_OAEP_SHA_256",
    spec: str = "RSA_2048",
    **members: Any,
) -> Any:
    parameters = kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)
    return kms.import_key_material(
        KeyId=key,
        ImportToken=parameters["ImportToken"],
        EncryptedKeyMaterial=wrapped(parameters, algorithm, material),
        **(members or STAYS),
    )


def pkcs8(private: Any) -> bytes:
    return bytes(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def test_imported_key_is_pending_until_its_material_comes(kms: Any, refused: Callable[..., Any]) -> None:
    key = external(kms)
    facts = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (facts["KeyState"], facts["Enabled"], facts["Origin"]) == ("PendingImport", False, "EXTERNAL")
    assert {"CurrentKeyMaterialId", "ExpirationModel", "ValidTo"}.isdisjoint(facts)
    assert refused(kms.encrypt, KeyId=key, Plaintext=b"x").code == "KMSInvalidStateException"
    answer = bring(kms, key, os.urandom(32))
    facts = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (facts["KeyState"], facts["ExpirationModel"]) == ("Enabled", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    assert answer["KeyId"] == facts["Arn"]
    assert answer["KeyMaterialId"] == facts["CurrentKeyMaterialId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"secret"


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
def test_material_comes_by_oaep_under_each_wrapping_key(kms: Any, algorithm: str, spec: str) -> None:
    key = external(kms, KeySpec="HMAC_512", KeyUsage="GENERATE_VERIFY_MAC")
    bring(kms, key, os.urandom(64), algorithm=algorithm, spec=spec)
    assert kms.generate_mac(KeyId=key, MacAlgorithm="HMAC_SHA_512", Message=b"m")["Mac"]


@pytest.mark.parametrize("algorithm", ["RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"])
def test_rsa_key_comes_by_aes_key_wrap_and_decrypts_what_its_public_half_encrypted(kms: Any, algorithm: str) -> None:
    private = rsa.generate_private_key(65537, 2048)
    key = external(kms, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    bring(kms, key, pkcs8(private), algorithm=algorithm)
    blob = private.public_key().encrypt(b"from outside", padding.OAEP(padding.MGF1(SHA256()), SHA256(), None))
    opened = kms.decrypt(KeyId=key, CiphertextBlob=blob, EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    assert opened["Plaintext"] == b"from outside"


@pytest.mark.parametrize(
    ("spec", "curve"),
    [("ECC_NIST_P256", ec.SECP256R1()), ("ECC_NIST_P384", ec.SECP384R1()), ("ECC_SECG_P256K1", ec.SECP256K1())],
)
def test_ecc_key_comes_by_either_way(kms: Any, spec: str, curve: Any) -> None:
    private = ec.generate_private_key(curve)
    for algorithm in ("RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_256"):
        key = external(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
        bring(kms, key, pkcs8(private), algorithm=algorithm)
        public = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
        assert public == private.public_key()


def test_parameters_are_refused_where_they_could_carry_nothing(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    asked = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    own = refused(kms.get_parameters_for_import, KeyId=key, **asked)
    assert own.code == "UnsupportedOperationException"
    assert own.message.endswith("origin is AWS_KMS which is not valid for this operation.")
    pair = external(kms, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    assert refused(kms.get_parameters_for_import, KeyId=pair, **asked).code == "UnsupportedOperationException"
    large = external(kms, KeySpec="ECC_NIST_P521", KeyUsage="SIGN_VERIFY")
    assert refused(kms.get_parameters_for_import, KeyId=large, **asked).code == "UnsupportedOperationException"
    assert kms.get_parameters_for_import(KeyId=large, **{**asked, "WrappingKeySpec": "RSA_3072"})["ImportToken"]
    old = {"WrappingAlgorithm": "RSAES_PKCS1_V1_5", "WrappingKeySpec": "RSA_2048"}
    assert refused(kms.get_parameters_for_import, KeyId=external(kms), **old).code == "UnsupportedOperationException"


def test_token_is_for_one_key_and_one_day(kms: Any, server: Any, refused: Callable[..., Any]) -> None:
    key, another = external(kms), external(kms)
    material = os.urandom(32)
    got = kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048")
    blob = wrapped(got, "RSAES_OAEP_SHA_256", material)
    asked = {"ImportToken": got["ImportToken"], "EncryptedKeyMaterial": blob, **STAYS}
    assert refused(kms.import_key_material, KeyId=another, **asked).code == "InvalidImportTokenException"
    broken = {**asked, "ImportToken": got["ImportToken"][:-1] + b"\0"}
    assert refused(kms.import_key_material, KeyId=key, **broken).code == "InvalidImportTokenException"
    changed = {**asked, "EncryptedKeyMaterial": blob[:-1] + bytes([blob[-1] ^ 1])}
    assert refused(kms.import_key_material, KeyId=key, **changed).code == "InvalidCiphertextException"
    server.advance("25h")
    assert refused(kms.import_key_material, KeyId=key, **asked).code == "ExpiredImportTokenException"


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"ExpirationModel": "KEY_MATERIAL_EXPIRES"}, "ValidationException"),
        ({"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE", "ValidTo": 4e9}, "ValidationException"),
        ({"ValidTo": 1.0}, "ValidationException"),
        ({"ValidTo": 4e9}, "ValidationException"),
        ({**STAYS, "ImportType": "EXISTING_KEY_MATERIAL"}, "IncorrectKeyMaterialException"),
        ({**STAYS, "ImportType": "NEW_KEY_MATERIAL", "KeyMaterialId": "0" * 64}, "ValidationException"),
    ],
)
def test_import_is_refused_by_its_members(
    kms: Any, refused: Callable[..., Any], *, members: dict[str, Any], code: str
) -> None:
    key = external(kms)
    assert refused(bring, kms=kms, key=key, material=os.urandom(32), **members).code == code
    assert bring(kms, key, os.urandom(32))["KeyMaterialId"]


@pytest.mark.parametrize("size", [16, 31, 33])
def test_material_of_another_length_is_refused(kms: Any, refused: Callable[..., Any], size: int) -> None:
    key = external(kms)
    assert refused(bring, kms=kms, key=key, material=os.urandom(size)).code == "IncorrectKeyMaterialException"


def test_other_material_is_refused_and_the_same_comes_again(kms: Any, refused: Callable[..., Any]) -> None:
    key, material = external(kms), os.urandom(32)
    first = bring(kms, key, material)["KeyMaterialId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert refused(bring, kms=kms, key=key, material=os.urandom(32)).code == "IncorrectKeyMaterialException"
    gone = kms.delete_imported_key_material(KeyId=key)
    assert gone["KeyMaterialId"] == first
    facts = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (facts["KeyState"], facts["CurrentKeyMaterialId"]) == ("PendingImport", first)
    assert refused(kms.decrypt, CiphertextBlob=blob).code == "KMSInvalidStateException"
    kms.delete_imported_key_material(KeyId=key)
    assert bring(kms, key, material)["KeyMaterialId"] == first
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_material_that_expires_is_gone_when_its_time_comes(kms: Any, server: Any) -> None:
    key, material = external(kms), os.urandom(32)
    now = time.time()
    bring(kms, key, material, ValidTo=now + 3 * 86400)
    facts = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert facts["ExpirationModel"] == "KEY_MATERIAL_EXPIRES"
    assert abs(facts["ValidTo"].timestamp() - now - 3 * 86400) < 2
    server.advance("4d")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingImport"
    bring(kms, key, material)
    server.advance("400d")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_imported_keys_rotate_by_hand_only_with_new_material(kms: Any, refused: Callable[..., Any]) -> None:
    key, old, new = external(kms), os.urandom(32), os.urandom(32)
    first = bring(kms, key, old)["KeyMaterialId"]
    for automatic in (kms.enable_key_rotation, kms.disable_key_rotation):
        refusal = refused(automatic, KeyId=key)
        assert refusal.code == "UnsupportedOperationException"
        assert refusal.message.endswith("origin is EXTERNAL which is not valid for this operation.")
    assert "No available key material pending rotation" in refused(kms.rotate_key_on_demand, KeyId=key).message
    blob = kms.encrypt(KeyId=key, Plaintext=b"before")["CiphertextBlob"]
    second = bring(kms, key, new, ImportType="NEW_KEY_MATERIAL", KeyMaterialDescription="the second", **STAYS)[
        "KeyMaterialId"
    ]
    more = refused(bring, kms=kms, key=key, material=os.urandom(32), ImportType="NEW_KEY_MATERIAL", **STAYS)
    assert more.code == "KMSInvalidStateException"
    assert f"(id: {second}) is pending rotation" in more.message
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"] == first
    listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert [(each["KeyMaterialState"], each["ImportState"]) for each in listed] == [
        ("CURRENT", "IMPORTED"),
        ("PENDING_ROTATION", "IMPORTED"),
    ]
    assert listed[1]["KeyMaterialDescription"] == "the second"
    assert kms.list_key_rotations(KeyId=key)["Rotations"] == []
    kms.rotate_key_on_demand(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"] == second
    assert kms.decrypt(CiphertextBlob=blob)["KeyMaterialId"] == first
    assert (
        kms.decrypt(CiphertextBlob=kms.encrypt(KeyId=key, Plaintext=b"a")["CiphertextBlob"])["KeyMaterialId"] == second
    )
    (rotation,) = kms.list_key_rotations(KeyId=key)["Rotations"]
    assert (rotation["RotationType"], rotation["KeyMaterialState"]) == ("ON_DEMAND", "CURRENT")
    # Without any one of its materials the key can't be used.
    kms.delete_imported_key_material(KeyId=key, KeyMaterialId=first)
    assert refused(kms.encrypt, KeyId=key, Plaintext=b"x").code == "KMSInvalidStateException"
    bring(kms, key, old, KeyMaterialId=first, **STAYS)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"before"


def test_imported_multi_region_key_rotates_when_every_relative_has_the_material(
    kms: Any, server: Any, refused: Callable[..., Any]
) -> None:
    there = server.client("kms", region="eu-west-1")
    key, old, new = external(kms, MultiRegion=True), os.urandom(32), os.urandom(32)
    bring(kms, key, old)
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    server.advance("1s")  # what was sent before is delivered when this returns
    assert there.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingImport"
    assert refused(bring, kms=there, key=key, material=new, ImportType="NEW_KEY_MATERIAL", **STAYS).code == (
        "UnsupportedOperationException"
    )
    assert refused(bring, kms=there, key=key, material=new).code == "IncorrectKeyMaterialException"
    bring(there, key, old)
    blob = kms.encrypt(KeyId=key, Plaintext=b"both")["CiphertextBlob"]
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"both"
    second = bring(kms, key, new, ImportType="NEW_KEY_MATERIAL", **STAYS)["KeyMaterialId"]

    def state(client: Any) -> str:
        listed = client.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
        return str(listed[-1]["KeyMaterialState"])

    assert state(kms) == "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
    assert refused(kms.rotate_key_on_demand, KeyId=key).code == "KMSInvalidStateException"
    server.advance("1s")  # what was sent before is delivered when this returns
    assert len(there.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]) == 2
    bring(there, key, new)
    server.advance("1s")  # what was sent before is delivered when this returns
    assert state(kms) == "PENDING_ROTATION"
    kms.rotate_key_on_demand(KeyId=key)
    server.advance("1s")  # what was sent before is delivered when this returns
    assert there.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"] == second
    assert there.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_deletion_can_be_called_off_before_the_import(kms: Any, refused: Callable[..., Any]) -> None:
    key = external(kms)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert refused(bring, kms=kms, key=key, material=os.urandom(32)).code == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingImport"
    assert bring(kms, key, os.urandom(32))["KeyMaterialId"]


def test_imported_private_keys_are_whole_or_refused(kms: Any, refused: Callable[..., Any]) -> None:
    key = external(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    wrong = pkcs8(ec.generate_private_key(ec.SECP384R1()))
    assert refused(bring, kms=kms, key=key, material=wrong).code == "IncorrectKeyMaterialException"
    assert refused(bring, kms=kms, key=key, material=b"\x30\x03\x02\x01\x00").code == "IncorrectKeyMaterialException"
    good = pkcs8(ec.generate_private_key(ec.SECP256R1()))
    bring(kms, key, good)
    assert load_der_private_key(good, None)
    again = refused(bring, kms=kms, key=key, material=pkcs8(ec.generate_private_key(ec.SECP256R1())))
    assert again.code == "IncorrectKeyMaterialException"


@pytest.mark.parametrize("spec", ["RSA_2048", "ECC_NIST_P256"])
def test_private_keys_come_as_pkcs8_alone(kms: Any, refused: Callable[..., Any], spec: str) -> None:
    key = external(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
    private: Any = (
        rsa.generate_private_key(65537, 2048) if spec == "RSA_2048" else ec.generate_private_key(ec.SECP256R1())
    )
    older = private.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    told = refused(bring, kms=kms, key=key, material=older, algorithm="RSA_AES_KEY_WRAP_SHA_256")
    assert (told.code, "PKCS #8" in told.message) == ("IncorrectKeyMaterialException", True)
    assert bring(kms, key, pkcs8(private), algorithm="RSA_AES_KEY_WRAP_SHA_256")["KeyMaterialId"]


def test_material_deleted_while_deletion_is_pending_is_missed_when_that_is_called_off(kms: Any) -> None:
    key, material = external(kms), os.urandom(32)
    bring(kms, key, material)
    kms.schedule_key_deletion(KeyId=key)
    kms.delete_imported_key_material(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    kms.cancel_key_deletion(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingImport"
    bring(kms, key, material)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_relatives_lose_material_apart_but_what_waits_goes_with_the_primarys(kms: Any, server: Any) -> None:
    """DeleteImportedKeyMaterial, "Considerations for multi-Region symmetric encryption keys"."""
    there = server.client("kms", region="eu-west-1")
    key, old, new = external(kms, MultiRegion=True), os.urandom(32), os.urandom(32)
    first = bring(kms, key, old)["KeyMaterialId"]
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    server.advance("1s")  # what was sent before is delivered when this returns
    bring(there, key, old)

    def seen(client: Any) -> tuple[str, list[str]]:
        listed = client.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
        state = client.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
        return state, [f"{each['KeyMaterialState']} {each['ImportState']}" for each in listed]

    there.delete_imported_key_material(KeyId=key)
    server.advance("1s")
    assert seen(there) == ("PendingImport", ["CURRENT PENDING_IMPORT"])
    assert seen(kms) == ("Enabled", ["CURRENT IMPORTED"])
    bring(there, key, old)
    second = bring(kms, key, new, ImportType="NEW_KEY_MATERIAL", **STAYS)["KeyMaterialId"]
    server.advance("1s")
    bring(there, key, new)
    server.advance("1s")
    assert seen(there)[0] == "Enabled"
    assert [len(seen(client)[1]) for client in (kms, there)] == [2, 2]
    kms.delete_imported_key_material(KeyId=key, KeyMaterialId=second)
    server.advance("1s")
    for client in (kms, there):
        assert seen(client) == ("Enabled", ["CURRENT IMPORTED"])
        assert client.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"] == first
