"""Settings: one typed place.

A setting comes from a flag, else from the environment (`CASEMATE_` + name in capitals), else from the TOML file that
`--config` or `CASEMATE_CONFIG` names (default `casemate.toml` in the data directory), else from its default. Each
field's comment is its manual.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_type_hints

import msgspec

from casemate.foundation.errors import UsageError

Source = Literal["flag", "environment", "file", "default"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What is in force."""

    data: str = ""
    """The data directory; `$XDG_DATA_HOME/casemate`, else `~/.local/share/casemate`."""
    listen: str = "127.0.0.1:4566"
    """Address and port of the AWS APIs; port 0 picks a free one."""
    workers: int = 0
    """API workers; 0 is one a core."""
    account: str = "123456789012"
    """The first account, made at first start."""
    region: str = "us-east-1"
    """The region that `casemate env` and the tour name first."""
    test: bool = False
    """Allow the test clock, seeding and reset; only on a data directory made with it."""
    open: bool = False
    """Accept any credentials, on loopback only."""
    plain_http: bool = False
    """Serve plain HTTP on an address that is not loopback; only with `test`."""
    tls: bool = False
    """Serve TLS with a certificate of the built-in local CA."""
    tls_cert: str = ""
    """Serve TLS with this certificate chain (PEM); read again on SIGHUP."""
    tls_key: str = ""
    """The private key of `tls_cert` (PEM)."""
    root_key_passphrase_file: str = ""
    """A file that holds the passphrase of the root key."""
    root_key_pkcs11_module: str = ""
    """Keep the root key in a PKCS#11 token: the path of its maker's module. It is made there at first start."""
    root_key_pkcs11_token: str = ""
    """The label of that token."""
    root_key_pkcs11_pin_file: str = ""
    """A file that holds the PIN of that token's user."""
    attestation_roots: str = ""
    """A PEM file: the roots of attestation documents (KMS's Recipient) that are believed; without it none are."""
    kms_request_quotas: Literal["off", "default"] = "off"
    """Throttle KMS as AWS does by default: so many requests a second of an account, Region and group of operations."""
    audit_sync: Literal["second", "strict"] = "second"
    """Sync the audit of reads and denials within a second, or before each answer."""
    cache_megabytes: int = 64
    """What each store may keep in memory in a worker."""
    request_megabytes: int = 8
    """The largest request body that is read."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least severe line that is logged."""
    test_kill_at: str = ""
    """With `test` only: kill a process at one in so many commits, at this point of it (`committed:50`)."""
    disk_reserve_megabytes: int = 16
    """Set aside on the disk so that the audit of reads goes on for a while when the disk is full."""

    @property
    def data_path(self) -> Path:
        return Path(self.data)

    @property
    def address(self) -> tuple[str, int]:
        """The address and port to listen on. Raises UsageError."""
        host, separator, port = self.listen.rpartition(":")
        if not separator or not port.isdecimal() or int(port) > 65535:
            raise UsageError(f"--listen takes ADDRESS:PORT, for example 127.0.0.1:4566; '{self.listen}' is not that")
        return host.strip("[]") or "127.0.0.1", int(port)

    @property
    def worker_count(self) -> int:
        return self.workers or len(os.sched_getaffinity(0))

    @property
    def loopback(self) -> bool:
        host = self.address[0]
        return host in {"localhost", "::1"} or host.startswith("127.")


class InForce(NamedTuple):
    """The settings with the source of each."""

    settings: Settings
    sources: Mapping[str, Source]
    strangers: tuple[str, ...] = ()
    """Variables that look like ours and are no settings: misspelled, or of another version."""


_NO_SETTINGS = frozenset(("CASEMATE_CONFIG", "CASEMATE_TEST_DATA"))
"""Variables of ours that are no settings."""
_HINTS = get_type_hints(Settings)
_ACCOUNT = re.compile(r"\d{12}\Z")
_KILL_AT = re.compile(r"(marked|committed|published):[1-9]\d{0,6}\Z")


