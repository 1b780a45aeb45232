from __future__ import annotations

import pytest

from casemate.gateway.protocols import Request


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"/", b"/", b""),
        (b"/a?b=c?d", b"/a", b"b=c?d"),
        (b"http://h:1/a?b", b"/a", b"b"),
        (b"HTTP://h", b"/", b""),
        (b"https://h?b", b"/", b"b"),
        (b"*", b"*", b""),
        (b"ftp://h/a", b"ftp://h/a", b""),
    ],
)
def test_target_is_path_and_query_string(target, path, query):
    request = Request(b"GET", target, [], b"")
    assert (request.path, request.query) == (path, query)


def test_header_sent_twice_is_known():
    request = Request(b"GET", b"/", [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")], b"")
    assert request.repeats
    assert (request.header(b"a"), request.all(b"a"), request.header(b"c"), request.all(b"c")) == (
        b"3",
        [b"1", b"3"],
        None,
        [],
    )
    assert not Request(b"GET", b"/", [(b"a", b"1")], b"").repeats
