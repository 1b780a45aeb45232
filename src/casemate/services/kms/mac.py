"""GenerateMac and VerifyMac (KMS Developer Guide, "HMAC keys in AWS KMS"; RFC 2104)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from casemate.engines import keys as engine
from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import AuditRule, operation
from casemate.services.kms import errors
from casemate.services.kms.material import secret_of
from casemate.services.kms.permissions import on_key
from casemate.services.kms.records import Key
from casemate.services.kms.states import require_usable

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

_USAGE: Final = "GENERATE_VERIFY_MAC"
_AUDIT: Final = AuditRule(read_only=True, keep=("KeyId", "MacAlgorithm"))


@operation(authorize=on_key(), audit=_AUDIT, uses_key=True)
def generate_mac(context: Context, request: shapes.GenerateMacRequest) -> shapes.GenerateMacResponse:
    key: Key = context.loaded
    require_usable(context, key, _USAGE, "GenerateMac")
    algorithm = request["MacAlgorithm"]
    try:
        code = engine.mac(key.spec, algorithm, secret_of(context, key), request["Message"])
    except engine.AlgorithmError as error:
        raise errors.invalid_usage(str(error)) from None
    if request.get("DryRun"):
        raise errors.dry_run()
    return {"Mac": code, "MacAlgorithm": algorithm, "KeyId": key.arn}


@operation(authorize=on_key(), audit=_AUDIT, uses_key=True)
def verify_mac(context: Context, request: shapes.VerifyMacRequest) -> shapes.VerifyMacResponse:
    """A code that is not the message's is an error, never an answer that says false."""
    key: Key = context.loaded
    require_usable(context, key, _USAGE, "VerifyMac")
    algorithm = request["MacAlgorithm"]
    try:
        engine.verify_mac(key.spec, algorithm, secret_of(context, key), request["Message"], request["Mac"])
    except engine.AlgorithmError as error:
        raise errors.invalid_usage(str(error)) from None
    except engine.MacError:
        raise ServiceError("KMSInvalidMacException") from None
    if request.get("DryRun"):
        raise errors.dry_run()
    return {"KeyId": key.arn, "MacValid": True, "MacAlgorithm": algorithm}
