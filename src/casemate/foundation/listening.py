"""The sockets that workers accept on: one SO_REUSEPORT socket each, made once by the parent and passed on."""

from __future__ import annotations

import errno
import socket
from typing import Any, Final

from casemate.foundation.errors import CasemateError

BACKLOG: Final = 4096


class AddressRefused(CasemateError):
    """An address that can't be listened at; the text says which and why."""


def listen(host: str, port: int, count: int) -> list[socket.socket]:
    """Bound, listening sockets. Raises AddressRefused, also where another process of this user has the address."""
    try:
        return _listen(host, port, count)
    except OSError as error:
        why = "is in use by another process: stop it, or choose" if error.errno == errno.EADDRINUSE else None
        said = why or f"can't be listened at ({error.strerror}): choose"
        raise AddressRefused(f"{host}:{port} {said} another address with --listen") from None


def _listen(host: str, port: int, count: int) -> list[socket.socket]:
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listeners: list[socket.socket] = []
    for _ in range(count):
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if not listeners and port:
            _refuse_taken(family, address)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        chosen = listeners[0].getsockname()[1] if listeners else address[1]
        listener.bind((address[0], chosen))
        listener.listen(BACKLOG)
        listener.setblocking(False)
        listeners.append(listener)
    return listeners


def _refuse_taken(family: socket.AddressFamily, address: Any) -> None:
    """SO_REUSEPORT would let two servers of one user share a port and each get half of the requests."""
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(address[:2])
