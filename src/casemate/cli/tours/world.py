"""The world that a scenario acts in: a running server, accounts, and actors with policies of their own."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from casemate.cli import control
from casemate.foundation.errors import CasemateError

if TYPE_CHECKING:
    import boto3

HOME = "us-east-1"


class Unkept(CasemateError):
    """A promise that does not hold; the text says what was seen instead."""


class Actor(NamedTuple):
    """Somebody who calls: a name for messages, and a session with credentials."""

    name: str
    arn: str
    session: boto3.Session
    endpoint: str

    def client(self, service: str, region: str = HOME) -> Any:
        """A boto3 client of this actor, without retries: a refusal is looked at once."""
        from botocore.config import Config  # noqa: PLC0415 - the SDK comes with the tour's extra

        config = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=60)
        verify = None if self.endpoint.startswith("http:") else False
        return self.session.client(
            service, region_name=region, endpoint_url=self.endpoint, config=config, verify=verify
        )


class World:
    """Makes actors and accounts, and moves the test clock."""

    def __init__(self, endpoint: str, admin_keys: Mapping[str, str], data: Path | None = None) -> None:
        """`data` is the server's data directory, where it is known."""
        self.endpoint = endpoint
        self.data = data
        self._names = itertools.count(1)
        self.admin = self._actor(
            "admin", "", admin_keys["access_key_id"], admin_keys["secret_access_key"], admin_keys.get("token")
        )
        self.account: str = self.admin.client("sts").get_caller_identity()["Account"]
        self._member: str | None = None

    def _actor(self, name: str, arn: str, access_key_id: str, secret: str, token: str | None = None) -> Actor:
        import boto3  # noqa: PLC0415 - the SDK comes with the tour's extra

        session = boto3.Session(
            aws_access_key_id=access_key_id, aws_secret_access_key=secret, aws_session_token=token, region_name=HOME
        )
        return Actor(name, arn, session, self.endpoint)

    def user(self, purpose: str, *allowed: str, by: Actor | None = None, resource: str = "*") -> Actor:
        """A new IAM user that may do these actions and nothing else."""
        name = f"tour-{purpose}-{next(self._names)}"
        iam = (by or self.admin).client("iam")
        arn = iam.create_user(UserName=name)["User"]["Arn"]
        if allowed:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*allowed, resource=resource))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return self._actor(name, arn, key["AccessKeyId"], key["SecretAccessKey"])

    def role(self, purpose: str, *allowed: str, trusted: str) -> str:
        """A new role that may do these actions, trusting a principal; its ARN."""
        name = f"tour-{purpose}-{next(self._names)}"
        iam = self.admin.client("iam")
        trust = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}],
        }
        arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
        if allowed:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*allowed))
        return arn

    def assume(self, actor: Actor, role_arn: str, session: str = "tour") -> Actor:
        """The session of an actor in a role."""
        answer = actor.client("sts").assume_role(RoleArn=role_arn, RoleSessionName=session)
        keys = answer["Credentials"]
        arn = answer["AssumedRoleUser"]["Arn"]
        return self._actor(session, arn, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])

    def member_administrator(self) -> tuple[str, Actor]:
        """Another account of the organization, and its administrator (through OrganizationAccountAccessRole)."""
        organizations = self.admin.client("organizations")
        if self._member is None:
            with contextlib.suppress(organizations.exceptions.AlreadyInOrganizationException):
                organizations.create_organization()
            email = f"tour-{next(self._names)}-{self.account}@example.com"
            status = organizations.create_account(AccountName="tour", Email=email)["CreateAccountStatus"]
            status = organizations.describe_create_account_status(CreateAccountRequestId=status["Id"])[
                "CreateAccountStatus"
            ]
            expect(status["State"] == "SUCCEEDED", f"CreateAccount ended {status}")
            self._member = str(status["AccountId"])
        role = f"arn:aws:iam::{self._member}:role/OrganizationAccountAccessRole"
        entering = self.user("entering", "sts:AssumeRole")
        return self._member, self.assume(entering, role)

    def advance(self, duration: str) -> None:
        """Move the test clock; everything that falls due on the way has happened when this returns."""
        control.ask_over_http(self.endpoint, "clock", {"action": "advance", "value": duration})

    def region(self, action: str, name: str) -> None:
        """Stop or start a region."""
        control.ask_over_http(self.endpoint, "region", {"action": action, "name": name})


def policy(*allowed: str, resource: str = "*") -> str:
    """An identity policy that allows these actions."""
    statement = {"Effect": "Allow", "Action": list(allowed), "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def expect(condition: object, otherwise: str) -> None:
    """Raises Unkept with what was seen where the condition does not hold."""
    if not condition:
        raise Unkept(otherwise)


def refused(code: str, call: Callable[..., object], **arguments: Any) -> None:
    """The call must be refused with this error code."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - the SDK comes with the tour's extra

    try:
        call(**arguments)
    except ClientError as error:
        seen = error.response["Error"]["Code"]
        expect(seen == code, f"expected {code}, got {seen}: {error.response['Error'].get('Message')}")
        return
    raise Unkept(f"expected {code}, but the call was granted")
