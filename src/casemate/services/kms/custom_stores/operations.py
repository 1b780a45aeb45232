"""Custom key stores: made, changed, connected, listed, deleted (KMS API of the same names)."""

from __future__ import annotations

import secrets
import string
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from msgspec.structs import replace

from casemate.foundation.context import Context
from casemate.foundation.errors import ServiceError
from casemate.foundation.operation import AuditRule, Heavy, Operation, operation
from casemate.foundation.records import Timer
from casemate.services.kms import errors, paging, quotas
from casemate.services.kms.custom_stores import use
from casemate.services.kms.custom_stores.records import STORES, Cluster, CustomKeyStore, XksProxy
from casemate.services.kms.permissions import on_account
from casemate.services.kms.records import KEYS

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

CONNECT: Final = "kms.connect_store"
_ID_LETTERS: Final = string.ascii_lowercase + string.digits
_XKS: Final = "EXTERNAL_KEY_STORE"
_HSM: Final = "AWS_CLOUDHSM"
_VPC: Final = "VPC_ENDPOINT_SERVICE"
_HSM_MEMBERS: Final = ("CloudHsmClusterId", "TrustAnchorCertificate", "KeyStorePassword")
_XKS_MEMBERS: Final = (
    "XksProxyUriEndpoint",
    "XksProxyUriPath",
    "XksProxyAuthenticationCredential",
    "XksProxyConnectivity",
)
_VPC_MEMBERS: Final = ("XksProxyVpcEndpointServiceName", "XksProxyVpcEndpointServiceOwner")
_CHANGED_AT_REST: Final = frozenset(
    ("KeyStorePassword", "CloudHsmClusterId", "XksProxyConnectivity", "XksProxyUriEndpoint", *_VPC_MEMBERS)
)
_HIDE: Final = ("KeyStorePassword", "XksProxyAuthenticationCredential")
_WRITES: Final = AuditRule(read_only=False, hide=_HIDE, response=lambda response: response)
_IN_USE: Final = {
    "name": "CustomKeyStoreNameInUseException",
    "uri": "XksProxyUriInUseException",
    "host": "XksProxyUriInUseException",
    "vpc": "XksProxyVpcEndpointServiceInUseException",
    "cluster": "CloudHsmClusterInUseException",
}
_ON_CREATE: Final = {
    "unreachable": "XksProxyUriUnreachableException",
    "timeout": "XksProxyUriUnreachableException",
    "throttled": "XksProxyUriUnreachableException",
    "tls": "XksProxyUriUnreachableException",
    "authentication": "XksProxyIncorrectAuthenticationCredentialException",
    "path": "XksProxyInvalidConfigurationException",
}
_ON_CONNECT: Final = {
    "unreachable": "XKS_PROXY_NOT_REACHABLE",
    "timeout": "XKS_PROXY_TIMED_OUT",
    "tls": "XKS_PROXY_INVALID_TLS_CONFIGURATION",
    "authentication": "XKS_PROXY_ACCESS_DENIED",
    "path": "XKS_PROXY_INVALID_CONFIGURATION",
}


# -- create


@operation(authorize=on_account, audit=_WRITES)
def create_custom_key_store(context: Context, request: shapes.CreateCustomKeyStoreRequest) -> Heavy:
    kind = request.get("CustomKeyStoreType", _HSM)
    _require_members(request, kind)
    most = quotas.STORES_OF_AN_ACCOUNT
    told = f"The account has {most} custom key stores in this Region, which is the most."
    letters = "".join(secrets.choice(_ID_LETTERS) for _ in range(17))
    store = CustomKeyStore(
        id=f"cks-{letters}",
        account=context.account,
        region=context.region,
        name=request["CustomKeyStoreName"],
        kind=kind,  # type: ignore[arg-type] # the model's enumeration is the records'
        created=context.now,
        place=quotas.place_at(context, STORES, context.account, "stores", most=most, told=told),
    )

    def work() -> shapes.CreateCustomKeyStoreResponse:
        made = _with_proxy(context, store, request) if kind == _XKS else _with_cluster(context, store, request)
        _refuse_claimed(context, made)
        if made.proxy is not None and made.proxy.connectivity != _VPC:
            _require_health(context, made)
        context.unit.add(STORES, made.account, made.id, made)
        return {"CustomKeyStoreId": made.id}

    return Heavy(work)


