"""What two requests at the same time must not do: each reads before the other has committed."""

from __future__ import annotations

from typing import Any

import pytest

from casemate.foundation.caller import Caller
from casemate.foundation.context import Context, Origin
from casemate.foundation.records import Conflict, Store
from casemate.services.iam import (
    access_keys,
    attachments,
    boundaries,
    groups,
    instance_profiles,
    policies,
    roles,
    users,
)

ACCOUNT = "123456789012"
DOCUMENT = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}'
POLICY = f"arn:aws:iam::{ACCOUNT}:policy/p"


class Seal:
    def wrap(self, secret: bytes, _place: Any) -> bytes:
        return b"sealed" + secret


class Host:
    seal = Seal()


class Requests:
    """Runs operations against a store; `begin` leaves them to be committed."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, operation: Any, **request: Any) -> Any:
        caller = Caller(kind="user", account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:user/admin", name="admin")
        context = Context(
            "iam",
            operation.name,
            "us-east-1",
            "aws",
            caller,
            "id",
            1000.0,
            self._store.unit(),
            Origin(),
            Host(),  # type: ignore[arg-type]
        )
        operation.authorize(context, request)
        operation.run(context, request)
        return context.unit

    def commit(self, unit: Any) -> None:
        self._store.submit(unit).result()

    def do(self, operation: Any, **request: Any) -> None:
        self.commit(self.begin(operation, **request))


@pytest.fixture
def requests(tmp_path):
    store = Store.open(tmp_path / "store.db", name="aws", create=True)
    made = Requests(store)
    made.do(users.create_user, UserName="u")
    made.do(roles.create_role, RoleName="r", AssumeRolePolicyDocument=TRUST)
    made.do(groups.create_group, GroupName="g")
    made.do(policies.create_policy, PolicyName="p", PolicyDocument=DOCUMENT)
    made.do(instance_profiles.create_instance_profile, InstanceProfileName="i")
    yield made
    store.close()


PAIRS = {
    "a policy is deleted while it is attached": (
        (attachments.attach_user_policy, {"UserName": "u", "PolicyArn": POLICY}),
        (policies.delete_policy, {"PolicyArn": POLICY}),
    ),
    "a policy is deleted while it becomes a boundary": (
        (boundaries.put_user_permissions_boundary, {"UserName": "u", "PermissionsBoundary": POLICY}),
        (policies.delete_policy, {"PolicyArn": POLICY}),
    ),
    "a user is renamed while it gets a key": (
        (access_keys.create_access_key, {"UserName": "u"}),
        (users.update_user, {"UserName": "u", "NewUserName": "v"}),
    ),
    "a group is deleted while somebody joins": (
        (groups.add_user_to_group, {"GroupName": "g", "UserName": "u"}),
        (groups.delete_group, {"GroupName": "g"}),
    ),
    "a user is deleted while it gets a key": (
        (access_keys.create_access_key, {"UserName": "u"}),
        (users.delete_user, {"UserName": "u"}),
    ),
    "a role is deleted while a profile gets it": (
        (instance_profiles.add_role_to_instance_profile, {"InstanceProfileName": "i", "RoleName": "r"}),
        (roles.delete_role, {"RoleName": "r"}),
    ),
}


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_only_one_of_two_that_exclude_each_other_is_committed(requests, pair, first):
    units = [requests.begin(operation, **request) for operation, request in pair]
    requests.commit(units[first])
    with pytest.raises(Conflict):
        requests.commit(units[1 - first])


def test_two_keys_at_once_do_not_exceed_the_quota(requests):
    requests.do(access_keys.create_access_key, UserName="u")
    units = [requests.begin(access_keys.create_access_key, UserName="u") for _ in range(2)]
    requests.commit(units[0])
    with pytest.raises(Conflict):
        requests.commit(units[1])


def test_the_same_name_is_given_once(requests):
    units = [requests.begin(users.create_user, UserName=name) for name in ("New", "new")]
    requests.commit(units[0])
    with pytest.raises(Conflict):
        requests.commit(units[1])
