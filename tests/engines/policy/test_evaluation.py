"""The decision: allowances, callers without identity policies, root sessions, partitions, and agreement with itself."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casemate.engines.policy import (
    Allowance,
    LazyKeys,
    Standing,
    Subject,
    Target,
    compile_policy,
    evaluate,
)

A = "111122223333"
B = "444455556666"
KEY = f"arn:aws:kms:us-east-1:{A}:key/1234"
GRANT = Allowance("grant-1", "Decrypt for the application")


def allow(action="*", resource="*", **more):
    return [{"Effect": "Allow", "Action": action, "Resource": resource, **more}]


def deny(action="*", resource="*", **more):
    return [{"Effect": "Deny", "Action": action, "Resource": resource, **more}]


ROOT_POLICY = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{A}:root"})
DECRYPT = {"action": "kms:Decrypt", "resource": KEY, "needs": True, "policy": ROOT_POLICY}


class TestAllowance:
    def test_is_enough_inside_the_account(self, ask):
        decision = ask(**DECRYPT, grants=(GRANT,))
        assert decision.allowed
        assert (decision.allowance, decision.policy_type, decision.statement) == (GRANT, "resource-based policy", None)

    def test_needs_the_callers_policy_across_accounts(self, ask):
        assert not ask(**DECRYPT, grants=(GRANT,), caller="outsider")
        assert ask(**DECRYPT, grants=(GRANT,), caller="outsider", identity=[allow()])

    def test_may_stand_alone_across_accounts_when_it_says_so(self, ask):
        alone = Allowance("g", "", needs_identity_across_accounts=False)
        assert ask(**DECRYPT, grants=(alone,), caller="outsider")
        assert not ask(**DECRYPT, grants=(alone,), caller="outsider", boundary=allow("s3:*"))

    def test_stays_within_boundary_session_and_organization(self, ask):
        assert not ask(**DECRYPT, grants=(GRANT,), boundary=allow("s3:*"))
        assert not ask(**DECRYPT, grants=(GRANT,), caller="session", session=[allow("s3:*")])
        assert not ask(**DECRYPT, grants=(GRANT,), scps=[[allow("s3:*")]])
        assert not ask(**DECRYPT, grants=(GRANT,), endpoint=allow("s3:*", Principal="*"))

    @pytest.mark.parametrize("where", ["identity", "policy", "boundary"])
    def test_yields_to_an_explicit_deny(self, ask, where):
        denials = {
            "identity": {"identity": [deny("kms:*")]},
            "policy": {"policy": deny("kms:*", Principal="*")},
            "boundary": {"boundary": deny("kms:*")},
        }
        assert ask(**{**DECRYPT, **denials[where]}, grants=(GRANT,)).effect == "explicit_deny"

    def test_serves_a_service_too(self, ask, callers):
        assert ask(**DECRYPT, grants=(GRANT,), caller=callers["service"]("rds.amazonaws.com"))


class TestCallersWithoutIdentityPolicies:
    def test_a_service_is_allowed_by_the_resource_policy_alone(self, ask, callers):
        events = callers["service"]("events.amazonaws.com")
        named = allow("sqs:SendMessage", Principal={"Service": "events.amazonaws.com"})
        send = {"action": "sqs:SendMessage", "resource": f"arn:aws:sqs:us-east-1:{A}:q"}
        assert ask(**send, caller=events, policy=named)
        assert not ask(**send, caller=events, policy=allow("sqs:*", Principal={"AWS": A}))
        assert not ask(**send, caller=events)

    def test_service_control_policies_do_not_bind_a_service(self, ask, callers):
        named = allow("s3:*", Principal={"Service": "events.amazonaws.com"})
        got = ask(
            action="s3:GetObject", caller=callers["service"]("events.amazonaws.com"), policy=named, scps=[[deny()]]
        )
        assert got.allowed

    def test_resource_control_policies_bind_a_service(self, ask, callers):
        named = allow("s3:*", Principal={"Service": "events.amazonaws.com"})
        got = ask(
            action="s3:GetObject",
            caller=callers["service"]("events.amazonaws.com"),
            policy=named,
            rcps=[[allow(Principal="*"), deny("s3:*", Principal="*")]],
        )
        assert got.effect == "explicit_deny"

    def test_an_identity_provider_assumes_by_the_trust_policy_alone(self, ask):
        provider = f"arn:aws:iam::{A}:oidc-provider/gitlab.com"
        trust = [{"Effect": "Allow", "Principal": {"Federated": provider}, "Action": "sts:AssumeRoleWithWebIdentity"}]
        request = {"action": "sts:AssumeRoleWithWebIdentity", "policy": trust, "kind": "trust", "needs": True}
        assert ask(**request, caller=Subject("identity_provider", A, provider))
        assert not ask(**request, caller=Subject("identity_provider", A, f"{provider}.evil"))


class TestRoot:
    def test_needs_no_identity_policy_and_is_bound_by_no_boundary(self, ask):
        decision = ask(action="iam:CreateUser", caller="root", boundary=allow("s3:*"))
        assert (decision.allowed, decision.policy_type) == (True, "root user")

    def test_a_session_policy_limits_a_root_session(self, ask):
        assert ask(action="s3:DeleteBucketPolicy", caller="root", session=[allow("s3:DeleteBucketPolicy")])
        assert not ask(action="iam:CreateUser", caller="root", session=[allow("s3:DeleteBucketPolicy")])

    def test_a_federated_session_of_root_has_what_its_session_policy_allows(self, ask):
        caller = Subject("federated_user", A, f"arn:aws:sts::{A}:federated-user/x", user_arn=f"arn:aws:iam::{A}:root")
        assert ask(action="s3:GetObject", caller=caller, session=[allow("s3:*")])
        assert not ask(action="s3:GetObject", caller=caller, session=[])

    def test_an_explicit_deny_of_a_resource_policy_binds_it(self, ask):
        assert ask(action="s3:GetObject", caller="root", policy=deny("s3:*", Principal="*")).effect == "explicit_deny"


def test_an_account_is_not_left_for_another_partition(ask):
    arn = f"arn:aws-cn:kms:cn-north-1:{B}:key/1"
    everybody = allow("kms:*", Principal="*")
    assert not ask(action="kms:Decrypt", resource=arn, owner=B, policy=everybody, identity=[allow()])
    assert ask(
        action="kms:Decrypt", resource=arn.replace("aws-cn", "aws"), owner=B, policy=everybody, identity=[allow()]
    )


def test_an_unknown_owner_is_the_callers_own_account(ask):
    assert ask(action="kms:CreateKey", owner=None, identity=[allow("kms:CreateKey")])


def test_a_trust_policy_with_everybody_still_asks_the_boundary(ask):
    trust = [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]
    request = {"action": "sts:AssumeRole", "resource": f"arn:aws:iam::{A}:role/x", "policy": trust, "kind": "trust"}
    assert ask(**request, needs=True)
    assert not ask(**request, needs=True, boundary=allow("s3:*"))


def test_every_level_is_asked_for_its_denies(ask):
    for level in range(3):
        scps = [[allow()] for _ in range(3)]
        scps[level].append(deny("s3:*"))
        assert ask(action="s3:GetObject", identity=[allow()], scps=scps).effect == "explicit_deny"


def test_an_empty_level_allows_nothing(ask):
    assert not ask(action="s3:GetObject", identity=[allow()], scps=[[allow()], []])


def test_a_condition_is_asked_only_when_a_statement_needs_it():
    asked = []

    def now():
        asked.append("aws:CurrentTime")
        return ("2026-11-24T00:00:00Z",)

    keys = LazyKeys({"aws:currenttime": now})
    timed = allow("s3:Get*", Condition={"DateGreaterThan": {"aws:CurrentTime": "2020-01-01"}})
    timed += allow("s3:GetObject", Condition={"DateLessThan": {"aws:CurrentTime": "2019-01-01"}})
    policy = compile_policy(
        json.dumps({"Version": "2012-10-17", "Statement": [*timed, *allow("s3:ListBucket")]}), "identity"
    )
    subject = Subject("user", A, f"arn:aws:iam::{A}:user/a")
    assert evaluate(subject, Standing((policy,)), Target("s3:ListBucket", "*"), keys).allowed
    assert asked == []
    assert evaluate(subject, Standing((policy,)), Target("s3:GetObject", "*"), keys).allowed
    assert asked == ["aws:CurrentTime"]


# Small worlds in which every rule is reached often: few names, so that they collide.
ACTIONS = st.sampled_from(["s3:Get", "s3:*", "*", "kms:X", "kms:*"])
RESOURCES = st.sampled_from(["*", "arn:aws:s3:::a", "arn:aws:s3:::*", "arn:aws:s3:::${k:name}"])
CONDITIONS = st.sampled_from(
    [
        None,
        {"StringEquals": {"k:name": "a"}},
        {"StringNotEquals": {"k:name": "a"}},
        {"ForAllValues:StringLike": {"k:many": "a*"}},
        {"ForAnyValue:StringNotLikeIfExists": {"k:many": "a*"}},
        {"Null": {"k:name": "true"}},
        {"StringEquals": {"k:name": "a"}, "Bool": {"k:flag": "true"}},
    ]
)
PRINCIPALS = st.sampled_from(
    ["*", *({"AWS": name} for name in (A, B, f"arn:aws:iam::{A}:user/alice", f"arn:aws:iam::{A}:role/app", f"arn:aws:sts::{A}:assumed-role/app/s1", f"arn:aws:sts::{A}:federated-user/Bob"))]
)  # fmt: skip


@st.composite
def statements(draw, principals=False):
    body = {"Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"]))}
    body[draw(st.sampled_from(["Action", "Action", "NotAction"]))] = draw(ACTIONS)
    body[draw(st.sampled_from(["Resource", "Resource", "NotResource"]))] = draw(RESOURCES)
    if (condition := draw(CONDITIONS)) is not None:
        body["Condition"] = condition
    if principals:
        negated = body["Effect"] == "Deny" and draw(st.booleans())
        body["NotPrincipal" if negated else "Principal"] = draw(PRINCIPALS)
    return body


def policies(principals=False):
    return st.lists(statements(principals), min_size=1, max_size=3)


WORLDS = st.fixed_dictionaries(
    {
        "caller": st.sampled_from(["user", "session", "root", "federated", "outsider", "anonymous", "service_linked"]),
        "identity": st.lists(policies(), max_size=2),
        "boundary": st.none() | policies(),
        "session": st.none() | st.lists(policies(), max_size=2),
        "scps": st.lists(st.lists(policies(), max_size=2), max_size=2),
        "policy": st.none() | policies(principals=True),
        "endpoint": st.none() | policies(principals=True),
        "needs": st.booleans(),
        "owner": st.sampled_from([None, A, B]),
        "grants": st.sampled_from([(), (GRANT,), (Allowance("g", "", needs_identity_across_accounts=False),)]),
        "action": st.sampled_from(["s3:Get", "S3:get", "kms:X", "sts:AssumeRole"]),
        "resource": st.sampled_from(["*", "arn:aws:s3:::a", "arn:aws:s3:::b"]),
        "keys": st.sampled_from(
            [{}, {"k:name": "a", "k:many": ["ab", "c"], "k:flag": "true"}, {"k:name": "b", "k:many": ["a"]}]
        ),
    }
)


@settings(max_examples=400, deadline=None)
@given(WORLDS)
def test_decision_and_explanation_always_agree(ask, world):
    """The short way and the complete one share the matchers but not the order of steps."""
    decision = ask(**world)
    effects = {check.effect for check in decision.explain()}
    assert decision.allowed == (not effects & {"EXPLICIT_DENY", "IMPLICIT_DENY"})
    if not decision.allowed:
        assert (decision.effect == "explicit_deny") == ("EXPLICIT_DENY" in effects)
    if decision.statement is not None:
        assert decision.statement.denies == (not decision.allowed)


@settings(max_examples=200, deadline=None)
@given(WORLDS)
def test_a_deny_of_everything_denies_wherever_it_stands(ask, world):
    refusing = {**world, "policy": deny(Principal="*"), "resource": "arn:aws:s3:::a", "action": "s3:Get"}
    assert ask(**refusing).effect == "explicit_deny"
    if world["caller"] not in {"anonymous", "root"}:
        assert ask(**{**world, "identity": [*world["identity"], deny()]}).effect == "explicit_deny"


@settings(max_examples=200, deadline=None)
@given(WORLDS)
def test_another_ceiling_never_allows_more(ask, world):
    """Adding a level of service control policies can only take away."""
    if not ask(**world).allowed:
        assert not ask(**{**world, "scps": [*world["scps"], [allow()]]}).allowed