def _require_members(request: Mapping[str, Any], kind: str) -> None:
    needed, foreign = (_XKS_MEMBERS, _HSM_MEMBERS) if kind == _XKS else (_HSM_MEMBERS, _XKS_MEMBERS + _VPC_MEMBERS)
    for member in needed:
        if member not in request:
            raise errors.validation(f"{member} is required for a custom key store of type {kind}.")
    for member in foreign:
        if member in request:
            raise errors.validation(f"{member} can't be specified for a custom key store of type {kind}.")
    vpc = request.get("XksProxyConnectivity") == _VPC
    if vpc != ("XksProxyVpcEndpointServiceName" in request):
        needs = "is required for" if vpc else "can't be specified without"
        raise errors.validation(f"XksProxyVpcEndpointServiceName {needs} an XksProxyConnectivity of {_VPC}.")


def _with_proxy(context: Context, store: CustomKeyStore, request: Mapping[str, Any]) -> CustomKeyStore:
    """The store with the proxy that a request describes, in all or in part."""
    old = store.proxy or XksProxy("", "", "", b"")
    credential = request.get("XksProxyAuthenticationCredential")
    proxy = replace(
        old,
        endpoint=request.get("XksProxyUriEndpoint", old.endpoint),
        path=request.get("XksProxyUriPath", old.path),
        connectivity=request.get("XksProxyConnectivity", old.connectivity),
        vpc_service=request.get("XksProxyVpcEndpointServiceName", old.vpc_service),
        vpc_owner=request.get("XksProxyVpcEndpointServiceOwner", old.vpc_owner),
    )
    if credential is not None:
        secret = context.host.seal.wrap(credential["RawSecretAccessKey"].encode(), use.place_of(store))
        proxy = replace(proxy, access_key_id=credential["AccessKeyId"], sealed_secret=secret)
    return replace(store, proxy=proxy)


def _with_cluster(context: Context, store: CustomKeyStore, request: Mapping[str, Any]) -> CustomKeyStore:
    old = store.cluster or Cluster("", "", b"")
    cluster = replace(
        old,
        id=request.get("CloudHsmClusterId", old.id),
        trust_anchor=request.get("TrustAnchorCertificate", old.trust_anchor),
    )
    from casemate.services.kms.custom_stores.links import LinkError  # noqa: PLC0415 - see use.links

    links = use.links(context)
    try:
        link = links.cluster(cluster.id)
        fits = link is not None and links.is_anchor(link, cluster.trust_anchor)
    except LinkError as error:
        raise ServiceError("CloudHsmClusterInvalidConfigurationException", str(error)) from None
    if link is None:
        raise ServiceError(
            "CloudHsmClusterNotFoundException",
            f"No PKCS#11 token stands for the cluster {cluster.id} here: name one in key_stores.toml.",
        )
    if not fits:
        raise ServiceError("IncorrectTrustAnchorException", "The certificate is not the trust anchor of the cluster.")
    password = request.get("KeyStorePassword")
    if password is not None:
        cluster = replace(cluster, sealed_password=context.host.seal.wrap(password.encode(), use.place_of(store)))
    return replace(store, cluster=cluster)


def _refuse_claimed(context: Context, store: CustomKeyStore) -> None:
    for claim in STORES.indexes["claims"].values(store):
        held = context.unit.find(STORES, "claims", store.account, claim)
        if held and held[0][0] != store.id:
            kind, _, value = claim.partition("/")
            raise ServiceError(_IN_USE[kind], f"Another custom key store of the account has {value}.")


def _require_health(context: Context, store: CustomKeyStore) -> None:
    from casemate.services.kms.custom_stores.links import LinkError  # noqa: PLC0415 - see use.links
    from casemate.services.kms.custom_stores.xks import XksError  # noqa: PLC0415

    try:
        use.proxy_of(context, store).health(use.about(context, None))
    except XksError as error:
        raise ServiceError(_ON_CREATE.get(error.failure, "XksProxyInvalidResponseException"), str(error)) from None
    except LinkError as error:
        raise ServiceError("XksProxyInvalidConfigurationException", str(error)) from None


