"""Query strings: names and values as on the wire, and the pre-parse text transformations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from casemate.engines.web.transformations.decoding import url_decode, url_decode_uni

MOST_PARTS: Final = 2_000
"""Arguments, cookies or values inspected one by one; what is beyond them is inspected as one."""

Pair = tuple[bytes, bytes]


def parse_pairs(text: bytes, separator: bytes = b"&") -> list[Pair]:
    """(name, value) of each part between separators; a part without `=` is a name with an empty value.

    Beyond MOST_PARTS the rest is one value, so that nothing escapes inspection and the work stays bounded.
    """
    if not text:
        return []
    pairs: list[Pair] = []
    for part in text.split(separator, MOST_PARTS):
        if part:
            name, _, value = part.partition(b"=")
            pairs.append((name, value))
    return pairs


def _combine_duplicates(query: bytes) -> bytes:
    combined: dict[bytes, list[bytes]] = {}
    for part in query.split(b"&"):
        name, equals, value = part.partition(b"=")
        values = combined.setdefault(name, [])
        if equals:
            values.append(value)
    return b"&".join(name + b"=" + b",".join(values) if values else name for name, values in combined.items())


def _semicolons(query: bytes) -> bytes:
    return query.replace(b";", b"&")


def _unchanged(query: bytes) -> bytes:
    return query


PRE_PARSE: Final[Mapping[str, Callable[[bytes], bytes]]] = MappingProxyType(
    {
        "NONE": _unchanged,
        "URL_DECODE": url_decode,
        "URL_DECODE_UNI": url_decode_uni,
        "COMBINE_DUPLICATE_QUERY_ARGS_BY_COMMA": _combine_duplicates,
        "REPLACE_SEMICOLONS_WITH_AMPERSANDS": _semicolons,
    }
)
"""PreParseTextTransformations by name; source: API reference, PreParseTextTransformation."""
