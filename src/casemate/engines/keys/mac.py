"""Message authentication codes of the HMAC key specs (RFC 2104, FIPS 198-1)."""

from __future__ import annotations

import hmac

from casemate.engines.keys.errors import AlgorithmError, MacError, MaterialError
from casemate.engines.keys.specs import SPECS, KeyUsage

_DIGESTS = {"HMAC_SHA_224": "sha224", "HMAC_SHA_256": "sha256", "HMAC_SHA_384": "sha384", "HMAC_SHA_512": "sha512"}


def mac(spec: str, algorithm: str, key: bytes, message: bytes) -> bytes:
    """The full-length code.

    Raises AlgorithmError for an algorithm that is not the spec's, MaterialError for a key of a wrong length.
    """
    entry = SPECS.get(spec)
    if entry is None or algorithm not in entry.algorithms(KeyUsage.GENERATE_VERIFY_MAC):
        raise AlgorithmError(f"Algorithm {algorithm} is incompatible with key spec {spec}.")
    if entry.import_bytes is None or not entry.import_bytes[0] <= len(key) <= entry.import_bytes[1]:
        raise MaterialError(f"key material of {spec} can't have {len(key)} bytes")
    return hmac.digest(key, message, _DIGESTS[algorithm])


def verify_mac(spec: str, algorithm: str, key: bytes, message: bytes, code: bytes) -> None:
    """Return if the code is the message's; else raise MacError. Other errors as of `mac`."""
    if not hmac.compare_digest(mac(spec, algorithm, key, message), code):
        raise MacError("the code does not match")
