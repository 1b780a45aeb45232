"""When access keys and roles were last used: gathered, written, told, forgotten."""

from __future__ import annotations

import pytest

from casemate.foundation.caller import Caller
from casemate.foundation.records import Store
from casemate.services.iam import usage
from casemate.services.iam.records import AccessKey, Role
from casemate.services.iam.usage import Uses

KEY = AccessKey(id="AKIARZPUZDAAAAAAAAAA", account="1", user="u", sealed=b"", created=0)
ROLE = Role(name="r", id="AROAX", path="/", created=0, trust="{}")
USER = Caller(kind="user", account="1", arn="arn:aws:iam::1:user/u", access_key_id=KEY.id)
SESSION = Caller(
    kind="role_session", account="1", arn="arn:aws:sts::1:assumed-role/r/s", unique_id="AROAX", access_key_id="ASIAX"
)


@pytest.fixture
def store(tmp_path):
    opened = Store.open(tmp_path / "store.db", name="test", create=True)
    yield opened
    opened.close()


def write(store, uses):
    unit = store.unit()
    uses.write(unit)
    store.submit(unit).result()


def test_the_last_use_of_a_key_is_told(store):
    uses = Uses()
    uses.note(USER, "kms", "eu-west-1", 100.0)
    uses.note(USER, "s3", "us-east-1", 200.0)
    write(store, uses)
    assert usage.of_key(store.reader, KEY) == {"LastUsedDate": 200.0, "ServiceName": "s3", "Region": "us-east-1"}
    assert len(uses) == 0


def test_an_older_use_from_another_process_does_not_win(store):
    late, early = Uses(), Uses()
    late.note(USER, "kms", "eu-west-1", 200.0)
    early.note(USER, "s3", "us-east-1", 100.0)
    write(store, late)
    write(store, early)
    assert usage.of_key(store.reader, KEY)["LastUsedDate"] == 200.0


def test_the_last_use_of_a_role_is_told_for_400_days(store):
    uses = Uses()
    uses.note(SESSION, "kms", "eu-west-1", 100.0)
    write(store, uses)
    assert usage.of_role(store.reader, "1", ROLE, 200.0) == {"LastUsedDate": 100.0, "Region": "eu-west-1"}
    assert usage.of_role(store.reader, "1", ROLE, 101.0 + 400 * 86400) == {}
    assert usage.of_key(store.reader, KEY) == {"ServiceName": "N/A", "Region": "N/A"}


def test_a_use_that_is_forgotten_is_gone(store):
    uses = Uses()
    uses.note(USER, "kms", "eu-west-1", 100.0)
    write(store, uses)
    unit = store.unit()
    usage.forget(unit, "1", KEY.id)
    usage.forget(unit, "1", "AKIAUNUSED")
    store.submit(unit).result()
    assert "LastUsedDate" not in usage.of_key(store.reader, KEY)
