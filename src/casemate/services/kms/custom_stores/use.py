"""What cryptography asks of a custom key store: a message encrypted once more outside, and opened again.

KMS's own layer is inside, the other side's outside ("double encryption"): neither alone opens anything. All of this
blocks, and is for threads. Whatever goes wrong outside is KMSInvalidStateException, with what happened in its text.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final, TypeVar

from casemate.engines.keys import CiphertextError, open_message, seal_message
from casemate.engines.keys.outside import Outside, associated, header_for, pack, unpack
from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.seal import Place
from casemate.services.kms import errors
from casemate.services.kms.custom_stores.records import STORES, CustomKeyStore
from casemate.services.kms.headers import header_of, headers_of
from casemate.services.kms.material import materials_of
from casemate.services.kms.records import Key

if TYPE_CHECKING:
    from casemate.foundation.pkcs11 import Token
    from casemate.services.kms.custom_stores.links import Links
    from casemate.services.kms.custom_stores.xks import Proxy

T = TypeVar("T")
Told = Mapping[str, str] | None
_IV_BYTES: Final = 12
_TAG_BYTES: Final = 16


def links(context: Context) -> Links:
    """The links of this process."""
    found: Links | None = context.host.kept.get("kms.links")
    if found is None:
        from casemate.services.kms.custom_stores.links import Links  # noqa: PLC0415 - HTTP and TLS, which few servers need

        found = context.host.kept.setdefault("kms.links", Links(context.host.data, context.host.clock))
    return found


def store_of(context: Context, store_id: str) -> CustomKeyStore:
    """Raises CustomKeyStoreNotFoundException."""
    store = context.unit.get(STORES, context.account, store_id)
    if store is None:
        raise ServiceError("CustomKeyStoreNotFoundException", f"The custom key store {store_id} does not exist.")
    return store


def is_connected(context: Context, key: Key) -> bool:
    """Whether the key's store can be asked: keys of KMS's own always can."""
    if key.custom_key_store is None:
        return True
    store = context.unit.get(STORES, key.account, key.custom_key_store)
    return store is not None and store.state == "CONNECTED"


def seal(context: Context, key: Key, plaintext: bytes, told: Told) -> bytes:
    """Encrypt under our material, then under the key outside."""
    store = _connected(context, key)
    message = seal_message(materials_of(context, key).current, plaintext, told)
    header = header_for(key.account, key.id, headers_of(context.host))
    try:
        return pack(header, _encrypt(context, store, key, message, associated(header, told)))
    except CiphertextError as error:
        raise _unavailable(key, f"the other side answered with {error}") from None


def unseal(context: Context, key: Key, blob: bytes, told: Told) -> bytes:
    """Raises InvalidCiphertextException for what was changed, by whomever, IncorrectKeyException for another key's."""
    header = header_of(context, blob)
    if (header.account, header.key_id) != (key.account, key.id):
        raise errors.wrong_key()
    if not header.is_outside:
        raise errors.bad_ciphertext()
    store = _connected(context, key)
    try:
        bound = associated(blob[: header.size], told)
        message = _decrypt(context, store, key, unpack(blob, header.size), bound)
        return open_message(materials_of(context, key).current, message, told)
    except CiphertextError:
        raise errors.bad_ciphertext() from None


def _connected(context: Context, key: Key) -> CustomKeyStore:
    assert key.custom_key_store is not None
    store = context.unit.get(STORES, key.account, key.custom_key_store)
    if store is None or store.state != "CONNECTED":
        raise _unavailable(key, "its custom key store is not connected")
    return store


def _unavailable(key: Key, why: str) -> ServiceError:
    return ServiceError("KMSInvalidStateException", f"{key.arn} is unavailable: {why}.")


def proxy_of(context: Context, store: CustomKeyStore) -> Proxy:
    """The proxy of an external key store. Raises LinkError."""
    from casemate.foundation.outbound import SigningCredential  # noqa: PLC0415 - see links
    from casemate.services.kms.custom_stores.xks import Proxy  # noqa: PLC0415

    assert store.proxy is not None
    secret = context.host.seal.open(store.proxy.sealed_secret, place_of(store)).decode()
    credential = SigningCredential(store.proxy.access_key_id, secret, store.region, "kms-xks-proxy")
    return Proxy(links(context).way_to(store.proxy.endpoint), store.proxy.path, credential, context.host.clock.real())


