"""Web ACLs that ask."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from casemate.edge.proxy.tokens.asking import Asking
from casemate.edge.proxy.tokens.signing import KEY_BYTES, Signer


@pytest.fixture
def asking() -> Asking:
    return Asking(Signer([b"k" * KEY_BYTES]))


@pytest.fixture
def asks() -> Callable[..., dict[str, Any]]:
    """An ACL whose rule asks for something below /private."""

    def acl(action: str, **more: Any) -> dict[str, Any]:
        return {
            "Name": "asks",
            "DefaultAction": {"Allow": {}},
            **more,
            "Rules": [
                {
                    "Name": "ask",
                    "Priority": 0,
                    "Action": {action: {}},
                    "VisibilityConfig": {
                        "SampledRequestsEnabled": True,
                        "CloudWatchMetricsEnabled": True,
                        "MetricName": "m",
                    },
                    "Statement": {
                        "ByteMatchStatement": {
                            "FieldToMatch": {"UriPath": {}},
                            "PositionalConstraint": "STARTS_WITH",
                            "SearchString": base64.b64encode(b"/private").decode(),
                            "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
                        }
                    },
                }
            ],
        }

    return acl
