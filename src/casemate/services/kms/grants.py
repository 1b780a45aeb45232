"""Grants (KMS Developer Guide, "Grants in AWS KMS")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from casemate.foundation.context import Context
from casemate.foundation.operation import Allowance
from casemate.services.kms.records import Key


def allowances(
    context: Context, key: Key, operation: str, encryption_context: Mapping[str, str] | None
) -> Sequence[Allowance]:
    """The grants on a key that let this caller do this."""
    del context, key, operation, encryption_context
    return ()
