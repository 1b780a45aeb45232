"""KMS keys in custom key stores: what CreateKey asks and makes outside, and what a deletion takes away there."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.services.kms import errors
from casemate.services.kms.custom_stores import use
from casemate.services.kms.custom_stores.records import STORES, CustomKeyStore
from casemate.services.kms.records import KEYS, Key

OUTSIDE: Final = ("AWS_CLOUDHSM", "EXTERNAL_KEY_STORE")


def store_asked_for(context: Context, request: Mapping[str, Any], spec: str) -> CustomKeyStore | None:
    """The custom key store that CreateKey names, if it can take such a key; None where none is asked for."""
    store_id, origin = request.get("CustomKeyStoreId"), request.get("Origin", "AWS_KMS")
    if store_id is None:
        if origin in OUTSIDE:
            raise errors.validation(f"CustomKeyStoreId is required for keys of origin {origin}.")
        if "XksKeyId" in request:
            raise errors.validation(f"XksKeyId can't be specified for keys of origin {origin}.")
        return None
    if origin not in OUTSIDE:
        raise errors.validation("The origin of a key in a custom key store is AWS_CLOUDHSM or EXTERNAL_KEY_STORE.")
    if spec != "SYMMETRIC_DEFAULT" or request.get("MultiRegion"):
        raise errors.unsupported("A key in a custom key store is a single-Region symmetric encryption key.")
    store = use.store_of(context, store_id)
    if origin != store.kind:
        raise errors.validation(f"The custom key store {store_id} is of type {store.kind}, not {origin}.")
    if (origin == "EXTERNAL_KEY_STORE") != ("XksKeyId" in request):
        needs = "is required for" if origin == "EXTERNAL_KEY_STORE" else "can't be specified for"
        raise errors.validation(f"XksKeyId {needs} keys of origin {origin}.")
    if store.state != "CONNECTED":
        raise ServiceError("CustomKeyStoreInvalidStateException", f"The custom key store {store_id} is {store.state}.")
    return store


def placed(context: Context, store: CustomKeyStore, key: Key, request: Mapping[str, Any]) -> Key:
    """The key with its place outside, which is made (in a token) or found fit (behind a proxy). It blocks."""
    if store.kind == "AWS_CLOUDHSM":
        assert store.cluster is not None
        _make_in_token(context, store, key)
        return replace(key, custom_key_store=store.id, cluster=store.cluster.id)
    external: str = request["XksKeyId"]
    if context.unit.find(KEYS, "external", key.account, f"{store.id}/{external}"):
        raise ServiceError("XksKeyAlreadyInUseException", f"The external key {external} is in use by another KMS key.")
    _require_fit(context, store, key, external)
    return replace(key, custom_key_store=store.id, xks_key=external)


def _make_in_token(context: Context, store: CustomKeyStore, key: Key) -> None:
    from casemate.foundation.pkcs11 import Pkcs11Error  # noqa: PLC0415 - see use.links
    from casemate.services.kms.custom_stores.links import LinkError  # noqa: PLC0415

    try:
        token = use.token_of(context, store)
        if not token.has_key(key.id):
            token.make_key(key.id)
    except (Pkcs11Error, LinkError) as error:
        raise ServiceError("CustomKeyStoreInvalidStateException", f"The key can't be made: {error}.") from None


def _require_fit(context: Context, store: CustomKeyStore, key: Key, external: str) -> None:
    from casemate.services.kms.custom_stores.links import LinkError  # noqa: PLC0415 - see use.links
    from casemate.services.kms.custom_stores.xks import XksError  # noqa: PLC0415

    try:
        use.proxy_of(context, store).require_fit(external, use.about(context, key))
    except XksError as error:
        code = {"key-not-found": "XksKeyNotFoundException", "key-unfit": "XksKeyInvalidConfigurationException"}
        raise ServiceError(code.get(error.failure, "CustomKeyStoreInvalidStateException"), str(error)) from None
    except LinkError as error:
        raise ServiceError("CustomKeyStoreInvalidStateException", str(error)) from None


def forget(context: Context, key: Key) -> None:
    """Take a deleted key out of its token, if that can be done now; external keys are their owner's."""
    if key.cluster is None or key.custom_key_store is None:
        return
    store = context.unit.get(STORES, key.account, key.custom_key_store)
    if store is None:
        return
    with contextlib.suppress(Exception):  # the token may be away for good, and the key is deleted all the same
        use.token_of(context, store).destroy_key(key.id)
