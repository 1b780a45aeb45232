"""What the codecs of all protocols share: the request's way in, the answer's way out, the look of a refusal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from casemate.gateway.models import Operation, ServiceModel, Shape, index
from casemate.gateway.protocols.common_errors import RENDERINGS
from casemate.gateway.protocols.compression import decompressed
from casemate.gateway.protocols.documents import UnknownMember
from casemate.gateway.protocols.errors import InvalidRequest
from casemate.gateway.protocols.request import Request
from casemate.gateway.protocols.validation import Check, Checks, message, violations

Labels = Mapping[str, str]
"""What a REST path says: label names of the URI template to their decoded text."""
Reply = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Status, headers as they go out, body."""

NO_LABELS: Final[Labels] = {}
# What a refusal for broken constraints is called by the services that have a word of their own for it.
_INVALID_INPUT: Final = ("ValidationException", "InvalidInputException", "InvalidInput", "InvalidArgument")


class Refusal(NamedTuple):
    """A refusal as it is about to be written; `shape` is its model, where it has one."""

    code: str
    status: int
    message: str | None
    members: Mapping[str, Any]
    shape: Shape | None
    sender: bool


class Codec(ABC):
    """Parses requests and serialises answers of one service in one protocol.

    Members have the model's names; values are str, int, float, bool, bytes, list and dict, timestamps float seconds
    since the epoch.
    """

    protocol: str
    column: str
    """Its column in `common_errors`."""

    def __init__(self, model: ServiceModel) -> None:
        self.model = model
        self._checks = Checks()
        self._compressed = model.compressed_operations
        self._input_checks: dict[str, Check | None] = {}

    def parse(self, operation: str, request: Request, labels: Labels = NO_LABELS) -> dict[str, Any]:
        """The request's members, all constraints of the model kept.

        MalformedRequest where bytes or types are wrong, InvalidRequest where members are unknown, missing or out of
        bounds.
        """
        if operation in self._compressed:
            request = decompressed(request)
        try:
            value = self._read(operation, request, labels)
        except UnknownMember as unknown:
            raise InvalidRequest(
                f"Unknown member '{unknown.name[:256]}' in the request of {operation}; this server knows the API of "
                f"botocore {index().botocore}"
            ) from None
        try:
            check = self._input_checks[operation]
        except KeyError:
            shape = self.model.operation(operation).input
            check = self._input_checks[operation] = None if shape is None else self._checks.compile(shape)
        if check is not None and not check(value):
            raise self._invalid(operation, value)
        return value

    def _invalid(self, operation: str, value: dict[str, Any]) -> InvalidRequest:
        shape = self.model.operation(operation).input
        assert shape is not None
        found = violations(shape, value)
        return InvalidRequest(message(found), found[0].reason)

    @abstractmethod
    def _read(self, operation: str, request: Request, labels: Labels) -> dict[str, Any]:
        """The members in Python's types, constraints not yet checked."""

    @abstractmethod
    def serialize(self, operation: str, response: Mapping[str, Any], request_id: str) -> Reply:
        """The answer to a call that succeeded."""

    def error(
        self,
        code: str,
        message: str | None,
        *,
        request_id: str,
        status: int | None = None,
        members: Mapping[str, Any] | None = None,
        operation: str | None = None,
        fault: bool = False,
    ) -> Reply:
        """A refusal.

        `code` is an error shape's name, the wire code of one, or a name in `common_errors`. Shape, wire code and HTTP
        status come from the model, else from there; `status` is for what neither knows, `fault` says that it is ours.
        """
        declared = None if operation is None else self.model.operation(operation)
        refusal = self._refusal(code, message, status, members or {}, declared, fault=fault)
        reply = self._render_error(refusal, request_id)
        if declared is not None and declared.method == "HEAD":
            return reply[0], reply[1], b""
        return reply

    @abstractmethod
    def _render_error(self, refusal: Refusal, request_id: str) -> Reply: ...

    def _refusal(
        self,
        code: str,
        text: str | None,
        status: int | None,
        members: Mapping[str, Any],
        declared: Operation | None,
        *,
        fault: bool,
    ) -> Refusal:
        code, members = self._own_word(code, members, declared)
        rendering = RENDERINGS.get(code)
        shape = self.model.error_shape(code, declared)
        if rendering is not None and (shape is None or not self._modelled_status(shape)):
            code, usual = getattr(rendering, self.column)
            shape = self.model.error_shape(code, declared)
            return Refusal(code, status or usual, text, members, shape, (status or usual) < 500)
        if shape is None:
            usual = 500 if fault else 400
            return Refusal(code, status or usual, text, members, None, (status or usual) < 500)
        fault = fault or bool(shape.trait("fault"))
        usual = self._modelled_status(shape) or (500 if fault else 400)
        return Refusal(self._wire_code(shape), status or usual, text, members, shape, not fault and usual < 500)

    def _modelled_status(self, shape: Shape) -> int | None:
        """The HTTP status that the model gives an error, if it does."""
        status: int | None = shape.trait("error", {}).get("httpStatusCode")
        return status

    def _wire_code(self, shape: Shape) -> str:
        """What the protocol calls an error shape."""
        return shape.name

    def _own_word(
        self, code: str, members: Mapping[str, Any], operation: Operation | None
    ) -> tuple[str, Mapping[str, Any]]:
        """The service's word for broken constraints, where it is not the common one."""
        if code != "ValidationException" or operation is None:
            return code, members
        for word in _INVALID_INPUT:
            if word in operation.errors:
                shape = self.model.shape(word)
                kept = {name: value for name, value in members.items() if name in shape.members}
                return word, kept
        return code, {}
