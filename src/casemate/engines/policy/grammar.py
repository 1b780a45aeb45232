"""From text to syntax: the JSON of a policy document, bounded and without ambiguity, as plain statements.

IAM User Guide, "Grammar of the IAM JSON policy language". Single values and one-element arrays are the same thing;
elements come in any order and none comes twice. What holds for a kind of policy as such (a Principal here, a Resource
there) is checked here; what only a writer is held to (Version, Sid, ARNs) is in `validation`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, Literal, NoReturn

from casemate.engines.policy.errors import SYNTAX, PolicySyntaxError

PolicyKind = Literal["identity", "resource", "trust", "boundary", "session", "scp", "rcp", "endpoint"]

MAX_CHARACTERS: Final = 131_072
"""The longest document that an IAM operation takes (service model, policyDocumentType)."""
MAX_STATEMENTS: Final = 2_000
"""More than the largest document that any service stores can hold with distinct statements of use."""

VERSIONS: Final = ("2008-10-17", "2012-10-17")
NO_PRINCIPAL: Final[frozenset[str]] = frozenset({"identity", "boundary", "session", "scp"})

_TOP = frozenset({"Version", "Id", "Statement"})
_STATEMENT = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
PRINCIPAL_TYPES: Final = ("AWS", "Service", "Federated", "CanonicalUser")

PROHIBITED_PRINCIPAL: Final = "Policy document should not specify a principal."
PROHIBITED_RESOURCE: Final = "Has prohibited field Resource"
MISSING_PRINCIPAL: Final = "Missing required field Principal"
MISSING_ACTION: Final = "Policy statement must contain actions."
MISSING_RESOURCE: Final = "Policy statement must contain resources."
TRUST_NOT_PRINCIPAL: Final = "AssumeRole policy must not contain NotPrincipal field."


class NumberText(str):
    """A JSON number, kept as its own text: only condition values may be one, and none is ever computed here."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ConditionSyntax:
    """One operator applied to one key. `values` are texts as written; `mixed`: they were of different JSON types."""

    operator: str
    key: str
    values: tuple[str, ...]
    path: str
    mixed: bool


@dataclass(frozen=True, slots=True)
class StatementSyntax:
    """One statement. Elements that are absent are None; `not_` marks the negated twin of an element."""

    index: int
    path: str
    sid: str | None
    allows: bool
    principals: tuple[tuple[str, str], ...] | None
    not_principals: bool
    actions: tuple[str, ...]
    not_actions: bool
    resources: tuple[str, ...] | None
    not_resources: bool
    conditions: tuple[ConditionSyntax, ...]


@dataclass(frozen=True, slots=True)
class DocumentSyntax:
    """A whole document. `version` is None when absent, which means the rules of 2008-10-17."""

    version: str | None
    policy_id: str | None
    statements: tuple[StatementSyntax, ...]


def parse(document: str, kind: PolicyKind) -> DocumentSyntax:
    """Read a document of a kind; raises PolicySyntaxError with IAM's wording."""
    root = _load(document, kind)
    _known_elements(root, _TOP, "")
    version = root.get("Version")
    if version is not None and version not in VERSIONS:
        fail(detail=f"unknown version {str(version)[:40]!r}", path="Version")
    policy_id = root.get("Id")
    if policy_id is not None and type(policy_id) is not str:
        fail(detail="Id is no string", path="Id")
    found = root.get("Statement")
    bodies = found if isinstance(found, list) else [found]
    if not bodies or found is None:
        fail(detail="no statement", path="Statement")
    if len(bodies) > MAX_STATEMENTS:
        fail(detail=f"more than {MAX_STATEMENTS} statements", path="Statement")
    statements = tuple(_statement(body, index, kind) for index, body in enumerate(bodies))
    return DocumentSyntax(version, policy_id, statements)


def fail(message: str = SYNTAX, *, detail: str, path: str = "", line: int | None = None) -> NoReturn:
    """Refuse the document."""
    raise PolicySyntaxError(message, path=path, line=line, detail=detail)


