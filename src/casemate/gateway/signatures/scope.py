"""Whether a signature is of this time, for this service, and of a region that exists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from casemate.gateway.signatures.dates import format_basic
from casemate.gateway.signatures.errors import SignatureError
from casemate.gateway.signatures.signed import Signed

_TERMINATOR: Final = "aws4_request"
OLDEST: Final = 15 * 60
# How far in the future a signature may be, by signing name; STS and S3 allow as much as for the past.
_EARLY: Final = 5 * 60
_EARLY_BY_SERVICE: Final = {"sts": 15 * 60, "s3": 15 * 60}


def earliest(signing_name: str) -> int:
    """How many seconds a signature for a service may be ahead of our clock."""
    return _EARLY_BY_SERVICE.get(signing_name, _EARLY)


def check_scope(signed: Signed, *, now: float, signing_name: str, region_exists: Callable[[str], bool]) -> None:
    """Refuses a signature by its credential scope and time, before any key is looked up.

    `now` is real time in seconds since the epoch: a signature's time is the client's, never that of a test clock.
    """
    if signed.date != signed.amz_date[:8]:
        raise SignatureError(
            "SignatureDoesNotMatch",
            f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{signed.date[:32]}' != '{signed.amz_date[:8]}', from '{signed.amz_date}'.",
        )
    if signed.terminator != _TERMINATOR:
        raise SignatureError(
            "SignatureDoesNotMatch", f"Credential should be scoped with a valid terminator: '{_TERMINATOR}'."
        )
    if signed.service != signing_name:
        raise SignatureError(
            "SignatureDoesNotMatch", f"Credential should be scoped to correct service: '{signing_name}'."
        )
    if not region_exists(signed.region):
        named = "" if signing_name == "sts" else f", not '{signed.region[:64]}'"
        raise SignatureError("SignatureDoesNotMatch", f"Credential should be scoped to a valid region{named}.")
    _check_time(signed, int(now), earliest(signing_name))


def _check_time(signed: Signed, now: int, early: int) -> None:
    if signed.timestamp > now + early:
        raise SignatureError(
            "RequestTimeTooSkewed",
            f"Signature not yet current: {signed.amz_date} is still later than {format_basic(now + early)} "
            f"({format_basic(now)} + {early // 60} min.)",
        )
    if signed.expires is not None:
        if now >= signed.timestamp + signed.expires:
            raise SignatureError(
                "RequestTimeTooSkewed",
                f"Signature expired: {signed.amz_date} is now earlier than {format_basic(now - signed.expires)} "
                f"({format_basic(now)} - {signed.expires} sec.)",
            )
    elif signed.timestamp < now - OLDEST:
        raise SignatureError(
            "RequestTimeTooSkewed",
            f"Signature expired: {signed.amz_date} is now earlier than {format_basic(now - OLDEST)} "
            f"({format_basic(now)} - 15 min.)",
        )
