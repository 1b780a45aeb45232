"""Every member of every request of every built operation is acted on, refused, or listed with its reason.

For each operation this follows its own functions (`run` and `authorize`) and whatever of its service they call, and
gathers the names that are read there: subscripts, `get`, `in`, names passed on to other functions, and tables of names.
What is only written (members of answers), only kept for the audit, or only known to condition keys does not count.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import FunctionType, MethodType, ModuleType
from typing import Any

import pytest

from casemate.app import SERVICES
from casemate.foundation.operation import Operation, Service
from casemate.gateway import models

OURS = "casemate.services."
NOT_FOLLOWED = re.compile(
    r"casemate\.services\.(kms\.(conditions|request_quotas)|\w+\.(errors|audit|records|metadata))\Z"
)
"""Modules that read members of any request to describe or to count it, or that read none."""
REFUSED = {
    ("ram", "CreateResourceShare", "permissionTemplateParameters"),
    ("ram", "CreateResourceShare", "resourceShareConfiguration"),
    ("ram", "GetPermission", "permissionTemplateParameters"),
    ("sts", "AssumeRole", "ProvidedContexts"),
}
"""Members that are refused whatever is in them."""
SECURITY = re.compile(
    r"policy|principal|token|permission|grant|encrypt|secret|credential|mfa|tag|condition|constraint|boundary|dryrun"
    r"|bypass|role|serial|session|duration|external|algorithm|key",
    re.IGNORECASE,
)
BUILT = [
    pytest.param(service, operation, id=f"{service.name}-{operation.name}")
    for service in SERVICES
    for operation in service.operations
    if not operation.internal
]


@cache
def functions_of(path: str) -> dict[int, ast.AST]:
    """The functions and lambdas of a file, by the line on which they begin, decorators included."""
    found: dict[int, ast.AST] = {}
    for node in ast.walk(ast.parse(Path(path).read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            lines = [each.lineno for each in getattr(node, "decorator_list", [])]
            found.setdefault(min([node.lineno, *lines]), node)
    return found


def body_of(function: FunctionType) -> list[ast.AST]:
    node = functions_of(function.__code__.co_filename)[function.__code__.co_firstlineno]
    body: Any = node.body  # type: ignore[attr-defined] # of a function a list, of a lambda an expression
    return body if isinstance(body, list) else [body]


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def texts(node: ast.AST) -> Iterator[str]:
    """The string constants of an expression that are no keys of a dict."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for each in node.elts:
            yield from texts(each)


def read_in(node: ast.AST) -> Iterator[str]:
    """The names that one node reads: not what its children read."""
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        yield from texts(node.slice)
    elif isinstance(node, ast.Call):
        for each in (*node.args, *(word.value for word in node.keywords)):
            yield from texts(each)
    elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
        yield from texts(node.left)
    elif isinstance(node, ast.For | ast.comprehension):
        yield from texts(node.iter)
    elif isinstance(node, ast.BinOp | ast.BoolOp):
        for child in ast.iter_child_nodes(node):
            yield from texts(child)


