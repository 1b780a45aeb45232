"""Verification and unwrapping by the engine, against project Wycheproof's vectors.

A KMS key is a pair, and most of the signature vectors give the public half alone: no operation can bring such a key in.
Where a private half is published, the vectors go through Verify as well (tests/services/kms/test_wycheproof.py), as
those of AES-KWP go through ImportKeyMaterial; what only the engine shows of them is here.
"""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from tests.wycheproof import cases

from casemate.engines.keys import CiphertextError, KeysError, spec_named
from casemate.engines.keys.asymmetric import KeyPair, verify
from casemate.engines.keys.wrapping import unwrap

SIGNATURES = {
    "ecdsa_secp256r1_sha256_test": ("ECC_NIST_P256", "ECDSA_SHA_256"),
    "ecdsa_secp384r1_sha384_test": ("ECC_NIST_P384", "ECDSA_SHA_384"),
    "ecdsa_secp521r1_sha512_test": ("ECC_NIST_P521", "ECDSA_SHA_512"),
    "ecdsa_secp256k1_sha256_test": ("ECC_SECG_P256K1", "ECDSA_SHA_256"),
    "ed25519_test": ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512"),
    **{f"mldsa_{bits}_verify_test": (f"ML_DSA_{bits}", "ML_DSA_SHAKE_256") for bits in (44, 65, 87)},
    **{
        f"rsa_signature_{bits}_sha{size}_test": (f"RSA_{bits}", f"RSASSA_PKCS1_V1_5_SHA_{size}")
        for bits in (2048, 3072, 4096)
        for size in (256, 384, 512)
    },
    "rsa_pss_2048_sha256_mgf1_32_test": ("RSA_2048", "RSASSA_PSS_SHA_256"),
    "rsa_pss_2048_sha384_mgf1_48_test": ("RSA_2048", "RSASSA_PSS_SHA_384"),
    "rsa_pss_3072_sha256_mgf1_32_test": ("RSA_3072", "RSASSA_PSS_SHA_256"),
    "rsa_pss_4096_sha256_mgf1_32_test": ("RSA_4096", "RSASSA_PSS_SHA_256"),
    "rsa_pss_4096_sha384_mgf1_48_test": ("RSA_4096", "RSASSA_PSS_SHA_384"),
    "rsa_pss_4096_sha512_mgf1_64_test": ("RSA_4096", "RSASSA_PSS_SHA_512"),
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_signature_is_believed_exactly_where_the_vectors_believe_it(name: str) -> None:
    spec, algorithm = SIGNATURES[name]
    tried = 0
    for group, case in cases(name):
        if case.get("ctx"):
            continue  # a context is nothing that KMS's ML-DSA takes
        try:
            public = load_der_public_key(bytes.fromhex(group["publicKeyDer"]))
        except ValueError:
            assert case["result"] == "invalid"
            continue
        pair = KeyPair(spec_named(spec), None, public)
        try:
            verify(pair, algorithm, bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"]))
            accepted = True
        except KeysError:
            accepted = False
        if case["result"] == "acceptable":
            # A signature that leaves the NULL of its algorithm out: RFC 8017 lets a verifier take or refuse it.
            assert case["flags"] == ["MissingNull"]
        else:
            assert accepted is (case["result"] == "valid"), case
        tried += 1
    assert tried > 60


def test_import_is_unwrapped_exactly_where_the_vectors_unwrap() -> None:
    """The whole of what the API tells apart by its codes alone: here the unwrapped bytes are compared."""
    private = rsa.generate_private_key(65537, 2048)
    pair = KeyPair(spec_named("RSA_2048"), private, private.public_key())
    oaep = padding.OAEP(padding.MGF1(SHA256()), SHA256(), None)
    tried = 0
    for _, case in cases("aes_kwp_test"):
        key, message, wrapped = (bytes.fromhex(case[each]) for each in ("key", "msg", "ct"))
        blob = private.public_key().encrypt(key, oaep) + wrapped
        if case["result"] == "valid":
            assert unwrap(pair, "RSA_AES_KEY_WRAP_SHA_256", blob) == message
        else:
            with pytest.raises(CiphertextError):
                unwrap(pair, "RSA_AES_KEY_WRAP_SHA_256", blob)
        tried += 1
    assert tried == 254
