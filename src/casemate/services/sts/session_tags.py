"""Session tags (IAM User Guide, "Pass session tags in AWS STS").

Keys are told apart without regard to case; the case that was given is kept. Transitive tags go on to the sessions that
a session assumes, and can't be set anew there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from casemate.foundation.caller import Caller
from casemate.services.sts import errors

Tags = tuple[tuple[str, str], ...]


class SessionTags(NamedTuple):
    """`passed` came with the request, `inherited` from the calling session; `transitive` are the keys that go on."""

    passed: Tags
    inherited: Tags
    transitive: tuple[str, ...]

    @property
    def all(self) -> Tags:
        return self.inherited + self.passed


def inherited(caller: Caller) -> Tags:
    """The tags that a session hands on to the sessions that it assumes."""
    session = caller.session
    if session is None or not session.transitive:
        return ()
    keys = {key.lower() for key in session.transitive}
    return tuple(tag for tag in session.tags if tag[0].lower() in keys)


def of(caller: Caller, tags: Sequence[Mapping[str, Any]], transitive: Sequence[str] = ()) -> SessionTags:
    """The tags of a session that is being made. Raises InvalidParameterValue."""
    passed = tuple((tag["Key"], tag["Value"]) for tag in tags)
    keys = [key.lower() for key, _ in passed]
    if len(set(keys)) != len(keys):
        raise errors.parameter(errors.DUPLICATE_TAGS)
    if any(key.startswith("aws:") for key in keys):
        raise errors.parameter("Tag keys beginning with aws: are reserved.")
    going_on = {key.lower() for key in transitive}
    if not going_on <= set(keys):
        raise errors.parameter(errors.FOREIGN_TRANSITIVE)
    handed = inherited(caller)
    if any(key.lower() in keys for key, _ in handed):
        raise errors.parameter(errors.INHERITED_TRANSITIVE)
    spelled = tuple(key for key, _ in passed if key.lower() in going_on)
    return SessionTags(passed, handed, tuple(key for key, _ in handed) + spelled)
