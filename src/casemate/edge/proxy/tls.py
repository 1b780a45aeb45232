"""TLS towards clients: several certificates, chosen by the name that a client asks for (RFC 6066 section 3).

One context is listened with; its callback hands each handshake to the context of the certificate that fits, so that
certificates are replaced by replacing what the callback chooses from, and no socket is touched.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from casemate.foundation.errors import UsageError

ALPN: Final = ["h2", "http/1.1"]
CLIENT_HELLO: Final = 1
_HANDSHAKE: Final = 22
_MOST_HELLOS: Final = 1_000


class Hello:
    """What a connection's ClientHello said: on the connection's SSL object, as its attribute `hello`."""

    __slots__ = ("name", "raw")

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.name: str | None = None


class Certificates:
    """The certificates in force. Names are lower-case DNS names, wildcards by what follows the star."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Raises UsageError for files that can't be used."""
        self.listening = _context()
        self._hellos: dict[int, bytes] = {}
        _watch_hellos(self.listening, self._hellos)
        self.listening.sni_callback = self._choose
        self.load(pairs)

    def load(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Read the files again. Raises UsageError; then what was in force stays."""
        loaded = [(_loaded(Path(chain), Path(key)), _names(Path(chain))) for chain, key in pairs]
        exact: dict[str, ssl.SSLContext] = {}
        for context, names in loaded:
            for name in names:
                exact.setdefault(name, context)
        self._default, self._exact = loaded[0][0], exact

    def context_for(self, name: str | None) -> ssl.SSLContext:
        """The context of the certificate that fits a name best: the name itself, a wildcard, the first given."""
        if name is None:
            return self._default
        wanted = name.lower().rstrip(".")
        found = self._exact.get(wanted)
        if found is None:
            found = self._exact.get("*." + wanted.partition(".")[2], self._default)
        return found

    def _choose(self, session: ssl.SSLObject | ssl.SSLSocket, name: str | None, _context: ssl.SSLContext) -> None:
        hello = Hello(self._hellos.pop(id(session), b""))
        hello.name = name
        session.hello = hello  # type: ignore[union-attr]  # an SSLObject takes attributes
        session.context = self.context_for(name)


def hello_of(session: Any) -> Hello | None:
    """The ClientHello of a connection's SSL object."""
    found = getattr(session, "hello", None)
    return found if isinstance(found, Hello) else None


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_alpn_protocols(ALPN)
    return context


def _loaded(chain: Path, key: Path) -> ssl.SSLContext:
    context = _context()
    try:
        context.load_cert_chain(chain, key, password=_no_passphrase)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"the certificate {chain} with the key {key} can't be used: {error}") from None
    return context


def _no_passphrase() -> str:
    raise UsageError("a key under a passphrase can't be used: a worker that is started again could not ask for it")


def _names(chain: Path) -> list[str]:
    """The DNS names of the first certificate of a file; addresses too, as clients may ask by them in vain."""
    from cryptography import x509  # noqa: PLC0415 - loaded where TLS is served

    try:
        certificate = x509.load_pem_x509_certificates(chain.read_bytes())[0]
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    except (OSError, ValueError) as error:
        raise UsageError(f"the certificate {chain} can't be read: {error}") from None
    return [name.lower() for name in extension.get_values_for_type(x509.DNSName)]


def _watch_hellos(context: ssl.SSLContext, hellos: dict[int, bytes]) -> None:
    """Keep each ClientHello from when it was read until a certificate is chosen, a moment later in the same call.

    CPython's own hook for handshake messages; the context that the connection goes over to has none, so that it costs
    nothing afterwards. Where an interpreter lacks it there are no fingerprints.
    """

    def seen(session: Any, direction: str, _version: Any, content: int, message: int, data: bytes) -> None:
        if direction == "read" and content == _HANDSHAKE and message == CLIENT_HELLO:
            if len(hellos) >= _MOST_HELLOS:  # of handshakes that failed before a certificate was chosen
                hellos.clear()
            hellos[id(session)] = data

    descriptor = vars(ssl.SSLContext.__mro__[1]).get("_msg_callback")
    if descriptor is not None:
        descriptor.__set__(context, seen)
