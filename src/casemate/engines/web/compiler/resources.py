"""What a web ACL refers to, and the file that holds an ACL with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from casemate.engines.web.compiler.members import check, closest
from casemate.engines.web.data import AddressData, DataFiles, load
from casemate.engines.web.errors import BAD_ARN, InvalidParameter, NonexistentItem, WebAclError

LARGEST_FILE: Final = 16 << 20
_BESIDE: Final = frozenset({"RuleGroups", "IPSets", "RegexPatternSets", "Data", "LoggingConfiguration", "Prose"})
_PROSE: Final = ("lenient", "strict")
# What GetWebACL answers around an ACL, and what CreateWebACL and UpdateWebACL take beside its members.
_AROUND: Final = frozenset({"LockToken", "ApplicationIntegrationURL", "Scope", "Tags"})


class AclFileError(WebAclError):
    """An ACL file that can't be read."""


class Resources(msgspec.Struct, frozen=True, kw_only=True):
    """Rule groups, IP sets and regex pattern sets by ARN, in the API's shapes, and the operator's data.

    `logging` is the web ACL's LoggingConfiguration; `strict` asks for no scorer (casemate.engines.web.evaluate).
    """

    rule_groups: Mapping[str, Mapping[str, Any]] = {}
    ip_sets: Mapping[str, Mapping[str, Any]] = {}
    regex_pattern_sets: Mapping[str, Mapping[str, Any]] = {}
    data: AddressData = msgspec.field(default_factory=AddressData)
    logging: Mapping[str, Any] | None = None
    strict: bool = False

    def check(self) -> None:
        """Hold them against the service's model. Raises InvalidParameter."""
        for member, shape, field, entries in (
            ("RuleGroups", "RuleGroup", "RULE_GROUP", self.rule_groups),
            ("IPSets", "IPSet", "IP_SET", self.ip_sets),
            ("RegexPatternSets", "RegexPatternSet", "REGEX_PATTERN_SET", self.regex_pattern_sets),
        ):
            for arn, entry in entries.items():
                name = entry.get("Name") if isinstance(entry, Mapping) else None
                check(entry, shape, field, f"{member}[{name if isinstance(name, str) else arn}]")

    def find(self, kind: Mapping[str, Mapping[str, Any]], arn: Any, path: str, what: str) -> Mapping[str, Any]:
        """The resource that a statement names. Raises InvalidParameter for no ARN, NonexistentItem for a wrong one."""
        if not isinstance(arn, str) or not arn.startswith("arn:"):
            raise InvalidParameter("RESOURCE_ARN", str(arn), BAD_ARN, path=path)
        found = kind.get(arn)
        if found is None:
            raise NonexistentItem(
                f"{path}: there is no {what} {arn}. An ACL file holds what it refers to, under its ARN."
            )
        return found


def read_acl_file(path: Path) -> tuple[dict[str, Any], Resources]:
    """A web ACL and what it refers to.

    The file is JSON: {"WebACL": {...}, "RuleGroups": [...], "IPSets": [...], "RegexPatternSets": [...],
    "LoggingConfiguration": {...}, "Data": {...}, "Prose": "strict"} in the shapes that the Get operations answer, or a
    bare WebACL. Raises AclFileError, and DataFileError for its data.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise AclFileError(f"{path}: larger than {LARGEST_FILE >> 20} MB")
        document = msgspec.json.decode(path.read_bytes())
    except OSError as error:
        raise AclFileError(f"{path}: {error.strerror or error}") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise AclFileError(f"{path}: no JSON: {error}") from None
    if not isinstance(document, dict):
        raise AclFileError(f"{path}: a web ACL is a JSON object")
    if "WebACL" in document:
        acl = document["WebACL"]
        _known(path, document, {"WebACL", *_BESIDE, *_AROUND})
    else:
        acl = {name: value for name, value in document.items() if name not in _BESIDE and name not in _AROUND}
    if not isinstance(acl, dict) or not ("Rules" in acl or "DefaultAction" in acl):
        raise AclFileError(f"{path}: holds no web ACL (an object with DefaultAction and Rules, or one under 'WebACL')")
    try:
        files = msgspec.convert(document.get("Data", {}), DataFiles)
    except msgspec.ValidationError as error:
        raise AclFileError(f"{path}: Data: {error}") from None
    prose = document.get("Prose", _PROSE[0])
    if prose not in _PROSE:
        raise AclFileError(f"{path}: Prose is '{_PROSE[0]}' or '{_PROSE[1]}'")
    resources = Resources(
        rule_groups=_by_arn(path, document, "RuleGroups", "RuleGroup"),
        ip_sets=_by_arn(path, document, "IPSets", "IPSet"),
        regex_pattern_sets=_by_arn(path, document, "RegexPatternSets", "RegexPatternSet"),
        data=load(files, path.parent),
        logging=document.get("LoggingConfiguration"),
        strict=prose == "strict",
    )
    return acl, resources


def _known(where: Path | str, document: dict[str, Any], known: set[str]) -> None:
    for member in document:
        if member not in known:
            raise AclFileError(f"{where}: {closest(member, sorted(known))}")


def _by_arn(path: Path, document: dict[str, Any], member: str, wrapper: str) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    entries = document.get(member, [])
    for index, entry in enumerate(entries if isinstance(entries, list) else [entries]):
        item = entry.get(wrapper, entry) if isinstance(entry, dict) else None
        if isinstance(entry, dict) and wrapper in entry:
            _known(f"{path}: {member}[{index}]", entry, {wrapper, "LockToken"})
        if not isinstance(item, dict) or not isinstance(item.get("ARN"), str):
            raise AclFileError(f"{path}: an entry of {member} has no ARN")
        found[item["ARN"]] = item
    return found
