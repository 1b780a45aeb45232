"""STS: for each built operation, what it is about, and the request for it."""

from __future__ import annotations

from tests.conformance.isolation import cases_iam
from tests.conformance.isolation.world import ADMINISTRATOR, Actor, Case


def _role(owner: Actor, name: str) -> dict[str, str]:
    cases_iam.role(owner, name)
    arn = f"arn:aws:iam::{owner.account}:role/{owner.mark}/{name}"
    return {"RoleArn": arn, "RoleSessionName": "stranger"}


def _role_with_policy(owner: Actor, name: str) -> dict[str, object]:
    return {**_role(owner, name), "PolicyArns": [{"arn": cases_iam.policy(owner, name)["PolicyArn"]}]}


def _federated_with_policy(owner: Actor, name: str) -> dict[str, object]:
    return {"Name": "federated", "PolicyArns": [{"arn": cases_iam.policy(owner, name)["PolicyArn"]}]}


CASES: dict[str, Case | list[Case]] = {
    "AssumeRole": [Case(_role, silent=True), Case(_role_with_policy, silent=True)],
    # By design it says the account of any access key id, which the id itself carries; and nothing else.
    "GetAccessKeyInfo": Case(
        lambda owner, name: {"AccessKeyId": cases_iam.access_key(owner, name)["AccessKeyId"]}, own=True, silent=True
    ),
    "GetCallerIdentity": Case(lambda _owner, _name: {}, own=True, silent=True),
    "GetFederationToken": [
        Case(lambda _owner, _name: {"Name": "federated", "PolicyArns": [{"arn": ADMINISTRATOR}]}, own=True),
        Case(_federated_with_policy, refusals=("ValidationError",)),
    ],
    "GetSessionToken": Case(lambda _owner, _name: {}, own=True),
}
