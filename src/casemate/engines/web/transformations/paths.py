"""Transformations of paths."""

from __future__ import annotations


def normalize_path(value: bytes) -> bytes:
    """Without double slashes, `.` segments, and `..` segments that aren't at the beginning of the input."""
    if b"//" not in value and b"." not in value:
        return value
    absolute = value.startswith(b"/")
    segments = value.split(b"/")
    directory = segments[-1] in {b"", b".", b".."}
    kept: list[bytes] = []
    for segment in segments:
        if segment in {b"", b"."}:
            continue
        if segment != b"..":
            kept.append(segment)
        elif kept and kept[-1] != b"..":
            kept.pop()
        elif not absolute:
            kept.append(segment)
    path = (b"/" if absolute else b"") + b"/".join(kept)
    return path + b"/" if directory and kept and kept[-1] != b".." else path


def normalize_path_win(value: bytes) -> bytes:
    """Like `normalize_path`, backslashes first becoming slashes."""
    return normalize_path(value.replace(b"\\", b"/"))
