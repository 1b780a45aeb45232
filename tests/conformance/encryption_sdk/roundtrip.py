"""The AWS Encryption SDK, unmodified: master key providers, material-providers keyrings, multi-Region round trips."""

from __future__ import annotations

import os
import sys

import aws_encryption_sdk
import boto3
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import (
    CreateAwsKmsKeyringInput,
    CreateAwsKmsMrkKeyringInput,
    CreateAwsKmsMultiKeyringInput,
)
from aws_encryption_sdk import CommitmentPolicy
from aws_encryption_sdk.exceptions import DecryptKeyError
from aws_encryption_sdk.key_providers.kms import MRKAwareStrictAwsKmsMasterKeyProvider

HERE, THERE = "us-east-1", "eu-west-1"
CONTEXT = {"tenant": "a", "purpose": "test"}
TEXT = b"a message of some length " * 400


def provider(*keys: str) -> object:
    return aws_encryption_sdk.StrictAwsKmsMasterKeyProvider(key_ids=list(keys))


def main(key: str, other: str, multi_here: str, multi_there: str) -> None:
    client = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
    # Master key providers: one key, two keys, and the wrong one.
    sealed, _ = client.encrypt(source=TEXT, key_provider=provider(key), encryption_context=CONTEXT)
    opened, header = client.decrypt(source=sealed, key_provider=provider(key))
    assert opened == TEXT
    assert CONTEXT.items() <= header.encryption_context.items()
    sealed, _ = client.encrypt(source=TEXT, key_provider=provider(key, other))
    assert client.decrypt(source=sealed, key_provider=provider(other))[0] == TEXT
    sealed, _ = client.encrypt(source=TEXT, key_provider=provider(key))
    try:
        client.decrypt(source=sealed, key_provider=provider(other))
    except DecryptKeyError:
        pass
    else:
        raise AssertionError("another key opened the message")
    # Multi-Region keys through multi-Region aware providers.
    aware = MRKAwareStrictAwsKmsMasterKeyProvider
    sealed, _ = client.encrypt(source=TEXT, key_provider=aware(key_ids=[multi_here]))
    assert client.decrypt(source=sealed, key_provider=aware(key_ids=[multi_there]))[0] == TEXT
    # Keyrings of the material providers library.
    library = AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())
    kms = {region: boto3.client("kms", region_name=region) for region in (HERE, THERE)}
    plain = library.create_aws_kms_keyring(CreateAwsKmsKeyringInput(kms_key_id=key, kms_client=kms[HERE]))
    sealed, _ = client.encrypt(source=TEXT, keyring=plain, encryption_context=CONTEXT)
    assert client.decrypt(source=sealed, keyring=plain, encryption_context=CONTEXT)[0] == TEXT
    multi = library.create_aws_kms_multi_keyring(CreateAwsKmsMultiKeyringInput(generator=key, kms_key_ids=[other]))
    sealed, _ = client.encrypt(source=TEXT, keyring=multi)
    assert client.decrypt(source=sealed, keyring=multi)[0] == TEXT
    here, there = (
        library.create_aws_kms_mrk_keyring(CreateAwsKmsMrkKeyringInput(kms_key_id=arn, kms_client=kms[region]))
        for arn, region in ((multi_here, HERE), (multi_there, THERE))
    )
    sealed, _ = client.encrypt(source=TEXT, keyring=here, encryption_context=CONTEXT)
    assert client.decrypt(source=sealed, keyring=there, encryption_context=CONTEXT)[0] == TEXT
    sys.stdout.write("ok\n")


if __name__ == "__main__":
    assert os.environ["AWS_ENDPOINT_URL"]
    main(*sys.argv[1:])
