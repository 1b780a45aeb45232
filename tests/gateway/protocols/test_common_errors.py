"""Every common refusal has a code and a status in every protocol, and botocore reads it."""

from __future__ import annotations

import pytest
from botocore.awsrequest import HeadersDict
from botocore.parsers import PROTOCOL_PARSERS

from casemate.gateway.models import load
from casemate.gateway.protocols import codec_for
from casemate.gateway.protocols.common_errors import RENDERINGS

SERVICES = {
    "json": "kms",
    "query": "iam",
    "ec2": "ec2",
    "rest-json": "ram",
    "rest-xml": "s3",
    "smithy-rpc-v2-cbor": "shield",
}


@pytest.mark.parametrize("code", RENDERINGS)
@pytest.mark.parametrize(("protocol", "service"), SERVICES.items())
def test_common_refusal_is_read_by_botocore(code, protocol, service):
    codec = codec_for(load(service), protocol)
    status, headers, body = codec.error(code, "the message", request_id="r")
    wire, usual = getattr(RENDERINGS[code], codec.column)
    fields = HeadersDict({name.decode(): value.decode() for name, value in headers})
    parsed = PROTOCOL_PARSERS[protocol]().parse(
        {"status_code": status, "headers": fields, "body": body, "context": {}}, None
    )
    assert parsed["Error"]["Code"] == wire
    assert parsed["Error"]["Message"] == "the message"
    assert status == usual
