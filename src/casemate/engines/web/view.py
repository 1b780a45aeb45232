"""A request as the engine sees it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

KILOBYTE: Final = 1024


class ResourceKind(StrEnum):
    """What a web ACL protects, in the model's spelling of AssociatedResourceType (and the two it leaves out)."""

    APPLICATION_LOAD_BALANCER = "APPLICATION_LOAD_BALANCER"
    APPSYNC = "APPSYNC"
    CLOUDFRONT = "CLOUDFRONT"
    API_GATEWAY = "API_GATEWAY"
    COGNITO_USER_POOL = "COGNITO_USER_POOL"
    APP_RUNNER_SERVICE = "APP_RUNNER_SERVICE"
    VERIFIED_ACCESS_INSTANCE = "VERIFIED_ACCESS_INSTANCE"
    AGENTCORE_GATEWAY = "AGENTCORE_GATEWAY"
    AMPLIFY = "AMPLIFY"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """What the front found out about the client's aws-waf-token.

    `status` is accepted, rejected or absent; `reason` the model's FailureReason where it isn't accepted; the two times
    (seconds since the epoch) say when the client last solved a puzzle or passed a silent challenge.
    """

    status: str = "absent"
    reason: str = "TOKEN_MISSING"
    captcha_time: float | None = None
    challenge_time: float | None = None


NO_TOKEN: Final = Token()


class RequestView(msgspec.Struct, kw_only=True):
    """One request, cheap to make.

    `target` is path and query as on the wire; `headers` in wire order, names as on the wire; `body` at least the prefix
    that the resource's kind lets WAF see (the engine cuts it); `body_size` the whole body's size in bytes where known,
    else None: then `body_complete` says whether `body` is all of it. `time` is in seconds since the epoch.
    """

    method: bytes
    target: bytes
    headers: list[tuple[bytes, bytes]]
    client_ip: str
    http_version: str = "HTTP/1.1"
    body: bytes = b""
    body_complete: bool = True
    body_size: int | None = None
    kind: ResourceKind = ResourceKind.APPLICATION_LOAD_BALANCER
    time: float = 0.0
    scheme: str = "https"
    ja3: str | None = None
    ja4: str | None = None
    uri_fragment: bytes | None = None
    token: Token = NO_TOKEN
