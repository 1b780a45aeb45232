"""Identifiers in the forms AWS gives them (IAM User Guide, "IAM identifiers")."""

from __future__ import annotations

import base64
import os
from typing import NamedTuple

from casemate.foundation.random import uuid_of

_BASE32_BITS = 5
_ACCOUNT_MASK = 0x7FFFFFFFFF80
_ACCOUNT_SHIFT = 7
_NEW_GENERATION = 1 << 47


def new_uuid() -> str:
    """A random UUID in its usual form."""
    return uuid_of(os.urandom(16).hex())


def new_hex(characters: int) -> str:
    """That many random hexadecimal digits."""
    return os.urandom((characters + 1) // 2).hex()[:characters]


def new_unique_id(prefix: str) -> str:
    """A unique id such as AIDA…, 21 characters."""
    return prefix + base64.b32encode(os.urandom(11)).decode()[:17]


def new_access_key_id(prefix: str, account: str) -> str:
    """An access key id, 20 characters, from which the account can be read back."""
    random = int.from_bytes(os.urandom(5), "big")
    head = _NEW_GENERATION | int(account) << _ACCOUNT_SHIFT | random >> 33
    body = head.to_bytes(6, "big") + (random & 0xFFFFFFFF).to_bytes(4, "big")
    return prefix + base64.b32encode(body).decode()


def account_of_access_key(access_key_id: str) -> str | None:
    """The account that an access key id carries; None where it carries none."""
    try:
        body = base64.b32decode(access_key_id[4:20])
    except ValueError:
        return None
    if len(access_key_id) != 20 or len(body) != 10:
        return None
    head = int.from_bytes(body[:6], "big")
    if not head & _NEW_GENERATION:
        return None
    return f"{(head & _ACCOUNT_MASK) >> _ACCOUNT_SHIFT:012d}"


def new_secret_access_key() -> str:
    """A secret access key: 40 characters of base64, 30 random bytes."""
    return base64.b64encode(os.urandom(30)).decode()


class Arn(NamedTuple):
    """The six parts of an ARN; `resource` is all the rest."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"


def parse_arn(text: str) -> Arn | None:
    """The parts of an ARN, or None where the text is none."""
    parts = text.split(":", 5)
    if len(parts) != 6 or parts[0] != "arn" or not parts[1] or not parts[2] or not parts[5]:
        return None
    return Arn(*parts[1:])


_PARTITIONS = (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov"))


def partition_of(region: str) -> str:
    """The partition that a region belongs to."""
    for prefix, partition in _PARTITIONS:
        if region.startswith(prefix):
            return partition
    return "aws"
