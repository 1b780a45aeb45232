"""The one HTTP/1.1 server that gateway and edge share.

A `Server` reads requests strictly (RFC 9112, refusing whatever two readers could understand in two ways) and hands
each one to a handler with the `Reply` to answer it by, now or later. A connection's requests are served one at a time,
in order.
"""

from casemate.foundation.http.body import BodyAborted, BodySink, BodyStream, Flow
from casemate.foundation.http.limits import Limits
from casemate.foundation.http.message import Request, Tls
from casemate.foundation.http.reply import ClientGone, Reply, ReplyMisuse
from casemate.foundation.http.server import Counters, Handler, Server, StreamHandler

__all__ = [
    "BodyAborted",
    "BodySink",
    "BodyStream",
    "ClientGone",
    "Counters",
    "Flow",
    "Handler",
    "Limits",
    "Reply",
    "ReplyMisuse",
    "Request",
    "Server",
    "StreamHandler",
    "Tls",
]
