"""Bad input, correctly signed: no 5xx but 501, no hang, no growth, and the server is well afterwards."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from tests.conformance import malformed, raw
from tests.conftest import Process

pytestmark = pytest.mark.conformance
EACH = 300
GROWTH_BYTES = 48 << 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    process = Process(tmp_path_factory.mktemp("malformed") / "data", "--workers", "1", "--test")
    process.ready()
    yield process
    assert process.stop() == 0


def test_storm_of_malformed_requests_is_refused_without_failure_or_growth(server):
    for protocol in malformed.PROTOCOLS:
        assert malformed.warm_up(server, protocol).wrong == []
    worker = server.pids("worker")
    before = malformed.resident_bytes(worker[0])
    refused = 0
    for protocol in malformed.PROTOCOLS:
        outcome = malformed.storm(server, protocol, EACH, seed=7)
        assert outcome.wrong == []
        assert outcome.wrongly_signed <= EACH // 100, outcome.codes
        refused += outcome.malformed
    assert refused >= 1000
    assert server.pids("worker") == worker
    assert malformed.resident_bytes(worker[0]) - before < GROWTH_BYTES
    kms = server.client("kms")
    blob = kms.encrypt(KeyId=kms.create_key()["KeyMetadata"]["KeyId"], Plaintext=b"well")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"well"


def test_request_refused_while_it_is_parsed_is_audited_without_what_was_not_read(server):
    """Its audit rule is for requests as the model has them."""
    facts = json.loads((server.data / "credentials.json").read_text())
    keys = (facts["access_key_id"], facts["secret_access_key"])
    headers = [(b"x-amz-target", b"TrentService.TagResource"), (b"content-type", b"application/x-amz-json-1.1")]
    answer = raw.ask(server.url, keys, raw.Place("kms"), headers, b'{"KeyId": 0, "Tags": 1}')
    assert (answer.status, malformed.code_of(answer)) == (400, "SerializationException")
    listed = server.command("audit").stdout.splitlines()
    record = next(
        each for each in map(json.loads, listed) if each.get("requestID") == answer.headers["x-amzn-requestid"]
    )
    assert record["errorCode"] == "SerializationException"
    assert record["requestParameters"] is None
