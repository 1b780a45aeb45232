"""All outgoing HTTP(S) calls, and the rules that keep them from being turned against the inside (SSRF)."""

from casemate.foundation.outbound.answer import Answer
from casemate.foundation.outbound.client import Outbound, Resolve, client_context
from casemate.foundation.outbound.errors import (
    AddressRefusedError,
    AnswerTooLargeError,
    DeadlineError,
    MalformedAnswerError,
    OutboundError,
    TlsError,
    UnreachableError,
    UrlRefusedError,
)
from casemate.foundation.outbound.policy import OutboundPolicy
from casemate.foundation.outbound.signing import SigningCredential, signed
from casemate.foundation.outbound.url import Target, parse_url

__all__ = [
    "AddressRefusedError",
    "Answer",
    "AnswerTooLargeError",
    "DeadlineError",
    "MalformedAnswerError",
    "Outbound",
    "OutboundError",
    "OutboundPolicy",
    "Resolve",
    "SigningCredential",
    "Target",
    "TlsError",
    "UnreachableError",
    "UrlRefusedError",
    "client_context",
    "parse_url",
    "signed",
]
