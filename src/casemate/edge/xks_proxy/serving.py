"""The proxy as a process: HTTPS on one address, calls in threads, until a signal ends it."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from casemate.edge.xks_proxy.api import Call, XksApi
from casemate.edge.xks_proxy.configuration import Configuration
from casemate.foundation.clock import Clock
from casemate.foundation.errors import UsageError
from casemate.foundation.http import Limits, Reply, Request, Server
from casemate.foundation.log import Log
from casemate.foundation.pkcs11 import Pkcs11Error, Token, TokenName

_BODY_BYTES: Final = 32_768
_THREADS: Final = 4
_DRAIN_SECONDS: Final = 5.0
_JSON: Final = [(b"content-type", b"application/json")]


class Proxy:
    """Takes requests from the event loop, answers them from threads."""

    def __init__(self, api: XksApi, clock: Clock, loop: asyncio.AbstractEventLoop) -> None:
        self._api = api
        self._clock = clock
        self._loop = loop
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="call")

    def __call__(self, request: Request, reply: Reply) -> None:
        call = Call(
            request.method.decode("latin-1"),
            request.target.decode("latin-1"),
            (request.header(b"host") or b"").decode("latin-1"),
            {name.decode("latin-1"): value.decode("latin-1") for name, value in request.fields.items()},
            request.body,
        )
        work = self._loop.run_in_executor(self._threads, self._api.answer, call, self._clock.real())
        work.add_done_callback(lambda done: _send(done, reply))


def _send(done: asyncio.Future[tuple[int, bytes]], reply: Reply) -> None:
    if done.exception() is not None:
        reply.send(500, _JSON, b'{"errorName":"InternalException","errorMessage":""}')
    else:
        status, body = done.result()
        reply.send(status, _JSON, body)


def tls_of(configuration: Configuration) -> ssl.SSLContext:
    """Raises UsageError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(configuration.certificate, configuration.key)
        if configuration.client_roots:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(configuration.client_roots)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"the proxy's certificates can't be used: {error}") from None
    return context


def open_token(configuration: Configuration, *, writes: bool = False) -> Token:
    """The token of a proxy's file; `writes` where a key is to be made. Raises UsageError."""
    pin_file = Path(configuration.pin_file)
    try:
        pin = pin_file.read_text("utf-8").rstrip("\r\n")
        name = TokenName(Path(configuration.module), configuration.token)
        return Token(name, pin, turn=pin_file, writes=writes)
    except OSError as error:
        raise UsageError(f"the PIN can't be read from {pin_file}: {error.strerror}") from None
    except Pkcs11Error as error:
        raise UsageError(str(error)) from None


async def serve(
    configuration: Configuration, token: Token, clock: Clock, log: Log, ready: Callable[[str], None]
) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is told the URL. Raises UsageError, OSError."""
    api = XksApi(token, base=configuration.base, keys=configuration.keys, credentials=configuration.credentials)
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    server = Server(
        Proxy(api, clock, loop),
        clock=clock,
        on_error=lambda error, _request: log.failure("a call failed", error),
        limits=Limits(body_bytes=_BODY_BYTES),
    )
    host, port = configuration.address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        await server.start([listener], tls_of(configuration))
        ready(f"https://{configuration.listen.rpartition(':')[0]}:{listener.getsockname()[1]}{configuration.base}")
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ended.set)
        await ended.wait()
        await server.drain(_DRAIN_SECONDS)
