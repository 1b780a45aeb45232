"""The register of a data generation's audit: who has ever written there, so that an absence shows.

It is made, empty, before anything is recorded; a writer of segments enters it within a second, when it has a head,
and a store before its first commit. The file is a line of JSON and a line with its HMAC-SHA-256; it is replaced
whole, under a lock.
"""

from __future__ import annotations

import contextlib
import fcntl
import hmac
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from casemate.foundation.audit.names import SegmentFailure, segments_in
from casemate.foundation.errors import Unavailable
from casemate.foundation.files import replace_file

REGISTER: Final = "writers.register"
_LOCK: Final = "writers.lock"


class Register(msgspec.Struct, frozen=True):
    """What the file says."""

    writers: tuple[str, ...] = ()
    """In the order in which they first wrote."""
    stores: tuple[str, ...] = ()
    anew: tuple[str, ...] = ()
    """Stores that were made once more though they had been there before."""
    unproven: dict[str, int] = {}
    """The last segment of each writer that was there before the register, of which it can't say anything."""


class Registry:
    """The register's file in a directory of segments."""

    def __init__(self, directory: Path, key: bytes) -> None:
        self._directory = directory
        self._key = key

    def make(self) -> None:
        """Make the directory and its register, if they are not there. Raises Unavailable, as what follows does."""
        self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if (self._directory / REGISTER).exists():
            return
        with self._locked():
            if not (self._directory / REGISTER).exists():
                found = segments_in(self._directory)
                self._write(Register(unproven={writer: numbers[-1] for writer, numbers in found.items()}))

    def enter(self, writer: str) -> None:
        """Put a writer down, if it is not there. A register that was tampered with stays as it is: it is evidence."""
        self._add("writers", writer)

    def expect_store(self, name: str, database: Path) -> None:
        """Before a store is opened: one that was there and is not any more is put down as made anew."""
        register = self.read_if_authentic()
        if register is not None and name in register.stores and not database.exists():
            self._add("anew", name)

    def enter_store(self, name: str) -> None:
        """Put a store down, if it is not there: before its first commit."""
        self._add("stores", name)

    def _add(self, kind: str, name: str) -> None:
        with contextlib.suppress(SegmentFailure):
            if name in getattr(self.read(), kind):
                return
            with self._locked():
                register = self.read()
                names: tuple[str, ...] = getattr(register, kind)
                if name not in names:
                    self._write(msgspec.structs.replace(register, **{kind: (*names, name)}))

    def read(self) -> Register:
        """Raises SegmentFailure where there is none, or none that this key made."""
        path = self._directory / REGISTER
        try:
            encoded, _, code = path.read_bytes().removesuffix(b"\n").partition(b"\n")
        except FileNotFoundError:
            raise SegmentFailure(
                f"{path} is missing: the audit was taken away, or the server never ran, or only an earlier version "
                "whose audit had no key"
            ) from None
        if not hmac.compare_digest(self._code(encoded), code):
            raise SegmentFailure(f"{path} was changed: it is not what the holder of the root key wrote")
        return msgspec.json.decode(encoded, type=Register)

    def read_if_authentic(self) -> Register | None:
        """The same, and None where `read` raises."""
        with contextlib.suppress(SegmentFailure):
            return self.read()
        return None

    def _write(self, register: Register) -> None:
        encoded = msgspec.json.encode(register)
        try:
            replace_file(self._directory / REGISTER, encoded + b"\n" + self._code(encoded) + b"\n")
        except OSError as error:
            raise Unavailable(f"the audit's register can't be written: {error.strerror}") from error

    def _code(self, encoded: bytes) -> bytes:
        return hmac.digest(self._key, encoded, "sha256").hex().encode()

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self._directory / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
