"""`POST /_casemate/seed`: keys with chosen ids and material, whole or not at all. Who may ask: tests/cli/test_up.py."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

import pytest
from tests.conftest import fetch

from casemate.engines.keys import SPECS
from casemate.engines.keys.asymmetric import generate_pair, is_available

ID = "0123abcd-0000-4000-8000-0123456789ab"
USABLE = [spec for spec, facts in SPECS.items() if facts.import_bytes or is_available(spec)]


def material_for(spec: str) -> bytes:
    sizes = SPECS[spec].import_bytes
    return os.urandom(sizes[0]) if sizes else generate_pair(spec)


def told(server: Any, **members: Any) -> dict[str, Any]:
    """A key that can be seeded, but for the members given."""
    spec = members.get("spec", "SYMMETRIC_DEFAULT")
    usage = SPECS[spec].usages[0].value if spec in SPECS else "ENCRYPT_DECRYPT"
    common = {"account": server.account, "region": "us-east-1", "id": ID, "spec": spec, "usage": usage}
    material = "" if "material" in members or spec not in SPECS else base64.b64encode(material_for(spec)).decode()
    return {**common, "material": material, **members}


def post(server: Any, *keys: dict[str, Any], **headers: str) -> tuple[int, str]:
    status, body = fetch(f"{server.url}/_casemate/seed", json.dumps({"keys": keys}).encode(), headers)
    return status, body.decode()


@pytest.mark.parametrize("spec", USABLE)
def test_key_of_each_spec_is_seeded_under_its_chosen_arn(server: Any, kms: Any, spec: str) -> None:
    assert post(server, told(server, spec=spec)) == (200, '{"keys":1}\n')
    facts = kms.describe_key(KeyId=ID)["KeyMetadata"]
    assert facts["Arn"] == f"arn:aws:kms:us-east-1:{server.account}:key/{ID}"
    assert (facts["KeySpec"], facts["KeyState"], facts["Origin"]) == (spec, "Enabled", "AWS_KMS")
    assert kms.get_key_policy(KeyId=ID)["PolicyName"] == "default"


def test_seeded_material_is_the_one_that_encrypts(server: Any, kms: Any) -> None:
    """Two keys of one id and one material, in two Regions: what one encrypts the other opens."""
    material = base64.b64encode(os.urandom(32)).decode()
    id_ = "mrk-" + "0123456789abcdef" * 2
    keys = [told(server, id=id_, region=region, material=material) for region in ("us-east-1", "eu-west-1")]
    assert post(server, *keys) == (200, '{"keys":2}\n')
    assert kms.describe_key(KeyId=id_)["KeyMetadata"]["MultiRegion"] is True
    blob = kms.encrypt(KeyId=id_, Plaintext=b"x")["CiphertextBlob"]
    assert server.client("kms", region="eu-west-1").decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


@pytest.mark.parametrize(
    ("members", "says"),
    [
        ({"account": "12345678901"}, "account '12345678901' is not 12 digits"),
        ({"region": "us-east-9"}, "'us-east-9' is no region"),
        ({"region": "../us-east-1"}, "'../us-east-1' is no region"),
        ({"id": "alias/mine"}, "id 'alias/mine' is neither a UUID nor mrk- and 32 hex digits"),
        ({"id": ID.upper()}, "is neither a UUID"),
        ({"id": ID + "\n"}, "is neither a UUID"),
        ({"spec": "AES_256"}, "spec 'AES_256' is none of AWS KMS"),
        ({"usage": "SIGN_VERIFY"}, "usage 'SIGN_VERIFY' does not fit spec 'SYMMETRIC_DEFAULT'"),
        ({"material": "not base64"}, "material is not base64"),
        ({"material": "eHg="}, "material of SYMMETRIC_DEFAULT has 32 to 32 bytes, not 2"),
        ({"spec": "RSA_2048", "material": "eHg="}, "no private key of RSA_2048"),
        ({"spec": "SM2", "material": "eHg="}, "KeySpec SM2 is not available"),
    ],
)
def test_key_that_is_wrong_is_refused_by_name_and_none_beside_it_is_made(
    server: Any, kms: Any, members: dict[str, str], says: str
) -> None:
    beside = told(server, id=ID.replace("0123abcd", "ffffffff"), region=members.get("region", "us-east-1"))
    status, answer = post(server, beside, told(server, **members))
    assert (status, says in json.loads(answer)["message"]) == (400, True), answer
    assert kms.list_keys()["Keys"] == []
    assert post(server, told(server))[0] == 200


def test_seeding_is_not_for_pages_in_a_browser(server: Any, kms: Any) -> None:
    status, answer = post(server, told(server), Origin="https://example.com")
    assert (status, json.loads(answer)["message"]) == (403, "a page in a browser may not do this")
    status, answer = post(server, told(server), Host="casemate.example.com")
    assert (status, json.loads(answer)["message"]) == (403, "the Host header is not this server's own")
    assert kms.list_keys()["Keys"] == []
