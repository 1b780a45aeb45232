"""Managed rules compiled: each field and normaliser scanned once a request, for all rules of all groups.

The values of a field are normalised and scanned together, joined by line feeds, in one pass. Nothing found (the usual
case) ends it there. Otherwise each view is scanned by itself, to know which rule matched and where, and detectors run
on the views whose prefilter was found. Patterns are compiled with ^ and $ matching at line feeds, so that the joined
scan finds whatever a scan of each view would find.

Header values, paths, cookies and names repeat from one request to the next. What was found clean once is remembered, by
content and bounded, and not looked at again: a verdict on a value depends on nothing but the value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from casemate.engines.web.errors import ManagedRuleFormat
from casemate.engines.web.inspection import COMPARE, Doubt, Evidence
from casemate.engines.web.managed import fields
from casemate.engines.web.patterns import Pattern, PatternSet, PatternSyntaxError

if TYPE_CHECKING:
    from casemate.engines.web.detectors import Detector
    from casemate.engines.web.detectors import Evidence as Said
    from casemate.engines.web.inspection import Inspection
    from casemate.engines.web.managed.catalogue import ManagedGroup
    from casemate.engines.web.managed.schema import Inspect, ManagedRule
    from casemate.engines.web.patterns import PatternCache

Normalizer = Callable[[bytes], tuple[bytes, ...]]
RuleKey = tuple[str, str]
Hits = Mapping[str, Mapping[str, "Found"]]
"""What the units of a plan found: by group, then by rule."""

MOST_VALUES: Final = 256
"""Values of a field that are normalised one by one; those beyond them are looked at as one."""
MOST_DETECTIONS: Final = 96
"""Views one detector looks at in a field of a request; the views beyond them are looked at as one."""
LARGEST_REMAINDER: Final = 16_384
TOGETHER: Final = b"\x1e"
"""Between values that are looked at as one: the record separator means nothing to any interpreter."""
LARGE_VIEW: Final = 1_024
"""Octets from which a view is scanned by itself, once for all units, rather than joined with others."""
MOST_CLEAN: Final = 1_024
LONGEST_CLEAN: Final = 256
"""Values remembered as clean in each unit, and the bytes of the longest: some 8 MB at most in all."""


class Check(NamedTuple):
    """One inspection of a rule in one unit: pattern numbers of that unit's set, and detectors with their gates."""

    rule: RuleKey
    number: int
    any_of: frozenset[int]
    all_of: frozenset[int]
    unless: frozenset[int]
    detectors: tuple[tuple[int, Detector], ...]
    labels: tuple[str, ...]


class Found(NamedTuple):
    """Why a managed rule matched, and the labels of the inspection that did."""

    evidence: Evidence
    labels: tuple[str, ...]


