"""What the tests of IAM share: the administrator's client, and a way to say what must be refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def iam(server: Any) -> Any:
    return server.client("iam")


@pytest.fixture
def trusting(server: Any) -> Callable[..., str]:
    """A trust policy: `trusting(arn, …)`."""

    def make(*arns: str) -> str:
        principal = arns[0] if len(arns) == 1 else list(arns)
        return str(server.document({"Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}))

    return make
