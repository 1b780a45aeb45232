"""What can go wrong with an outgoing call.

OutboundError
├── UrlRefusedError        a URL that is none, or plain HTTP where it is not allowed
├── AddressRefusedError    the host has no address that may be called
├── UnreachableError       no name, no route, nobody listening, connection lost
├── TlsError               the other side's certificate or handshake is not acceptable
├── DeadlineError          not done in time
├── AnswerTooLargeError    more than was allowed
└── MalformedAnswerError   no HTTP/1.1 answer
"""


class OutboundError(Exception):
    """Any error of an outgoing call."""


class UrlRefusedError(OutboundError):
    """The URL can't be called."""


class AddressRefusedError(OutboundError):
    """The host resolves to addresses that may not be called only."""


class UnreachableError(OutboundError):
    """The host could not be reached, or went away before the answer was complete."""


class TlsError(OutboundError):
    """TLS failed: certificate, name, protocol."""


class DeadlineError(OutboundError):
    """The call was not done in time."""


class AnswerTooLargeError(OutboundError):
    """The answer is larger than allowed."""


class MalformedAnswerError(OutboundError):
    """The answer is not HTTP/1.1."""
