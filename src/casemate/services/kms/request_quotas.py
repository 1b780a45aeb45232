"""Request quotas (KMS Developer Guide, "Request quotas"), where the setting `kms_request_quotas` asks for them.

Each account has, in each Region, a bucket for each group of operations; it holds what one second gives and fills by the
second. The buckets lie in a file that all workers of a node map and lock, so that the quotas are the node's, not each
worker's. A request counts once it is known which key it is about, and before the policies are asked.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import Checks, Operation
from casemate.services.kms.records import Key

_TEXT: Final = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
_SYMMETRIC: Final = frozenset(
    (
        "Decrypt",
        "Encrypt",
        "GenerateDataKey",
        "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GenerateRandom",
        "ReEncrypt",
        "VerifyMac",
    )
)
_OF_PAIRS: Final = frozenset(("Sign", "Verify", "DeriveSharedSecret", "Encapsulate", "Decapsulate"))
_LARGE: Final = frozenset(("us-east-1", "us-west-2", "eu-west-1"))
_MIDDLE: Final = frozenset(
    ("us-east-2", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "eu-central-1", "eu-west-2")
)
_PER_SECOND: Final = {
    "symmetric": 5500.0,
    "RSA": 500.0,
    "ECC": 300.0,
    "ML": 300.0,  # the guide has no figure for ML-DSA and ML-KEM yet: as elliptic curves
    "store": 1800.0,
    "CancelKeyDeletion": 5.0,
    "ConnectCustomKeyStore": 5.0,
    "CreateAlias": 5.0,
    "CreateCustomKeyStore": 5.0,
    "CreateGrant": 50.0,
    "CreateKey": 5.0,
    "DeleteAlias": 15.0,
    "DeleteCustomKeyStore": 5.0,
    "DeleteImportedKeyMaterial": 5.0,
    "DescribeCustomKeyStores": 5.0,
    "DescribeKey": 2000.0,
    "DisableKey": 5.0,
    "DisableKeyRotation": 5.0,
    "DisconnectCustomKeyStore": 5.0,
    "EnableKey": 5.0,
    "EnableKeyRotation": 15.0,
    "GetKeyPolicy": 1000.0,
    "GetKeyRotationStatus": 1000.0,
    "GetParametersForImport": 0.25,
    "GetPublicKey": 2000.0,
    "ImportKeyMaterial": 5.0,
    "ListAliases": 500.0,
    "ListGrants": 100.0,
    "ListKeyPolicies": 100.0,
    "ListKeyRotations": 100.0,
    "ListKeys": 500.0,
    "ListResourceTags": 2000.0,
    "ListRetirableGrants": 100.0,
    "PutKeyPolicy": 15.0,
    "ReplicateKey": 5.0,
    "RetireGrant": 30.0,
    "RevokeGrant": 30.0,
    "RotateKeyOnDemand": 5.0,
    "ScheduleKeyDeletion": 15.0,
    "TagResource": 10.0,
    "UntagResource": 5.0,
    "UpdateAlias": 5.0,
    "UpdateCustomKeyStore": 5.0,
    "UpdateKeyDescription": 5.0,
    "UpdatePrimaryRegion": 5.0,
    "GenerateDataKeyPair/ECC_NIST_P256": 25.0,
    "GenerateDataKeyPair/ECC_NIST_P384": 10.0,
    "GenerateDataKeyPair/ECC_NIST_P521": 5.0,
    "GenerateDataKeyPair/ECC_SECG_P256K1": 25.0,
    "GenerateDataKeyPair/ECC_NIST_EDWARDS25519": 25.0,
    "GenerateDataKeyPair/RSA_2048": 1.0,
    "GenerateDataKeyPair/RSA_3072": 0.5,
    "GenerateDataKeyPair/RSA_4096": 0.1,
}
"""Requests a second; what the guide does not list has no quota."""
_SLOT: Final = struct.Struct("<8sdd")
"""A bucket: the hash of its name, what it holds, and when that was."""
_TOGETHER: Final = 8
_GROUPS: Final = 4096
_GROUP_BYTES: Final = _SLOT.size * _TOGETHER
_FILE: Final = "request-quotas.map"
_KEPT: Final = "kms.request_quotas"


class Buckets:
    """Buckets in a file: a name has one of eight slots, and takes the longest unused one where it has none yet."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.ftruncate(self._descriptor, _GROUP_BYTES * _GROUPS)
        self._map = mmap.mmap(self._descriptor, _GROUP_BYTES * _GROUPS)
        self._lock = threading.Lock()  # the file's lock is between processes only

    def take(self, name: str, per_second: float, now: float) -> bool:
        """Whether the bucket held one more; it is taken then. `now` is the real time in seconds."""
        digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
        start = int.from_bytes(digest, "little") % _GROUPS * _GROUP_BYTES
        with self._lock:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX, _GROUP_BYTES, start)
            try:
                return self._take(digest, start, per_second, now)
            finally:
                fcntl.lockf(self._descriptor, fcntl.LOCK_UN, _GROUP_BYTES, start)

    def _take(self, digest: bytes, start: int, per_second: float, now: float) -> bool:
        most = max(1.0, per_second)
        place, oldest = start, float("inf")
        held = most
        for offset in range(start, start + _GROUP_BYTES, _SLOT.size):
            named, holds, since = _SLOT.unpack_from(self._map, offset)
            if named == digest:
                place, held = offset, min(most, holds + max(0.0, now - since) * per_second)
                break
            if since < oldest:
                place, oldest = offset, since
        taken = held >= 1.0
        _SLOT.pack_into(self._map, place, digest, held - 1.0 if taken else held, now)
        return taken


