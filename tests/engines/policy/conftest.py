"""One way to ask the engine, for all tables of cases."""

import json
from typing import Any

import pytest

from casemate.engines.policy import Allowance, DictKeys, Standing, Subject, Target, compile_policy, evaluate

ACCOUNT = "111122223333"


def document(body: Any) -> str:
    """A policy document from statements, a whole document, or text."""
    if isinstance(body, str):
        return body
    if isinstance(body, dict) and "Statement" in body:
        return json.dumps(body)
    return json.dumps({"Version": "2012-10-17", "Statement": body})


def user(name: str = "alice", account: str = ACCOUNT) -> Subject:
    return Subject(
        "user", account, f"arn:aws:iam::{account}:user/{name}", unique_id=f"AIDA{name.upper():X<16}", partition="aws"
    )


def session(role: str = "app", name: str = "s1", account: str = ACCOUNT, **more: Any) -> Subject:
    return Subject(
        "role_session",
        account,
        f"arn:aws:sts::{account}:assumed-role/{role}/{name}",
        role_arn=f"arn:aws:iam::{account}:role/{role}",
        unique_id=f"AROA{role.upper():X<16}",
        **more,
    )


def root(account: str = ACCOUNT) -> Subject:
    return Subject("root", account, f"arn:aws:iam::{account}:root")


def federated(name: str = "Bob", behind: str = "alice", account: str = ACCOUNT) -> Subject:
    return Subject(
        "federated_user",
        account,
        f"arn:aws:sts::{account}:federated-user/{name}",
        user_arn=f"arn:aws:iam::{account}:user/{behind}",
        unique_id=f"AIDA{behind.upper():X<16}",
    )


def service(name: str) -> Subject:
    return Subject("service", "", name, service_name=name)


CALLERS = {
    "user": user(),
    "session": session(),
    "root": root(),
    "federated": federated(),
    "other_user": user("bob"),
    "topic_user": user("alice", "999999999999"),
    "outsider": user("eve", "444455556666"),
    "outside_session": session("visitor", "s9", "444455556666"),
    "outside_root": root("444455556666"),
    "anonymous": Subject("anonymous", "", ""),
    "service_linked": session("aws-service-role", is_service_linked=True),
}


def ask(
    *,
    action: str,
    resource: str = "*",
    caller: Any = "user",
    identity: Any = (),
    boundary: Any = None,
    session: Any = None,
    scps: Any = (),
    rcps: Any = (),
    policy: Any = None,
    kind: str = "resource",
    endpoint: Any = None,
    owner: str | None = ACCOUNT,
    needs: bool = False,
    grants: tuple[Allowance, ...] = (),
    keys: Any = None,
):
    """The decision. `identity` and `session` are lists of policies; each policy a list of statements or a document."""

    def compiled(body: Any, of: Any) -> Any:
        return None if body is None else compile_policy(document(body), of)

    standing = Standing(
        tuple(compiled(body, "identity") for body in identity),
        compiled(boundary, "boundary"),
        None if session is None else tuple(compiled(body, "session") for body in session),
        tuple(tuple(compiled(body, "scp") for body in level) for level in scps),
    )
    target = Target(
        action,
        resource,
        owner,
        compiled(policy, kind),
        tuple(tuple(compiled(body, "rcp") for body in level) for level in rcps),
        needs,
        grants,
        compiled(endpoint, "endpoint"),
    )
    subject = CALLERS[caller] if isinstance(caller, str) else caller
    return evaluate(subject, standing, target, DictKeys.of(keys or {}))


@pytest.fixture(name="ask", scope="session")
def ask_fixture():
    return ask


@pytest.fixture(scope="session")
def callers():
    """Makers of callers by kind."""
    return {"user": user, "session": session, "root": root, "federated": federated, "service": service}
