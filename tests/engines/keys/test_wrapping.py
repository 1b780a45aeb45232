"""Which wrapping algorithms take which material (KMS Developer Guide, "Select a wrapping algorithm"), and what unwraps."""

from __future__ import annotations

import os

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

from casemate.engines.keys import SPECS, AlgorithmError, CiphertextError
from casemate.engines.keys.asymmetric import KeyPair, generate_pair, load_pair, unwrap, wraps

WRAPPING_SPECS = ("RSA_2048", "RSA_3072", "RSA_4096")
HASHES = {"1": SHA1(), "256": SHA256()}
ALGORITHMS = [f"{name}_SHA_{size}" for name in ("RSAES_OAEP", "RSA_AES_KEY_WRAP") for size in HASHES]


@pytest.fixture(scope="module")
def wrapping() -> KeyPair:
    return load_pair("RSA_2048", generate_pair("RSA_2048"))


def taken(algorithm: str, wrapping_spec: str) -> set[str]:
    return {
        name for name, spec in SPECS.items() if spec.importable and wraps(algorithm, wrapping_spec, name, spec.family)
    }


@pytest.mark.parametrize("wrapping_spec", WRAPPING_SPECS)
@pytest.mark.parametrize("size", HASHES)
def test_each_algorithm_takes_the_material_that_the_guide_says(wrapping_spec: str, size: str) -> None:
    importable = {name for name, spec in SPECS.items() if spec.importable}
    of_rsa = {name for name in importable if name.startswith("RSA")}
    of_pairs = of_rsa | {name for name in importable if name.startswith("ECC")}
    too_large = {"ECC_NIST_P521"} if wrapping_spec == "RSA_2048" else set()
    assert taken(f"RSAES_OAEP_SHA_{size}", wrapping_spec) == importable - of_rsa - too_large
    assert taken(f"RSA_AES_KEY_WRAP_SHA_{size}", wrapping_spec) == of_pairs
    assert taken("RSAES_PKCS1_V1_5", wrapping_spec) == set()


def wrapped_by(wrapping: KeyPair, algorithm: str, material: bytes, key: bytes) -> bytes:
    hashed = HASHES[algorithm.rpartition("_")[2]]
    oaep = padding.OAEP(padding.MGF1(hashed), hashed, None)
    if algorithm.startswith("RSAES"):
        return bytes(wrapping.public.encrypt(material, oaep))
    return bytes(wrapping.public.encrypt(key, oaep)) + aes_key_wrap_with_padding(key.ljust(16, b"\0")[:32], material)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_is_wrapped_unwraps_and_what_is_changed_anywhere_does_not(wrapping: KeyPair, algorithm: str) -> None:
    material = os.urandom(139)
    wrapped = wrapped_by(wrapping, algorithm, material, os.urandom(32))
    assert unwrap(wrapping, algorithm, wrapped) == material
    for place in (0, 128, 255, len(wrapped) - 1):
        changed = wrapped[:place] + bytes([wrapped[place] ^ 1]) + wrapped[place + 1 :]
        with pytest.raises(CiphertextError):
            unwrap(wrapping, algorithm, changed)
    for length in (0, 16, 255, len(wrapped) - 1):
        with pytest.raises(CiphertextError):
            unwrap(wrapping, algorithm, wrapped[:length])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_what_was_wrapped_otherwise_does_not_unwrap(wrapping: KeyPair, algorithm: str) -> None:
    wrapped = wrapped_by(wrapping, algorithm, os.urandom(64), os.urandom(32))
    for other in ALGORITHMS:
        if other != algorithm:
            with pytest.raises(CiphertextError):
                unwrap(wrapping, other, wrapped)
    with pytest.raises(AlgorithmError):
        unwrap(wrapping, "RSAES_PKCS1_V1_5", wrapped)


def test_key_of_a_length_that_aes_has_not_unwraps_nothing(wrapping: KeyPair) -> None:
    algorithm = "RSA_AES_KEY_WRAP_SHA_256"
    for size in (0, 15, 33):
        with pytest.raises(CiphertextError):
            unwrap(wrapping, algorithm, wrapped_by(wrapping, algorithm, os.urandom(64), os.urandom(size)))
