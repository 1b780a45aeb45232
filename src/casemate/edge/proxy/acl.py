"""A web ACL from its file into force, in two steps: every worker prepares it, then all publish it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec

from casemate.engines.web import InvalidParameter, WebAclError
from casemate.foundation.errors import CasemateError


class AclRefused(CasemateError):
    """A web ACL that can't be read or compiled; the text says what is wrong."""


def explained(path: Path, error: WebAclError) -> str:
    """What is wrong with an ACL, for its author."""
    if isinstance(error, InvalidParameter):
        return f"{path}: {error.code}: {error.explained()}"
    text = str(error)
    return text if str(path) in text else f"{path}: {text}"


def snapshot(path: Path, folder: Path) -> tuple[Path, str]:
    """A copy of an ACL file that doesn't change any more, and a digest of its content.

    The names of its data files become absolute. Raises AclRefused.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AclRefused(f"{path}: {error.strerror or error}") from None
    digest = hashlib.sha256(content).hexdigest()[:16]
    copy = folder / f"acl-{digest}.json"
    try:
        document = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise AclRefused(f"{path}: no JSON: {error}") from None
    if isinstance(document, dict) and isinstance(document.get("Data"), dict):
        document["Data"] = {name: _absolute(value, path.resolve().parent) for name, value in document["Data"].items()}
        content = msgspec.json.encode(document)
    copy.write_bytes(content)
    return copy, digest


def clear(folder: Path, *, but: Path) -> None:
    """Delete the snapshots that nobody reads any more."""
    for copy in folder.glob("acl-*.json"):
        if copy != but:
            copy.unlink(missing_ok=True)


def _absolute(value: Any, folder: Path) -> Any:
    if isinstance(value, str):
        return str(folder / value)
    if isinstance(value, dict):
        return {name: _absolute(one, folder) for name, one in value.items()}
    return value
