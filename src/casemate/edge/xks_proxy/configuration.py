"""What a proxy is told, in one TOML file that only its owner may read.

    listen = "0.0.0.0:8443"
    prefix = "/example"                  # before /kms/xks/v1; none unless said
    certificate = "proxy.pem"
    key = "proxy.key"
    client_roots = "kms-clients.pem"     # demand client certificates of these roots; none are asked for unless said
    module = "/usr/lib/softhsm/libsofthsm2.so"
    token = "keys"
    pin_file = "pin"

    [credentials]                        # access key id (20 to 30 of A-Z2-7) and raw secret (43 to 64 characters)
    ABCDEFGHIJKLMNOPQRST = "…"

    [keys]                               # external key id, and the label of the token's key
    payments = "payments-2026"

Relative paths are from the file's folder. Two credentials in force at once are how one is rotated.
"""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path
from typing import Final

import msgspec

from casemate.foundation.errors import UsageError

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_ACCESS: Final = re.compile(r"[A-Z2-7]{20,30}\Z")
_SECRET: Final = re.compile(r"[a-zA-Z0-9/+=]{43,64}\Z")
_KEY: Final = re.compile(r"[a-zA-Z0-9-_.]{1,128}\Z")
_PREFIX: Final = re.compile(r"(/[a-zA-Z0-9/_-]+)?\Z")


class Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A proxy's file."""

    listen: str
    certificate: str
    key: str
    module: str
    token: str
    pin_file: str
    credentials: dict[str, str]
    keys: dict[str, str]
    prefix: str = ""
    client_roots: str = ""

    @property
    def base(self) -> str:
        return f"{self.prefix}/kms/xks/v1"

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    def __repr__(self) -> str:
        return f"<Configuration of a proxy on {self.listen}>"


def load(path: Path) -> Configuration:
    """Raises UsageError, with what is wrong."""
    try:
        mode = path.stat().st_mode
        found = msgspec.convert(tomllib.loads(path.read_text("utf-8")), Configuration)
    except (OSError, ValueError, msgspec.ValidationError) as error:
        raise UsageError(f"{path} can't be used: {error}") from None
    if mode & _OTHERS:
        raise UsageError(f"{path} holds secrets, and others than its owner may use it: chmod 600 {path}")
    if not re.fullmatch(r".+:\d{1,5}", found.listen) or found.address[1] > 65535:
        raise UsageError(f"{path}: listen is ADDRESS:PORT, not '{found.listen}'")
    if not _PREFIX.match(found.prefix):
        raise UsageError(f"{path}: prefix '{found.prefix}' is no path")
    if not found.credentials or not all(_ACCESS.match(each) for each in found.credentials):
        raise UsageError(f"{path}: a credential's access key id has 20 to 30 characters of A-Z and 2-7")
    if not all(_SECRET.match(secret) for secret in found.credentials.values()):
        raise UsageError(f"{path}: a credential's secret has 43 to 64 characters of A-Z, a-z, 0-9, /, + and =")
    if not all(_KEY.match(each) for each in found.keys):
        raise UsageError(f"{path}: an external key id has 1 to 128 of A-Z, a-z, 0-9, -, _ and .")
    return _resolved(found, path.parent)


def _resolved(found: Configuration, folder: Path) -> Configuration:
    named = {name: getattr(found, name) for name in ("certificate", "key", "pin_file", "client_roots", "module")}
    return msgspec.structs.replace(found, **{name: str(folder / value) for name, value in named.items() if value})
