"""What an organization's policies put over an account's principals and resources.

Organizations User Guide, "SCP evaluation" and "RCP evaluation": each level from the root to the account must allow.
The management account is bound by neither kind. Of a closed account nothing can be used.
"""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from casemate.contracts.identity import PolicyText
from casemate.foundation.ids import Arn
from casemate.foundation.records import Reader
from casemate.services.organizations import managed
from casemate.services.organizations.records import (
    ACCOUNTS,
    NODES,
    ORGANIZATIONS,
    POLICIES,
    Account,
    Node,
    Organization,
)

Levels = tuple[tuple[PolicyText, ...], ...]


class Over(NamedTuple):
    """The service control policies over an account, level by level from the root, and where it stands."""

    scps: Levels = ()
    organization: str | None = None
    paths: tuple[str, ...] = ()


_CLOSED_PRINCIPALS: Final = PolicyText(
    "closed account", '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
)
_CLOSED_RESOURCES: Final = PolicyText(
    "closed account",
    '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}',
)


def over_principals(reader: Reader, account: str) -> Over:
    """What binds the principals of an account; nothing outside an organization."""
    member = reader.get(ACCOUNTS, "", account)
    if member is None:
        return Over()
    closed: Levels = ((_CLOSED_PRINCIPALS,),) if member.state != "ACTIVE" else ()
    organization = reader.get(ORGANIZATIONS, "", member.organization) if member.organization else None
    if organization is None:
        return Over(scps=closed)
    line = ancestors(reader, member.parent)
    path = f"{organization.id}/{'/'.join(node.id for node in line)}/"
    scps: Levels = ()
    if member.id != organization.management:
        scps = closed + _levels(reader, organization, line, member, "scps")
    return Over(scps, organization.id, (path,))


def over_resources(reader: Reader, account: str) -> Levels:
    """The resource control policies over an account's resources."""
    member = reader.get(ACCOUNTS, "", account)
    if member is None:
        return ()
    closed: Levels = ((_CLOSED_RESOURCES,),) if member.state != "ACTIVE" else ()
    organization = reader.get(ORGANIZATIONS, "", member.organization) if member.organization else None
    if organization is None or member.id == organization.management:
        return closed
    return closed + _levels(reader, organization, ancestors(reader, member.parent), member, "rcps")


def ancestors(reader: Reader, node_id: str) -> list[Node]:
    """The root, and each organizational unit down to this one."""
    line: list[Node] = []
    while node_id:
        node = reader.get(NODES, "", node_id)
        if node is None:
            break
        line.append(node)
        node_id = node.parent
    line.reverse()
    return line


def _levels(
    reader: Reader, organization: Organization, line: list[Node], member: Account, kind: Literal["scps", "rcps"]
) -> Levels:
    if (managed.SCP if kind == "scps" else managed.RCP) not in organization.policy_types:
        return ()
    stands: list[Node | Account] = [*line, member]
    return tuple(
        tuple(_text(reader, organization, policy) for policy in (entity.scps if kind == "scps" else entity.rcps))
        for entity in stands
    )


def _text(reader: Reader, organization: Organization, policy_id: str) -> PolicyText:
    own = managed.BY_ID.get(policy_id) or reader.get(POLICIES, organization.id, policy_id)
    assert own is not None
    return PolicyText(_source(organization, own.type, policy_id), own.content)


def _source(organization: Organization, kind: str, policy_id: str) -> str:
    """The ARN that a refusal names."""
    if policy_id in managed.BY_ID:
        return str(Arn("aws", "organizations", "", "aws", f"policy/{kind.lower()}/{policy_id}"))
    owner = organization.management
    return str(Arn("aws", "organizations", "", owner, f"policy/{organization.id}/{kind.lower()}/{policy_id}"))
