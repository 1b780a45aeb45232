"""A policy with its principals under other names: what a service stores is ids, what its users wrote is ARNs.

IAM User Guide, "AWS JSON policy elements: Principal": a user's or role's ARN is kept as the unique id of that user or
role, so that a later namesake is not trusted.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from casemate.engines.policy.grammar import NumberText

if TYPE_CHECKING:
    from collections.abc import Mapping


def rename_principals(document: str, names: Mapping[str, str]) -> str:
    """A valid document with AWS principals renamed where `names` has them; everything else means what it meant.

    The result is compact JSON for evaluation. Numbers become text, which conditions do not tell apart; the document as
    it was written is for the service to keep.
    """
    root = json.loads(document, parse_int=NumberText, parse_float=NumberText)
    found = root["Statement"]
    for statement in found if isinstance(found, list) else [found]:
        for element in ("Principal", "NotPrincipal"):
            principals = statement.get(element)
            if isinstance(principals, dict) and "AWS" in principals:
                principals["AWS"] = _renamed(principals["AWS"], names)
    return json.dumps(root, separators=(",", ":"))


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [names.get(each, each) for each in value]
    return names.get(value, value)
