"""Every limit of what is inspected at one below, at, and one above it, under each way of handling what is beyond.

Sources: AWS WAF Developer Guide, "Oversize web request components", "Body size limits", and AWS WAF quotas.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from casemate.engines.web import (
    PatternCache,
    Plan,
    RequestView,
    ResourceKind,
    Resources,
    Verdict,
    compile_acl,
    evaluate,
)

ALL: dict[str, Any] = {"All": {}}
NONE = [{"Priority": 0, "Type": "NONE"}]
KILOBYTE = 1024
SMALL = {ResourceKind.APPLICATION_LOAD_BALANCER, ResourceKind.APPSYNC}
HANDLINGS = ("CONTINUE", "MATCH", "NO_MATCH")
Plans = Callable[..., Plan]
Views = Callable[..., RequestView]
Pairs = list[tuple[bytes, bytes]]


def statement(field: dict[str, Any], search: bytes) -> dict[str, Any]:
    return {
        "ByteMatchStatement": {
            "SearchString": search,
            "FieldToMatch": field,
            "TextTransformations": NONE,
            "PositionalConstraint": "CONTAINS",
        }
    }


@pytest.fixture(scope="module")
def cache() -> PatternCache:
    return PatternCache()


@pytest.fixture
def hits(cache: PatternCache, rule: Callable[..., dict[str, Any]], acl: Callable[..., dict[str, Any]]) -> Any:
    """Whether a field of a request matches."""

    def ask(field: dict[str, Any], view: RequestView, search: bytes = b"needle", **more: Any) -> bool:
        plan = compile_acl(acl([rule("r", statement(field, search), "Block")], **more), Resources(), cache=cache)
        verdict: Verdict = evaluate(view, plan)
        return verdict.blocked

    return ask


def some(kind: str, handling: str) -> dict[str, Any]:
    return {kind: {"MatchPattern": ALL, "MatchScope": "ALL", "OversizeHandling": handling}}


def headers_by_number(number: int, last: bytes) -> Pairs:
    return [*((b"x-%d" % n, b"1") for n in range(number - 1)), (b"x-last", last)]


def headers_by_size(size: int, last: bytes) -> Pairs:
    """`size` bytes of names and values, ending with `last`."""
    return [(b"x-a", b"y" * 4_000), (b"x-b", b"y" * (size - 4_006 - len(last)) + last)]


def cookies_by_number(number: int, last: bytes) -> Pairs:
    return [(b"Cookie", b"; ".join([*(b"a%d=1" % n for n in range(number - 1)), b"z=" + last]))]


def cookies_by_size(size: int, last: bytes) -> Pairs:
    """A cookie header of `size` bytes."""
    return [(b"Cookie", b"a=" + b"y" * (size - 2 - len(last)) + last)]


SHAPES: Mapping[str, tuple[str, int, Callable[[int, bytes], Pairs]]] = {
    "number of headers": ("Headers", 200, headers_by_number),
    "bytes of headers": ("Headers", 8_192, headers_by_size),
    "number of cookies": ("Cookies", 200, cookies_by_number),
    "bytes of cookies": ("Cookies", 8_192, cookies_by_size),
    "number of headers in order": ("HeaderOrder", 200, headers_by_number),
    "bytes of headers in order": ("HeaderOrder", 8_192, headers_by_size),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("handling", HANDLINGS)
@pytest.mark.parametrize("over", [-1, 0, 1])
def test_headers_and_cookies_are_oversize_beyond_their_limit_and_not_at_it(
    shape: str, handling: str, over: int, hits: Any, view: Views
) -> None:
    kind, limit, make = SHAPES[shape]
    field = some(kind, handling) if kind != "HeaderOrder" else {kind: {"OversizeHandling": handling}}
    oversize = over > 0

    without = hits(field, view(headers=make(limit + over, b"hay")))

    assert without is (oversize and handling == "MATCH")


@pytest.mark.parametrize("shape", [name for name in SHAPES if "order" not in name])
@pytest.mark.parametrize("handling", HANDLINGS)
@pytest.mark.parametrize("over", [-1, 0, 1])
def test_headers_and_cookies_are_inspected_up_to_their_limit_and_no_further(
    shape: str, handling: str, over: int, hits: Any, view: Views
) -> None:
    kind, limit, make = SHAPES[shape]

    with_it = hits(some(kind, handling), view(headers=make(limit + over, b"needle")))

    if over <= 0:
        assert with_it
    elif handling != "CONTINUE":
        assert with_it is (handling == "MATCH")
    else:
        # The last header, or the last byte of the word, lies beyond. A cookie's name and `=` are no value.
        assert with_it is (shape == "bytes of cookies")


def test_bytes_of_cookies_are_those_of_names_and_values(hits: Any, view: Views) -> None:
    """What is inspected leaves `=` and separators out; whether it is too much is the header's own length."""
    field = some("Cookies", "CONTINUE")
    for size, found in ((8_193, True), (8_194, False)):
        assert hits(field, view(headers=cookies_by_size(size, b"needle"))) is found


