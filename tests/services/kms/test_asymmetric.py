"""Asymmetric keys over a real server, each answer checked outside of it by the public key alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

HASHES: dict[str, Any] = {"256": SHA256(), "384": SHA384(), "512": SHA512()}
RSA = tuple(f"RSASSA_{kind}_SHA_{bits}" for kind in ("PKCS1_V1_5", "PSS") for bits in (256, 384, 512))
ECC = {
    "ECC_NIST_P256": "ECDSA_SHA_256",
    "ECC_NIST_P384": "ECDSA_SHA_384",
    "ECC_NIST_P521": "ECDSA_SHA_512",
    "ECC_SECG_P256K1": "ECDSA_SHA_256",
}
SIGNERS = [("RSA_2048", each) for each in RSA] + list(ECC.items())


def made(kms: Any, spec: str, usage: str = "SIGN_VERIFY") -> str:
    return str(kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"])


def public_key(kms: Any, key: str) -> Any:
    return load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])


def check(public: Any, algorithm: str, message: bytes, signature: bytes, *, hashed: bool = False) -> None:
    """Verify outside, by the library and the algorithm's definition. The salt's length must be the digest's."""
    kind = HASHES[algorithm[-3:]]
    given = Prehashed(kind) if hashed else kind
    if algorithm.startswith("ECDSA"):
        public.verify(signature, message, ec.ECDSA(given))
    elif "PSS" in algorithm:
        public.verify(signature, message, padding.PSS(padding.MGF1(kind), kind.digest_size), given)
    else:
        public.verify(signature, message, padding.PKCS1v15(), given)


@pytest.mark.parametrize(("spec", "algorithm"), SIGNERS)
def test_signature_verifies_outside_and_inside_and_for_nothing_else(
    kms: Any, refused: Callable[..., Any], spec: str, algorithm: str
) -> None:
    key, message = made(kms, spec), b"the message"
    asked = {"KeyId": key, "SigningAlgorithm": algorithm}
    answer = kms.sign(**asked, Message=message)
    check(public_key(kms, key), algorithm, message, answer["Signature"])
    assert answer["KeyId"] == kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    told = kms.verify(**asked, Message=message, Signature=answer["Signature"])
    assert (told["SignatureValid"], told["SigningAlgorithm"]) == (True, algorithm)
    digest = hashlib.new(f"sha{algorithm[-3:]}", message).digest()
    assert kms.verify(**asked, Message=digest, MessageType="DIGEST", Signature=answer["Signature"])["SignatureValid"]
    by_digest = kms.sign(**asked, Message=digest, MessageType="DIGEST")["Signature"]
    check(public_key(kms, key), algorithm, digest, by_digest, hashed=True)
    changed = answer["Signature"][:-1] + bytes([answer["Signature"][-1] ^ 1])
    for members in ({"Signature": changed}, {"Message": b"another"}, {"Signature": b"x"}):
        wrong = {**asked, "Message": message, "Signature": answer["Signature"], **members}
        assert refused(kms.verify, **wrong).code == "KMSInvalidSignatureException"
    with pytest.raises(InvalidSignature):
        check(public_key(kms, key), algorithm, b"another", answer["Signature"])


@pytest.mark.parametrize("algorithm", ["RSASSA_PSS_SHA_256", "ECDSA_SHA_384", "ED25519_PH_SHA_512"])
def test_digest_of_another_length_is_refused(kms: Any, refused: Callable[..., Any], algorithm: str) -> None:
    spec = {"RS": "RSA_2048", "EC": "ECC_NIST_P384", "ED": "ECC_NIST_EDWARDS25519"}[algorithm[:2]]
    asked = {"KeyId": made(kms, spec), "SigningAlgorithm": algorithm, "MessageType": "DIGEST"}
    refusal = refused(kms.sign, **asked, Message=b"short")
    assert refusal[:2] == ("ValidationException", f"Digest is invalid length for algorithm {algorithm}.")
    size = 64 if algorithm.endswith("512") else int(algorithm[-3:]) // 8
    assert kms.sign(**asked, Message=b"d" * size)["Signature"]


