"""Statements, compiled."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from casemate.engines.web.compiler.fields import Units
from casemate.engines.web.compiler.members import shapes
from casemate.engines.web.compiler.resources import Resources
from casemate.engines.web.compiler.shapes import items, number, one_of, option, text
from casemate.engines.web.components.fields import Fingerprint
from casemate.engines.web.data import ip_set
from casemate.engines.web.errors import (
    ILLEGAL_COMBINATION,
    NOT_AN_OPTION,
    NOT_NESTABLE,
    NOT_VALID,
    InvalidParameter,
    WebAclError,
)
from casemate.engines.web.inspection import Unit
from casemate.engines.web.patterns import Pattern, PatternCache, PatternSyntaxError, refusal
from casemate.engines.web.statements import (
    AllOf,
    AnyOf,
    AsnMatch,
    ByteMatch,
    Detection,
    ForwardedIP,
    GeoMatch,
    IPSetMatch,
    LabelMatch,
    NoneOf,
    PatternBank,
    RegexMatch,
    SizeConstraint,
    Statement,
)

if TYPE_CHECKING:
    from casemate.engines.web.detectors import Detector

CONSTRAINTS: Final = ("EXACTLY", "STARTS_WITH", "ENDS_WITH", "CONTAINS", "CONTAINS_WORD")
COMPARISONS: Final = ("EQ", "NE", "LE", "LT", "GE", "GT")
TOP_LEVEL: Final = frozenset({"RateBasedStatement", "ManagedRuleGroupStatement", "RuleGroupReferenceStatement"})
YIELDING_BYTES: Final = frozenset(
    {"MD5", "SHA256", "BASE64_DECODE", "BASE64_DECODE_EXT", "HEX_DECODE", "SQL_HEX_DECODE"}
)
"""Transformations after which a string of bytes that are no text is what one looks for."""
LONGEST_SEARCH: Final = 200
MOST_PATTERNS: Final = 10
DEEPEST: Final = 20
_LABEL_KEY: Final = re.compile(r"[0-9A-Za-z_\-:]{1,1024}")
_WORD: Final = re.compile(rb"\w+", re.ASCII)


class StatementCompiler:
    """Compiles the statements of one web ACL or of a rule group in it; shares units and banks with the others."""

    def __init__(self, resources: Resources, cache: PatternCache) -> None:
        self.resources = resources
        self.cache = cache
        self.units = Units()
        self.notes: list[str] = []
        self._banks: dict[Unit, tuple[PatternBank, dict[str, tuple[int, str]]]] = {}
        self._sets: dict[str, Any] = {}
        self._detectors: Mapping[str, Detector] | None = None

    def compile(self, statement: Any, path: str, context: str, depth: int = 0) -> Statement:
        """A statement that may be nested. `context` is the label namespace that it stands in. Raises WebAclError."""
        name, member = one_of(statement, [*_READERS, *sorted(TOP_LEVEL)], "STATEMENT", "Statement", path)
        where = f"{path}.{name}"
        if name in TOP_LEVEL or depth > DEEPEST:
            raise InvalidParameter("STATEMENT", name, NOT_NESTABLE, path=where)
        return _READERS[name](self, member, where, context, depth)

    def seal(self) -> None:
        """Compile the regular expressions. Raises InvalidParameter for one that isn't taken."""
        for bank, numbers in self._banks.values():
            patterns = [Pattern(expression) for expression in numbers]
            try:
                bank.patterns = self.cache.compiled(patterns)
            except PatternSyntaxError as error:
                expression, (_, where) = list(numbers.items())[error.index]
                raise InvalidParameter(
                    "REGEX_PATTERN_SET", expression, NOT_VALID, path=where, detail=error.reason
                ) from None

    def forwarded(self, value: Any, path: str, *, position: bool = False) -> ForwardedIP | None:
        """A ForwardedIPConfig, or an IPSetForwardedIPConfig when `position`."""
        if value is None:
            return None
        field = "IP_SET_FORWARDED_IP_CONFIG" if position else "FORWARDED_IP_CONFIG"
        where = f"{path}.{'IPSetForwardedIPConfig' if position else 'ForwardedIPConfig'}"
        if not isinstance(value, Mapping):
            raise InvalidParameter(field, "ForwardedIPConfig", NOT_VALID, path=where)
        header = text(value.get("HeaderName"), "HEADER_NAME", "HeaderName", where, most=255)
        fallback = option(
            value.get("FallbackBehavior"), ("MATCH", "NO_MATCH"), "FALLBACK_BEHAVIOR", "FallbackBehavior", where
        )
        if not position:
            return ForwardedIP(header, fallback)
        return ForwardedIP(
            header, fallback, option(value.get("Position"), ("FIRST", "LAST", "ANY"), "POSITION", "Position", where)
        )

    def detector(self, name: str) -> Detector:
        """A detector by its name."""
        if self._detectors is None:
            from casemate.engines.web.detectors import detectors  # noqa: PLC0415 - tables that few ACLs need

            self._detectors = detectors()
        return self._detectors[name]

    def expressions(self, unit: Unit, expressions: list[str], path: str) -> RegexMatch:
        """A match of any of some regular expressions in a unit."""
        bank, numbers = self._banks.setdefault(unit, (PatternBank(unit), {}))
        for expression in expressions:
            reason = refusal(expression)
            if reason:
                raise InvalidParameter(
                    "REGEX_PATTERN_SET", expression, NOT_VALID, path=path, detail=f"the dialect has no {reason}"
                )
            numbers.setdefault(expression, (len(numbers), path))
        return RegexMatch(path, bank, [numbers[expression][0] for expression in expressions], expressions)

    def search_string(self, member: Mapping[str, Any], path: str) -> bytes:
        """SearchString: bytes as SDKs give them, Base64 as JSON carries them; other text as itself, with a note."""
        value = member.get("SearchString")
        if isinstance(value, bytes):
            return value
        given = text(value, "BYTE_MATCH_STATEMENT", "SearchString", path, most=4096)
        try:
            decoded = binascii.a2b_base64(given.encode("ascii"), strict_mode=True)
        except (binascii.Error, UnicodeError, ValueError):
            self.notes.append(f"{path}: SearchString '{given[:40]}' is no Base64 and is taken as plain text")
            return given.encode()
        if _is_text(decoded):
            return decoded
        # The Base64 of bytes, or a word of four, eight, ... letters by somebody who didn't encode it.
        if given.endswith("=") or _looks_encoded(given) or _yields_bytes(member.get("TextTransformations")):
            self.notes.append(f"{path}: SearchString '{given[:40]}' is taken as the Base64 of bytes that are no text")
            return decoded
        self.notes.append(f"{path}: SearchString '{given[:40]}' is taken as plain text, not as the Base64 of bytes")
        return given.encode()


