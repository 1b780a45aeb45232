"""AWS owned keys, as the services to come will call for them: in process, since no request reaches them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from casemate.app import House
from casemate.foundation.caller import Caller
from casemate.foundation.context import Context, Origin
from casemate.foundation.errors import ServiceError
from casemate.foundation.node import Node, NodeFacts
from casemate.foundation.settings import load
from casemate.services.kms.owned import OWNER
from casemate.services.kms.records import KEYS


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    settings = load({"data": str(tmp_path / "data")}, {}).settings
    node = Node(settings.data_path)
    node.make()
    facts = NodeFacts(account="123456789012")
    node.write(facts)
    loop = asyncio.new_event_loop()
    message = {"settings": msgspec.to_builtins(settings), "facts": msgspec.to_builtins(facts)}
    made = House(message, "keeper", loop)
    yield made
    made.stores.close()
    loop.close()


def of(house: House, service: str) -> Context:
    """A context of a service on behalf of somebody."""
    caller = Caller(
        kind="user",
        account="123456789012",
        arn="arn:aws:iam::123456789012:user/somebody",
        partition="aws",
        user_id="AIDA",
        unique_id="AIDA",
        name="somebody",
        access_key_id="AKIA",
    )
    store = house.stores.all_of_partition("aws")
    now = house.clock.now()
    return Context(
        "iam",
        "Anything",
        "us-east-1",
        "aws",
        caller,
        "request",
        now,
        store.unit(),
        Origin(),
        house.host,
        via=(service,),
    )


def call(house: House, service: str, operation: str, **request: Any) -> Any:
    """As from that service: IAM, which has no services behind it, stands in for the one to come."""
    return of(house, service).call("kms", operation, request)


def test_data_key_opens_for_its_context_only(house: House) -> None:
    made = call(house, "s3.amazonaws.com", "GenerateOwnedDataKey", EncryptionContext={"bucket": "a"})
    asked = {"CiphertextBlob": made["CiphertextBlob"]}
    opened = call(house, "s3.amazonaws.com", "DecryptOwned", **asked, EncryptionContext={"bucket": "a"})
    assert opened["Plaintext"] == made["Plaintext"]
    for wrong in ({"bucket": "b"}, {}):
        with pytest.raises(ServiceError) as refusal:
            call(house, "s3.amazonaws.com", "DecryptOwned", **asked, EncryptionContext=wrong)
        assert refusal.value.code == "InvalidCiphertextException"
    again = call(house, "s3.amazonaws.com", "GenerateOwnedDataKey")
    assert again["Plaintext"] != made["Plaintext"]


def test_owned_keys_stand_in_no_account(house: House) -> None:
    call(house, "s3.amazonaws.com", "GenerateOwnedDataKey")
    call(house, "s3.amazonaws.com", "GenerateOwnedDataKey")
    reader = house.stores.region("us-east-1").reader
    assert reader.page(KEYS, "123456789012", limit=10) == []
    ((key_id, key),) = reader.page(KEYS, OWNER, limit=10)
    assert key.rotation is not None
    assert key_id == key.id


def test_nonsense_is_refused(house: House) -> None:
    call(house, "s3.amazonaws.com", "GenerateOwnedDataKey")
    for blob in (b"", b"nonsense", bytes(200)):
        with pytest.raises(ServiceError) as refusal:
            call(house, "s3.amazonaws.com", "DecryptOwned", CiphertextBlob=blob)
        assert refusal.value.code == "InvalidCiphertextException"
