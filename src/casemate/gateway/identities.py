"""Identity as the gateway needs it, put together from what IAM, STS and Organizations say."""

from __future__ import annotations

from casemate.contracts.identity import Binding, Credential, CredentialRefused, PolicyText
from casemate.foundation.caller import Caller
from casemate.foundation.ids import parse_arn
from casemate.foundation.records import Reader
from casemate.foundation.seal import Seal
from casemate.services.iam import bindings
from casemate.services.iam.records import ROLES, USERS
from casemate.services.organizations import guardrails
from casemate.services.sts import tokens

_EXPIRED = "The security token included in the request is expired"
_KEPT_TOKENS = 10_000


class ServiceIdentities:
    """The `Identities` of a node."""

    def __init__(self, seal: Seal) -> None:
        self._seal = seal
        self._tokens: dict[tuple[str, str], Credential] = {}

    def long_lived(self, reader: Reader, partition: str, access_key_id: str) -> Credential:
        key = ("credential", access_key_id)
        return reader.memo(key, lambda tracked: bindings.long_lived(tracked, self._seal, partition, access_key_id))

    def temporary(self, reader: Reader, access_key_id: str, token: str, now: float) -> Credential:
        del reader  # a token says everything; whether its role still stands is the binding's question
        found = self._tokens.get((access_key_id, token))
        if found is None:
            found = tokens.opened(self._seal, access_key_id, token)
            if len(self._tokens) >= _KEPT_TOKENS:
                self._tokens.clear()
            self._tokens[access_key_id, token] = found
        session = found.caller.session
        if session is None or session.expires <= now:
            raise CredentialRefused("expired", _EXPIRED)
        return found

    def binding(self, reader: Reader, caller: Caller) -> Binding:
        own = bindings.policies_of(reader, caller)
        over = guardrails.over_principals(reader, caller.account)
        session = caller.session
        tags = dict(own.tags)
        policies: tuple[PolicyText, ...] | None = None
        if session is not None:
            lowered = {name.lower() for name, _ in session.tags}
            tags = {name: value for name, value in tags.items() if name.lower() not in lowered}
            tags.update(session.tags)
            policies = self._session_policies(reader, caller)
        return Binding(
            identity=own.identity,
            boundary=own.boundary,
            session=policies,
            scps=() if caller.service_linked else over.scps,
            tags=tags,
            organization=over.organization,
            organization_paths=over.paths,
        )

    @staticmethod
    def _session_policies(reader: Reader, caller: Caller) -> tuple[PolicyText, ...] | None:
        session = caller.session
        assert session is not None
        if session.policies is None and not session.policy_arns:
            return () if caller.kind == "federated_user" else None
        texts = [PolicyText("session", text) for text in session.policies or ()]
        for arn in session.policy_arns:
            document = bindings.document_of(reader, arn)
            if document is not None:
                texts.append(PolicyText(arn, document))
        return tuple(texts)

    def resource_controls(self, reader: Reader, account: str) -> tuple[tuple[PolicyText, ...], ...]:
        return guardrails.over_resources(reader, account)

    def organization_of(self, reader: Reader, account: str) -> str | None:
        return guardrails.over_principals(reader, account).organization

    def principal_exists(self, reader: Reader, arn: str) -> bool:
        return bindings.principal_exists(reader, arn)

    def principal_id(self, reader: Reader, arn: str) -> str | None:
        parsed = parse_arn(arn)
        if parsed is None or not bindings.principal_exists(reader, arn):
            return None
        kind, _, rest = parsed.resource.partition("/")
        name = rest.rpartition("/")[2].lower()
        if kind == "user":
            user = reader.get(USERS, parsed.account, name)
            return user.id if user is not None else None
        if kind == "role":
            role = reader.get(ROLES, parsed.account, name)
            return role.id if role is not None else None
        if kind == "assumed-role":
            role_name, _, session = rest.partition("/")
            role = reader.get(ROLES, parsed.account, role_name.lower())
            return f"{role.id}:{session}" if role is not None else None
        return None
