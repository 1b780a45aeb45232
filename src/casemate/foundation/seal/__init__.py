"""Sealing of secrets at rest: root key, domain keys, one derived key a message (docs/root-key.md)."""

from casemate.foundation.seal.custody import (
    Custody,
    add_domain_key,
    change_passphrase,
    create_seal,
    has_seal,
    open_root_key,
    open_seal,
    replace_root_key,
)
from casemate.foundation.seal.errors import (
    PassphraseError,
    RootKeyExposedError,
    RootKeyMissingError,
    SealDamagedError,
    SealedElsewhereError,
    SealError,
)
from casemate.foundation.seal.place import Place
from casemate.foundation.seal.root import LocalRootKey, RootKey, Scrypt
from casemate.foundation.seal.seal import Seal

__all__ = [
    "Custody",
    "LocalRootKey",
    "PassphraseError",
    "Place",
    "RootKey",
    "RootKeyExposedError",
    "RootKeyMissingError",
    "Scrypt",
    "Seal",
    "SealDamagedError",
    "SealError",
    "SealedElsewhereError",
    "add_domain_key",
    "change_passphrase",
    "create_seal",
    "has_seal",
    "open_root_key",
    "open_seal",
    "replace_root_key",
]
