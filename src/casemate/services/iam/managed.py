"""AWS managed policies, as AWS publishes them: data/managed_policies.zip, made by scripts/build_managed_policies.py.

Each policy's default version is kept. Ids are made from the names: AWS's own are not published.
"""

from __future__ import annotations

import base64
import hashlib
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

_SERVICE_ROLES: Final = "/aws-service-role/"
_KEPT_PARTS: Final = 4
_DATA: Final = Path(__file__).parent / "data" / "managed_policies.zip"


class PublishedPolicy(NamedTuple):
    """An AWS managed policy; `key` is its path and name as in its ARN behind `policy/`."""

    key: str
    version: str
    created: float
    updated: float
    part: int

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]

    @property
    def path(self) -> str:
        return "/" + self.key[: len(self.key) - len(self.name)]

    @property
    def id(self) -> str:
        return "ANPA" + base64.b32encode(hashlib.sha256(self.name.encode()).digest()).decode()[:17]

    @property
    def for_services_only(self) -> bool:
        """Whether only service-linked roles may have it."""
        return self.path.startswith(_SERVICE_ROLES)

    @property
    def document(self) -> str:
        return bytes(_documents(self.part)[self.key]).decode()

    def arn(self, partition: str) -> str:
        return f"arn:{partition}:iam::aws:policy/{self.key}"


def published(arn: str) -> PublishedPolicy | None:
    """The AWS managed policy with that ARN, in any partition; None where there is none."""
    head, _, key = arn.partition("::aws:policy/")
    return everything().get(key) if head.startswith("arn:aws") and head.endswith(":iam") else None


def document(arn: str) -> str | None:
    """The document of an AWS managed policy's default version; None for an ARN that is none."""
    policy = published(arn)
    return policy.document if policy else None


@lru_cache(maxsize=1)
def everything() -> dict[str, PublishedPolicy]:
    """All AWS managed policies by key, in order."""
    index = msgspec.json.decode(_member("index.json"), type=dict[str, tuple[str, int, int, int]])
    return {key: PublishedPolicy(key, *facts) for key, facts in sorted(index.items())}


@lru_cache(maxsize=_KEPT_PARTS)
def _documents(part: int) -> dict[str, msgspec.Raw]:
    return msgspec.json.decode(_member(f"documents/{part}.json"), type=dict[str, msgspec.Raw])


def _member(name: str) -> bytes:
    with zipfile.ZipFile(_DATA) as archive:
        return archive.read(name)
