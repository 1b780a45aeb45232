"""The seal of a node: what wraps secrets before they reach a store, and opens them at their place only."""

from __future__ import annotations

from collections.abc import Callable

from casemate.foundation.seal.derivation import DerivingKey
from casemate.foundation.seal.errors import SealedElsewhereError
from casemate.foundation.seal.place import Place
from casemate.foundation.seal.ring import DERIVATION, Ring

_VERSION = 1
_HEADER_BYTES = 5  # version, then the domain key's number, big-endian
_PURPOSE_LABEL = b"casemate/seal/purpose/v1"


class Seal:
    """Wraps and opens secrets. Made by `open_seal` and `create_seal`; all processes of a node have equal ones.

    A blob is: version (1 byte), number of the domain key (4, big-endian), nonce (16), IV (12), ciphertext, tag (16).
    Header and place are associated data.
    """

    __slots__ = ("_domains", "_newest", "_purposes", "_reread")

    def __init__(self, ring: Ring, reread: Callable[[], Ring | None]) -> None:
        """`reread` gives the ring anew if its file has changed since, else None."""
        self._reread = reread
        self._adopt(ring)

    def _adopt(self, ring: Ring) -> None:
        domains = {number: DerivingKey(key) for number, key in ring.keys.items()}
        self._purposes = domains.pop(DERIVATION)
        self._domains = domains
        # One value, taken at once: a thread that wraps meanwhile must not pair one key's number with another key.
        self._newest = (bytes((_VERSION,)) + ring.newest.to_bytes(4, "big"), domains[ring.newest])

    def wrap(self, plaintext: bytes, place: Place) -> bytes:
        """Seal under the newest domain key: 49 bytes more than the plaintext."""
        header, key = self._newest
        return header + key.encrypt(plaintext, header + place.encode())

    def open(self, blob: bytes, place: Place) -> bytes:
        """Open what was sealed for this place. Raises SealedElsewhereError for whatever is wrong."""
        header = blob[:_HEADER_BYTES]
        if len(header) < _HEADER_BYTES or header[0] != _VERSION:
            raise SealedElsewhereError("what was sealed does not open here")
        key = self._domain(int.from_bytes(header[1:], "big"))
        return key.decrypt(blob[_HEADER_BYTES:], header + place.encode())

    def derive(self, purpose: str) -> bytes:
        """32 bytes for a named purpose (page tokens, session tokens, audit digests): the same at every start."""
        return self._purposes.derive(_PURPOSE_LABEL, purpose.encode())

    def refresh(self) -> None:
        """Take up domain keys that another process has added."""
        ring = self._reread()
        if ring is not None:
            self._adopt(ring)

    @property
    def newest_domain(self) -> int:
        """The number of the domain key that new wraps use."""
        return int.from_bytes(self._newest[0][1:], "big")

    def _domain(self, number: int) -> DerivingKey:
        key = self._domains.get(number)
        if key is None:
            self.refresh()
            key = self._domains.get(number)
        if key is None:
            raise SealedElsewhereError("what was sealed does not open here")
        return key

    def __repr__(self) -> str:
        return f"<Seal with {len(self._domains)} domain keys>"
