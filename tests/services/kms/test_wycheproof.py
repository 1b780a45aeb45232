"""Project Wycheproof's vectors through the operations of KMS, under keys that are seeded with the vectors' material.

What no operation can express stays with the engine (tests/engines/keys/test_wycheproof.py and test_wycheproof_pairs.py
say which and why): signatures whose private key nobody published, empty messages, keys of lengths that KMS refuses.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_public_key
from tests.wycheproof import cases

DATA = Path(__file__).parents[2] / "data" / "wycheproof"
CURVES: dict[str, Any] = {
    "secp256r1": ("ECC_NIST_P256", ec.SECP256R1()),
    "secp384r1": ("ECC_NIST_P384", ec.SECP384R1()),
    "secp521r1": ("ECC_NIST_P521", ec.SECP521R1()),
}
KEMS: dict[int, Any] = {768: mlkem.MLKEM768PrivateKey, 1024: mlkem.MLKEM1024PrivateKey}
SIGNERS: dict[int, Any] = {44: mldsa.MLDSA44PrivateKey, 65: mldsa.MLDSA65PrivateKey, 87: mldsa.MLDSA87PrivateKey}
# Orders of the groups: SEC 2, 2.4.1, 2.4.2, 2.5.1 and 2.6.1.
ECDSA: dict[str, Any] = {
    "ecdsa_secp256k1_sha256_test": (
        "ECC_SECG_P256K1",
        ec.SECP256K1(),
        0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141,
        256,
    ),
    "ecdsa_secp256r1_sha256_test": (
        "ECC_NIST_P256",
        ec.SECP256R1(),
        0xFFFFFFFF_00000000_FFFFFFFF_FFFFFFFF_BCE6FAAD_A7179E84_F3B9CAC2_FC632551,
        256,
    ),
    "ecdsa_secp384r1_sha384_test": (
        "ECC_NIST_P384",
        ec.SECP384R1(),
        (1 << 384) - 0x389CB27E0BC8D220A7E5F24DB74F58851313E695333AD68D,
        384,
    ),
    "ecdsa_secp521r1_sha512_test": (
        "ECC_NIST_P521",
        ec.SECP521R1(),
        (1 << 521) - 0x5AE79787C40D069948033FEB708F65A2FC44A36477663B851449048E16EC79BF7,
        512,
    ),
}
# Lengths in bytes of HMAC material that may be imported, and how many vectors are of these, with a message in them
# (KMS Developer Guide, "Requirements for imported key material").
CODES = {224: (28, 64, 105), 256: (32, 64, 106), 384: (48, 128, 110), 512: (64, 128, 110)}
# Seeds of public keys in the Ed25519 vectors: RFC 8032, 7.1, and the project's former `eddsa_test.json`.
ED25519_SEEDS = (
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5",
    "add4bb8103785baf9ac534258e8aaf65f5f1adb5ef5f3df19bb80ab989c4d64b",
    "0a23a20072891237aa0864b5765139514908787878cd77135a0059881d313f00",
)


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


def refusal(operation: Any, **asked: Any) -> str:
    """The code of the refusal; "" where the call is done."""
    try:
        operation(**asked)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


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


def believed(kms: Any, asked: dict[str, Any], case: dict[str, Any]) -> bool:
    """Whether Verify takes the signature of a case (an empty one, which no client sends, as one byte)."""
    try:
        return bool(kms.verify(**asked, Signature=bytes.fromhex(case["sig"]) or b"\0")["SignatureValid"])
    except ClientError as error:
        assert error.response["Error"]["Code"] == "KMSInvalidSignatureException"  # noqa: PT017
        return False


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
@pytest.mark.parametrize(
    ("kind", "name", "expected"),
    [("PKCS1_V1_5", "rsa_signature_{}_sha256_test", (257, 258)), ("PSS", "rsa_pss_{}_sha256_mgf1_32_test", (108,))],
)
def test_verify_agrees_under_the_key_whose_private_half_is_published(
    server: Any, kms: Any, *, kind: str, name: str, expected: tuple[int, ...], bits: int
) -> None:
    """The private keys are those of the OAEP vectors. An empty message is told by its digest."""
    (group, _), *_ = cases(f"rsa_oaep_{bits}_sha256_mgf1sha256_test")
    material, modulus = bytes.fromhex(group["privateKeyPkcs8"]), group["privateKey"]["modulus"]
    key = Seeded(server, f"RSA_{bits}", "SIGN_VERIFY", [material])[material]
    found = [case for its, case in cases(name.format(bits)) if its["publicKey"]["modulus"] == modulus]

    def verify(case: dict[str, Any]) -> bool:
        message = bytes.fromhex(case["msg"])
        told = {"Message": message} if message else {"Message": hashlib.sha256().digest(), "MessageType": "DIGEST"}
        return believed(kms, {"KeyId": key, "SigningAlgorithm": f"RSASSA_{kind}_SHA_256", **told}, case)

    for case, verified in zip(found, together(verify, found), strict=True):
        if case["result"] == "acceptable":
            # A signature that leaves the NULL of its algorithm out: RFC 8017 lets a verifier take or refuse it.
            assert case["flags"] == ["MissingNull"]
        else:
            assert verified is (case["result"] == "valid"), case
    assert len(found) in expected


def test_verify_agrees_with_the_ed25519_vectors_of_known_seeds(server: Any, kms: Any) -> None:
    privates = [ed25519.Ed25519PrivateKey.from_private_bytes(bytes.fromhex(each)) for each in ED25519_SEEDS]
    materials = {each.public_key().public_bytes_raw().hex(): pkcs8(each) for each in privates}
    keys = Seeded(server, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY", list(materials.values()))
    found = [
        (materials[group["publicKey"]["pk"]], case)
        for group, case in cases("ed25519_test")
        if group["publicKey"]["pk"] in materials and case["msg"]
    ]

    def verify(item: tuple[bytes, dict[str, Any]]) -> bool:
        its, case = item
        message = bytes.fromhex(case["msg"])
        return believed(kms, {"KeyId": keys[its], "SigningAlgorithm": "ED25519_SHA_512", "Message": message}, case)

    for (_, case), verified in zip(found, together(verify, found), strict=True):
        assert verified is (case["result"] == "valid"), case
    assert len(found) == 81


@pytest.mark.parametrize("name", ECDSA)
def test_verify_agrees_with_the_ecdsa_vectors_of_keys_that_anyone_knows(server: Any, kms: Any, name: str) -> None:
    """Those whose private key is 1 or -1: the curve's base point and its reflection. All of them are no signatures."""
    spec, curve, order, bits = ECDSA[name]
    privates = [ec.derive_private_key(each, curve) for each in (1, order - 1)]
    points = [each.public_key().public_numbers() for each in privates]
    materials = {(point.x, point.y): pkcs8(each) for point, each in zip(points, privates, strict=True)}
    keys = Seeded(server, spec, "SIGN_VERIFY", list(materials.values()))
    tried = 0
    for group, case in cases(name):
        its = materials.get((int(group["publicKey"]["wx"], 16), int(group["publicKey"]["wy"], 16)))
        if its is None:
            continue
        asked = {
            "KeyId": keys[its],
            "SigningAlgorithm": f"ECDSA_SHA_{bits}",
            "Message": bytes.fromhex(case["msg"]),
        }
        assert believed(kms, asked, case) is (case["result"] == "valid"), case
        assert kms.verify(**asked, Signature=kms.sign(**asked)["Signature"])["SignatureValid"]
        tried += 1
    assert tried == 4


