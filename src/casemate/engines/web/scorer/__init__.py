"""A small scorer for what detectors leave in doubt: evidence in a text, which may attack or show an attack.

A logistic regression over what stands around the evidence: words, signs, quotes, places, the detector and its reason.
`weights.json` holds a weight a feature; `training/web/train.py` makes it again. Evidence in a value without words is
never in doubt, so that short payloads, names and numbers don't come here at all.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from casemate.engines.web.scorer.features import features

SHORTEST: Final = 24
"""Octets from which a value may be a text."""
RELEASE: Final = -2.5
"""The score (log-odds) below which evidence is released; training/web/train.py says what that loses."""
_ENDINGS: Final = tuple(b";|&`$'\")}]("[at : at + 1] for at in range(11))
# A tag, a template or a lookup works wherever in a text it stands, and so is never in doubt; a statement, a command or
# a call after a sentence works only where it first ends what the sentence began.
_SPOILT_BY_WORDS: Final = frozenset((
    "sqli_low", "sqli_high", "sqli_extended", "unix", "unix_text", "windows", "windows_text", "powershell", "code",
    "php", "nosql", "ldap", "xpath", "metadata", "url", "url_text", "url_json", "url_json_alone", "traversal",
    "traversal_text",
))  # fmt: skip
_WORKS_ANYWHERE: Final = frozenset((
    "open tag", "web shell", "serialised object", "prototype pollution", "server-side include", "reverse shell",
    "XSLT, ESI or macro", "shell function in an environment", "pipe to a shell", "decoded command", "operator as a key",
))  # fmt: skip
_SHOWN: Final = 3


class Score(NamedTuple):
    """Log-odds that evidence is of an attack, and the features that weigh most."""

    value: float
    strongest: tuple[str, ...]

    @property
    def released(self) -> bool:
        """Whether the evidence counts for nothing."""
        return self.value < RELEASE

    def __str__(self) -> str:
        return f"scorer {self.value:+.1f} ({', '.join(self.strongest)})"


@cache
def weights() -> dict[str, float]:
    """The weight of each feature."""
    loaded: dict[str, float] = json.loads(files(__package__).joinpath("weights.json").read_text("utf-8"))
    return loaded


def in_doubt(detector: str, reason: str, value: bytes) -> bool:
    """Whether evidence may be shown rather than meant: in a text, of an attack that words before it would spoil.

    No such text begins by ending something.
    """
    if detector not in _SPOILT_BY_WORDS or reason in _WORKS_ANYWHERE:
        return False
    return len(value) >= SHORTEST and value.count(b" ") > 1 and value.lstrip()[:1] not in _ENDINGS


def score(detector: str, reason: str, value: bytes, excerpt: bytes, field: str) -> Score:
    """How likely evidence that `detector` found in `value` of `field` is of an attack."""
    known = weights()
    parts = {
        name: known[name] * amount
        for name, amount in features(detector, reason, value, excerpt, field).items()
        if name in known
    }
    strongest = sorted(parts, key=lambda name: (-abs(parts[name]), name))[:_SHOWN]
    return Score(sum(parts.values()), tuple(strongest))
