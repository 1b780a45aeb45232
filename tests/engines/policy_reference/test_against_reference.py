"""The policy engine held against the reference evaluator: random cases, and every disagreement ever found."""

from __future__ import annotations

from typing import Any

import pytest
from tests.engines.policy_reference import comparison, reference, texts
from tests.engines.policy_reference.comparison import Report, run
from tests.engines.policy_reference.reference import ALLOW, EXPLICIT_DENY, IMPLICIT_DENY, Caller, Request
from tests.engines.policy_reference.vocabulary import ABROAD, CHINESE, HOME, OPERATORS, callers

CASES = 20_000
LEAST_SHARE = 0.15

# IAM user guide, "Policy evaluation for requests within a single account": who is named in the Allow, what is silent.
TABLE = {
    "user by user": {"identity": ALLOW, "boundary": ALLOW, "identity+boundary": ALLOW},
    "user by account": {"identity": IMPLICIT_DENY, "boundary": IMPLICIT_DENY},
    "user by everybody": {"identity": ALLOW, "boundary": ALLOW, "identity+boundary": ALLOW},
    "federated_user by parent": {"identity": ALLOW, "boundary": IMPLICIT_DENY, "session": IMPLICIT_DENY},
    "federated_user by itself": {"identity": ALLOW, "boundary": ALLOW, "session": ALLOW, "identity+session": ALLOW},
    "federated_user by account": {"identity": IMPLICIT_DENY, "boundary": IMPLICIT_DENY, "session": IMPLICIT_DENY},
    "role_session by parent": {"identity": ALLOW, "boundary": IMPLICIT_DENY, "session": IMPLICIT_DENY},
    "role_session by itself": {"identity": ALLOW, "boundary": ALLOW, "session": ALLOW, "identity+session": ALLOW},
    "role_session by account": {"identity": IMPLICIT_DENY, "boundary": IMPLICIT_DENY, "session": IMPLICIT_DENY},
    "role_session by everybody": {"identity": ALLOW, "boundary": ALLOW, "session": ALLOW, "identity+boundary": ALLOW},
}


@pytest.fixture(scope="module")
def report() -> Report:
    return run(CASES, "tests")


def test_engine_and_reference_agree_about_random_requests(report: Report) -> None:
    assert report.cases >= CASES
    assert report.disagreements == []


@pytest.mark.parametrize("outcome", [ALLOW, EXPLICIT_DENY, IMPLICIT_DENY])
def test_each_outcome_is_frequent_among_the_cases(report: Report, outcome: str) -> None:
    assert report.outcomes[outcome] / report.cases >= LEAST_SHARE


@pytest.mark.parametrize("quantifier", ["", "ForAllValues:", "ForAnyValue:"])
@pytest.mark.parametrize("operator", [name for name in OPERATORS if name != "Null"])
def test_each_operator_holds_and_fails_in_some_cases(report: Report, operator: str, quantifier: str) -> None:
    assert report.operators[f"{quantifier}{operator} holds"]
    assert report.operators[f"{quantifier}{operator} fails"]
    assert report.operators[f"{quantifier}{operator}IfExists holds"]


def test_null_holds_and_fails_in_some_cases(report: Report) -> None:
    assert report.operators["Null holds"]
    assert report.operators["Null fails"]


@pytest.mark.parametrize("row", TABLE)
def test_each_rule_of_the_same_account_table_decided_some_cases_as_documented(report: Report, row: str) -> None:
    for silent, outcome in TABLE[row].items():
        found = {name for name in report.table if name.startswith(f"{row}, silent: {silent}: ")}
        assert found == {f"{row}, silent: {silent}: {outcome}"}


def every(name: str) -> Any:
    return lambda *_arguments, **_named: name


@pytest.mark.parametrize(
    ("module", "rule", "wrong"),
    [
        (reference, "boundary_allows", every("yes")),
        (reference, "session_allows", every("yes")),
        (reference, "scp_levels", lambda request: request.scps),
        (reference, "rcp_levels", lambda request: request.rcps),
        (reference, "excepted", lambda element, caller, *, bounded: bool(reference.named(element, caller))),
        (reference, "has_boundary", lambda request: False),
        (reference, "crosses_partitions", lambda request: False),
        (reference, "resource_allow_suffices", lambda name, request: name != reference.ACCOUNT),
        (texts, "match_segments", texts.match_tokens),
        (texts, "variable_value", lambda expression, keys: keys.get(expression.lower(), (None,))[0]),
        (texts, "plain_tokens", list),
    ],
)
def test_comparison_with_a_rule_taken_away_disagrees(
    monkeypatch: pytest.MonkeyPatch, module: Any, rule: str, wrong: Any
) -> None:
    monkeypatch.setattr(module, rule, wrong)
    assert any(run(1_000, f"wrong:{number}").disagreements for number in range(12))


def disagreement(caller: Caller, policy: dict[str, Any]) -> Request:
    return Request(caller, "sqs:SendMessage", CHINESE, ABROAD, {}, policy=policy)


def policy(effect: str, principal: Any) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": effect, "Principal": principal, "Action": "sqs:*", "Resource": "*"}],
    }


USER = callers(HOME)[1]


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        # The engine put callers without account into the partition "aws", and refused them elsewhere.
        (disagreement(Caller("anonymous"), policy("Allow", "*")), ALLOW),
        (
            disagreement(
                Caller("service", arn="events.amazonaws.com", name="events.amazonaws.com"),
                policy("Allow", {"Service": "events.amazonaws.com"}),
            ),
            ALLOW,
        ),
        # The engine named a Deny of a resource policy in another partition an implicit one.
        (disagreement(USER, policy("Deny", {"AWS": USER.arn})), EXPLICIT_DENY),
        (disagreement(USER, policy("Allow", {"AWS": USER.arn})), IMPLICIT_DENY),
    ],
    ids=["anonymous abroad", "service abroad", "explicit deny abroad", "allow abroad"],
)
def test_engine_decides_former_disagreements_as_documented(request_: Request, expected: str) -> None:
    seen = Report()
    comparison.compare(request_, comparison.subject_of(request_.caller), comparison.standing_of(request_), seen)
    assert seen.disagreements == []
    assert seen.outcomes == {expected: 1}
