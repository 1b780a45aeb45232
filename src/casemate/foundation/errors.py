"""Errors.

CasemateError            something this program can explain
├── ServiceError         what an AWS caller is told: code, message, members (rendered by the gateway alone)
│   ├── AccessDenied     the caller may not; its code depends on the protocol
│   └── NotBuilt         an operation that is recognised and not built (501)
├── Unavailable          audit, disk or region refuse (503)
└── UsageError           a command line or a setting is wrong
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class CasemateError(Exception):
    """Something this program can explain."""


class ServiceError(CasemateError):
    """An answer that is a refusal.

    `code` is the shape's or query error's name as the published model has it; `members` are further members of the
    error shape. `status` is given only where the model does not say it.
    """

    def __init__(
        self,
        code: str,
        message: str | None = None,
        *,
        status: int | None = None,
        fault: bool = False,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code if message is None else f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fault = fault
        self.members = members


class AccessDenied(ServiceError):
    """The caller may not do this; the message is AWS's, naming the kind of policy that decided."""

    def __init__(self, message: str) -> None:
        super().__init__("AccessDeniedException", message)


class NotBuilt(ServiceError):
    """An operation of a listed service that this server recognises and does not offer."""

    def __init__(self, service: str, operation: str) -> None:
        super().__init__(
            "NotImplemented",
            f"{service}:{operation} is not built in this version of Casemate; the coverage table in the documentation "
            "lists what is.",
            status=501,
        )


class Unavailable(CasemateError):
    """The server refuses for a reason of its own: the audit can't be written, the disk is full, the region stands."""


class PageTokenRefused(CasemateError):
    """A page token that this server did not make, or made for another list, account or region."""


class UsageError(CasemateError):
    """A command line or a setting that can't be taken."""
