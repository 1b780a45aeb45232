"""The root key in a PKCS#11 token: it is made there, can't be read, and wraps the domain keys there."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

from casemate.foundation.pkcs11 import Pkcs11Error, SealedWrongError, Token, TokenName
from casemate.foundation.seal.errors import RootKeyMissingError, SealedElsewhereError

LABEL: Final = "casemate-root"
_IV_BYTES: Final = 12


class TokenRootKey:
    """A root key that stays in its token. The token is opened for each use and closed again."""

    def __init__(self, name: TokenName, pin: str, *, turn: Path, make: bool) -> None:
        """With `make`, the key is made where the token has none; `turn` as for Token. Raises RootKeyMissingError."""
        self._name = name
        self._pin = pin
        self._turn = turn
        try:
            token = Token(name, pin, turn=turn, writes=make)
            try:
                if make and not token.has_key(LABEL):
                    token.make_key(LABEL)
                value = token.check_value(LABEL)
            finally:
                token.close()
        except Pkcs11Error as error:
            raise RootKeyMissingError(f"the root key can't be used: {error}") from None
        self.identity = hashlib.sha256(b"casemate/seal/token-identity/v1" + value).hexdigest()[:16]

    def wrap(self, key: bytes, associated: bytes) -> bytes:
        iv = os.urandom(_IV_BYTES)
        try:
            token = Token(self._name, self._pin, turn=self._turn, writes=False)
            try:
                return iv + token.encrypt(LABEL, iv, key, associated)
            finally:
                token.close()
        except Pkcs11Error as error:
            raise RootKeyMissingError(f"the root key can't be used: {error}") from None

    def unwrap(self, wrapped: bytes, associated: bytes) -> bytes:
        """Raises SealedElsewhereError, RootKeyMissingError."""
        try:
            token = Token(self._name, self._pin, turn=self._turn, writes=False)
            try:
                return token.decrypt(LABEL, wrapped[:_IV_BYTES], wrapped[_IV_BYTES:], associated)
            finally:
                token.close()
        except SealedWrongError:
            raise SealedElsewhereError("what was sealed does not open here") from None
        except Pkcs11Error as error:
            raise RootKeyMissingError(f"the root key can't be used: {error}") from None

    def __repr__(self) -> str:
        return f"<TokenRootKey {self.identity}>"
