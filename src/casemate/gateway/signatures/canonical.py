"""The canonical request: the one form of a request that signer and verifier must agree on to the byte.

Source: IAM User Guide, "Create a signed AWS API request", step 1.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import quote, unquote_to_bytes

from casemate.gateway.protocols.paths import normalised
from casemate.gateway.protocols.request import Request
from casemate.gateway.signatures.signed import SignedHeaders

_BLANKS: Final = re.compile(rb"[ \t\r\n]+")
_PLAIN: Final = re.compile(rb"[A-Za-z0-9/._~-]*")
_PLAIN_QUERY: Final = re.compile(rb"[A-Za-z0-9._~-]*")
_SIGNATURE_PARAMETER: Final = b"X-Amz-Signature="


class PathRules(NamedTuple):
    """How a path is made canonical."""

    normalise: bool
    """Dot segments and empty segments are taken out (RFC 3986, section 5.2.4)."""
    encode_twice: bool
    """The path on the wire, encoded already, is encoded again."""


GENERAL: Final = PathRules(normalise=True, encode_twice=True)
S3: Final = PathRules(normalise=False, encode_twice=False)
"""S3's keys may hold any segments, and are encoded once."""


def canonical_path(path: bytes, rules: PathRules) -> bytes:
    """The path of a request line in canonical form."""
    if path == b"/":
        return path
    if rules.normalise:
        path = normalised(path)
    plain = path if rules.encode_twice else unquote_to_bytes(path)
    return path if _PLAIN.fullmatch(path) else quote(plain, safe="/~").encode()


def canonical_query(query: bytes, *, without_token: bool = False) -> bytes:
    """The query string: names and values encoded one way, sorted, without the signature itself.

    A plus sign is a blank, as it is to every parser of forms. `without_token` leaves X-Amz-Security-Token out: some
    signers add it after signing.
    """
    if not query:
        return b""
    pairs = []
    for pair in query.split(b"&"):
        if not pair or pair.startswith(_SIGNATURE_PARAMETER):
            continue
        name, _, value = pair.partition(b"=")
        if without_token and name == b"X-Amz-Security-Token":
            continue
        pairs.append((_encoded(name), _encoded(value)))
    pairs.sort()
    return b"&".join([b"%b=%b" % pair for pair in pairs])


def _encoded(text: bytes) -> bytes:
    if _PLAIN_QUERY.fullmatch(text):
        return text
    return quote(unquote_to_bytes(text.replace(b"+", b" ")), safe="~").encode()


def canonical_headers(request: Request, signed_headers: SignedHeaders) -> bytes | None:
    """One line a signed header, as listed; None where the request lacks one of them.

    Values lose the blanks around them and keep one in each run; those of a header sent several times are joined.
    """
    try:
        values = signed_headers.values_of(request.fields)
    except KeyError:
        return None
    lines = signed_headers.template % values
    if request.repeats:
        every = [b",".join([folded(value) for value in request.all(name)]) for name in signed_headers.names]
        return signed_headers.template % tuple(every)
    if lines.count(b" ") or lines.count(b"\t"):
        return signed_headers.template % tuple([folded(value) for value in values])
    return lines


def folded(value: bytes) -> bytes:
    """A header's value without blanks around it and with one in each run."""
    return _BLANKS.sub(b" ", value).strip()
