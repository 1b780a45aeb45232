"""Challenges and puzzles over sockets: what a client is asked, and what lets it through."""

from __future__ import annotations

import hashlib
import html
import json
import re
from itertools import count
from typing import Any

from tests.edge.proxy.tokens.person import read

from casemate.edge.proxy.tokens.client_token import ClientToken

HTML = b"Accept: text/html\r\n"


def solve(seed: str, bits: int = 16) -> str:
    for number in count():
        digest = hashlib.sha256(f"{seed}:{number}".encode()).digest()
        if int.from_bytes(digest[:8], "big") >> (64 - bits) == 0:
            return str(number)
    raise AssertionError


def seed_of(page: bytes) -> str:
    found = re.search(rb'data-seed="([^"]+)"', page)
    assert found
    return html.unescape(found[1].decode())


def answer_of(page: bytes) -> str:
    found = re.search(rb'<label for="answer">([^<]+)</label>', page)
    assert found
    question = html.unescape(found[1].decode())
    return read(question)


def tell(edge: Any, path: bytes, content: dict[str, str], headers: bytes = b"") -> Any:
    body = json.dumps(content).encode()
    return edge.get(b"/_casemate/waf/" + path, method=b"POST", body=body, headers=headers)


def cookie(answer: Any) -> bytes:
    found = answer.header(b"set-cookie")
    assert found is not None
    return b"Cookie: other=1; " + found.partition(b";")[0] + b"\r\n"


def test_challenge_without_html_is_202_with_the_header_alone(edge, application, asking, asks):
    edge.start([application.address], acl=asks("Challenge"), asking=asking)

    answer = edge.get(b"/private")

    assert (answer.status, answer.header(b"x-amzn-waf-action"), answer.body) == (202, b"challenge", b"")
    assert application.requests == []


def test_captcha_without_html_is_405_with_the_header_alone(edge, application, asking, asks):
    edge.start([application.address], acl=asks("Captcha"), asking=asking)

    answer = edge.get(b"/private")

    assert (answer.status, answer.header(b"x-amzn-waf-action"), answer.body) == (405, b"captcha", b"")


def test_challenge_solved_lets_the_client_through_by_cookie_and_by_header(edge, application, asking, asks):
    edge.start([application.address], acl=asks("Challenge"), asking=asking)
    page = edge.get(b"/private", headers=HTML)
    seed = seed_of(page.body)

    solved = tell(edge, b"challenge", {"seed": seed, "number": solve(seed)})

    assert solved.status == 200
    assert edge.get(b"/private", headers=cookie(solved)).status == 200
    token = json.loads(solved.body)["token"].encode()
    assert edge.get(b"/private", headers=b"X-Aws-Waf-Token: " + token + b"\r\n").status == 200
    assert edge.get(b"/private").status == 202


def test_challenge_solved_once_gives_one_token(edge, application, asking, asks):
    edge.start([application.address], acl=asks("Challenge"), asking=asking)
    seed = json.loads(edge.get(b"/_casemate/waf/challenge").body)["seed"]
    solution = {"seed": seed, "number": solve(seed)}

    assert tell(edge, b"challenge", solution).status == 200
    assert tell(edge, b"challenge", solution).status == 403


def test_challenge_without_work_is_refused(edge, application, asking, asks):
    edge.start([application.address], acl=asks("Challenge"), asking=asking)
    seed = json.loads(edge.get(b"/_casemate/waf/challenge").body)["seed"]
    right = int(solve(seed))

    assert tell(edge, b"challenge", {"seed": seed, "number": str(right + 1)}).status == 403
    assert tell(edge, b"challenge", {"seed": seed + "x", "number": str(right)}).status == 403
    assert tell(edge, b"captcha", {"seed": seed, "number": str(right), "answer": ""}).status == 403
    assert tell(edge, b"challenge", {"seed": seed, "number": "-1"}).status == 403
    assert edge.get(b"/_casemate/waf/challenge", method=b"POST", body=b"[" * 9_000).status == 403
    assert edge.get(b"/_casemate/waf/other").status == 404


def test_captcha_solved_lets_through_and_a_wrong_answer_does_not(edge, application, asking, asks):
    edge.start([application.address], acl=asks("Captcha"), asking=asking)
    page = edge.get(b"/private", headers=HTML)
    assert page.status == 405
    seed = seed_of(page.body)
    wrong = tell(edge, b"captcha", {"seed": seed, "number": solve(seed), "answer": "no such thing"})
    assert wrong.status == 403
    again = tell(edge, b"captcha", {"seed": seed, "number": solve(seed), "answer": answer_of(page.body)})
    assert again.status == 403  # one try a question

    page = edge.get(b"/private", headers=HTML)
    seed = seed_of(page.body)
    solved = tell(
        edge, b"captcha", {"seed": seed, "number": solve(seed), "answer": f" {answer_of(page.body).upper()} "}
    )

    assert solved.status == 200
    assert edge.get(b"/private", headers=cookie(solved)).status == 200


def test_challenge_token_does_not_answer_a_captcha(edge, application, asking, asks):
    edge.start([application.address], acl=asks("Captcha"), asking=asking)
    seed = json.loads(edge.get(b"/_casemate/waf/challenge").body)["seed"]
    solved = tell(edge, b"challenge", {"seed": seed, "number": solve(seed)})

    assert edge.get(b"/private", headers=cookie(solved)).status == 405


def test_token_older_than_the_immunity_time_is_asked_again(edge, application, asking, asks):
    edge.start(
        [application.address],
        acl=asks("Challenge", ChallengeConfig={"ImmunityTimeProperty": {"ImmunityTime": 300}}),
        asking=asking,
    )
    now = edge.clock.real()

    def passes(age: float) -> int:
        token = asking.tokens.issue(ClientToken("a.example", now - age, challenge=now - age))
        return edge.get(b"/private", headers=b"Cookie: aws-waf-token=" + token.encode() + b"\r\n").status

    assert passes(290) == 200
    assert passes(310) == 202


def test_token_of_another_domain_is_refused_unless_the_acl_names_it(edge, application, asking, asks):
    edge.start([application.address], acl=asks("Challenge", TokenDomains=["example"]), asking=asking)
    now = edge.clock.real()

    def passes(domain: str) -> int:
        token = asking.tokens.issue(ClientToken(domain, now, challenge=now))
        return edge.get(b"/private", headers=b"Cookie: aws-waf-token=" + token.encode() + b"\r\n").status

    assert passes("a.example") == 200
    assert passes("example") == 200
    assert passes("b.example") == 200
    assert passes("evil.test") == 202
    assert passes("evilexample") == 202


def test_token_is_issued_for_the_configured_domain(edge, application, asking, asks):
    edge.start([application.address], acl=asks("Challenge", TokenDomains=["example", "other.test"]), asking=asking)
    seed = json.loads(edge.get(b"/_casemate/waf/challenge").body)["seed"]

    solved = tell(edge, b"challenge", {"seed": seed, "number": solve(seed)})

    assert b"; Domain=example" in (solved.header(b"set-cookie") or b"")


def test_blocked_client_gets_no_challenge(edge, application, asking, asks):
    acl = asks("Challenge")
    acl["DefaultAction"] = {"Block": {}}
    edge.start([application.address], acl=acl, asking=asking)

    assert edge.get(b"/_casemate/waf/challenge").status == 403
