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


@dataclass(frozen=True, slots=True)
class Subject:
    """The caller of a request.

    `arn` is the caller's own ARN (for a role session the sts assumed-role ARN, for an identity provider the
    provider's ARN or issuer, for a service its principal name). `unique_id` is the stored id of the user or role
    behind it (AIDA.., AROA..), without a session name. Making one costs about a microsecond: keep it with the credential.
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
    levels: tuple[int, ...] = field(init=False, repr=False, compare=False)
    is_root: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = tuple(_names(self))
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "levels", tuple(sorted({directness for _, directness in names})))
        object.__setattr__(self, "is_root", self.kind == "root" or self._is_federated_root())

    def _is_federated_root(self) -> bool:
        """A session that the root user made with GetFederationToken: all rights, inside its session policy."""
        return self.kind == "federated_user" and self.user_arn == root_arn(self.partition, self.account)

    @property
    def has_identity(self) -> bool:
        """Whether identity-based policies can speak for this caller at all."""
        return self.kind in {"root", "user", "role_session", "federated_user"}


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


def _names(subject: Subject) -> list[tuple[str, int]]:
    """All names of a caller, the most direct first."""
    if subject.kind == "anonymous":
        return []
    if subject.kind == "service":
        return [(service_key(subject.service_name or subject.arn), DIRECT)]
    if subject.kind == "identity_provider":
        return [(federated_key(subject.arn), DIRECT)]
    names: list[tuple[str, int]] = []
    root = root_arn(subject.partition, subject.account)
    if subject.kind != "root":
        names.append((subject.arn, DIRECT))
    if subject.kind == "user" and subject.unique_id:
        names.append((subject.unique_id, DIRECT))
    if subject.kind == "role_session" and subject.role_arn:
        names.append((subject.role_arn, ENTITY))
    if subject.kind == "federated_user" and subject.user_arn and subject.user_arn != root:
        names.append((subject.user_arn, ENTITY))
    if subject.kind in {"role_session", "federated_user"} and subject.unique_id:
        names.append((subject.unique_id, ENTITY))
    names += [(subject.account, ACCOUNT), (root, ACCOUNT)]
    if subject.canonical_user:
        names.append((canonical_key(subject.canonical_user), ACCOUNT))
    return names
