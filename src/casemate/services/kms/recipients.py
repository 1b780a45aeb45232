"""Answers for attested environments (KMS Developer Guide, "Cryptographic attestation support in KMS").

The caller sends its attestation document; what would be plaintext is then encrypted to the key in that document. Which
roots are trusted is the operator's to say (`attestation_roots`): without any, every document is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from casemate.foundation.context import Context
from casemate.services.kms import errors

if TYPE_CHECKING:
    from casemate.engines.keys.attestation import Attestation

_ALGORITHM: Final = "RSAES_OAEP_SHA_256"
_NO_ROOT: Final = (
    "Recipient attestation documents are not accepted: no attestation root is configured (setting attestation_roots)."
)


def for_recipient(context: Context, request: Mapping[str, Any], member: str, plaintext: bytes) -> dict[str, bytes]:
    """The plaintext under its member, or, where the request names a recipient, encrypted to it."""
    attested = attestation_of(context, request)
    if attested is None:
        return {member: plaintext}
    from casemate.engines.keys.envelope import envelope  # noqa: PLC0415 - X.509 and CMS, which few servers need

    return {"CiphertextForRecipient": envelope(plaintext, attested.public_key, attested.spki)}


def attestation_of(context: Context, request: Mapping[str, Any]) -> Attestation | None:
    """What the request's document says, verified once a request; None without one. Raises ValidationException."""
    recipient = request.get("Recipient")
    if recipient is None:
        return None
    document: bytes | None = recipient.get("AttestationDocument")
    if not document:
        raise errors.validation("AttestationDocument is required in Recipient.")
    if recipient.get("KeyEncryptionAlgorithm", _ALGORITHM) != _ALGORITHM:
        raise errors.validation(f"KeyEncryptionAlgorithm is {_ALGORITHM}.")
    known: tuple[bytes, Attestation] | None = context.host.kept.get("kms.attested")
    digest = hashlib.sha256(document).digest()
    if known is not None and known[0] == digest + context.request_id.encode():
        return known[1]
    attested = _verified(context, document)
    context.host.kept["kms.attested"] = digest + context.request_id.encode(), attested
    return attested


def _verified(context: Context, document: bytes) -> Attestation:
    from casemate.engines.keys.attestation import (  # noqa: PLC0415 - see for_recipient
        AttestationError,
        read_roots,
        verify_attestation,
    )

    if not context.host.attestation_roots:
        raise errors.unsupported(_NO_ROOT)
    try:
        roots = read_roots(Path(context.host.attestation_roots).read_bytes())
    except (OSError, ValueError):
        raise errors.unsupported("The attestation roots (setting attestation_roots) can't be read.") from None
    try:
        return verify_attestation(document, roots, context.host.clock.real())
    except AttestationError as error:
        raise errors.validation(f"The attestation document is not valid: {error}.") from None
