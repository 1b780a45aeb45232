"""KMS: for each built operation, what it is about, and the request for it."""

from __future__ import annotations

import contextlib
import os
import time
import uuid
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from tests.conformance.isolation.world import Actor, Case

Params = dict[str, Any]
THIRD_REGION = "ap-southeast-2"


def key(owner: Actor, name: str, **more: Any) -> str:
    """A key with an alias; its id."""
    made = owner.kms.create_key(Description=owner.mark, Tags=owner.tags("TagKey", "TagValue"), **more)["KeyMetadata"]
    owner.kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=made["KeyId"])
    owner.secrets.add(made["KeyId"])
    found: str = made["KeyId"]
    return found


def on_key(**more: Any) -> Any:
    """A request about a key."""
    return lambda owner, name: {"KeyId": key(owner, name), **more}


def with_alias(owner: Actor, name: str) -> Params:
    return {"AliasName": f"alias/{name}", "TargetKeyId": key(owner, name)}


def new_alias(owner: Actor, name: str) -> Params:
    return {"AliasName": f"alias/{name}-new", "TargetKeyId": key(owner, name)}


def mac_key(owner: Actor, name: str) -> str:
    return key(owner, name, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")


def mac(owner: Actor, name: str) -> Params:
    request = {"KeyId": mac_key(owner, name), "Message": b"anything", "MacAlgorithm": "HMAC_SHA_256"}
    return {**request, "Mac": owner.kms.generate_mac(**request)["Mac"]}


def ciphertext(owner: Actor, name: str) -> bytes:
    blob: bytes = owner.kms.encrypt(KeyId=key(owner, name), Plaintext=owner.mark.encode())["CiphertextBlob"]
    return blob


def ciphertext_of_key(owner: Actor, name: str) -> Params:
    key_id = key(owner, name)
    return {
        "KeyId": key_id,
        "CiphertextBlob": owner.kms.encrypt(KeyId=key_id, Plaintext=owner.mark.encode())["CiphertextBlob"],
    }


def re_encrypted(owner: Actor, name: str) -> Params:
    """From and to a key of the owner's."""
    made = ciphertext_of_key(owner, name)
    return {"CiphertextBlob": made["CiphertextBlob"], "DestinationKeyId": made["KeyId"]}


def to_callers_own(owner: Actor, name: str) -> Params:
    """From a key of the owner's to the caller's own: `alias/mine` stands in each account and region."""
    return {"CiphertextBlob": ciphertext(owner, name), "DestinationKeyId": "alias/mine"}


def _grant(owner: Actor, name: str, **more: Any) -> tuple[str, str, str]:
    key_id = key(owner, name)
    arn = owner.sts.get_caller_identity()["Arn"]
    grant = owner.kms.create_grant(
        KeyId=key_id, GranteePrincipal=arn, Operations=["Decrypt"], Name=owner.mark, RetiringPrincipal=arn, **more
    )
    owner.secrets.add(grant["GrantId"])
    return key_id, grant["GrantId"], grant["GrantToken"]


def grant(owner: Actor, name: str) -> Params:
    key_id, grant_id, _ = _grant(owner, name)
    return {"KeyId": key_id, "GrantId": grant_id}


def grant_by_arn(owner: Actor, name: str) -> Params:
    key_id, grant_id, _ = _grant(owner, name)
    return {"KeyId": f"arn:aws:kms:{owner.region}:{owner.account}:key/{key_id}", "GrantId": grant_id}


def retirable(owner: Actor, name: str) -> Params:
    _grant(owner, name)
    return {"RetiringPrincipal": owner.sts.get_caller_identity()["Arn"]}


def pending(owner: Actor, name: str) -> Params:
    key_id = key(owner, name)
    owner.kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    return {"KeyId": key_id}


def disabled(owner: Actor, name: str) -> Params:
    key_id = key(owner, name)
    owner.kms.disable_key(KeyId=key_id)
    return {"KeyId": key_id}


def rotating(owner: Actor, name: str) -> Params:
    key_id = key(owner, name)
    owner.kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=99)
    return {"KeyId": key_id}


def rotated(owner: Actor, name: str) -> Params:
    key_id = key(owner, name)
    owner.kms.rotate_key_on_demand(KeyId=key_id)
    return {"KeyId": key_id}


def primary(owner: Actor, name: str) -> Params:
    return {"KeyId": key(owner, name, MultiRegion=True), "ReplicaRegion": THIRD_REGION}


