"""What needs no answer now: messages that leave with the unit of work that causes them."""

import msgspec

BUS = ""
"""The destination of a store's own events."""


class Message(msgspec.Struct, frozen=True):
    """A message for another store (its name), or for this store's own bus (``BUS``).

    Messages of one destination and key are delivered in order; ``seq`` is given by the store, grows, and is never
    used twice.
    """

    destination: str
    key: str
    kind: str
    body: bytes
    seq: int = 0
