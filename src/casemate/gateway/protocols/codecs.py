"""Which codec speaks which protocol.

A protocol's codec is imported when the first request speaks it: a start must not wait for those that nobody uses.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from casemate.gateway.models import ServiceModel
from casemate.gateway.protocols.codec import Codec
from casemate.gateway.protocols.json import JsonCodec
from casemate.gateway.protocols.query import QueryCodec, QueryJsonCodec

_USUAL: Final[dict[str, type[Codec]]] = {"json": JsonCodec, "query": QueryCodec, "query+json": QueryJsonCodec}


@cache
def codec_for(model: ServiceModel, protocol: str) -> Codec:
    """The codec of a service in a protocol (`Recognised.protocol`); one instance a process, compiled as it is used."""
    return _codec(model.service, protocol)(model)


def _codec(service: str, protocol: str) -> type[Codec]:
    if protocol in _USUAL:
        return _USUAL[protocol]
    if protocol == "rest-json":
        from casemate.gateway.protocols.rest_json import RestJsonCodec  # noqa: PLC0415 - when it is spoken

        return RestJsonCodec
    if protocol == "rest-xml":
        from casemate.gateway.protocols.rest_xml import RestXmlCodec, S3Codec  # noqa: PLC0415 - when it is spoken

        return S3Codec if service == "s3" else RestXmlCodec
    if protocol == "ec2":
        from casemate.gateway.protocols.ec2 import Ec2Codec  # noqa: PLC0415 - when it is spoken

        return Ec2Codec
    if protocol == "smithy-rpc-v2-cbor":
        from casemate.gateway.protocols.cbor import CborCodec  # noqa: PLC0415 - when it is spoken

        return CborCodec
    raise KeyError(protocol)
