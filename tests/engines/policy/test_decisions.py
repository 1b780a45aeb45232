"""What a decision says: AWS's texts, and its explanation."""

import pytest

from casemate.engines.policy import Allowance, DictKeys, Standing, Target, evaluate

A = "111122223333"
USER = f"arn:aws:iam::{A}:user/alice"
ARN = "arn:aws:s3:::bucket"
FRONT = f"User: {USER} is not authorized to perform: s3:GetObject on resource: {ARN}"


def allow(action="*", **more):
    return [{"Effect": "Allow", "Action": action, "Resource": "*", **more}]


def deny(action="*", **more):
    return [{"Effect": "Deny", "Action": action, "Resource": "*", **more}]


GET = {"action": "s3:GetObject", "resource": ARN}
OTHER = allow("ec2:*")


@pytest.mark.parametrize(
    ("request_", "ending"),
    [
        ({}, " because no identity-based policy allows the s3:GetObject action"),
        ({"needs": True}, " because no resource-based policy allows the s3:GetObject action"),
        ({"identity": [allow()], "boundary": OTHER}, " because no permissions boundary allows the s3:GetObject action"),
        ({"identity": [allow()], "session": [OTHER]}, " because no session policy allows the s3:GetObject action"),
        ({"identity": [allow()], "scps": [[OTHER]]}, " because no service control policy allows the s3:GetObject action"),
        ({"identity": [allow()], "endpoint": allow("ec2:*", Principal="*")}, " because no VPC endpoint policy allows the s3:GetObject action"),
        ({"identity": [deny()]}, " with an explicit deny in an identity-based policy"),
        ({"policy": deny(Principal="*")}, " with an explicit deny in a resource-based policy"),
        ({"boundary": deny()}, " with an explicit deny in a permissions boundary"),
        ({"session": [deny()]}, " with an explicit deny in a session policy"),
        ({"scps": [[deny()]]}, " with an explicit deny in a service control policy"),
        ({"rcps": [[deny(Principal="*")]]}, " with an explicit deny in a resource control policy"),
        ({"endpoint": deny(Principal="*")}, " with an explicit deny in a VPC endpoint policy"),
        ({"boundary": OTHER, "session": [deny()]}, " with an explicit deny in a session policy"),
        ({"identity": [deny()], "scps": [[deny()]]}, " with an explicit deny in a service control policy"),
    ],
)  # fmt: skip
def test_a_refusal_reads_as_in_aws(ask, request_, ending):
    assert ask(**GET, **request_).message() == FRONT + ending


def test_a_refused_role_names_its_trust_policy(ask):
    trust = [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]
    request = {"action": "sts:AssumeRole", "resource": f"arn:aws:iam::{A}:role/r", "kind": "trust", "needs": True}
    assert ask(**request, policy=trust).message().endswith(" with an explicit deny in the role trust policy")
    silent = [{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}]
    ending = " because no role trust policy allows the sts:AssumeRole action"
    assert ask(**request, policy=silent).message().endswith(ending)


def test_parts_of_the_text_can_be_given_or_left_out(ask):
    decision = ask(**GET)
    assert decision.message("arn:x", "s3:ListBucket", "", with_cause=False) == (
        "User: arn:x is not authorized to perform: s3:ListBucket"
    )
    assert ask(action="kms:CreateKey").message() == (
        f"User: {USER} is not authorized to perform: kms:CreateKey on resource: * "
        "because no identity-based policy allows the kms:CreateKey action"
    )


def test_a_managed_policy_that_denies_is_named_and_an_inline_one_is_not(ask):
    decision = ask(**GET, identity=[deny()])
    subject, policy = decision._asked[0], decision.policy
    assert policy is not None
    for source, named in ((f"arn:aws:iam::{A}:policy/p", f": arn:aws:iam::{A}:policy/p"), ("inline", "")):
        again = evaluate(subject, Standing((policy.with_source(source),)), Target(**GET), DictKeys())
        assert again.message() == FRONT + " with an explicit deny in an identity-based policy" + named


def test_a_decision_names_its_statement(ask):
    decision = ask(**GET, identity=[[*OTHER, {**allow("s3:*")[0], "Sid": "Read"}]])
    assert (decision.effect, decision.policy_type) == ("allow", "identity-based policy")
    assert decision.statement is not None
    assert (decision.statement.index, decision.statement.sid) == (1, "Read")
    assert decision
    assert decision.cause() == ""


def test_accounts_are_told_apart(ask):
    assert not ask(**GET).is_cross_account
    assert ask(**GET, caller="outsider").is_cross_account


def test_checks_come_in_the_order_of_the_details_api(ask):
    everything = {
        "identity": [allow()], "boundary": allow(), "session": [allow()], "scps": [[allow()], [allow()]],
        "rcps": [[allow(Principal="*")]], "endpoint": allow(Principal="*"), "policy": allow(Principal={"AWS": A}),
    }  # fmt: skip
    checks = ask(**GET, **everything).explain()
    assert [(check.name, check.level) for check in checks] == [
        ("RCP", 0), ("SCP", 0), ("SCP", 1), ("VPC_ENDPOINT", None), ("RESOURCE", None), ("PRINCIPAL", None),
        ("PERMISSIONS_BOUNDARY", None), ("SESSION", None),
    ]  # fmt: skip
    assert {check.effect for check in checks} == {"ALLOW"}


def test_what_another_path_allowed_has_no_impact(ask):
    checks = ask(**GET, policy=allow(Principal={"AWS": USER}), boundary=OTHER).explain()
    effects = {check.name: check.effect for check in checks}
    assert effects == {"RESOURCE": "ALLOW", "PRINCIPAL": "NO_IMPACT", "PERMISSIONS_BOUNDARY": "NO_IMPACT"}


def test_an_explanation_shows_the_condition_that_failed(ask):
    condition = {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:username": "alice"}}
    decision = ask(**GET, identity=[allow(Condition=condition)], keys={"aws:username": "alice"})
    (match,) = next(check for check in decision.explain() if check.name == "PRINCIPAL").matches
    assert (match.sid, match.effect, match.failed) == ("Statement1", "Allow", ("Bool aws:SecureTransport",))


def test_an_explanation_shows_the_allowance(ask):
    grant = Allowance("g", "a grant")
    checks = ask(**GET, needs=True, grants=(grant,)).explain()
    assert checks[0].allowances == (grant,)
    assert checks[0].effect == "ALLOW"