def counted(operation: Operation) -> Operation:
    """The operation, whose requests count against the quotas where they are in force."""
    authorize = operation.authorize
    if authorize is None or operation.internal:
        return operation

    def count(context: Context, request: Mapping[str, Any]) -> Checks:
        checks = authorize(context, request)
        if context.host.kms_request_quotas != "off":
            _count(context, request)
        return checks

    return replace(operation, authorize=count)


def _count(context: Context, request: Mapping[str, Any]) -> None:
    """Raises ThrottlingException."""
    buckets: Buckets | None = context.host.kept.get(_KEPT)
    if buckets is None:
        buckets = context.host.kept.setdefault(_KEPT, Buckets(context.host.data / _FILE))
    now = context.host.clock.real()
    for group in dict.fromkeys(groups_of(context.operation, request, context.loaded)):
        per_second = rate_of(group, context.region)
        if per_second is not None and not buckets.take(f"{context.account}/{context.region}/{group}", per_second, now):
            raise ServiceError("ThrottlingException", _TEXT, status=400)


def groups_of(operation: str, request: Mapping[str, Any], loaded: Any) -> Iterator[str]:
    """The quotas that a request counts against; `loaded` is the key or the keys that it is about."""
    if operation in _SYMMETRIC or operation in _OF_PAIRS:
        keys = [each for each in (loaded if isinstance(loaded, tuple) else (loaded,)) if isinstance(each, Key)]
        for key in keys:
            yield _group_of(key)
        if not keys:
            store = request.get("CustomKeyStoreId")
            yield f"store/{store}" if store else "symmetric"
    elif operation.startswith("GenerateDataKeyPair"):
        yield f"GenerateDataKeyPair/{request['KeyPairSpec']}"
    else:
        yield operation


def _group_of(key: Key) -> str:
    if key.custom_key_store is not None:
        return f"store/{key.custom_key_store}"
    family = key.spec.partition("_")[0]
    return family if family in {"RSA", "ECC", "ML"} else "symmetric"


def rate_of(group: str, region: str) -> float | None:
    """Requests a second of a group in a Region; None where there is no quota."""
    if group == "symmetric" and region in _LARGE:
        return 50_000.0
    if group == "symmetric" and region in _MIDDLE:
        return 10_000.0
    return _PER_SECOND.get("store" if group.startswith("store/") else group)
