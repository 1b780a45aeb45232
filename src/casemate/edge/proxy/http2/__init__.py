"""HTTP/2 towards clients (RFC 9113): frames and their states are the h2 library's, requests and answers the proxy's."""

from casemate.edge.proxy.http2.connection import Http2Connection

__all__ = ["Http2Connection"]
