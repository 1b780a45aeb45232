"""What the proxy answers itself: refusals of the web ACL, and an application that doesn't answer."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final, Protocol

from casemate.engines.web import Verdict
from casemate.foundation.http.reply import Headers

_HTML: Final = (b"content-type", b"text/html")


class Answer(Protocol):
    """How a request is answered, over HTTP/1.1 and HTTP/2 alike; see foundation.http.Reply."""

    @property
    def gone(self) -> bool: ...

    @property
    def done(self) -> bool: ...

    @property
    def started(self) -> bool: ...

    def send(self, status: int, headers: Headers, body: bytes = b"") -> None: ...

    def start(self, status: int, headers: Headers, length: int | None = None) -> None: ...

    def write(self, chunk: bytes) -> None: ...

    async def drain(self) -> None: ...

    def finish(self) -> None: ...

    def cut(self) -> None: ...


def page(status: int) -> bytes:
    """The body that an Application Load Balancer sends with a status of its own."""
    said = f"{status} {HTTPStatus(status).phrase}".encode()
    return (
        b"<html>\r\n<head><title>%b</title></head>\r\n<body>\r\n<center><h1>%b</h1></center>\r\n</body>\r\n</html>\r\n"
        % (said, said)
    )


_PAGES: Final = {status: page(status) for status in (400, 403, 413, 500, 502, 503, 504)}


def fail(answer: Answer, status: int) -> None:
    """Answer for an application that can't."""
    if answer.started:
        if not answer.done:
            answer.cut()
        return
    answer.send(status, [_HTML], _PAGES[status])


def refuse(answer: Answer, verdict: Verdict, explained: Headers) -> tuple[int, int]:
    """Answer a blocked request: 403, or the rule's own response. The status and the size of what was sent."""
    custom = verdict.response
    if custom is None:
        answer.send(403, [_HTML, *explained], _PAGES[403])
        return 403, len(_PAGES[403])
    headers = [(name.lower().encode(), value.encode("utf-8")) for name, value in custom.headers]
    # What frames an answer is written by the server alone.
    headers = [pair for pair in headers if pair[0] not in _FRAMING]
    if custom.content_type:
        headers.append((b"content-type", custom.content_type.encode()))
    answer.send(custom.status, [*headers, *explained], custom.body)
    return custom.status, len(custom.body)


_FRAMING: Final = frozenset((b"content-length", b"transfer-encoding", b"connection", b"date", b"upgrade"))
