"""What a web ACL's logs may say: data protection, redacted fields and filters.

Sources: API reference, DataProtectionConfig and LoggingConfiguration; AWS WAF Developer Guide, "Data protection" and
"Configuring logging for a protection pack (web ACL)".
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping
from typing import Any, Final

import msgspec

from casemate.engines.web.compiler.members import check
from casemate.engines.web.compiler.shapes import items, one_of, option, text
from casemate.engines.web.errors import NOT_VALID, InvalidParameter

REDACTED: Final = "REDACTED"
KEYED: Final = ("SINGLE_HEADER", "SINGLE_COOKIE", "SINGLE_QUERY_ARGUMENT")
WHOLE: Final = ("QUERY_STRING", "BODY")
MOST_PROTECTIONS: Final = 26
MOST_KEYS: Final = 100
LONGEST_KEY: Final = 64
MOST_REDACTED: Final = 100
_REDACTABLE: Final = ("UriPath", "QueryString", "SingleHeader", "Method")
_ACTIONS: Final = ("ALLOW", "BLOCK", "COUNT", "CAPTCHA", "CHALLENGE", "MONETIZE", "EXCLUDED_AS_COUNT")
_BEHAVIORS: Final = ("KEEP", "DROP")
_FIELD: Final = "DATA_PROTECTION_CONFIG"
_LOGGING: Final = "LOG_DESTINATION"


class Protection(msgspec.Struct, frozen=True):
    """How a field's content is replaced; `in_matches` and `in_rates` say whether also in the details of rules."""

    hashed: bool = False
    in_matches: bool = True
    in_rates: bool = True

    def replace(self, content: bytes, account: str) -> str:
        """REDACTED, or the Base64 of the SHA-256 of the account's number and the content."""
        if not self.hashed:
            return REDACTED
        return base64.b64encode(hashlib.sha256(account.encode() + content).digest()).decode()


class LogFilter(msgspec.Struct, frozen=True):
    """Whether a record that has all, or any, of some actions and labels is kept."""

    keep: bool
    every: bool
    actions: tuple[str, ...]
    labels: tuple[str, ...]

    def meets(self, actions: Collection[str], labels: Collection[str]) -> bool:
        """Whether a record with these fulfils the conditions."""
        found = [one in actions for one in self.actions] + [one in labels for one in self.labels]
        return all(found) if self.every else any(found)


class LogPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """What the logs of one web ACL hold. Names of headers, cookies and arguments are in lower case.

    `redacted` holds UriPath, QueryString and Method as far as they are to be redacted.
    """

    account: str = "000000000000"
    headers: Mapping[str, Protection] = {}
    cookies: Mapping[str, Protection] = {}
    arguments: Mapping[str, Protection] = {}
    query: Protection | None = None
    body: Protection | None = None
    redacted: frozenset[str] = frozenset()
    redacted_headers: frozenset[str] = frozenset()
    filters: tuple[LogFilter, ...] = ()
    keep: bool = True

    @property
    def changes(self) -> bool:
        """Whether anything in a record is to be replaced."""
        return bool(
            self.headers
            or self.cookies
            or self.arguments
            or self.query
            or self.body
            or self.redacted
            or self.redacted_headers
        )

    def keeps(self, actions: Collection[str], labels: Collection[str]) -> bool:
        """Whether a record is kept: the first filter that it meets says so, else the default."""
        return next((one.keep for one in self.filters if one.meets(actions, labels)), self.keep)


def log_policy(acl: Mapping[str, Any], logging: Mapping[str, Any] | None) -> LogPolicy:
    """The policy of a web ACL and its LoggingConfiguration, where there is one. Raises InvalidParameter."""
    arn = str(acl.get("ARN") or "")
    account = arn.split(":")[4] if arn.count(":") >= 5 else "000000000000"
    told: dict[str, Any] = {"account": account, **_protections(acl.get("DataProtectionConfig"))}
    if logging is not None:
        check(logging, "LoggingConfiguration", "LOGGING_FILTER", "LoggingConfiguration")
        told |= _redacted(logging.get("RedactedFields"))
        told |= _filters(logging.get("LoggingFilter"))
    return LogPolicy(**told)


