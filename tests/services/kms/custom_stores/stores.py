"""Custom key stores described, and connected."""

from __future__ import annotations

import time
from typing import Any

WITHIN = 15.0
ATTEMPTS = 4


def described(kms: Any, store: str) -> dict[str, Any]:
    (entry,) = kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"]
    return dict(entry)


def connected(kms: Any, store: str) -> dict[str, Any]:
    """Connect, and what came of it; once more where a busy machine made the proxy too slow for a quarter of a second."""
    for _ in range(ATTEMPTS):
        kms.connect_custom_key_store(CustomKeyStoreId=store)
        deadline = time.monotonic() + WITHIN
        while (entry := described(kms, store))["ConnectionState"] == "CONNECTING" and time.monotonic() < deadline:
            time.sleep(0.05)
        if entry.get("ConnectionErrorCode") != "XKS_PROXY_TIMED_OUT":
            break
        kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    return entry
