"""The key-state matrix: which operations a key in each state lets be done.

KMS Developer Guide, "Key states of AWS KMS keys" (2023); what came later (DeriveSharedSecret, ML-KEM) is use like any
other. The first table is of a symmetric multi-Region key of KMS's own material, the second of keys of other kinds, the
third of keys whose material is imported.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

DISABLED = "DisabledException"
INVALID = "KMSInvalidStateException"

Call = Callable[[Any, str, dict[str, Any]], Any]

USE: dict[str, Call] = {
    "Encrypt": lambda kms, key, _: kms.encrypt(KeyId=key, Plaintext=b"x"),
    "Decrypt": lambda kms, _, facts: kms.decrypt(CiphertextBlob=facts["blob"]),
    "ReEncryptFrom": lambda kms, _, facts: kms.re_encrypt(
        CiphertextBlob=facts["blob"], DestinationKeyId=facts["other"]
    ),
    "ReEncryptTo": lambda kms, key, facts: kms.re_encrypt(CiphertextBlob=facts["others"], DestinationKeyId=key),
    "GenerateDataKey": lambda kms, key, _: kms.generate_data_key(KeyId=key, KeySpec="AES_256"),
    "GenerateDataKeyWithoutPlaintext": lambda kms, key, _: kms.generate_data_key_without_plaintext(
        KeyId=key, NumberOfBytes=16
    ),
    "CreateGrant": lambda kms, key, facts: kms.create_grant(
        KeyId=key, GranteePrincipal=facts["admin"], Operations=["Decrypt"]
    ),
    "RotateKeyOnDemand": lambda kms, key, _: kms.rotate_key_on_demand(KeyId=key),
    "ReplicateKey": lambda kms, key, _: kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1"),
    "GenerateDataKeyPair": lambda kms, key, _: kms.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256"),
    "GenerateDataKeyPairWithoutPlaintext": lambda kms, key, _: kms.generate_data_key_pair_without_plaintext(
        KeyId=key, KeyPairSpec="ECC_NIST_P256"
    ),
}
ROTATION: dict[str, Call] = {
    "EnableKeyRotation": lambda kms, key, _: kms.enable_key_rotation(KeyId=key),
    "DisableKeyRotation": lambda kms, key, _: kms.disable_key_rotation(KeyId=key),
}
CHANGE: dict[str, Call] = {
    "EnableKey": lambda kms, key, _: kms.enable_key(KeyId=key),
    "DisableKey": lambda kms, key, _: kms.disable_key(KeyId=key),
    "CreateAlias": lambda kms, key, _: kms.create_alias(AliasName="alias/new", TargetKeyId=key),
    "UpdateAliasOnto": lambda kms, key, _: kms.update_alias(AliasName="alias/other", TargetKeyId=key),
    "TagResource": lambda kms, key, _: kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}]),
    "UntagResource": lambda kms, key, _: kms.untag_resource(KeyId=key, TagKeys=["a"]),
    "UpdateKeyDescription": lambda kms, key, _: kms.update_key_description(KeyId=key, Description="d"),
    "ScheduleKeyDeletion": lambda kms, key, _: kms.schedule_key_deletion(KeyId=key),
}
ALWAYS: dict[str, Call] = {
    "DescribeKey": lambda kms, key, _: kms.describe_key(KeyId=key),
    "GetKeyPolicy": lambda kms, key, _: kms.get_key_policy(KeyId=key),
    "PutKeyPolicy": lambda kms, key, _: kms.put_key_policy(KeyId=key, Policy=kms.get_key_policy(KeyId=key)["Policy"]),
    "ListKeyPolicies": lambda kms, key, _: kms.list_key_policies(KeyId=key),
    "ListAliases": lambda kms, key, _: kms.list_aliases(KeyId=key),
    "ListGrants": lambda kms, key, _: kms.list_grants(KeyId=key),
    "ListResourceTags": lambda kms, key, _: kms.list_resource_tags(KeyId=key),
    "GetKeyRotationStatus": lambda kms, key, _: kms.get_key_rotation_status(KeyId=key),
    "RevokeGrant": lambda kms, key, facts: kms.revoke_grant(KeyId=key, GrantId=facts["revoked"]),
    "RetireGrant": lambda kms, _, facts: kms.retire_grant(GrantToken=facts["token"]),
    "UpdateAliasOff": lambda kms, _, facts: kms.update_alias(AliasName="alias/moved", TargetKeyId=facts["other"]),
    "DeleteAlias": lambda kms, _key, _facts: kms.delete_alias(AliasName="alias/mine"),
}
EVERYTHING = {**USE, **ROTATION, **CHANGE, **ALWAYS}


@pytest.fixture
def facts(server: Any, kms: Any) -> dict[str, Any]:
    """A multi-Region key with aliases, grants and ciphertext, and another one beside it."""
    return furnished(server, kms, kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"])


def furnished(server: Any, kms: Any, key: str) -> dict[str, Any]:
    """What the operations of a symmetric key take, made while it is Enabled."""
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    admin = server.client("sts").get_caller_identity()["Arn"]
    for name, target in (("mine", key), ("moved", key), ("other", other)):
        kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=target)
    first, second = (
        kms.create_grant(KeyId=key, GranteePrincipal=admin, RetiringPrincipal=admin, Operations=["Encrypt"])
        for _ in range(2)
    )
    return {
        "key": key,
        "other": other,
        "admin": admin,
        "blob": kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"],
        "others": kms.encrypt(KeyId=other, Plaintext=b"x")["CiphertextBlob"],
        "revoked": first["GrantId"],
        "token": second["GrantToken"],
    }


def outcome(call: Call, kms: Any, facts: dict[str, Any]) -> str:
    """The code of the refusal; "" where the call is done."""
    try:
        call(kms, facts["key"], facts)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def enter(kms: Any, key: str, state: str) -> None:
    """Have the key in a state, whatever it is in."""
    found = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    if found == state:
        return
    if found.startswith("Pending"):
        kms.cancel_key_deletion(KeyId=key)
    if state == "Enabled":
        kms.enable_key(KeyId=key)
    elif state == "Disabled":
        kms.disable_key(KeyId=key)
    else:
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == state


PENDING = dict.fromkeys((*USE, *ROTATION, *CHANGE), INVALID)
REFUSED = {
    "Enabled": {},
    "Disabled": dict.fromkeys((*USE, *ROTATION), DISABLED),
    "PendingDeletion": PENDING,
    "PendingReplicaDeletion": PENDING,
}


@pytest.mark.parametrize("state", REFUSED)
def test_what_a_key_in_a_state_refuses(server: Any, kms: Any, facts: dict[str, Any], state: str) -> None:
    if state == "PendingReplicaDeletion":
        kms.replicate_key(KeyId=facts["key"], ReplicaRegion="ap-south-1")
        server.advance("1s")
    found = {}
    for name, call in EVERYTHING.items():
        enter(kms, facts["key"], state)
        found[name] = outcome(call, kms, facts)
    assert found == {**dict.fromkeys(EVERYTHING, ""), **REFUSED[state]}


MACED = {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
MACS: dict[str, Call] = {
    "GenerateMac": lambda kms, key, _: kms.generate_mac(KeyId=key, **MACED),
    "VerifyMac": lambda kms, key, facts: kms.verify_mac(KeyId=key, **MACED, Mac=facts["mac"]),
}


def test_mac_keys_are_refused_by_state_too(kms: Any, refused: Callable[..., Any]) -> None:
    key = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    ask = {"KeyId": key, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
    mac = kms.generate_mac(**ask)["Mac"]
    for state, code in (("Disabled", DISABLED), ("PendingDeletion", INVALID)):
        enter(kms, key, state)
        assert refused(kms.generate_mac, **ask).code == code
        assert refused(kms.verify_mac, **ask, Mac=mac).code == code
    enter(kms, key, "Enabled")
    assert kms.verify_mac(**ask, Mac=mac)["MacValid"] is True


def pair_facts(kms: Any, spec: str, usage: str) -> dict[str, Any]:
    return {"key": kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]}


SIGNED = {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
PUBLIC: dict[str, Call] = {"GetPublicKey": lambda kms, key, _: kms.get_public_key(KeyId=key)}
SIGNS: dict[str, Call] = {
    "Sign": lambda kms, key, _: kms.sign(KeyId=key, **SIGNED),
    "Verify": lambda kms, key, facts: kms.verify(KeyId=key, **SIGNED, Signature=facts["signature"]),
}
AGREES: dict[str, Call] = {
    "DeriveSharedSecret": lambda kms, key, facts: kms.derive_shared_secret(
        KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=facts["public"]
    ),
}
ENCAPSULATES: dict[str, Call] = {
    "Encapsulate": lambda kms, key, _: kms.encapsulate(KeyId=key, EncapsulationAlgorithm="ML_KEM"),
    "Decapsulate": lambda kms, key, facts: kms.decapsulate(
        KeyId=key, EncapsulationAlgorithm="ML_KEM", SharedSecretCiphertextBlob=facts["encapsulated"]
    ),
}
KINDS: dict[str, tuple[str, dict[str, Call]]] = {
    "ECC_NIST_P256": ("SIGN_VERIFY", {**SIGNS, **PUBLIC}),
    "ECC_NIST_P384": ("KEY_AGREEMENT", {**AGREES, **PUBLIC}),
    "ML_KEM_768": ("ENCAPSULATE_DECAPSULATE", {**ENCAPSULATES, **PUBLIC}),
}


def prepared(kms: Any, spec: str) -> dict[str, Any]:
    """A key pair of a spec, and what its operations take, made while it is Enabled."""
    usage, _ = KINDS[spec]
    facts = pair_facts(kms, spec, usage)
    match usage:
        case "SIGN_VERIFY":
            facts["signature"] = kms.sign(KeyId=facts["key"], **SIGNED)["Signature"]
        case "KEY_AGREEMENT":
            facts["public"] = kms.get_public_key(KeyId=pair_facts(kms, spec, usage)["key"])["PublicKey"]
        case _:
            made = kms.encapsulate(KeyId=facts["key"], EncapsulationAlgorithm="ML_KEM")
            facts["encapsulated"] = made["SharedSecretCiphertextBlob"]
    return facts


@pytest.mark.parametrize(("state", "code"), [("Enabled", ""), ("Disabled", DISABLED), ("PendingDeletion", INVALID)])
@pytest.mark.parametrize("spec", KINDS)
def test_what_a_key_pair_in_a_state_refuses(kms: Any, spec: str, state: str, code: str) -> None:
    facts = prepared(kms, spec)
    enter(kms, facts["key"], state)
    calls = KINDS[spec][1]
    assert {name: outcome(call, kms, facts) for name, call in calls.items()} == dict.fromkeys(calls, code)


@pytest.mark.parametrize(("state", "code"), [("Enabled", ""), ("Disabled", DISABLED), ("PendingDeletion", INVALID)])
@pytest.mark.parametrize("named", ["the primary", "the replica"])
def test_primary_region_is_moved_between_keys_that_can_be_used(
    server: Any, kms: Any, *, named: str, state: str, code: str
) -> None:
    """Either key's state is against it."""
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    server.advance("1s")
    there = server.client("kms", region="eu-west-1")
    if (named, state) == ("the primary", "PendingDeletion"):
        # With a replica it is PendingReplicaDeletion, which the table has as the same.
        kms.schedule_key_deletion(KeyId=key)
        assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingReplicaDeletion"
    else:
        enter(kms if named == "the primary" else there, key, state)
    facts = {"key": key}
    assert outcome(lambda kms, key, _: kms.update_primary_region(KeyId=key, PrimaryRegion="eu-west-1"), kms, facts) == (
        code
    )


