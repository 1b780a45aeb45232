"""Key pairs and what they do: the face of this engine's asymmetric half.

Apart from the package's own face, because its libraries cost a server's start some 25 ms a process and are needed from
the first key pair on only.
"""

from casemate.engines.keys.agreement import decapsulate, derive_secret, encapsulate
from casemate.engines.keys.encryption import decrypt, encrypt
from casemate.engines.keys.pairs import (
    KeyPair,
    encode_private,
    encode_public,
    generate_pair,
    is_available,
    load_pair,
    read_pair,
)
from casemate.engines.keys.signing import check_message, sign, verify
from casemate.engines.keys.wrapping import unwrap, wraps

__all__ = [
    "KeyPair",
    "check_message",
    "decapsulate",
    "decrypt",
    "derive_secret",
    "encapsulate",
    "encode_private",
    "encode_public",
    "encrypt",
    "generate_pair",
    "is_available",
    "load_pair",
    "read_pair",
    "sign",
    "unwrap",
    "verify",
    "wraps",
]
