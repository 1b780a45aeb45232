"""A reference proxy of external key stores, which holds a key of its own and shares no code with the product.

AWS KMS External Key Store Proxy API Specification, v1: health, metadata, encrypt and decrypt; SigV4 checked with the
standard library, AES-256-GCM by PyCryptodome, TLS with a CA of its own and, where asked for, client certificates.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import http.server
import json
import os
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from Cryptodome.Cipher import AES
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from tests.services.kms.custom_stores.stores import connected

HOST = "proxy.xks.example"
PATH = "/example/kms/xks/v1"
ACCESS, SECRET = "ABCDEFGHIJKLMNOPQRST", "s" * 43
NEXT_ACCESS, NEXT_SECRET = "ZYXWVUTSRQPONMLKJIHG", "t" * 43


class Paper(NamedTuple):
    """A certificate and its key, as files."""

    certificate: Path
    key: Path


def papers(folder: Path) -> dict[str, Paper]:
    """A CA, a certificate of the proxy, a client's, and a client's of nobody's making."""
    now = dt.datetime.now(dt.UTC)

    def make(name: str, issuer: tuple[Any, Any] | None, host: str | None) -> tuple[Any, Any]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer[0].subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )
        signer = issuer[1] if issuer else key
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        builder = builder.add_extension(identifier, critical=False)
        if issuer is None:
            usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
            builder = builder.add_extension(usage, critical=True)
        if host:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        certificate = builder.sign(signer, SHA256())
        paper = Paper(folder / f"{name}.pem", folder / f"{name}.key")
        paper.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
        paper.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        made[name] = paper
        return certificate, key

    made: dict[str, Paper] = {}
    ca = make("ca", None, None)
    make("proxy", ca, HOST)
    make("client", ca, None)
    make("stranger", None, None)
    return made


