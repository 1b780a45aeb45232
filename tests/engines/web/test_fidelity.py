"""A hit and a miss for every statement, field, transformation, oversize and fallback choice."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from casemate.engines.web import Plan, RequestView, Resources, Verdict, evaluate
from casemate.engines.web.transformations import TRANSFORMATIONS

NONE = [{"Priority": 0, "Type": "NONE"}]
# What each transformation changes: ASCII, without the bytes that separate parts of a request.
BEFORE: dict[str, bytes] = {
    "NONE": b"select-x1",
    "BASE64_DECODE": base64.b64encode(b"select-x1y"),
    "BASE64_DECODE_EXT": b"c2Vs!ZWN0LXgx",
    "CMD_LINE": b"Se^Lect-x1",
    "CMD_LINE_UNIX": b"Se\\Lect-x1",
    "CMD_LINE_WIN": b"Se^Lect-x1",
    "COMPRESS_WHITE_SPACE": b"select  -x1",
    "CSS_DECODE": b"\\73 elect-x1",
    "ESCAPE_SEQ_DECODE": b"\\x73elect-x1",
    "HEX_DECODE": b"73656c6563742d7831",
    "HTML_ENTITY_DECODE": b"&#115elect-x1",
    "JS_DECODE": b"\\u0073elect-x1",
    "JS_DECODE_EXT": b"\\u{73}elect-x1",
    "LOWERCASE": b"SELECT-x1",
    "MD5": b"select-x1",
    "NORMALIZE_PATH": b"a/../select-x1",
    "NORMALIZE_PATH_WIN": b"a\\..\\select-x1",
    "REMOVE_COMMENTS_CHAR": b"se/*lect-x1",
    "REMOVE_NULLS": b"sel\0ect-x1",
    "REMOVE_WHITESPACE": b"sel ect-x1",
    "REPLACE_COMMENTS": b"select/**/-x1",
    "REPLACE_NULLS": b"select\0-x1",
    "SHA256": b"select-x1",
    "SQL_HEX_DECODE": b"0x73656c656374-x1",
    "TRIM": b"\tselect-x1\t",
    "TRIM_LEFT": b"\tselect-x1",
    "TRIM_RIGHT": b"select-x1\t",
    "UPPERCASE": b"select-x1",
    "URL_DECODE": b"%73elect-x1",
    "URL_DECODE_UNI": b"%u0073elect-x1",
    "UTF8_TO_UNICODE": "s\u00e9lect-x1".encode(),
}
Place = Callable[[bytes, Callable[..., RequestView]], RequestView]


def _header(value: bytes, view: Callable[..., RequestView], name: bytes = b"X-Probe") -> RequestView:
    return view(headers=[(b"Host", b"h"), (name, value)])


ALL = {"All": {}}
# Field: FieldToMatch, how a value gets there, whether it is written percent-encoded, whether names lose their case.
FIELDS: dict[str, tuple[dict[str, Any], Place, bool]] = {
    "SingleHeader": ({"SingleHeader": {"Name": "x-probe"}}, _header, False),
    "SingleQueryArgument": (
        {"SingleQueryArgument": {"Name": "Q"}},
        lambda v, view: view(b"/?a=1&q=" + quote(v, safe="").encode()),
        True,
    ),
    "AllQueryArguments": (
        {"AllQueryArguments": {}},
        lambda v, view: view(b"/?a=1&q=" + quote(v, safe="").encode()),
        True,
    ),
    "UriPath": ({"UriPath": {}}, lambda v, view: view(v), False),
    "QueryString": ({"QueryString": {}}, lambda v, view: view(b"/?" + v), False),
    "Body": ({"Body": {}}, lambda v, view: view(body=v), False),
    "Method": ({"Method": {}}, lambda v, view: view(method=v), False),
    "JsonBody": (
        {"JsonBody": {"MatchPattern": ALL, "MatchScope": "VALUE"}},
        lambda v, view: view(body=json.dumps({"a": [v.decode()]}).encode()),
        False,
    ),
    "Headers": (
        {
            "Headers": {
                "MatchPattern": {"IncludedHeaders": ["X-PROBE"]},
                "MatchScope": "VALUE",
                "OversizeHandling": "CONTINUE",
            }
        },
        _header,
        False,
    ),
    "Cookies": (
        {"Cookies": {"MatchPattern": ALL, "MatchScope": "VALUE", "OversizeHandling": "CONTINUE"}},
        lambda v, view: _header(b"a=1; c=" + v, view, b"Cookie"),
        False,
    ),
    "HeaderOrder": (
        {"HeaderOrder": {"OversizeHandling": "CONTINUE"}},
        lambda v, view: view(headers=[(v, b"x")]),
        False,
    ),
    "JA3Fingerprint": (
        {"JA3Fingerprint": {"FallbackBehavior": "NO_MATCH"}},
        lambda v, view: view(ja3=v.decode()),
        False,
    ),
    "JA4Fingerprint": (
        {"JA4Fingerprint": {"FallbackBehavior": "NO_MATCH"}},
        lambda v, view: view(ja4=v.decode()),
        False,
    ),
    "UriFragment": ({"UriFragment": {}}, lambda v, view: view(uri_fragment=v), False),
}
TRIMMED = {"Cookies"}  # white space around a cookie's value is none of it
LOWERED = {"HeaderOrder"}
WHOLE = {"UriPath"}
FINGERPRINTS = {"JA3Fingerprint", "JA4Fingerprint"}


def _statements(after: bytes, field: dict[str, Any], steps: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Statements by name: those that begin with `hit` match exactly this value, those with `miss` don't."""
    where = {"FieldToMatch": field, "TextTransformations": steps}
    search = {
        "EXACTLY": (after, after + b"!"),
        "STARTS_WITH": (after[:4], after[1:4] + b"\x01"),
        "ENDS_WITH": (after[-4:], b"\x01" + after[-3:]),
        "CONTAINS": (after[2:5], after[2:5] + b"\x01\x02"),
    }
    found: dict[str, dict[str, Any]] = {}
    for constraint, (hit, miss) in search.items():
        for kind, text in (("hit", hit), ("miss", miss)):
            found[f"{kind}-{constraint}"] = {
                "ByteMatchStatement": {"SearchString": text, "PositionalConstraint": constraint, **where}
            }
    if after.isascii() and after.lower().endswith(b"-x1"):
        for kind, word in (("hit", after[-2:]), ("miss", after[-1:])):
            found[f"{kind}-WORD"] = {
                "ByteMatchStatement": {"SearchString": word, "PositionalConstraint": "CONTAINS_WORD", **where}
            }
    size = len(after)
    for operator, hit, miss in (
        ("EQ", size, size + 1),
        ("NE", size + 1, size),
        ("LE", size, size - 1),
        ("LT", size + 1, size),
        ("GE", size, size + 1),
        ("GT", size - 1, size),
    ):
        for kind, number in (("hit", hit), ("miss", miss)):
            found[f"{kind}-{operator}"] = {
                "SizeConstraintStatement": {"ComparisonOperator": operator, "Size": number, **where}
            }
    expression = "".join(f"\\x{byte:02x}" for byte in after)
    for kind, text in (("hit", f"^{expression}$"), ("miss", f"^{expression}.$")):
        found[f"{kind}-regex"] = {"RegexMatchStatement": {"RegexString": text, **where}}
        found[f"{kind}-set"] = {"RegexPatternSetReferenceStatement": {"ARN": f"arn:aws:wafv2:::{kind}", **where}}
    return found