def _protections(config: Any) -> dict[str, Any]:
    if config is None:
        return {}
    found: dict[str, Any] = {kind: {} for kind in KEYED}
    path = "DataProtectionConfig.DataProtections"
    for index, one in enumerate(items(config.get("DataProtections"), 1, MOST_PROTECTIONS, _FIELD, path, path)):
        where = f"{path}[{index}]"
        action = option(one.get("Action"), ("SUBSTITUTION", "HASH"), _FIELD, "Action", where)
        protection = Protection(
            action == "HASH",
            in_matches=not one.get("ExcludeRuleMatchDetails", False),
            in_rates=not one.get("ExcludeRateBasedDetails", False),
        )
        field = one.get("Field")
        kind = option(field.get("FieldType"), (*KEYED, *WHOLE), _FIELD, "FieldType", where)
        keys = field.get("FieldKeys")
        if kind in WHOLE:
            if keys is not None:
                raise InvalidParameter(_FIELD, kind, NOT_VALID, path=where, detail=f"{kind} takes no FieldKeys")
            found[kind] = protection
            continue
        for key in items(keys or [], 1, MOST_KEYS, _FIELD, "FieldKeys", where):
            found[kind][text(key, _FIELD, "a key", where, most=LONGEST_KEY).lower()] = protection
    names = {"SINGLE_HEADER": "headers", "SINGLE_COOKIE": "cookies", "SINGLE_QUERY_ARGUMENT": "arguments"}
    names |= {"QUERY_STRING": "query", "BODY": "body"}
    return {names[kind]: value for kind, value in found.items()}


def _redacted(fields: Any) -> dict[str, Any]:
    path = "LoggingConfiguration.RedactedFields"
    whole, headers = set(), set()
    for index, one in enumerate(items(fields or [], 0, MOST_REDACTED, _LOGGING, "RedactedFields", path)):
        where = f"{path}[{index}]"
        name, member = one_of(one, _REDACTABLE, "FIELD_TO_MATCH", "RedactedFields", where)
        if name == "SingleHeader":
            headers.add(text(member.get("Name"), "SINGLE_HEADER", "Name", where, most=LONGEST_KEY).lower())
        else:
            whole.add(name)
    return {"redacted": frozenset(whole), "redacted_headers": frozenset(headers)}


def _filters(config: Any) -> dict[str, Any]:
    if config is None:
        return {}
    path = "LoggingConfiguration.LoggingFilter"
    filters = []
    for index, one in enumerate(items(config.get("Filters"), 1, 1000, "LOGGING_FILTER", "Filters", path)):
        where = f"{path}.Filters[{index}]"
        requirement = option(one.get("Requirement"), ("MEETS_ALL", "MEETS_ANY"), "LOGGING_FILTER", "Requirement", where)
        behavior = option(one.get("Behavior"), _BEHAVIORS, "LOGGING_FILTER", "Behavior", where)
        actions, labels = [], []
        for condition in items(one.get("Conditions"), 1, 1000, "FILTER_CONDITION", "Conditions", where):
            kinds = ("ActionCondition", "LabelNameCondition")
            name, member = one_of(condition, kinds, "FILTER_CONDITION", "Conditions", where)
            if name == "ActionCondition":
                actions.append(option(member.get("Action"), _ACTIONS, "FILTER_CONDITION", "Action", where))
            else:
                labels.append(text(member.get("LabelName"), "FILTER_CONDITION", "LabelName", where))
        filters.append(LogFilter(behavior == "KEEP", requirement == "MEETS_ALL", tuple(actions), tuple(labels)))
    default = option(config.get("DefaultBehavior"), _BEHAVIORS, "LOGGING_FILTER", "DefaultBehavior", path)
    return {"filters": tuple(filters), "keep": default == "KEEP"}
