"""The seal of a data directory, opened as the settings say."""

from __future__ import annotations

from pathlib import Path

from casemate.foundation.errors import UsageError
from casemate.foundation.node import Node
from casemate.foundation.seal import Custody, Seal, add_domain_key, change_passphrase, create_seal, open_seal
from casemate.foundation.settings import Settings, environment_value

_CREDENTIAL = "casemate.root-key"


def open_or_make_seal(node: Node, settings: Settings, *, make: bool) -> Seal:
    """Open the seal; the first process on a new directory makes it."""
    passphrase, credentials = _passphrase(settings), _credentials()
    if make and not (node.path / "seal.json").exists():
        return create_seal(node.path, passphrase=passphrase, credentials=credentials)
    return open_seal(node.path, passphrase=passphrase, credentials=credentials)


def _credentials() -> Path | None:
    """The service manager's directory of credentials, if the root key is in it (systemd.exec(5), LoadCredential=)."""
    directory = environment_value("CREDENTIALS_DIRECTORY")
    return Path(directory) if directory and (Path(directory) / _CREDENTIAL).exists() else None


def _passphrase(settings: Settings) -> bytes | None:
    if not settings.root_key_passphrase_file:
        return None
    path = Path(settings.root_key_passphrase_file)
    try:
        return path.read_bytes().rstrip(b"\r\n")
    except OSError as error:
        raise UsageError(f"the passphrase of the root key can't be read from {path}: {error.strerror}") from None


def change_passphrase_of_node(node: Node, settings: Settings, passphrase: bytes | None) -> None:
    """Keep the root key of a data directory under another passphrase, or under none. Raises SealError."""
    change_passphrase(node.path, Custody(_passphrase(settings), _credentials()), passphrase)


def add_domain_key_of_node(node: Node, settings: Settings) -> int:
    """Add a domain key, which seals from the next start on; its number. Raises SealError."""
    return add_domain_key(node.path, Custody(_passphrase(settings), _credentials())).newest_domain
