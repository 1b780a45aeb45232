"""The client: blocking, for a thread of its own, with a deadline over everything.

Steps of a call: 1 read the URL; 2 resolve the host; 3 keep the addresses that the policy permits; 4 connect to one of
exactly these addresses, so that a second answer of the name service can't change the target; 5 TLS with the name
verified; 6 send; 7 read a bounded answer.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import ssl
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from casemate.foundation.clock import Clock
from casemate.foundation.outbound.answer import Answer, AnswerReader
from casemate.foundation.outbound.errors import (
    AddressRefusedError,
    DeadlineError,
    TlsError,
    UnreachableError,
    UrlRefusedError,
)
from casemate.foundation.outbound.policy import Address, OutboundPolicy
from casemate.foundation.outbound.url import Target, parse_url

Resolve = Callable[[str, int], Iterable[str]]

_READ_BYTES = 65_536
_RESOLVERS = 4
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+").fullmatch
_VALUE = re.compile(r"[\t -~\x80-\xff]*").fullmatch
_OURS = frozenset(("host", "content-length", "transfer-encoding", "connection"))


class Outbound:
    """Makes outgoing calls under a policy. Thread-safe; one connection a call; redirects are not followed."""

    def __init__(self, policy: OutboundPolicy, *, clock: Clock, resolve: Resolve | None = None) -> None:
        self._policy = policy
        self._clock = clock
        self._resolve = resolve or _resolve
        self._system: ssl.SSLContext | None = None
        # The system's resolver has no time limit of its own, so it is waited for from outside.
        self._resolvers = ThreadPoolExecutor(_RESOLVERS, thread_name_prefix="resolve")

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        tls: ssl.SSLContext | None = None,
        timeout: float | None = None,
        answer_bytes: int | None = None,
    ) -> Answer:
        """Call and wait for the answer. Raises OutboundError's kinds.

        `tls` is a context of `client_context` for other roots than the system's or a client certificate.
        """
        policy = self._policy
        deadline = _Deadline(self._clock, policy.timeout if timeout is None else timeout)
        target = parse_url(url)  # 1
        head = _head(method, target, headers, len(body))
        addresses = self._addresses(target, deadline)  # 2, 3
        reader = AnswerReader(
            head_only=method == "HEAD", most=policy.answer_bytes if answer_bytes is None else answer_bytes
        )
        with self._connect(addresses, target.port, deadline) as raw:  # 4
            connection = _secure(raw, target.host, tls or self._context(), deadline) if target.secure else raw  # 5
            with connection:
                _exchange(connection, head + body, reader, deadline)  # 6, 7
        return reader.answer

    def _context(self) -> ssl.SSLContext:
        if self._system is None:
            self._system = client_context()  # reading the system's roots takes longer than a call
        return self._system

    def close(self) -> None:
        """Let the resolver's threads go."""
        self._resolvers.shutdown(wait=False, cancel_futures=True)

    def _addresses(self, target: Target, deadline: _Deadline) -> list[Address]:
        future = self._resolvers.submit(self._resolve, target.host, target.port)
        try:
            found = [ipaddress.ip_address(address) for address in future.result(deadline.left())]
        except TimeoutError:
            future.cancel()
            raise DeadlineError("the host's name was not resolved in time") from None
        except (OSError, ValueError) as error:
            raise UnreachableError("the host's name does not resolve") from error
        permitted = [address for address in found if self._policy.permits(address)]
        if not permitted:
            raise AddressRefusedError("the host has no address that may be called")
        if not target.secure and not self._policy.plain_http:
            permitted = [address for address in permitted if self._policy.listed(address)]
            if not permitted:
                raise UrlRefusedError("plain HTTP goes to allowed networks only")
        return permitted

    def _connect(self, addresses: list[Address], port: int, deadline: _Deadline) -> socket.socket:
        last: OSError | None = None
        for address in addresses:
            family = socket.AF_INET if address.version == 4 else socket.AF_INET6
            connection = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
            try:
                connection.settimeout(min(deadline.left(), self._policy.connect_timeout))
                connection.connect((str(address), port))
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                connection.close()
                last = error
            except BaseException:
                connection.close()
                raise
            else:
                return connection
        deadline.left()
        raise UnreachableError("the host can't be reached") from last


class _Deadline:
    """The moment by which a call must be done."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._at = clock.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left. Raises DeadlineError when none are."""
        left = self._at - self._clock.monotonic()
        if left <= 0:
            raise DeadlineError("the call was not done in time")
        return left


def client_context(
    roots: str | None = None, certificate: Path | None = None, key: Path | None = None
) -> ssl.SSLContext:
    """A context that verifies by the system's roots, or by `roots` (PEM) alone; with a client certificate if given."""
    context = ssl.create_default_context(cadata=roots)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context


def _resolve(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # A link-local address comes with its interface; it is refused, but must be readable for that.
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))


def _head(method: str, target: Target, headers: Sequence[tuple[str, str]], length: int) -> bytes:
    """Raises UrlRefusedError for a method or header that would not stay what it is on the wire."""
    if _TOKEN(method) is None:
        raise UrlRefusedError("not a method")
    lines = [f"{method} {target.target} HTTP/1.1", f"host: {target.authority}", "connection: close"]
    for name, value in headers:
        if _TOKEN(name) is None or _VALUE(value) is None or name.lower() in _OURS:
            raise UrlRefusedError("a header of the call can't be sent")
        lines.append(f"{name}: {value}")
    if length or method not in {"GET", "HEAD", "DELETE"}:
        lines.append(f"content-length: {length}")
    return "\r\n".join((*lines, "", "")).encode("latin-1")


def _secure(raw: socket.socket, host: str, context: ssl.SSLContext, deadline: _Deadline) -> ssl.SSLSocket:
    if context.verify_mode is not ssl.CERT_REQUIRED or not context.check_hostname:
        raise TlsError("a context that does not verify is not used")
    raw.settimeout(deadline.left())
    connection = context.wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)
    with ExitStack() as undo:
        undo.callback(connection.close)
        _handshake(connection)
        undo.pop_all()
    return connection


def _handshake(connection: ssl.SSLSocket) -> None:
    try:
        connection.do_handshake()
    except TimeoutError:
        raise DeadlineError("the TLS handshake was not done in time") from None
    except ssl.SSLError as error:
        raise TlsError(f"TLS failed: {error.reason or 'the certificate is not acceptable'}") from error
    except OSError as error:
        raise UnreachableError("the connection was lost during the TLS handshake") from error


def _exchange(connection: socket.socket, request: bytes, reader: AnswerReader, deadline: _Deadline) -> None:
    try:
        connection.settimeout(deadline.left())
        connection.sendall(request)
        while not reader.done:
            connection.settimeout(deadline.left())
            data = connection.recv(_READ_BYTES)
            if data:
                reader.feed(data)
            elif not reader.end():
                raise UnreachableError("the connection was closed before the answer was complete")
    except TimeoutError:
        raise DeadlineError("the call was not done in time") from None
    except OSError as error:
        raise UnreachableError("the connection was lost before the answer was complete") from error
