from __future__ import annotations

import gzip

import pytest

from casemate.gateway.models import load
from casemate.gateway.protocols import MalformedRequest, Request, codec_for
from casemate.gateway.protocols.compression import MOST_BYTES, decompressed

FORM = (
    b"Action=PutMetricData&Version=2010-08-01&Namespace=a&MetricData.member.1.MetricName=m&MetricData.member.1.Value=1"
)


def test_gzipped_request_of_an_operation_that_allows_it_is_parsed():
    codec = codec_for(load("cloudwatch"), "query")
    plain = codec.parse("PutMetricData", Request(b"POST", b"/", [], FORM))
    packed = Request(b"POST", b"/", [(b"content-encoding", b"gzip")], gzip.compress(FORM))
    assert (
        codec.parse("PutMetricData", packed)
        == plain
        == {"Namespace": "a", "MetricData": [{"MetricName": "m", "Value": 1.0}]}
    )


def test_gzip_is_taken_off_last_and_others_stay():
    request = decompressed(Request(b"POST", b"/", [(b"content-encoding", b"custom, gzip")], gzip.compress(b"x")))
    assert (request.body, request.headers) == (b"x", [(b"content-encoding", b"custom")])
    same = Request(b"POST", b"/", [(b"content-encoding", b"custom")], b"x")
    assert decompressed(same) is same


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"no gzip at all",
        gzip.compress(b"x")[:-1],
        gzip.compress(b"x") + b"y",
        gzip.compress(b"x") * 2,
        gzip.compress(bytes(MOST_BYTES + 1)),
    ],
)
def test_body_that_is_not_one_bounded_stream_is_refused(body):
    with pytest.raises(MalformedRequest):
        decompressed(Request(b"POST", b"/", [(b"content-encoding", b"gzip")], body))


def test_gzip_of_other_operations_is_left_alone():
    codec = codec_for(load("cloudwatch"), "query")
    with pytest.raises(MalformedRequest):
        codec.parse("ListMetrics", Request(b"POST", b"/", [(b"content-encoding", b"gzip")], gzip.compress(FORM)))
