"""What a web ACL refers to, and the file that holds an ACL with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from casemate.engines.web.data import AddressData, DataFiles, load
from casemate.engines.web.errors import BAD_ARN, InvalidParameter, NonexistentItem, WebAclError

LARGEST_FILE: Final = 16 << 20


class AclFileError(WebAclError):
    """An ACL file that can't be read."""


class Resources(msgspec.Struct, frozen=True, kw_only=True):
    """Rule groups, IP sets and regex pattern sets by ARN, in the API's shapes, and the operator's data."""

    rule_groups: Mapping[str, Mapping[str, Any]] = {}
    ip_sets: Mapping[str, Mapping[str, Any]] = {}
    regex_pattern_sets: Mapping[str, Mapping[str, Any]] = {}
    data: AddressData = msgspec.field(default_factory=AddressData)

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

    The file is JSON: {"WebACL": {...}, "RuleGroups": [...], "IPSets": [...], "RegexPatternSets": [...], "Data": {...}}
    in the shapes that the Get operations answer, or a bare WebACL. Raises AclFileError, and DataFileError for its data.
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
    acl = document.get("WebACL", document)
    if not isinstance(acl, dict) or not ("Rules" in acl or "DefaultAction" in acl):
        raise AclFileError(f"{path}: holds no web ACL (an object with DefaultAction and Rules, or one under 'WebACL')")
    try:
        files = msgspec.convert(document.get("Data", {}), DataFiles)
    except msgspec.ValidationError as error:
        raise AclFileError(f"{path}: Data: {error}") from None
    resources = Resources(
        rule_groups=_by_arn(path, document, "RuleGroups", "RuleGroup"),
        ip_sets=_by_arn(path, document, "IPSets", "IPSet"),
        regex_pattern_sets=_by_arn(path, document, "RegexPatternSets", "RegexPatternSet"),
        data=load(files, path.parent),
    )
    return acl, resources


def _by_arn(path: Path, document: dict[str, Any], member: str, wrapper: str) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    entries = document.get(member) or []
    for entry in entries if isinstance(entries, list) else [entries]:
        item = entry.get(wrapper, entry) if isinstance(entry, dict) else None
        if not isinstance(item, dict) or not isinstance(item.get("ARN"), str):
            raise AclFileError(f"{path}: an entry of {member} has no ARN")
        found[item["ARN"]] = item
    return found
