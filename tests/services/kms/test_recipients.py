"""Answers for attested environments: documents of a root of the test's own, opened by the key that they name."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cbor2
import pytest
from asn1crypto import cms
from botocore.exceptions import ClientError
from Cryptodome.Cipher import AES, PKCS1_OAEP
from Cryptodome.Hash import SHA256
from Cryptodome.PublicKey import RSA
from Cryptodome.Util.Padding import unpad
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from casemate.engines.keys.attestation import AttestationError, read_roots, verify_attestation

PCRS = {number: bytes([number]) * 48 for number in range(16)}


class Authority:
    """A root, an intermediate, and the certificate that signs documents."""

    def __init__(self) -> None:
        self.keys = [ec.generate_private_key(ec.SECP384R1()) for _ in range(3)]
        self.certificates = [self._certificate(number) for number in range(3)]
        self.pem = self.certificates[0].public_bytes(Encoding.PEM)

    def _certificate(self, number: int, *, days: int = 2) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"level {each}")]) for each in range(3)]
        builder = x509.CertificateBuilder().subject_name(names[number]).issuer_name(names[max(0, number - 1)])
        builder = builder.public_key(self.keys[number].public_key()).serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=days))
        builder = builder.add_extension(x509.BasicConstraints(ca=number < 2, path_length=None), critical=True)
        return builder.sign(self.keys[max(0, number - 1)], SHA384())

    def fields(self, spki: bytes) -> dict[str, Any]:
        encoded = [each.public_bytes(Encoding.DER) for each in self.certificates]
        return {
            "module_id": "i-1234-enc5678",
            "digest": "SHA384",
            "timestamp": int(time.time() * 1000),
            "pcrs": PCRS,
            "certificate": encoded[2],
            "cabundle": encoded[:2],
            "public_key": spki,
            "user_data": None,
            "nonce": None,
        }

    def document(self, fields: dict[str, Any], *, tag: bool = True, key: Any = None, algorithm: int = -35) -> bytes:
        protected, payload = cbor2.dumps({1: algorithm}), cbor2.dumps(fields)
        signed = cbor2.dumps(["Signature1", protected, b"", payload])
        r, s = decode_dss_signature((key or self.keys[2]).sign(signed, ec.ECDSA(SHA384())))
        whole = [protected, {}, payload, r.to_bytes(48) + s.to_bytes(48)]
        return cbor2.dumps(cbor2.CBORTag(18, whole) if tag else whole)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def recipient() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def spki_of(private: rsa.RSAPrivateKey) -> bytes:
    return private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def pem_of(private: rsa.RSAPrivateKey) -> bytes:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def opened(private: rsa.RSAPrivateKey, enveloped: bytes) -> bytes:
    """The content, by an implementation that is not the server's."""
    content = cms.ContentInfo.load(enveloped)["content"]
    (who,) = content["recipient_infos"]
    wrapped = who.chosen["encrypted_key"].native
    assert len(who.chosen["rid"].native) == 32
    key = PKCS1_OAEP.new(RSA.import_key(pem_of(private)), hashAlgo=SHA256).decrypt(wrapped)
    inner = content["encrypted_content_info"]
    iv = inner["content_encryption_algorithm"]["parameters"].native
    assert (len(key), inner["content_encryption_algorithm"]["algorithm"].native) == (32, "aes256_cbc")
    return unpad(AES.new(key, AES.MODE_CBC, iv).decrypt(inner["encrypted_content"].native), 16)


def test_document_is_believed_step_by_step(authority: Authority, recipient: rsa.RSAPrivateKey) -> None:
    roots, now = read_roots(authority.pem), time.time()
    fields = authority.fields(spki_of(recipient))
    for tag in (True, False):
        assert verify_attestation(authority.document(fields, tag=tag), roots, now).pcrs == PCRS
    stranger = Authority()
    wrong: list[tuple[bytes, str]] = [
        (b"", "CBOR"),
        (b"\x9f" * 5000, "CBOR"),
        (b"x" * 300_000, "too large"),
        (cbor2.dumps(5), "COSE"),
        (cbor2.dumps([1, 2, 3, 4]), "COSE"),
        (cbor2.dumps(cbor2.CBORTag(17, [])), "COSE"),
        (authority.document(fields) + b"\0", "followed"),
        (authority.document(fields, algorithm=-7), "ES384"),
        (authority.document(fields, key=stranger.keys[2]), "signature"),
        (stranger.document(stranger.fields(spki_of(recipient))), "root"),
        (authority.document({**fields, "timestamp": fields["timestamp"] - 400_000}), "moment"),
        (authority.document({**fields, "public_key": b"nonsense"}), "RSA"),
        (authority.document({**fields, "digest": "SHA1"}), "SHA384"),
        (authority.document({**fields, "pcrs": {}}), "registers"),
        (authority.document({**fields, "pcrs": {99: b"x" * 48}}), "number"),
        (authority.document({**fields, "pcrs": {0: b"x"}}), "length"),
        (authority.document({**fields, "cabundle": []}), "chain"),
        (authority.document({**fields, "cabundle": fields["cabundle"][:1]}), "verify"),
        (authority.document({**fields, "certificate": b"x"}), "verify"),
        (authority.document({name: each for name, each in fields.items() if name != "timestamp"}), "timestamp"),
    ]
    for document, text in wrong:
        with pytest.raises(AttestationError, match=text):
            verify_attestation(document, roots, now)
    with pytest.raises(AttestationError, match="not valid now"):
        verify_attestation(authority.document(fields), roots, now + 5 * 86400)
    small = rsa.generate_private_key(65537, 1024)
    with pytest.raises(AttestationError, match="2048"):
        verify_attestation(authority.document(authority.fields(spki_of(small))), roots, now)


