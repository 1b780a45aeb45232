from __future__ import annotations

from typing import cast

import botocore.session
import pytest
from botocore.model import ServiceModel, StringShape

from casemate.engines.keys import DATA_KEY_BYTES, DATA_KEY_PAIR_SPECS, SPECS, AlgorithmError, KeyUsage, spec_named


@pytest.fixture(scope="module")
def model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("kms")


def enum(model: ServiceModel, shape: str) -> set[str]:
    return set(cast("StringShape", model.shape_for(shape)).enum)


def test_specs_are_those_of_the_published_model(model: ServiceModel) -> None:
    assert set(SPECS) == enum(model, "KeySpec")
    assert set(DATA_KEY_PAIR_SPECS) == enum(model, "DataKeyPairSpec")
    assert set(DATA_KEY_BYTES) == enum(model, "DataKeySpec")
    assert {usage.value for usage in KeyUsage} == enum(model, "KeyUsageType")


@pytest.mark.parametrize(
    ("usage", "shape"),
    [
        (KeyUsage.ENCRYPT_DECRYPT, "EncryptionAlgorithmSpec"),
        (KeyUsage.SIGN_VERIFY, "SigningAlgorithmSpec"),
        (KeyUsage.GENERATE_VERIFY_MAC, "MacAlgorithmSpec"),
        (KeyUsage.KEY_AGREEMENT, "KeyAgreementAlgorithmSpec"),
        (KeyUsage.ENCAPSULATE_DECAPSULATE, "EncapsulationAlgorithmSpec"),
    ],
)
def test_every_published_algorithm_belongs_to_a_spec(model: ServiceModel, usage: KeyUsage, shape: str) -> None:
    ours = {algorithm for spec in SPECS.values() for algorithm in spec.algorithms(usage)}
    assert ours == enum(model, shape)


def test_rsa_limits_are_those_of_rfc_8017() -> None:
    limits = {name: dict(SPECS[name].max_plaintext) for name in ("RSA_2048", "RSA_3072", "RSA_4096")}
    assert limits == {
        "RSA_2048": {"RSAES_OAEP_SHA_1": 214, "RSAES_OAEP_SHA_256": 190},
        "RSA_3072": {"RSAES_OAEP_SHA_1": 342, "RSAES_OAEP_SHA_256": 318},
        "RSA_4096": {"RSAES_OAEP_SHA_1": 470, "RSAES_OAEP_SHA_256": 446},
    }


def test_usages_follow_the_key_spec_reference() -> None:
    assert spec_named("ECC_SECG_P256K1").usages == (KeyUsage.SIGN_VERIFY,)
    assert set(spec_named("ECC_NIST_P256").usages) == {KeyUsage.SIGN_VERIFY, KeyUsage.KEY_AGREEMENT}
    assert len(spec_named("SM2").usages) == 3
    with pytest.raises(AlgorithmError):
        spec_named("RSA_1024")