class ScanUnit:
    """A field after a normaliser, with every pattern that any group looks for there."""

    __slots__ = ("checks", "clean", "field", "key", "normalize", "normalizer", "patterns", "read", "set", "triggers")

    def __init__(self, field: str, normalizer: str, normalize: Normalizer, patterns: dict[Pattern, int]) -> None:
        self.field = field
        self.normalizer = normalizer
        self.key = (field, normalizer)
        self.read = fields.reader(field)
        self.normalize = normalize
        self.patterns = patterns
        self.checks: list[Check] = []
        self.triggers: dict[int, tuple[Check, ...]] = {}
        self.set: PatternSet | None = None
        self.clean: set[bytes] = set()

    def number(self, expression: str, flags: Iterable[str]) -> int:
        """The number of a pattern in this unit's set."""
        pattern = Pattern(expression, caseless="caseless" in flags, dotall="dotall" in flags, multiline=True)
        return self.patterns.setdefault(pattern, len(self.patterns))

    def seal(self, cache: PatternCache) -> None:
        """Compile the set and say which checks a pattern can start. Raises ManagedRuleFormat for a bad pattern."""
        try:
            self.set = cache.compiled(list(self.patterns))
        except PatternSyntaxError as error:
            pattern = list(self.patterns)[error.index].expression
            raise ManagedRuleFormat(f"field {self.field}: pattern '{pattern}': {error.reason}") from None
        triggers: dict[int, list[Check]] = {}
        for check in self.checks:
            starts = set(check.any_of) | {gate for gate, _ in check.detectors}
            for start in starts or check.all_of:
                triggers.setdefault(start, []).append(check)
        self.triggers = {start: tuple(checks) for start, checks in triggers.items()}

    def look(self, request: Inspection) -> Look | None:
        """The views of the field's values that aren't known to be clean; None when there are none."""
        values = self.read(request)
        if not values:
            return None
        clean = self.clean
        fresh = [(index, value) for index, value in enumerate(values) if value not in clean]
        if not fresh:
            return None
        if len(fresh) > MOST_VALUES:
            rest = TOGETHER.join([value for _, value in fresh[MOST_VALUES:]])
            fresh[MOST_VALUES:] = [(fresh[MOST_VALUES][0], rest[:LARGEST_REMAINDER])]
        normalize = self.normalize
        known = request.views.setdefault(self.normalizer, {})
        views: dict[bytes, int] = {}
        for index, value in fresh:
            made = known.get(value)
            if made is None:
                made = known[value] = normalize(value)
            for view in made:
                views.setdefault(view, index)
        return Look(self, [value for _, value in fresh], views)

    def found(self, request: Inspection, views: Mapping[bytes, int]) -> dict[RuleKey, Found]:
        """Which rules match in these views; the first evidence of each."""
        assert self.set is not None
        known = request.scanned.setdefault(id(self.set), {})
        if self.triggers.keys().isdisjoint(occurring(self.set, [views], known)):
            return {}
        return self._confirm(request, views, self.set.scan, known)

    def remember(self, look: Look) -> None:
        """These values are clean."""
        # Of many views some are looked at as one, which says nothing of each.
        if len(look.views) <= MOST_DETECTIONS:
            if len(self.clean) >= MOST_CLEAN:
                self.clean.clear()
            self.clean.update([value for value in look.values if len(value) <= LONGEST_CLEAN])

    def _confirm(
        self,
        request: Inspection,
        views: Mapping[bytes, int],
        scan: Callable[[bytes], list[tuple[int, int]]],
        known: dict[bytes, dict[int, int]],
    ) -> dict[RuleKey, Found]:
        found: dict[RuleKey, Found] = {}
        spent: dict[str, int] = {}
        remainder: dict[Check, list[bytes]] = {}
        for view, index in views.items():
            ends = known.get(view)
            if ends is None:
                ends = known[view] = dict(scan(view))
            if not ends:
                continue
            possible = {id(check): check for number in ends for check in self.triggers.get(number, ())}
            for check in possible.values():
                if check.rule not in found:
                    evidence = self._decide(request, check, view, index, ends, spent, remainder)
                    if evidence is not None:
                        found[check.rule] = Found(evidence, check.labels)
        for check, rest in remainder.items():
            if check.rule not in found:
                joined = TOGETHER.join(rest)[:LARGEST_REMAINDER]
                for _, detector in check.detectors:
                    said = detector(joined)
                    if said is not None:
                        found[check.rule] = Found(
                            self._evidence(request, check, said.excerpt, -1, said.reason), check.labels
                        )
                        break
        return found

    def _decide(  # noqa: PLR0917 - the parts of one decision, on a hot path
        self,
        request: Inspection,
        check: Check,
        view: bytes,
        index: int,
        ends: Mapping[int, int],
        spent: dict[str, int],
        remainder: dict[Check, list[bytes]],
    ) -> Evidence | None:
        if any(number in ends for number in check.unless):
            return None
        if not check.all_of <= ends.keys():
            return None
        for number in check.any_of:
            end = ends.get(number)
            if end is not None:
                return self._evidence(request, check, view[max(0, end - 128) : end], index, "")
        for gate, detector in check.detectors:
            if gate not in ends:
                continue
            calls = spent[detector.name] = spent.get(detector.name, 0) + 1
            if calls > MOST_DETECTIONS:
                remainder.setdefault(check, []).append(view)
                continue
            said = detector(view)
            if said is not None:
                evidence = self._judged(request, check, view, said, index)
                if evidence is not None:
                    return evidence
        if check.all_of and not check.any_of and not check.detectors:
            end = max(ends[number] for number in check.all_of)
            return self._evidence(request, check, view[max(0, end - 128) : end], index, "")
        return None

    def _judged(self, request: Inspection, check: Check, view: bytes, said: Said, index: int) -> Evidence | None:
        """The evidence of a detector; None when the scorer releases what stands in a text."""
        from casemate.engines.web.scorer import doubt, score  # noqa: PLC0415 - only managed rules need it

        detail = said.reason
        place = doubt(said.detector, said.reason, view, said.excerpt, request.body_values.names)
        if place is not None and request.scorer:
            given = score(said.detector, said.reason, place, self.field)
            if given.released:
                request.released += 1
                return None
            detail = f"{said.reason}; {given}"
        evidence = self._evidence(request, check, said.excerpt, index, detail)
        if place is not None:
            evidence.doubt = Doubt(said.detector, said.reason, place)
        return evidence

    def _evidence(self, request: Inspection, check: Check, matched: bytes, index: int, reason: str) -> Evidence:
        location = fields.location(self.field, request, index) if index >= 0 else ""
        condition = "SQL_INJECTION" if any(d.name.startswith("sqli") for _, d in check.detectors) and reason else ""
        condition = condition or ("XSS" if any(d.name == "xss" for _, d in check.detectors) and reason else "REGEX")
        path = f"inspect[{check.number}]/{self.normalizer}"
        return Evidence(path, condition, self.field, location, matched, reason)


