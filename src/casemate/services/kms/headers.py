"""Which key a ciphertext names, read from its header before anything is opened."""

from __future__ import annotations

from typing import Final

from casemate.engines.keys import CiphertextError, Header, HeaderKey
from casemate.foundation.context import Context, Host
from casemate.foundation.node import Node
from casemate.services.kms import errors

_PURPOSE: Final = "kms.ciphertext-headers"
_KEPT: Final = "kms.headers"
_OF_TESTS: Final = b"casemate/kms/headers/test-server"
"""The key of every data directory made for tests, so that what a seeded key encrypted opens wherever it is seeded."""


def headers_of(host: Host) -> HeaderKey:
    """The node's key of headers: the same in every region and process, and after a restore."""
    found: HeaderKey | None = host.kept.get(_KEPT)
    if found is None:
        for_tests = Node(host.data).facts().test  # of the directory, which may be served as any other later
        found = host.kept.setdefault(_KEPT, HeaderKey(_OF_TESTS if for_tests else host.seal.derive(_PURPOSE)))
    return found


def header_of(context: Context, blob: bytes) -> Header:
    """Raises InvalidCiphertextException for what is none of ours, or was changed in its header."""
    try:
        return headers_of(context.host).read(blob)
    except CiphertextError:
        raise errors.bad_ciphertext() from None