def _is_text(decoded: bytes) -> bool:
    try:
        decoded.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return bool(decoded) and not any(byte < 32 and byte not in b"\t\r\n" for byte in decoded)


def _looks_encoded(given: str) -> bool:
    """Small and capital letters with digits or signs among them: words and paths have seldom all of these."""
    return (
        any("a" <= c <= "z" for c in given)
        and any("A" <= c <= "Z" for c in given)
        and any(c in "0123456789+/" for c in given)
    )


def _yields_bytes(transformations: Any) -> bool:
    steps = transformations if isinstance(transformations, list) else ()
    return any(isinstance(step, Mapping) and step.get("Type") in YIELDING_BYTES for step in steps)


def _byte_match(c: StatementCompiler, member: Mapping[str, Any], path: str, _context: str, _depth: int) -> Statement:
    field = "BYTE_MATCH_STATEMENT"
    search = c.search_string(member, path)
    if len(search) > LONGEST_SEARCH:
        detail = f"{len(search)} bytes, at most {LONGEST_SEARCH}"
        raise InvalidParameter(field, "SearchString", NOT_VALID, path=path, detail=detail)
    constraint = option(member.get("PositionalConstraint"), CONSTRAINTS, field, "PositionalConstraint", path)
    if constraint == "CONTAINS_WORD" and not _WORD.fullmatch(search):
        detail = "CONTAINS_WORD takes letters, digits and underscores only"
        raise InvalidParameter(field, search.decode("utf-8", "replace"), NOT_VALID, path=path, detail=detail)
    unit = c.units.of(member, path)
    if constraint != "EXACTLY":
        _no_fingerprint(unit, field, path)
    return ByteMatch(path, unit, search, constraint)


