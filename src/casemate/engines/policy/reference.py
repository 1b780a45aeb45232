"""What services publish about themselves: their actions, resource types and condition keys.

AWS "Service Authorization Reference", as stripped by scripts/build_authorization_reference.py. A service is read when
it is first asked for. This knowledge advises (`linting`); it never refuses or decides.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from casemate.engines.policy.globs import literal_of, tokens_of
from casemate.engines.policy.matchers import compile_glob

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA: Final = Path(__file__).parent / "data" / "authorization_reference.zip"


@dataclass(frozen=True, slots=True)
class ActionReference:
    """One action. `types` maps each resource type that it can be authorised on ("" is none) to its condition keys."""

    name: str
    level: str
    types: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceReference:
    """One service. `actions` is by lower-case name; `types` maps a resource type to (ARN format, condition keys)."""

    prefix: str
    name: str
    actions: Mapping[str, ActionReference]
    types: Mapping[str, tuple[str, tuple[str, ...]]]
    keys: Mapping[str, str]

    def matching(self, pattern: str) -> tuple[ActionReference, ...]:
        """The actions that a pattern of names covers ("Describe*")."""
        tokens = tokens_of(pattern.lower())
        literal = literal_of(tokens)
        if literal is not None:
            found = self.actions.get(literal)
            return (found,) if found else ()
        matches = compile_glob(tokens)
        return tuple(action for name, action in self.actions.items() if matches(name))

    def key_type(self, key: str) -> str | None:
        """The type of one of the service's condition keys ("String", "ArrayOfString"), None when it has no such key."""
        return lookup_key(self.keys, key)


def lookup_key(keys: Mapping[str, str], key: str) -> str | None:
    """A condition key's type; published names may end in a placeholder ("kms:EncryptionContext:${Key}")."""
    lowered = key.lower()
    for name, kind in keys.items():
        front, placeholder, _ = name.partition("${")
        published = front.lower()
        if lowered.startswith(published) and len(lowered) > len(published) if placeholder else lowered == published:
            return kind
    return None


@lru_cache(maxsize=512)
def service_reference(prefix: str) -> ServiceReference | None:
    """The reference of a service by its prefix in lower case ("kms"); None for a prefix that nobody has."""
    with zipfile.ZipFile(DATA) as archive:
        try:
            text = archive.read(f"{prefix}.json")
        except KeyError:
            return None
    loaded = json.loads(text)
    actions = {
        name.lower(): ActionReference(name, level, {kind: tuple(keys) for kind, keys in types.items()}, tuple(required))
        for name, (level, types, required) in loaded["actions"].items()
    }
    types = {name: (arn, tuple(keys)) for name, (arn, keys) in loaded["types"].items()}
    return ServiceReference(prefix, loaded["name"], actions, types, loaded["keys"])
