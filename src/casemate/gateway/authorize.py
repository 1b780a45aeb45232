"""May the caller do this? Binds the policy engine to a request.

What binds a caller (its policies, compiled, with its organization's) is derived once and kept as long as every record
that it was read from stands unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from casemate.contracts.identity import Binding, Identities, PolicyText
from casemate.engines import policy as engine
from casemate.foundation.caller import Caller
from casemate.foundation.context import Context
from casemate.foundation.errors import AccessDenied
from casemate.foundation.operation import Check
from casemate.foundation.records import Reader
from casemate.foundation.stores import Stores
from casemate.gateway.condition_keys import RequestKeys

Over = tuple[tuple[tuple[engine.Policy, ...], ...], str | None]
"""What stands over the resources of an account: its resource control policies, level by level, and its organization."""
_NOTHING_OVER: Over = (), None


class Bound(NamedTuple):
    """What binds a caller, compiled; `over_own` stands over the resources of its own account."""

    binding: Binding
    standing: engine.Standing
    subject: engine.Subject
    over_own: Over


class Authorizer:
    """Asks the policy engine the questions that operations declare."""

    def __init__(self, identities: Identities) -> None:
        self._identities = identities

    def require(self, stores: Stores, context: Context, check: Check) -> None:
        """Raises AccessDenied, with the text that names the kind of policy that decided."""
        reader = stores.all_of_partition(context.partition).reader
        bound = self.bound(reader, context.caller)
        if check.aws_managed or not check.owner:
            rcps, organization = _NOTHING_OVER
        elif check.owner == context.caller.account:
            rcps, organization = bound.over_own
        else:
            rcps, organization = self._over_owner(reader, check.owner)
        keys = RequestKeys(context, bound.binding, check, organization)
        target = _target(check, rcps)
        if engine.permit(bound.subject, bound.standing, target, keys) is not None:
            return
        allowances = check.allowances() if check.allowances is not None else ()
        if allowances:
            matched = tuple(engine.Allowance(item.id, item.description) for item in allowances)
            target = replace(target, allowances=matched)
            if engine.permit(bound.subject, bound.standing, target, keys) is not None:
                return
        if check.hidden is not None and not allowances and not self._is_shared(bound, check, keys):
            raise AccessDenied(check.hidden)
        decision = engine.evaluate(bound.subject, bound.standing, target, keys)
        raise AccessDenied(check.denial or decision.message(context.caller.arn, check.action, check.resource))

    @staticmethod
    def _is_shared(bound: Bound, check: Check, keys: RequestKeys) -> bool:
        """Whether the resource's policy alone lets the caller in; who is let in may know what else refuses."""
        return engine.evaluate(bound.subject, _UNBOUND, _target(check, ()), keys).allowed

    def would_allow(self, stores: Stores, context: Context, check: Check) -> bool:
        """Whether the resource's policy lets this caller, if the caller's own policies allowed everything."""
        reader = stores.all_of_partition(context.partition).reader
        bound = self.bound(reader, context.caller)
        keys = RequestKeys(context, bound.binding, check, None)
        return engine.evaluate(bound.subject, _UNBOUND, _target(check, ()), keys).allowed

    def bound(self, reader: Reader, caller: Caller) -> Bound:
        """What binds this caller, from memory where nothing has moved."""
        key = ("bound", caller.access_key_id or caller.arn, caller.arn)
        return reader.memo(key, lambda tracked: self._bind(tracked, caller))

    def _bind(self, reader: Reader, caller: Caller) -> Bound:
        binding = self._identities.binding(reader, caller)
        standing = engine.Standing(
            identity=_compiled(binding.identity, "identity"),
            boundary=engine.compile_policy(binding.boundary.text, "boundary") if binding.boundary else None,
            session=None if binding.session is None else _compiled(binding.session, "session"),
            scps=tuple(_compiled(level, "scp") for level in binding.scps),
        )
        return Bound(binding, standing, _subject(caller), self._over_own(reader, caller))

    def _over_own(self, reader: Reader, caller: Caller) -> Over:
        return self._controls(reader, caller.account) if caller.account else _NOTHING_OVER

    def _over_owner(self, reader: Reader, owner: str) -> Over:
        return reader.memo(("over", owner), lambda tracked: self._controls(tracked, owner))

    def _controls(self, reader: Reader, owner: str) -> Over:
        levels = self._identities.resource_controls(reader, owner)
        return tuple(_compiled(level, "rcp") for level in levels), self._identities.organization_of(reader, owner)


def _target(check: Check, rcps: tuple[tuple[engine.Policy, ...], ...]) -> engine.Target:
    return engine.Target(
        check.action,
        check.resource,
        check.owner,
        engine.compile_policy(check.policy, check.policy_kind) if check.policy is not None else None,
        rcps,
        check.policy_required,
    )


_EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_UNBOUND = engine.Standing(identity=(engine.compile_policy(_EVERYTHING, "identity"),))


def _compiled(texts: Iterable[PolicyText], kind: engine.PolicyKind) -> tuple[engine.Policy, ...]:
    return tuple(engine.compile_policy(item.text, kind).with_source(item.source) for item in texts)


def _subject(caller: Caller) -> engine.Subject:
    return engine.Subject(
        kind=caller.kind,
        account=caller.account,
        arn=caller.arn,
        role_arn=caller.role_arn,
        user_arn=caller.session.issuer_arn if caller.kind == "federated_user" and caller.session else None,
        unique_id=caller.unique_id,
        partition=caller.partition,
        is_service_linked=caller.service_linked,
        service_name=caller.service,
    )