def test_ed25519_signs_raw_messages_and_prehashes_digests_once_more(kms: Any, refused: Callable[..., Any]) -> None:
    key = made(kms, "ECC_NIST_EDWARDS25519")
    public = public_key(kms, key)
    raw = {"KeyId": key, "SigningAlgorithm": "ED25519_SHA_512"}
    public.verify(kms.sign(**raw, Message=b"m")["Signature"], b"m")
    digest = hashlib.sha512(b"m").digest()
    assert refused(kms.sign, **raw, Message=digest, MessageType="DIGEST").code == "ValidationException"
    prehashed = {"KeyId": key, "SigningAlgorithm": "ED25519_PH_SHA_512", "MessageType": "DIGEST"}
    signature = kms.sign(**prehashed, Message=digest)["Signature"]
    assert kms.verify(**prehashed, Message=digest, Signature=signature)["SignatureValid"]
    from Cryptodome.Hash import SHA512 as PREHASH
    from Cryptodome.Signature import eddsa

    outside = eddsa.import_public_key(public.public_bytes(Encoding.Raw, PublicFormat.Raw))
    eddsa.new(outside, "rfc8032").verify(PREHASH.new(digest), signature)
    with pytest.raises(ValueError, match="signature"):
        eddsa.new(outside, "rfc8032").verify(PREHASH.new(b"m"), signature)
    assert refused(kms.sign, **{**prehashed, "MessageType": "RAW"}, Message=b"m").code == "ValidationException"


@pytest.mark.parametrize("bits", [44, 65, 87])
def test_ml_dsa_signs_messages_and_external_mu(kms: Any, refused: Callable[..., Any], bits: int) -> None:
    key = made(kms, f"ML_DSA_{bits}")
    public = public_key(kms, key)
    asked = {"KeyId": key, "SigningAlgorithm": "ML_DSA_SHAKE_256"}
    raw = kms.sign(**asked, Message=b"m")["Signature"]
    public.verify(raw, b"m")
    # FIPS 204, 6.2 and 5.2: mu hashes the public key's hash, the domain separator, an empty context, the message.
    tr = hashlib.shake_256(public.public_bytes_raw()).digest(64)
    mu = hashlib.shake_256(tr + b"\0\0" + b"m").digest(64)
    by_mu = kms.sign(**asked, Message=mu, MessageType="EXTERNAL_MU")["Signature"]
    public.verify(by_mu, b"m")
    assert kms.verify(**asked, Message=b"m", Signature=by_mu)["SignatureValid"]
    assert kms.verify(**asked, Message=mu, MessageType="EXTERNAL_MU", Signature=raw)["SignatureValid"]
    assert refused(kms.sign, **asked, Message=mu[:-1], MessageType="EXTERNAL_MU").code == "ValidationException"
    assert refused(kms.sign, **asked, Message=mu, MessageType="DIGEST").code == "ValidationException"


