"""Key pairs made ahead: an RSA pair takes 50 ms to a second, and those who ask for one should not wait for it.

The first request for a spec makes its own; from then on a thread keeps a few ready, and ends when there are enough.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from casemate.engines.keys.asymmetric import generate_pair

KEPT: Final = {"RSA_2048": 16, "RSA_3072": 6, "RSA_4096": 4}
"""How many pairs of a spec are kept ready; of all others none: they are made faster than looked for."""


class PairPool:
    """Ready key pairs of one process, by spec. For any thread."""

    def __init__(self) -> None:
        self._ready: dict[str, deque[bytes]] = {}
        self._lock = threading.Lock()
        self._filling = False

    def take(self, spec: str) -> bytes:
        """A pair that nobody else gets, as PKCS #8. Raises AlgorithmError, UnavailableError."""
        if spec not in KEPT:
            return generate_pair(spec)
        with self._lock:
            ready = self._ready.setdefault(spec, deque())
            pair = ready.popleft() if ready else None
            if not self._filling:
                self._filling = True
                threading.Thread(target=self._fill, name="key pairs", daemon=True).start()
        return pair if pair is not None else generate_pair(spec)

    def ready(self, spec: str) -> int:
        """How many pairs of a spec are ready now."""
        with self._lock:
            return len(self._ready.get(spec, ()))

    def _fill(self) -> None:
        while (spec := self._wanting()) is not None:
            pair = generate_pair(spec)
            with self._lock:
                self._ready[spec].append(pair)

    def _wanting(self) -> str | None:
        """The spec that lacks most of what is kept of it; None when none lacks any, and then the thread ends."""
        with self._lock:
            lacking = {spec: 1 - len(ready) / KEPT[spec] for spec, ready in self._ready.items()}
            spec = max(lacking, key=lacking.__getitem__, default=None)
            if spec is None or lacking[spec] <= 0:
                self._filling = False
                return None
            return spec
