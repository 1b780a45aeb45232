"""The encryption context as unambiguous associated data."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from casemate.engines.keys.errors import ContextError

_LENGTH = struct.Struct(">I").pack
_EMPTY = _LENGTH(0)


def encode_context(context: Mapping[str, str] | None) -> bytes:
    """The pairs sorted by key, each part length-prefixed: no two contexts have one encoding (docs/ciphertext.md).

    None and {} are the same context, as in AWS. Raises ContextError for lone surrogates.
    """
    if not context:
        return _EMPTY
    parts = [_LENGTH(len(context))]
    try:
        for key, text in sorted(context.items()):
            name, value = key.encode(), text.encode()
            parts += (_LENGTH(len(name)), name, _LENGTH(len(value)), value)
    except UnicodeEncodeError as error:
        raise ContextError("an encryption context must be text") from error
    return b"".join(parts)
