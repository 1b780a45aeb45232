"""Who is calling: from a signature to an identity."""

from __future__ import annotations

from typing import Final, NamedTuple

from casemate.contracts.identity import Credential, CredentialRefused, Identities
from casemate.foundation.caller import Caller
from casemate.foundation.ids import partition_of
from casemate.foundation.stores import Stores
from casemate.gateway import models
from casemate.gateway.protocols import Request
from casemate.gateway.regions import HOME, REGIONS
from casemate.gateway.signatures import Signed, SigningKeys, check_scope, parse_signature, verify
from casemate.gateway.signatures.errors import invalid_token, missing

_TEMPORARY: Final = "ASIA"
_ACCOUNT_DIGITS: Final = 12


class Signer(NamedTuple):
    """A verified caller, and where the request is to be served."""

    caller: Caller
    region: str
    partition: str


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
        return Signer(credential.caller, region, partition)

    def _credential(self, signed: Signed, partition: str, now: float) -> Credential:
        reader = self._stores.all_of_partition(partition).reader
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
