"""Which codec speaks which protocol."""

from __future__ import annotations

from functools import cache
from typing import Final

from casemate.gateway.models import ServiceModel
from casemate.gateway.protocols.codec import Codec
from casemate.gateway.protocols.json import JsonCodec
from casemate.gateway.protocols.query import QueryCodec, QueryJsonCodec

_CODECS: Final[dict[str, type[Codec]]] = {
    "json": JsonCodec,
    "query": QueryCodec,
    "query+json": QueryJsonCodec,
}


@cache
def codec_for(model: ServiceModel, protocol: str) -> Codec:
    """The codec of a service in a protocol (`Recognised.protocol`); one instance a process, compiled as it is used."""
    return _CODECS[protocol](model)
