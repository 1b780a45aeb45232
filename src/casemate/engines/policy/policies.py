"""A policy, compiled: statements that know what they cover, indexed by what is asked.

Compiling is paid once a document. What a question about (action, resource) leaves open, which is conditions and, in
resource policies, who asks, is kept in a small table of each policy, so that the usual request does two look-ups and
runs the conditions of the few statements that matter.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from casemate.engines.policy.conditions import Condition, Test, compile_condition
from casemate.engines.policy.grammar import DocumentSyntax, PolicyKind, StatementSyntax, parse
from casemate.engines.policy.principals import Principal, compile_principals
from casemate.engines.policy.scopes import ActionScope, ResourceScope

if TYPE_CHECKING:
    from casemate.engines.policy.context_keys import Keys
    from casemate.engines.policy.subjects import Subject

K = TypeVar("K")
V = TypeVar("V")

VARIABLES_SINCE: Final = "2012-10-17"

MAX_SELECTIONS: Final = 128
"""Remembered questions a policy; when there are more, the table starts anew."""
MAX_CANDIDATES: Final = 4_096
"""Statements in the remembered answers of one policy: a policy of many statements remembers fewer questions."""
MAX_HEARINGS: Final = 16
"""Remembered callers a question, however many questions there are."""
MAX_HEARD: Final = 2_048
"""Callers that a policy of few questions remembers: what most key policies are."""
ANY_RESOURCE: Final = "*"
MAX_NAME: Final = 512
"""Questions about longer names are answered but not remembered: they would only fill the table."""

MAX_CACHED_CHARACTERS: Final = 4 * 1024 * 1024
"""Document text whose compiled form is kept; compiled, it takes ten to fifty times as much memory."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One compiled statement. `sid` is None when the document has none."""

    index: int
    sid: str | None
    denies: bool
    actions: ActionScope
    resources: ResourceScope | None
    who: Callable[[Subject, bool], int] | None
    conditions: tuple[Condition, ...]

    def covers(self, action: str, resource: str, keys: Keys) -> bool:
        """Whether action (in lower case) and resource are within the statement; conditions and caller aside."""
        if not self.actions.covers(action):
            return False
        if self.resources is None:
            # A statement of a key policy without Resource is accepted and has no effect (AWS KMS key policies);
            # elsewhere the attached resource is meant.
            return not action.startswith("kms:")
        return self.resources.covers_with(resource, keys)

    def holds(self, keys: Keys) -> bool:
        """Whether every condition is met."""
        return all(condition.test(keys) for condition in self.conditions)