@pytest.mark.parametrize(("algorithm", "most"), [("RSAES_OAEP_SHA_1", 214), ("RSAES_OAEP_SHA_256", 190)])
def test_rsa_encrypts_up_to_its_length_both_ways(
    kms: Any, refused: Callable[..., Any], algorithm: str, most: int
) -> None:
    key = made(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    asked = {"KeyId": key, "EncryptionAlgorithm": algorithm}
    blob = kms.encrypt(**asked, Plaintext=b"x" * most)["CiphertextBlob"]
    assert len(blob) == 256
    answer = kms.decrypt(**asked, CiphertextBlob=blob)
    assert (answer["Plaintext"], answer["EncryptionAlgorithm"]) == (b"x" * most, algorithm)
    assert "KeyMaterialId" not in answer
    refusal = refused(kms.encrypt, **asked, Plaintext=b"x" * (most + 1))
    assert refusal[:2] == (
        "ValidationException",
        f"Algorithm {algorithm} and key spec RSA_2048 cannot encrypt data larger than {most} bytes.",
    )
    hashed = SHA1() if algorithm.endswith("_1") else SHA256()
    outside = public_key(kms, key).encrypt(b"y", padding.OAEP(padding.MGF1(hashed), hashed, None))
    assert kms.decrypt(**asked, CiphertextBlob=outside)["Plaintext"] == b"y"
    assert refused(kms.decrypt, **asked, CiphertextBlob=blob[:-1] + bytes([blob[-1] ^ 1])).code == (
        "InvalidCiphertextException"
    )
    other = "RSAES_OAEP_SHA_256" if algorithm.endswith("_1") else "RSAES_OAEP_SHA_1"
    assert refused(kms.decrypt, KeyId=key, EncryptionAlgorithm=other, CiphertextBlob=blob).code == (
        "InvalidCiphertextException"
    )
    assert refused(kms.encrypt, **asked, Plaintext=b"x", EncryptionContext={"a": "b"}).code == "ValidationException"


def test_rsa_ciphertext_needs_its_key_named(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    pair = made(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    asked = {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    blob = kms.encrypt(KeyId=pair, Plaintext=b"x", **asked)["CiphertextBlob"]
    assert refused(kms.decrypt, CiphertextBlob=blob, **asked).code == "InvalidCiphertextException"
    assert kms.decrypt(KeyId=pair, CiphertextBlob=blob, **asked)["Plaintext"] == b"x"
    symmetric = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert refused(kms.decrypt, KeyId=pair, CiphertextBlob=symmetric, **asked).code == "IncorrectKeyException"
    refusal = refused(kms.encrypt, KeyId=pair, Plaintext=b"x")
    assert refusal[:2] == (
        "InvalidKeyUsageException",
        "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.",
    )


def test_re_encrypt_goes_between_kinds_of_keys(kms: Any, key: str) -> None:
    pair = made(kms, "RSA_2048", "ENCRYPT_DECRYPT")
    algorithm = "RSAES_OAEP_SHA_256"
    blob = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"})["CiphertextBlob"]
    there = kms.re_encrypt(
        CiphertextBlob=blob,
        SourceEncryptionContext={"a": "b"},
        DestinationKeyId=pair,
        DestinationEncryptionAlgorithm=algorithm,
    )
    assert (there["SourceEncryptionAlgorithm"], there["DestinationEncryptionAlgorithm"]) == (
        "SYMMETRIC_DEFAULT",
        algorithm,
    )
    assert "DestinationKeyMaterialId" not in there
    back = kms.re_encrypt(
        CiphertextBlob=there["CiphertextBlob"],
        SourceKeyId=pair,
        SourceEncryptionAlgorithm=algorithm,
        DestinationKeyId=key,
    )
    assert kms.decrypt(CiphertextBlob=back["CiphertextBlob"])["Plaintext"] == b"x"


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"])
def test_two_parties_derive_the_same_secret(kms: Any, refused: Callable[..., Any], spec: str) -> None:
    key = made(kms, spec, "KEY_AGREEMENT")
    public = public_key(kms, key)
    peer = ec.generate_private_key(public.curve)
    spki = peer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    asked = {"KeyId": key, "KeyAgreementAlgorithm": "ECDH"}
    answer = kms.derive_shared_secret(**asked, PublicKey=spki)
    assert answer["SharedSecret"] == peer.exchange(ec.ECDH(), public)
    assert (answer["KeyOrigin"], answer["KeyAgreementAlgorithm"]) == ("AWS_KMS", "ECDH")
    other = ec.generate_private_key(ec.SECP256K1()).public_key()
    foreign = other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for unfit in (foreign, spki[:-1], b"nonsense"):
        assert refused(kms.derive_shared_secret, **asked, PublicKey=unfit)[:2] == ("ValidationException", "")
    assert refused(kms.derive_shared_secret, **asked, PublicKey=spki, DryRun=True).code == "DryRunOperationException"


@pytest.mark.parametrize(("spec", "size"), [("ML_KEM_768", 1088), ("ML_KEM_1024", 1568)])
def test_ml_kem_gives_both_sides_one_secret(kms: Any, refused: Callable[..., Any], spec: str, size: int) -> None:
    key = made(kms, spec, "ENCAPSULATE_DECAPSULATE")
    asked = {"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"}
    inside = kms.encapsulate(**asked)
    assert (len(inside["SharedSecret"]), len(inside["SharedSecretCiphertextBlob"])) == (32, size)
    opened = kms.decapsulate(**asked, SharedSecretCiphertextBlob=inside["SharedSecretCiphertextBlob"])
    assert opened["SharedSecret"] == inside["SharedSecret"]
    secret, outside = public_key(kms, key).encapsulate()
    assert kms.decapsulate(**asked, SharedSecretCiphertextBlob=outside)["SharedSecret"] == secret
    changed = outside[:-1] + bytes([outside[-1] ^ 1])
    rejected = kms.decapsulate(**asked, SharedSecretCiphertextBlob=changed)["SharedSecret"]
    assert len(rejected) == 32
    assert rejected != secret
    assert refused(kms.decapsulate, **asked, SharedSecretCiphertextBlob=outside[:-1]).code == (
        "InvalidCiphertextException"
    )
    assert kms.get_public_key(KeyId=key)["EncapsulationAlgorithms"] == ["ML_KEM"]


@pytest.mark.parametrize(
    "spec",
    ["RSA_2048", "ECC_NIST_P256", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519", "ML_KEM_768"],
)
def test_data_key_pair_is_whole_and_its_private_half_sealed(kms: Any, key: str, spec: str) -> None:
    told = {"EncryptionContext": {"a": "b"}}
    answer = kms.generate_data_key_pair(KeyId=key, KeyPairSpec=spec, **told)
    private = load_der_private_key(answer["PrivateKeyPlaintext"], None)
    assert private.public_key() == load_der_public_key(answer["PublicKey"])
    opened = kms.decrypt(CiphertextBlob=answer["PrivateKeyCiphertextBlob"], **told)
    assert opened["Plaintext"] == answer["PrivateKeyPlaintext"]
    assert opened["KeyMaterialId"] == answer["KeyMaterialId"]
    without = kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec=spec)
    assert "PrivateKeyPlaintext" not in without
    assert without["PublicKey"] != answer["PublicKey"]


@pytest.mark.parametrize("spec", ["SM2", "ML_KEM_512"])
def test_what_has_no_library_here_is_refused_by_name(
    kms: Any, key: str, refused: Callable[..., Any], spec: str
) -> None:
    usage = "SIGN_VERIFY" if spec == "SM2" else "ENCAPSULATE_DECAPSULATE"
    for refusal in (
        refused(kms.create_key, KeySpec=spec, KeyUsage=usage),
        refused(kms.generate_data_key_pair, KeyId=key, KeyPairSpec=spec),
    ):
        assert refusal.code == "UnsupportedOperationException"
        assert spec in refusal.message


def test_public_key_is_of_asymmetric_keys_in_use_only(kms: Any, key: str, refused: Callable[..., Any]) -> None:
    assert refused(kms.get_public_key, KeyId=key).code == "UnsupportedOperationException"
    pair = made(kms, "RSA_2048")
    answer = kms.get_public_key(KeyId=pair)
    assert (answer["KeySpec"], answer["KeyUsage"], answer["SigningAlgorithms"]) == (
        "RSA_2048",
        "SIGN_VERIFY",
        list(RSA),
    )
    kms.disable_key(KeyId=pair)
    assert refused(kms.get_public_key, KeyId=pair).code == "DisabledException"
    assert refused(kms.sign, KeyId=pair, Message=b"m", SigningAlgorithm=RSA[0]).code == "DisabledException"


def test_algorithm_must_be_the_specs_and_usage_the_keys(kms: Any, refused: Callable[..., Any]) -> None:
    pair = made(kms, "ECC_NIST_P256")
    refusal = refused(kms.sign, KeyId=pair, Message=b"m", SigningAlgorithm="ECDSA_SHA_384")
    assert refusal[:2] == (
        "InvalidKeyUsageException",
        "Algorithm ECDSA_SHA_384 is incompatible with key spec ECC_NIST_P256.",
    )
    assert (
        "key usage is SIGN_VERIFY which is not valid for DeriveSharedSecret"
        in refused(kms.derive_shared_secret, KeyId=pair, KeyAgreementAlgorithm="ECDH", PublicKey=b"x").message
    )
    assert refused(kms.sign, KeyId=pair, Message=b"m", SigningAlgorithm="ECDSA_SHA_256", DryRun=True).code == (
        "DryRunOperationException"
    )


def test_rotation_is_of_symmetric_keys_only(kms: Any, refused: Callable[..., Any]) -> None:
    pair = made(kms, "ECC_NIST_P256")
    assert kms.get_key_rotation_status(KeyId=pair)["KeyRotationEnabled"] is False
    for operation in (kms.enable_key_rotation, kms.rotate_key_on_demand, kms.list_key_rotations):
        assert refused(operation, KeyId=pair).code == "UnsupportedOperationException"


def test_asymmetric_replica_is_the_same_key(kms: Any, server: Any) -> None:
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY", MultiRegion=True)["KeyMetadata"]["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    server.advance("1s")
    there = server.client("kms", region="eu-west-1")
    assert there.get_public_key(KeyId=key)["PublicKey"] == kms.get_public_key(KeyId=key)["PublicKey"]
    asked = {"KeyId": key, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
    assert there.verify(**asked, Signature=kms.sign(**asked)["Signature"])["SignatureValid"]
