"""Who is calling: from a signature to an identity."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, NamedTuple

from casemate.contracts.identity import Credential, CredentialRefused, Identities
from casemate.foundation.caller import Caller
from casemate.foundation.http import Request as HttpRequest
from casemate.foundation.ids import partition_of
from casemate.foundation.records import Reader
from casemate.foundation.stores import Stores
from casemate.gateway import models
from casemate.gateway.protocols import Request
from casemate.gateway.regions import HOME, REGIONS
from casemate.gateway.signatures import (
    SIGNATURE_DIGITS,
    Recurring,
    Signed,
    SigningKey,
    SigningKeys,
    check_scope,
    parse_signature,
    recurring,
    signed_again,
    verify,
)
from casemate.gateway.signatures.errors import invalid_token, missing

_TEMPORARY: Final = "ASIA"
_ACCOUNT_DIGITS: Final = 12
_KEPT: Final = 4096
_LONGEST_KEPT: Final = 8192
"""Bytes of header and token of a caller that is remembered, and how many are."""


class Signer(NamedTuple):
    """A verified caller, and where the request is to be served."""

    caller: Caller
    region: str
    partition: str


class _Proven(NamedTuple):
    """What a caller's credentials give as long as the records behind them stand."""

    signer: Signer
    key: SigningKey
    expires: float


class _Known(NamedTuple):
    """A caller that was verified in full once, in one scope. What its records say is looked up each time."""

    place: tuple[bytes, bytes | None, str]
    partition: str
    form: Recurring
    prove: Callable[[Reader], _Proven]


class Authenticator:
    """Reads and verifies signatures.

    `open_account` is set where any credentials are accepted: an access key id of 12 digits is then that account's
    root, any other is that of `open_account`.
    """

    def __init__(self, *, stores: Stores, identities: Identities, open_account: str | None) -> None:
        self._stores = stores
        self._identities = identities
        self._open_account = open_account
        self._keys = SigningKeys()
        self._known: dict[tuple[bytes, bytes | None, str], _Known] = {}

    @staticmethod
    def read(request: Request) -> Signed | None:
        """What the request says about its signature; None where it carries none. Raises SignatureError."""
        return parse_signature(request)

    def verify(self, request: Request, signed: Signed | None, service: str, now: float) -> Signer:
        """The caller, once every step holds; real time `now`. Raises SignatureError, CredentialRefused.

        1. There is a signature. 2. Its scope is of this time, this service, and a region that exists. 3. The access
        key is known and in force; a temporary one comes with its token. 4. The signature is the one that the secret
        makes of these very bytes.
        """
        # 1.
        if signed is None:
            raise missing()
        entry = models.index().services[service]
        region = signed.region
        partition = partition_of(region)
        if self._open_account is not None:
            return Signer(self._anyone(signed, partition), region if region in REGIONS else HOME["aws"], partition)
        # 2.
        check_scope(signed, now=now, signing_name=entry.signing, region_exists=REGIONS.__contains__)
        # 3.
        credential = self._credential(signed, partition, now)
        # 4.
        key = self._keys.get(signed, credential.secret_key.encode())
        verify(signed, key, request, explain="json" in entry.protocols)
        self._remember(request, signed, service, partition)
        return Signer(credential.caller, region, partition)

    def verify_again(self, request: HttpRequest, service: str, now: float) -> Signer | None:
        """The signer of a plain POST to / whose Authorization header was verified before, but for its signature.

        None is no verdict: `verify` must look. What is remembered saves taking the header apart; credential, expiry
        and signature are checked for every request.
        """
        fields = request.fields
        authorization = fields.get(b"authorization", b"")
        place = authorization[:-SIGNATURE_DIGITS], fields.get(b"x-amz-security-token"), service
        known = self._known.get(place)
        if known is None or request.target != b"/" or request.method != b"POST":
            return None
        if len(fields) != len(request.headers):
            return None
        try:
            proven = self._stores.all_of_partition(known.partition).reader.memo(known.place, known.prove)
        except CredentialRefused:
            return None
        if proven.expires <= now or not signed_again(known.form, proven.key, fields, request.body, now):
            return None
        return proven.signer

    def _remember(self, request: Request, signed: Signed, service: str, partition: str) -> None:
        form = recurring(signed)
        authorization = request.header(b"authorization")
        if form is None or authorization is None or not authorization.endswith(signed.signature.encode()):
            return
        token = request.header(b"x-amz-security-token")
        if len(authorization) + len(token or b"") > _LONGEST_KEPT:
            return
        if len(self._known) >= _KEPT:
            self._known.clear()

        def prove(reader: Reader) -> _Proven:
            caller, secret = self._credential(signed, partition, 0.0, reader)
            key = self._keys.get(signed, secret.encode())
            expires = caller.session.expires if caller.session is not None else math.inf
            return _Proven(Signer(caller, signed.region, partition), key, expires)

        place = authorization[:-SIGNATURE_DIGITS], token, service
        self._known[place] = _Known(place, partition, form, prove)

    def _credential(self, signed: Signed, partition: str, now: float, reader: Reader | None = None) -> Credential:
        reader = reader or self._stores.all_of_partition(partition).reader
        access_key_id = signed.access_key_id
        if access_key_id.startswith(_TEMPORARY):
            if signed.session_token is None:
                raise invalid_token()
            credential = self._identities.temporary(reader, access_key_id, signed.session_token, now)
        elif signed.session_token is not None:
            raise invalid_token()
        else:
            credential = self._identities.long_lived(reader, partition, access_key_id)
        if credential.caller.partition != partition:
            raise invalid_token()
        return credential

    def _anyone(self, signed: Signed, partition: str) -> Caller:
        access_key_id = signed.access_key_id
        if signed.session_token is not None and access_key_id.startswith(_TEMPORARY):
            try:  # sessions that this server made stay what they are
                reader = self._stores.all_of_partition(partition).reader
                return self._identities.temporary(reader, access_key_id, signed.session_token, 0.0).caller
            except CredentialRefused:
                pass
        digits = len(access_key_id) == _ACCOUNT_DIGITS and access_key_id.isdecimal()
        account = access_key_id if digits else self._open_account
        assert account is not None
        return Caller(
            kind="root",
            account=account,
            arn=f"arn:{partition}:iam::{account}:root",
            partition=partition,
            user_id=account,
            unique_id=account,
            name="root",
            access_key_id=access_key_id,
        )
