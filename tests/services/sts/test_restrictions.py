"""What the kind of temporary credentials forbids."""

from __future__ import annotations

import pytest

from casemate.foundation.caller import Caller, Session
from casemate.foundation.errors import AccessDenied, ServiceError
from casemate.services.sts.restrictions import allowed, refuse


def caller(kind, *, session=True, mfa=False):
    made = Session(issued=0.0, expires=1.0, mfa=mfa) if session else None
    return Caller(kind=kind, account="123456789012", arn="arn:aws:iam::123456789012:user/a", session=made)


@pytest.mark.parametrize("kind", ["user", "root"])
def test_long_lived_credentials_are_good_for_everything(kind):
    holder = caller(kind, session=False)
    assert allowed(holder, "iam", "CreateUser")
    assert allowed(holder, "sts", "GetFederationToken")


def test_a_users_session_calls_iam_with_mfa_only():
    assert not allowed(caller("user"), "iam", "ListUsers")
    assert allowed(caller("user", mfa=True), "iam", "ListUsers")
    assert not allowed(caller("federated_user", mfa=True), "iam", "ListUsers")
    assert allowed(caller("role_session"), "iam", "ListUsers")
    with pytest.raises(ServiceError) as caught:
        refuse(caller("user"), "iam", "ListUsers")
    assert caught.value.code == "InvalidClientTokenId"


@pytest.mark.parametrize(
    ("kind", "operation", "good"),
    [
        ("user", "AssumeRole", True),
        ("user", "GetCallerIdentity", True),
        ("user", "GetAccessKeyInfo", False),
        ("root", "AssumeRole", True),
        ("federated_user", "AssumeRole", False),
        ("federated_user", "GetCallerIdentity", True),
        ("role_session", "AssumeRole", True),
        ("role_session", "GetAccessKeyInfo", True),
        ("role_session", "GetSessionToken", False),
        ("role_session", "GetFederationToken", False),
    ],
)
def test_sessions_call_of_sts_what_their_kind_may(kind, operation, good):
    assert allowed(caller(kind), "sts", operation) is good
    if not good:
        with pytest.raises(AccessDenied):
            refuse(caller(kind), "sts", operation)


def test_other_services_are_open_to_every_session():
    assert allowed(caller("federated_user"), "kms", "Decrypt")
    assert allowed(caller("user"), "kms", "Decrypt")
