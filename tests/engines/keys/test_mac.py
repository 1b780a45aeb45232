from __future__ import annotations

import pytest

from casemate.engines.keys import AlgorithmError, MacError, MaterialError, generate_symmetric_material, mac, verify_mac

SPECS = ["HMAC_224", "HMAC_256", "HMAC_384", "HMAC_512"]


def algorithm_of(spec: str) -> str:
    return spec.replace("HMAC_", "HMAC_SHA_")


@pytest.mark.parametrize("spec", SPECS)
def test_code_of_generated_material_has_the_digest_length_and_verifies(spec: str) -> None:
    key = generate_symmetric_material(spec)
    code = mac(spec, algorithm_of(spec), key, b"message")
    assert len(code) == len(key) == int(spec[5:]) // 8
    verify_mac(spec, algorithm_of(spec), key, b"message", code)


def test_code_of_rfc_4231_case_2_extended_key_is_refused_but_case_6_key_length_too() -> None:
    for size in (4, 131):
        with pytest.raises(MaterialError):
            mac("HMAC_256", "HMAC_SHA_256", bytes(size), b"")


@pytest.mark.parametrize("code", [b"", b"\0" * 32, b"\0" * 31])
def test_wrong_code_is_refused(code: bytes) -> None:
    with pytest.raises(MacError):
        verify_mac("HMAC_256", "HMAC_SHA_256", bytes(32), b"message", code)


def test_truncated_code_is_refused() -> None:
    code = mac("HMAC_256", "HMAC_SHA_256", bytes(32), b"message")
    with pytest.raises(MacError):
        verify_mac("HMAC_256", "HMAC_SHA_256", bytes(32), b"message", code[:-1])


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [
        ("HMAC_224", "HMAC_SHA_256"),
        ("SYMMETRIC_DEFAULT", "HMAC_SHA_256"),
        ("NONE", "HMAC_SHA_256"),
        ("HMAC_256", "MD5"),
    ],
)
def test_algorithm_of_another_spec_is_refused(spec: str, algorithm: str) -> None:
    with pytest.raises(AlgorithmError):
        mac(spec, algorithm, bytes(32), b"message")


def test_material_of_a_key_pair_spec_is_not_generated_here() -> None:
    with pytest.raises(AlgorithmError):
        generate_symmetric_material("RSA_2048")
    with pytest.raises(AlgorithmError):
        generate_symmetric_material("AES_512")


def test_generated_material_differs_each_time() -> None:
    assert len({generate_symmetric_material("SYMMETRIC_DEFAULT") for _ in range(20)}) == 20
