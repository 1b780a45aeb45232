"""The engine and the reference evaluator asked the same; what they disagree about, and what was exercised."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from tests.engines.policy_reference import reference, texts
from tests.engines.policy_reference.cases import families
from tests.engines.policy_reference.reference import Caller, Document, Request

from casemate.engines.policy import (
    Allowance,
    DictKeys,
    Policy,
    PolicyKind,
    Standing,
    Subject,
    SubjectKind,
    Target,
    compile_policy,
)
from casemate.engines.policy import evaluate as engine_evaluate


@dataclass
class Report:
    """What a run saw.

    `operators` counts conditions by their answer, `table` the rows of "which Allow of a resource policy is cut by an
    implicit deny elsewhere" by outcome.
    """

    cases: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    operators: Counter[str] = field(default_factory=Counter)
    table: Counter[str] = field(default_factory=Counter)
    disagreements: list[dict[str, Any]] = field(default_factory=list)

    def add(self, other: Report) -> None:
        self.cases += other.cases
        self.outcomes += other.outcomes
        self.operators += other.operators
        self.table += other.table
        self.disagreements += other.disagreements


def subject_of(caller: Caller) -> Subject:
    kind: SubjectKind = caller.kind  # type: ignore[assignment] # the reference has the same words
    return Subject(
        kind,
        caller.account,
        caller.arn,
        role_arn=caller.parent_arn if kind == "role_session" else None,
        user_arn=caller.parent_arn if kind == "federated_user" else None,
        unique_id=caller.unique_id or None,
        is_service_linked=caller.service_linked,
        service_name=caller.name if kind == "service" else None,
        canonical_user=caller.canonical or None,
    )


def compiled(documents: list[Document], kind: PolicyKind) -> tuple[Policy, ...]:
    return tuple(compile_policy(json.dumps(document), kind) for document in documents)


def standing_of(request: Request) -> Standing:
    session: tuple[Policy, ...] | None = None
    if request.session is not None or request.caller.kind == "federated_user":
        session = compiled(request.session or [], "session")
    return Standing(
        compiled(request.identity, "identity"),
        compiled([request.boundary], "boundary")[0] if request.boundary is not None else None,
        session,
        tuple(compiled(level, "scp") for level in request.scps),
    )


def target_of(request: Request) -> Target:
    kind: PolicyKind = "trust" if request.trust else "resource"
    grant = Allowance("g-1", "a grant", needs_identity_across_accounts=not request.granted_across_accounts)
    # The caller's own account may be left out: actions of s3 stand for those requests.
    unsaid = request.owner == request.caller.account and request.action.startswith("s3:")
    return Target(
        request.action,
        request.resource,
        None if unsaid else request.owner,
        compiled([request.policy], kind)[0] if request.policy is not None else None,
        tuple(compiled(level, "rcp") for level in request.rcps),
        request.needs_resource_policy,
        (grant,) if request.granted else (),
        compiled([request.endpoint], "endpoint")[0] if request.endpoint is not None else None,
    )


def run(count: int, seed: int | str) -> Report:
    """Compare about `count` cases, always the same ones for a seed."""
    report = Report()
    for *requests, relative in islice(families(str(seed)), -(-count // 5)):
        # What the engine remembers with a caller must serve the next request as well.
        subject, standing = subject_of(requests[0].caller), standing_of(requests[0])
        for request in requests:
            compare(request, subject, standing, report)
        compare(relative, subject_of(relative.caller), standing_of(relative), report)
    return report


def compare(request: Request, subject: Subject, standing: Standing, report: Report) -> None:
    expected = reference.evaluate(request)
    found = engine_evaluate(subject, standing, target_of(request), DictKeys.of(request.keys)).effect
    report.cases += 1
    report.outcomes[expected] += 1
    tally(request, expected, report)
    if found != expected:
        report.disagreements.append({"expected": expected, "found": found, "request": asdict(request)})


def tally(request: Request, expected: str, report: Report) -> None:
    for document in reference.documents_of_every_type(request):
        for statement, variables in reference.statements(document):
            for operator, block in statement.get("Condition", {}).items():
                for key, values in block.items():
                    wanted = [reference.as_text(value) for value in reference.as_list(values)]
                    holds = texts.match_condition(operator, key, wanted, request.keys, variables=variables)
                    report.operators[f"{operator} {'holds' if holds else 'fails'}"] += 1
    row = table_row(request)
    if row is not None:
        report.table[f"{row}: {expected}"] += 1


def table_row(request: Request) -> str | None:
    """The caller's kind, the one name that the resource's policy allows, and what is silent, where nothing else speaks."""
    found = reference.allowed_names(request)
    others = request.scps or request.rcps or request.endpoint or request.granted or request.needs_resource_policy
    same_account = request.caller.account == request.owner and request.caller.account != ""
    denied = reference.says("Deny", reference.documents_of_every_type(request), request)
    if len(found) != 1 or others or not same_account or denied or request.action == "sts:AssumeRole":
        return None
    kind = "root" if reference.is_of_root(request.caller) else request.caller.kind
    return f"{kind} by {found.pop()}, silent: {silent(request)}"


def silent(request: Request) -> str:
    says_nothing = {
        "identity": not reference.says("Allow", reference.identity_documents(request), request),
        "boundary": not reference.boundary_allows(request),
        "session": not reference.session_allows(request),
    }
    return "+".join(name for name, quiet in says_nothing.items() if quiet) or "nothing"