def _size(c: StatementCompiler, member: Mapping[str, Any], path: str, _context: str, _depth: int) -> Statement:
    field = "SIZE_CONSTRAINT_STATEMENT"
    comparison = option(member.get("ComparisonOperator"), COMPARISONS, field, "ComparisonOperator", path)
    size = number(member.get("Size"), 0, 21_474_836_480, field, "Size", path)
    return SizeConstraint(path, _inspected(c, member, path, field), comparison, size)


def _inspected(c: StatementCompiler, member: Mapping[str, Any], path: str, field: str) -> Unit:
    unit = c.units.of(member, path)
    _no_fingerprint(unit, field, path)
    return unit


def _no_fingerprint(unit: Unit, field: str, path: str) -> None:
    if isinstance(unit.component, Fingerprint):
        detail = "a fingerprint is compared with a ByteMatchStatement and EXACTLY only"
        raise InvalidParameter(field, unit.component.kind, ILLEGAL_COMBINATION, path=path, detail=detail)


def _sqli(c: StatementCompiler, member: Mapping[str, Any], path: str, _context: str, _depth: int) -> Statement:
    level = option(
        member.get("SensitivityLevel") or "LOW", ("LOW", "HIGH"), "SQLI_MATCH_STATEMENT", "SensitivityLevel", path
    )
    unit = _inspected(c, member, path, "SQLI_MATCH_STATEMENT")
    return Detection(path, "SQL_INJECTION", unit, c.detector(f"sqli_{level.lower()}"))


def _xss(c: StatementCompiler, member: Mapping[str, Any], path: str, _context: str, _depth: int) -> Statement:
    return Detection(path, "XSS", _inspected(c, member, path, "XSS_MATCH_STATEMENT"), c.detector("xss"))


def _regex(c: StatementCompiler, member: Mapping[str, Any], path: str, _context: str, _depth: int) -> Statement:
    expression = text(member.get("RegexString"), "STATEMENT", "RegexString", path, most=512)
    return c.expressions(_inspected(c, member, path, "STATEMENT"), [expression], path)


def _regex_set(c: StatementCompiler, member: Mapping[str, Any], path: str, _context: str, _depth: int) -> Statement:
    resources = c.resources
    found = resources.find(resources.regex_pattern_sets, member.get("ARN"), path, "regex pattern set")
    entries = items(
        found.get("RegularExpressionList"), 1, MOST_PATTERNS, "REGEX_PATTERN_SET", "RegularExpressionList", path
    )
    expressions = [entry.get("RegexString") if isinstance(entry, Mapping) else entry for entry in entries]
    checked = [text(expression, "REGEX_PATTERN_SET", "RegexString", path, most=512) for expression in expressions]
    return c.expressions(_inspected(c, member, path, "STATEMENT"), checked, path)


def _geo(c: StatementCompiler, member: Mapping[str, Any], path: str, _context: str, _depth: int) -> Statement:
    codes = items(member.get("CountryCodes"), 1, 250, "GEO_MATCH_STATEMENT", "CountryCodes", path)
    known = shapes()["CountryCode"].options
    for code in codes:
        if code not in known:
            detail = "no country has this code of two capital letters (ISO 3166)"
            raise InvalidParameter("GEO_MATCH_STATEMENT", str(code), NOT_AN_OPTION, path=path, detail=detail)
    if not c.resources.data.has_countries:
        c.notes.append(f"{path}: no file of countries was supplied (Data.country); this statement matches nothing")
    forwarded = c.forwarded(member.get("ForwardedIPConfig"), path)
    return GeoMatch(path, frozenset(codes), c.resources.data, forwarded)


