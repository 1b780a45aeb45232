"""The token of a client: cookie `aws-waf-token` or header `x-aws-waf-token`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from casemate.edge.proxy.tokens.signing import NotOurs, Signer
from casemate.engines.web import Token
from casemate.foundation.http import Request

COOKIE: Final = b"aws-waf-token"
HEADER: Final = b"x-aws-waf-token"
LIFETIME: Final = 4 * 86_400.0
"""Seconds that a token is kept; how long what it says counts is the rules' immunity time."""
_PURPOSE: Final = b"client token"
_SKEW: Final = 60.0


class ClientToken(msgspec.Struct, frozen=True):
    """When and for which domain a client passed a challenge or solved a puzzle; times in seconds since the epoch."""

    domain: str
    issued: float
    challenge: float | None = None
    captcha: float | None = None


def host_of(request: Request) -> str:
    """The host that a request names, in lower case without its port."""
    host = request.fields.get(b"host", b"").decode("latin-1").lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def token_domain(host: str, domains: Sequence[str]) -> str:
    """The domain that a token for a host is issued for: the configured one that holds it, else the host itself."""
    holding = [domain for domain in domains if _within(host, domain)]
    return max(holding, key=len) if holding else host


def given(request: Request) -> str | None:
    """The token that a request carries."""
    header = request.fields.get(HEADER)
    if header is not None:
        return header.decode("latin-1")
    cookies = request.fields.get(b"cookie")
    if cookies is None or COOKIE not in cookies:
        return None
    for cookie in cookies.replace(b",", b";").split(b";"):
        name, _, value = cookie.strip().partition(b"=")
        if name == COOKIE:
            return value.decode("latin-1")
    return None


class ClientTokens:
    """Issues and reads tokens."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def issue(self, token: ClientToken) -> str:
        return self._signer.sign(_PURPOSE, token)

    def read(self, request: Request, domains: Sequence[str], now: float) -> Token:
        """What a request's token is worth: accepted, rejected (with AWS's failure reason) or absent."""
        text = given(request)
        if text is None:
            return Token()
        try:
            token = self._signer.read(_PURPOSE, text, ClientToken)
        except NotOurs:
            return Token(status="rejected", reason="TOKEN_INVALID")
        if now - token.issued > LIFETIME:
            return Token(status="rejected", reason="TOKEN_EXPIRED")
        if token.issued > now + _SKEW:
            return Token(status="rejected", reason="TOKEN_INVALID")
        host = host_of(request)
        if token.domain != host and not any(_within(token.domain, d) and _within(host, d) for d in domains):
            return Token(status="rejected", reason="TOKEN_DOMAIN_MISMATCH")
        return Token(status="accepted", reason="", captcha_time=token.captcha, challenge_time=token.challenge)


def failure(token: Token, *, captcha: bool) -> str:
    """Why a token did not let its client through, in AWS's words (FailureReason)."""
    if token.status != "accepted":
        return token.reason
    since = token.captcha_time if captcha else token.challenge_time
    return "TOKEN_MISSING" if since is None else "TOKEN_EXPIRED"


def _within(host: str, domain: str) -> bool:
    return host == domain or host.endswith("." + domain)
