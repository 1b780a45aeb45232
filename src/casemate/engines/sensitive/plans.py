"""What to look for, compiled once: managed identifiers by choice, custom identifiers, allow lists."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from casemate.engines.sensitive.allow import Allowed, AllowList
from casemate.engines.sensitive.bounds import Bounds
from casemate.engines.sensitive.catalogue import Category, managed_identifiers
from casemate.engines.sensitive.contest import Contest
from casemate.engines.sensitive.custom import CustomIdentifier, CustomMatcher, check
from casemate.engines.sensitive.errors import UnknownIdentifier
from casemate.engines.sensitive.keywords import name_bytes
from casemate.engines.sensitive.matching import Matcher
from casemate.engines.sensitive.passes import Hit, HyperscanPass, Kind, Pass, available, build
from casemate.engines.sensitive.rules import compile_rule
from casemate.engines.sensitive.settling import Settled

Selector = Literal["ALL", "RECOMMENDED", "INCLUDE", "EXCLUDE", "NONE"]
"""As `managedDataIdentifierSelector` of CreateClassificationJob."""

LEARNED: Final = ("NAME", "ADDRESS")
"""Identifiers without patterns: machine learning finds them."""

_MOST_NAMES: Final = 20_000
_PLANS_KEPT: Final = 16


class Choice(msgspec.Struct, frozen=True):
    """Everything that a plan depends on."""

    ids: tuple[str, ...]
    custom: tuple[CustomIdentifier, ...] = ()
    allow: tuple[AllowList, ...] = ()
    engine: Kind = "hyperscan"


def select(selector: Selector, ids: Iterable[str] = ()) -> tuple[str, ...]:
    """Ids of managed identifiers, in order. Raises UnknownIdentifier for an id that there is not."""
    known = managed_identifiers()
    named = set(ids)
    for unknown in sorted(named - known.keys()):
        raise UnknownIdentifier(f"{unknown!r} is no managed data identifier; the documentation lists all {len(known)}")
    if selector == "NONE":
        return ()
    if selector == "INCLUDE":
        return tuple(sorted(named))
    if selector == "RECOMMENDED":
        return tuple(each.id for each in known.values() if each.recommended or each.id in named)
    return tuple(each for each in known if selector == "ALL" or each not in named)


class Plan:
    """A compiled choice.

    It can be sent to another process, with its compiled patterns. Threads that scan at the same time need one each.
    """

    def __init__(self, choice: Choice, serialized: bytes | None = None, cache: Path | None = None) -> None:
        self.choice = choice
        self._cache = cache
        known = managed_identifiers()
        rules = [compile_rule(known[each]) for each in choice.ids if each not in LEARNED]
        self.matcher = Matcher(rules)
        self._contest = Contest(self.matcher, self._everything) if len(rules) + len(LEARNED) < len(known) else None
        self.custom = tuple(CustomMatcher(each) for each in choice.custom)
        self.allowed = Allowed(choice.allow)
        self.names = "NAME" in choice.ids
        self.addresses = "ADDRESS" in choice.ids
        self._pass: Pass | None = None
        if self.matcher.patterns:
            self._pass = build(self.matcher.patterns, choice.engine, serialized)
        self._named: dict[str, frozenset[int]] = {}

    def __reduce__(self) -> tuple[type[Plan], tuple[Choice, bytes | None, Path | None]]:
        return Plan, (self.choice, self.serialized(), self._cache)

    def _everything(self) -> Plan:
        """All managed identifiers that have patterns, without what else was asked for; shared."""
        ids = [each for each in managed_identifiers() if each not in LEARNED]
        return compile_plan(ids, engine=self.choice.engine, cache=self._cache)

    def serialized(self) -> bytes | None:
        """The compiled patterns of the first pass, or None where they need no compiling."""
        return self._pass.serialized() if isinstance(self._pass, HyperscanPass) else None

    def hits(self, data: bytes) -> list[Hit]:
        """The first pass over some bytes; of a keyword, ends count one byte behind it."""
        if self._pass is None:
            return []
        return self._pass.hits(data)

    def text(self, data: bytes) -> Settled:
        """What stands in running text, in the order of its places."""
        found = self.matcher.text(data, self.hits(data))
        return found if self._contest is None else self._contest.in_text(data, found)

    def values(
        self,
        data: bytes,
        hits: Sequence[Hit],
        bounds: Bounds,
        *,
        named: frozenset[int] = frozenset(),
        name: str = "",
    ) -> Settled:
        """What stands in values: `bounds` are where each begins and ends, in order, not touching.

        `hits` are those of the data; `named` are the rules whose keyword is in `name`, the name of all these values'
        column or field.
        """
        found = self.matcher.values(data, hits, bounds, named=named, context=name.encode("utf-8", "replace"))
        return found if self._contest is None else self._contest.in_values(data, bounds, found, name)

    def named(self, name: str) -> frozenset[int]:
        """Rules whose keyword is in this name of a column or field; remembered."""
        known = self._named.get(name)
        if known is None:
            if len(self._named) >= _MOST_NAMES:
                self._named.clear()
            data = name_bytes(name)
            known = self._named[name] = self.matcher.named(data, self.hits(data))
        return known

    def key(self, number: int) -> str:
        """The id of a rule."""
        return self.matcher.rules[number].identifier.id

    def severity(self, key: str, count: int) -> str:
        """The severity of this many occurrences of a managed identifier."""
        levels = managed_identifiers()[key].severity
        return levels[0 if count == 1 else 1 if count < 100 else 2]

    def category(self, key: str) -> Category:
        return managed_identifiers()[key].category


@functools.lru_cache(maxsize=_PLANS_KEPT)
def _compiled(choice: Choice, cache: Path | None) -> Plan:
    if cache is None or choice.engine != "hyperscan":
        return Plan(choice)
    return _from_cache(choice, cache)


def compile_plan(
    ids: Iterable[str],
    *,
    custom: Iterable[CustomIdentifier] = (),
    allow: Iterable[AllowList] = (),
    engine: Kind | None = None,
    cache: Path | None = None,
) -> Plan:
    """A plan for these managed identifiers (see `select`), custom identifiers and allow lists; equal choices share one.

    `cache` is a folder of one's own in which compiled patterns are kept: compiling takes seconds, reading them
    milliseconds. Raises UnknownIdentifier, InvalidIdentifier.
    """
    chosen = select("INCLUDE", ids)
    customs = tuple(custom)
    for each in customs:
        check(each)
    return _compiled(Choice(chosen, customs, tuple(allow), engine or available()), cache)


def _from_cache(choice: Choice, cache: Path) -> Plan:
    """A plan whose compiled patterns are read from the cache, or written there."""
    import hyperscan  # noqa: PLC0415 - heavy: only a plan for it needs it

    known = managed_identifiers()
    patterns = Matcher([compile_rule(known[each]) for each in choice.ids if each not in LEARNED]).patterns
    digest = hashlib.sha256(
        str(getattr(hyperscan, "__version__", "")).encode() + _processor() + b"\0".join(patterns)
    ).hexdigest()
    path = cache / f"patterns-{digest[:40]}.db"
    try:
        return Plan(choice, path.read_bytes(), cache)
    except (OSError, hyperscan.HyperscanError):
        plan = Plan(choice, cache=cache)
    serialized = plan.serialized()
    if serialized is not None:
        try:
            cache.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial = path.with_suffix(f".{id(plan):x}")
            partial.write_bytes(serialized)
            partial.replace(path)
        except OSError:
            return plan
    return plan


def _processor() -> bytes:
    """What compiled patterns depend on of the machine."""
    try:
        for line in Path("/proc/cpuinfo").read_text("ascii", "replace").splitlines():
            if line.startswith(("flags", "Features")):
                return line.encode()
    except OSError:
        pass
    return b""