def _resources(after: bytes) -> Resources:
    expression = "".join(f"\\x{byte:02x}" for byte in after)
    sets = {"hit": ["nothing", expression], "miss": ["nothing", expression + expression]}
    return Resources(
        regex_pattern_sets={
            f"arn:aws:wafv2:::{kind}": {"RegularExpressionList": [{"RegexString": text} for text in texts]}
            for kind, texts in sets.items()
        }
    )


@pytest.mark.parametrize("field", sorted(FIELDS))
def test_every_match_statement_on_each_transformation_of_a_field_hits_and_misses(
    field: str,
    plan_of: Callable[..., Plan],
    view: Callable[..., RequestView],
    rule: Callable[..., dict[str, Any]],
) -> None:
    member, place, encoded = FIELDS[field]
    assert set(BEFORE) == set(TRANSFORMATIONS)
    for name, before in BEFORE.items():
        request = place(before, view)
        value = before.strip(b"\t") if field in TRIMMED else before
        value = value.lower() if field in LOWERED else value
        after = TRANSFORMATIONS[name](value)
        if field not in LOWERED | TRIMMED and name != "NONE":
            assert after != value, name
        steps = [{"Priority": 1, "Type": name}]
        if encoded:
            steps.append({"Priority": 0, "Type": "URL_DECODE"})
        statements = _statements(after, member, steps)
        if field in FINGERPRINTS:  # AWS takes nothing but a comparison of the whole
            statements = {key: statement for key, statement in statements.items() if key.endswith("-EXACTLY")}
        plan = plan_of([rule(key, statement) for key, statement in statements.items()], _resources(after))
        matched = {match.rule for match in evaluate(request, plan).matches}
        # "a=1" stands beside the value where a component has several: a size or a digit may hold there.
        multiple = (
            {"miss-NE", "miss-LE", "miss-LT", "miss-WORD"} if field in {"AllQueryArguments", "Cookies"} else set()
        )
        expected = {key for key in statements if key.startswith("hit")}
        assert matched - multiple == expected, (field, name)


