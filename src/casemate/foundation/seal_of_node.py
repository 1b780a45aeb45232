"""The seal of a data directory, opened as the settings say."""

from __future__ import annotations

from pathlib import Path

from casemate.foundation.errors import UsageError
from casemate.foundation.node import Node
from casemate.foundation.seal import (
    Custody,
    RootKey,
    Seal,
    add_domain_key,
    change_passphrase,
    create_seal,
    open_seal,
    replace_root_key,
)
from casemate.foundation.settings import Settings, environment_value

_CREDENTIAL = "casemate.root-key"


def open_or_make_seal(node: Node, settings: Settings, *, make: bool) -> Seal:
    """Open the seal; the first process on a new directory makes it."""
    new = make and not (node.path / "seal.json").exists()
    custody = custody_of(settings, make=new)
    kept = {"passphrase": custody.passphrase, "credentials": custody.credentials, "holder": custody.holder}
    return create_seal(node.path, **kept) if new else open_seal(node.path, **kept)  # type: ignore[arg-type] # by name


def custody_of(settings: Settings, *, make: bool = False) -> Custody:
    """Where the settings say that the root key is. With `make`, one is made in a token that has none."""
    return Custody(_passphrase(settings), _credentials(), _holder(settings, make=make))


def _holder(settings: Settings, *, make: bool) -> RootKey | None:
    if not settings.root_key_pkcs11_module:
        return None
    if not (settings.root_key_pkcs11_token and settings.root_key_pkcs11_pin_file):
        raise UsageError(
            "a root key in a PKCS#11 token needs root_key_pkcs11_module, root_key_pkcs11_token and "
            "root_key_pkcs11_pin_file"
        )
    from casemate.foundation.pkcs11 import TokenName  # noqa: PLC0415 - few servers have a token
    from casemate.foundation.seal.token_root import TokenRootKey  # noqa: PLC0415

    file = Path(settings.root_key_pkcs11_pin_file)
    pin = read_secret(file, "PIN of the token").decode("utf-8", "replace")
    name = TokenName(Path(settings.root_key_pkcs11_module), settings.root_key_pkcs11_token)
    return TokenRootKey(name, pin, turn=file, make=make)


def _credentials() -> Path | None:
    """The service manager's directory of credentials, if the root key is in it (systemd.exec(5), LoadCredential=)."""
    directory = environment_value("CREDENTIALS_DIRECTORY")
    return Path(directory) if directory and (Path(directory) / _CREDENTIAL).exists() else None


def _passphrase(settings: Settings) -> bytes | None:
    if not settings.root_key_passphrase_file:
        return None
    return read_secret(Path(settings.root_key_passphrase_file), "passphrase of the root key")


def read_secret(path: Path, what: str) -> bytes:
    """What a file holds, less its last line's end. Raises UsageError: the file can't be read, or is empty."""
    try:
        secret = path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise UsageError(f"the {what} can't be read from {path}: {error.strerror}") from None
    if not secret:
        raise UsageError(f"the {what} is empty in {path}: nothing would be protected by it")
    return secret


def change_passphrase_of_node(node: Node, settings: Settings, passphrase: bytes | None) -> None:
    """Keep the root key of a data directory under another passphrase, or under none. Raises SealError."""
    change_passphrase(node.path, custody_of(settings), passphrase)


def add_domain_key_of_node(node: Node, settings: Settings) -> int:
    """Add a domain key, which seals from the next start on; its number. Raises SealError."""
    return add_domain_key(node.path, custody_of(settings)).newest_domain


def move_root_key_of_node(node: Node, settings: Settings, *, to_file: bool, passphrase: bytes | None) -> None:
    """Seal a data directory under a new root key: in the token of the settings, or in root.key. Raises SealError."""
    held = custody_of(settings, make=not to_file)
    in_file = Custody(_passphrase(settings) if not to_file else passphrase, _credentials())
    replace_root_key(node.path, held if to_file else in_file, in_file if to_file else held)
