"""What REST-JSON and REST-XML share: members bound to path, query string, headers, status and body.

Source: Smithy, "HTTP bindings". A query parameter that is no member is refused like any unknown member, but for what
signs the request, what the URI template demands, and names that begin with `x-`, which S3 leaves to its users' logs.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from casemate.gateway.models import Member, Operation, ServiceModel, Shape
from casemate.gateway.protocols.codec import Codec, Labels, Refusal, Reply
from casemate.gateway.protocols.documents import UnknownMember
from casemate.gateway.protocols.errors import MalformedRequest
from casemate.gateway.protocols.forms import decode_form
from casemate.gateway.protocols.headers import HeaderReader, HeaderWriter, header_reader, header_text, header_writer
from casemate.gateway.protocols.request import Request
from casemate.gateway.protocols.text import TextReader, text_reader

BodyReader = Callable[[bytes], Any]
BodyWriter = Callable[[Any], bytes]

_NO_MEMBERS: Final[frozenset[str]] = frozenset()
_SCALAR_PAYLOADS: Final = frozenset({"blob", "string"})
_ANSWER_LOCATIONS: Final = frozenset({"header", "headers", "statusCode"})
# Headers beginning with x-amz- that belong to signing, checksums and clients, not to an operation.
_GENERAL_HEADERS: Final = (
    b"x-amz-date",
    b"x-amz-security-token",
    b"x-amz-content-sha256",
    b"x-amz-user-agent",
    b"x-amz-decoded-content-length",
    b"x-amz-trailer",
    b"x-amz-sdk-",
    b"x-amz-checksum-",
    b"x-amz-te",
    b"x-amz-id-2",
    b"x-amz-cf-id",
    b"x-amz-invocation-id",
    b"x-amz-expected-bucket-owner",
    b"x-amz-request-payer",
    b"x-amz-s3session-token",
)


@dataclass(slots=True)
class _Input:
    """Where one operation's request members stand."""

    labels: dict[str, tuple[str, TextReader]] = field(default_factory=dict)
    query: dict[str, tuple[str, TextReader, bool]] = field(default_factory=dict)
    query_map: tuple[str, bool] | None = None
    static_query: frozenset[str] = _NO_MEMBERS
    headers: dict[bytes, tuple[str, HeaderReader]] = field(default_factory=dict)
    prefixed: tuple[str, bytes] | None = None
    payload: tuple[str, BodyReader] | None = None
    body: BodyReader | None = None


@dataclass(slots=True)
class _Output:
    """Where one operation's answer members go."""

    headers: list[tuple[str, bytes, HeaderWriter]]
    prefixed: list[tuple[str, bytes]]
    status: str | None
    payload: tuple[str, BodyWriter, bytes | None] | None
    body: BodyWriter | None