def _asn(c: StatementCompiler, member: Mapping[str, Any], path: str, _context: str, _depth: int) -> Statement:
    numbers = [
        number(value, 0, 2**32 - 1, "STATEMENT", "AsnList", path)
        for value in items(member.get("AsnList"), 1, 100, "STATEMENT", "AsnList", path)
    ]
    if not c.resources.data.has_networks:
        c.notes.append(f"{path}: no file of networks was supplied (Data.asn); every address has the number 0")
    forwarded = c.forwarded(member.get("ForwardedIPConfig"), path)
    return AsnMatch(path, frozenset(numbers), c.resources.data, forwarded)


def _ip_set(c: StatementCompiler, member: Mapping[str, Any], path: str, _context: str, _depth: int) -> Statement:
    arn = member.get("ARN")
    found = c.resources.find(c.resources.ip_sets, arn, path, "IP set")
    assert isinstance(arn, str)
    if arn not in c._sets:
        version = found.get("IPAddressVersion")
        if version is not None:
            version = option(version, ("IPV4", "IPV6"), "IP_ADDRESS_VERSION", "IPAddressVersion", path)
        addresses = items(found.get("Addresses"), 0, 10_000, "IP_SET", "Addresses", path)
        c._sets[arn] = ip_set(addresses, path, version)
    return IPSetMatch(path, c._sets[arn], c.forwarded(member.get("IPSetForwardedIPConfig"), path, position=True))


def _label(_c: StatementCompiler, member: Mapping[str, Any], path: str, context: str, _depth: int) -> Statement:
    field = "LABEL_MATCH_STATEMENT"
    scope = option(member.get("Scope"), ("LABEL", "NAMESPACE"), field, "Scope", path)
    key = text(member.get("Key"), field, "Key", path)
    if not _LABEL_KEY.fullmatch(key) or (scope == "NAMESPACE") != key.endswith(":"):
        detail = "a namespace ends with ':', a label doesn't"
        raise InvalidParameter(field, key, NOT_VALID, path=path, detail=detail)
    return LabelMatch(path, scope, key, context)


def _several(c: StatementCompiler, member: Mapping[str, Any], path: str, context: str, depth: int) -> list[Statement]:
    field = "AND_STATEMENT" if path.endswith("AndStatement") else "OR_STATEMENT"
    nested = items(member.get("Statements"), 2, 1000, field, "Statements", path)
    return [c.compile(one, f"{path}.Statements[{i}]", context, depth + 1) for i, one in enumerate(nested)]


def _and(c: StatementCompiler, member: Mapping[str, Any], path: str, context: str, depth: int) -> Statement:
    return AllOf(_several(c, member, path, context, depth))


def _or(c: StatementCompiler, member: Mapping[str, Any], path: str, context: str, depth: int) -> Statement:
    return AnyOf(_several(c, member, path, context, depth))


def _not(c: StatementCompiler, member: Mapping[str, Any], path: str, context: str, depth: int) -> Statement:
    return NoneOf(path, c.compile(member.get("Statement"), f"{path}.Statement", context, depth + 1))


_READERS: Final[Mapping[str, Callable[[StatementCompiler, Mapping[str, Any], str, str, int], Statement]]] = {
    "ByteMatchStatement": _byte_match,
    "SqliMatchStatement": _sqli,
    "XssMatchStatement": _xss,
    "SizeConstraintStatement": _size,
    "GeoMatchStatement": _geo,
    "IPSetReferenceStatement": _ip_set,
    "RegexPatternSetReferenceStatement": _regex_set,
    "AndStatement": _and,
    "OrStatement": _or,
    "NotStatement": _not,
    "LabelMatchStatement": _label,
    "RegexMatchStatement": _regex,
    "AsnMatchStatement": _asn,
}


__all__ = ["StatementCompiler", "WebAclError"]
