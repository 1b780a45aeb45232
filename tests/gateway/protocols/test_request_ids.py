from __future__ import annotations

import uuid

from casemate.gateway.protocols import RequestIds


def test_ids_are_distinct_random_uuids():
    ids = RequestIds()
    made = [ids() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(uuid.UUID(each).version == 4 and uuid.UUID(each).variant == uuid.RFC_4122 for each in made)
    assert all(str(uuid.UUID(each)) == each for each in made)


def test_randomness_is_asked_for_in_batches():
    asked = []

    def random(count):
        asked.append(count)
        return bytes(count)

    ids = RequestIds(random)
    assert {ids() for _ in range(300)} == {"00000000-0000-4000-8000-000000000000"}
    assert asked == [4096, 4096]