class DirectCheck(NamedTuple):
    """An inspection that needs no scan: a size, an absent header, a list of addresses."""

    rule: RuleKey
    number: int
    inspect: Inspect
    sizes: tuple[tuple[str, Callable[[Inspection], int]], ...]
    header: bytes

    def matches(self, request: Inspection, lists: Mapping[str, Any]) -> Evidence | None:
        """Evidence when it holds."""
        inspect = self.inspect
        path = ("inspect[%d]", self.number)
        if inspect.size is not None:
            compare, limit = COMPARE[inspect.size.comparison], inspect.size.bytes
            for field, measure in self.sizes:
                size = measure(request)
                if compare(size, limit):
                    detail = f"{size} bytes {inspect.size.comparison} {limit}"
                    return Evidence(path[0] % path[1], "SIZE", field, "", b"", detail)
        elif inspect.absent is not None:
            values = request.headers.get(self.header)
            if values is None or (inspect.absent.empty and not any(value.strip() for value in values)):
                field = "header:" + inspect.absent.header
                return Evidence(path[0] % path[1], "ABSENT", field, "", b"", "the header is missing")
        elif inspect.addresses is not None:
            listed = lists.get(inspect.addresses.list)
            if listed is not None and request.address is not None and request.address in listed:
                where = f"in the operator's list '{inspect.addresses.list}'"
                return Evidence(path[0] % path[1], "ADDRESS", "ip", "", request.view.client_ip.encode(), where)
        return None


class CompiledGroup(NamedTuple):
    """A managed group ready to run: its rules in order, the units they need, the checks that need no scan."""

    group: ManagedGroup
    rules: tuple[ManagedRule, ...]
    units: tuple[ScanUnit, ...]
    direct: tuple[DirectCheck, ...]
    units_before: Mapping[str, tuple[ScanUnit, ...]]
    """For each rule, the units that the rules before it need."""

    def direct_matches(self, request: Inspection, lists: Mapping[str, Any]) -> dict[str, Found]:
        """The rules whose checks need no scan and hold, by name."""
        found: dict[str, Found] = {}
        for check in self.direct:
            evidence = check.matches(request, lists)
            if evidence is not None:
                found.setdefault(check.rule[1], Found(evidence, check.inspect.labels))
        return found


class Look(NamedTuple):
    """What of a unit's field is to be looked at: values as they came, and their views with the index of the value."""

    unit: ScanUnit
    values: list[bytes]
    views: dict[bytes, int]


def occurring(
    patterns: PatternSet, all_views: Sequence[Mapping[bytes, int]], known: dict[bytes, dict[int, int]]
) -> set[int]:
    """The patterns that occur in any view: large views scanned once each and remembered in `known`, others joined."""
    joined = b"\n".join([view for views in all_views for view in views])
    if len(joined) < LARGE_VIEW:
        return {number for number, _ in patterns.scan(joined)}
    seen: set[int] = set()
    small: list[bytes] = []
    for views in all_views:
        for view in views:
            if len(view) < LARGE_VIEW:
                small.append(view)
                continue
            ends = known.get(view)
            if ends is None:
                ends = known[view] = dict(patterns.scan(view))
            seen.update(ends)
    if small:
        seen.update([number for number, _ in patterns.scan(b"\n".join(small))])
    return seen


def scan_units(units: Iterable[ScanUnit], request: Inspection) -> Hits:
    """Every unit scanned: by group, which rules match and why.

    Units that share a set are scanned together first: of an ordinary request that one pass finds nothing.
    """
    together: dict[PatternSet, list[Look]] = {}
    for unit in units:
        look = unit.look(request)
        if look is not None and unit.set is not None:
            together.setdefault(unit.set, []).append(look)
    found: dict[str, dict[str, Found]] = {}
    for patterns, looks in together.items():
        seen = None
        if len(looks) > 1:
            known = request.scanned.setdefault(id(patterns), {})
            seen = occurring(patterns, [look.views for look in looks], known)
        for look in looks:
            unit = look.unit
            released = request.released
            hits = {} if seen is not None and seen.isdisjoint(unit.triggers) else unit.found(request, look.views)
            # What only the scorer has released is not clean: another evaluation may do without it.
            if not hits and request.released == released:
                unit.remember(look)
            for (group, rule), hit in hits.items():
                found.setdefault(group, {}).setdefault(rule, hit)
    return found


