"""What KMS remembers of a custom key store."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from casemate.foundation.records import Collection, Index
from casemate.services.kms import quotas

Kind = Literal["AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"]
State = Literal["CONNECTED", "CONNECTING", "FAILED", "DISCONNECTED", "DISCONNECTING"]


class XksProxy(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a proxy is, and the credential that its calls are signed with; the secret is sealed."""

    endpoint: str
    path: str
    access_key_id: str
    sealed_secret: bytes
    connectivity: Literal["PUBLIC_ENDPOINT", "VPC_ENDPOINT_SERVICE"] = "PUBLIC_ENDPOINT"
    vpc_service: str = ""
    vpc_owner: str = ""


class Cluster(msgspec.Struct, frozen=True, omit_defaults=True):
    """A token that stands for a CloudHSM cluster, and its user's PIN, sealed."""

    id: str
    trust_anchor: str
    sealed_password: bytes


class CustomKeyStore(msgspec.Struct, frozen=True, omit_defaults=True):
    """A custom key store of an account in a region."""

    id: str
    account: str
    region: str
    name: str
    kind: Kind
    created: float
    state: State = "DISCONNECTED"
    error: str = ""
    """The ConnectionErrorCode while the state is FAILED."""
    proxy: XksProxy | None = None
    cluster: Cluster | None = None
    place: int | None = None
    """Its place among the stores of its account and region."""


def _claims(store: CustomKeyStore) -> list[str]:
    """What no two stores of an account and region may have in common."""
    claimed = [f"name/{store.name}"]
    if store.proxy is not None:
        claimed.append(f"uri/{store.proxy.endpoint}{store.proxy.path}")
        if store.proxy.vpc_service:
            claimed.append(f"host/{store.proxy.endpoint}")
            claimed.append(f"vpc/{store.proxy.vpc_service}")
    if store.cluster is not None:
        claimed.append(f"cluster/{store.cluster.id}")
    return claimed


STORES: Final = Collection(
    "kms.custom_stores",
    CustomKeyStore,
    erasable=True,
    indexes=[
        Index("claims", _claims, unique=True),
        Index(quotas.INDEX, lambda store: quotas.entry("stores", store.place), unique=True),
    ],
)
"""Scope is the account."""