@pytest.mark.parametrize(("bits", "expected"), [(44, 136), (65, 152), (87, 165)])
def test_verify_agrees_with_the_ml_dsa_vectors_of_published_seeds(
    server: Any, kms: Any, bits: int, expected: int
) -> None:
    """The seeds are those of the signing vectors. A context is nothing that KMS takes: with one, nothing is valid."""
    materials = {
        group["publicKey"]: pkcs8(SIGNERS[bits].from_seed_bytes(bytes.fromhex(group["privateSeed"])))
        for group, _ in cases(f"mldsa_{bits}_sign_seed_test")
        if len(group["privateSeed"]) == 64
    }
    keys = Seeded(server, f"ML_DSA_{bits}", "SIGN_VERIFY", list(materials.values()))
    found = [each for each in cases(f"mldsa_{bits}_verify_test") if each[0]["publicKey"] in materials]

    def verify(item: tuple[dict[str, Any], dict[str, Any]]) -> list[bool]:
        group, case = item
        asked = {"KeyId": keys[materials[group["publicKey"]]], "SigningAlgorithm": "ML_DSA_SHAKE_256"}
        message = bytes.fromhex(case["msg"])
        # FIPS 204, algorithm 7: the message representative, for an empty context.
        tr = hashlib.shake_256(bytes.fromhex(group["publicKey"])).digest(64)
        told = [("EXTERNAL_MU", hashlib.shake_256(tr + b"\0\0" + message).digest(64))]
        if 0 < len(message) <= 4096:
            told.append(("RAW", message))
        return [believed(kms, {**asked, "MessageType": kind, "Message": text}, case) for kind, text in told]

    for (_, case), verified in zip(found, together(verify, found), strict=True):
        assert set(verified) == {case["result"] == "valid" and not case.get("ctx")}, case
    assert len(found) == expected


