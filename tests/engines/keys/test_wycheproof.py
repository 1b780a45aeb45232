"""The primitives that messages and codes rest on, against project Wycheproof's vectors."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from casemate.engines.keys import MacError, MaterialError, mac, verify_mac

VECTORS = Path(__file__).parents[2] / "data" / "wycheproof"


def groups(name: str) -> Iterator[dict[str, Any]]:
    document = json.loads(gzip.decompress((VECTORS / f"{name}.json.gz").read_bytes()))
    yield from document["testGroups"]


def test_aes_gcm_with_our_sizes_agrees_with_every_vector() -> None:
    tried = 0
    for group in groups("aes_gcm_test"):
        if (group["ivSize"], group["keySize"], group["tagSize"]) != (96, 256, 128):
            continue
        for case in group["tests"]:
            cipher = AESGCM(bytes.fromhex(case["key"]))
            iv, aad, message = (bytes.fromhex(case[name]) for name in ("iv", "aad", "msg"))
            sealed = bytes.fromhex(case["ct"] + case["tag"])
            if case["result"] == "valid":
                assert cipher.decrypt(iv, sealed, aad) == message
                assert cipher.encrypt(iv, message, aad) == sealed
            else:
                with pytest.raises(InvalidTag):
                    cipher.decrypt(iv, sealed, aad)
            tried += 1
    assert tried > 60


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_mac_agrees_with_every_vector_of_a_length_that_kms_takes(bits: int) -> None:
    spec, algorithm = f"HMAC_{bits}", f"HMAC_SHA_{bits}"
    tried = refused = 0
    for group in groups(f"hmac_sha{bits}_test"):
        for case in group["tests"]:
            key, message, tag = (bytes.fromhex(case[name]) for name in ("key", "msg", "tag"))
            try:
                code = mac(spec, algorithm, key, message)
            except MaterialError:
                refused += 1
                continue
            assert (code[: len(tag)] == tag) is (case["result"] == "valid")
            if len(tag) == len(code) and case["result"] == "valid":
                verify_mac(spec, algorithm, key, message, tag)
            else:
                with pytest.raises(MacError):
                    verify_mac(spec, algorithm, key, message, tag)
            tried += 1
    assert tried > 80
    assert refused < tried
