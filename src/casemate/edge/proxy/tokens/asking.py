"""Asking clients to show that they are browsers or people, and hearing what they answer.

`ask` answers a request whose verdict is CAPTCHA or CHALLENGE; `endpoint` answers the pages' own requests:

    GET  page.js     the pages' script
    GET  challenge   {"seed", "bits"}: for programs that work without a page
    POST challenge   {"seed", "number"} -> 200 {"token"} and the cookie
    POST captcha     {"seed", "number", "answer"} -> 200 {"token"} and the cookie
"""

from __future__ import annotations

import hmac
import os
import random
from collections.abc import Sequence
from typing import Final

import msgspec

from casemate.edge.proxy.answers import Answer
from casemate.edge.proxy.tokens.client_token import ClientToken, ClientTokens, host_of, token_domain
from casemate.edge.proxy.tokens.pages import HEADERS, PREFIX, SCRIPT, captcha_page, challenge_page
from casemate.edge.proxy.tokens.puzzles import make, normal
from casemate.edge.proxy.tokens.signing import Signer
from casemate.edge.proxy.tokens.work import BITS, NotSolved, Seed, Work
from casemate.engines.web import Token
from casemate.foundation.http import Request
from casemate.foundation.http.reply import Headers

ACTION: Final = b"x-amzn-waf-action"
LARGEST_ANSWER: Final = 4_096
_PREFIX: Final = PREFIX.encode()
_JSON: Final = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
_ANSWER: Final = b"puzzle answer"


class Solution(msgspec.Struct):
    """What a page sends."""

    seed: str
    number: str
    answer: str = ""


class Asking:
    """Challenges and puzzles of one process."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self.tokens = ClientTokens(signer)
        self._challenges = Work(signer, b"challenge")
        self._puzzles = Work(signer, b"puzzle")
        self._chance = random.SystemRandom()

    def ask(self, request: Request, answer: Answer, action: str, client: str, now: float, explained: Headers) -> int:  # noqa: PLR0917 - all of one request
        """Answer 405 or 202, with a page where the client takes HTML. The status."""
        captcha = action == "CAPTCHA"
        status = 405 if captcha else 202
        action_header = (ACTION, b"captcha" if captcha else b"challenge")
        if b"text/html" not in request.fields.get(b"accept", b"").lower():
            answer.send(status, [action_header, (b"cache-control", b"no-store"), *explained])
            return status
        page = self._puzzle(client, now) if captcha else challenge_page(self._challenges.seed(client, now))
        answer.send(status, [action_header, *HEADERS, *explained], page)
        return status

    def _puzzle(self, client: str, now: float) -> bytes:
        puzzle = make(self._chance)
        unique = os.urandom(9).hex()
        digest = self._digest(unique, puzzle.answer)
        return captcha_page(self._puzzles.seed(client, now, answer=digest.hex(), unique=unique), puzzle.question)

    def _digest(self, unique: str, answer: str, *, age: int = 0) -> bytes:
        # Keyed: the few answers that a puzzle can have must not be tried out without asking us.
        return self._signer.digest(_ANSWER, f"{unique}:{answer}".encode(), age=age)

    def endpoint(  # noqa: PLR0917 - all of one request
        self, request: Request, answer: Answer, client: str, now: float, domains: Sequence[str], known: Token
    ) -> int:
        """Answer a request under the reserved prefix; the status."""
        path = request.target[len(_PREFIX) :].partition(b"?")[0]
        if request.method == b"GET" and path == b"page.js":
            headers = [(b"content-type", b"text/javascript; charset=utf-8"), (b"cache-control", b"max-age=300")]
            answer.send(200, headers, SCRIPT)
            return 200
        if request.method == b"GET" and path == b"challenge":
            told = {"seed": self._challenges.seed(client, now), "bits": BITS}
            answer.send(200, _JSON, msgspec.json.encode(told))
            return 200
        if request.method != b"POST" or path not in {b"challenge", b"captcha"}:
            answer.send(404, _JSON, b'{"message":"There is nothing here."}')
            return 404
        try:
            token = self._solved(request, path == b"captcha", client, now, known, domains)
        except NotSolved as error:
            told = {"message": "That was not right; here comes another question.", "reason": str(error)}
            answer.send(403, _JSON, msgspec.json.encode(told))
            return 403
        self._grant(request, answer, token, domains)
        return 200

    def _solved(  # noqa: PLR0917 - all of one request
        self, request: Request, captcha: bool, client: str, now: float, known: Token, domains: Sequence[str]
    ) -> ClientToken:
        """1. The body is small JSON. 2. Its seed was signed for this purpose, for this client, lately, and not used
        before. 3. The work was done. 4. A puzzle's answer is right. Raises NotSolved.
        """  # noqa: D205 - the steps are the summary
        if len(request.body) > LARGEST_ANSWER:  # 1
            raise NotSolved("too much")
        try:
            solution = msgspec.json.decode(request.body, type=Solution)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise NotSolved("no JSON") from None
        work = self._puzzles if captcha else self._challenges
        seed = work.check(solution.seed, solution.number, client, now)  # 2, 3
        if captcha:
            self._check_answer(seed, solution.answer)  # 4
        return ClientToken(
            token_domain(host_of(request), domains),
            issued=now,
            challenge=now,
            captcha=now if captcha else known.captcha_time,
        )

    def _check_answer(self, seed: Seed, answer: str) -> None:
        wanted = bytes.fromhex(seed.answer)
        said = normal(answer)
        if not any(hmac.compare_digest(self._digest(seed.unique, said, age=age), wanted) for age in self._signer.ages):
            raise NotSolved("another answer was wanted")

    def _grant(self, request: Request, answer: Answer, token: ClientToken, domains: Sequence[str]) -> None:
        text = self.tokens.issue(token)
        cookie = f"aws-waf-token={text}; Path=/; Max-Age=345600; HttpOnly; SameSite=Lax"
        if request.tls is not None or request.fields.get(b"x-forwarded-proto") == b"https":
            cookie += "; Secure"
        if token.domain in domains:
            cookie += f"; Domain={token.domain}"
        answer.send(200, [*_JSON, (b"set-cookie", cookie.encode())], msgspec.json.encode({"token": text}))
