"""AWS managed policies: their documents, as AWS publishes them."""

from __future__ import annotations

from typing import Final

_ADMINISTRATOR: Final = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_DOCUMENTS: Final = {"AdministratorAccess": _ADMINISTRATOR}


def document(arn: str) -> str | None:
    """The document of an AWS managed policy's default version; None for an ARN that is none."""
    return _DOCUMENTS.get(arn.partition(":policy/")[2])
