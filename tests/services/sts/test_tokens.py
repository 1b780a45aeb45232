"""Session tokens: what they open for, how large they are."""

from __future__ import annotations

import pytest

from casemate.contracts.identity import CredentialRefused
from casemate.foundation.caller import Caller, Session
from casemate.services.sts import tokens


class Deriving:
    """A seal's part that tokens need."""

    def __init__(self, key=b"k" * 32):
        self._key = key

    def derive(self, purpose):
        assert purpose == tokens.PURPOSE
        return self._key


CALLER = Caller(
    kind="role_session",
    account="123456789012",
    arn="arn:aws:sts::123456789012:assumed-role/r/s",
    session=Session(issued=1.0, expires=2.0, tags=(("team", "red"),)),
)


def test_a_token_opens_to_what_was_minted():
    minted = tokens.mint(Deriving(), CALLER)
    credential = tokens.opened(Deriving(), minted.access_key_id, minted.token)
    assert credential.secret_key == minted.secret_key
    assert credential.caller.session == CALLER.session
    assert credential.caller.access_key_id == minted.access_key_id


def test_a_token_of_another_node_key_or_access_key_is_refused():
    minted, other = tokens.mint(Deriving(), CALLER), tokens.mint(Deriving(), CALLER)
    for seal, access_key_id, token in (
        (Deriving(b"x" * 32), minted.access_key_id, minted.token),
        (Deriving(), other.access_key_id, minted.token),
        (Deriving(), minted.access_key_id, minted.token[:-4]),
        (Deriving(), minted.access_key_id, "nonsense"),
        (Deriving(), minted.access_key_id, tokens.PREFIX),
    ):
        with pytest.raises(CredentialRefused):
            tokens.opened(seal, access_key_id, token)


@pytest.mark.parametrize("least", [0, 1, 700, 701, 702, 703, 1000, 4095, 4096])
def test_a_token_is_filled_up_to_the_size_that_was_asked_for(least):
    minted = tokens.mint(Deriving(), CALLER, least_bytes=least)
    assert least <= len(minted.token) <= max(tokens.MOST_BYTES, least)
    assert tokens.opened(Deriving(), minted.access_key_id, minted.token).caller.arn == CALLER.arn
