"""Who asks: the caller of a request, and the names under which a policy's Principal element may know them.

IAM User Guide, "AWS JSON policy elements: Principal" and "Policy evaluation for requests within a single account".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

SubjectKind = Literal["root", "user", "role_session", "federated_user", "service", "identity_provider", "anonymous"]

# How directly a principal names the caller. The order is what the evaluation compares.
ACCOUNT: Final = 1
"""The account: it delegates to its own IAM, nothing more."""
ENTITY: Final = 2
"""The role, or the user behind a federated session: enough without an identity policy, inside all other ceilings."""
DIRECT: Final = 3
"""The very caller (user, session, service), or everybody."""

ANYONE: Final = "*"
WITH_IDENTITY: Final = frozenset({"root", "user", "role_session", "federated_user"})


@dataclass(frozen=True, slots=True)
class Subject:
    """The caller of a request.

    `arn` is the caller's own ARN (for a role session the sts assumed-role ARN, for an identity provider the
    provider's ARN or issuer, for a service its principal name). `unique_id` is the stored id of the user or role
    behind it (AIDA.., AROA..), without a session name. Making one costs more than a decision does: keep it with the
    credential.
    """

    kind: SubjectKind
    account: str
    arn: str
    role_arn: str | None = None
    user_arn: str | None = None
    unique_id: str | None = None
    partition: str = "aws"
    is_service_linked: bool = False
    service_name: str | None = None
    canonical_user: str | None = None
    names: tuple[tuple[str, int], ...] = field(init=False, repr=False, compare=False)
    identity: tuple[str, ...] = field(init=False, repr=False, compare=False)
    is_root: bool = field(init=False, repr=False, compare=False)
    has_identity: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        keep = object.__setattr__
        names = _names(self)
        keep(self, "names", names)
        # What decides which principals name the caller: callers alike in this are alike to every Principal element.
        keep(self, "identity", (self.kind, *[name for name, _ in names]))
        keep(self, "is_root", self.kind == "root" or _is_root_session(self))
        # Whether identity-based policies can speak for this caller at all.
        keep(self, "has_identity", self.kind in WITH_IDENTITY)


def _is_root_session(subject: Subject) -> bool:
    """A session that the root user made with GetFederationToken: all rights, inside its session policy."""
    return subject.kind == "federated_user" and subject.user_arn == root_arn(subject.partition, subject.account)


def root_arn(partition: str, account: str) -> str:
    """The ARN that stands for an account in a Principal element."""
    return f"arn:{partition}:iam::{account}:root"


def service_key(name: str) -> str:
    """The index key of a service principal; no AWS principal can be spelled like it."""
    return f"service {name}"


def federated_key(provider: str) -> str:
    """The index key of a federated principal (an identity provider)."""
    return f"federated {provider}"


def canonical_key(canonical_id: str) -> str:
    """The index key of an S3 canonical user id."""
    return f"canonical {canonical_id}"


def _names(subject: Subject) -> tuple[tuple[str, int], ...]:
    """All names of a caller, the most direct first."""
    kind = subject.kind
    if kind == "anonymous":
        return ()
    if kind == "service":
        return ((service_key(subject.service_name or subject.arn), DIRECT),)
    if kind == "identity_provider":
        return ((federated_key(subject.arn), DIRECT),)
    root = root_arn(subject.partition, subject.account)
    names: list[tuple[str, int]] = []
    if kind != "root":
        names.append((subject.arn, DIRECT))
    behind = subject.role_arn if kind == "role_session" else subject.user_arn if kind == "federated_user" else None
    if behind and behind != root:
        names.append((behind, ENTITY))
    if subject.unique_id and kind != "root":
        names.append((subject.unique_id, DIRECT if kind == "user" else ENTITY))
    names += [(subject.account, ACCOUNT), (root, ACCOUNT)]
    if subject.canonical_user:
        names.append((canonical_key(subject.canonical_user), ACCOUNT))
    return tuple(names)
