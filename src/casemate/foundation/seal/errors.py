"""What can go wrong with the seal.

SealError
├── SealedElsewhereError   what was sealed does not open: changed, or moved from its place, or another node's
├── SealDamagedError       seal.json or root.key can't be read as what they should be
├── RootKeyMissingError    there is no root key, or not the one under which this data directory is sealed
├── RootKeyExposedError    others on the machine may read the root key
└── PassphraseError        the passphrase is wrong, or one is needed
"""

from casemate.foundation.errors import CasemateError


class SealError(CasemateError):
    """Any error of the seal."""


class SealedElsewhereError(SealError):
    """The blob does not open at this place. It never says why."""


class SealDamagedError(SealError):
    """A file of the seal is not what it should be."""


class RootKeyMissingError(SealError):
    """No root key, or not this data directory's."""


class RootKeyExposedError(SealError):
    """The root key's file has permissions that it must not have."""


class PassphraseError(SealError):
    """The passphrase is wrong, or missing."""