def with_replica(owner: Actor, name: str) -> Params:
    made = primary(owner, name)
    owner.kms.replicate_key(**made)
    abroad = Actor(owner.url, owner.keys, owner.account, THIRD_REGION, owner.mark).kms
    until = time.monotonic() + 15
    while abroad.describe_key(KeyId=made["KeyId"])["KeyMetadata"]["KeyState"] != "Enabled":
        assert time.monotonic() < until, "the replica was not made in time"
        time.sleep(0.05)
    return {"KeyId": made["KeyId"], "PrimaryRegion": THIRD_REGION}


def listed(kind: Callable[[Actor, str], Any], **request: Any) -> Case:
    def make(owner: Actor, name: str) -> Params:
        kind(owner, name)
        return request

    return Case(make, own=True)


def pair(owner: Actor, name: str, spec: str = "ECC_NIST_P256", usage: str = "SIGN_VERIFY") -> str:
    return key(owner, name, KeySpec=spec, KeyUsage=usage)


def to_sign(owner: Actor, name: str) -> Params:
    return {"KeyId": pair(owner, name), "Message": b"anything", "SigningAlgorithm": "ECDSA_SHA_256"}


def to_verify(owner: Actor, name: str) -> Params:
    request = to_sign(owner, name)
    return {**request, "Signature": owner.kms.sign(**request)["Signature"]}


def to_agree(owner: Actor, name: str) -> Params:
    key_id = pair(owner, name, usage="KEY_AGREEMENT")
    public = owner.kms.get_public_key(KeyId=key_id)["PublicKey"]
    return {"KeyId": key_id, "KeyAgreementAlgorithm": "ECDH", "PublicKey": public}


