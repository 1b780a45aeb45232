"""A request as it came over the wire, before anything is believed about it."""

from __future__ import annotations

from typing import Final

Headers = list[tuple[bytes, bytes]]

_QUESTION_MARK: Final = b"?"


class Request:
    """The raw parts of one request: nothing is decoded, nothing is normalised.

    `method` and `target` are the request line's; `headers` are in their order, names in lower case, values without
    surrounding blanks; `body` is what follows, with any transfer coding taken off. A streamed body is given as empty.
    Of a target in absolute form only path and query string are kept.
    """

    __slots__ = ("_fields", "body", "headers", "method", "path", "query", "target")

    def __init__(self, method: bytes, target: bytes, headers: Headers, body: bytes) -> None:
        if target[:1] != b"/":
            target = _origin_form(target)
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.path, _, self.query = target.partition(_QUESTION_MARK)
        self._fields: dict[bytes, bytes] | None = None

    @property
    def fields(self) -> dict[bytes, bytes]:
        """Headers by name. Of a header sent more than once this has the last value: see `all`."""
        fields = self._fields
        if fields is None:
            fields = self._fields = dict(self.headers)
        return fields

    @property
    def repeats(self) -> bool:
        """Whether any header was sent more than once."""
        return len(self.fields) != len(self.headers)

    def header(self, name: bytes) -> bytes | None:
        """The value of a header, given its name in lower case."""
        fields = self._fields
        if fields is None:
            fields = self._fields = dict(self.headers)
        return fields.get(name)

    def all(self, name: bytes) -> list[bytes]:
        """Every value of a header, in order."""
        return [value for field, value in self.headers if field == name]


def _origin_form(target: bytes) -> bytes:
    """A target in absolute form without its scheme and host (RFC 9112, section 3.2.2)."""
    scheme, separator, rest = target.partition(b"://")
    if not separator or scheme.lower() not in {b"http", b"https"}:
        return target
    cuts = [at for at in (rest.find(b"/"), rest.find(b"?")) if at >= 0]
    path = rest[min(cuts) :] if cuts else b""
    return path if path.startswith(b"/") else b"/" + path
