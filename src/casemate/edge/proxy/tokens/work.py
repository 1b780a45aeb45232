"""Proof of work: a number that makes SHA-256 of a seed begin with so many zero bits.

A seed is signed, dated, bound to the client's address and good for one solution in this process: a script that wants
many tokens works for each. (Another worker does not know what this one has seen: the bound is one a worker.)
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from typing import Final

import msgspec

from casemate.edge.proxy.tokens.signing import NotOurs, Signer

BITS: Final = 16
"""65 000 tries on average: a fifth of a second in a browser."""
SEED_SECONDS: Final = 300.0
MOST_SEEN: Final = 100_000
_LONGEST_NUMBER: Final = 16


class NotSolved(Exception):
    """The work was not done; the text says what is wrong with it."""


class Seed(msgspec.Struct, frozen=True):
    """What a client is to work on; `answer` is a puzzle's, digested, empty where there is none."""

    made: float
    client: str
    unique: str
    answer: str = ""


class Seen:
    """What was used already, as many as fit; the oldest go first."""

    def __init__(self, most: int = MOST_SEEN) -> None:
        self._most = most
        self._seen: OrderedDict[str, None] = OrderedDict()

    def first(self, unique: str) -> bool:
        """Whether it is seen for the first time."""
        if unique in self._seen:
            return False
        self._seen[unique] = None
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return True


class Work:
    """Hands out seeds for one purpose and checks what comes back."""

    def __init__(self, signer: Signer, purpose: bytes) -> None:
        self._signer = signer
        self._purpose = purpose
        self._seen = Seen()

    def seed(self, client: str, now: float, *, answer: str = "", unique: str = "") -> str:
        return self._signer.sign(self._purpose, Seed(now, client, unique or os.urandom(9).hex(), answer))

    def check(self, text: str, number: str, client: str, now: float) -> Seed:
        """The seed that was worked on. Raises NotSolved."""
        try:
            seed = self._signer.read(self._purpose, text, Seed)
        except NotOurs as error:
            raise NotSolved(str(error)) from None
        if not 0 <= now - seed.made <= SEED_SECONDS:
            raise NotSolved("too late")
        if seed.client != client:
            raise NotSolved("another client's")
        if not number.isascii() or not number.isdigit() or len(number) > _LONGEST_NUMBER:
            raise NotSolved("no number")
        found = int.from_bytes(hashlib.sha256(f"{text}:{number}".encode()).digest()[:8], "big")
        if found >> (64 - BITS):
            raise NotSolved("not enough work")
        if not self._seen.first(seed.unique):
            raise NotSolved("used before")
        return seed