@pytest.mark.parametrize("field", sorted(set(FIELDS) - FINGERPRINTS - {"HeaderOrder"}))
@pytest.mark.parametrize(
    ("statement", "attack"),
    [
        ({"SqliMatchStatement": {"SensitivityLevel": "LOW"}}, b"1' or '1'='1"),
        ({"SqliMatchStatement": {"SensitivityLevel": "HIGH"}}, b"1' union select password from users-- "),
        ({"XssMatchStatement": {}}, b"<script>alert(1)</script>"),
    ],
)
def test_injection_statements_on_a_field_hit_an_attack_and_miss_a_word(
    field: str,
    statement: dict[str, Any],
    attack: bytes,
    verdict_of: Callable[..., Verdict],
    view: Callable[..., RequestView],
) -> None:
    member, place, encoded = FIELDS[field]
    (kind, settings), *_ = statement.items()
    whole = {kind: {**settings, "FieldToMatch": member, "TextTransformations": [{"Priority": 0, "Type": "URL_DECODE"}]}}
    assert verdict_of(whole, place(attack if encoded else quote(attack).encode(), view)).action == "BLOCK"
    assert verdict_of(whole, place(b"harmless", view)).action == "ALLOW"


def _exactly(field: dict[str, Any], text: bytes = b"needle", constraint: str = "CONTAINS") -> dict[str, Any]:
    return {
        "ByteMatchStatement": {
            "SearchString": text,
            "FieldToMatch": field,
            "TextTransformations": NONE,
            "PositionalConstraint": constraint,
        }
    }


def _oversize(handling: str) -> dict[str, tuple[dict[str, Any], Callable[..., RequestView]]]:
    filler = b"x" * 9_000
    many = [(b"X-%d" % number, b"1") for number in range(201)]
    pattern = {"MatchPattern": ALL, "MatchScope": "ALL", "OversizeHandling": handling}
    return {
        "Body": ({"Body": {"OversizeHandling": handling}}, lambda v, view: view(body=v + filler)),
        "JsonBody": (
            {"JsonBody": {"MatchPattern": ALL, "MatchScope": "ALL", "OversizeHandling": handling}},
            lambda v, view: view(body=b'{"a":"' + v + b'","b":"' + filler + b'"}'),
        ),
        "Headers by size": (
            {"Headers": pattern},
            lambda v, view: view(headers=[(b"X-Probe", v), (b"X-Filler", filler)]),
        ),
        "Headers by number": ({"Headers": pattern}, lambda v, view: view(headers=[(b"X-Probe", v), *many])),
        "Cookies by size": (
            {"Cookies": pattern},
            lambda v, view: view(headers=[(b"Cookie", b"a=" + v + b"; b=" + filler)]),
        ),
        "Cookies by number": (
            {"Cookies": pattern},
            lambda v, view: view(headers=[(b"Cookie", b"a=" + v + b"; b=1" * 201)]),
        ),
        "HeaderOrder": (
            {"HeaderOrder": {"OversizeHandling": handling}},
            lambda v, view: view(headers=[(v, b"1"), *many]),
        ),
    }


@pytest.mark.parametrize("case", sorted(_oversize("CONTINUE")))
@pytest.mark.parametrize("handling", ["CONTINUE", "MATCH", "NO_MATCH"])
@pytest.mark.parametrize("value", [b"needle", b"hay"])
def test_oversize_component_is_handled_as_the_statement_says(
    case: str, handling: str, value: bytes, verdict_of: Callable[..., Verdict], view: Callable[..., RequestView]
) -> None:
    field, place = _oversize(handling)[case]
    hit = {"MATCH": True, "NO_MATCH": False, "CONTINUE": value == b"needle"}[handling]
    assert verdict_of(_exactly(field), place(value, view)).blocked is hit


@pytest.mark.parametrize("case", sorted(set(_oversize("CONTINUE")) - {"JsonBody"}))
def test_content_beyond_the_limit_is_not_inspected_under_continue(
    case: str, verdict_of: Callable[..., Verdict], view: Callable[..., RequestView]
) -> None:
    field, place = _oversize("CONTINUE")[case]
    request = place(b"hay", view)
    late = [(b"X-Late", b"needle"), (b"needle", b"1")]
    cookie = [(name, value + b"; c=needle") if name == b"Cookie" else (name, value) for name, value in request.headers]
    changed = view(headers=(cookie if "Cookies" in case else [*request.headers, *late]), body=request.body + b"needle")
    assert not verdict_of(_exactly(field), changed).blocked


