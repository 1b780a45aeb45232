"""Paths without dot segments and empty segments: what signatures are made over, and what routes are matched with.

Both must see the same path, or a request could be turned into another one under its signature.
"""

from __future__ import annotations


def normalised(path: bytes) -> bytes:
    """The path with `.`, `..` and empty segments taken out (RFC 3986, section 5.2.4); never empty."""
    if b"/." not in path and b"//" not in path:
        return path or b"/"
    kept: list[bytes] = []
    for segment in path.split(b"/"):
        if segment == b"..":
            del kept[-1:]
        elif segment not in {b"", b"."}:
            kept.append(segment)
    slash = b"/" if kept and path.endswith((b"/", b"/.", b"/..")) else b""
    return b"/" + b"/".join(kept) + slash
