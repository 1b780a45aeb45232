"""What the tests of Organizations share: an organization, its accounts, sessions in them, refusals."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

SCP = "SERVICE_CONTROL_POLICY"
RCP = "RESOURCE_CONTROL_POLICY"


@pytest.fixture
def plain(server: Any) -> Any:
    """The administrator's client, while there is no organization."""
    return server.client("organizations")


class Organization(NamedTuple):
    """An organization that the first account manages."""

    server: Any
    client: Any
    id: str
    root: str

    def account(self, name: str, **members: Any) -> str:
        """Make an account; its id."""
        begun = self.client.create_account(Email=f"{name}@example.com", AccountName=name, **members)
        asked = begun["CreateAccountStatus"]["Id"]
        status = self.client.describe_create_account_status(CreateAccountRequestId=asked)["CreateAccountStatus"]
        assert status["State"] == "SUCCEEDED", status
        return str(status["AccountId"])

    def inside(self, account: str) -> Any:
        """Credentials of a member account's administrator."""
        arn = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
        answer = self.server.client("sts").assume_role(RoleArn=arn, RoleSessionName="boss")
        return self.server.credentials(answer["Credentials"])

    def unit(self, name: str, parent: str | None = None) -> str:
        made = self.client.create_organizational_unit(ParentId=parent or self.root, Name=name)
        return str(made["OrganizationalUnit"]["Id"])

    def enable(self, *kinds: str) -> None:
        for kind in kinds:
            self.client.enable_policy_type(RootId=self.root, PolicyType=kind)

    def policy(self, name: str, *statements: dict[str, Any], kind: str = SCP) -> str:
        """Write a policy; its id. A statement denies and is about everything unless it says otherwise."""
        whole = [{"Effect": "Deny", "Resource": "*", **each} for each in statements]
        made = self.client.create_policy(Name=name, Description="", Type=kind, Content=self.server.document(*whole))
        return str(made["Policy"]["PolicySummary"]["Id"])


@pytest.fixture
def organization(server: Any, plain: Any) -> Organization:
    made = plain.create_organization()["Organization"]
    return Organization(server, plain, made["Id"], plain.list_roots()["Roots"][0]["Id"])
