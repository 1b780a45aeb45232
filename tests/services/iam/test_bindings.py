"""What binds a caller, as the gateway asks it: read from the records, and never wider than was said."""

from __future__ import annotations

import pytest

from casemate.contracts.identity import CredentialRefused
from casemate.foundation.caller import Caller, Session
from casemate.foundation.records import Store
from casemate.services.iam import bindings
from casemate.services.iam.records import (
    GROUPS,
    POLICIES,
    ROLES,
    USERS,
    Group,
    InlinePolicy,
    ManagedPolicy,
    PolicyVersion,
    Role,
    User,
)

ACCOUNT = "123456789012"
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/x/p"


@pytest.fixture
def unit(tmp_path):
    store = Store.open(tmp_path / "store.db", name="aws", create=True)
    yield store.unit()
    store.close()


def a_policy(*, default="v2"):
    versions = (PolicyVersion("v1", "one", 0), PolicyVersion("v2", "two", 0))
    return ManagedPolicy(
        name="P", id="ANPA", path="/x/", created=0, updated=0, default=default, versions=versions, newest=2
    )


def a_user(**members):
    return User(**{"name": "u", "id": "AIDA1", "path": "/", "created": 0, **members})


def caller(name="u", unique_id="AIDA1"):
    return Caller(kind="user", account=ACCOUNT, arn="arn", unique_id=unique_id, name=name)


def session_of(role_id):
    session = Session(issued=0, expires=1, issuer_name="r")
    return Caller(kind="role_session", account=ACCOUNT, arn="arn", unique_id=role_id, session=session)


def test_a_user_is_bound_by_its_own_and_its_groups_policies(unit):
    unit.put(GROUPS, ACCOUNT, "g", Group("g", "AGPA1", "/", 0, inline=(InlinePolicy("gi", "group's"),)))
    unit.put(POLICIES, ACCOUNT, "p", a_policy())
    arn = f"arn:aws:iam::{ACCOUNT}:policy/x/P"
    user = a_user(inline=(InlinePolicy("i", "own"),), attached=(arn,), groups=("AGPA1", "AGPAGONE"))
    unit.put(USERS, ACCOUNT, "u", user)
    bound = bindings.policies_of(unit, caller())
    assert [(each.source, each.text) for each in bound.identity] == [
        ("u/i", "own"),
        (arn, "two"),
        ("g/gi", "group's"),
    ]
    assert bound.boundary is None


def test_a_user_that_was_renamed_is_the_same_and_its_namesake_is_not(unit):
    unit.put(USERS, ACCOUNT, "v", a_user(name="v", tags=(("k", "v"),)))
    assert bindings.policies_of(unit, caller()).tags == (("k", "v"),)
    unit.put(USERS, ACCOUNT, "u", a_user(id="AIDA2"))
    assert bindings.policies_of(unit, caller()).tags == (("k", "v"),)
    unit.delete(USERS, ACCOUNT, "v")
    with pytest.raises(CredentialRefused):
        bindings.policies_of(unit, caller())


def test_a_boundary_that_cannot_be_read_allows_nothing(unit):
    unit.put(USERS, ACCOUNT, "u", a_user(boundary=POLICY))
    boundary = bindings.policies_of(unit, caller()).boundary
    assert boundary is not None
    assert '"Deny"' in boundary.text


def test_a_policy_under_another_path_is_another_policy(unit):
    unit.put(POLICIES, ACCOUNT, "p", a_policy())
    assert bindings.document_of(unit, f"arn:aws:iam::{ACCOUNT}:policy/x/P") == "two"
    assert bindings.document_of(unit, f"arn:aws:iam::{ACCOUNT}:policy/P") is None
    assert bindings.document_of(unit, "no arn") is None


def test_sessions_of_a_role_made_anew_are_refused(unit):
    unit.put(ROLES, ACCOUNT, "r", Role("r", "AROA1", "/", 0, "{}"))
    bindings.policies_of(unit, session_of("AROA1"))
    with pytest.raises(CredentialRefused):
        bindings.policies_of(unit, session_of("AROA0"))


@pytest.mark.parametrize(
    ("arn", "exists"),
    [
        (ACCOUNT, True),
        (f"arn:aws:iam::{ACCOUNT}:root", True),
        (f"arn:aws:iam::{ACCOUNT}:user/u", True),
        (f"arn:aws:iam::{ACCOUNT}:user/x/u", False),
        (f"arn:aws:iam::{ACCOUNT}:user/nobody", False),
        (f"arn:aws:iam::{ACCOUNT}:role/r", True),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s", True),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/none/s", False),
        (f"arn:aws:s3:::{ACCOUNT}", False),
        ("nonsense", False),
    ],
)
def test_who_exists(unit, arn, exists):
    unit.put(USERS, ACCOUNT, "u", a_user())
    unit.put(ROLES, ACCOUNT, "r", Role("r", "AROA1", "/", 0, "{}"))
    assert bindings.principal_exists(unit, arn) is exists
