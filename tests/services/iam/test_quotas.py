"""How many an account may have: counted in shards, added up when it matters."""

from __future__ import annotations

import pytest

from casemate.foundation.errors import ServiceError
from casemate.foundation.records import Store
from casemate.services.iam import quotas


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "store.db", name="test", create=True)
    yield opened
    opened.close()


def test_the_last_fits_and_one_more_is_refused(store, monkeypatch):
    monkeypatch.setitem(quotas.QUOTAS, "GroupsPerAccount", 40)
    unit = store.unit()
    for number in range(40):
        quotas.one_more(unit, "1", "GroupsPerAccount", f"group-{number}")
    with pytest.raises(ServiceError, match="LimitExceeded: Cannot exceed quota for GroupsPerAccount: 40"):
        quotas.one_more(unit, "1", "GroupsPerAccount", "another")
    quotas.one_more(unit, "2", "GroupsPerAccount", "another")
    quotas.one_less(unit, "1", "GroupsPerAccount", "group-7")
    quotas.one_more(unit, "1", "GroupsPerAccount", "another")
    assert quotas.counted(unit, "1", "GroupsPerAccount") == 40


def test_names_that_differ_in_case_count_in_the_same_shard(store):
    unit = store.unit()
    quotas.one_more(unit, "1", "RolesPerAccount", "Deploy")
    quotas.one_less(unit, "1", "RolesPerAccount", "DEPLOY")
    assert quotas.counted(unit, "1", "RolesPerAccount") == 0


def test_creations_in_other_shards_do_not_conflict(store):
    first, second = store.unit(), store.unit()
    quotas.one_more(first, "1", "RolesPerAccount", "a")
    quotas.one_more(second, "1", "RolesPerAccount", "b")
    store.submit(first).result()
    store.submit(second).result()
    assert quotas.counted(store.reader, "1", "RolesPerAccount") == 2
