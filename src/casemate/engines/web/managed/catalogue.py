"""Which managed rule groups there are, read from package data once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from casemate.engines.web.errors import ExpiredVersion, ManagedRuleFormat, NonexistentItem
from casemate.engines.web.managed.schema import ManagedRule, decode_rule

VENDOR: Final = "AWS"


class _GroupFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: str
    description: str
    capacity: int
    label_namespace: str
    rules: tuple[str, ...]
    versions: tuple[str, ...] = ()
    default_version: str = ""
    expired_versions: tuple[str, ...] = ()
    verified_list: str = ""
    verified_label: str = ""
    token_labels: bool = False
    absent: str = ""


class ManagedGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A managed rule group as DescribeManagedRuleGroup would tell it, and its rules in order.

    `missing` names rules that AWS lists and that have no file here. `verified_list` names the operator's list of
    verified bots: for their addresses rules label and do not act.
    With `token_labels` the request is labelled by the state of its token.
    """

    vendor: str
    name: str
    description: str
    capacity: int
    label_namespace: str
    versions: tuple[str, ...]
    default_version: str
    rules: tuple[ManagedRule, ...]
    missing: tuple[str, ...]
    verified_list: str
    verified_label: str
    token_labels: bool = False

    @property
    def available_labels(self) -> tuple[str, ...]:
        """Every label that a rule may add."""
        own = [label for rule in self.rules for label in rule.labels]
        finer = [label for rule in self.rules for inspect in rule.inspect for label in inspect.labels]
        verified = [self.verified_label] if self.verified_label else []
        return tuple(dict.fromkeys(own + finer + verified))


class AbsentGroup(msgspec.Struct, frozen=True):
    """A group of AWS's that this version doesn't have, and why."""

    name: str
    capacity: int
    reason: str


class Catalogue(msgspec.Struct, frozen=True):
    """All groups by name."""

    groups: Mapping[str, ManagedGroup]
    absent: Mapping[str, AbsentGroup]

    def find(self, vendor: str, name: str, version: str | None = None) -> ManagedGroup:
        """The group that a ManagedRuleGroupStatement names.

        Raises NonexistentItem for a group or version that isn't here, ExpiredVersion for one that no longer is.
        """
        group = self.groups.get(name) if vendor == VENDOR else None
        if group is None:
            gone = self.absent.get(name) if vendor == VENDOR else None
            detail = gone.reason if gone else f"there are {', '.join(sorted(self.groups))} of vendor {VENDOR}"
            raise NonexistentItem(f"The managed rule group '{vendor}/{name}' isn't here: {detail}.")
        if version is not None and version not in group.versions:
            if version in _expired(name):
                raise ExpiredVersion(
                    f"Version '{version}' of {name} has expired; there are {', '.join(group.versions)}."
                )
            listed = ", ".join(group.versions) or "no versions of it"
            raise NonexistentItem(f"{name} has no version '{version}'; there are {listed}.")
        return group


def _expired(name: str) -> tuple[str, ...]:
    return next((entry.expired_versions for entry in _group_files() if entry.name == name), ())


@cache
def _group_files() -> tuple[_GroupFile, ...]:
    found = []
    for entry in sorted((files(__package__) / "groups").iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            try:
                found.append(msgspec.convert(tomllib.loads(entry.read_text("utf-8")), _GroupFile))
            except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
                raise ManagedRuleFormat(f"groups/{entry.name}: {error}") from None
    return tuple(found)


@cache
def catalogue() -> Catalogue:
    """The groups of this package. Raises ManagedRuleFormat when one of its files breaks the format."""
    groups: dict[str, ManagedGroup] = {}
    absent: dict[str, AbsentGroup] = {}
    for entry in _group_files():
        if entry.absent:
            absent[entry.name] = AbsentGroup(entry.name, entry.capacity, entry.absent)
        else:
            groups[entry.name] = _group(entry)
    return Catalogue(groups, absent)


def _group(entry: _GroupFile) -> ManagedGroup:
    rules = {rule.name: rule for rule in _rules(entry.name)}
    strange = sorted(set(rules) - set(entry.rules))
    if strange:
        raise ManagedRuleFormat(f"rules/{entry.name}: {', '.join(strange)} isn't in groups/{entry.name}.toml")
    return ManagedGroup(
        vendor=VENDOR,
        name=entry.name,
        description=entry.description,
        capacity=entry.capacity,
        label_namespace=entry.label_namespace,
        versions=entry.versions,
        default_version=entry.default_version,
        rules=tuple(rules[name] for name in entry.rules if name in rules),
        missing=tuple(name for name in entry.rules if name not in rules),
        verified_list=entry.verified_list,
        verified_label=entry.verified_label,
        token_labels=entry.token_labels,
    )


def _rules(group: str) -> Iterator[ManagedRule]:
    folder = files(__package__) / "rules" / group
    if not folder.is_dir():
        return
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".toml"):
            name = entry.name.removesuffix(".toml")
            where = f"rules/{group}/{entry.name}"
            yield decode_rule(entry.read_text("utf-8"), group=group, name=name, where=where)
