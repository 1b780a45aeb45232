"""KMS's condition keys (KMS Developer Guide, "AWS KMS condition keys"), each computed when a policy asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from casemate.foundation.clock import iso
from casemate.foundation.context import Context
from casemate.foundation.operation import Values, value_under
from casemate.services.kms.recipients import attestation_of
from casemate.services.kms.records import ALIASES, Key

_CONTEXT = "kms:encryptioncontext:"
_ATTESTATION = "kms:recipientattestation:"
_REGISTER = re.compile(r"(nitrotpm)?pcr(0|[1-9][0-9]?)", re.ASCII).fullmatch
_RESOURCE_TAG = "aws:resourcetag/"
_REQUEST_TAG = "aws:requesttag/"


class KeyConditions:
    """The condition keys of one question about one key (or none yet: CreateKey)."""

    __slots__ = ("alias", "context", "defaults", "encryption_context", "extra", "key", "request")

    def __init__(
        self,
        context: Context,
        key: Key | None,
        request: Mapping[str, Any],
        *,
        alias: str | None = None,
        encryption_context: Mapping[str, str] | None = None,
        extra: Mapping[str, Values] | None = None,
        defaults: Mapping[str, Values] | None = None,
    ) -> None:
        self.context = context
        self.key = key
        self.request = request
        self.alias = alias
        self.encryption_context = encryption_context
        self.extra = extra
        self.defaults = defaults

    def __call__(self, name: str) -> Values | None:
        if self.extra is not None and name in self.extra:
            return self.extra[name]
        found = _KEYS.get(name)
        if found is not None:
            return found(self) or (self.defaults.get(name) if self.defaults else None)
        if name.startswith(_ATTESTATION):
            return self._attested(name[len(_ATTESTATION) :])
        if name.startswith(_CONTEXT):
            return self._context_value(name[len(_CONTEXT) :])
        if name.startswith(_RESOURCE_TAG):
            return value_under(self.key.tags if self.key else (), name[len(_RESOURCE_TAG) :])
        if name.startswith(_REQUEST_TAG):
            return value_under(self._request_tags(), name[len(_REQUEST_TAG) :])
        return None

    def _attested(self, what: str) -> Values | None:
        """ImageSha384, PCR0 to PCR31 and NitroTPMPCR…, in hexadecimal (same page)."""
        attested = attestation_of(self.context, self.request)
        if attested is None:
            return None
        if what == "imagesha384":
            return (attested.image.hex(),) if attested.image else None
        register = _REGISTER(what)
        if register is None:
            return None
        value = (attested.nitrotpm_pcrs if register[1] else attested.pcrs).get(int(register[2]))
        return (value.hex(),) if value else None

    def _context_value(self, key: str) -> Values | None:
        """The key of a pair is compared without regard to case here, unlike in cryptography (same page)."""
        return value_under(self.encryption_context.items() if self.encryption_context else (), key)

    def _request_tags(self) -> tuple[tuple[str, str], ...]:
        return tuple((tag["TagKey"], tag["TagValue"]) for tag in self.request.get("Tags") or ())

    def _tag_keys(self) -> Values | None:
        keys = tuple(key for key, _ in self._request_tags()) or tuple(self.request.get("TagKeys") or ())
        return keys or None

    def _resource_aliases(self) -> Values | None:
        if self.key is None:
            return None
        return (
            tuple(alias for alias, _ in self.context.unit.find(ALIASES, "key", self.key.account, self.key.id)) or None
        )

    def _member(self, member: str) -> Values | None:
        value = self.request.get(member)
        return (str(value),) if value is not None else None

    def _spec(self) -> Values | None:
        if self.key is not None:
            return (self.key.spec,)
        return (self.request.get("KeySpec") or self.request.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT",)

    def _usage(self) -> Values | None:
        return (self.key.usage if self.key is not None else self.request.get("KeyUsage") or "ENCRYPT_DECRYPT",)

    def _origin(self) -> Values | None:
        return (self.key.origin if self.key is not None else self.request.get("Origin") or "AWS_KMS",)

    def _multi_region(self) -> Values | None:
        if self.key is not None:
            return _truth(self.key.multi_region is not None)
        return _truth(bool(self.request.get("MultiRegion")))

    def _multi_region_type(self) -> Values | None:
        if self.key is None or self.key.multi_region is None:
            return None
        return ("PRIMARY" if self.key.multi_region.primary_region == self.key.region else "REPLICA",)

    def _primary_region(self) -> Values | None:
        """The region that is to have the primary: a key of UpdatePrimaryRegion alone."""
        return self._member("PrimaryRegion")

    def _via_service(self) -> Values | None:
        if self.key is None or not self.context.via:
            return None
        service = self.context.via[-1].removesuffix(".amazonaws.com")
        return (f"{service}.{self.context.region}.amazonaws.com",)

    def _encryption_algorithm(self) -> Values | None:
        if self.encryption_context is None and "EncryptionAlgorithm" not in self.request:
            return None
        return (self.request.get("EncryptionAlgorithm") or "SYMMETRIC_DEFAULT",)

    def _grant_constraint(self) -> Values | None:
        constraints = self.request.get("Constraints") or {}
        return tuple(name for name in constraints if name.startswith("EncryptionContext")) or None

    def _grant_source(self) -> Values | None:
        source = (self.request.get("Constraints") or {}).get("SourceArn")
        return (source,) if source else None


_POLICY_OPERATIONS = frozenset(("GetKeyPolicy", "PutKeyPolicy"))
_LOCKOUT_OPERATIONS = frozenset(("CreateKey", "PutKeyPolicy", "ReplicateKey"))
_GRANT_OPERATIONS = frozenset(("CreateGrant", "ListGrants", "RevokeGrant"))


def _truth(value: bool) -> Values:
    return ("true",) if value else ("false",)


def _members(member: str) -> Callable[[KeyConditions], Values | None]:
    return lambda self: self._member(member)


_KEYS: dict[str, Callable[[KeyConditions], Values | None]] = {
    "kms:calleraccount": lambda self: (self.context.caller.account,) if self.key is not None else None,
    "kms:viaservice": KeyConditions._via_service,
    "kms:keyspec": KeyConditions._spec,
    "kms:customermasterkeyspec": KeyConditions._spec,
    "kms:keyusage": KeyConditions._usage,
    "kms:customermasterkeyusage": KeyConditions._usage,
    "kms:keyorigin": KeyConditions._origin,
    "kms:multiregion": KeyConditions._multi_region,
    "kms:multiregionkeytype": KeyConditions._multi_region_type,
    "kms:primaryregion": KeyConditions._primary_region,
    "kms:replicaregion": _members("ReplicaRegion"),
    "kms:requestalias": lambda self: (self.alias,) if self.alias is not None else None,
    "kms:resourcealiases": KeyConditions._resource_aliases,
    "kms:encryptioncontextkeys": lambda self: tuple(self.encryption_context) if self.encryption_context else None,
    "kms:encryptionalgorithm": KeyConditions._encryption_algorithm,
    "kms:macalgorithm": _members("MacAlgorithm"),
    "kms:signingalgorithm": _members("SigningAlgorithm"),
    "kms:messagetype": _members("MessageType"),
    "kms:keyagreementalgorithm": _members("KeyAgreementAlgorithm"),
    "kms:datakeypairspec": _members("KeyPairSpec"),
    "kms:wrappingalgorithm": _members("WrappingAlgorithm"),
    "kms:wrappingkeyspec": _members("WrappingKeySpec"),
    "kms:expirationmodel": _members("ExpirationModel"),
    "kms:validto": lambda self: (iso(self.request["ValidTo"]),) if "ValidTo" in self.request else None,
    "kms:policyname": lambda self: (
        (self.request.get("PolicyName") or "default",) if self.context.operation in _POLICY_OPERATIONS else None
    ),
    "kms:rotationperiodindays": _members("RotationPeriodInDays"),
    "kms:schedulekeydeletionpendingwindowindays": _members("PendingWindowInDays"),
    "kms:bypasspolicylockoutsafetycheck": lambda self: (
        _truth(bool(self.request.get("BypassPolicyLockoutSafetyCheck")))
        if self.context.operation in _LOCKOUT_OPERATIONS
        else None
    ),
    "kms:granteeprincipal": _members("GranteePrincipal"),
    "kms:granteeserviceprincipal": _members("GranteeServicePrincipal"),
    "kms:retiringprincipal": _members("RetiringPrincipal"),
    "kms:grantoperations": lambda self: tuple(self.request.get("Operations") or ()) or None,
    "kms:grantconstrainttype": KeyConditions._grant_constraint,
    "kms:grantconstraintsourcearn": KeyConditions._grant_source,
    "kms:grantisforawsresource": lambda self: (
        _truth(self.context.caller.kind == "service" or bool(self.context.via))
        if self.context.operation in _GRANT_OPERATIONS
        else None
    ),
    "aws:tagkeys": KeyConditions._tag_keys,
}
