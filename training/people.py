"""Full names as people write them, in the naming habits of many places."""

from __future__ import annotations

import random
from collections.abc import Sequence

from training.sources import People

PARTICLES = {
    "nl": ("van", "de", "van der", "van den", "van de", "ter", "ten"),
    "de": ("von", "von der", "zu"),
    "fr": ("de", "du", "de la", "Le", "La"),
    "es": ("de", "de la", "del", "de los"),
    "it": ("di", "De", "Di", "della", "Del"),
    "pt": ("da", "de", "dos", "do", "das"),
}
WEIGHTS = {"en": 8.0, "census": 12.0, "fr": 2.0, "de": 2.0, "es": 2.0, "it": 2.0}


FAMILIES_EAST = [
    "Chan",
    "Cheung",
    "Leung",
    "Lee",
    "Wong",
    "Kwok",
    "Lam",
    "Ho",
    "Ng",
    "Chow",
    "Lau",
    "Yung",
    "Wang",
    "Li",
    "Zhang",
    "Liu",
    "Chen",
    "Yang",
    "Huang",
    "Zhao",
    "Wu",
    "Zhou",
    "Xu",
    "Sun",
    "Ma",
    "Zhu",
    "Hu",
    "Guo",
    "He",
    "Lin",
    "Gao",
    "Luo",
    "Kim",
    "Park",
    "Choi",
    "Jung",
    "Kang",
    "Cho",
    "Yoon",
    "Jang",
    "Lim",
    "Han",
    "Oh",
    "Seo",
    "Shin",
    "Kwon",
    "Nguyen",
    "Tran",
    "Le",
    "Pham",
    "Hoang",
    "Phan",
    "Vu",
    "Dang",
]
SYLLABLES_EAST = [
    "wai",
    "ming",
    "ka",
    "ki",
    "chi",
    "kin",
    "yan",
    "cheuk",
    "chun",
    "yiu",
    "chung",
    "tai",
    "lok",
    "hei",
    "man",
    "fung",
    "sze",
    "yuen",
    "kwong",
    "ping",
    "jin",
    "xiao",
    "wei",
    "hong",
    "li",
    "mei",
    "hua",
    "jun",
    "jie",
    "feng",
    "lei",
    "bo",
    "yu",
    "xin",
    "ning",
    "jong",
    "un",
    "min",
    "soo",
    "jae",
    "hyun",
    "sung",
    "ho",
    "geun",
    "hye",
    "young",
    "mi",
    "kyung",
    "seok",
    "woo",
    "in",
    "eun",
    "ji",
    "van",
    "thi",
    "duc",
    "minh",
    "anh",
    "quoc",
    "hung",
    "thanh",
    "tuan",
    "huu",
    "phuong",
]


class Names:
    """Makes names from lists of given and family names. The same `chooser` makes the same names."""

    def __init__(self, people: Sequence[People], chooser: random.Random) -> None:
        self._people = people
        self._random = chooser
        self._weights = [WEIGHTS.get(_language(one.locale), 1.0) for one in people]

    def full(self, *, turned: float = 0.06) -> str:
        """A full name, at least two words; `turned` is the share of those that begin with the family name."""
        choose = self._random
        if choose.random() < 0.05:
            return self._eastern()
        one = choose.choices(self._people, self._weights)[0]
        given, family = choose.choice(one.given), self._family(one)
        if choose.random() < turned:
            return self._turned(given, family)
        middle = self._middle(one)
        first = f"{given[0]}." if choose.random() < 0.06 else given
        ending = choose.choice((" Jr.", " III", " Sr.", ", Jr.")) if choose.random() < 0.012 else ""
        return f"{first} {middle}{family}{ending}"

    def given(self) -> str:
        """A given or family name alone."""
        one = self._random.choices(self._people, self._weights)[0]
        return self._random.choice(one.given if self._random.random() < 0.6 else one.family)

    def family(self) -> str:
        return self._random.choice(self._random.choices(self._people, self._weights)[0].family)

    def _eastern(self) -> str:
        """Chinese, Korean and Vietnamese names in Latin letters: family name first, two syllables after it."""
        choose = self._random
        family = choose.choice(FAMILIES_EAST)
        first, second = choose.choice(SYLLABLES_EAST), choose.choice(SYLLABLES_EAST)
        given = choose.choice(
            (
                f"{first.title()}-{second}",
                f"{first.title()}-{second.title()}",
                f"{first}{second}".title(),
                f"{first.title()} {second.title()}",
            )
        )
        return f"{given} {family}" if choose.random() < 0.2 else f"{family} {given}"

    def _family(self, one: People) -> str:
        choose = self._random
        name = choose.choice(one.family)
        language = _language(one.locale)
        if language in {"es", "pt"} and choose.random() < 0.4:
            name = f"{name} {choose.choice(('', '', 'y ', 'de '))}{choose.choice(one.family)}"
        elif choose.random() < 0.03:
            name = f"{name}-{choose.choice(one.family)}"
        if language in PARTICLES and choose.random() < 0.12:
            name = f"{choose.choice(PARTICLES[language])} {name}"
        elif choose.random() < 0.008:
            name = f"{choose.choice(('al-', 'El ', 'bin ', 'Al ', 'ben '))}{name}"
        return name

    def _middle(self, one: People) -> str:
        roll = self._random.random()
        if roll < 0.09:
            return f"{self._random.choice('ABCDEFGHJKLMNPRSTW')}. "
        if roll < 0.11:
            return f"{self._random.choice('ABCDEFGHJKLMNPRSTW')} "
        if roll < 0.16:
            return f"{self._random.choice(one.given)} "
        if roll < 0.18:
            return f"\u201c{self._random.choice(one.given)}\u201d "
        return ""

    def _turned(self, given: str, family: str) -> str:
        roll = self._random.random()
        if roll < 0.5:
            return f"{family}, {given}"
        if roll < 0.65:
            return f"{family}, {given[0]}."
        if roll < 0.85:
            return f"{family.upper()} {given}"
        return f"{family.upper()}, {given}"


def _language(locale: str) -> str:
    return locale.removeprefix("mimesis-").split("_")[0].split("-")[0]
