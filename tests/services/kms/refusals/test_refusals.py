"""Documented refusals of every operation, each beside the request that is allowed and differs in one thing.

The rows are data, in the TOML files beside this. An operation's `allowed` is a request that succeeds; a row changes one
thing about it (`set`, `drop`, or who asks) and says how that is refused and which AWS page says so: `APIReference/…` and
`developerguide/…` are pages below https://docs.aws.amazon.com/kms/latest/. `with` adapts the allowed request to the row;
`model` marks what the published model alone refuses; `also` names rows of common.toml. Words after `$` are explained by
conftest.py.
"""

from __future__ import annotations

import gzip
import json
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import botocore
import pytest
from botocore.exceptions import ClientError

HERE = Path(__file__).parent
PLACES = ("APIReference/API_", "developerguide/")
EVERYWHERE = {"ValidationException", "AccessDeniedException", "NotAuthorizedException"}
"""KMS API Reference, "Common Errors": codes that pages of operations do not list."""
UNDECLARED = {("DescribeKey", "InvalidGrantTokenException"), ("ListKeyPolicies", "InvalidMarkerException")}
"""Errors of members that the operations take, though their pages do not list them."""


class Row(NamedTuple):
    """A refusal and its allowed twin."""

    operation: str
    allowed: dict[str, Any]
    refused: dict[str, Any]
    code: str
    says: str
    page: str
    model: bool
    changes: int
    actions: list[str] | None
    """What the caller may do in the allowed twin; None where the caller is not what differs."""
    key: str


def rows_of(name: str, table: dict[str, Any], common: dict[str, Any]) -> list[Row]:
    return [row_of(name, table, each) for each in (*(common[each] for each in table["also"]), *table["rows"])]


def row_of(name: str, table: dict[str, Any], row: dict[str, Any]) -> Row:
    member = table.get("key", "KeyId")
    allowed = {**table["allowed"], **row.get("with", {})}
    change = dict(row.get("set", {}))
    if "key" in row:
        change[member] = row["key"]
    if "state" in row:
        change[member] = f"${row['state']} {allowed[member].removeprefix('$').removeprefix('new ')}"
    refused = {each: value for each, value in {**allowed, **change}.items() if each != row.get("drop")}
    actions = table.get("actions", [f"kms:{name}"]) if "caller" in row else None
    return Row(
        operation=name,
        allowed=allowed,
        refused=refused,
        code=row["code"],
        says=row["says"].format(operation=name, action=(actions or [""])[0]),
        page=row["page"].format(operation=name),
        model=row.get("model", False),
        changes=len(change) + ("drop" in row) + ("caller" in row),
        actions=actions,
        key=member,
    )


def read() -> list[Row]:
    common = tomllib.loads((HERE / "common.toml").read_text("utf-8"))
    rows = []
    for path in sorted(HERE.glob("*.toml")):
        if path.stem != "common":
            for name, table in tomllib.loads(path.read_text("utf-8")).items():
                rows += rows_of(name, table, common)
    return rows


ROWS = read()


def model() -> Any:
    path = Path(botocore.__file__).parent / "data" / "kms" / "2014-11-01" / "service-2.json.gz"
    return json.loads(gzip.decompress(path.read_bytes()))


@pytest.mark.parametrize("row", ROWS, ids=[f"{row.operation}-{number}-{row.code}" for number, row in enumerate(ROWS)])
def test_refused_as_documented_and_allowed_but_for_one_thing(world: Any, scene: Any, call: Any, row: Row) -> None:
    scene.target = scene.resolve(row.allowed.get(row.key, ""))
    allowed, refused = scene.request(row.allowed), scene.request(row.refused)
    client = world.kms if row.actions is None else world.worker([])
    with pytest.raises(ClientError) as caught:
        call(client, row.operation, refused)
    answer = caught.value.response
    told = answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]
    assert told == (row.code, 400), answer["Error"]
    assert row.says in answer["Error"].get("Message", "")
    client = world.kms if row.actions is None else world.worker(row.actions)
    assert call(client, row.operation, allowed)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_table_is_as_large_as_promised() -> None:
    operations = set(model()["operations"])
    counted = Counter(row.operation for row in ROWS)
    assert set(counted) == operations
    assert len(operations) == 56
    assert min(counted.values()) >= 3, counted.most_common()[-5:]
    assert len(ROWS) >= 250
    assert sum(row.model for row in ROWS) <= len(ROWS) / 5


def test_each_row_changes_one_thing_and_names_its_page() -> None:
    seen = set()
    for row in ROWS:
        assert row.changes == 1, row
        assert (row.refused != row.allowed) is (row.actions is None), row
        assert row.page.startswith(PLACES), row
        mark = json.dumps([row.operation, row.refused, row.allowed, row.actions])
        assert mark not in seen, row
        seen.add(mark)


def test_codes_are_those_that_the_operation_declares() -> None:
    published = model()
    undeclared = {
        (row.operation, row.code)
        for row in ROWS
        if row.code not in EVERYWHERE
        and row.code not in {each["shape"] for each in published["operations"][row.operation]["errors"]}
    }
    assert undeclared == UNDECLARED
