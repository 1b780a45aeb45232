"""What two requests at the same time must not do: each has read before the other has committed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from casemate.foundation.caller import Caller
from casemate.foundation.context import Context, Origin
from casemate.foundation.records import Conflict, Store
from casemate.services import kms, ram
from casemate.services.kms.records import KEYS, Key
from casemate.services.ram.records import SHARES, Association, Share

OWNER, CONSUMER, REGION = "123456789012", "210987654321", "us-east-1"
KEY_ID = "00000000-0000-4000-8000-000000000001"
KEY = f"arn:aws:kms:{REGION}:{OWNER}:key/{KEY_ID}"


class Dispatcher:
    """Carries calls to KMS within the unit of work, and asks no policies."""

    def call(
        self, context: Context, service: str, operation: str, request: Mapping[str, Any], *, region: Any, caller: Any
    ) -> Any:
        del region, caller
        called = next(each for each in kms.SERVICE.operations if each.name == operation)
        return called.run(replace(context, service=service, operation=operation), request)

    def principal_id(self, *_: Any) -> None:
        return None

    def service_event(self, *_: Any) -> None:
        return None


class Host:
    dispatcher = Dispatcher()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A key in two shares with one account."""
    opened = Store.open(tmp_path / "store.db", name=REGION, create=True)
    unit = opened.unit()
    unit.put(KEYS, OWNER, KEY_ID, Key(KEY_ID, KEY, OWNER, REGION, 0.0, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "{}"))
    for each in "ab":
        arn = f"arn:aws:ram:{REGION}:{OWNER}:resource-share/{each}"
        unit.put(
            SHARES,
            "",
            each,
            Share(
                each,
                arn,
                OWNER,
                each,
                0.0,
                0.0,
                resources=(Association(KEY, 0.0, 0.0),),
                principals=(Association(CONSUMER, 0.0, 0.0, account=CONSUMER),),
            ),
        )
    opened.submit(unit).result()
    opened.submit(begin(opened, "AssociateResourceShare", "a", resourceArns=[], principals=[CONSUMER])).result()
    yield opened
    opened.close()


def begin(store: Store, operation: str, share: str, **members: Any) -> Any:
    """The unit of a request about a share that is not committed yet."""
    host: Any = Host()
    caller = Caller(kind="user", account=OWNER, arn=f"arn:aws:iam::{OWNER}:user/admin", name="admin")
    context = Context("ram", operation, REGION, "aws", caller, "id", 1.0, store.unit(), Origin(), host)
    request = {"resourceShareArn": f"arn:aws:ram:{REGION}:{OWNER}:resource-share/{share}", **members}
    run = next(each for each in ram.SERVICE.operations if each.name == operation)
    assert run.authorize is not None
    run.authorize(context, request)
    run.run(context, request)
    return context.unit


def test_shares_that_end_at_once_do_not_leave_their_account_access(store: Store) -> None:
    """Each still sees the other's: if both were kept, the key's policy would trust the account for good."""
    first, second = (begin(store, "DeleteResourceShare", each) for each in "ab")
    store.submit(first).result()
    with pytest.raises(Conflict):
        store.submit(second).result()
    store.submit(begin(store, "DeleteResourceShare", "b")).result()
    key = store.reader.get(KEYS, OWNER, KEY_ID)
    assert key is not None
    assert key.ram_policy == ""


def test_account_added_to_one_share_while_it_leaves_another_keeps_access(store: Store) -> None:
    leaving = begin(store, "DisassociateResourceShare", "a", principals=[CONSUMER])
    also = begin(store, "DeleteResourceShare", "b")
    store.submit(leaving).result()
    with pytest.raises(Conflict):
        store.submit(also).result()
    key = store.reader.get(KEYS, OWNER, KEY_ID)
    assert key is not None
    assert CONSUMER in key.ram_policy
