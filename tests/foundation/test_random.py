from __future__ import annotations

import uuid

from casemate.foundation.random import RandomIds


def test_ids_are_distinct_random_uuids():
    ids = RandomIds()
    made = [ids.next() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(uuid.UUID(each).version == 4 and uuid.UUID(each).variant == uuid.RFC_4122 for each in made)
    assert all(str(uuid.UUID(each)) == each for each in made)


def test_randomness_is_asked_for_in_batches():
    asked = []

    def random(count):
        asked.append(count)
        return bytes(count)

    ids = RandomIds(random)
    assert {ids.next() for _ in range(300)} == {"00000000-0000-4000-a000-000000000000"}
    assert asked == [4096, 4096]
