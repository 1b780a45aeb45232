"""Times as IAM keeps them: whole seconds."""

from __future__ import annotations

from casemate.foundation.context import Context


def now(context: Context) -> float:
    """When the request arrived."""
    return float(int(context.now))
