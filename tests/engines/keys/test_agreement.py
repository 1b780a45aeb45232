"""Shared secrets with peers whose public key was read before, and with those that are refused each time."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from casemate.engines.keys import MaterialError
from casemate.engines.keys.asymmetric import KeyPair, derive_secret, encode_public, generate_pair, load_pair


def pair_of(spec: str) -> KeyPair:
    return load_pair(spec, generate_pair(spec))


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"])
def test_each_peer_has_its_own_secret_however_often_it_comes(spec: str) -> None:
    own, peers = pair_of(spec), [pair_of(spec) for _ in range(3)]
    expected = [peer.private.exchange(ec.ECDH(), own.public) for peer in peers]
    for _ in range(2):
        assert [derive_secret(own, "ECDH", encode_public(peer.public)) for peer in peers] == expected
    assert len(set(expected)) == 3


def test_key_of_another_curve_is_refused_also_after_it_served_its_own() -> None:
    own, other = pair_of("ECC_NIST_P256"), pair_of("ECC_NIST_P384")
    peer = encode_public(pair_of("ECC_NIST_P384").public)
    assert len(derive_secret(other, "ECDH", peer)) == 48
    for _ in range(2):
        with pytest.raises(MaterialError, match="not of ECC_NIST_P256"):
            derive_secret(own, "ECDH", peer)


def test_point_that_is_not_on_the_curve_is_refused_beside_one_that_is() -> None:
    own, peer = pair_of("ECC_NIST_P256"), encode_public(pair_of("ECC_NIST_P256").public)
    derive_secret(own, "ECDH", peer)
    off = peer[:-1] + bytes([peer[-1] ^ 1])
    for _ in range(2):
        with pytest.raises(MaterialError, match="SubjectPublicKeyInfo"):
            derive_secret(own, "ECDH", off)
