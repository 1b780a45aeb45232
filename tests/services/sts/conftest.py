"""What the tests of STS share: refusals, roles, sessions of them, the audit records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest


@pytest.fixture
def role(server: Any) -> Callable[..., str]:
    """`role(name, trusted, statement, …)` makes a role and gives its ARN.

    `trusted` is an ARN, an account, or the trust policy's statements.
    """

    def make(name: str, trusted: Any, *statements: dict[str, Any], **members: Any) -> str:
        iam = server.client("iam")
        if isinstance(trusted, str):
            trusted = [{"Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}]
        whole = [{"Effect": "Allow", **each} for each in trusted]
        document = msgspec.json.encode({"Version": "2012-10-17", "Statement": whole}).decode()
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=document, **members)["Role"]
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=server.document(*statements))
        return str(made["Arn"])

    return make


@pytest.fixture
def assume(server: Any) -> Callable[..., Any]:
    """`assume(arn, by=credentials, …)`: credentials of a session; the administrator's unless said otherwise."""

    def make(arn: str, *, by: Any = None, **members: Any) -> Any:
        answer = server.client("sts", by).assume_role(**{"RoleArn": arn, "RoleSessionName": "test", **members})
        return server.credentials(answer["Credentials"])

    return make


@pytest.fixture
def records(server: Any) -> Callable[[str], list[dict[str, Any]]]:
    """`records(event name)`: the audit records of reads and refusals, oldest first."""

    def read(name: str) -> list[dict[str, Any]]:
        lines = [
            line
            for path in sorted(server.data.glob("g*/audit/worker-*"))
            for line in path.read_bytes().splitlines()
            if f'"eventName":"{name}"'.encode() in line
        ]
        return [msgspec.json.decode(line[line.index(b'{"eventVersion"') : line.rindex(b"}") + 1]) for line in lines]

    return read
