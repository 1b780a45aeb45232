"""What happens later: a durable timer is a due time, a kind, a key and a payload."""

import msgspec


class Timer(msgspec.Struct, frozen=True):
    """Something to be done at ``due`` (seconds since the epoch, on the store's clock).

    There is one timer for each (kind, key): scheduling it again moves it. ``seq`` is given by the store.
    """

    due: float
    kind: str
    key: str
    payload: bytes = b""
    seq: int = 0
