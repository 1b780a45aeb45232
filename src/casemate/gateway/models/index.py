"""What is enough to recognise the service and operation of any request, in one small file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

_INDEX = Path(__file__).parent / "data" / "index.json"


class Route(NamedTuple):
    """How one REST operation is addressed; several may share method and template."""

    operation: str
    method: str
    template: str
    """The model's requestUri: `/{Bucket}/{Key+}?uploads`."""
    required_query: tuple[str, ...]
    required_headers: tuple[str, ...]
    deprecated: bool


class ServiceEntry(msgspec.Struct, frozen=True):
    """One service in the index."""

    signing: str
    """The name that credential scopes carry."""
    prefix: str
    """The first label of the service's published host names."""
    version: str
    protocols: tuple[str, ...]
    target: str
    """What stands before the dot in X-Amz-Target; empty where the service has no JSON protocol."""
    operations: frozenset[str] = frozenset()
    routes: tuple[Route, ...] = ()


class Index(msgspec.Struct, frozen=True):
    """Every recognised service by its model name."""

    botocore: str
    """The version of the botocore that the models were made from."""
    services: dict[str, ServiceEntry]


@cache
def index() -> Index:
    """The index, read once a process (about 2 ms)."""
    return msgspec.json.decode(_INDEX.read_bytes(), type=Index)