STAYS = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
WRAPPING = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
IMPORTS: dict[str, Call] = {
    "GetParametersForImport": lambda kms, key, _: kms.get_parameters_for_import(KeyId=key, **WRAPPING),
    "ImportKeyMaterial": lambda kms, key, facts: kms.import_key_material(KeyId=key, **facts["import"]),
    "DeleteImportedKeyMaterial": lambda kms, key, _: kms.delete_imported_key_material(KeyId=key),
}


def bring(kms: Any, key: str, material: bytes) -> dict[str, Any]:
    """Import the material of a key; what ImportKeyMaterial was told, which may be told again."""
    parameters = kms.get_parameters_for_import(KeyId=key, **WRAPPING)
    public: Any = load_der_public_key(parameters["PublicKey"])
    wrapped = public.encrypt(material, padding.OAEP(padding.MGF1(SHA256()), SHA256(), None))
    told = {"ImportToken": parameters["ImportToken"], "EncryptedKeyMaterial": wrapped, **STAYS}
    kms.import_key_material(KeyId=key, **told)
    return told


@pytest.fixture
def imported(server: Any, kms: Any) -> dict[str, Any]:
    """A multi-Region key of imported material that was used, with what brings its material in again."""
    key = kms.create_key(MultiRegion=True, Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    material = os.urandom(32)
    told = bring(kms, key, material)
    return {**furnished(server, kms, key), "import": told, "material": material}


@pytest.mark.parametrize("state", ["Enabled", "Disabled", "PendingDeletion"])
def test_what_imported_material_is_refused_by_state(kms: Any, imported: dict[str, Any], state: str) -> None:
    found = {}
    for name, call in IMPORTS.items():
        enter(kms, imported["key"], state)
        found[name] = outcome(call, kms, imported)
    refused = ("GetParametersForImport", "ImportKeyMaterial") if state == "PendingDeletion" else ()
    assert found == {**dict.fromkeys(IMPORTS, ""), **dict.fromkeys(refused, INVALID)}


PENDING_IMPORT = {
    **dict.fromkeys((*USE, *ROTATION, "EnableKey", "DisableKey"), INVALID),
    # Of imported keys in every state: there is no automatic rotation to tell of.
    "GetKeyRotationStatus": "UnsupportedOperationException",
}


def test_what_a_key_that_lacks_its_material_refuses(kms: Any, imported: dict[str, Any]) -> None:
    calls = {**EVERYTHING, **IMPORTS}
    found = {}
    for name, call in calls.items():
        empty(kms, imported["key"])
        found[name] = outcome(call, kms, imported)
    assert found == {**dict.fromkeys(calls, ""), **PENDING_IMPORT}


def empty(kms: Any, key: str) -> None:
    """Have the key be without its material, whatever it is in."""
    if kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion":
        kms.cancel_key_deletion(KeyId=key)
    kms.delete_imported_key_material(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingImport"


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "HMAC_256"])
def test_what_a_key_that_never_had_its_material_refuses(kms: Any, spec: str) -> None:
    """Their allowed twins are the same operations under a key that is Enabled, above and below."""
    usage, calls = KINDS.get(spec, ("GENERATE_VERIFY_MAC", MACS))
    key = kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
    curve = ec.SECP384R1() if spec == "ECC_NIST_P384" else ec.SECP256R1()
    public = ec.generate_private_key(curve).public_key()
    spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    facts = {"key": key, "signature": bytes(70), "mac": bytes(32), "public": spki}
    assert {name: outcome(call, kms, facts) for name, call in calls.items()} == dict.fromkeys(calls, INVALID)


@pytest.mark.parametrize("lacks", ["neither", "the primary", "the replica"])
def test_primary_region_is_not_moved_where_material_is_lacking(
    server: Any, kms: Any, imported: dict[str, Any], lacks: str
) -> None:
    key = imported["key"]
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    server.advance("1s")
    if lacks != "the replica":
        bring(server.client("kms", region="eu-west-1"), key, imported["material"])
    if lacks == "the primary":
        empty(kms, key)
    moved = outcome(lambda kms, key, _: kms.update_primary_region(KeyId=key, PrimaryRegion="eu-west-1"), kms, imported)
    assert moved == ("" if lacks == "neither" else INVALID)


def test_a_refusal_by_state_comes_after_one_by_permission(
    kms: Any, key: str, user: Callable[..., Any], refused: Callable[..., Any]
) -> None:
    kms.disable_key(KeyId=key)
    may, may_not = user("may", {"Action": "kms:Encrypt"}), user("may-not")
    assert refused(may.encrypt, KeyId=key, Plaintext=b"x").code == DISABLED
    assert refused(may_not.encrypt, KeyId=key, Plaintext=b"x").code == "AccessDeniedException"
