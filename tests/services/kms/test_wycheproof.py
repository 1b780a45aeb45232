"""Project Wycheproof's vectors through the operations of KMS, under keys that are seeded with the vectors' material."""

from __future__ import annotations

import base64
import json
import tarfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, mlkem
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

VECTORS = Path(__file__).parents[2] / "data" / "wycheproof" / "pairs.tar.xz"
CURVES: dict[str, Any] = {
    "secp256r1": ("ECC_NIST_P256", ec.SECP256R1()),
    "secp384r1": ("ECC_NIST_P384", ec.SECP384R1()),
    "secp521r1": ("ECC_NIST_P521", ec.SECP521R1()),
}
KEMS: dict[int, Any] = {768: mlkem.MLKEM768PrivateKey, 1024: mlkem.MLKEM1024PrivateKey}
SIGNERS: dict[int, Any] = {44: mldsa.MLDSA44PrivateKey, 65: mldsa.MLDSA65PrivateKey, 87: mldsa.MLDSA87PrivateKey}


@cache
def documents() -> dict[str, Any]:
    with tarfile.open(VECTORS) as archive:
        return {
            Path(member.name).stem: json.loads(archive.extractfile(member).read())  # type: ignore[union-attr]
            for member in archive.getmembers()
        }


def cases(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for group in documents()[name]["testGroups"]:
        for case in group["tests"]:
            yield group, case


def pkcs8(private: Any) -> bytes:
    return bytes(private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


class Seeded:
    """Keys by their material, seeded in one go."""

    def __init__(self, server: Any, spec: str, usage: str, materials: list[bytes]) -> None:
        self._ids = {material: str(UUID(int=number + 1)) for number, material in enumerate(dict.fromkeys(materials))}
        keys = [
            {
                "account": server.account,
                "region": "us-east-1",
                "id": key_id,
                "spec": spec,
                "usage": usage,
                "material": base64.b64encode(material).decode(),
            }
            for material, key_id in self._ids.items()
        ]
        for start in range(0, len(keys), 200):
            server._post("/_casemate/seed", json.dumps({"keys": keys[start : start + 200]}).encode())

    def __getitem__(self, material: bytes) -> str:
        return self._ids[material]


def outcome(operation: Any, member: str, **asked: Any) -> bytes | str:
    """What came of a call: the member's bytes, or the code of the refusal."""
    try:
        return bytes(operation(**asked)[member])
    except ClientError as error:
        return str(error.response["Error"]["Code"])


def together(work: Any, items: list[Any]) -> list[Any]:
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(work, items))


@pytest.mark.parametrize("curve", CURVES)
def test_derive_shared_secret_agrees_with_every_vector(server: Any, kms: Any, curve: str) -> None:
    spec, parameters = CURVES[curve]
    found = [case for _, case in cases(f"ecdh_{curve}_test")]

    def material(case: dict[str, Any]) -> bytes:
        return pkcs8(ec.derive_private_key(int(case["private"], 16), parameters))

    materials = [material(case) for case in found]
    keys = Seeded(server, spec, "KEY_AGREEMENT", materials)

    def derive(item: tuple[dict[str, Any], bytes]) -> bytes | str:
        case, its = item
        return outcome(
            kms.derive_shared_secret,
            "SharedSecret",
            KeyId=keys[its],
            KeyAgreementAlgorithm="ECDH",
            PublicKey=bytes.fromhex(case["public"]) or b"\0",
        )

    for case, got in zip(found, together(derive, list(zip(found, materials, strict=True))), strict=True):
        expected = bytes.fromhex(case["shared"])
        match case["result"]:
            case "valid":
                assert got == expected, case
            case "invalid":
                assert got == "ValidationException", case
            case _:  # an encoding that a reader may take or leave, but never misread
                assert got in {expected, "ValidationException"}, case
    assert len(found) > 600


@pytest.mark.parametrize(
    ("name", "spec", "algorithm"),
    [
        ("rsa_oaep_2048_sha1_mgf1sha1_test", "RSA_2048", "RSAES_OAEP_SHA_1"),
        ("rsa_oaep_2048_sha256_mgf1sha256_test", "RSA_2048", "RSAES_OAEP_SHA_256"),
        ("rsa_oaep_3072_sha256_mgf1sha256_test", "RSA_3072", "RSAES_OAEP_SHA_256"),
        ("rsa_oaep_4096_sha256_mgf1sha256_test", "RSA_4096", "RSAES_OAEP_SHA_256"),
    ],
)
def test_decrypt_agrees_with_every_vector(server: Any, kms: Any, name: str, spec: str, algorithm: str) -> None:
    found = [(bytes.fromhex(group["privateKeyPkcs8"]), case) for group, case in cases(name)]
    keys = Seeded(server, spec, "ENCRYPT_DECRYPT", [material for material, _ in found])

    def decrypt(item: tuple[bytes, dict[str, Any]]) -> bytes | str:
        its, case = item
        blob = bytes.fromhex(case["ct"]) or b"\0"
        asked = {"KeyId": keys[its], "CiphertextBlob": blob, "EncryptionAlgorithm": algorithm}
        return outcome(kms.decrypt, "Plaintext", **asked)

    for (_, case), got in zip(found, together(decrypt, found), strict=True):
        # A label is nothing that KMS takes: what was encrypted with one does not open.
        opens = case["result"] == "valid" and not case["label"]
        assert got == (bytes.fromhex(case["msg"]) if opens else "InvalidCiphertextException"), case
    assert len(found) > 30


@pytest.mark.parametrize("bits", KEMS)
def test_decapsulate_agrees_with_every_vector(server: Any, kms: Any, bits: int) -> None:
    made: list[tuple[bytes, dict[str, Any]]] = []
    for _, case in cases(f"mlkem_{bits}_test"):
        seed = bytes.fromhex(case["seed"])
        if len(seed) != 64:
            with pytest.raises(ValueError, match="seed"):
                KEMS[bits].from_seed_bytes(seed)
            assert case["result"] == "invalid"
        else:
            made.append((pkcs8(KEMS[bits].from_seed_bytes(seed)), case))
    keys = Seeded(server, f"ML_KEM_{bits}", "ENCAPSULATE_DECAPSULATE", [material for material, _ in made])

    def decapsulate(item: tuple[bytes, dict[str, Any]]) -> bytes | str:
        its, case = item
        blob = bytes.fromhex(case["c"]) or b"\0"
        asked = {"KeyId": keys[its], "SharedSecretCiphertextBlob": blob, "EncapsulationAlgorithm": "ML_KEM"}
        return outcome(kms.decapsulate, "SharedSecret", **asked)

    for (_, case), got in zip(made, together(decapsulate, made), strict=True):
        valid = case["result"] == "valid"
        assert got == (bytes.fromhex(case["K"]) if valid else "InvalidCiphertextException"), case
    assert len(made) > 50


@pytest.mark.parametrize("bits", KEMS)
def test_public_key_is_the_one_of_the_seed(server: Any, kms: Any, bits: int) -> None:
    found = [case for _, case in cases(f"mlkem_{bits}_keygen_seed_test")]
    materials = [pkcs8(KEMS[bits].from_seed_bytes(bytes.fromhex(case["seed"]))) for case in found]
    keys = Seeded(server, f"ML_KEM_{bits}", "ENCAPSULATE_DECAPSULATE", materials)
    answers = together(lambda its: kms.get_public_key(KeyId=keys[its])["PublicKey"], materials)
    for case, spki in zip(found, answers, strict=True):
        assert spki.endswith(bytes.fromhex(case["ek"]))


@pytest.mark.parametrize("bits", SIGNERS)
def test_verify_believes_the_published_signatures_and_sign_makes_such(server: Any, kms: Any, bits: int) -> None:
    found = []
    for group, case in cases(f"mldsa_{bits}_sign_seed_test"):
        seed = bytes.fromhex(group["privateSeed"])
        if len(seed) == 32 and case["result"] == "valid" and not case.get("ctx"):
            found.append((pkcs8(SIGNERS[bits].from_seed_bytes(seed)), case))
    keys = Seeded(server, f"ML_DSA_{bits}", "SIGN_VERIFY", [material for material, _ in found])

    def check(item: tuple[bytes, dict[str, Any]]) -> int:
        its, case = item
        asked = {"KeyId": keys[its], "SigningAlgorithm": "ML_DSA_SHAKE_256"}
        signature = bytes.fromhex(case["sig"])
        tried = 0
        for kind, member in (("RAW", "msg"), ("EXTERNAL_MU", "mu")):
            message = bytes.fromhex(case.get(member) or "")
            if not 0 < len(message) <= 4096:
                continue
            told = {**asked, "Message": message, "MessageType": kind}
            assert kms.verify(**told, Signature=signature)["SignatureValid"], case
            assert kms.verify(**told, Signature=kms.sign(**told)["Signature"])["SignatureValid"]
            tried += 1
        return tried

    assert sum(together(check, found)) > 60


@pytest.mark.parametrize(
    ("kind", "name"),
    [("PKCS1_V1_5", "rsa_signature_2048_sha256_test"), ("PSS", "rsa_pss_2048_sha256_mgf1_32_test")],
)
def test_verify_agrees_under_the_key_whose_private_half_is_published(
    server: Any, kms: Any, kind: str, name: str
) -> None:
    (group, _), *_ = cases("rsa_oaep_2048_sha256_mgf1sha256_test")
    material, modulus = bytes.fromhex(group["privateKeyPkcs8"]), group["privateKey"]["modulus"]
    key = Seeded(server, "RSA_2048", "SIGN_VERIFY", [material])[material]
    found = [case for its, case in cases(name) if its["publicKey"]["modulus"] == modulus and case["msg"]]

    def verify(case: dict[str, Any]) -> bool:
        asked = {
            "KeyId": key,
            "Message": bytes.fromhex(case["msg"]),
            "Signature": bytes.fromhex(case["sig"]) or b"\0",
            "SigningAlgorithm": f"RSASSA_{kind}_SHA_256",
        }
        try:
            return bool(kms.verify(**asked)["SignatureValid"])
        except ClientError as error:
            assert error.response["Error"]["Code"] == "KMSInvalidSignatureException"  # noqa: PT017
            return False

    for case, believed in zip(found, together(verify, found), strict=True):
        if case["result"] != "acceptable":
            assert believed is (case["result"] == "valid"), case
    assert len(found) > 50