def words_in(value: Any, depth: int = 3) -> Iterator[str]:
    """The strings of a table of names."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict) and depth:
        for pair in value.items():
            for each in pair:
                yield from words_in(each, depth - 1)
    elif isinstance(value, tuple | list | set | frozenset) and depth:
        for each in value:
            yield from words_in(each, depth - 1)


class Readings:
    """What is read on the way of one operation."""

    def __init__(self, service: Service) -> None:
        self.words: set[str] = set()
        self._service = service
        self._seen: set[Any] = set()

    def of(self, operation: Operation) -> set[str]:
        self.follow(operation.run)
        self.follow(operation.authorize)
        return self.words

    def follow(self, value: Any) -> None:
        if isinstance(value, Operation):
            self.of(value)
        elif isinstance(value, MethodType):
            self.follow(value.__func__)
        elif hasattr(value, "__wrapped__"):
            self.follow(value.__wrapped__)
        elif isinstance(value, FunctionType):
            self._follow_function(value)
        elif isinstance(value, type) and value.__module__.startswith(OURS):
            for each in vars(value).values():
                self.follow(each.fget if isinstance(each, property) else each)
        elif type(value).__module__.startswith(OURS):
            self._follow_object(value)
        else:
            self._note(value)

    def _follow_object(self, value: Any) -> None:
        """A table's entry, or an object that is called: what it holds, and what its class does."""
        self.follow(type(value))
        cls = type(value)
        names = getattr(cls, "__struct_fields__", None) or getattr(cls, "_fields", None)
        for name in names or getattr(cls, "__slots__", None) or getattr(value, "__dict__", None) or ():
            held = getattr(value, name, None)
            if isinstance(held, FunctionType):
                self.follow(held)
            else:
                self._note(held)

    def _note(self, value: Any) -> None:
        self.words.update(words_in(value))
        if isinstance(value, dict):
            for each in value.values():
                if isinstance(each, FunctionType):
                    self.follow(each)

    def _follow_function(self, function: FunctionType) -> None:
        if function in self._seen or not function.__module__.startswith(OURS):
            return
        self._seen.add(function)
        for cell in function.__closure__ or ():
            self.follow(cell.cell_contents)
        if NOT_FOLLOWED.match(function.__module__) or not Path(function.__code__.co_filename).is_file():
            return  # what dataclasses and structs make for themselves has no file
        for value in (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()):
            self._note(value)
        for statement in body_of(function):
            for node in ast.walk(statement):
                self.words.update(read_in(node))
                self._follow_node(function, node)

    def _follow_node(self, function: FunctionType, node: ast.AST) -> None:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if node.id in function.__globals__:
                self.follow(function.__globals__[node.id])
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = function.__globals__.get(node.value.id)
            if isinstance(module, ModuleType) and module.__name__.startswith(OURS):
                self.follow(getattr(module, node.attr, None))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(OURS):
            for name in node.names:
                self.follow(getattr(sys.modules.get(node.module or ""), name.name, None))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "call":
            self._follow_call(node)

    def _follow_call(self, node: ast.Call) -> None:
        """`context.call(service, operation, …)` within the service."""
        named = [each.value for each in node.args[:2] if isinstance(each, ast.Constant)]
        for each in self._service.operations:
            if [self._service.name, each.name] == named:
                self.of(each)


def members_of(shape: Any, whole: frozenset[str] = frozenset(), seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The members of a shape and of what is in it, but for what is in members that are taken as a whole."""
    if shape is None or shape.name in seen:
        return
    seen |= {shape.name}
    if shape.type == "structure":
        for name, member in shape.members.items():
            yield name
            if name not in whole:
                yield from members_of(member.shape, whole, seen)
    elif shape.type == "list":
        yield from members_of(shape.element.shape, whole, seen)


@pytest.mark.parametrize(("service", "operation"), BUILT)
def test_every_member_is_read_on_the_operations_own_way(service: Service, operation: Operation) -> None:
    shape = models.load(service.model).operation(operation.name).input
    whole = frozenset(member for *of, member in REFUSED if of == [service.name, operation.name])
    members = set(members_of(shape, whole))
    listed = set(service.ignored.get(operation.name, {}))
    unread = members - Readings(service).of(operation) - listed
    assert not unread, f"neither read nor listed: {sorted(unread)}"
    assert listed <= members, f"listed, but no members: {sorted(listed - members)}"


def test_lists_name_only_what_is_built_and_nothing_that_security_hangs_on() -> None:
    for service in SERVICES:
        assert set(service.ignored) <= {operation.name for operation in service.operations}
        for operation, members in service.ignored.items():
            assert not [each for each in members if SECURITY.search(each)], operation
            assert all(members.values()), operation


def test_what_is_only_answered_kept_for_the_audit_or_known_to_conditions_is_not_taken_for_read() -> None:
    kms = next(service for service in SERVICES if service.name == "kms")
    read = {each.name: Readings(kms).of(each) for each in kms.operations}
    assert {"KeyId", "Plaintext", "EncryptionContext", "DryRun", "GrantTokens"} <= read["Encrypt"]
    assert {"CiphertextBlob", "KeyMaterialId", "MessageType", "Policy", "Tags", "ValidTo"}.isdisjoint(read["Encrypt"])
    assert {"TagKey", "TagValue"} <= read["TagResource"]
    assert {"TagKey", "TagKeys", "Description"}.isdisjoint(read["ScheduleKeyDeletion"])
    assert "WrappingAlgorithm" not in read["ImportKeyMaterial"]
