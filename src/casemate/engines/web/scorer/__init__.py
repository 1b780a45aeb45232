"""A small scorer for what detectors leave in doubt: evidence in a text, which may attack or show an attack.

A logistic regression over what stands around the evidence: words, signs, quotes, places, cues that something is
explained (cues.py), the detector and its reason. `weights.json` holds a weight a feature; `training/web/train.py` makes
it again. Evidence in a value without words is never in doubt, so that short payloads, names and numbers don't come here
at all.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from casemate.engines.web.scorer.cues import shown
from casemate.engines.web.scorer.features import Place, features, spaced

SHORTEST: Final = 24
"""Octets from which a value may be a text; SHORTEST_SHOWN where a cue says so."""
SHORTEST_SHOWN: Final = 12
RELEASE: Final = -0.5
"""The score (log-odds) below which evidence is released; training/web/train.py says what that loses."""
_ENDINGS: Final = tuple(b";|&`$'\")}]("[at : at + 1] for at in range(11))
# A statement, a command or a call after a sentence works only where it first ends what the sentence began.
_SPOILT_BY_WORDS: Final = frozenset((
    "sqli_low", "sqli_high", "sqli_extended", "unix", "unix_text", "windows", "windows_text", "powershell", "code",
    "php", "nosql", "ldap", "xpath", "metadata", "url", "url_text", "url_json", "url_json_alone", "traversal",
    "traversal_text",
))  # fmt: skip
# A tag or a template works wherever in a text it stands: in doubt only where a cue says that it is shown.
_NEEDS_A_CUE: Final = frozenset(("xss", "template", "java", "lines", "xml"))
_REASONS_THAT_NEED_A_CUE: Final = frozenset((
    "open tag", "prototype pollution", "server-side include", "reverse shell", "XSLT, ESI or macro",
    "shell function in an environment", "pipe to a shell", "decoded command", "operator as a key",
))  # fmt: skip
# What is evaluated wherever it lands, and what nobody needs to show whole.
_NEVER_IN_DOUBT: Final = frozenset(("web shell", "serialised object", "typed object", "Python, Ruby or Node object"))
_PLAIN_CUES: Final = frozenset(("asks", "ends as a question", "explains", "in backticks", "field for source"))
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


def doubt(detector: str, reason: str, value: bytes, excerpt: bytes, names: tuple[bytes, ...]) -> Place | None:
    """Evidence that may be shown rather than meant, in its text; None for what is never in doubt.

    `names` are those of the fields of the request's body.
    """
    if reason in _NEVER_IN_DOUBT:
        return None
    spoilt = detector in _SPOILT_BY_WORDS
    if not spoilt and detector not in _NEEDS_A_CUE:
        return None
    text = spaced(value)
    if len(text) < SHORTEST_SHOWN or (b" " not in text and b"cell_type" not in names):
        return None
    place = Place(value, excerpt, names)
    # What begins by ending something is shown only where more than a word of it says so.
    ends = text.lstrip()[:1] in _ENDINGS
    if ends and not place.cues & _PLAIN_CUES:
        return None
    if shown(place.cues, command=detector.startswith(("unix", "windows", "powershell"))):
        return place
    if not spoilt or reason in _REASONS_THAT_NEED_A_CUE or len(text) < SHORTEST:
        return None
    return place if text.count(b" ") > 1 and not ends else None


def score(detector: str, reason: str, place: Place, field: str) -> Score:
    """How likely evidence that `detector` found in a value of `field` is of an attack."""
    known = weights()
    parts = {
        name: known[name] * amount for name, amount in features(detector, reason, place, field).items() if name in known
    }
    strongest = sorted(parts, key=lambda name: (-abs(parts[name]), name))[:_SHOWN]
    return Score(sum(parts.values()), tuple(strongest))
