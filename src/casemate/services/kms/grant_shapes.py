"""From CreateGrant's request to a grant, and from a grant to what lists show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from casemate.engines.keys import SPECS
from casemate.foundation.context import Context
from casemate.foundation.ids import parse_arn
from casemate.services.kms import errors
from casemate.services.kms.records import Grant, Key

if TYPE_CHECKING:
    from casemate.contracts.shapes import kms as shapes

_MOST_PAIRS: Final = 8
_LONGEST_VALUE: Final = 384
_ALWAYS: Final = frozenset(("CreateGrant", "DescribeKey", "RetireGrant"))
_CIPHER: Final = frozenset(("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"))
_DATA_KEYS: Final = frozenset(
    (
        "GenerateDataKey",
        "GenerateDataKeyPair",
        "GenerateDataKeyPairWithoutPlaintext",
        "GenerateDataKeyWithoutPlaintext",
    )
)
_BY_USAGE: Final = {
    "ENCRYPT_DECRYPT": _CIPHER,
    "SIGN_VERIFY": frozenset(("Sign", "Verify")),
    "GENERATE_VERIFY_MAC": frozenset(("GenerateMac", "VerifyMac")),
    "KEY_AGREEMENT": frozenset(("DeriveSharedSecret",)),
    "ENCAPSULATE_DECAPSULATE": frozenset(("Encapsulate", "Decapsulate")),
}


def operations_of(key: Key) -> frozenset[str]:
    """The grant operations that a key supports (KMS Developer Guide, "Grant operations")."""
    own = _BY_USAGE[key.usage] | _ALWAYS
    family = SPECS[key.spec].family
    if family == "symmetric":
        return own | _DATA_KEYS
    return own if family == "hmac" else own | {"GetPublicKey"}


def read(context: Context, key: Key, request: Mapping[str, Any], grant_id: str) -> Grant:
    """The grant that a request asks for. Raises ValidationException, InvalidArnException."""
    operations = _operations(key, request)
    constraints = request.get("Constraints") or {}
    equals, subset = constraints.get("EncryptionContextEquals"), constraints.get("EncryptionContextSubset")
    if (equals is not None or subset is not None) and key.spec != "SYMMETRIC_DEFAULT":
        raise errors.validation(
            "An encryption context constraint is valid only for grants on symmetric encryption KMS keys."
        )
    grantee, service = request.get("GranteePrincipal"), request.get("GranteeServicePrincipal")
    retiring, retiring_service = request.get("RetiringPrincipal"), request.get("RetiringServicePrincipal")
    if (grantee is None) == (service is None):
        raise errors.validation("Specify either GranteePrincipal or GranteeServicePrincipal.")
    if retiring is not None and retiring_service is not None:
        raise errors.validation("Specify either RetiringPrincipal or RetiringServicePrincipal.")
    if service is not None and (not constraints.get("SourceArn") or (retiring or retiring_service) is None):
        raise errors.validation(
            "A grant for a GranteeServicePrincipal needs a SourceArn constraint and a retiring principal."
        )
    return Grant(
        id=grant_id,
        account=key.account,
        key_id=key.id,
        issuer=f"arn:{context.partition}:iam::{context.account}:root",
        created=context.now,
        operations=operations,
        grantee=grantee,
        grantee_id=_bound(context, grantee),
        grantee_service=service,
        retiring=retiring,
        retiring_id=_bound(context, retiring),
        retiring_service=retiring_service,
        name=request.get("Name"),
        context_equals=_pairs(equals),
        context_subset=_pairs(subset),
        source_arn=constraints.get("SourceArn"),
    )


def _operations(key: Key, request: Mapping[str, Any]) -> tuple[str, ...]:
    operations = tuple(dict.fromkeys(request["Operations"]))
    if not operations:
        raise errors.validation("Grants must contain at least one operation.")
    if operations == ("CreateGrant",):
        raise errors.validation("Grants must not contain only the CreateGrant operation.")
    supported = operations_of(key)
    for name in operations:
        if name not in supported:
            raise errors.validation(
                f"Grant operation {name} is not valid for a KMS key of key spec {key.spec} and key usage {key.usage}."
            )
    return operations


def _bound(context: Context, text: str | None) -> str | None:
    """The unique id of a user or role that is named. Raises InvalidArnException for who does not exist."""
    if text is None:
        return None
    arn = parse_arn(text)
    if arn is None or arn.partition != context.partition or not context.principal_exists(text):
        raise errors.bad_arn(text)
    return context.principal_id(text)


def _pairs(given: Mapping[str, str] | None) -> tuple[tuple[str, str], ...] | None:
    if given is None:
        return None
    if len(given) > _MOST_PAIRS:
        raise errors.validation(f"An encryption context constraint has at most {_MOST_PAIRS} pairs.")
    if any(len(value) > _LONGEST_VALUE for value in given.values()):
        raise errors.validation(f"A value of an encryption context constraint has at most {_LONGEST_VALUE} characters.")
    return tuple(sorted(given.items()))


def shown(grant: Grant, key_arn: str) -> shapes.GrantListEntry:
    """A grant as lists show it."""
    constraints: dict[str, Any] = {}
    if grant.context_equals is not None:
        constraints["EncryptionContextEquals"] = dict(grant.context_equals)
    if grant.context_subset is not None:
        constraints["EncryptionContextSubset"] = dict(grant.context_subset)
    if grant.source_arn is not None:
        constraints["SourceArn"] = grant.source_arn
    facts: dict[str, Any] = {
        "KeyId": key_arn,
        "GrantId": grant.id,
        "Name": grant.name or "",
        "CreationDate": grant.created,
        "IssuingAccount": grant.issuer,
        "Operations": list(grant.operations),
        "GranteePrincipal": grant.grantee,
        "GranteeServicePrincipal": grant.grantee_service,
        "RetiringPrincipal": grant.retiring,
        "RetiringServicePrincipal": grant.retiring_service,
        "Constraints": constraints or None,
    }
    return cast("shapes.GrantListEntry", {name: value for name, value in facts.items() if value is not None})
