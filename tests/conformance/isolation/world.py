"""Accounts that must not see each other, and what a case of isolation is made of."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from tests.conftest import Process

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
ENTRANCE = "OrganizationAccountAccessRole"
REGIONS = ("us-east-1", "eu-west-1")


class Actor:
    """An account's administrator in a region. `mark` stands in all that is made for it, and nowhere else."""

    def __init__(self, url: str, keys: tuple[str, str], account: str, region: str, mark: str) -> None:
        self.url = url
        self.keys = keys
        self.account = account
        self.region = region
        self.mark = mark
        self.secrets: set[str] = {mark}
        """What only this actor's answers may hold."""
        self.peer: Actor | None = None
        """Somebody of another account in this region, for what takes two."""
        self._clients: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"{self.mark} in {self.region}"

    def __getattr__(self, service: str) -> Any:
        """A boto3 client: `actor.iam`."""
        if service not in {"iam", "kms", "organizations", "ram", "sts"}:
            raise AttributeError(service)
        if service not in self._clients:
            self._clients[service] = client(self.url, service, self.keys, region=self.region)
        return self._clients[service]

    def tags(self, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
        return [{key: "owner", value: self.mark}]

    def document(self, **statement: Any) -> str:
        """A policy document that carries the mark."""
        whole = {"Sid": self.mark, "Effect": "Allow", "Action": "sts:GetCallerIdentity", **statement}
        if "Principal" not in whole:
            whole["Resource"] = "*"
        return json.dumps({"Version": "2012-10-17", "Statement": [whole]})

    def trust(self) -> str:
        """A trust policy for the account's own principals."""
        return self.document(Action="sts:AssumeRole", Principal={"AWS": f"arn:aws:iam::{self.account}:root"})


Make = Callable[[Actor, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Case:
    """How one operation is asked for what is another's.

    `make` makes, in the owner's account, what the request is about, and returns the request. The stranger sends the
    same request. `own` says that it names nothing of the owner's, so that it must be granted and be about the
    stranger's own things only (lists, new things).
    """

    make: Make
    own: bool = False
    silent: bool = False
    """The owner's own answer, though it reads, has nothing in it that would tell it from the stranger's."""
    separate: bool = False
    """A stranger asks under a name of its own: names of this kind exist once for all accounts."""
    twin: bool = True
    """A stranger may have a thing of the same name."""
    refusals: tuple[str, ...] = ()
    """Other codes by which a stranger may be refused."""
    fresh: str | None = None
    """For operations on an account's one organization: accounts of their own, `alone` or `managing`."""
    aliases: bool = False
    """KMS: the operation takes aliases where it takes keys."""


@dataclass
class World:
    """A server with its accounts."""

    process: Process
    first: Actor = field(init=False)
    _counted: Any = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        facts = json.loads((self.process.data / "credentials.json").read_text())
        keys = (facts["access_key_id"], facts["secret_access_key"])
        self.first = Actor(self.process.url, keys, facts["account"], REGIONS[0], "markOfAlpha")
        self.first.organizations.create_organization(FeatureSet="ALL")
        root = self.first.organizations.list_roots()["Roots"][0]["Id"]
        self.first.organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")

    def member(self, mark: str) -> Actor:
        """A new account, and an administrator made in it by the role that accounts come with."""
        email = f"made{next(self._counted)}@example.com"
        made = self.first.organizations.create_account(Email=email, AccountName="Made")["CreateAccountStatus"]
        state = self.first.organizations.describe_create_account_status(CreateAccountRequestId=made["Id"])
        account = state["CreateAccountStatus"]["AccountId"]
        role = f"arn:aws:iam::{account}:role/{ENTRANCE}"
        session = self.first.sts.assume_role(RoleArn=role, RoleSessionName="enter")["Credentials"]
        keys = (session["AccessKeyId"], session["SecretAccessKey"])
        iam = client(self.process.url, "iam", keys, token=session["SessionToken"])
        iam.create_user(UserName="administrator")
        iam.attach_user_policy(UserName="administrator", PolicyArn=ADMINISTRATOR)
        key = iam.create_access_key(UserName="administrator")["AccessKey"]
        return Actor(self.process.url, (key["AccessKeyId"], key["SecretAccessKey"]), account, REGIONS[0], mark)

    def alone(self, mark: str) -> Actor:
        """An account that has left the organization."""
        actor = self.member(mark)
        self.first.organizations.remove_account_from_organization(AccountId=actor.account)
        return actor

    def managing(self, mark: str) -> Actor:
        """The management account of an organization of its own."""
        actor = self.alone(mark)
        actor.organizations.create_organization(FeatureSet="ALL")
        root = actor.organizations.list_roots()["Roots"][0]["Id"]
        actor.organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
        return actor

    def elsewhere(self, actor: Actor, region: str, mark: str) -> Actor:
        """The same administrator in another region."""
        return Actor(actor.url, actor.keys, actor.account, region, mark)


def client(url: str, service: str, keys: tuple[str, str], *, token: str | None = None, region: str = REGIONS[0]) -> Any:
    return SESSION.client(
        service,
        region_name=region,
        endpoint_url=url,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        aws_session_token=token,
        config=Config(
            retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30, parameter_validation=False
        ),
    )


SESSION = boto3.Session()
