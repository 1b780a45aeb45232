"""The key pairs of asymmetric keys: made, opened once a process, dropped when their key's record changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from casemate.engines.keys import SPECS, KeyUsage
from casemate.foundation.context import Context
from casemate.foundation.records import Reader
from casemate.foundation.seal import Seal
from casemate.services.kms import errors
from casemate.services.kms.material import open_backing
from casemate.services.kms.records import KEYS, Key

if TYPE_CHECKING:
    from casemate.engines.keys.asymmetric import KeyPair
    from casemate.engines.keys.pool import PairPool

_UNAVAILABLE: Final = {
    "SM2": "SM2 keys exist in the China Regions of AWS only, and need a library that is not installed here.",
    "ML_KEM_512": "ML_KEM_512 needs a library that is not installed here: use ML_KEM_768 or ML_KEM_1024.",
}


def library() -> Any:
    """The asymmetric half of the engine, loaded when a key pair is first met."""
    from casemate.engines.keys import asymmetric  # noqa: PLC0415 - 25 ms that a server's start need not take

    return asymmetric


def is_pair(key: Key) -> bool:
    """Whether a key is asymmetric."""
    return not SPECS[key.spec].import_bytes


def new_pair(context: Context, spec: str) -> bytes:
    """A pair that nobody else gets, as PKCS #8."""
    pool: PairPool | None = context.host.kept.get("kms.pairs")
    if pool is None:
        from casemate.engines.keys.pool import PairPool  # noqa: PLC0415 - see library

        pool = context.host.kept.setdefault("kms.pairs", PairPool())
    return pool.take(spec)


def require_available(spec: str) -> None:
    """Raises UnsupportedOperationException for specs whose library is not installed."""
    if spec in _UNAVAILABLE:
        raise errors.unsupported(_UNAVAILABLE[spec])


def pair_of(context: Context, key: Key) -> KeyPair:
    """The key's pair, opened once a process."""
    seal, account, key_id = context.host.seal, key.account, key.id
    return context.unit.memo(("kms.pair", account, key_id), lambda reader: _opened(reader, seal, account, key_id))


def _opened(reader: Reader, seal: Seal, account: str, key_id: str) -> KeyPair:
    key = reader.get(KEYS, account, key_id)
    assert key is not None
    assert key.current is not None
    pair: KeyPair = library().load_pair(key.spec, open_backing(seal, key, key.current))
    return pair


def require_algorithm(key: Key, algorithm: str) -> None:
    """Raises InvalidKeyUsageException for an algorithm that the key's spec does not have for its usage."""
    if algorithm not in SPECS[key.spec].algorithms(KeyUsage(key.usage)):
        raise errors.invalid_usage(f"Algorithm {algorithm} is incompatible with key spec {key.spec}.")
