"""Answers of KMS checked by implementations that share no code with the server's (neither `cryptography` nor OpenSSL).

PyCryptodome's own C and Python for RSA, NIST curves, Ed25519, AES-GCM and HMAC; dilithium-py and kyber-py for the
lattices; and for secp256k1 the textbook's formulas, here. (Ed25519ph is PyCryptodome's in the server too: it is checked
by RFC 8032's own definition over this file's curve.)
"""

from __future__ import annotations

import base64
import json
import os
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from botocore.exceptions import ClientError
from Cryptodome.Cipher import AES, PKCS1_OAEP
from Cryptodome.Hash import HMAC, SHA1, SHA224, SHA256, SHA384, SHA512
from Cryptodome.Protocol.DH import key_agreement
from Cryptodome.PublicKey import ECC, RSA
from Cryptodome.Signature import DSS, eddsa, pkcs1_15, pss
from Cryptodome.Util.asn1 import DerObjectId, DerOctetString, DerSequence
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from dilithium_py.ml_dsa import ML_DSA_44, ML_DSA_65, ML_DSA_87
from kyber_py.ml_kem import ML_KEM_768, ML_KEM_1024

HASHES: dict[int, Any] = {224: SHA224, 256: SHA256, 384: SHA384, 512: SHA512}
MESSAGE = b"a message of some length"


