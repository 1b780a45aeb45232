"""Errors.

SensitiveError             something this engine can explain
├── UnknownIdentifier      no managed data identifier has that id
├── InvalidIdentifier      a custom data identifier breaks a limit, or its pattern is not supported
└── InvalidAllowList       an allow list breaks a limit, or its pattern is not supported
"""

from __future__ import annotations


class SensitiveError(ValueError):
    """Something this engine can explain."""


class UnknownIdentifier(SensitiveError):
    """No managed data identifier has that id."""


class InvalidIdentifier(SensitiveError):
    """A custom data identifier that cannot be used; the message says which member and why."""


class InvalidAllowList(SensitiveError):
    """An allow list that cannot be used; the message says what and why."""