def place_of(store: CustomKeyStore) -> Place:
    """Where a store's sealed secret belongs."""
    return Place("kms.custom_stores", store.account, store.region, store.id)


def about(context: Context, key: Key | None, action: str = "") -> dict[str, str]:
    """The requestMetadata of a call."""
    told = {
        "awsPrincipalArn": context.caller.arn,
        "kmsOperation": action or context.operation,
        "kmsRequestId": context.request_id,
    }
    if key is not None:
        told["kmsKeyArn"] = key.arn
    if context.via:
        told["kmsViaService"] = context.via[-1].removesuffix(".amazonaws.com")
    return told


def _encrypt(context: Context, store: CustomKeyStore, key: Key, message: bytes, bound: bytes) -> Outside:
    if store.kind == "AWS_CLOUDHSM":
        iv = os.urandom(_IV_BYTES)
        sealed = _by_token(context, store, key, lambda token: token.encrypt(key.id, iv, message, bound))
        return Outside(iv, sealed[-_TAG_BYTES:], sealed[:-_TAG_BYTES])
    assert key.xks_key is not None
    external = key.xks_key
    return _by_proxy(context, store, key, lambda proxy: proxy.encrypt(external, message, bound, about(context, key)))


def _decrypt(context: Context, store: CustomKeyStore, key: Key, made: Outside, bound: bytes) -> bytes:
    if store.kind == "AWS_CLOUDHSM":
        sealed = made.ciphertext + made.tag
        return _by_token(context, store, key, lambda token: token.decrypt(key.id, made.iv, sealed, bound))
    assert key.xks_key is not None
    external = key.xks_key
    return _by_proxy(context, store, key, lambda proxy: proxy.decrypt(external, made, bound, about(context, key)))


def _by_proxy(context: Context, store: CustomKeyStore, key: Key, ask: Callable[[Proxy], T]) -> T:
    from casemate.services.kms.custom_stores.links import LinkError  # noqa: PLC0415 - see links
    from casemate.services.kms.custom_stores.xks import XksError  # noqa: PLC0415

    try:
        return ask(proxy_of(context, store))
    except XksError as error:
        if error.failure == "ciphertext":
            raise errors.bad_ciphertext() from None
        raise _unavailable(key, str(error)) from None
    except LinkError as error:
        raise _unavailable(key, str(error)) from None


def token_of(context: Context, store: CustomKeyStore) -> Token:
    """The token that stands for the store's cluster. Raises LinkError, Pkcs11Error."""
    assert store.cluster is not None
    pin = context.host.seal.open(store.cluster.sealed_password, place_of(store)).decode()
    return links(context).token(store.cluster.id, pin)


def random(context: Context, store_id: str, size: int) -> bytes:
    """Random bytes of a token's generator. Raises UnsupportedOperationException for external key stores."""
    from casemate.foundation.pkcs11 import Pkcs11Error  # noqa: PLC0415 - few servers have a token
    from casemate.services.kms.custom_stores.links import LinkError  # noqa: PLC0415

    store = store_of(context, store_id)
    if store.kind != "AWS_CLOUDHSM":
        raise errors.unsupported("An external key store has no generator of random bytes.")
    if store.state != "CONNECTED":
        raise ServiceError("CustomKeyStoreInvalidStateException", f"The custom key store {store_id} is {store.state}.")
    try:
        return token_of(context, store).random(size)
    except (Pkcs11Error, LinkError) as error:
        raise ServiceError("CustomKeyStoreInvalidStateException", str(error)) from None


def _by_token(context: Context, store: CustomKeyStore, key: Key, ask: Callable[[Token], T]) -> T:
    from casemate.foundation.pkcs11 import Pkcs11Error, SealedWrongError  # noqa: PLC0415 - few servers have a token
    from casemate.services.kms.custom_stores.links import LinkError  # noqa: PLC0415

    assert store.cluster is not None
    reason = ""
    for _ in range(2):  # a session that has ended is opened anew
        try:
            return ask(token_of(context, store))
        except SealedWrongError:
            raise errors.bad_ciphertext() from None
        except (Pkcs11Error, LinkError) as error:
            reason = str(error)
            links(context).forget_token(store.cluster.id)
    raise _unavailable(key, reason)
