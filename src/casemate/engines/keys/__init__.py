"""Cryptographic keys and ciphertext formats.

Symmetric messages (`Material`, `seal_message`, `open_message`, `HeaderKey`), message authentication codes
(`mac`, `verify_mac`) and the table of key specs; key pairs are in `engines.keys.asymmetric`. Knows nothing of
requests or storage. The format of messages is in docs/ciphertext.md.
"""

from casemate.engines.keys.ciphertext import (
    MAX_PLAINTEXT,
    Material,
    material_id_for,
    open_message,
    seal_message,
)
from casemate.engines.keys.context import encode_context
from casemate.engines.keys.errors import (
    AlgorithmError,
    CiphertextError,
    ContextError,
    KeysError,
    MacError,
    MaterialError,
    MessageError,
    SignatureError,
    UnavailableError,
)
from casemate.engines.keys.generate import generate_symmetric_material
from casemate.engines.keys.header import Header, HeaderKey
from casemate.engines.keys.mac import mac, verify_mac
from casemate.engines.keys.specs import DATA_KEY_BYTES, DATA_KEY_PAIR_SPECS, SPECS, KeySpec, KeyUsage, spec_named

__all__ = [
    "DATA_KEY_BYTES",
    "DATA_KEY_PAIR_SPECS",
    "MAX_PLAINTEXT",
    "SPECS",
    "AlgorithmError",
    "CiphertextError",
    "ContextError",
    "Header",
    "HeaderKey",
    "KeySpec",
    "KeyUsage",
    "KeysError",
    "MacError",
    "Material",
    "MaterialError",
    "MessageError",
    "SignatureError",
    "UnavailableError",
    "encode_context",
    "generate_symmetric_material",
    "mac",
    "material_id_for",
    "open_message",
    "seal_message",
    "spec_named",
    "verify_mac",
]
