"""What the application is told, what the client gets back, and what happens when the application fails."""

from __future__ import annotations

import asyncio
import base64
import json
import socket
from typing import Any

import pytest

from casemate.edge.proxy.configuration import OriginAddress, Timeouts
from casemate.edge.proxy.health import ask
from casemate.engines.web import Resources
from casemate.foundation.http import Limits

VISIBILITY = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}


def rule(
    search: bytes, action: dict[str, Any], field: dict[str, Any] | None = None, name: str = "rule", **more: Any
) -> dict[str, Any]:
    statement = {
        "FieldToMatch": field or {"UriPath": {}},
        "PositionalConstraint": "CONTAINS",
        "SearchString": base64.b64encode(search).decode(),
        "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
    }
    return {
        "Name": name,
        "Priority": 0,
        "Action": action,
        "VisibilityConfig": VISIBILITY,
        "Statement": {"ByteMatchStatement": statement},
        **more,
    }


def acl(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    numbered = [{**one, "Priority": number} for number, one in enumerate(rules)]
    return {"Name": "test", "DefaultAction": {"Allow": {}}, "Rules": numbered, **more}


def headers_of(request: bytes) -> list[tuple[bytes, bytes]]:
    head = request.partition(b"\r\n\r\n")[0]
    return [(name, value) for name, _, value in (line.partition(b": ") for line in head.split(b"\r\n")[1:])]


def test_forwarded_headers_are_written_as_a_load_balancer_does(edge, application):
    edge.start([application.address])

    edge.get(headers=b"X-Forwarded-For: 192.0.2.7\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 1\r\n")

    sent = dict(headers_of(application.requests[0]))
    assert sent[b"x-forwarded-for"] == b"192.0.2.7, 127.0.0.1"
    assert sent[b"x-forwarded-proto"] == b"http"
    assert sent[b"x-forwarded-port"] == str(edge.port).encode()
    assert sent[b"x-amzn-trace-id"].startswith(b"Root=1-")
    assert sent[b"host"] == b"a.example"


def test_trusted_proxy_in_front_is_believed(edge, application):
    blocks = acl(
        {
            "Name": "ip",
            "Priority": 0,
            "Action": {"Block": {}},
            "VisibilityConfig": VISIBILITY,
            "Statement": {
                "ByteMatchStatement": {
                    "FieldToMatch": {"UriPath": {}},
                    "PositionalConstraint": "EXACTLY",
                    "SearchString": base64.b64encode(b"/nothing").decode(),
                    "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
                }
            },
        }
    )
    edge.start([application.address], acl=blocks, trusted=("127.0.0.0/8",), explain=True)

    edge.get(headers=b"X-Forwarded-For: 198.51.100.9, 203.0.113.5, 127.0.0.9\r\nX-Forwarded-Proto: https\r\n")

    assert dict(headers_of(application.requests[0]))[b"x-forwarded-proto"] == b"https"


def test_hop_by_hop_headers_stay_here(edge, application):
    edge.start([application.address])

    edge.get(headers=b"Keep-Alive: 5\r\nTE: trailers\r\nProxy-Authorization: x\r\nX-Stays: y\r\n")
    raw = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Mine\r\nX-Mine: z\r\n\r\n"
    edge.exchange(raw)

    names = {name for request in application.requests for name, _ in headers_of(request)}
    assert names & {b"keep-alive", b"te", b"proxy-authorization", b"connection", b"x-mine"} == set()
    assert b"x-stays" in names


def test_headers_of_rules_are_inserted_and_cant_be_forged(edge, application):
    counts = {"Count": {"CustomRequestHandling": {"InsertHeaders": [{"Name": "seen", "Value": "yes"}]}}}
    edge.start([application.address], acl=acl(rule(b"/counted", counts)))

    edge.get(b"/counted", headers=b"X-Amzn-Waf-Seen: forged\r\n")
    edge.get(b"/other", headers=b"X-Amzn-Waf-Seen: forged\r\n")

    counted, other = application.requests
    assert [value for name, value in headers_of(counted) if name == b"x-amzn-waf-seen"] == [b"yes"]
    assert b"forged" not in other


def test_block_is_403_or_what_the_rule_says(edge, application):
    custom = {
        "Block": {
            "CustomResponse": {
                "ResponseCode": 418,
                "CustomResponseBodyKey": "tea",
                "ResponseHeaders": [{"Name": "x-why", "Value": "tea"}],
            }
        }
    }
    rules = acl(
        rule(b"/plain", {"Block": {}}, name="plain"),
        rule(b"/custom", custom, name="custom"),
        CustomResponseBodies={"tea": {"ContentType": "APPLICATION_JSON", "Content": '{"tea": true}'}},
    )
    edge.start([application.address], acl=rules)

    plain, answered = edge.get(b"/plain"), edge.get(b"/custom")

    assert (plain.status, b"<h1>403 Forbidden</h1>" in plain.body) == (403, True)
    assert (answered.status, json.loads(answered.body)) == (418, {"tea": True})
    assert answered.header(b"x-why") == b"tea"
    assert application.requests == []


def test_no_plan_blocks_everything(edge, application):
    edge.start([application.address])
    edge.active.plan = None

    assert edge.get().status == 503
    assert application.requests == []


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [0, 1, 8_192, 8_193, 70_000, 3_000_000])
def test_body_reaches_the_application_unchanged(edge, application, size, chunked):
    edge.start([application.address])
    body = bytes(range(256)) * (size // 256) + b"z" * (size % 256)
    framed = body
    if chunked:
        framed = (
            b"".join(
                b"%x\r\n%b\r\n" % (len(body[at : at + 5_000]), body[at : at + 5_000]) for at in range(0, size, 5_000)
            )
            + b"0\r\n\r\n"
        )
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % size

    answer = edge.exchange(
        b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + length + b"\r\n\r\n" + framed, half_close=False
    )

    assert answer.startswith(b"HTTP/1.1 200 ")
    head, _, got = application.requests[0].partition(b"\r\n\r\n")
    if b"transfer-encoding" in head:
        pieces = []
        while got != b"0\r\n\r\n":
            length, _, got = got.partition(b"\r\n")
            pieces.append(got[: int(length, 16)])
            got = got[int(length, 16) + 2 :]
        got = b"".join(pieces)
    assert got == body


def test_long_body_is_judged_by_its_beginning_before_it_has_come(edge, application):
    rules = acl(rule(b"attack", {"Block": {}}, {"Body": {"OversizeHandling": "CONTINUE"}}))
    edge.start([application.address], acl=rules)

    with edge.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nattack" + b"x" * 9_000)
        answer = connection.recv(4_096)

    assert answer.startswith(b"HTTP/1.1 403 ")
    assert application.requests == []
    assert application.raw == b""


def test_oversize_body_meets_the_rules_choice(edge, application):
    rules = acl(rule(b"nothing", {"Block": {}}, {"Body": {"OversizeHandling": "MATCH"}}))
    edge.start([application.address], acl=rules)

    assert edge.get(method=b"POST", body=b"x" * 8_192).status == 200
    assert edge.get(method=b"POST", body=b"x" * 8_193).status == 403


@pytest.mark.parametrize("size", [0, 5, 60_000, 2_000_000])
@pytest.mark.parametrize("framing", ["length", "chunked", "close"])
def test_answer_reaches_the_client_unchanged(edge, application, size, framing):
    body = b"0123456789" * (size // 10) + b"z" * (size % 10)

    def answer(_request: bytes, transport: Any) -> None:
        head = b"HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n"
        if framing == "length":
            transport.write(head + b"content-length: %d\r\n\r\n" % size + body)
        elif framing == "chunked":
            pieces = b"".join(
                b"%x\r\n%b\r\n" % (len(body[at : at + 9_999]), body[at : at + 9_999]) for at in range(0, size, 9_999)
            )
            transport.write(head + b"transfer-encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n")
        else:
            transport.write(head + b"\r\n" + body)
            transport.close()

    application.answer = answer
    edge.start([application.address])

    got = edge.get(method=b"GET", headers=b"Accept: */*\r\n")

    assert [value for name, value in got.headers if name == b"set-cookie"] == [b"a=1", b"b=2"]
    received = got.body
    if got.header(b"transfer-encoding") == b"chunked":
        pieces = []
        while received != b"0\r\n\r\n":
            length, _, received = received.partition(b"\r\n")
            pieces.append(received[: int(length, 16)])
            received = received[int(length, 16) + 2 :]
        received = b"".join(pieces)
    assert received == body


def test_head_keeps_the_length_and_has_no_body(edge, application):
    application.answer = lambda _request, transport: transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n")
    edge.start([application.address])

    first = edge.get(method=b"HEAD")
    second = edge.get(method=b"HEAD")

    assert (first.status, first.header(b"content-length"), first.body) == (200, b"99", b"")
    assert second.status == 200


def test_interim_answers_are_not_final(edge, application):
    application.answer = lambda _request, transport: transport.write(
        b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    )
    edge.start([application.address])

    answer = edge.get()

    assert (answer.status, answer.body, answer.header(b"link")) == (200, b"ok", None)


def test_connections_to_the_application_are_kept(edge, application):
    edge.start([application.address])

    for _ in range(5):
        assert edge.get().status == 200

    assert application.connections == 1


def test_kept_connection_that_went_away_costs_a_get_nothing(edge, application, loop):
    edge.start([application.address])

    def once(_request: bytes, transport: Any) -> None:
        if len(application.requests) == 2:
            transport.abort()
        else:
            transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    application.answer = once

    assert [edge.get().status for _ in range(2)] == [200, 200]
    assert len(application.requests) == 3


def test_post_is_not_sent_twice(edge, application):
    edge.start([application.address])

    def once(_request: bytes, transport: Any) -> None:
        if len(application.requests) == 2:
            transport.abort()
        else:
            transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    application.answer = once

    assert edge.get(method=b"POST", body=b"a").status == 200
    assert edge.get(method=b"POST", body=b"b").status == 502
    assert len(application.requests) == 2


def closed_port() -> OriginAddress:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return OriginAddress("127.0.0.1", probe.getsockname()[1], tls=False)


def test_application_that_is_not_there_is_502(edge):
    edge.start([closed_port()])

    assert edge.get().status == 502


def test_other_origin_answers_where_one_is_not_there(edge, application):
    edge.start([closed_port(), application.address])

    assert [edge.get(method=b"POST", body=b"x").status for _ in range(8)] == [200] * 8


def test_origin_that_failed_three_times_is_left_alone_for_a_while(edge, application):
    gone = closed_port()
    edge.start([gone, application.address])
    for _ in range(8):
        edge.get()

    out = next(origin for origin in edge.origins.all if origin.address == gone)

    assert not out.well()
    assert all(edge.origins.pick().address == application.address for _ in range(10))


def test_health_check_takes_out_what_answers_500_and_back_what_does_not(edge, application):
    edge.start([application.address])
    origin = edge.origins.all[0]
    application.answer = lambda _request, transport: transport.write(b"HTTP/1.1 500 No\r\ncontent-length: 0\r\n\r\n")
    edge.loop.do(ask(origin, "/health"))
    assert not origin.well()

    application.answer = lambda _request, transport: transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    edge.loop.do(ask(origin, "/health"))

    assert origin.well()
    assert application.targets == [b"/health", b"/health"]


def test_application_that_says_nothing_is_504(edge, application):
    application.answer = lambda _request, _transport: None
    edge.start([application.address], timeouts=Timeouts(response=0.05))

    async def soon() -> None:
        for _ in range(20):
            await asyncio.sleep(0.02)
            edge.origins.sweep()

    edge.loop.loop.call_soon_threadsafe(lambda: setattr(edge, "task", edge.loop.loop.create_task(soon())))

    assert edge.get().status == 504


@pytest.mark.parametrize(
    "nonsense",
    [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nbad header\r\n\r\n", b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000],
)
def test_answer_that_is_no_http_is_502(edge, application, nonsense):
    application.answer = lambda _request, transport: transport.write(nonsense)
    edge.start([application.address])

    assert edge.get().status == 502


def test_answer_cut_short_cuts_the_client_too(edge, application):
    def cut(_request: bytes, transport: Any) -> None:
        transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n" + b"x" * 50_000)
        transport.close()

    application.answer = cut
    edge.start([application.address])

    answer = edge.get()

    assert answer.header(b"content-length") == b"100000"
    assert len(answer.body) < 100_000


def test_client_that_goes_away_while_uploading_ends_the_applications_request(edge, application):
    edge.start([application.address])
    with edge.connect() as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 100_000)
        while b"xxx" not in application.raw:
            pass

    answer = edge.get()

    assert answer.status == 200
    assert len(application.requests) == 1
    assert b"content-length: 1000000" not in application.requests[0]


def test_explanation_is_given_only_where_asked_for(edge, application):
    edge.start([application.address], acl=acl(rule(b"/no", {"Block": {}})), explain=True)

    told = json.loads(edge.get(b"/no").header(b"x-casemate-waf-explain") or b"{}")

    assert (told["action"], told["rule"]) == ("BLOCK", "rule")


def test_no_explanation_unless_asked_for(edge, application):
    edge.start([application.address], acl=acl(rule(b"/no", {"Block": {}})))

    assert edge.get(b"/no").header(b"x-casemate-waf-explain") is None


def test_slow_head_is_408(edge, application):
    edge.start([application.address], limits=Limits(header_timeout=0.1))

    with edge.connect() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: a")
        answer = connection.recv(4_096)

    assert answer.startswith(b"HTTP/1.1 408 ")


def test_client_that_leaves_late_does_not_end_another_clients_request(edge, application, loop):
    """The first answer has left the application whole, its connection serves another by the time its client goes."""
    waiting: list[Any] = []

    def answer(request: bytes, transport: Any) -> None:
        if b" /large" in request:
            transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\n" + b"x" * 200_000)
        else:
            waiting.append(transport)

    application.answer = answer
    edge.start([application.address])
    first = edge.connect()
    first.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    first.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
    assert first.recv(1)
    with edge.connect() as second:
        second.sendall(b"GET /other HTTP/1.1\r\nHost: a\r\n\r\n")
        while not waiting:
            pass
        first.close()
        loop.do(asyncio.sleep(0.05))  # the proxy hears of it in a turn of its loop
        loop.call(lambda: waiting[0].write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"))

        assert second.recv(4_096).startswith(b"HTTP/1.1 200 ")


def test_acl_without_rules_that_replaces_another_is_in_force_at_once(edge, application):
    edge.start([application.address])
    shut = {
        "Name": "shut",
        "DefaultAction": {"Block": {"CustomResponse": {"ResponseCode": 418}}},
        "Rules": [],
    }
    marked = {
        "Name": "marked",
        "DefaultAction": {"Allow": {"CustomRequestHandling": {"InsertHeaders": [{"Name": "a", "Value": "b"}]}}},
        "Rules": [],
    }

    statuses = []
    for acl in (None, shut, marked):
        if acl is not None:
            edge.loop.call(lambda acl=acl: edge.active.replace(acl, Resources()))
        statuses += [edge.get().status, edge.get().status]

    assert statuses == [200, 200, 418, 418, 200, 200]
    assert [b"x-amzn-waf-a: b" in request for request in application.requests] == [False, False, True, True]
