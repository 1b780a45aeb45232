"""Signature Version 4 for calls that this server makes (IAM User Guide, "Create a signed AWS API request")."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from casemate.foundation.outbound.url import parse_url

Headers = list[tuple[str, str]]


class SigningCredential(NamedTuple):
    """Who signs, for which region and service."""

    access_key_id: str
    secret: str
    region: str
    service: str

    def __repr__(self) -> str:
        return f"<SigningCredential {self.access_key_id}>"


def signed(
    credential: SigningCredential,
    method: str,
    url: str,
    headers: Sequence[tuple[str, str]],
    body: bytes,
    *,
    moment: float,
) -> Headers:
    """The headers with x-amz-date and authorization; real time `moment`. The URL has no query, names are lower case."""
    target = parse_url(url)
    stamp = datetime.fromtimestamp(moment, UTC).strftime("%Y%m%dT%H%M%SZ")
    whole = sorted([("host", target.authority), ("x-amz-date", stamp), *headers])
    names = ";".join(name for name, _ in whole)
    lines = "".join(f"{name}:{' '.join(value.split())}\n" for name, value in whole)
    canonical = f"{method}\n{target.target}\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{stamp[:8]}/{credential.region}/{credential.service}/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = b"AWS4" + credential.secret.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={credential.access_key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    return [*headers, ("x-amz-date", stamp), ("authorization", authorization)]
