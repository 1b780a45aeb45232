"""Which codec speaks which protocol."""

from __future__ import annotations

from functools import cache
from typing import Final

from casemate.gateway.models import ServiceModel
from casemate.gateway.protocols.cbor import CborCodec
from casemate.gateway.protocols.codec import Codec
from casemate.gateway.protocols.ec2 import Ec2Codec
from casemate.gateway.protocols.json import JsonCodec
from casemate.gateway.protocols.query import QueryCodec, QueryJsonCodec
from casemate.gateway.protocols.rest_json import RestJsonCodec
from casemate.gateway.protocols.rest_xml import RestXmlCodec, S3Codec

_CODECS: Final[dict[str, type[Codec]]] = {
    "json": JsonCodec,
    "query": QueryCodec,
    "query+json": QueryJsonCodec,
    "ec2": Ec2Codec,
    "rest-json": RestJsonCodec,
    "rest-xml": RestXmlCodec,
    "smithy-rpc-v2-cbor": CborCodec,
}


@cache
def codec_for(model: ServiceModel, protocol: str) -> Codec:
    """The codec of a service in a protocol (`Recognised.protocol`); one instance a process, compiled as it is used."""
    if model.service == "s3":
        return S3Codec(model)
    return _CODECS[protocol](model)
