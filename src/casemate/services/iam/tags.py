"""Tags of what IAM keeps (IAM User Guide, "Tags for AWS Identity and Access Management resources").

Keys are told apart without regard to case; the case that was given is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from casemate.services.iam import errors
from casemate.services.iam.records import Tags

if TYPE_CHECKING:
    from casemate.contracts.shapes import iam as shapes

MOST = 50


def given(tags: Sequence[shapes.Tag]) -> Tags:
    """The tags of a request. Raises InvalidInput, LimitExceeded."""
    return added((), tags)


def added(have: Tags, tags: Sequence[shapes.Tag]) -> Tags:
    """The tags with a request's added; a key that is there gets the new value, and the new spelling."""
    keys = [tag["Key"].lower() for tag in tags]
    if len(set(keys)) != len(keys):
        raise errors.invalid_input("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(key.startswith("aws:") for key in keys):
        raise errors.invalid_input("Tag keys beginning with aws: are reserved.")
    merged = {key.lower(): (key, value) for key, value in have}
    merged.update((tag["Key"].lower(), (tag["Key"], tag["Value"])) for tag in tags)
    if len(merged) > MOST:
        raise errors.limit(f"The number of tags has reached the maximum limit of {MOST}.")
    return tuple(merged.values())


def removed(have: Tags, keys: Iterable[str]) -> Tags:
    gone = {key.lower() for key in keys}
    return tuple((key, value) for key, value in have if key.lower() not in gone)


def shown(tags: Tags) -> list[shapes.Tag]:
    return [{"Key": key, "Value": value} for key, value in tags]


def member(tags: Tags) -> dict[str, Any]:
    """The member Tags, where there are any: IAM leaves it out otherwise."""
    return {"Tags": shown(tags)} if tags else {}
