"""What the tests of KMS share: clients, keys, refusals."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.services.kms.keeper import keeper_of, stop_outside_commits, wait_for


class Refusal(NamedTuple):
    """What a client was told."""

    code: str
    message: str
    status: int


@pytest.fixture
def kms(server: Any) -> Any:
    """The administrator's client in us-east-1."""
    return server.client("kms")


@pytest.fixture
def unchecked(server: Any) -> Any:
    """The administrator's client without the SDK's own checks of what it is given."""
    return boto3.client(
        "kms",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=server.admin.access_key_id,
        aws_secret_access_key=server.admin.secret_access_key,
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),  # type: ignore[arg-type]
    )


@pytest.fixture
def refused() -> Callable[..., Refusal]:
    """Call something that must be refused; how it was."""

    def call(operation: Callable[..., Any], **members: Any) -> Refusal:
        with pytest.raises(ClientError) as caught:
            operation(**members)
        error = caught.value.response
        return Refusal(
            error["Error"]["Code"], error["Error"].get("Message", ""), error["ResponseMetadata"]["HTTPStatusCode"]
        )

    return call


@pytest.fixture
def key(kms: Any) -> str:
    """A symmetric key's id."""
    return str(kms.create_key()["KeyMetadata"]["KeyId"])


class OtherAccount:
    """A second account, entered through the organization's role, where users can be made."""

    def __init__(self, server: Any) -> None:
        self._server = server
        organizations = server.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        begun = organizations.create_account(Email="other@example.com", AccountName="other")["CreateAccountStatus"]
        status = organizations.describe_create_account_status(CreateAccountRequestId=begun["Id"])
        self.account: str = status["CreateAccountStatus"]["AccountId"]
        role = f"arn:aws:iam::{self.account}:role/OrganizationAccountAccessRole"
        entered = server.client("sts").assume_role(RoleArn=role, RoleSessionName="tests")
        self.credentials = server.credentials(entered["Credentials"])

    def kms(self, name: str, *statements: dict[str, Any]) -> Any:
        """A KMS client of a new user there, with one policy of these statements."""
        iam = self._server.client("iam", self.credentials)
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=self._server.document(*statements))
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return self._server.client("kms", self._server.credentials(made))

    def arn(self, name: str) -> str:
        return f"arn:aws:iam::{self.account}:user/{name}"


@pytest.fixture
def other(server: Any) -> OtherAccount:
    return OtherAccount(server)


@pytest.fixture
def user(server: Any) -> Callable[..., Any]:
    """A KMS client of a new user of the account, with one policy of the given statements."""

    def make(name: str, *statements: dict[str, Any]) -> Any:
        return server.client("kms", server.user(name, *statements))

    return make


@pytest.fixture
def held(server: Any, servers: Any) -> Callable[[], Any]:
    """Hold the keeper stopped; gives its process id."""
    process = servers._running[1].pid

    @contextmanager
    def hold() -> Iterator[int]:
        keeper = keeper_of(process)
        wait_for(lambda: stop_outside_commits(keeper, server.data))
        try:
            yield keeper
        finally:
            with suppress(ProcessLookupError):
                os.kill(keeper, signal.SIGCONT)

    return hold