# -- update


@operation(authorize=on_account, audit=_WRITES)
def update_custom_key_store(context: Context, request: shapes.UpdateCustomKeyStoreRequest) -> Heavy:
    store = use.store_of(context, request["CustomKeyStoreId"])
    foreign = _HSM_MEMBERS if store.kind == _XKS else _XKS_MEMBERS + _VPC_MEMBERS
    for member in foreign:
        if member in request:
            raise errors.validation(f"{member} can't be specified for a custom key store of type {store.kind}.")
    needs_rest = _CHANGED_AT_REST & set(request)
    if needs_rest and store.state != "DISCONNECTED":
        raise _wrong_state(store, f"must be DISCONNECTED to change {', '.join(sorted(needs_rest))}")
    if store.state not in {"CONNECTED", "DISCONNECTED"}:
        raise _wrong_state(store, "must be CONNECTED or DISCONNECTED to be changed")

    def work() -> shapes.UpdateCustomKeyStoreResponse:
        changed = replace(store, name=request.get("NewCustomKeyStoreName", store.name))
        if store.kind == _XKS:
            changed = _with_proxy(context, changed, request)
        elif needs_rest:
            changed = _with_cluster(context, changed, request)
        _refuse_claimed(context, changed)
        assert changed.proxy is not None or store.kind == _HSM
        if changed.proxy != store.proxy and changed.proxy is not None and changed.proxy.connectivity != _VPC:
            _require_health(context, changed)
        context.unit.put(STORES, changed.account, changed.id, changed)
        return {}

    return Heavy(work)


def _wrong_state(store: CustomKeyStore, why: str) -> ServiceError:
    return ServiceError(
        "CustomKeyStoreInvalidStateException", f"The custom key store {store.id} is {store.state}; it {why}."
    )


# -- connect and disconnect


@operation(authorize=on_account, audit=_WRITES)
def connect_custom_key_store(
    context: Context, request: shapes.ConnectCustomKeyStoreRequest
) -> shapes.ConnectCustomKeyStoreResponse:
    """Begin to connect; DescribeCustomKeyStores tells what came of it."""
    store = use.store_of(context, request["CustomKeyStoreId"])
    if store.state in {"FAILED", "DISCONNECTING"}:
        raise _wrong_state(store, "must be disconnected first")
    if store.state == "DISCONNECTED":
        context.unit.put(STORES, store.account, store.id, replace(store, state="CONNECTING", error=""))
        context.unit.schedule(Timer(context.now, CONNECT, f"{store.account}/{store.id}"))
    return {}


def on_connect(context: Context, timer: Timer) -> None:
    """Try a connection that was asked for."""
    account, _, store_id = timer.key.partition("/")
    store = context.unit.get(STORES, account, store_id)
    if store is None or store.state != "CONNECTING":
        return
    error = _tried(context, store)
    state = "FAILED" if error else "CONNECTED"
    context.unit.put(STORES, account, store_id, replace(store, state=state, error=error))
    name = "ConnectCustomKeyStore"
    context.service_event(name, account, {"customKeyStoreId": store_id, "connectionState": state, "errorCode": error})


def _tried(context: Context, store: CustomKeyStore) -> str:
    """The ConnectionErrorCode of an attempt, or nothing."""
    from casemate.foundation.pkcs11 import PinError, Pkcs11Error, TokenAbsentError  # noqa: PLC0415 - see use.links
    from casemate.services.kms.custom_stores.links import LinkError  # noqa: PLC0415
    from casemate.services.kms.custom_stores.xks import XksError  # noqa: PLC0415

    try:
        if store.kind == _XKS:
            use.proxy_of(context, store).health(use.about(context, None, "ConnectCustomKeyStore"))
        else:
            use.token_of(context, store).random(1)
    except XksError as error:
        return _ON_CONNECT.get(error.failure, "XKS_PROXY_INVALID_RESPONSE")
    except LinkError:
        return "XKS_PROXY_INVALID_CONFIGURATION" if store.kind == _XKS else "CLUSTER_NOT_FOUND"
    except TokenAbsentError:
        return "CLUSTER_NOT_FOUND"
    except PinError as error:
        return "USER_LOCKED_OUT" if "locked" in str(error) else "INVALID_CREDENTIALS"
    except Pkcs11Error:
        return "INTERNAL_ERROR"
    return ""