def _load(document: str, kind: PolicyKind) -> dict[str, Any]:
    message = "This policy contains invalid Json" if kind == "trust" else SYNTAX
    if len(document) > MAX_CHARACTERS:
        fail(message, detail=f"longer than {MAX_CHARACTERS} characters")
    try:
        root = json.loads(
            document,
            object_pairs_hook=_unique_pairs,
            parse_int=NumberText,
            parse_float=NumberText,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        fail(message, detail=error.msg, line=error.lineno)
    except RecursionError:
        fail(message, detail="nested too deeply")
    if not isinstance(root, dict):
        fail(detail="the document is no object")
    return root


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                fail(detail=f"{name[:64]!r} comes twice in one object")
            seen.add(name)
    return result


def _refuse_constant(text: str) -> NoReturn:
    fail(detail=f"{text} is no JSON")


def _known_elements(element: dict[str, Any], known: frozenset[str], path: str) -> None:
    for name in element:
        if name not in known:
            fail(detail=f"unknown element {name[:64]!r}", path=path)


def _statement(body: Any, index: int, kind: PolicyKind) -> StatementSyntax:
    path = f"Statement[{index}]"
    if not isinstance(body, dict):
        fail(detail="a statement is an object", path=path)
    _known_elements(body, _STATEMENT, path)
    sid = body.get("Sid")
    if sid is not None and type(sid) is not str:
        fail(detail="Sid is no string", path=f"{path}.Sid")
    allows = _effect(body.get("Effect"), path)
    principals, not_principals = _principals(body, kind, path)
    if not_principals and allows:
        fail(detail="NotPrincipal goes with Deny only", path=f"{path}.NotPrincipal")
    actions, not_actions = _either(body, "Action", path)
    if not actions and (actions is not None or kind != "resource"):
        fail(MISSING_ACTION, detail="neither Action nor NotAction", path=path)
    resources, not_resources = _resources(body, kind, path)
    conditions = _conditions(body.get("Condition", {}), f"{path}.Condition")
    return StatementSyntax(
        index,
        path,
        sid,
        allows,
        principals,
        not_principals,
        actions or (),
        not_actions,
        resources,
        not_resources,
        conditions,
    )


def _effect(effect: Any, path: str) -> bool:
    if effect == "Allow":
        return True
    if effect == "Deny":
        return False
    if isinstance(effect, str) and effect.lower() in {"allow", "deny"}:
        fail("The policy failed legacy parsing", detail="Effect in the wrong case", path=f"{path}.Effect")
    fail(detail="Effect is neither Allow nor Deny", path=f"{path}.Effect")


def _either(body: dict[str, Any], name: str, path: str) -> tuple[tuple[str, ...] | None, bool]:
    """The values of an element or of its negated twin, and whether it was the twin."""
    negated = f"Not{name}"
    if name in body and negated in body:
        fail(detail=f"both {name} and {negated}", path=path)
    if name in body:
        return _texts(body[name], f"{path}.{name}"), False
    if negated in body:
        return _texts(body[negated], f"{path}.{negated}"), True
    return None, False


def _texts(value: Any, path: str) -> tuple[str, ...]:
    """A string or an array of strings."""
    values = value if isinstance(value, list) else [value]
    for each in values:
        if type(each) is not str:
            fail(detail="neither a string nor an array of strings", path=path)
    return tuple(values)


def _resources(body: dict[str, Any], kind: PolicyKind, path: str) -> tuple[tuple[str, ...] | None, bool]:
    resources, negated = _either(body, "Resource", path)
    if kind == "trust":
        if resources is not None:
            fail(PROHIBITED_RESOURCE, detail="a trust policy has no Resource", path=path)
        return None, False
    if not resources and (resources is not None or kind != "resource"):
        fail(MISSING_RESOURCE, detail="neither Resource nor NotResource", path=path)
    return resources, negated


def _principals(body: dict[str, Any], kind: PolicyKind, path: str) -> tuple[tuple[tuple[str, str], ...] | None, bool]:
    present = "Principal" in body
    negated = "NotPrincipal" in body
    if kind in NO_PRINCIPAL:
        if present or negated:
            fail(PROHIBITED_PRINCIPAL, detail=f"a principal in a policy of kind {kind}", path=path)
        return None, False
    if negated and kind == "trust":
        fail(TRUST_NOT_PRINCIPAL, detail="NotPrincipal in a trust policy", path=path)
    if (present and negated) or (negated and kind == "rcp"):
        fail(detail="NotPrincipal is not possible here", path=path)
    if not present and not negated:
        fail(MISSING_PRINCIPAL, detail="no Principal", path=path)
    name = "NotPrincipal" if negated else "Principal"
    principals = _principal_values(body[name], f"{path}.{name}")
    if kind == "rcp" and body[name] != "*":
        fail(detail='the Principal of a resource control policy is exactly "*"', path=path)
    return principals, negated


def _principal_values(element: Any, path: str) -> tuple[tuple[str, str], ...]:
    """Pairs of principal type and value; the bare "*" is {"AWS": "*"}."""
    if element == "*":
        return (("AWS", "*"),)
    if not isinstance(element, dict):
        fail(detail='a principal is "*" or an object', path=path)
    pairs: list[tuple[str, str]] = []
    for name, value in element.items():
        if name not in PRINCIPAL_TYPES:
            fail(detail=f"unknown principal type {name[:64]!r}", path=path)
        pairs += [(name, text) for text in _texts(value, f"{path}.{name}")]
    if not pairs:
        fail(MISSING_PRINCIPAL, detail="an empty principal", path=path)
    return tuple(pairs)


def _conditions(element: Any, path: str) -> tuple[ConditionSyntax, ...]:
    if not isinstance(element, dict):
        fail(detail="Condition is no object", path=path)
    found: list[ConditionSyntax] = []
    for operator, block in element.items():
        where = f"{path}.{operator[:64]}"
        if not isinstance(block, dict):
            fail(detail="a condition operator holds an object of keys", path=where)
        for key, value in block.items():
            values = value if isinstance(value, list) else [value]
            mixed = len({type(each) for each in values}) > 1
            found.append(ConditionSyntax(operator, key, _scalars(values, where), where, mixed))
    return tuple(found)


def _scalars(values: list[Any], path: str) -> tuple[str, ...]:
    texts: list[str] = []
    for each in values:
        if isinstance(each, bool):
            texts.append("true" if each else "false")
        elif isinstance(each, str):
            texts.append(str(each))
        else:
            fail(detail="a condition value is a string, a number or a Boolean", path=path)
    return tuple(texts)
