"""What the tests of IAM share: the administrator's client, and a way to say what must be refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

Refused = Callable[..., AbstractContextManager[None]]


@pytest.fixture
def iam(server: Any) -> Any:
    return server.client("iam")


@pytest.fixture
def refused() -> Refused:
    """`with refused(code, text, status=…)`: what happens inside must be refused so."""

    @contextmanager
    def refusing(code: str, text: str | None = None, *, status: int | None = None) -> Iterator[None]:
        with pytest.raises(ClientError) as caught:
            yield
        error = caught.value.response["Error"]
        assert error["Code"] == code, error
        if text is not None:
            assert error["Message"] == text
        if status is not None:
            assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status

    return refusing


@pytest.fixture
def trusting(server: Any) -> Callable[..., str]:
    """A trust policy: `trusting(arn, …)`."""

    def make(*arns: str) -> str:
        principal = arns[0] if len(arns) == 1 else list(arns)
        return str(server.document({"Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}))

    return make
