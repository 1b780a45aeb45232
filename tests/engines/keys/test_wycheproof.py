"""Authentication codes against project Wycheproof's vectors, by the engine: every vector whose key KMS could have.

Those with a message go through GenerateMac and VerifyMac too (tests/services/kms/test_wycheproof.py): the API can't
express the empty one. Keys shorter or longer than material that may be imported are refused, here and by the API.

The AES-GCM vectors are not here: no operation of KMS and no function of this engine takes a key, an IV and associated
data. The key of a symmetric message is derived from the material and a random nonce, its associated data begins with a
header, and both are made inside `seal_message`; vectors would meet the `cryptography` library alone. What is ours is
tested in test_ciphertext.py (golden message, every flipped bit) and, by another implementation of AES-GCM, in
tests/services/kms/test_independent.py.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from casemate.engines.keys import MacError, MaterialError, mac, verify_mac

VECTORS = Path(__file__).parents[2] / "data" / "wycheproof"


def groups(name: str) -> Iterator[dict[str, Any]]:
    document = json.loads(gzip.decompress((VECTORS / f"{name}.json.gz").read_bytes()))
    yield from document["testGroups"]


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
