"""The wire: requests recognised and parsed, answers and refusals serialised, in every protocol of the models.

recognised = recognise(request, signing_name)
codec = codec_for(load(recognised.service), recognised.protocol)
members = codec.parse(recognised.operation, request, recognised.labels)
status, headers, body = codec.serialize(recognised.operation, response, request_id)
status, headers, body = codec.error("NotFoundException", "...", request_id=request_id, operation=...)
"""

from __future__ import annotations

from casemate.gateway.protocols.codec import Codec, Labels, Reply
from casemate.gateway.protocols.codecs import codec_for
from casemate.gateway.protocols.errors import InvalidRequest, MalformedRequest, UnknownOperation, WireError
from casemate.gateway.protocols.json import JsonCodec
from casemate.gateway.protocols.recognition import Recognised, recognise
from casemate.gateway.protocols.request import Headers, Request

__all__ = [
    "Codec",
    "Headers",
    "InvalidRequest",
    "JsonCodec",
    "Labels",
    "MalformedRequest",
    "Recognised",
    "Reply",
    "Request",
    "UnknownOperation",
    "WireError",
    "codec_for",
    "recognise",
]
