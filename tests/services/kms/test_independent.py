"""Answers of KMS checked by implementations that share no code with the server's (neither `cryptography` nor OpenSSL).

PyCryptodome's own C and Python for RSA, NIST curves, Ed25519, AES-GCM and HMAC; dilithium-py and kyber-py for the
lattices; and for secp256k1 the textbook's formulas, here. (Ed25519ph is PyCryptodome's in the server too: it is checked
by RFC 8032's own definition over this file's curve.)
"""

from __future__ import annotations

import base64
import json
import os
from typing import Any
from uuid import UUID

import pytest
from Cryptodome.Cipher import AES, PKCS1_OAEP
from Cryptodome.Hash import HMAC, SHA1, SHA224, SHA256, SHA384, SHA512
from Cryptodome.Protocol.DH import key_agreement
from Cryptodome.PublicKey import ECC, RSA
from Cryptodome.Signature import DSS, eddsa, pkcs1_15, pss
from dilithium_py.ml_dsa import ML_DSA_44, ML_DSA_65, ML_DSA_87
from kyber_py.ml_kem import ML_KEM_768, ML_KEM_1024

HASHES: dict[int, Any] = {224: SHA224, 256: SHA256, 384: SHA384, 512: SHA512}
MESSAGE = b"a message of some length"


def made(kms: Any, spec: str, usage: str = "SIGN_VERIFY") -> tuple[str, bytes]:
    key = str(kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"])
    return key, kms.get_public_key(KeyId=key)["PublicKey"]


def seed(server: Any, spec: str, usage: str, material: bytes) -> str:
    key = str(UUID(bytes=os.urandom(16)))
    told = {
        "account": server.account,
        "region": "us-east-1",
        "id": key,
        "spec": spec,
        "usage": usage,
        "material": base64.b64encode(material).decode(),
    }
    server._post("/_casemate/seed", json.dumps({"keys": [told]}).encode())
    return key


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_rsa_signatures(kms: Any, spec: str) -> None:
    key, spki = made(kms, spec)
    public = RSA.import_key(spki)
    assert public.size_in_bits() == int(spec[-4:])
    for bits in (256, 384, 512):
        hashed = HASHES[bits].new(MESSAGE)
        asked = {"KeyId": key, "Message": MESSAGE}
        by_pss = kms.sign(**asked, SigningAlgorithm=f"RSASSA_PSS_SHA_{bits}")["Signature"]
        pss.new(public, salt_bytes=bits // 8).verify(hashed, by_pss)
        by_pkcs1 = kms.sign(**asked, SigningAlgorithm=f"RSASSA_PKCS1_V1_5_SHA_{bits}")["Signature"]
        pkcs1_15.new(public).verify(hashed, by_pkcs1)


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_rsa_encryption_both_ways(server: Any, kms: Any, spec: str) -> None:
    private = RSA.generate(int(spec[-4:]))
    key = seed(server, spec, "ENCRYPT_DECRYPT", private.export_key("DER", pkcs=8))
    for bits, hashed in ((1, SHA1), (256, SHA256)):
        asked = {"KeyId": key, "EncryptionAlgorithm": f"RSAES_OAEP_SHA_{bits}"}
        cipher = PKCS1_OAEP.new(private, hashAlgo=hashed)
        assert cipher.decrypt(kms.encrypt(**asked, Plaintext=MESSAGE)["CiphertextBlob"]) == MESSAGE
        assert kms.decrypt(**asked, CiphertextBlob=cipher.encrypt(MESSAGE))["Plaintext"] == MESSAGE


@pytest.mark.parametrize(("spec", "bits"), [("ECC_NIST_P256", 256), ("ECC_NIST_P384", 384), ("ECC_NIST_P521", 512)])
def test_ecdsa_both_ways(server: Any, kms: Any, spec: str, bits: int) -> None:
    key, spki = made(kms, spec)
    asked = {"Message": MESSAGE, "SigningAlgorithm": f"ECDSA_SHA_{bits}"}
    signature = kms.sign(KeyId=key, **asked)["Signature"]
    DSS.new(ECC.import_key(spki), "fips-186-3", encoding="der").verify(HASHES[bits].new(MESSAGE), signature)
    private = ECC.generate(curve=f"P-{spec[-3:]}")
    another = seed(server, spec, "SIGN_VERIFY", private.export_key(format="DER", use_pkcs8=True))
    theirs = DSS.new(private, "fips-186-3", encoding="der").sign(HASHES[bits].new(MESSAGE))
    assert kms.verify(KeyId=another, **asked, Signature=theirs)["SignatureValid"]


@pytest.mark.parametrize("curve", ["P-256", "P-384", "P-521"])
def test_ecdh(kms: Any, curve: str) -> None:
    key, spki = made(kms, f"ECC_NIST_{curve.replace('-', '')}", "KEY_AGREEMENT")
    peer = ECC.generate(curve=curve)
    secret = key_agreement(static_priv=peer, static_pub=ECC.import_key(spki), kdf=lambda shared: shared)
    told = peer.public_key().export_key(format="DER")
    answer = kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=told)
    assert answer["SharedSecret"] == secret


# secp256k1 (SEC 2, 2.4.1) in affine coordinates
PRIME = 2**256 - 2**32 - 977
ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
BASE = (
    0x79BE667E_F9DCBBAC_55A06295_CE870B07_029BFCDB_2DCE28D9_59F2815B_16F81798,
    0x483ADA77_26A3C465_5DA4FBFC_0E1108A8_FD17B448_A6855419_9C47D08F_FB10D4B8,
)
Point = tuple[int, int] | None


def add(p: Point, q: Point) -> Point:
    if p is None or q is None:
        return p or q
    if p[0] == q[0] and (p[1] + q[1]) % PRIME == 0:
        return None
    slope = 3 * p[0] ** 2 * pow(2 * p[1], -1, PRIME) if p == q else (q[1] - p[1]) * pow(q[0] - p[0], -1, PRIME)
    x = (slope**2 - p[0] - q[0]) % PRIME
    return x, (slope * (p[0] - x) - p[1]) % PRIME


def times(number: int, point: Point) -> Point:
    result: Point = None
    while number:
        if number & 1:
            result = add(result, point)
        point = add(point, point)
        number >>= 1
    return result


def der_integers(signature: bytes) -> tuple[int, int]:
    assert signature[0] == 0x30
    length = signature[3]
    r = int.from_bytes(signature[4 : 4 + length])
    assert signature[4 + length] == 2
    return r, int.from_bytes(signature[6 + length :])


def test_ecdsa_on_secp256k1(kms: Any) -> None:
    key, spki = made(kms, "ECC_SECG_P256K1")
    assert spki[-65] == 4
    public = int.from_bytes(spki[-64:-32]), int.from_bytes(spki[-32:])
    assert (public[1] ** 2 - public[0] ** 3 - 7) % PRIME == 0
    r, s = der_integers(kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm="ECDSA_SHA_256")["Signature"])
    digest = int.from_bytes(SHA256.new(MESSAGE).digest())
    inverse = pow(s, -1, ORDER)
    point = add(times(digest * inverse % ORDER, BASE), times(r * inverse % ORDER, public))
    assert point is not None
    assert point[0] % ORDER == r