def default_data_directory(environment: Mapping[str, str]) -> Path:
    """`$XDG_DATA_HOME/casemate`, else `~/.local/share/casemate`."""
    base = environment.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "casemate"


def load(flags: Mapping[str, Any], environment: Mapping[str, str] | None = None) -> InForce:
    """Gather the settings. `flags` holds only what was given. Raises UsageError for a value that can't be taken."""
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    data = flags.get("data") or environment.get("CASEMATE_DATA") or str(default_data_directory(environment))
    file = _read_file(flags.get("config") or environment.get("CASEMATE_CONFIG"), Path(data) / "casemate.toml")
    for name in Settings.__struct_fields__:
        if flags.get(name) is not None:
            values[name], sources[name] = flags[name], "flag"
        elif f"CASEMATE_{name.upper()}" in environment:
            values[name] = _from_text(name, environment[f"CASEMATE_{name.upper()}"])
            sources[name] = "environment"
        elif name in file:
            values[name], sources[name] = file[name], "file"
        else:
            sources[name] = "default"
    values["data"] = str(Path(data).expanduser().absolute())
    try:
        settings = msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        raise UsageError(f"a setting can't be taken: {error}") from None
    _check(settings)
    named = {f"CASEMATE_{name.upper()}" for name in Settings.__struct_fields__} | _NO_SETTINGS
    strangers = (name for name in environment if name.startswith("CASEMATE_") and name not in named)
    return InForce(settings, sources, tuple(sorted(strangers)))


def environment_value(name: str) -> str | None:
    """A variable that is not ours, such as AWS_ENDPOINT_URL or CREDENTIALS_DIRECTORY."""
    return os.environ.get(name)


def _read_file(named: str | None, usual: Path) -> dict[str, Any]:
    path = Path(named) if named else usual
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        if named:
            raise UsageError(f"the settings file {path} does not exist") from None
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"the settings file {path} can't be read: {error}") from None
    unknown = sorted(set(content) - set(Settings.__struct_fields__))
    if unknown:
        raise UsageError(f"the settings file {path} names {', '.join(unknown)}, which is no setting")
    return content


def _from_text(name: str, text: str) -> Any:
    kind = _HINTS[name]
    if kind is bool:
        if text.lower() not in {"1", "true", "yes", "on", "0", "false", "no", "off", ""}:
            raise UsageError(f"CASEMATE_{name.upper()} is a switch: 1 or 0, not '{text}'")
        return text.lower() in {"1", "true", "yes", "on"}
    if kind is int:
        if not text.isdecimal():
            raise UsageError(f"CASEMATE_{name.upper()} is a number, not '{text}'")
        return int(text)
    return text


def _check(settings: Settings) -> None:
    if not _ACCOUNT.match(settings.account):
        raise UsageError(f"--account takes 12 digits, not '{settings.account}'")
    if settings.workers < 0 or settings.workers > 512:
        raise UsageError(f"--workers takes a number from 1 to 512, not {settings.workers}")
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise UsageError("--tls-cert and --tls-key go together")
    if settings.tls and settings.tls_cert:
        raise UsageError("give either --tls or --tls-cert with --tls-key")
    encrypted = settings.tls or settings.tls_cert
    if not settings.loopback and not encrypted and not (settings.test and settings.plain_http):
        raise UsageError(
            f"{settings.listen} is not loopback: give --tls, or --tls-cert and --tls-key "
            "(or, for containers in tests, --test --plain-http)"
        )
    if settings.test_kill_at and not (settings.test and _KILL_AT.match(settings.test_kill_at)):
        raise UsageError("test_kill_at is like committed:50 (or marked, published), and only with --test")
    if settings.open and not settings.loopback:
        raise UsageError("--open accepts any credentials and is for loopback only")


def environment_with(**more: str) -> dict[str, str]:
    """The environment of this process with more in it: for a child that is told something by it."""
    return {**os.environ, **more}
