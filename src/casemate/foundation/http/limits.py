"""What a client may cost the server before it is refused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a server. Sizes are bytes, times seconds.

    - `header_bytes`: names and values of a head with four bytes a line. A session token alone may be several kilobytes.
    - `header_count`: header lines of a head.
    - `target_bytes`: the request target. Presigned URLs carry a session token in it.
    - `body_bytes`: a body that is buffered whole. A handler that takes the body as it arrives sets its own bound.
    - `total_body_bytes`: buffered bodies of all connections together, so that many slow uploads can't fill the memory.
    - `header_timeout`: from the first byte of a head to its last.
    - `body_timeout`: without any byte of a body; also the grace before `body_rate` is asked for.
    - `body_rate`: bytes a second that a body must keep up, averaged since its head.
    - `write_timeout`: a client that takes nothing of its answer is cut off after it.
    - `idle_timeout`: between two requests of a connection.
    - `linger`: how long what a refused client still sends is read and dropped, so that no reset overtakes the answer.
    - `connections`: open at once; one more is answered 503.
    """

    header_bytes: int = 32_768
    header_count: int = 100
    target_bytes: int = 16_384
    body_bytes: int = 8_388_608
    total_body_bytes: int = 268_435_456
    header_timeout: float = 10.0
    body_timeout: float = 20.0
    body_rate: float = 256.0
    write_timeout: float = 30.0
    idle_timeout: float = 75.0
    linger: float = 2.0
    connections: int = 10_000

    @property
    def tick(self) -> float:
        """How often time limits are looked at: at least once a second, and often enough for the shortest of them."""
        shortest = min(self.header_timeout, self.body_timeout, self.write_timeout, self.idle_timeout, self.linger)
        return max(0.01, min(1.0, shortest / 4))
