"""The scenario of keys that live outside: behind an XKS proxy, and in a PKCS#11 token as the root of trust."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from casemate.cli.tours.private import private_server
from casemate.cli.tours.scenario import Missing, scenario
from casemate.cli.tours.world import World, expect, refused
from casemate.foundation.clock import RealClock
from casemate.foundation.settings import environment_with

_HOST: Final = "proxy.tour.example"
_PATH: Final = "/tour/kms/xks/v1"
_PIN: Final = "1234567"
_WITHIN: Final = 20.0
_MODULES: Final = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/lib/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
_ACCESS: Final = "TOURTOURTOURTOURTOUR"


@scenario("KMS-19")
def keys_can_live_outside(world: World) -> None:
    module = next((path for path in _MODULES if Path(path).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        raise Missing("SoftHSM2 is not installed: apt-get install softhsm2")
    if world.data is None:
        raise Missing("the server's data directory is not known: set CASEMATE_DATA to it (casemate env does)")
    with tempfile.TemporaryDirectory(prefix="casemate-tour-") as name:
        folder = Path(name)
        label = _token(folder)
        _behind_a_proxy(world, world.data, folder, module, label)
        _as_the_root(folder, module, label)


def _token(folder: Path) -> str:
    """A token of its own, and this process and its children told where."""
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n", "utf-8")
    (folder / "pin").write_text(_PIN, "utf-8")
    label = f"tour-{secrets.token_hex(4)}"
    command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", _PIN, "--so-pin", _PIN + "8"]
    subprocess.run(command, check=True, capture_output=True, timeout=30, env=_environment(folder))  # noqa: S603 - fixed words
    return label


def _environment(folder: Path) -> dict[str, str]:
    return environment_with(SOFTHSM2_CONF=str(folder / "softhsm2.conf"))


def _behind_a_proxy(world: World, data: Path, folder: Path, module: str, label: str) -> None:
    kms = world.user("outside", "kms:*").client("kms")
    file = _proxy_file(folder, module, label)
    _casemate(folder, "xks-proxy", str(file), "--make-key", "external")
    with _proxy(folder, file) as port, _linked(data, folder, port):
        asked: dict[str, Any] = {
            "CustomKeyStoreName": f"tour-{secrets.token_hex(4)}",
            "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
            "XksProxyUriEndpoint": f"https://{_HOST}",
            "XksProxyUriPath": _PATH,
            "XksProxyConnectivity": "PUBLIC_ENDPOINT",
            "XksProxyAuthenticationCredential": {"AccessKeyId": _ACCESS, "RawSecretAccessKey": _secret(folder)},
        }
        store = kms.create_custom_key_store(**asked)["CustomKeyStoreId"]
        _connect(kms, store)
        made = kms.create_key(Origin="EXTERNAL_KEY_STORE", CustomKeyStoreId=store, XksKeyId="external")["KeyMetadata"]
        key = made["KeyId"]
        blob = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"})["CiphertextBlob"]
        told = {"CiphertextBlob": blob, "EncryptionContext": {"a": "b"}}
        expect(kms.decrypt(**told)["Plaintext"] == b"x", "the key outside does not decrypt")
    refused("KMSInvalidStateException", kms.decrypt, **told)
    with _linked(data, folder, port):
        another = {**asked, "CustomKeyStoreName": "another", "XksProxyUriPath": "/another/kms/xks/v1"}
        refused("XksProxyUriUnreachableException", kms.create_custom_key_store, **another)
        refused("KMSInvalidStateException", kms.decrypt, **told)
    with _proxy(folder, file) as port, _linked(data, folder, port):
        expect(kms.decrypt(**told)["Plaintext"] == b"x", "the proxy came back, and yet it does not decrypt")
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)


def _connect(kms: Any, store: str) -> None:
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    until = time.monotonic() + _WITHIN
    while True:
        (entry,) = kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"]
        if entry["ConnectionState"] != "CONNECTING" or time.monotonic() > until:
            break
        time.sleep(0.1)
    expect(entry["ConnectionState"] == "CONNECTED", f"the store is {entry}")


def _as_the_root(folder: Path, module: str, label: str) -> None:
    """A server of its own, whose root key is made in the token and can't leave it."""
    options = ("module", module, "token", label, "pin-file", str(folder / "pin"))
    flags = [
        word
        for name, value in zip(options[::2], options[1::2], strict=True)
        for word in (f"--root-key-pkcs11-{name}", value)
    ]
    data = folder / "sealed"
    with private_server(data, *flags, environment=_environment(folder)) as world:
        kms = world.admin.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    expect(not (data / "root.key").exists(), "a root key lies in a file")
    with private_server(data, *flags, environment=_environment(folder)) as world:
        opened = world.admin.client("kms").decrypt(CiphertextBlob=blob)["Plaintext"]
    expect(opened == b"x", "the server does not unseal from the token")


# -- the proxy


def _secret(folder: Path) -> str:
    file = folder / "secret"
    if not file.exists():
        file.write_text(secrets.token_hex(32), "utf-8")
    return file.read_text("utf-8")


def _proxy_file(folder: Path, module: str, label: str) -> Path:
    _certificates(folder)
    file = folder / "proxy.toml"
    file.touch(mode=0o600)
    file.write_text(
        f'listen = "127.0.0.1:0"\nprefix = "/tour"\ncertificate = "proxy.pem"\nkey = "proxy.key"\n'
        f'module = "{module}"\ntoken = "{label}"\npin_file = "pin"\n'
        f'[credentials]\n{_ACCESS} = "{_secret(folder)}"\n[keys]\nexternal = "external"\n',
        "utf-8",
    )
    return file


@contextlib.contextmanager
def _proxy(folder: Path, file: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "casemate.cli.main", "xks-proxy", str(file)]
    with (folder / "proxy.log").open("ab") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=_environment(folder))  # noqa: S603 - ours
    assert process.stdout is not None
    try:
        said = process.stdout.readline().decode()
        expect(said.startswith("ready https://"), f"the proxy said {said!r}: {(folder / 'proxy.log').read_text()}")
        yield int(said.removeprefix("ready https://").partition("/")[0].rpartition(":")[2])
    finally:
        process.terminate()
        process.wait(_WITHIN)
        process.stdout.close()


def _casemate(folder: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "casemate.cli.main", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=_environment(folder))  # noqa: S603 - ours
    expect(done.returncode == 0, f"casemate {arguments[0]}: {done.stderr}")


@contextlib.contextmanager
def _linked(data: Path, folder: Path, port: int) -> Iterator[None]:
    """The server told how to reach the proxy; what its file said before is put back."""
    file = data / "key_stores.toml"
    before = file.read_text("utf-8") if file.exists() else None
    link = f'[xks."{_HOST}"]\naddress = "127.0.0.1:{port}"\nroots = "{folder / "proxy.pem"}"\n'
    file.write_text(f"{before or ''}\n{link}", "utf-8")
    try:
        yield
    finally:
        if before is None:
            file.unlink()
        else:
            file.write_text(before, "utf-8")


def _certificates(folder: Path) -> None:
    """A certificate of the proxy, signed by itself."""
    from cryptography import x509  # noqa: PLC0415 - few tours need it
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, _HOST)])
    now = dt.datetime.fromtimestamp(RealClock().real(), dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(_HOST)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    (folder / "proxy.pem").write_bytes(made.public_bytes(Encoding.PEM))
    secret = folder / "proxy.key"
    secret.touch(mode=0o600)
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
