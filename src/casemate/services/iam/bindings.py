"""What IAM says of a caller: whose access key it is, which policies bind it, whether a principal exists."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from casemate.contracts.identity import Credential, CredentialRefused, PolicyText
from casemate.foundation.caller import Caller
from casemate.foundation.ids import parse_arn
from casemate.foundation.records import Reader
from casemate.foundation.seal import Place, Seal
from casemate.services.iam import managed
from casemate.services.iam.arns import policy_arn, role_arn, root_arn, user_arn
from casemate.services.iam.records import (
    ACCESS_KEYS,
    GROUPS,
    POLICIES,
    ROLES,
    USERS,
    InlinePolicy,
    Tags,
    User,
)

_REFUSED = "The security token included in the request is invalid."


class Bound(NamedTuple):
    """The policies of a user or role, with the tags that stand on it."""

    identity: tuple[PolicyText, ...] = ()
    boundary: PolicyText | None = None
    tags: Tags = ()


def refused() -> CredentialRefused:
    """What a caller hears whose access key or token is unknown, taken back or forged: always the same."""
    return CredentialRefused("unknown", _REFUSED)


def place_of(access_key_id: str, account: str) -> Place:
    """Where the sealed secret of an access key belongs."""
    return Place("iam.access_keys", account, "", access_key_id, "secret")


def long_lived(reader: Reader, seal: Seal, partition: str, access_key_id: str) -> Credential:
    """The credential behind a long-lived access key. Raises CredentialRefused."""
    key = reader.get(ACCESS_KEYS, "", access_key_id)
    if key is None or not key.active:
        raise refused()
    secret = seal.open(key.sealed, place_of(key.id, key.account)).decode()
    if key.user is None:
        return Credential(root_caller(partition, key.account, key.id), secret)
    user = reader.get(USERS, key.account, key.user)
    if user is None:
        raise refused()
    caller = Caller(
        kind="user",
        account=key.account,
        arn=user_arn(partition, key.account, user),
        partition=partition,
        user_id=user.id,
        unique_id=user.id,
        name=user.name,
        access_key_id=key.id,
    )
    return Credential(caller, secret)


def root_caller(partition: str, account: str, access_key_id: str = "") -> Caller:
    return Caller(
        kind="root",
        account=account,
        arn=root_arn(partition, account),
        partition=partition,
        user_id=account,
        unique_id=account,
        name="root",
        access_key_id=access_key_id,
    )


def policies_of(reader: Reader, caller: Caller) -> Bound:
    """The policies that stand on a caller's user or role. Raises CredentialRefused where it is gone."""
    if caller.kind == "user":
        return _of_user(reader, caller, _user(reader, caller.account, caller.name, caller.unique_id))
    if caller.kind == "federated_user" and caller.session is not None:
        return _of_federated(reader, caller)
    if caller.kind == "role_session" and caller.session is not None:
        role = reader.get(ROLES, caller.account, caller.session.issuer_name.lower())
        if role is None or role.id != caller.unique_id:
            raise refused()
        return Bound(
            _texts(reader, role.name, role.inline, role.attached),
            _boundary(reader, role.boundary),
            role.tags,
        )
    return Bound()


def _of_user(reader: Reader, caller: Caller, user: User) -> Bound:
    texts = list(_texts(reader, user.name, user.inline, user.attached))
    for group_id in user.groups:
        for _, group in reader.find(GROUPS, "id", caller.account, group_id):
            texts.extend(_texts(reader, group.name, group.inline, group.attached))
    return Bound(tuple(texts), _boundary(reader, user.boundary), user.tags)


def _of_federated(reader: Reader, caller: Caller) -> Bound:
    """A federated user has its issuer's policies, within its session policies."""
    assert caller.session is not None
    if caller.session.issuer_arn.endswith(":root"):
        return Bound((PolicyText("root", _EVERYTHING),))
    issuer = _user(reader, caller.account, caller.session.issuer_name, caller.session.issuer_id)
    return _of_user(reader, caller, issuer)


def _user(reader: Reader, account: str, name: str, unique_id: str) -> User:
    """The user with that id, which may have another name by now. Raises CredentialRefused where it is gone."""
    user = reader.get(USERS, account, name.lower())
    if user is not None and user.id == unique_id:
        return user
    for _, renamed in reader.find(USERS, "id", account, unique_id):
        return renamed
    raise refused()


def document_of(reader: Reader, arn: str) -> str | None:
    """The default version's document of a managed policy, AWS's or an account's own."""
    parsed = parse_arn(arn)
    if parsed is None:
        return None
    if parsed.account == "aws":
        return managed.document(arn)
    policy = reader.get(POLICIES, parsed.account, parsed.resource.rpartition("/")[2].lower())
    if policy is None or policy_arn(parsed.partition, parsed.account, policy) != arn:
        return None
    return next(version.document for version in policy.versions if version.id == policy.default)


def _texts(
    reader: Reader, name: str, inline: Iterable[InlinePolicy], attached: Iterable[str]
) -> tuple[PolicyText, ...]:
    texts = [PolicyText(f"{name}/{policy.name}", policy.document) for policy in inline]
    for arn in attached:
        document = document_of(reader, arn)
        if document is not None:
            texts.append(PolicyText(arn, document))
    return tuple(texts)


def _boundary(reader: Reader, arn: str | None) -> PolicyText | None:
    if arn is None:
        return None
    document = document_of(reader, arn)
    # A boundary that can't be read allows nothing: it must never widen what it was set to limit.
    return PolicyText(arn, document if document is not None else _NOTHING)


_EVERYTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_NOTHING = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'


def principal_exists(reader: Reader, arn: str) -> bool:
    """Whether the principal that a policy names exists: an account, a user, a role, a session of a role."""
    if len(arn) == 12 and arn.isdecimal():
        return True
    parsed = parse_arn(arn)
    if parsed is None or parsed.service not in {"iam", "sts"}:
        return False
    kind, _, rest = parsed.resource.partition("/")
    name = rest.rpartition("/")[2].lower()
    if parsed.resource == "root" or kind == "federated-user":
        return True
    if kind == "user":
        user = reader.get(USERS, parsed.account, name)
        return user is not None and user_arn(parsed.partition, parsed.account, user) == arn
    if kind == "role":
        role = reader.get(ROLES, parsed.account, name)
        return role is not None and role_arn(parsed.partition, parsed.account, role) == arn
    if kind == "assumed-role":
        return reader.get(ROLES, parsed.account, rest.partition("/")[0].lower()) is not None
    return False
