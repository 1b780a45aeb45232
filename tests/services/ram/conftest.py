"""An account beside the first, and users in either."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from casemate.foundation.node import Node


class Account:
    """A second account of the organization, entered by its administrator's role."""

    def __init__(self, server: Any, email: str) -> None:
        self._server = server
        organizations = server.client("organizations")
        begun = organizations.create_account(Email=email, AccountName="other")["CreateAccountStatus"]
        status = organizations.describe_create_account_status(CreateAccountRequestId=begun["Id"])
        self.id: str = status["CreateAccountStatus"]["AccountId"]
        role = f"arn:aws:iam::{self.id}:role/OrganizationAccountAccessRole"
        entered = server.client("sts").assume_role(RoleArn=role, RoleSessionName="tests")
        self._credentials = server.credentials(entered["Credentials"])

    def client(self, service: str, **options: Any) -> Any:
        """The administrator's."""
        return self._server.client(service, self._credentials, **options)

    def user(self, name: str, *statements: dict[str, Any]) -> Any:
        """A KMS client of a new user with one policy of these statements."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=self._server.document(*statements))
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return self._server.client("kms", self._server.credentials(made))


@pytest.fixture
def organization(server: Any) -> str:
    """The ARN of a new organization of the first account."""
    made = server.client("organizations").create_organization(FeatureSet="ALL")
    return str(made["Organization"]["Arn"])


@pytest.fixture
def other(server: Any, organization: str) -> Account:
    return Account(server, f"other@{organization[-10:]}.example")


@pytest.fixture
def ram(server: Any) -> Any:
    return server.client("ram")


@pytest.fixture
def kms(server: Any) -> Any:
    return server.client("kms")


@pytest.fixture
def key(kms: Any) -> str:
    """A key's ARN."""
    return str(kms.create_key()["KeyMetadata"]["Arn"])


@pytest.fixture
def code() -> Callable[..., str]:
    """The code of the refusal of a call."""

    def call(operation: Callable[..., Any], **members: Any) -> str:
        with pytest.raises(ClientError) as caught:
            operation(**members)
        return str(caught.value.response["Error"]["Code"])

    return call


@pytest.fixture
def audited(server: Any) -> Callable[[str], list[dict[str, Any]]]:
    """The audit records of what changed something, by the event's name, oldest first."""

    def read(name: str) -> list[dict[str, Any]]:
        generation = msgspec.json.decode((server.data / "node.json").read_bytes())["generation"]
        path = Node(server.data).generation(generation) / "regions" / "us-east-1" / "store.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            columns = [row[1] for row in connection.execute("PRAGMA table_info(audit)")]
            rows = connection.execute("SELECT * FROM audit ORDER BY 1").fetchall()
        body = next(column for column in columns if column in {"body", "payload"})
        found = [json.loads(row[columns.index(body)]) for row in rows]
        return [each for each in found if each["eventName"] == name]

    return read
