"""Every member of every request of every built operation is acted on, refused, or listed with its reason."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from casemate.app import SERVICES
from casemate.foundation.operation import Operation, Service
from casemate.gateway import models

ROOT = Path(__file__).parents[2] / "src" / "casemate" / "services"
BUILT = [
    pytest.param(service, operation, id=f"{service.name}-{operation.name}")
    for service in SERVICES
    for operation in service.operations
    if not operation.internal
]


def words_of(service: Service) -> set[str]:
    """Every string in the service's source, and every attribute name."""
    words: set[str] = set()
    for path in (ROOT / service.name).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
    return words


WORDS = {service.name: words_of(service) for service in SERVICES}


@pytest.mark.parametrize(("service", "operation"), BUILT)
def test_every_member_is_known_to_the_service(service: Service, operation: Operation) -> None:
    shape = models.load(service.model).operation(operation.name).input
    members = set(shape.members) if shape is not None else set()
    listed = set(service.ignored.get(operation.name, {}))
    unknown = members - WORDS[service.name] - listed
    assert not unknown, f"neither read nor listed: {sorted(unknown)}"
    assert listed <= members, f"listed, but no members: {sorted(listed - members)}"


def test_lists_name_only_what_is_built() -> None:
    for service in SERVICES:
        assert set(service.ignored) <= {operation.name for operation in service.operations}