Candidate = tuple[Statement, Test | None]
"""A statement that covers the question, and what is left to test (None: nothing)."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a policy with principals has to say about one action on one resource to one caller.

    `allows` begins with the statement that names the caller most directly, so that the first that holds decides.
    """

    identity: tuple[str, ...]
    denies: tuple[Candidate, ...]
    allows: tuple[tuple[int, Statement, Test | None], ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """What a policy has to say about one action on one resource.

    `grants` is an Allow without conditions in a policy without principals. `hearings`: what is left of it for each
    caller, by ARN.
    """

    denies: tuple[Candidate, ...]
    allows: tuple[Candidate, ...]
    grants: Statement | None
    hearings: dict[str, Hearing]


class Policy:
    """A compiled document of a kind. `source` names where it is attached or stored (an ARN, an inline name)."""

    __slots__ = (
        "_excepts",
        "_limit",
        "_selections",
        "document",
        "everywhere",
        "kind",
        "policy_id",
        "source",
        "statements",
        "syntax",
        "version",
    )

    def __init__(self, document: str, kind: PolicyKind, syntax: DocumentSyntax) -> None:
        self.document = document
        self.kind: PolicyKind = kind
        self.source: str | None = None
        self.syntax = syntax
        self.version = syntax.version
        self.policy_id = syntax.policy_id
        variables = syntax.version == VARIABLES_SINCE
        self.statements = tuple(_compile(statement, kind, variables) for statement in syntax.statements)
        # A policy that is about all resources alike answers once an action, not once a resource.
        self.everywhere = all(
            statement.resources is None or statement.resources.is_everything for statement in self.statements
        )
        self._excepts = any(statement.not_principals for statement in syntax.statements)
        self._selections: dict[tuple[str, str], Selection] = {}
        self._limit = max(1, min(MAX_SELECTIONS, MAX_CANDIDATES // len(self.statements)))

    def __repr__(self) -> str:
        return f"<Policy {self.kind} {self.source or ''} of {len(self.statements)} statements>"

    def with_source(self, source: str) -> Policy:
        """The same compiled policy under the name of one place where it is attached."""
        named = copy.copy(self)
        named.source = source
        return named

    def principals(self) -> Iterator[Principal]:
        """Every principal that the document names, in order."""
        for statement in self.syntax.statements:
            for kind, value in statement.principals or ():
                yield Principal(kind, value, statement.index, statement.not_principals)

    @property
    def size(self) -> int:
        """Characters, white space included."""
        return len(self.document)

    @property
    def size_without_white_space(self) -> int:
        """Characters as IAM's quotas count them."""
        return size_without_white_space(self.document)

    def selection(self, spot: tuple[str, str]) -> Selection:
        """The statements that matter for (action, resource), the action as the request spells it."""
        if self.everywhere:
            spot = spot[0], ANY_RESOURCE
        found = self._selections.get(spot)
        return found if found is not None else self._select(spot)

    def _select(self, spot: tuple[str, str]) -> Selection:
        action, resource = spot[0].lower(), spot[1]
        denies: list[Candidate] = []
        allows: list[Candidate] = []
        grants: Statement | None = None
        for statement in self.statements:
            candidate = _candidate(statement, action, resource)
            if candidate is None:
                continue
            if statement.denies:
                denies.append(candidate)
            elif candidate[1] is None and statement.who is None:
                grants = grants or statement
            else:
                allows.append(candidate)
        selection = Selection(tuple(denies), tuple(allows), grants, {})
        remember(self._selections, spot, selection, resource, limit=self._limit)
        return selection

    def hearing(self, spot: tuple[str, str], subject: Subject, bounded: bool) -> Hearing:
        """The statements that matter to a caller; `bounded`: a permissions boundary binds it (NotPrincipal asks)."""
        selection = self.selection(spot)
        known = selection.hearings.get(subject.arn)
        if known is not None and known.identity == subject.identity:
            return known
        denies = [
            (statement, test)
            for statement, test in selection.denies
            if statement.who is None or statement.who(subject, bounded)
        ]
        allows = [
            (statement.who(subject, bounded), statement, test)
            for statement, test in selection.allows
            if statement.who is not None
        ]
        allows.sort(key=_directness, reverse=True)
        hearing = Hearing(subject.identity, tuple(denies), tuple(allow for allow in allows if allow[0]))
        if not self._excepts:
            limit = max(MAX_HEARINGS, MAX_HEARD // max(1, len(self._selections)))
            remember(selection.hearings, subject.arn, hearing, subject.arn, limit=limit)
        return hearing


def _directness(allow: tuple[int, Statement, Test | None]) -> int:
    return allow[0]


def remember(table: dict[K, V], key: K, value: V, name: str, *, limit: int = MAX_SELECTIONS) -> None:
    """Keep an answer in a bounded table, unless it is about a name too long to be worth it."""
    if len(name) > MAX_NAME:
        return
    if len(table) >= limit:
        table.clear()
    table[key] = value


def _candidate(statement: Statement, action: str, resource: str) -> Candidate | None:
    if not statement.actions.covers(action):
        return None
    tests = [condition.test for condition in statement.conditions]
    scope = statement.resources
    if scope is None:
        if action.startswith("kms:"):
            return None
    elif scope.is_static:
        if not scope.covers(resource):
            return None
    else:
        tests.insert(0, lambda keys: scope.covers_with(resource, keys))
    return statement, _conjunction(tests)


def _conjunction(tests: list[Test]) -> Test | None:
    if not tests:
        return None
    if len(tests) == 1:
        return tests[0]
    if len(tests) == 2:
        first, second = tests
        return lambda keys: first(keys) and second(keys)
    every = tuple(tests)
    return lambda keys: all(test(keys) for test in every)


def _compile(syntax: StatementSyntax, kind: PolicyKind, variables: bool) -> Statement:
    resources = syntax.resources
    # The principal of a resource control policy is always "*".
    principals = None if kind == "rcp" else syntax.principals
    return Statement(
        syntax.index,
        syntax.sid,
        not syntax.allows,
        ActionScope(syntax.actions, negated=syntax.not_actions),
        None if resources is None else ResourceScope(resources, negated=syntax.not_resources, variables=variables),
        None if principals is None else compile_principals(principals, negated=syntax.not_principals),
        tuple(compile_condition(condition, variables=variables) for condition in syntax.conditions),
    )


class PolicyCache:
    """Compiled policies by content, bounded by the text they were made from; the oldest leave first."""

    def __init__(self, characters: int) -> None:
        self._limit = characters
        self._held = 0
        self._policies: dict[tuple[str, PolicyKind], Policy] = {}
        self._lock = threading.Lock()

    def get(self, document: str, kind: PolicyKind) -> Policy:
        """The compiled policy, from the cache or made now; raises PolicySyntaxError."""
        policy = self._policies.get((document, kind))
        if policy is None:
            policy = Policy(document, kind, parse(document, kind))
            self._keep(policy)
        return policy

    def _keep(self, policy: Policy) -> None:
        with self._lock:
            key = (policy.document, policy.kind)
            if key in self._policies:
                return
            self._policies[key] = policy
            self._held += policy.size
            while self._held > self._limit and len(self._policies) > 1:
                oldest = next(iter(self._policies))
                self._held -= self._policies.pop(oldest).size

    def __len__(self) -> int:
        return len(self._policies)


_CACHE: Final = PolicyCache(MAX_CACHED_CHARACTERS)


def compile_policy(document: str, kind: PolicyKind) -> Policy:
    """A policy ready for evaluation, shared by content; raises PolicySyntaxError when it is no policy of that kind."""
    return _CACHE.get(document, kind)


def size_without_white_space(document: str) -> int:
    """Characters of a document as IAM's quotas count them: white space is free (IAM and AWS STS quotas)."""
    return len("".join(document.split()))
