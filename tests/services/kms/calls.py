"""Every KMS operation that takes a key, as the tests of key states call it, and keys for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

DISABLED = "DisabledException"
INVALID = "KMSInvalidStateException"
UNSUPPORTED = "UnsupportedOperationException"

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
    "ListKeyRotations": lambda kms, key, _: kms.list_key_rotations(KeyId=key),
    "GetKeyLastUsage": lambda kms, key, _: kms.get_key_last_usage(KeyId=key),
    "RevokeGrant": lambda kms, key, facts: kms.revoke_grant(KeyId=key, GrantId=facts["revoked"]),
    "RetireGrant": lambda kms, _, facts: kms.retire_grant(GrantToken=facts["token"]),
    "UpdateAliasOff": lambda kms, _, facts: kms.update_alias(AliasName="alias/moved", TargetKeyId=facts["other"]),
    "DeleteAlias": lambda kms, _key, _facts: kms.delete_alias(AliasName="alias/mine"),
}
CANCEL: dict[str, Call] = {"CancelKeyDeletion": lambda kms, key, _: kms.cancel_key_deletion(KeyId=key)}
EVERYTHING = {**USE, **ROTATION, **CHANGE, **ALWAYS, **CANCEL}


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


MACED = {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
MACS: dict[str, Call] = {
    "GenerateMac": lambda kms, key, _: kms.generate_mac(KeyId=key, **MACED),
    "VerifyMac": lambda kms, key, facts: kms.verify_mac(KeyId=key, **MACED, Mac=facts["mac"]),
}


MOVES: dict[str, Call] = {
    "UpdatePrimaryRegion": lambda kms, key, _: kms.update_primary_region(KeyId=key, PrimaryRegion="ap-south-1"),
}


def pair_facts(kms: Any, spec: str, usage: str, **members: Any) -> dict[str, Any]:
    return {"key": kms.create_key(KeySpec=spec, KeyUsage=usage, **members)["KeyMetadata"]["KeyId"]}


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
    "HMAC_256": ("GENERATE_VERIFY_MAC", MACS),
    "ML_KEM_768": ("ENCAPSULATE_DECAPSULATE", {**ENCAPSULATES, **PUBLIC}),
}


def prepared(kms: Any, spec: str, **members: Any) -> dict[str, Any]:
    """A key of a spec, and what its operations take, made while it is Enabled."""
    usage, _ = KINDS[spec]
    facts = pair_facts(kms, spec, usage, **members)
    match usage:
        case "SIGN_VERIFY":
            facts["signature"] = kms.sign(KeyId=facts["key"], **SIGNED)["Signature"]
        case "KEY_AGREEMENT":
            facts["public"] = kms.get_public_key(KeyId=pair_facts(kms, spec, usage)["key"])["PublicKey"]
        case "GENERATE_VERIFY_MAC":
            facts["mac"] = kms.generate_mac(KeyId=facts["key"], **MACED)["Mac"]
        case _:
            made = kms.encapsulate(KeyId=facts["key"], EncapsulationAlgorithm="ML_KEM")
            facts["encapsulated"] = made["SharedSecretCiphertextBlob"]
    return facts


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
