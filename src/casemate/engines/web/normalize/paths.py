"""Paths as file systems and servers read them."""

from __future__ import annotations

import re

from casemate.engines.web.normalize.deep import decoded

_PARAMETER = re.compile(rb";[^/]{0,256}(?=/)")
_SLASHES = re.compile(rb"/{2,}")
_HERE = re.compile(rb"/(?:\./)+")


def path(value: bytes) -> tuple[bytes, ...]:
    r"""A path decoded, with `\` as `/`, without path parameters (`..;/`), doubled slashes and `/./`; `..` stays."""
    if b"+" in value:
        # In a path a plus is a plus.
        value = value.replace(b"+", b"%2B")
    plain = decoded(value)[0]
    if b"\\" in plain:
        plain = plain.replace(b"\\", b"/")
    if b";" in plain:
        plain = _PARAMETER.sub(b"", plain)
    if b"//" in plain:
        plain = _SLASHES.sub(b"/", plain)
    if b"/./" in plain:
        plain = _HERE.sub(b"/", plain)
    return (plain.replace(b"\x00", b""),)
