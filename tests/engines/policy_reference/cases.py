"""Random but meaningful cases: documents written around a request, so that they match it, or nearly do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from tests.engines.policy_reference.reference import (
    Caller,
    Document,
    Request,
    Statement,
    has_policies_of_its_own,
    is_of_root,
)
from tests.engines.policy_reference.vocabulary import (
    ABROAD,
    ACTIONS,
    ADDRESSES,
    AWAY,
    CHINESE,
    DATES,
    EVERY_KEY,
    FAMILIES,
    HOME,
    PROVIDERS,
    RESOURCES,
    SERVICES,
    callers,
    damaged,
    plain_name,
    recased,
    strangers,
    wildcarded,
    with_variables,
)

FULL_ACCESS: Document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
FULL_RCP: Document = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
}


class Writer:
    """Writes policies about one request: each element is met by it with a probability of about four in five."""

    def __init__(self, rng: Random, request: Request) -> None:
        self.rng = rng
        self.request = request
        self.keys = dict(request.keys)

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def one_or_many(self, values: list[Any]) -> Any:
        self.rng.shuffle(values)
        return values[0] if len(values) == 1 and self.chance(0.7) else values

    def document(self, kind: str) -> Document:
        count = self.rng.choice((1, 1, 2, 3))
        body = [self.statement(kind) for _ in range(count)]
        document: Document = {"Statement": body[0] if count == 1 and self.chance(0.5) else body}
        if kind in {"resource", "trust", "endpoint"} and self.chance(0.15):
            return {**document, **self.rng.choice(({}, {"Version": "2008-10-17"}))}
        return {"Version": "2012-10-17", **document}

    def statement(self, kind: str) -> Statement:
        effect = "Deny" if kind == "rcp" or self.chance(0.2) else "Allow"
        statement: Statement = {"Effect": effect}
        if kind in {"resource", "trust", "endpoint"}:
            never = kind == "trust" or effect == "Allow"
            statement["Principal" if never or self.chance(0.6) else "NotPrincipal"] = self.principal()
        elif kind == "rcp":
            statement["Principal"] = "*"
        statement |= self.actions(kind)
        if kind != "trust" and not (kind == "resource" and self.chance(0.2)):
            statement |= self.resources()
        if self.chance(0.5 if effect == "Allow" else 0.7):
            statement["Condition"] = self.condition()
        return statement

    def actions(self, kind: str) -> Statement:
        if kind == "trust":
            return {
                "Action": self.one_or_many(
                    [self.rng.choice(("sts:AssumeRole", "sts:*", "sts:assume*", "sts:?ssumeRole", "sts:TagSession"))]
                )
            }
        name = "NotAction" if kind != "rcp" and self.chance(0.12) else "Action"
        patterns = [self.action(name == "Action") for _ in range(self.rng.choice((1, 1, 2)))]
        if name == "Action" and kind != "rcp" and self.chance(0.15):
            patterns.append("*")
        return {name: self.one_or_many(patterns)}

    def action(self, likely: bool) -> str:
        action = self.request.action if self.chance(0.85 if likely else 0.2) else self.rng.choice(ACTIONS)
        first = action.index(":") + 1
        roll = self.rng.random()
        if roll < 0.3:
            action = wildcarded(self.rng, action, first)
        elif roll < 0.38:
            action = damaged(self.rng, action, first)
        return recased(self.rng, action)

    def resources(self) -> Statement:
        name = "NotResource" if self.chance(0.12) else "Resource"
        patterns = [self.resource(name == "Resource") for _ in range(self.rng.choice((1, 1, 2)))]
        return {name: self.one_or_many(patterns)}

    def resource(self, likely: bool) -> str:
        if likely and self.chance(0.2):
            return "*"
        arn = self.request.resource
        if arn == "*" or self.chance(0.15 if likely else 0.7):
            arn = self.rng.choice(RESOURCES).format(self.rng.choice((HOME, AWAY)))
        service_end = len(":".join(arn.split(":")[:3])) + 1
        rest = len(":".join(arn.split(":")[:5])) + 1
        roll = self.rng.random()
        if roll < 0.25:
            return wildcarded(self.rng, arn, rest)
        if roll < 0.4:
            return wildcarded(self.rng, arn, service_end)
        if roll < 0.48:
            return damaged(self.rng, arn, rest)
        if roll < 0.8:
            return with_variables(self.rng, arn, self.keys, rest)
        return arn

    def principal(self) -> Any:
        rng, caller = self.rng, self.request.caller
        if self.chance(0.15):
            return rng.choice(("*", {"AWS": "*"}, {"AWS": ["*", HOME]}))
        element: dict[str, list[str]] = {}
        for who in [*rng.choices((caller, None), (0.85, 0.15)), *rng.choice(((None,), (), ()))]:
            kind, value = self.name_of(who or rng.choice([*callers(HOME), *callers(AWAY), *strangers()]))
            element.setdefault(kind, []).append(value)
        if "AWS" in element and self.chance(0.5):
            element["AWS"] += [n for n in (caller.arn, caller.parent_arn, caller.account) if n and self.chance(0.6)]
        return {kind: self.one_or_many(values) for kind, values in element.items() if values}

    def name_of(self, caller: Caller) -> tuple[str, str]:
        if caller.kind == "service":
            return "Service", self.rng.choice((caller.name, *SERVICES))
        if caller.kind == "identity_provider":
            return "Federated", self.rng.choice((caller.name, *PROVIDERS))
        if caller.kind == "anonymous":
            return "AWS", "*"
        if self.chance(0.06):
            return "CanonicalUser", caller.canonical
        root = f"arn:aws:iam::{caller.account}:root"
        return "AWS", self.rng.choice(
            [n for n in (caller.arn, caller.parent_arn, caller.unique_id, caller.account, root) if n]
        )

    def condition(self) -> dict[str, dict[str, Any]]:
        block: dict[str, dict[str, Any]] = {}
        for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
            operators, known = self.rng.choice(FAMILIES)
            key = self.rng.choice(list(known))
            operator = self.rng.choice(operators)
            values = self.values(operator, key, known)
            many = key.startswith("many:")
            if operator != "Null":
                if self.chance(0.85 if many else 0.12):
                    operator = self.rng.choice(("ForAllValues:", "ForAnyValue:")) + operator
                if self.chance(0.25):
                    operator += "IfExists"
            name = recased(self.rng, plain_name(key))
            if name.lower() not in {other.lower() for other in block.get(operator, {})}:
                block.setdefault(operator, {})[name] = values
        return block

    def values(self, operator: str, key: str, known: dict[str, tuple[str, ...]]) -> Any:
        if operator == "Null":
            return self.rng.choice(("true", "false", True, False, ["true"], ["false"]))
        present = self.request.keys.get(plain_name(key).lower(), ())
        pool = [*present, *present, *present, *known[key]]
        found: list[Any] = [self.value(operator, self.rng.choice(pool)) for _ in range(self.rng.choice((1, 1, 2, 3)))]
        return self.one_or_many(found)

    def value(self, operator: str, value: str) -> Any:
        rng = self.rng
        if operator.startswith("String"):
            return self.text(value, 0)
        if operator.startswith("Arn"):
            if not value.startswith("arn:"):
                value = f"arn:aws:sns:us-east-1:{HOME}:topic"
            return self.text(value, len("arn:aws:sns:"), rest=len(":".join(value.split(":")[:5])) + 1)
        if operator.startswith("Numeric"):
            value = value if value != "ten" else "10"
            return rng.choice((value, value, f"{value}.0" if "." not in value else f"{value}0", self.number(value)))
        if operator.startswith("Date"):
            return rng.choice([value, value, *[date for dates in DATES.values() for date in dates]])
        if operator == "Bool":
            return rng.choice((value, value.upper(), value.lower() == "true"))
        if operator.endswith("IpAddress"):
            return rng.choice((value, *self.networks(value)))
        return value

    def number(self, value: str) -> Any:
        return int(value) if value.lstrip("-").isdigit() else float(value)

    def networks(self, address: str) -> list[str]:
        lengths = ("/32", "/128", "/64", "/0") if ":" in address else ("/32", "/31", "/24", "/8", "/0")
        return [address + length for length in lengths] + [rng for known in ADDRESSES.values() for rng in known[:2]]

    def text(self, value: str, first: int, rest: int | None = None) -> str:
        roll = self.rng.random()
        if roll < 0.25:
            return wildcarded(self.rng, value, min(first, len(value)))
        if roll < 0.35:
            return damaged(self.rng, value, min(first, len(value)))
        if roll < 0.6:
            return with_variables(self.rng, value, self.keys, first if rest is None else rest)
        return value


def random_keys(rng: Random) -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    for key, values in EVERY_KEY.items():
        if rng.random() < 0.25:
            continue
        count = rng.choice((0, 1, 1, 2, 3)) if key.startswith("many:") else 2 if rng.random() < 0.02 else 1
        keys[plain_name(key).lower()] = tuple(rng.sample(values, min(count, len(values))))
    return keys


def bare_request(rng: Random) -> Request:
    caller = rng.choice([*callers(HOME), *callers(HOME), *callers(AWAY), *strangers()])
    trust = rng.random() < 0.12 or caller.kind == "identity_provider"
    owner = HOME if rng.random() < 0.8 else AWAY
    resource = f"arn:aws:iam::{owner}:role/team/app" if trust else rng.choice(RESOURCES).format(owner)
    if resource == CHINESE:
        owner = ABROAD
    if not trust and rng.random() < 0.05:
        resource = "*"
    action = "sts:AssumeRole" if trust else rng.choice(ACTIONS)
    return Request(caller, action, resource, owner, random_keys(rng), trust=trust, needs_resource_policy=trust)


def dressed(rng: Random, request: Request) -> Request:
    """The request with documents of every type that its caller can have."""
    writer = Writer(rng, request)

    def some(kind: str, counts: tuple[int, ...]) -> list[Document]:
        return [writer.document(kind) for _ in range(rng.choice(counts))]

    def level(kind: str, full: Document) -> list[Document]:
        return [*([full] if kind == "rcp" or rng.random() < 0.9 else []), *some(kind, (0, 0, 0, 0, 1))]

    kind = request.caller.kind
    trust = request.trust
    if kind == "federated_user" or has_policies_of_its_own(request.caller):
        bounded = rng.random() < 0.4 and not request.caller.service_linked
        session = kind == "federated_user" or rng.random() < 0.5
        request = replace(
            request,
            identity=[] if is_of_root(request.caller) else some("identity", (0, 1, 1, 2)),
            boundary=writer.document("boundary") if bounded and not is_of_root(request.caller) else None,
            session=some("session", (0, 1, 1, 2)) or None if session and kind != "user" else None,
        )
    if request.caller.account and rng.random() < 0.25:
        request = replace(request, scps=[level("scp", FULL_ACCESS) for _ in range(rng.choice((1, 2, 3)))])
    if rng.random() < 0.2:
        request = replace(request, rcps=[level("rcp", FULL_RCP) for _ in range(rng.choice((1, 2)))])
    return replace(
        request,
        endpoint=writer.document("endpoint") if rng.random() < 0.12 else None,
        policy=writer.document("trust" if trust else "resource") if trust or rng.random() < 0.65 else None,
        needs_resource_policy=trust or rng.random() < 0.2,
        granted=not trust and bool(request.caller.account) and rng.random() < 0.06,
        granted_across_accounts=rng.random() < 0.3,
    )


def around_the_table(rng: Random) -> Request:
    """One name in the Allow of a resource policy of the account, and each policy of the caller full, silent or absent."""
    kind = rng.choice(("user", "role_session", "role_session", "federated_user", "federated_user"))
    known = [caller for caller in callers(HOME) if not caller.service_linked and not is_of_root(caller)]
    caller = rng.choice([caller for caller in known if caller.kind == kind])
    action = rng.choice([action for action in ACTIONS if action != "sts:AssumeRole"])
    request = Request(caller, action, RESOURCES[0], HOME, random_keys(rng))
    who, name = rng.choice((("AWS", "*"), *[Writer(rng, request).name_of(caller) for _ in range(3)]))
    nothing: Document = {**FULL_ACCESS, "Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "*"}}
    allow = {"Effect": "Allow", "Principal": {who: name}, "Action": action, "Resource": "*"}

    def full_or_silent(absent: Any) -> Any:
        return rng.choice(([FULL_ACCESS], [FULL_ACCESS], [nothing], absent))

    return replace(
        request,
        policy={"Version": "2012-10-17", "Statement": allow},
        identity=full_or_silent([]),
        boundary=full_or_silent([None])[0],
        session=full_or_silent(None) if kind != "user" else None,
    )


def neighbour(rng: Random, request: Request) -> Request:
    """Another request under the same documents: a key, the action or the resource differs."""
    keys = dict(request.keys)
    roll = rng.random()
    if roll < 0.5:
        for key in rng.sample(list(EVERY_KEY), 6):
            name = plain_name(key).lower()
            if rng.random() < 0.3:
                keys.pop(name, None)
            else:
                keys[name] = (rng.choice(EVERY_KEY[key]),)
        return replace(request, keys=keys)
    if roll < 0.75:
        return replace(request, action=rng.choice(ACTIONS))
    resource = rng.choice(RESOURCES).format(request.owner)
    return replace(request, resource=resource, owner=ABROAD if resource == CHINESE else request.owner)


def relative(rng: Random, request: Request) -> Request:
    """The same documents and another caller of the account, or the same one without its boundary."""
    caller = request.caller
    if not has_policies_of_its_own(caller) or caller.service_linked:
        return request
    if request.boundary is not None and rng.random() < 0.5:
        return replace(request, boundary=None)
    alike = [other for other in callers(caller.account) if other.kind == caller.kind and not is_of_root(other)]
    return replace(request, caller=rng.choice([other for other in alike if not other.service_linked]))


def families(seed: str) -> Iterator[list[Request]]:
    """Endless: requests under the same documents, four of one caller and one of another."""
    rng = Random(seed)
    while True:
        request = around_the_table(rng) if rng.random() < 0.15 else dressed(rng, bare_request(rng))
        if request.granted_across_accounts and not request.granted:
            request = replace(request, granted_across_accounts=False)
        yield [request, *[neighbour(rng, request) for _ in range(3)], relative(rng, request)]
