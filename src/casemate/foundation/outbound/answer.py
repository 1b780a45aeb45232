"""Reading an answer, bounded."""

from __future__ import annotations

from typing import NamedTuple

import httptools

from casemate.foundation.outbound.errors import AnswerTooLargeError, MalformedAnswerError

_HEAD_BYTES = 65_536
_HEADERS = 200


class Answer(NamedTuple):
    """An answer. Header names are lower-cased. Redirects are answers like others: nobody follows them."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header by its lower-case name."""
        return next((value for known, value in self.headers if known == name), None)


class AnswerReader:
    """Takes bytes until `done`. Raises AnswerTooLargeError and MalformedAnswerError from `feed`."""

    def __init__(self, *, head_only: bool, most: int) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._head_only = head_only
        self._most = most
        self._head_size = 0
        self._status = 0
        self._headers: list[tuple[str, str]] = []
        self._body = bytearray()
        self._in_body = False
        self._delimited = False
        self._error: Exception | None = None
        self.done = False

    def feed(self, data: bytes) -> None:
        if not self._in_body:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            # What comes after a complete answer is nobody's: the connection is used once.
            if self._error is None and not self.done:
                self._error = MalformedAnswerError("the answer is not HTTP/1.1")
        if self._error is not None:
            raise self._error
        if not self._in_body and not self.done and self._head_size > _HEAD_BYTES:
            raise AnswerTooLargeError("the answer's head is too large")

    def end(self) -> bool:
        """The other side closed: whether that completes the answer."""
        if self._in_body and not self._delimited:
            self.done = True
        return self.done

    @property
    def answer(self) -> Answer:
        return Answer(self._status, self._headers, bytes(self._body))

    # Called by the parser

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_body or self.done:
            return  # a trailer
        if len(self._headers) >= _HEADERS:
            self._fail(AnswerTooLargeError("the answer has too many headers"))
        self._headers.append((name.decode("latin-1").lower(), value.decode("latin-1").strip(" \t")))

    def on_headers_complete(self) -> None:
        if self.done:
            return
        status = self._parser.get_status_code()
        if status == 101:
            self._fail(MalformedAnswerError("the answer switches protocols, which nobody asked for"))
        if status < 200:
            self._headers = []
            return
        self._status = status
        names = {name for name, _ in self._headers}
        self._delimited = "content-length" in names or "transfer-encoding" in names
        self._in_body = True
        if self._head_only or status in {204, 304}:
            self.done = True

    def on_body(self, data: bytes) -> None:
        if self.done:
            return
        if len(self._body) + len(data) > self._most:
            self._fail(AnswerTooLargeError("the answer is larger than allowed"))
        self._body += data

    def on_message_complete(self) -> None:
        if self._in_body:
            self.done = True

    def _fail(self, error: Exception) -> None:
        self._error = self._error or error
        raise error