def to_encapsulate(owner: Actor, name: str) -> Params:
    key_id = pair(owner, name, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE")
    return {"KeyId": key_id, "EncapsulationAlgorithm": "ML_KEM"}


def to_decapsulate(owner: Actor, name: str) -> Params:
    request = to_encapsulate(owner, name)
    blob = owner.kms.encapsulate(**request)["SharedSecretCiphertextBlob"]
    return {**request, "SharedSecretCiphertextBlob": blob}


def to_wrap(owner: Actor, name: str) -> Params:
    key_id = key(owner, name, Origin="EXTERNAL")
    return {"KeyId": key_id, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}


def to_import(owner: Actor, name: str) -> Params:
    request = to_wrap(owner, name)
    got = owner.kms.get_parameters_for_import(**request)
    public: Any = load_der_public_key(got["PublicKey"])
    wrapped = public.encrypt(os.urandom(32), padding.OAEP(padding.MGF1(SHA256()), SHA256(), None))
    return {
        "KeyId": request["KeyId"],
        "ImportToken": got["ImportToken"],
        "EncryptedKeyMaterial": wrapped,
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }


def imported(owner: Actor, name: str) -> Params:
    request = to_import(owner, name)
    owner.kms.import_key_material(**request)
    return {"KeyId": request["KeyId"]}


def store_asked(_owner: Actor, name: str) -> Params:
    """An external key store that is not called when it is made."""
    unique = uuid.uuid4().hex[:12]
    return {
        "CustomKeyStoreName": f"{name}-{unique}",
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyUriEndpoint": f"https://{unique}.example.com",
        "XksProxyUriPath": f"/{unique}/kms/xks/v1",
        "XksProxyConnectivity": "VPC_ENDPOINT_SERVICE",
        "XksProxyVpcEndpointServiceName": f"com.amazonaws.vpce.us-east-1.vpce-svc-{unique}",
        "XksProxyAuthenticationCredential": {"AccessKeyId": "A" * 20, "RawSecretAccessKey": "s" * 43},
    }


def store(owner: Actor, name: str) -> Params:
    made = owner.kms.create_custom_key_store(**store_asked(owner, name))["CustomKeyStoreId"]
    owner.secrets.add(made)
    recent = _RECENT.setdefault((owner.account, owner.region), [])
    recent.append(made)
    while len(recent) > _KEPT_STORES:  # an account has at most ten
        old = {"CustomKeyStoreId": recent.pop(0)}
        for call in (owner.kms.disconnect_custom_key_store, owner.kms.delete_custom_key_store):
            with contextlib.suppress(ClientError):
                call(**old)
    return {"CustomKeyStoreId": made}


_KEPT_STORES = 4
_RECENT: dict[tuple[str, str], list[str]] = {}


def connecting(owner: Actor, name: str) -> Params:
    made = store(owner, name)
    owner.kms.connect_custom_key_store(**made)
    return made


def policy(owner: Actor) -> str:
    return owner.document(Action="kms:*", Resource="*", Principal={"AWS": f"arn:aws:iam::{owner.account}:root"})


CASES: dict[str, Case | list[Case]] = {
    "CancelKeyDeletion": Case(pending),
    "CreateAlias": Case(new_alias),
    "CreateGrant": Case(
        lambda owner, name: {
            "KeyId": key(owner, name),
            "Operations": ["Decrypt"],
            "GranteePrincipal": owner.sts.get_caller_identity()["Arn"],
        }
    ),
    "CreateKey": Case(lambda _owner, _name: {}, own=True),
    "ConnectCustomKeyStore": Case(store),
    "CreateCustomKeyStore": Case(store_asked, own=True, separate=True),
    "Decapsulate": Case(to_decapsulate, aliases=True),
    "DeleteCustomKeyStore": Case(store),
    "DeleteImportedKeyMaterial": Case(imported),
    "DeriveSharedSecret": Case(to_agree, aliases=True),
    "DescribeCustomKeyStores": Case(store),
    "DisconnectCustomKeyStore": Case(connecting),
    "Encapsulate": Case(to_encapsulate, aliases=True),
    "GenerateDataKeyPair": Case(on_key(KeyPairSpec="ECC_NIST_P256"), aliases=True),
    "GenerateDataKeyPairWithoutPlaintext": Case(on_key(KeyPairSpec="ECC_NIST_P256"), aliases=True),
    "GetKeyLastUsage": Case(on_key()),
    "GetParametersForImport": Case(to_wrap),
    "GetPublicKey": Case(lambda owner, name: {"KeyId": pair(owner, name)}, aliases=True),
    "ImportKeyMaterial": Case(to_import),
    "Sign": Case(to_sign, aliases=True),
    "UpdateCustomKeyStore": Case(
        lambda owner, name: {**store(owner, name), "NewCustomKeyStoreName": f"{name}-{uuid.uuid4().hex[:8]}"}
    ),
    "Verify": Case(to_verify, aliases=True),
    "Decrypt": [
        Case(lambda owner, name: {"CiphertextBlob": ciphertext(owner, name)}, aliases=True),
        Case(ciphertext_of_key, aliases=True),
    ],
    "DeleteAlias": Case(lambda owner, name: {"AliasName": with_alias(owner, name)["AliasName"]}),
    "DescribeKey": Case(on_key(), aliases=True),
    "DisableKey": Case(on_key()),
    "DisableKeyRotation": Case(rotating),
    "EnableKey": Case(disabled),
    "EnableKeyRotation": Case(on_key()),
    "Encrypt": Case(on_key(Plaintext=b"anything"), aliases=True),
    "GenerateDataKey": Case(on_key(NumberOfBytes=32), aliases=True),
    "GenerateDataKeyWithoutPlaintext": Case(on_key(NumberOfBytes=32), aliases=True),
    "GenerateMac": Case(
        lambda owner, name: {
            "KeyId": mac_key(owner, name),
            "Message": b"anything",
            "MacAlgorithm": "HMAC_SHA_256",
        },
        aliases=True,
    ),
    "GenerateRandom": Case(lambda _owner, _name: {"NumberOfBytes": 32}, own=True, silent=True),
    "GetKeyPolicy": Case(lambda owner, name: {"KeyId": key(owner, name, Policy=policy(owner))}),
    "GetKeyRotationStatus": Case(rotating),
    "ListAliases": [listed(key), Case(on_key())],
    "ListGrants": Case(lambda owner, name: {"KeyId": grant(owner, name)["KeyId"]}),
    "ListKeyPolicies": Case(on_key(), silent=True),
    "ListKeyRotations": Case(rotated, silent=True),
    "ListKeys": listed(key, Limit=1000),
    "ListResourceTags": Case(on_key()),
    "ListRetirableGrants": Case(retirable, own=True, refusals=("InvalidArnException",)),
    "PutKeyPolicy": Case(lambda owner, name: {"KeyId": key(owner, name), "Policy": policy(owner)}),
    "ReEncrypt": [Case(re_encrypted, aliases=True), Case(to_callers_own)],
    "ReplicateKey": Case(primary),
    "RetireGrant": [
        Case(grant_by_arn),
        Case(lambda owner, name: {"GrantToken": _grant(owner, name)[2]}, refusals=("InvalidGrantTokenException",)),
    ],
    "RevokeGrant": Case(grant),
    "RotateKeyOnDemand": Case(on_key()),
    "ScheduleKeyDeletion": Case(on_key(PendingWindowInDays=7)),
    "TagResource": Case(on_key(Tags=[{"TagKey": "colour", "TagValue": "green"}])),
    "UntagResource": Case(on_key(TagKeys=["owner"])),
    "UpdateAlias": Case(with_alias),
    "UpdateKeyDescription": Case(on_key(Description="changed")),
    "UpdatePrimaryRegion": Case(with_replica),
    "VerifyMac": Case(mac, aliases=True),
}