def compile_groups(groups: Sequence[ManagedGroup], cache: PatternCache) -> dict[str, CompiledGroup]:
    """Every group, sharing units. Raises ManagedRuleFormat for a rule that can't be compiled."""
    from casemate.engines.web.detectors import detectors  # noqa: PLC0415 - tables that only managed rules need
    from casemate.engines.web.detectors.sieve import SIEVE  # noqa: PLC0415 - see above
    from casemate.engines.web.normalize import normalizers  # noqa: PLC0415 - see above
    from casemate.engines.web.scorer import cues  # noqa: F401, PLC0415 - its expressions are armed with the others

    rules = [rule for group in groups for rule in group.rules]
    builder = _Builder(normalizers(), detectors(), rules)
    for rule in rules:
        builder.add(rule)
    for unit in builder.units.values():
        unit.seal(cache)
    if any(inspect.detectors for rule in rules for inspect in rule.inspect):
        SIEVE.arm(cache)
    return {group.name: builder.group(group) for group in groups}


class _Builder:
    """Units that have detectors share one set: the gates are large, and compiling them once takes seconds."""

    def __init__(
        self, normalizers: Mapping[str, Normalizer], detectors: Mapping[str, Detector], rules: Sequence[ManagedRule]
    ) -> None:
        self._normalizers = normalizers
        self._detectors = detectors
        self._shared: dict[Pattern, int] = {}
        self._gated = frozenset(
            (field, name)
            for rule in rules
            for inspect in rule.inspect
            if inspect.detectors
            for field in inspect.fields
            for name in inspect.normalize
        )
        self.units: dict[tuple[str, str], ScanUnit] = {}
        self._direct: dict[str, list[DirectCheck]] = {}

    def add(self, rule: ManagedRule) -> None:
        """Take a rule's inspections into the units."""
        key = (rule.group, rule.name)
        for number, inspect in enumerate(rule.inspect):
            if inspect.size or inspect.absent or inspect.addresses:
                sizes = tuple((field, fields.measure(field)) for field in inspect.fields) if inspect.size else ()
                header = inspect.absent.header.lower().encode() if inspect.absent else b""
                check = DirectCheck(key, number, inspect, sizes, header)
                self._direct.setdefault(rule.group, []).append(check)
                continue
            for field in inspect.fields:
                for name in inspect.normalize:
                    unit = self._unit(rule, field, name)
                    unit.checks.append(self._check(rule, key, number, inspect, unit))

    def _unit(self, rule: ManagedRule, field: str, normalizer: str) -> ScanUnit:
        found = self.units.get((field, normalizer))
        if found is None:
            if normalizer not in self._normalizers:
                raise ManagedRuleFormat(f"{rule.group}/{rule.name}: normaliser '{normalizer}' is unknown")
            patterns = self._shared if (field, normalizer) in self._gated else {}
            found = ScanUnit(field, normalizer, self._normalizers[normalizer], patterns)
            self.units[field, normalizer] = found
        return found

    def _check(self, rule: ManagedRule, key: RuleKey, number: int, inspect: Inspect, unit: ScanUnit) -> Check:
        flags = inspect.flags
        literals = [_quoted(literal) for literal in inspect.literals]
        gated: list[tuple[int, Detector]] = []
        for name in inspect.detectors:
            detector = self._detectors.get(name)
            if detector is None:
                raise ManagedRuleFormat(f"{rule.group}/{rule.name}: detector '{name}' is unknown")
            gated.append((unit.number(detector.needs.decode("latin-1"), ("caseless", "dotall")), detector))
        return Check(
            rule=key,
            number=number,
            any_of=frozenset(unit.number(expression, flags) for expression in (*inspect.patterns, *literals)),
            all_of=frozenset(unit.number(expression, flags) for expression in inspect.all_of),
            unless=frozenset(unit.number(expression, flags) for expression in inspect.unless),
            detectors=tuple(gated),
            labels=inspect.labels,
        )

    def group(self, group: ManagedGroup) -> CompiledGroup:
        """A group over the sealed units."""
        needed: dict[ScanUnit, None] = {}
        before: dict[str, tuple[ScanUnit, ...]] = {}
        for rule in group.rules:
            before[rule.name] = tuple(needed)
            for inspect in rule.inspect:
                if not (inspect.size or inspect.absent or inspect.addresses):
                    needed |= dict.fromkeys(
                        self.units[field, name] for field in inspect.fields for name in inspect.normalize
                    )
        return CompiledGroup(group, group.rules, tuple(needed), tuple(self._direct.get(group.name, ())), before)


def _quoted(literal: str) -> str:
    return "".join(c if c.isalnum() or c in "_ " else "\\" + c if c.isascii() else c for c in literal)
