"""The key-state matrix: which operations a key in each state lets be done.

KMS Developer Guide, "Key states of AWS KMS keys" (2023); what came later (DeriveSharedSecret, ML-KEM) is use like any
other. The first table is of a symmetric multi-Region key of KMS's own material, the second of keys of other kinds, the
third of keys whose material is imported. States that pass by themselves are in test_transient_states.py, and
Unavailable, which only keys of custom key stores have, in custom_stores/test_unavailable.py.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from botocore.session import Session
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from tests.services.kms.calls import (
    CANCEL,
    CHANGE,
    DISABLED,
    EVERYTHING,
    IMPORTS,
    INVALID,
    KINDS,
    MOVES,
    ROTATION,
    UNSUPPORTED,
    USE,
    bring,
    enter,
    furnished,
    outcome,
    prepared,
)


@pytest.fixture
def facts(server: Any, kms: Any) -> dict[str, Any]:
    """A multi-Region key with aliases, grants and ciphertext, and another one beside it."""
    return furnished(server, kms, kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"])


CANCELLED = dict.fromkeys(CANCEL, INVALID)
PENDING = dict.fromkeys((*USE, *ROTATION, *CHANGE), INVALID)
REFUSED: dict[str, dict[str, str]] = {
    "Enabled": CANCELLED,
    "Disabled": {**dict.fromkeys((*USE, *ROTATION), DISABLED), **CANCELLED},
    "PendingDeletion": PENDING,
    "PendingReplicaDeletion": PENDING,
}


NAMES_A_KEY = {"KeyId", "SourceKeyId", "TargetKeyId", "AliasName"}


def test_no_operation_that_takes_a_key_is_left_out() -> None:
    model = Session().get_service_model("kms")
    shapes = {name: model.operation_model(name).input_shape for name in model.operation_names}
    taking = {name for name, shape in shapes.items() if shape is not None and NAMES_A_KEY & set(shape.members)}
    called = {*EVERYTHING, *IMPORTS, *MOVES, *(name for _, calls in KINDS.values() for name in calls)}
    apart = {"ReEncryptFrom", "ReEncryptTo", "UpdateAliasOnto", "UpdateAliasOff"}
    assert called - apart | {"ReEncrypt", "UpdateAlias"} == taking


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
    **dict.fromkeys((*USE, *ROTATION, "EnableKey", "DisableKey", *CANCEL), INVALID),
    # Of imported keys in every state: there is no automatic rotation to tell of.
    "GetKeyRotationStatus": UNSUPPORTED,
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
    usage, calls = KINDS[spec]
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