@operation(authorize=on_account, audit=_WRITES)
def disconnect_custom_key_store(
    context: Context, request: shapes.DisconnectCustomKeyStoreRequest
) -> shapes.DisconnectCustomKeyStoreResponse:
    store = use.store_of(context, request["CustomKeyStoreId"])
    if store.state in {"DISCONNECTED", "DISCONNECTING"}:
        raise _wrong_state(store, "can't be disconnected again")
    context.unit.put(STORES, store.account, store.id, replace(store, state="DISCONNECTED", error=""))
    context.unit.cancel(CONNECT, f"{store.account}/{store.id}")
    return {}


# -- list and delete


@operation(authorize=on_account, audit=AuditRule(read_only=True))
def describe_custom_key_stores(
    context: Context, request: shapes.DescribeCustomKeyStoresRequest
) -> shapes.DescribeCustomKeyStoresResponse:
    store_id, name = request.get("CustomKeyStoreId"), request.get("CustomKeyStoreName")
    if store_id is not None and name is not None:
        raise errors.validation("Specify CustomKeyStoreId or CustomKeyStoreName, not both.")
    if store_id is not None:
        return {"CustomKeyStores": [_entry(use.store_of(context, store_id))], "Truncated": False}
    if name is not None:
        named = context.unit.find(STORES, "claims", context.account, f"name/{name}")
        if not named:
            raise ServiceError("CustomKeyStoreNotFoundException", f"No custom key store is named {name}.")
        return {"CustomKeyStores": [_entry(named[0][1])], "Truncated": False}
    page = paging.of(context, request, default=100)
    found = context.unit.page(STORES, context.account, after=page.after, limit=page.limit + 1)
    listed = [_entry(store) for _, store in found[: page.limit]]
    return {"CustomKeyStores": listed, **page.rest(found)}  # type: ignore[typeddict-item] # the paging members


def _entry(store: CustomKeyStore) -> shapes.CustomKeyStoresListEntry:
    entry: dict[str, Any] = {
        "CustomKeyStoreId": store.id,
        "CustomKeyStoreName": store.name,
        "CustomKeyStoreType": store.kind,
        "ConnectionState": store.state,
        "CreationDate": store.created,
    }
    if store.error:
        entry["ConnectionErrorCode"] = store.error
    if store.cluster is not None:
        entry["CloudHsmClusterId"] = store.cluster.id
        entry["TrustAnchorCertificate"] = store.cluster.trust_anchor
    if store.proxy is not None:
        proxy = store.proxy
        told = {
            "Connectivity": proxy.connectivity,
            "AccessKeyId": proxy.access_key_id,
            "UriEndpoint": proxy.endpoint,
            "UriPath": proxy.path,
        }
        if proxy.vpc_service:
            told |= {
                "VpcEndpointServiceName": proxy.vpc_service,
                "VpcEndpointServiceOwner": proxy.vpc_owner or store.account,
            }
        entry["XksProxyConfiguration"] = told
    return cast("shapes.CustomKeyStoresListEntry", entry)


@operation(authorize=on_account, audit=_WRITES)
def delete_custom_key_store(
    context: Context, request: shapes.DeleteCustomKeyStoreRequest
) -> shapes.DeleteCustomKeyStoreResponse:
    store = use.store_of(context, request["CustomKeyStoreId"])
    if store.state != "DISCONNECTED":
        raise _wrong_state(store, "must be disconnected first")
    if context.unit.find(KEYS, "store", store.account, store.id, limit=1):
        raise ServiceError("CustomKeyStoreHasCMKsException", f"The custom key store {store.id} has KMS keys.")
    context.unit.delete(STORES, store.account, store.id)
    return {}


OPERATIONS: Final[tuple[Operation, ...]] = (
    connect_custom_key_store,
    create_custom_key_store,
    delete_custom_key_store,
    describe_custom_key_stores,
    disconnect_custom_key_store,
    update_custom_key_store,
)