VALID = b'{"a": {"needle": ["x", {"deep": "thread"}], "n": 1.5, "t": true}}'


@pytest.mark.parametrize("fallback", [None, "MATCH", "NO_MATCH", "EVALUATE_AS_STRING"])
@pytest.mark.parametrize(
    ("body", "hits"),
    [
        # The value is there / what each choice answers: none, MATCH, NO_MATCH, EVALUATE_AS_STRING.
        (b'{"a":"needle"}', (True, True, True, True)),
        (b'{"a":"hay"}', (False, False, False, False)),
        (b'{"a":"needle", oops', (True, True, False, True)),
        (b'{"a":"hay", oops needle', (False, True, False, True)),
        (b'{"a":"hay","a":"needle"}', (False, True, False, True)),
        (b'"needle"', (False, True, False, True)),
        (b"needle", (False, True, False, True)),
        (b'{"a":"needle"', (True, True, False, True)),
        (b"", (False, False, False, False)),
    ],
)
def test_json_that_can_not_be_parsed_is_handled_as_the_fallback_says(
    fallback: str | None,
    body: bytes,
    hits: tuple[bool, ...],
    verdict_of: Callable[..., Verdict],
    view: Callable[..., RequestView],
) -> None:
    field: dict[str, Any] = {"JsonBody": {"MatchPattern": ALL, "MatchScope": "ALL"}}
    if fallback is not None:
        field["JsonBody"]["InvalidFallbackBehavior"] = fallback
    expected = hits[[None, "MATCH", "NO_MATCH", "EVALUATE_AS_STRING"].index(fallback)]
    assert verdict_of(_exactly(field), view(body=body)).blocked is expected


@pytest.mark.parametrize(
    ("scope", "paths", "text", "hit"),
    [
        ("ALL", None, b"needle", True),
        ("KEY", None, b"needle", True),
        ("VALUE", None, b"needle", False),
        ("VALUE", None, b"thread", True),
        ("KEY", None, b"thread", False),
        ("VALUE", None, b"1.5", True),
        ("VALUE", None, b"true", True),
        ("VALUE", ["/a/needle/1"], b"thread", True),
        ("VALUE", ["/a/needle/0"], b"thread", False),
        ("ALL", ["/a"], b"needle", True),
        ("ALL", ["/a/needle"], b"needle", False),
        ("KEY", ["/a/needle/1"], b"deep", True),
        ("ALL", ["/b"], b"x", False),
    ],
)
def test_json_scope_and_included_paths_choose_the_elements(  # noqa: PLR0917 - the columns of a table
    scope: str,
    paths: list[str] | None,
    text: bytes,
    hit: bool,
    verdict_of: Callable[..., Verdict],
    view: Callable[..., RequestView],
) -> None:
    pattern = {"IncludedPaths": paths} if paths else ALL
    field = {"JsonBody": {"MatchPattern": pattern, "MatchScope": scope}}
    assert verdict_of(_exactly(field, text, "EXACTLY"), view(body=VALID)).blocked is hit


@pytest.mark.parametrize("field", ["JA3Fingerprint", "JA4Fingerprint", "UriFragment"])
@pytest.mark.parametrize("fallback", ["MATCH", "NO_MATCH"])
def test_component_that_is_not_known_is_handled_as_the_fallback_says(
    field: str, fallback: str, verdict_of: Callable[..., Verdict], view: Callable[..., RequestView]
) -> None:
    statement = _exactly({field: {"FallbackBehavior": fallback}}, constraint="EXACTLY")
    assert verdict_of(statement, view()).blocked is (fallback == "MATCH")


@pytest.mark.parametrize("field", sorted(set(FIELDS) - {"Method", "UriPath", "HeaderOrder"}))
def test_component_that_is_absent_matches_nothing_not_even_a_size_of_zero(
    field: str, verdict_of: Callable[..., Verdict], view: Callable[..., RequestView]
) -> None:
    where = {"FieldToMatch": FIELDS[field][0], "TextTransformations": NONE}
    size = {"SizeConstraintStatement": {"ComparisonOperator": "GE", "Size": 0, **where}}
    absent = _exactly(FIELDS[field][0], constraint="EXACTLY") if field in FINGERPRINTS else size
    assert not verdict_of(absent, view(headers=[])).blocked