@pytest.mark.parametrize("bits", CODES)
def test_macs_agree_with_every_vector_that_the_api_can_express(server: Any, kms: Any, bits: int) -> None:
    least, greatest, expected = CODES[bits]
    document = json.loads(gzip.decompress((DATA / f"hmac_sha{bits}_test.json.gz").read_bytes()))
    found = [
        (bytes.fromhex(case["key"]), case)
        for group in document["testGroups"]
        for case in group["tests"]
        if least <= len(case["key"]) // 2 <= greatest and case["msg"]
    ]
    keys = Seeded(server, f"HMAC_{bits}", "GENERATE_VERIFY_MAC", [material for material, _ in found])

    def both(item: tuple[bytes, dict[str, Any]]) -> tuple[bytes, str]:
        its, case = item
        asked = {"KeyId": keys[its], "MacAlgorithm": f"HMAC_SHA_{bits}", "Message": bytes.fromhex(case["msg"])}
        code = bytes(kms.generate_mac(**asked)["Mac"])
        return code, refusal(kms.verify_mac, **asked, Mac=bytes.fromhex(case["tag"]))

    for (_, case), (code, refused) in zip(found, together(both, found), strict=True):
        tag, valid = bytes.fromhex(case["tag"]), case["result"] == "valid"
        assert (code[: len(tag)] == tag) is valid, case
        # KMS has no truncated codes: the right beginning of one is a wrong one.
        whole = len(tag) == bits // 8
        assert refused == ("" if valid and whole else "KMSInvalidMacException"), case
    assert len(found) == expected


def test_import_unwraps_exactly_what_the_vectors_unwrap(kms: Any) -> None:
    """What a vector wraps is no private key: IncorrectKeyMaterialException says that it unwrapped, and to what.

    Only the second step of RSA_AES_KEY_WRAP is a vector's; the first is made here. Then a real private key is wrapped
    under each of the vectors' AES keys, so that unwrapping is also seen to end in a key that can be used.
    """
    key = kms.create_key(Origin="EXTERNAL", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    algorithm = {"WrappingAlgorithm": "RSA_AES_KEY_WRAP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    parameters = kms.get_parameters_for_import(KeyId=key, **algorithm)
    wrapping: Any = load_der_public_key(parameters["PublicKey"])
    oaep = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)

    def bring(item: tuple[bytes, bytes]) -> str:
        under, wrapped = item
        return refusal(
            kms.import_key_material,
            KeyId=key,
            ImportToken=parameters["ImportToken"],
            EncryptedKeyMaterial=wrapping.encrypt(under, oaep) + wrapped,
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )

    found = [case for _, case in cases("aes_kwp_test")]
    told = [(bytes.fromhex(case["key"]), bytes.fromhex(case["ct"])) for case in found]
    for case, code in zip(found, together(bring, told), strict=True):
        valid = case["result"] == "valid"
        assert code == ("IncorrectKeyMaterialException" if valid else "InvalidCiphertextException"), case
    assert len(found) == 254
    private = ec.generate_private_key(ec.SECP256R1())
    for under in {bytes.fromhex(case["key"]) for case in found if case["result"] == "valid"}:
        assert bring((under, aes_key_wrap_with_padding(under, pkcs8(private)))) == ""
    message = os.urandom(20)
    signature = kms.sign(KeyId=key, Message=message, SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    private.public_key().verify(signature, message, ec.ECDSA(SHA256()))
