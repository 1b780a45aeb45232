"""What the scorer looks at: numbers from 0 to 1 about evidence and the text around it."""

from __future__ import annotations

import math
import re
from typing import Final

from casemate.engines.web.scorer.cues import cues

_AROUND: Final = 400
"""Octets before and after the evidence that are looked at."""
_HOLDING: Final = re.compile(
    rb"(?<!\S)(?:what|how|why|when|does|do|did|is|are|was|were|the|an?|this|that|which|with|without|would|should|could|can|"
    rb"you|your|i|we|it|my|to|of|about|between|than|instead|use|using|please|but|so|because|if|then|"
    rb"der|die|das|ist|wie|warum|mit|nicht|und|oder|ein|eine|le|la|les|est|une|des|avec|pas|pour|el|los|es|como|por|para|con|una|il|che|per|di)(?=[\s,.:;?!]|\Z)",
    re.IGNORECASE,
)
_WORD: Final = re.compile(rb"(?<![\w.$'\"-])[A-Za-z\x80-\xff][A-Za-z\x80-\xff']*(?=[\s,.:;?!]|$)")
_CODE: Final = re.compile(
    rb"[=!]==?|=>|\b(?:function|def|class|return|import|const|let|var|public|void|select|from|where)\b|[;{}]\s*(?:\n|\Z)",
    re.IGNORECASE,
)
_BREAKS_OUT: Final = b"'\"`;|&<)$%{"


def spaced(value: bytes) -> bytes:
    """A value of a query string with its spaces."""
    return value.replace(b"+", b" ") if b"+" in value and b" " not in value else value


class Place:
    """Evidence in the text that it was found in."""

    __slots__ = ("after", "at", "before", "cues", "end", "excerpt", "seen", "value")

    def __init__(self, value: bytes, excerpt: bytes, names: tuple[bytes, ...] = ()) -> None:
        self.value, self.excerpt = spaced(value), spaced(excerpt)
        self.at = max(self.value.find(self.excerpt), 0)
        self.end = self.at + len(self.excerpt)
        self.before = self.value[max(self.at - _AROUND, 0) : self.at]
        self.after = self.value[self.end : self.end + _AROUND]
        self.seen = self.before + self.excerpt + self.after
        self.cues = cues(self.seen, (self.before, self.after), self.value, names)


def features(detector: str, reason: str, place: Place, field: str) -> dict[str, float]:
    """Features by name; those that are 0 are left out."""
    value, at, end, seen = place.value, place.at, place.end, place.seen
    size = max(len(seen), 1)
    beside = place.before + b" " + place.after
    words, holding = _WORD.findall(beside), len(_HOLDING.findall(beside))
    stripped = value.rstrip()
    found = {
        "bias": 1.0,
        "length": math.log(len(value) + 1) / 8,
        "words": min(len(words), 30) / 30,
        "share of words": sum(map(len, words)) / size,
        "holding words": min(holding, 8) / 8,
        "holding words before": min(len(_HOLDING.findall(place.before)), 4) / 4,
        "words before": min(len(_WORD.findall(place.before)), 8) / 8,
        "words after": min(len(_WORD.findall(place.after)), 8) / 8,
        "share of spaces": seen.count(b" ") / size,
        "share of evidence": min(len(place.excerpt) / size, 1.0),
        "distance from the begin": min(at, 200) / 200,
        "distance to the end": min(len(value) - end, 200) / 200 if end < len(value) else 0.0,
        "lines": min(value.count(b"\n"), 10) / 10,
        "signs of code": min(len(_CODE.findall(seen)), 8) / 8,
        "at the begin": float(at < 3),
        "at the end": float(len(value) - end < 3),
        "block of code": float(b"```" in value),
        "span of code": float(b"`" in value),
        "ends as a sentence": float(stripped.endswith((b".", b"?", b"!"))),
        "ends as code": float(stripped.endswith((b";", b"}", b">"))),
        "ends in a comment": float(stripped.endswith((b"--", b"#", b"//", b"/*"))),
        "begins with a capital": float(value[:1].isupper()),
        "begins with a sign": float(value[:1] in _BREAKS_OUT if value else 0),
        "quotes in pairs": float(value.count(b"'") % 2 == 0 and value.count(b'"') % 2 == 0),
        "brackets in pairs": float(value.count(b"(") == value.count(b")")),
        "cues": min(len(place.cues), 5) / 5,
        f"detector {detector}": 1.0,
        f"reason {reason}": 1.0,
        f"field {field}": 1.0,
    }
    found |= dict.fromkeys((f"cue {name}" for name in place.cues), 1.0)
    return {name: amount for name, amount in found.items() if amount}