class RestCodec(Codec):
    """A REST protocol; its body format is the subclass's."""

    content_type: bytes
    request_id_header: bytes = b"x-amzn-RequestId"

    def __init__(self, model: ServiceModel) -> None:
        super().__init__(model)
        self._inputs: dict[str, _Input] = {}
        self._outputs: dict[str, _Output] = {}

    @abstractmethod
    def _body_reader(self, operation: Operation, shape: Shape, bound: frozenset[str]) -> BodyReader:
        """A reader of the body as the members that are bound nowhere else."""

    @abstractmethod
    def _payload_reader(self, member: Member) -> BodyReader:
        """A reader of the body as one structured member; None for an empty body."""

    @abstractmethod
    def _body_writer(self, operation: Operation, shape: Shape, bound: frozenset[str]) -> BodyWriter | None: ...

    @abstractmethod
    def _payload_writer(self, member: Member) -> BodyWriter: ...

    def _read(self, operation: str, request: Request, labels: Labels) -> dict[str, Any]:
        bound = self._inputs.get(operation)
        if bound is None:
            bound = self._inputs[operation] = self._compile_input(self.model.operation(operation))
        value: dict[str, Any] = {}
        for label, (name, read) in bound.labels.items():
            value[name] = read(labels[label])
        self._read_query(bound, request, value)
        self._read_headers(bound, request, value)
        if bound.payload is not None:
            name, read_payload = bound.payload
            payload = read_payload(request.body)
            if payload is not None:
                value[name] = payload
        elif bound.body is not None:
            value |= bound.body(request.body)
        return value

    @staticmethod
    def _read_query(bound: _Input, request: Request, value: dict[str, Any]) -> None:
        if not request.query:
            return
        others: dict[str, list[str]] = {}
        for parameter, text in decode_form(request.query):
            known = bound.query.get(parameter)
            if known is None:
                if parameter not in bound.static_query and parameter[:2].lower() != "x-":
                    others.setdefault(parameter, []).append(text)
                continue
            name, read, many = known
            if many:
                value.setdefault(name, []).append(read(text))
            elif name in value:
                raise MalformedRequest(f"The query parameter {parameter[:64]} is given more than once.")
            else:
                value[name] = read(text)
        if others:
            if bound.query_map is None:
                raise UnknownMember(next(iter(others)))
            name, many = bound.query_map
            value[name] = {key: texts if many else texts[0] for key, texts in others.items()}

    def _read_headers(self, bound: _Input, request: Request, value: dict[str, Any]) -> None:
        prefixed: dict[str, str] = {}
        for field_name in request.fields:
            known = bound.headers.get(field_name)
            if known is not None:
                name, read = known
                value[name] = read(request.all(field_name))
            elif bound.prefixed is not None and field_name.startswith(bound.prefixed[1]):
                key = field_name[len(bound.prefixed[1]) :].decode("ascii", "replace")
                prefixed[key] = header_text(b",".join(request.all(field_name)))
            elif field_name.startswith(b"x-amz-") and not field_name.startswith(_GENERAL_HEADERS):
                raise UnknownMember(field_name.decode("ascii", "replace"))
        if prefixed and bound.prefixed is not None:
            value[bound.prefixed[0]] = prefixed

    def _compile_input(self, operation: Operation) -> _Input:
        _, _, query = operation.uri.partition("?")
        static = frozenset(name for name, _ in parse_qsl(query, keep_blank_values=True))
        bound = _Input(static_query=static)
        shape = operation.input
        if shape is None:
            return bound
        for name, member in shape.members.items():
            self._bind_input(bound, name, member)
        payload = shape.payload
        if payload is not None:
            bound.payload = (payload, self._reader_of_payload(shape.members[payload]))
        else:
            placed = frozenset(name for name, member in shape.members.items() if member.location is not None)
            bound.body = self._body_reader(operation, shape, placed)
        return bound

    @staticmethod
    def _bind_input(bound: _Input, name: str, member: Member) -> None:
        wire = member.location_name or name
        match member.location:
            case "uri":
                bound.labels[wire] = (name, text_reader(member, "iso8601"))
            case "querystring" if member.shape.type == "map":
                bound.query_map = (name, member.shape.value.shape.type == "list")
            case "querystring" if member.shape.type == "list":
                bound.query[wire] = (name, text_reader(member.shape.element, "iso8601"), True)
            case "querystring":
                bound.query[wire] = (name, text_reader(member, "iso8601"), False)
            case "header":
                bound.headers[wire.lower().encode()] = (name, header_reader(member))
            case "headers":
                bound.prefixed = (name, (member.location_name or "").lower().encode())
            case _:
                pass

    def _reader_of_payload(self, member: Member) -> BodyReader:
        if member.shape.type == "blob":
            return lambda body: body or None
        if member.shape.type == "string":
            return _text_payload
        return self._payload_reader(member)

    def serialize(self, operation: str, response: Mapping[str, Any], request_id: str) -> Reply:
        declared = self.model.operation(operation)
        bound = self._outputs.get(operation)
        if bound is None:
            bound = self._outputs[operation] = self._compile_output(declared)
        headers = [(self.request_id_header, request_id.encode())]
        status = declared.status if bound.status is None else int(response.get(bound.status) or declared.status)
        write_headers(bound.headers, bound.prefixed, response, headers)
        body = b""
        content_type: bytes | None = None
        if bound.payload is not None:
            name, write_payload, content_type = bound.payload
            payload = response.get(name)
            if payload is None:
                content_type = None
            else:
                body = write_payload(payload)
        elif bound.body is not None:
            body, content_type = bound.body(response), self.content_type
        if content_type is not None and all(name.lower() != b"content-type" for name, _ in headers):
            headers.append((b"Content-Type", content_type))
        return status, headers, body

    def _compile_output(self, operation: Operation) -> _Output:
        shape = operation.output
        bound = _Output([], [], None, None, None)
        if shape is None:
            return bound
        for name, member in shape.members.items():
            wire = (member.location_name or name).encode()
            match member.location:
                case "header":
                    bound.headers.append((name, wire, header_writer(member)))
                case "headers":
                    bound.prefixed.append((name, (member.location_name or "").encode()))
                case "statusCode":
                    bound.status = name
                case _:
                    pass
        payload = shape.payload
        if payload is not None:
            bound.payload = (payload, *self._writer_of_payload(shape.members[payload]))
        else:
            bound.body = self._body_writer(operation, shape, bound_elsewhere(shape))
        return bound

    def _writer_of_payload(self, member: Member) -> tuple[BodyWriter, bytes | None]:
        if member.shape.type == "blob":
            return bytes, b"application/octet-stream"
        if member.shape.type == "string":
            return str.encode, b"text/plain"
        return self._payload_writer(member), self.content_type

    def _error_headers(self, refusal: Refusal) -> list[tuple[bytes, bytes]]:
        """Members of an error that are bound to headers."""
        headers: list[tuple[bytes, bytes]] = []
        if refusal.shape is not None:
            bound = [
                (name, (member.location_name or name).encode(), header_writer(member))
                for name, member in refusal.shape.members.items()
                if member.location == "header"
            ]
            write_headers(bound, [], refusal.members, headers)
        return headers


def write_headers(
    bound: list[tuple[str, bytes, HeaderWriter]],
    prefixed: list[tuple[str, bytes]],
    response: Mapping[str, Any],
    headers: list[tuple[bytes, bytes]],
) -> None:
    """Appends the headers that an answer's members make."""
    for name, wire, write in bound:
        item = response.get(name)
        if item is not None and item != []:
            headers.append((wire, write(item)))
    for name, prefix in prefixed:
        for key, text in (response.get(name) or {}).items():
            headers.append((prefix + key.encode(), text.encode()))


def bound_elsewhere(shape: Shape) -> frozenset[str]:
    """The members of an answer that do not stand in its body; what binds to requests means nothing there."""
    return frozenset(name for name, member in shape.members.items() if member.location in _ANSWER_LOCATIONS)


def _text_payload(body: bytes) -> str | None:
    try:
        return body.decode() or None
    except UnicodeDecodeError as error:
        raise MalformedRequest("The body is not UTF-8.") from error
