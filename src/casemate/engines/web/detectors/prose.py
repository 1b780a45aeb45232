# ruff: noqa: E501 - an expression is read as one
"""Sentences of a natural language around something that is spoken of rather than done."""

from __future__ import annotations

import re

# Words that hold sentences together, which nobody writes around an attack, and of which code has none.
_HOLDING = re.compile(
    rb"(?<!\S)(?:what|how|why|when|does|do|did|is|are|was|were|the|an?|this|that|which|with|without|would|should|could|can|"
    rb"you|your|i|we|it|my|to|of|about|between|than|instead|use|using|please|"
    rb"der|die|das|ist|wie|was|warum|mit|nicht|und|oder|ein|eine|ich|"
    rb"le|la|les|est|une|des|que|pourquoi|comment|avec|pas|pour|el|los|es|como|por|para|con|una|il|che|come|per|di|os|uma|com)(?=[\s,.:;?!]|\Z)",
    re.IGNORECASE,
)
_WORD = re.compile(rb"(?<![\w.$'\"-])[A-Za-z\x80-\xff][A-Za-z\x80-\xff']*(?=[\s,.:;?!]|$)")
_REACH = 300
# After these a call is part of the code that begins there.
_OF_CODE = re.compile(
    rb"(?:return|print|import|eval|exec|lambda|and|or|not|if|else|await|yield|new|throw|echo|select|union|from|where)\s*\Z",
    re.IGNORECASE,
)


# A name and, after a space, words in brackets: "sleep (disorder)"; who calls leaves no space or gives a literal.
_TITLE = re.compile(
    rb"(?!.*\b(?:or|and|xor|union|select|from|where|having|limit|user|version|database)\b)[A-Za-z][A-Za-z -]{1,60} \([A-Za-z][A-Za-z ,-]{2,40}\)[A-Za-z .?!]{0,30}\Z",
    re.IGNORECASE,
)


def title(value: bytes) -> bool:
    """Whether a value is a name with what kind of thing it is in brackets."""
    return _TITLE.match(value) is not None


def sentence(text: bytes) -> bool:
    """Whether a text has words of a sentence: three of any kind, two of those that hold sentences together."""
    text = text[:_REACH]
    return len(_WORD.findall(text)) >= 3 and len(_HOLDING.findall(text)) >= 2


def mentioned(value: bytes, start: int, end: int) -> bool:
    """Whether what stands between `start` and `end` is named in a sentence: a word before it, no sign of code."""
    before = value[max(start - _REACH, 0) : start]
    before = before[before.rfind(b"\n") + 1 :]
    if re.search(rb"[A-Za-z\x80-\xff]{2,}[,:]? [`'\"(]?\Z", before) is None or _OF_CODE.search(before):
        return False
    return sentence(before + b" " + value[end : end + _REACH].split(b"\n")[0])
