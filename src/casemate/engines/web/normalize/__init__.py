"""Normalisers: from a value as it came on the wire to the views that an application may end up with.

A normaliser is a pure function from bytes to one or more views, bounded in number and size. Detectors and patterns are
applied to every view.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from casemate.engines.web.normalize.deep import decoded, deep, layers
from casemate.engines.web.normalize.paths import path
from casemate.engines.web.normalize.percent import percent_decode, plus_to_space

Normalizer = Callable[[bytes], tuple[bytes, ...]]


def raw(value: bytes) -> tuple[bytes, ...]:
    """The value as it came."""
    return (value,)


def url(value: bytes) -> tuple[bytes, ...]:
    """One round of form decoding: `+` and percent escapes."""
    return (percent_decode(plus_to_space(value)),)


_NORMALIZERS: Mapping[str, Normalizer] = MappingProxyType(
    {"raw": raw, "url": url, "decoded": decoded, "deep": deep, "layers": layers, "path": path}
)


def normalizers() -> Mapping[str, Normalizer]:
    """Every normaliser by the name that rules use."""
    return _NORMALIZERS