# edwards25519 (RFC 8032, 5.1)
FIELD = 2**255 - 19
D = -121665 * pow(121666, -1, FIELD) % FIELD
L = 2**252 + 27742317777372353535851937790883648493


def ed_add(p: tuple[int, int], q: tuple[int, int]) -> tuple[int, int]:
    product = D * p[0] * q[0] * p[1] * q[1] % FIELD
    x = (p[0] * q[1] + q[0] * p[1]) * pow(1 + product, -1, FIELD)
    y = (p[1] * q[1] + p[0] * q[0]) * pow(1 - product, -1, FIELD)
    return x % FIELD, y % FIELD


def ed_times(number: int, point: tuple[int, int]) -> tuple[int, int]:
    result = (0, 1)
    while number:
        if number & 1:
            result = ed_add(result, point)
        point = ed_add(point, point)
        number >>= 1
    return result


def ed_decode(encoded: bytes) -> tuple[int, int]:
    y = int.from_bytes(encoded, "little") & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, FIELD) % FIELD
    x = pow(square, (FIELD + 3) // 8, FIELD)
    if (x * x - square) % FIELD:
        x = x * pow(2, (FIELD - 1) // 4, FIELD) % FIELD
    assert (x * x - square) % FIELD == 0
    return (FIELD - x if x & 1 != encoded[31] >> 7 else x), y


def test_ed25519_and_ed25519ph(kms: Any) -> None:
    key, spki = made(kms, "ECC_NIST_EDWARDS25519")
    raw = kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm="ED25519_SHA_512")["Signature"]
    eddsa.new(ECC.import_key(spki), "rfc8032").verify(MESSAGE, raw)
    digest = SHA512.new(MESSAGE).digest()
    asked = {"Message": digest, "MessageType": "DIGEST", "SigningAlgorithm": "ED25519_PH_SHA_512"}
    signature = kms.sign(KeyId=key, **asked)["Signature"]
    # RFC 8032, 5.1.7 with phflag 1 and an empty context, over the digest as the message.
    prefix = b"SigEd25519 no Ed25519 collisions" + b"\1\0"
    hashed = SHA512.new(prefix + signature[:32] + spki[-32:] + SHA512.new(digest).digest()).digest()
    k, s = int.from_bytes(hashed, "little") % L, int.from_bytes(signature[32:], "little")
    y = 4 * pow(5, -1, FIELD) % FIELD
    base = ed_decode(y.to_bytes(32, "little"))
    assert ed_times(s, base) == ed_add(ed_decode(signature[:32]), ed_times(k, ed_decode(spki[-32:])))


@pytest.mark.parametrize(("bits", "theirs"), [(44, ML_DSA_44), (65, ML_DSA_65), (87, ML_DSA_87)])
def test_ml_dsa_both_ways(server: Any, kms: Any, bits: int, theirs: Any) -> None:
    key, spki = made(kms, f"ML_DSA_{bits}")
    asked = {"Message": MESSAGE, "SigningAlgorithm": "ML_DSA_SHAKE_256"}
    size = {44: 1312, 65: 1952, 87: 2592}[bits]
    assert theirs.verify(spki[-size:], MESSAGE, kms.sign(KeyId=key, **asked)["Signature"])
    first = os.urandom(32)
    _, private = theirs.key_derive(first)
    # RFC 9881: the private key as its seed.
    oid = {44: 17, 65: 18, 87: 19}[bits]
    pkcs8 = bytes.fromhex("3034020100300b06096086480165030403") + bytes([oid]) + bytes.fromhex("04228020") + first
    another = seed(server, f"ML_DSA_{bits}", "SIGN_VERIFY", pkcs8)
    assert kms.verify(KeyId=another, **asked, Signature=theirs.sign(private, MESSAGE))["SignatureValid"]


@pytest.mark.parametrize(("bits", "theirs", "size"), [(768, ML_KEM_768, 1184), (1024, ML_KEM_1024, 1568)])
def test_ml_kem_both_ways(kms: Any, bits: int, theirs: Any, size: int) -> None:
    key, spki = made(kms, f"ML_KEM_{bits}", "ENCAPSULATE_DECAPSULATE")
    secret, blob = theirs.encaps(spki[-size:])
    asked = {"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"}
    assert kms.decapsulate(**asked, SharedSecretCiphertextBlob=blob)["SharedSecret"] == secret


def test_ml_kem_encapsulation_opens_by_the_seed(server: Any, kms: Any) -> None:
    seed_bytes = os.urandom(64)
    _, private = ML_KEM_768.key_derive(seed_bytes)
    pkcs8 = bytes.fromhex("3054020100300b0609608648016503040402") + bytes.fromhex("04428040") + seed_bytes
    key = seed(server, "ML_KEM_768", "ENCAPSULATE_DECAPSULATE", pkcs8)
    answer = kms.encapsulate(KeyId=key, EncapsulationAlgorithm="ML_KEM")
    assert ML_KEM_768.decaps(private, answer["SharedSecretCiphertextBlob"]) == answer["SharedSecret"]


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_hmac(server: Any, kms: Any, bits: int) -> None:
    material = os.urandom(bits // 8)
    key = seed(server, f"HMAC_{bits}", "GENERATE_VERIFY_MAC", material)
    answer = kms.generate_mac(KeyId=key, MacAlgorithm=f"HMAC_SHA_{bits}", Message=MESSAGE)
    HMAC.new(material, MESSAGE, digestmod=HASHES[bits]).verify(answer["Mac"])


def test_symmetric_ciphertext_opens_by_its_documented_format(server: Any, kms: Any) -> None:
    """docs/ciphertext.md, followed to the letter."""
    material = os.urandom(32)
    key = seed(server, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", material)
    context = {"b": "2", "a": "1"}
    blob = kms.encrypt(KeyId=key, Plaintext=MESSAGE, EncryptionContext=context)["CiphertextBlob"]
    assert (blob[0], blob[1:13].decode(), blob[13]) == (1, server.account, 36)
    assert blob[14:50].decode() == key
    named = len(key).to_bytes(4) + key.encode() + material
    assert blob[50:82] == HMAC.new(b"casemate/kms/material-id/v1", named, digestmod=SHA256).digest()
    nonce, iv, sealed = blob[82:98], blob[98:110], blob[110:]
    block = (1).to_bytes(4) + b"casemate/kms/message-key/v1\0" + nonce + (256).to_bytes(4)
    cipher = AES.new(HMAC.new(material, block, digestmod=SHA256).digest(), AES.MODE_GCM, nonce=iv)
    pairs = sorted((name.encode(), value.encode()) for name, value in context.items())
    encoded = len(pairs).to_bytes(4) + b"".join(len(each).to_bytes(4) + each for pair in pairs for each in pair)
    cipher.update(blob[:110] + encoded)
    assert cipher.decrypt_and_verify(sealed[:-16], sealed[-16:]) == MESSAGE
