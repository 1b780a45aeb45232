"""Temporary credentials as STS answers them, and as its audit records hold them.

CloudTrail User Guide, "Logging IAM and AWS STS API calls": the session token is recorded, the secret access key never.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from casemate.foundation.caller import Caller
from casemate.foundation.context import Context
from casemate.services.sts import errors, tokens

_WHOLE = 100


def issued(context: Context, caller: Caller, request: Mapping[str, Any]) -> dict[str, Any]:
    """Credentials, SessionTokenSize and SessionTokenUtilization for a caller that has a session."""
    minted = tokens.mint(context.host.seal, caller, least_bytes=request.get("MinimumSessionTokenSize") or 0)
    size = len(minted.token)
    context.note_extra(RequestDetails={"endpointType": "regional", "awsServingRegion": context.region})
    return {
        "Credentials": {
            "AccessKeyId": minted.access_key_id,
            "SecretAccessKey": minted.secret_key,
            "SessionToken": minted.token,
            "Expiration": float(int(minted.expires)),
        },
        "SessionTokenSize": size,
        "SessionTokenUtilization": min(_WHOLE, -(-size * _WHOLE // tokens.MOST_BYTES)),
    }


def refuse_mfa(request: Mapping[str, Any]) -> None:
    """No MFA devices are kept here, so no code is ever good. Raises AccessDenied."""
    if request.get("SerialNumber") is not None or request.get("TokenCode") is not None:
        raise errors.no_device()


def recorded(response: Any) -> Any:
    """An answer as responseElements."""
    shown = {name[:1].lower() + name[1:]: _member(name, value) for name, value in response.items()}
    return {name: value for name, value in shown.items() if not name.startswith("sessionToken")}


def _member(name: str, value: Any) -> Any:
    if name == "Credentials":
        return {
            "accessKeyId": value["AccessKeyId"],
            "expiration": _date(value["Expiration"]),
            "sessionToken": value["SessionToken"],
        }
    if isinstance(value, Mapping):
        return {inner[:1].lower() + inner[1:]: each for inner, each in value.items()}
    return value


def _date(moment: float) -> str:
    """Such as `Aug 10, 2022, 10:38:27 PM`."""
    at = time.gmtime(moment)
    day = f"{time.strftime('%b', at)} {at.tm_mday}, {at.tm_year}"
    return f"{day}, {at.tm_hour % 12 or 12}{time.strftime(':%M:%S %p', at)}"
