"""Detectors: does a value attack an interpreter behind the application? By grammar rather than by keyword.

Each looks at one view of one value (casemate.engines.web.normalize makes the views).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from casemate.engines.web.detectors.evidence import Detector, Evidence, Prefiltered
from casemate.engines.web.detectors.sql.injection import inject

__all__ = ["Detector", "Evidence", "detectors"]

_SQL = rb"""['"`;@(=<>|&]|--|/\*|#|\b(?:union|and|or|xor|select|order|having|group|like|in|between|exec|waitfor)\b"""

_DETECTORS: Mapping[str, Detector] = MappingProxyType(
    {d.name: d for d in (Prefiltered("sqli_low", _SQL, inject), Prefiltered("sqli_high", _SQL, inject))}
)


def detectors() -> Mapping[str, Detector]:
    """Every detector by the name that rules use."""
    return _DETECTORS