@pytest.fixture
def attested(start: Callable[..., Any], tmp_path: Path, authority: Authority) -> Any:
    """A server that trusts the test's own root."""
    (tmp_path / "roots.pem").write_bytes(authority.pem)
    server = start("--workers", "1", environment={"CASEMATE_ATTESTATION_ROOTS": str(tmp_path / "roots.pem")})
    server.ready()
    return server


def test_answers_open_with_the_attested_key_only(
    attested: Any, tmp_path: Path, authority: Authority, recipient: rsa.RSAPrivateKey
) -> None:
    kms = attested.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    told = {
        "KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256",
        "AttestationDocument": authority.document(authority.fields(spki_of(recipient))),
    }
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256", Recipient=told)
    assert "Plaintext" not in made
    data_key = opened(recipient, made["CiphertextForRecipient"])
    assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == data_key
    answer = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], Recipient=told)
    assert "Plaintext" not in answer
    assert opened(recipient, answer["CiphertextForRecipient"]) == data_key
    assert len(opened(recipient, kms.generate_random(NumberOfBytes=33, Recipient=told)["CiphertextForRecipient"])) == 33
    pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256", Recipient=told)
    assert "PrivateKeyPlaintext" not in pair
    private = opened(recipient, pair["CiphertextForRecipient"])
    assert kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"] == private
    agreement = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
    asked = {"KeyId": agreement, "KeyAgreementAlgorithm": "ECDH"}
    asked["PublicKey"] = kms.get_public_key(KeyId=agreement)["PublicKey"]
    derived = kms.derive_shared_secret(**asked, Recipient=told)
    assert opened(recipient, derived["CiphertextForRecipient"]) == kms.derive_shared_secret(**asked)["SharedSecret"]
    _open_with_openssl(tmp_path, recipient, made["CiphertextForRecipient"], data_key)
    _bound_to_an_image(kms, key, made["CiphertextBlob"], told)
    broken = {**told, "AttestationDocument": told["AttestationDocument"][:-1] + b"\0"}
    with pytest.raises(ClientError, match=r"ValidationException.*attestation document is not valid"):
        kms.generate_random(NumberOfBytes=8, Recipient=broken)


def _open_with_openssl(folder: Path, recipient: rsa.RSAPrivateKey, enveloped: bytes, expected: bytes) -> None:
    if shutil.which("openssl") is None:
        return
    pem = pem_of(recipient)
    (folder / "recipient.pem").write_bytes(pem)
    (folder / "enveloped").write_bytes(enveloped)
    command = ["openssl", "cms", "-decrypt", "-inform", "DER", "-in", str(folder / "enveloped")]
    done = subprocess.run(
        [*command, "-inkey", str(folder / "recipient.pem")], capture_output=True, timeout=30, check=True
    )
    assert done.stdout == expected


def _bound_to_an_image(kms: Any, key: str, blob: bytes, told: dict[str, Any]) -> None:
    """A key policy may ask for a measurement: without a document, or with another, nothing opens."""
    account = kms.describe_key(KeyId=key)["KeyMetadata"]["AWSAccountId"]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=_demanding(account, "PCR3", PCRS[3]))
    assert kms.decrypt(CiphertextBlob=blob, Recipient=told)["CiphertextForRecipient"]
    with pytest.raises(ClientError, match="AccessDenied"):
        kms.decrypt(CiphertextBlob=blob)
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=_demanding(account, "PCR3", b"\xff" * 48))
    with pytest.raises(ClientError, match="AccessDenied"):
        kms.decrypt(CiphertextBlob=blob, Recipient=told)


def _demanding(account: str, register: str, value: bytes) -> str:
    """A key policy by which only attested environments with this measurement decrypt."""
    denied = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"StringNotEqualsIgnoreCase": {f"kms:RecipientAttestation:{register}": value.hex()}},
    }
    root = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [root, denied]})


def test_registers_of_an_enclave_and_of_a_tpm_are_told_apart(
    attested: Any, authority: Authority, recipient: rsa.RSAPrivateKey
) -> None:
    """Root in a guest can extend a TPM's registers: they never stand for an enclave's, nor the other way round."""
    kms = attested.client("kms")
    facts = kms.create_key()["KeyMetadata"]
    key, account = facts["KeyId"], facts["AWSAccountId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"kept")["CiphertextBlob"]
    fields = authority.fields(spki_of(recipient))
    of_tpm = {name: value for name, value in fields.items() if name != "pcrs"} | {"nitrotpm_pcrs": PCRS}
    for told, granted in ((fields, {"PCR8"}), (of_tpm, {"NitroTPMPCR8"})):
        document = authority.document({**told, "timestamp": int(time.time() * 1000)})
        asked = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": document}
        for register in ("PCR8", "NitroTPMPCR8", "8", "nitrotpm8", "PCR08", "PCR²", "PCR" + "9" * 5000):
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=_demanding(account, register, PCRS[8]))
            if register in granted:
                assert kms.decrypt(CiphertextBlob=blob, Recipient=asked)["CiphertextForRecipient"]
                continue
            with pytest.raises(ClientError, match="AccessDenied"):
                kms.decrypt(CiphertextBlob=blob, Recipient=asked)
    assert not verify_attestation(authority.document(of_tpm), read_roots(authority.pem), time.time()).image


def test_without_roots_every_document_is_refused(kms: Any, refused: Callable[..., Any]) -> None:
    told = {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"document"}
    refusal = refused(kms.generate_random, NumberOfBytes=8, Recipient=told)
    assert refusal.code == "UnsupportedOperationException"
    assert "attestation_roots" in refusal.message
