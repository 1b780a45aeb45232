"""Statements that come back from clients."""

from __future__ import annotations

import msgspec
import pytest

from casemate.edge.proxy.tokens.client_token import ClientToken, ClientTokens
from casemate.edge.proxy.tokens.signing import KEYS_KEPT, NotOurs, Signer
from casemate.foundation.http import Request

OLD, NEW = b"o" * 32, b"n" * 32
TOKEN = ClientToken("a.example", 1000.0, challenge=1000.0)


class Word(msgspec.Struct):
    word: str


def request(token: str) -> Request:
    fields = {b"host": b"A.example:8080", b"cookie": b"x=y; aws-waf-token=" + token.encode("latin-1")}
    return Request(b"GET", b"/", list(fields.items()), fields, "1.1", ("192.0.2.1", 1), None)


def test_statement_is_read_for_its_purpose_alone():
    signer = Signer([NEW])
    text = signer.sign(b"one", Word("yes"))

    assert signer.read(b"one", text, Word).word == "yes"
    with pytest.raises(NotOurs):
        signer.read(b"two", text, Word)


@pytest.mark.parametrize(
    "change",
    [
        lambda t: t[:-1],
        lambda t: "A" + t[1:],
        lambda t: t + "A",
        lambda t: t.replace(".", ""),
        lambda t: "",
        lambda t: "é" + t,
        lambda t: t * 20,
        lambda t: t.partition(".")[0] + ".",
    ],
)
def test_changed_statement_is_refused(change):
    signer = Signer([NEW])
    text = signer.sign(b"one", Word("yes"))

    with pytest.raises(NotOurs):
        signer.read(b"one", change(text), Word)


def test_statement_of_the_key_before_is_read_and_of_one_long_gone_is_not():
    text = Signer([OLD]).sign(b"one", Word("yes"))
    signer = Signer([NEW, OLD])

    assert signer.read(b"one", text, Word).word == "yes"
    signer.replace([bytes((number,)) * 32 for number in range(KEYS_KEPT)] + [OLD])
    with pytest.raises(NotOurs):
        signer.read(b"one", text, Word)


@pytest.mark.parametrize(
    ("token", "now", "reason"),
    [
        (TOKEN, 1010.0, ""),
        (TOKEN, 1000.0 + 4 * 86_400 + 1, "TOKEN_EXPIRED"),
        (TOKEN, 900.0, "TOKEN_INVALID"),
        (ClientToken("b.example", 1000.0), 1010.0, "TOKEN_DOMAIN_MISMATCH"),
    ],
)
def test_token_is_accepted_or_refused_for_its_reason(token, now, reason):
    tokens = ClientTokens(Signer([NEW]))

    assert tokens.read(request(tokens.issue(token)), (), now).reason == reason


def test_no_token_is_missing_and_nonsense_is_invalid():
    tokens = ClientTokens(Signer([NEW]))
    bare = Request(b"GET", b"/", [], {}, "1.1", ("192.0.2.1", 1), None)

    assert (tokens.read(bare, (), 0.0).status, tokens.read(bare, (), 0.0).reason) == ("absent", "TOKEN_MISSING")
    assert tokens.read(request("nonsense"), (), 0.0).reason == "TOKEN_INVALID"
