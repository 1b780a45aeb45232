"""What is wrong with a request on the wire.

    ServiceError
    └── WireError             the request can't be taken as it is
        ├── UnknownOperation  nothing in the models answers to it
        ├── MalformedRequest  the body is not what the protocol says, or a member has another type
        └── InvalidRequest    members break the model's constraints, are missing, or are not in the model

Each is rendered by the codec of the request's protocol, in the code that the protocol has for it.
"""

from __future__ import annotations

from casemate.foundation.errors import ServiceError


class WireError(ServiceError):
    """The request can't be taken as it is."""


class UnknownOperation(WireError):
    """Nothing in the models answers to the request; `protocol` is the form in which to say so."""

    def __init__(self, message: str, protocol: str, service: str | None = None) -> None:
        super().__init__("UnknownOperationException", message)
        self.protocol = protocol
        self.service = service


class MalformedRequest(WireError):
    """The request's bytes don't say what the protocol allows there."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__("SerializationException", message)


class InvalidRequest(WireError):
    """A well-formed request breaks the model's constraints; `reason` is Organizations' word for the first that is."""

    def __init__(self, message: str, reason: str | None = None) -> None:
        super().__init__("ValidationException", message, members=None if reason is None else {"Reason": reason})