@pytest.mark.parametrize(("room", "found"), [(0, False), (1, False), (5, False), (6, True)])
def test_name_is_inspected_as_far_as_there_is_room(room: int, found: bool, hits: Any, view: Views) -> None:
    field = {"Headers": {"MatchPattern": ALL, "MatchScope": "KEY", "OversizeHandling": "CONTINUE"}}
    filler = [(b"x-a", b"y" * (8_192 - 3 - room))]
    assert hits(field, view(headers=[*filler, (b"needle", b"1")])) is found
    one_byte = hits(field, view(headers=[*filler, (b"z", b"1")]), search=b"z")
    assert one_byte is (room > 0)


def bodies(kind: ResourceKind) -> list[tuple[int, dict[str, Any]]]:
    """Limits of a kind of resource: the default, and what AssociationConfig can say."""
    if kind in {ResourceKind.APPSYNC, ResourceKind.AMPLIFY}:
        return [((8 if kind in SMALL else 16) * KILOBYTE, {})]
    sizes = (8, 16, 32, 48, 64) if kind is ResourceKind.APPLICATION_LOAD_BALANCER else (16, 32, 48, 64)
    configured = [
        (
            size * KILOBYTE,
            {"AssociationConfig": {"RequestBody": {kind.value: {"DefaultSizeInspectionLimit": f"KB_{size}"}}}},
        )
        for size in sizes
    ]
    return [((8 if kind in SMALL else 16) * KILOBYTE, {}), *configured]


@pytest.mark.parametrize("kind", list(ResourceKind))
@pytest.mark.parametrize("handling", HANDLINGS)
def test_body_is_inspected_up_to_the_limit_of_its_resource(
    kind: ResourceKind, handling: str, hits: Any, view: Views
) -> None:
    field = {"Body": {"OversizeHandling": handling}}
    for limit, more in bodies(kind):
        for over in (-1, 0, 1):
            body = b"x" * (limit + over - 6)
            hay = hits(field, view(body=body + b"-hay--", kind=kind), **more)
            needle = hits(field, view(body=body + b"needle", kind=kind), **more)
            oversize = over > 0
            assert hay is (oversize and handling == "MATCH"), (limit, over)
            assert needle is (not oversize or handling == "MATCH"), (limit, over)


@pytest.mark.parametrize("handling", HANDLINGS)
@pytest.mark.parametrize("over", [-1, 0, 1])
def test_json_body_is_oversize_beyond_the_limit_and_not_at_it(handling: str, over: int, hits: Any, view: Views) -> None:
    field = {"JsonBody": {"MatchPattern": ALL, "MatchScope": "ALL", "OversizeHandling": handling}}
    limit = 8 * KILOBYTE

    def body(word: bytes) -> bytes:
        start = b'{"a":"' + word + b'","b":"'
        return start + b"x" * (limit + over - len(start) - 2) + b'"}'

    hay, needle = hits(field, view(body=body(b"hay"))), hits(field, view(body=body(b"needle")))

    oversize = over > 0
    assert hay is (oversize and handling == "MATCH")
    assert needle is (not oversize or handling != "NO_MATCH")


@pytest.mark.parametrize("over", [-1, 0, 1])
def test_body_that_was_cut_off_by_the_front_is_oversize_by_its_announced_size(
    over: int, hits: Any, view: Views
) -> None:
    """The front reads no more than rules see: what it was told of the size decides."""
    limit = 8 * KILOBYTE
    field = {"Body": {"OversizeHandling": "MATCH"}}
    request = view(body=b"x" * (limit + min(over, 0)), body_complete=over <= 0, body_size=limit + over)
    assert hits(field, request) is (over > 0)
