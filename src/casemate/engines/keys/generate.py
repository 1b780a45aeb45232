"""New key material for the symmetric specs."""

from __future__ import annotations

import secrets

from casemate.engines.keys.errors import AlgorithmError
from casemate.engines.keys.specs import spec_named


def generate_symmetric_material(spec: str) -> bytes:
    """Random material for SYMMETRIC_DEFAULT (32 bytes) or an HMAC spec (its digest's length). Raises AlgorithmError."""
    size = spec_named(spec).material_bytes
    if not size:
        raise AlgorithmError(f"{spec} is not a symmetric key spec")
    return secrets.token_bytes(size)
