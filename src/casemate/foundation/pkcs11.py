"""Keys in a PKCS#11 token (OASIS PKCS #11 v2.40): AES-256-GCM under keys that never leave it.

The library of the token's maker is loaded into this process; python-pkcs11 speaks to it and is loaded with the first
token. A token is used by one thread at a time.
"""

from __future__ import annotations

import fcntl
import threading
from pathlib import Path
from typing import Any, Final, NamedTuple

TAG_BYTES: Final = 16
_TAG_BITS: Final = 128
_KEY_BITS: Final = 256
_CHECKED: Final = b"casemate-root-id"
_MODULES: Final[dict[str, Any]] = {}  # by path: a module can be loaded into a process once


class Pkcs11Error(Exception):
    """A token that can't do what it was asked for; the text never holds a PIN."""


class TokenAbsentError(Pkcs11Error):
    """No such module, or no token of this label in it."""


class PinError(Pkcs11Error):
    """The PIN is not the token's, or is locked."""


class KeyAbsentError(Pkcs11Error):
    """The token has no such key."""


class SealedWrongError(Pkcs11Error):
    """What was sealed does not open: it was changed, or is another key's."""


class TokenName(NamedTuple):
    """Where a token is: the maker's module, and the token's label in it."""

    module: Path
    label: str


class Token:
    """An open session with a token, as its user."""

    def __init__(self, name: TokenName, pin: str, *, turn: Path, writes: bool = True) -> None:
        """`writes`: whether keys are to be made or destroyed. Raises TokenAbsentError, PinError.

        `turn` is a file whose lock processes hold in turns while they open a token: not every maker's module bears
        that several do at once.
        """
        import pkcs11  # noqa: PLC0415 - a native library that few installations have a token for

        self._pkcs11 = pkcs11
        self._lock = threading.Lock()
        with turn.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._session = self._opened(name, pin, writes)

    def _opened(self, name: TokenName, pin: str, writes: bool) -> Any:
        errors = self._pkcs11.exceptions
        try:
            module = _module(self._pkcs11, name.module)
            token = _token(self._pkcs11, module, name.label)
            try:
                return token.open(rw=writes, user_pin=pin)
            except errors.UserAlreadyLoggedIn:  # by another session of this process: what it proved holds for all
                return token.open(rw=writes)
        except (errors.NoSuchToken, errors.MultipleTokensReturned, OSError, RuntimeError) as error:
            if isinstance(error, errors.PinIncorrect | errors.PinLenRange | errors.PinInvalid):
                raise PinError(f"the PIN is not that of the token {name.label!r}") from None
            if isinstance(error, errors.PinLocked | errors.PinExpired):
                raise PinError(f"the PIN of the token {name.label!r} is locked or has expired") from None
            reason = type(error).__name__
            raise TokenAbsentError(f"no token {name.label!r} can be opened by {name.module}: {reason}") from None

    def make_key(self, label: str) -> None:
        """Make an AES-256 key that stays: it can't be read, nor wrapped out."""
        pkcs11 = self._pkcs11
        attribute = pkcs11.Attribute
        template = {attribute.SENSITIVE: True, attribute.EXTRACTABLE: False, attribute.TOKEN: True}
        with self._lock:
            self._call(
                lambda: self._session.generate_key(
                    pkcs11.KeyType.AES, _KEY_BITS, label=label, store=True, template=template
                )
            )

    def has_key(self, label: str) -> bool:
        with self._lock:
            try:
                self._key(label)
            except KeyAbsentError:
                return False
            return True

    def destroy_key(self, label: str) -> None:
        """Raises KeyAbsentError."""
        with self._lock:
            key = self._key(label)
            self._call(key.destroy)

    def encrypt(self, label: str, iv: bytes, plaintext: bytes, associated: bytes) -> bytes:
        """AES-256-GCM: the ciphertext and its tag of 16 bytes. `iv` has 12 bytes. Raises KeyAbsentError."""
        with self._lock:
            key = self._key(label)
            sealed: bytes = self._call(lambda: key.encrypt(plaintext, **self._gcm(iv, associated)))
            return sealed

    def decrypt(self, label: str, iv: bytes, sealed: bytes, associated: bytes) -> bytes:
        """Raises KeyAbsentError, and SealedWrongError for what does not open."""
        errors = self._pkcs11.exceptions
        with self._lock:
            key = self._key(label)
            try:
                opened: bytes = key.decrypt(sealed, **self._gcm(iv, associated))
            except (errors.GeneralError, errors.EncryptedDataInvalid, errors.EncryptedDataLenRange, errors.DataInvalid):
                raise SealedWrongError("what was sealed does not open") from None
            except errors.PKCS11Error as error:
                raise Pkcs11Error(f"the token failed: {type(error).__name__}") from None
            return opened

    def check_value(self, label: str) -> bytes:
        """16 bytes that only this key makes, and that tell nothing of it. Raises KeyAbsentError."""
        with self._lock:
            key = self._key(label)
            value: bytes = self._call(lambda: key.encrypt(_CHECKED, mechanism=self._pkcs11.Mechanism.AES_ECB))
            return value

    def random(self, size: int) -> bytes:
        """Random bytes of the token's own generator."""
        with self._lock:
            drawn: bytes = self._call(lambda: self._session.generate_random(size * 8))
            return drawn

    def close(self) -> None:
        """Raises Pkcs11Error where the session has ended already."""
        with self._lock:
            self._call(self._session.close)

    def _gcm(self, iv: bytes, associated: bytes) -> dict[str, Any]:
        pkcs11 = self._pkcs11
        parameters = pkcs11.GCMParams(iv, associated, _TAG_BITS)
        return {"mechanism": pkcs11.Mechanism.AES_GCM, "mechanism_param": parameters}

    def _key(self, label: str) -> Any:
        errors = self._pkcs11.exceptions
        try:
            return self._session.get_key(label=label, object_class=self._pkcs11.ObjectClass.SECRET_KEY)
        except errors.NoSuchKey:
            raise KeyAbsentError(f"the token has no key {label!r}") from None
        except errors.MultipleObjectsReturned:
            raise KeyAbsentError(f"the token has more than one key {label!r}") from None
        except errors.PKCS11Error as error:
            raise Pkcs11Error(f"the token failed: {type(error).__name__}") from None

    def _call(self, work: Any) -> Any:
        try:
            return work()
        except self._pkcs11.exceptions.PKCS11Error as error:
            raise Pkcs11Error(f"the token failed: {type(error).__name__}") from None

    def __repr__(self) -> str:
        return "<Token>"


def _token(pkcs11: Any, module: Any, label: str) -> Any:
    """A token by its label. One that was made since the module was loaded may show only when it is loaded anew."""
    try:
        return module.get_token(token_label=label)
    except pkcs11.exceptions.NoSuchToken:
        module.reinitialize()
        return module.get_token(token_label=label)


def _module(pkcs11: Any, path: Path) -> Any:
    module = _MODULES.get(str(path))
    if module is None:
        if not path.is_file():
            raise TokenAbsentError(f"there is no module at {path}")
        module = _MODULES[str(path)] = pkcs11.lib(str(path))
    return module
