"""What can go wrong with keys.

KeysError
├── CiphertextError    a blob that is not ours, was changed, or was made for another key or context
├── MacError           a code that does not match
├── ContextError       an encryption context that can't be encoded
├── MaterialError      key material of a wrong length
└── AlgorithmError     an algorithm or usage that does not fit the key's spec
"""


class KeysError(Exception):
    """Any error of this engine."""


class CiphertextError(KeysError):
    """The blob can't be opened. It never says why: the reason would tell a forger how far he came."""


class MacError(KeysError):
    """The code does not match the message."""


class ContextError(KeysError):
    """The encryption context holds what UTF-8 can't express."""


class MaterialError(KeysError):
    """The key material does not have a length that its spec allows."""


class AlgorithmError(KeysError):
    """The algorithm does not fit the key."""