@cache
def rsa_key(bits: int) -> Any:
    """One private key of a size for all tests here; made by the other library, as PyCryptodome takes up to a minute."""
    made = rsa.generate_private_key(65537, bits)
    return RSA.import_key(made.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


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


def believed(kms: Any, key: str, algorithm: str, signature: bytes, digest: bytes | None = None) -> None:
    """Verify takes a signature of the message, told by itself or by its digest, and refuses it for another one."""
    asked = {"KeyId": key, "SigningAlgorithm": algorithm, "Signature": signature}
    told = [("RAW", MESSAGE)] if digest is None else [("RAW", MESSAGE), ("DIGEST", digest)]
    for kind, text in told:
        assert kms.verify(**asked, Message=text, MessageType=kind)["SignatureValid"]
        other = text[:-1] + bytes([text[-1] ^ 1])
        with pytest.raises(ClientError, match="KMSInvalidSignatureException"):
            kms.verify(**asked, Message=other, MessageType=kind)


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_rsa_signatures(kms: Any, spec: str) -> None:
    key, spki = made(kms, spec)
    public = RSA.import_key(spki)
    assert public.size_in_bits() == int(spec[-4:])
    for bits in (256, 384, 512):
        hashed = HASHES[bits].new(MESSAGE)
        for kind, message in (("RAW", MESSAGE), ("DIGEST", hashed.digest())):
            asked = {"KeyId": key, "Message": message, "MessageType": kind}
            by_pss = kms.sign(**asked, SigningAlgorithm=f"RSASSA_PSS_SHA_{bits}")["Signature"]
            pss.new(public, salt_bytes=bits // 8).verify(hashed, by_pss)
            by_pkcs1 = kms.sign(**asked, SigningAlgorithm=f"RSASSA_PKCS1_V1_5_SHA_{bits}")["Signature"]
            pkcs1_15.new(public).verify(hashed, by_pkcs1)


@pytest.mark.parametrize("bits", [2048, 3072, 4096])
def test_rsa_signatures_from_outside_are_verified(server: Any, kms: Any, bits: int) -> None:
    private = rsa_key(bits)
    key = seed(server, f"RSA_{bits}", "SIGN_VERIFY", private.export_key("DER", pkcs=8))
    for size in (256, 384, 512):
        hashed = HASHES[size].new(MESSAGE)
        pss_signer = pss.new(private, salt_bytes=size // 8)
        for kind, signer in (("PSS", pss_signer), ("PKCS1_V1_5", pkcs1_15.new(private))):
            believed(kms, key, f"RSASSA_{kind}_SHA_{size}", signer.sign(hashed), hashed.digest())


def test_a_salt_of_another_length_is_no_signature_of_kms(server: Any, kms: Any) -> None:
    private = rsa_key(2048)
    key = seed(server, "RSA_2048", "SIGN_VERIFY", private.export_key("DER", pkcs=8))
    asked = {"KeyId": key, "Message": MESSAGE, "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
    hashed = SHA256.new(MESSAGE)
    assert kms.verify(**asked, Signature=pss.new(private, salt_bytes=32).sign(hashed))["SignatureValid"]
    with pytest.raises(ClientError, match="KMSInvalidSignatureException"):
        kms.verify(**asked, Signature=pss.new(private, salt_bytes=20).sign(hashed))


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_rsa_encryption_both_ways(server: Any, kms: Any, spec: str) -> None:
    private = rsa_key(int(spec[-4:]))
    key = seed(server, spec, "ENCRYPT_DECRYPT", private.export_key("DER", pkcs=8))
    for bits, hashed in ((1, SHA1), (256, SHA256)):
        asked = {"KeyId": key, "EncryptionAlgorithm": f"RSAES_OAEP_SHA_{bits}"}
        cipher = PKCS1_OAEP.new(private, hashAlgo=hashed)
        assert cipher.decrypt(kms.encrypt(**asked, Plaintext=MESSAGE)["CiphertextBlob"]) == MESSAGE
        assert kms.decrypt(**asked, CiphertextBlob=cipher.encrypt(MESSAGE))["Plaintext"] == MESSAGE


@pytest.mark.parametrize(("spec", "bits"), [("ECC_NIST_P256", 256), ("ECC_NIST_P384", 384), ("ECC_NIST_P521", 512)])
def test_ecdsa_both_ways(server: Any, kms: Any, spec: str, bits: int) -> None:
    key, spki = made(kms, spec)
    hashed = HASHES[bits].new(MESSAGE)
    for kind, message in (("RAW", MESSAGE), ("DIGEST", hashed.digest())):
        asked = {"Message": message, "MessageType": kind, "SigningAlgorithm": f"ECDSA_SHA_{bits}"}
        signature = kms.sign(KeyId=key, **asked)["Signature"]
        DSS.new(ECC.import_key(spki), "fips-186-3", encoding="der").verify(hashed, signature)
    private = ECC.generate(curve=f"P-{spec[-3:]}")
    another = seed(server, spec, "SIGN_VERIFY", private.export_key(format="DER", use_pkcs8=True))
    theirs = DSS.new(private, "fips-186-3", encoding="der").sign(hashed)
    believed(kms, another, f"ECDSA_SHA_{bits}", theirs, hashed.digest())


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


@pytest.mark.parametrize("kind", ["RAW", "DIGEST"])
def test_ecdsa_on_secp256k1(kms: Any, kind: str) -> None:
    key, spki = made(kms, "ECC_SECG_P256K1")
    assert spki[-65] == 4
    public = int.from_bytes(spki[-64:-32]), int.from_bytes(spki[-32:])
    assert (public[1] ** 2 - public[0] ** 3 - 7) % PRIME == 0
    hashed = SHA256.new(MESSAGE).digest()
    asked = {"Message": MESSAGE if kind == "RAW" else hashed, "MessageType": kind, "SigningAlgorithm": "ECDSA_SHA_256"}
    r, s = der_integers(kms.sign(KeyId=key, **asked)["Signature"])
    inverse = pow(s, -1, ORDER)
    point = add(times(int.from_bytes(hashed) * inverse % ORDER, BASE), times(r * inverse % ORDER, public))
    assert point is not None
    assert point[0] % ORDER == r


def test_ecdsa_on_secp256k1_from_outside_is_verified(server: Any, kms: Any) -> None:
    """A private key and a signature by SEC 1's formulas: 4.1.3, and C.4 for what is seeded."""
    secret, once = (1 + int.from_bytes(os.urandom(40)) % (ORDER - 1) for _ in range(2))
    own = DerSequence([1, DerOctetString(secret.to_bytes(32))])
    algorithm = DerSequence([DerObjectId("1.2.840.10045.2.1"), DerObjectId("1.3.132.0.10")])
    pkcs8 = DerSequence([0, algorithm, DerOctetString(own.encode())]).encode()
    key = seed(server, "ECC_SECG_P256K1", "SIGN_VERIFY", pkcs8)
    public, point = times(secret, BASE), times(once, BASE)
    assert public is not None
    assert point is not None
    spki = kms.get_public_key(KeyId=key)["PublicKey"]
    assert spki[-65:] == b"\4" + public[0].to_bytes(32) + public[1].to_bytes(32)
    digest, r = SHA256.new(MESSAGE).digest(), point[0] % ORDER
    s = pow(once, -1, ORDER) * (int.from_bytes(digest) + r * secret) % ORDER
    # Both of the pair s and -s are signatures: ECDSA has no rule for the lower one.
    for each in (s, ORDER - s):
        believed(kms, key, "ECDSA_SHA_256", DerSequence([r, each]).encode(), digest)


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


def ed_encode(point: tuple[int, int]) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


ED_BASE = ed_decode((4 * pow(5, -1, FIELD) % FIELD).to_bytes(32, "little"))
ED_PREHASHED = b"SigEd25519 no Ed25519 collisions" + b"\1\0"
"""dom2 with phflag 1 and an empty context (RFC 8032, 2)."""


def ed_hashed(hashed: bytes, r: bytes, public: bytes) -> int:
    """The k of a signature of what was hashed already."""
    return int.from_bytes(SHA512.new(ED_PREHASHED + r + public + hashed).digest(), "little") % L


def test_ed25519_and_ed25519ph(kms: Any) -> None:
    key, spki = made(kms, "ECC_NIST_EDWARDS25519")
    raw = kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm="ED25519_SHA_512")["Signature"]
    eddsa.new(ECC.import_key(spki), "rfc8032").verify(MESSAGE, raw)
    digest = SHA512.new(MESSAGE).digest()
    asked = {"Message": digest, "MessageType": "DIGEST", "SigningAlgorithm": "ED25519_PH_SHA_512"}
    signature = kms.sign(KeyId=key, **asked)["Signature"]
    # RFC 8032, 5.1.7, over the digest as the message.
    k, r = ed_hashed(SHA512.new(digest).digest(), signature[:32], spki[-32:]), ed_decode(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    assert ed_times(s, ED_BASE) == ed_add(r, ed_times(k, ed_decode(spki[-32:])))


def test_ed25519ph_from_outside_is_verified(server: Any, kms: Any) -> None:
    """A signature by RFC 8032, 5.1.6 with phflag 1 and an empty context, under a seed of the test's."""
    secret = os.urandom(32)
    first = SHA512.new(secret).digest()
    scalar = int.from_bytes(first[:32], "little") & ((1 << 254) - 8) | 1 << 254
    # RFC 8410: the private key as its seed.
    pkcs8 = bytes.fromhex("302e020100300506032b657004220420") + secret
    key = seed(server, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY", pkcs8)
    public = ed_encode(ed_times(scalar, ED_BASE))
    assert kms.get_public_key(KeyId=key)["PublicKey"][-32:] == public
    digest = SHA512.new(MESSAGE).digest()
    hashed = SHA512.new(digest).digest()
    once = int.from_bytes(SHA512.new(ED_PREHASHED + first[32:] + hashed).digest(), "little") % L
    r = ed_encode(ed_times(once, ED_BASE))
    s = (once + ed_hashed(hashed, r, public) * scalar) % L
    asked = {"KeyId": key, "MessageType": "DIGEST", "SigningAlgorithm": "ED25519_PH_SHA_512"}
    signature = r + s.to_bytes(32, "little")
    assert kms.sign(**asked, Message=digest)["Signature"] == signature  # it is deterministic
    assert kms.verify(**asked, Message=digest, Signature=signature)["SignatureValid"]
    # Of the digest hashed once, as a library signs a message that is given to it: no signature of KMS.
    s = (once + ed_hashed(digest, r, public) * scalar) % L
    for wrong, message in ((r + s.to_bytes(32, "little"), digest), (signature, hashed)):
        with pytest.raises(ClientError, match="KMSInvalidSignatureException"):
            kms.verify(**asked, Message=message, Signature=wrong)


def test_ed25519_from_outside_is_verified(server: Any, kms: Any) -> None:
    private = ECC.generate(curve="Ed25519")
    key = seed(server, "ECC_NIST_EDWARDS25519", "SIGN_VERIFY", private.export_key(format="DER", use_pkcs8=True))
    believed(kms, key, "ED25519_SHA_512", eddsa.new(private, "rfc8032").sign(MESSAGE))


@pytest.mark.parametrize(("bits", "theirs"), [(44, ML_DSA_44), (65, ML_DSA_65), (87, ML_DSA_87)])
def test_ml_dsa_both_ways(server: Any, kms: Any, bits: int, theirs: Any) -> None:
    key, spki = made(kms, f"ML_DSA_{bits}")
    asked = {"Message": MESSAGE, "SigningAlgorithm": "ML_DSA_SHAKE_256"}
    size = {44: 1312, 65: 1952, 87: 2592}[bits]
    public = spki[-size:]
    # FIPS 204, algorithm 7, step 6: mu is of the public key and the message, and either is signed.
    mu = theirs.prehash_external_mu(public, MESSAGE)
    by_mu = {**asked, "Message": mu, "MessageType": "EXTERNAL_MU"}
    for told in (asked, by_mu):
        assert theirs.verify(public, MESSAGE, kms.sign(KeyId=key, **told)["Signature"])
    first = os.urandom(32)
    public, private = theirs.key_derive(first)
    # RFC 9881: the private key as its seed.
    oid = {44: 17, 65: 18, 87: 19}[bits]
    pkcs8 = bytes.fromhex("3034020100300b06096086480165030403") + bytes([oid]) + bytes.fromhex("04228020") + first
    another = seed(server, f"ML_DSA_{bits}", "SIGN_VERIFY", pkcs8)
    by_mu["Message"] = theirs.prehash_external_mu(public, MESSAGE)
    for signature in (theirs.sign(private, MESSAGE), theirs.sign_external_mu(private, by_mu["Message"])):
        for told in (asked, by_mu):
            assert kms.verify(KeyId=another, **told, Signature=signature)["SignatureValid"]
            with pytest.raises(ClientError, match="KMSInvalidSignatureException"):
                kms.verify(KeyId=another, **{**told, "Message": told["Message"][::-1]}, Signature=signature)


@pytest.mark.parametrize(("bits", "theirs", "size"), [(768, ML_KEM_768, 1184), (1024, ML_KEM_1024, 1568)])
def test_ml_kem_both_ways(kms: Any, bits: int, theirs: Any, size: int) -> None:
    key, spki = made(kms, f"ML_KEM_{bits}", "ENCAPSULATE_DECAPSULATE")
    secret, blob = theirs.encaps(spki[-size:])
    asked = {"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"}
    assert kms.decapsulate(**asked, SharedSecretCiphertextBlob=blob)["SharedSecret"] == secret


@pytest.mark.parametrize(("bits", "theirs", "oid"), [(768, ML_KEM_768, 2), (1024, ML_KEM_1024, 3)])
def test_ml_kem_encapsulation_opens_by_the_seed(server: Any, kms: Any, bits: int, theirs: Any, oid: int) -> None:
    seed_bytes = os.urandom(64)
    public, private = theirs.key_derive(seed_bytes)
    # RFC 9935: the private key as its seed.
    pkcs8 = bytes.fromhex("3054020100300b06096086480165030404") + bytes([oid]) + bytes.fromhex("04428040") + seed_bytes
    key = seed(server, f"ML_KEM_{bits}", "ENCAPSULATE_DECAPSULATE", pkcs8)
    assert kms.get_public_key(KeyId=key)["PublicKey"].endswith(public)
    answer = kms.encapsulate(KeyId=key, EncapsulationAlgorithm="ML_KEM")
    assert theirs.decaps(private, answer["SharedSecretCiphertextBlob"]) == answer["SharedSecret"]


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_hmac(server: Any, kms: Any, bits: int) -> None:
    material = os.urandom(bits // 8)
    key = seed(server, f"HMAC_{bits}", "GENERATE_VERIFY_MAC", material)
    asked = {"KeyId": key, "MacAlgorithm": f"HMAC_SHA_{bits}", "Message": MESSAGE}
    HMAC.new(material, MESSAGE, digestmod=HASHES[bits]).verify(kms.generate_mac(**asked)["Mac"])
    theirs = HMAC.new(material, MESSAGE, digestmod=HASHES[bits]).digest()
    assert kms.verify_mac(**asked, Mac=theirs)["MacValid"]
    with pytest.raises(ClientError, match="KMSInvalidMacException"):
        kms.verify_mac(**asked, Mac=theirs[:-1] + bytes([theirs[-1] ^ 1]))


def parameters_for(kms: Any, key: str, algorithm: str, spec: str) -> tuple[dict[str, Any], Any]:
    """What ImportKeyMaterial is told besides the material, and PyCryptodome's cipher under the wrapping key."""
    got = kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)
    cipher = PKCS1_OAEP.new(RSA.import_key(got["PublicKey"]), hashAlgo=SHA1 if algorithm.endswith("_1") else SHA256)
    stays = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    return {"KeyId": key, "ImportToken": got["ImportToken"], **stays}, cipher


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
def test_material_wrapped_by_oaep_is_imported(kms: Any, algorithm: str, spec: str) -> None:
    made = kms.create_key(Origin="EXTERNAL", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]
    asked, cipher = parameters_for(kms, made["KeyId"], algorithm, spec)
    material = os.urandom(32)
    kms.import_key_material(**asked, EncryptedKeyMaterial=cipher.encrypt(material))
    code = kms.generate_mac(KeyId=made["KeyId"], MacAlgorithm="HMAC_SHA_256", Message=MESSAGE)["Mac"]
    HMAC.new(material, MESSAGE, digestmod=SHA256).verify(code)


@pytest.mark.parametrize("size", [16, 24, 32])
@pytest.mark.parametrize("algorithm", ["RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"])
def test_private_key_wrapped_under_an_aes_key_is_imported(kms: Any, algorithm: str, size: int) -> None:
    made = kms.create_key(Origin="EXTERNAL", KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY")["KeyMetadata"]
    asked, cipher = parameters_for(kms, made["KeyId"], algorithm, "RSA_2048")
    private, under = ECC.generate(curve="P-384"), os.urandom(size)
    sealed = AES.new(under, AES.MODE_KWP).seal(private.export_key(format="DER", use_pkcs8=True))
    kms.import_key_material(**asked, EncryptedKeyMaterial=cipher.encrypt(under) + sealed)
    told = {"Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_384"}
    signature = kms.sign(KeyId=made["KeyId"], **told)["Signature"]
    DSS.new(private.public_key(), "fips-186-3", encoding="der").verify(SHA384.new(MESSAGE), signature)


@pytest.mark.parametrize("spec", ["RSA_3072", "RSA_4096"])
@pytest.mark.parametrize("algorithm", ["RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"])
def test_rsa_key_wrapped_under_an_aes_key_is_imported(kms: Any, algorithm: str, spec: str) -> None:
    made = kms.create_key(Origin="EXTERNAL", KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]
    asked, cipher = parameters_for(kms, made["KeyId"], algorithm, spec)
    private, under = rsa_key(2048), os.urandom(32)
    sealed = AES.new(under, AES.MODE_KWP).seal(private.export_key("DER", pkcs=8))
    kms.import_key_material(**asked, EncryptedKeyMaterial=cipher.encrypt(under) + sealed)
    told = {"KeyId": made["KeyId"], "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    blob = kms.encrypt(**told, Plaintext=MESSAGE)["CiphertextBlob"]
    assert PKCS1_OAEP.new(private, hashAlgo=SHA256).decrypt(blob) == MESSAGE


PAIRS = {"RSA_2048": RSA, "ECC_NIST_P256": ECC, "ECC_NIST_P384": ECC, "ECC_NIST_P521": ECC}


@pytest.mark.parametrize("spec", [*PAIRS, "ECC_NIST_EDWARDS25519", "ECC_SECG_P256K1", "ML_KEM_768", "ML_KEM_1024"])
def test_data_key_pairs_are_pairs(kms: Any, spec: str) -> None:
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec=spec)
    private, public = pair["PrivateKeyPlaintext"], pair["PublicKey"]
    if spec == "ECC_SECG_P256K1":
        # RFC 5915: version 1, then the scalar, in RFC 5958's octet string.
        at = private.index(bytes.fromhex("0201010420")) + 5
        x, y = times(int.from_bytes(private[at : at + 32]), BASE) or (0, 0)
        assert public[-65:] == b"\4" + x.to_bytes(32) + y.to_bytes(32)
    elif spec.startswith("ML_KEM"):
        theirs = ML_KEM_768 if spec == "ML_KEM_768" else ML_KEM_1024
        at = private.index(bytes.fromhex("8040")) + 2  # RFC 9935: the seed
        assert public.endswith(theirs.key_derive(private[at : at + 64])[0])
    else:
        library: Any = PAIRS.get(spec, ECC)
        read = library.import_key(private)
        assert (read.public_key() if library is ECC else read.publickey()) == library.import_key(public)


def test_symmetric_ciphertext_opens_by_its_documented_format(server: Any, kms: Any) -> None:
    """docs/ciphertext.md, followed to the letter."""
    material = os.urandom(32)
    key = seed(server, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", material)
    context = {"b": "2", "a": "1"}
    blob = kms.encrypt(KeyId=key, Plaintext=MESSAGE, EncryptionContext=context)["CiphertextBlob"]
    assert (blob[0], blob[1:13].decode(), blob[13]) == (4, server.account, 36)
    assert blob[14:50].decode() == key
    named = len(key).to_bytes(4) + key.encode() + material
    assert blob[50:82] == HMAC.new(b"casemate/kms/material-id/v1", named, digestmod=SHA256).digest()
    tag = HMAC.new(b"casemate/kms/headers/test-server", blob[:82], digestmod=SHA256).digest()
    assert blob[82:90] == tag[:8]
    nonce, iv, sealed = blob[90:106], blob[106:118], blob[118:]
    block = (1).to_bytes(4) + b"casemate/kms/message-key/v1\0" + nonce + (256).to_bytes(4)
    cipher = AES.new(HMAC.new(material, block, digestmod=SHA256).digest(), AES.MODE_GCM, nonce=iv)
    pairs = sorted((name.encode(), value.encode()) for name, value in context.items())
    encoded = len(pairs).to_bytes(4) + b"".join(len(each).to_bytes(4) + each for pair in pairs for each in pair)
    cipher.update(blob[:118] + encoded)
    assert cipher.decrypt_and_verify(sealed[:-16], sealed[-16:]) == MESSAGE
