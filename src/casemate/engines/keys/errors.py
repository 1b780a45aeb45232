"""What can go wrong with keys.

KeysError
├── CiphertextError    a blob that is not ours, was changed, or was made for another key or context
├── MacError           a code that does not match
├── ContextError       an encryption context that can't be encoded
├── MaterialError      key material of a wrong length or kind
├── AlgorithmError     an algorithm or usage that does not fit the key's spec
├── MessageError       a message that the algorithm does not take
├── SignatureError     a signature that is not the message's
└── UnavailableError   a spec that needs a library which is not installed
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
    """The key material is not of the length or kind that its spec asks for."""


class AlgorithmError(KeysError):
    """The algorithm does not fit the key."""


class MessageError(KeysError):
    """A message that an algorithm or key does not take: its length, or the form that it comes in."""


class SignatureError(KeysError):
    """A signature that is not the message's."""


class UnavailableError(KeysError):
    """A spec that needs a library which is not installed."""
