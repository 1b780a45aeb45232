"""The project's own laws, as lint rules over syntax trees. `make lint` runs them; tests/lint tries them."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "casemate"

WALL_CLOCK = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
SECRETS = re.compile(r"(^|_)(secret|secret_key|secret_access_key|signature|passphrase|password|mac|hmac)$")
SQL = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE TABLE|CREATE INDEX|PRAGMA|BEGIN IMMEDIATE|SAVEPOINT)\s")
NETWORK = {"socket", "http.client", "urllib.request", "asyncio.open_connection", "requests", "httpx", "aiohttp"}
PLACES_OF_NETWORK = (
    "foundation/http/",
    "foundation/outbound/",
    "foundation/children.py",
    "foundation/listening.py",
    "foundation/supervisor.py",
    "app.py",
    "edge/",
    "cli/control.py",
    "cli/doctor.py",
)
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
LONGEST_FUNCTION = 70
LONGEST_FILE = 600


class Violation(NamedTuple):
    """A place where a law is broken."""

    path: str
    line: int
    law: str
    what: str


Law = Callable[[str, ast.Module, str], Iterator[Violation]]


def wall_clock(path: str, tree: ast.Module, _source: str) -> Iterator[Violation]:
    """No wall clock outside foundation/clock: time is an argument."""
    if path == "foundation/clock.py":
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ".".join(_dotted(node.func)[-2:]) in WALL_CLOCK:
            yield Violation(path, node.lineno, "wall-clock", ast.unparse(node.func))


def secrets_compared(path: str, tree: ast.Module, _source: str) -> Iterator[Violation]:
    """No `==` on secrets: hmac.compare_digest."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare) or not any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
            continue
        sides = [node.left, *node.comparators]
        if any(isinstance(side, ast.Constant) for side in sides):
            continue
        for side in sides:
            name = _dotted(side)[-1:] or [""]
            if SECRETS.search(name[0]):
                yield Violation(path, node.lineno, "secret-compared", ast.unparse(node))
                break


def sql(path: str, tree: ast.Module, _source: str) -> Iterator[Violation]:
    """No SQL, and no database driver, outside the records' dialects."""
    if path.startswith("foundation/records/sqlite"):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value):
            yield Violation(path, node.lineno, "sql", node.value.strip()[:40])
    for name, line in _imports(tree):
        if name.split(".")[0] in {"sqlite3", "psycopg", "sqlalchemy"}:
            yield Violation(path, line, "sql", f"import {name}")


def between_services(path: str, tree: ast.Module, _source: str) -> Iterator[Violation]:
    """A service never imports another: it asks through context.call."""
    parts = path.split("/")
    if parts[0] != "services" or len(parts) < 3:
        return
    for name, line in _imports(tree):
        words = name.split(".")
        if words[:2] == ["casemate", "services"] and len(words) > 2 and words[2] != parts[1]:
            yield Violation(path, line, "between-services", name)


def hidden_imports(path: str, tree: ast.Module, _source: str) -> Iterator[Violation]:
    """No importlib outside app.py: the plan of the house could not see it."""
    if path == "app.py":
        return
    for name, line in _imports(tree):
        if name.split(".")[0] == "importlib" and not name.startswith("importlib.resources"):
            yield Violation(path, line, "hidden-import", name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _dotted(node.func) == ["__import__"]:
            yield Violation(path, node.lineno, "hidden-import", "__import__")


def network(path: str, tree: ast.Module, _source: str) -> Iterator[Violation]:
    """No network outside the places that own it."""
    if path.startswith(PLACES_OF_NETWORK):
        return
    for name, line in _imports(tree):
        if name in NETWORK:
            yield Violation(path, line, "network", name)


def environment(path: str, tree: ast.Module, _source: str) -> Iterator[Violation]:
    """Nobody but foundation/settings reads the environment."""
    if path == "foundation/settings.py":
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _dotted(node) in (["os", "environ"], ["os", "getenv"]):
            yield Violation(path, node.lineno, "environment", ast.unparse(node))


def unfinished(path: str, _tree: ast.Module, source: str) -> Iterator[Violation]:
    """Nothing is left for later in a comment."""
    for number, line in enumerate(source.splitlines(), 1):
        if UNFINISHED.search(line):
            yield Violation(path, number, "unfinished", line.strip()[:60])


def too_long(path: str, tree: ast.Module, source: str) -> Iterator[Violation]:
    """A function fits on a screen, a file is one room."""
    if path.startswith("contracts/shapes/"):
        return
    if source.count("\n") > LONGEST_FILE:
        yield Violation(path, 1, "too-long", f"{source.count(chr(10))} lines")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield Violation(path, node.lineno, "too-long", f"{node.name} has {length} lines")


LAWS: tuple[Law, ...] = (
    wall_clock,
    secrets_compared,
    sql,
    between_services,
    hidden_imports,
    network,
    environment,
    unfinished,
    too_long,
)


def check(path: str, source: str) -> list[Violation]:
    """Every violation in one file; `path` is relative to the package."""
    tree = ast.parse(source)
    return [violation for law in LAWS for violation in law(path, tree, source)]


def _dotted(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute):
        return [*_dotted(node.value), node.attr]
    return []


def _imports(tree: ast.Module) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


def main() -> int:
    found: list[Violation] = []
    for file in sorted(SOURCE.rglob("*.py")):
        found += check(file.relative_to(SOURCE).as_posix(), file.read_text("utf-8"))
    for path, line, law, what in found:
        print(f"src/casemate/{path}:{line}: {law}: {what}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
