"""Who is calling."""

from __future__ import annotations

from typing import Literal

import msgspec

CallerKind = Literal["root", "user", "role_session", "federated_user", "service", "anonymous"]


class Session(msgspec.Struct, frozen=True, omit_defaults=True):
    """What temporary credentials carry beside the identity that made them."""

    issued: float
    expires: float
    issuer_arn: str = ""
    """The user or role (or root) that the credentials stand for."""
    issuer_id: str = ""
    issuer_name: str = ""
    mfa: bool = False
    source_identity: str | None = None
    tags: tuple[tuple[str, str], ...] = ()
    transitive: tuple[str, ...] = ()
    policies: tuple[str, ...] | None = None
    """Inline session policies; None where none was given (a federated user without one has no rights)."""
    policy_arns: tuple[str, ...] = ()
    chained: bool = False


class Caller(msgspec.Struct, frozen=True, omit_defaults=True):
    """An authenticated identity.

    `arn` is the caller's own: of a role session the `assumed-role` ARN. `unique_id` is the user's or role's id
    (AIDA…, AROA…), `user_id` is what aws:userid says (for a role session `AROA…:session`).
    """

    kind: CallerKind
    account: str
    arn: str
    partition: str = "aws"
    user_id: str = ""
    unique_id: str = ""
    name: str = ""
    role_arn: str | None = None
    access_key_id: str = ""
    session: Session | None = None
    service: str | None = None
    service_linked: bool = False


ANONYMOUS = Caller(kind="anonymous", account="anonymous", arn="anonymous", user_id="anonymous")