class Proxy:
    """The reference proxy, and what a test may have it do wrong."""

    host, path = HOST, PATH

    def asked(self, **members: Any) -> dict[str, Any]:
        """What CreateCustomKeyStore is asked."""
        return {
            "CustomKeyStoreName": "outside",
            "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
            "XksProxyUriEndpoint": f"https://{HOST}",
            "XksProxyUriPath": PATH,
            "XksProxyConnectivity": "PUBLIC_ENDPOINT",
            "XksProxyAuthenticationCredential": self.first,
            **members,
        }

    def __init__(self, folder: Path) -> None:
        self.first = {"AccessKeyId": ACCESS, "RawSecretAccessKey": SECRET}
        self.second = {"AccessKeyId": NEXT_ACCESS, "RawSecretAccessKey": NEXT_SECRET}
        self.papers = papers(folder)
        self.keys = {"key-one": os.urandom(32), "key-two": os.urandom(32)}
        self.status = {"key-one": "ENABLED", "key-two": "ENABLED"}
        self.credentials = {ACCESS: SECRET}
        self.delay = 0.0
        self.answer: tuple[int, bytes] | None = None
        self.spoil: Callable[[dict[str, Any]], dict[str, Any]] = lambda answer: answer
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self.server: http.server.ThreadingHTTPServer | None = None

    def start(self, *, clients: bool = False) -> int:
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                pass

            def do_GET(self) -> None:
                self._send(405, b"{}")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status, members = proxy.handle(self.path, dict(self.headers.items()), body)
                time.sleep(proxy.delay)
                if proxy.answer is not None:
                    self._send(*proxy.answer)
                else:
                    self._send(status, json.dumps(members).encode())

            def _send(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.papers["proxy"])
        if clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.papers["ca"].certificate)
        server.handle_error = lambda *_: None  # type: ignore[method-assign, assignment] # refused handshakes are wanted
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        self.server = server
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return int(server.server_address[1])

    def stop(self) -> None:
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def handle(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        if not self.authentic(path, {name.lower(): value for name, value in headers.items()}, body):
            return 401, {"errorName": "AuthenticationFailedException", "errorMessage": "wrong signature"}
        if not path.startswith(PATH + "/"):
            return 404, {"errorName": "InvalidUriPathException"}
        asked = json.loads(body)
        self.seen.append((path.removeprefix(PATH), asked))
        if path == f"{PATH}/health":
            fleet = [{"id": "one", "model": "reference", "healthStatus": "ACTIVE"}]
            return 200, {
                "xksProxyFleetSize": 1,
                "xksProxyVendor": "tests",
                "xksProxyModel": "reference",
                "ekmVendor": "tests",
                "ekmFleetDetails": fleet,
            }
        _, key_id, action = path.removeprefix(PATH).removeprefix("/keys").split("/")
        if key_id not in self.keys:
            return 404, {"errorName": "KeyNotFoundException"}
        return self.act(action, key_id, asked)

    def act(self, action: str, key_id: str, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        key = self.keys[key_id]
        if action == "metadata":
            usage = ["ENCRYPT", "DECRYPT"]
            return 200, self.spoil({"keySpec": "AES_256", "keyUsage": usage, "keyStatus": self.status[key_id]})
        if self.status[key_id] != "ENABLED":
            return 400, {"errorName": "InvalidStateException"}
        encoded = {name: value for name, value in asked.items() if "lgorithm" not in name and name != "requestMetadata"}
        given = {name: base64.b64decode(value) for name, value in encoded.items()}
        associated = given["additionalAuthenticatedData"]
        if action == "encrypt":
            cipher = AES.new(key, AES.MODE_GCM, nonce=os.urandom(12))
            metadata = b"kept by the proxy"
            cipher.update(associated + metadata)
            ciphertext, tag = cipher.encrypt_and_digest(given["plaintext"])
            whole = associated + metadata + cipher.nonce + ciphertext + tag
            answer = {
                "ciphertext": ciphertext,
                "ciphertextMetadata": metadata,
                "initializationVector": cipher.nonce,
                "authenticationTag": tag,
                "ciphertextDataIntegrityValue": hashlib.sha256(whole).digest(),
            }
            return 200, self.spoil({name: base64.b64encode(value).decode() for name, value in answer.items()})
        cipher = AES.new(key, AES.MODE_GCM, nonce=given["initializationVector"])
        cipher.update(associated + given.get("ciphertextMetadata", b""))
        try:
            plaintext = cipher.decrypt_and_verify(given["ciphertext"], given["authenticationTag"])
        except ValueError:
            return 400, {"errorName": "InvalidCiphertextException"}
        return 200, self.spoil({"plaintext": base64.b64encode(plaintext).decode()})

    def authentic(self, path: str, headers: dict[str, str], body: bytes) -> bool:
        kind, *parts = headers.get("authorization", "").replace(",", " ").split()
        fields = dict(part.partition("=")[::2] for part in parts)
        if kind != "AWS4-HMAC-SHA256":
            return False
        access, scope = fields["Credential"].split("/", 1)
        secret = self.credentials.get(access)
        if secret is None or not scope.endswith("/kms-xks-proxy/aws4_request"):
            return False
        lines = "".join(f"{name}:{headers[name]}\n" for name in fields["SignedHeaders"].split(";"))
        hashed = hashlib.sha256(body).hexdigest()
        canonical = f"POST\n{path}\n\n{lines}\n{fields['SignedHeaders']}\n{hashed}"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = f"AWS4-HMAC-SHA256\n{headers['x-amz-date']}\n{scope}\n{digest}"
        key = b"AWS4" + secret.encode()
        for part in scope.split("/"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.compare_digest(hmac.digest(key, to_sign.encode(), "sha256").hex(), fields["Signature"])


_ATTEMPTS = 6


@pytest.fixture
def kms(server: Any) -> Any:
    """The administrator's client, which asks again where a busy machine made the proxy of a test too slow."""
    client = server.client("kms")

    def too_late(attempts: int, response: Any, **_: Any) -> float | None:
        message = response[1].get("Error", {}).get("Message", "") if response else ""
        return 0.2 if "250 milliseconds" in message and attempts < _ATTEMPTS else None

    client.meta.events.register_first("needs-retry.kms", too_late)
    return client


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    made = Proxy(tmp_path)
    yield made
    made.stop()


@pytest.fixture
def reach(server: Any, proxy: Proxy) -> Iterator[Callable[..., None]]:
    """Start the proxy and tell the server how to reach it."""
    file = server.data / "key_stores.toml"

    def write(*, clients: bool = False, paper: str | None = None, port: int | None = None) -> None:
        port = port or proxy.start(clients=clients)
        lines = [f'[xks."{HOST}"]', f'address = "127.0.0.1:{port}"', f'roots = "{proxy.papers["ca"].certificate}"']
        if paper is not None:
            lines += [f'certificate = "{proxy.papers[paper].certificate}"', f'key = "{proxy.papers[paper].key}"']
        file.write_text("\n".join(lines), "utf-8")

    yield write
    file.unlink(missing_ok=True)


@pytest.fixture
def store(kms: Any, proxy: Any, reach: Callable[..., None]) -> str:
    """A connected external key store."""
    reach()
    made = str(kms.create_custom_key_store(**proxy.asked())["CustomKeyStoreId"])
    assert connected(kms, made)["ConnectionState"] == "CONNECTED"
    return made


@pytest.fixture
def outside(kms: Any, store: str) -> str:
    """A KMS key of it."""
    asked = {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": "key-one"}
    return str(kms.create_key(**asked)["KeyMetadata"]["KeyId"])


class Hsm(NamedTuple):
    """A SoftHSM token."""

    module: str
    label: str
    pin: str


@pytest.fixture
def hsm(softhsm: Callable[[], tuple[str, str, str]]) -> Hsm:
    """A fresh token."""
    return Hsm(*softhsm())
