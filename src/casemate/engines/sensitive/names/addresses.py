"""Postal addresses by rule: a postal code in a country's form, a place beside it, and a street before them.

Countries: Australia, Canada, France, Germany, Italy, Spain, the United Kingdom, the United States, as Macie's ADDRESS.
Forms of postal codes and where they stand are those of the Universal Postal Union's addressing guides.
"""

# ruff: noqa: E501, ISC004  lists of words and patterns read best whole

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from casemate.engines.sensitive.names.lexicons import PLACE, Lexicons

US_STATES: Final = (
    r"AL|AK|AZ|AR|CA|CO|CT|DC|D\.C\.|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|"
    "PA|PR|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|"
    "Florida|Georgia|Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|"
    "Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|"
    "North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|"
    "Virginia|Washington|West Virginia|Wisconsin|Wyoming|Mass|Calif|Conn|Penn|Ill|Wash"
)
PROVINCES: Final = (
    "AB|BC|MB|NB|NL|NS|NT|NU|ON|PE|QC|SK|YT|Alberta|British Columbia|Manitoba|New Brunswick|Newfoundland|Nova Scotia|"
    "Ontario|Prince Edward Island|Qu[eé]bec|Saskatchewan|Ont|Que"
)
AU_STATES: Final = "NSW|VIC|Vic|QLD|Qld|WA|SA|TAS|Tas|ACT|NT|New South Wales|Victoria|Queensland|Western Australia|South Australia|Tasmania"

LARGEST_ADDRESS: Final = 160
"""Characters before a postal code in which its street may stand."""

NEARBY: Final = 64
"""Codes of a text around which streets are looked for one by one."""

LARGEST_GAP: Final = 90
"""Characters between a street and what follows it."""

_END: Final = r"(?![\w-]|[.,:]\d)"
_FIVE: Final = re.compile(
    r"\d{5}(?<![\w.,:/=].{5})(?:(?=-?\d{0,4}[ \t]{1,3}[^\W\d_])|(?<=[A-Za-z.,)][ \n\t].{5}))(?:-\d{4})?" + _END
)
_FOUR: Final = re.compile(
    r"\d{4}(?:(?<=(?:NSW|VIC|Vic|QLD|Qld|TAS|Tas|ACT|ria|and|nia|les)[ ,].{4})|(?<=(?:WA|SA|NT)[ ,].{4})"
    r"|(?<=(?:[A-Z]{2}|[a-z]{2})[ ,][ ].{4}))" + _END
)
_LETTERED: Final = re.compile(
    r"[A-Z](?<![\w.-].)(?:(?P<uk>[A-Z]?\d[A-Z\d]? {0,2}\d[ABD-HJLNP-UW-Z]{2})"
    r"|(?P<ca>(?<=[ABCEGHJ-NPRSTVXY])\d[ABCEGHJ-NPRSTV-Z][ -]{0,2}\d[ABCEGHJ-NPRSTV-Z]\d))" + _END
)
"""Each begins with what is rare, and is looked for on its own: that is several times faster than one for all."""

_COUNTRY_BEFORE: Final = re.compile(r"(?<!\w)(?:D|F|DE|FR|I|IT|E|ES)[- ]$")
_STATE_WORDS: Final = frozenset(
    word for name in US_STATES.split("|") for word in name.replace("\\.", "").split(" ")[-1:]
)
_SEPARATED: Final = r"[,.]?(?:[ \t]{1,3}|,? ?\r?\n[ \t>*#]{0,8})"
_PLACE_BEFORE: Final = r"(?P<place>[^\W\d_][\w.'\u2019-]*(?: [^\W\d_][\w.'\u2019-]*){0,3})"
_US: Final = re.compile(rf"{_PLACE_BEFORE}{_SEPARATED}(?:{US_STATES})[.,]?\s{{1,3}}$")
_CA: Final = re.compile(rf"{_PLACE_BEFORE}{_SEPARATED}\(?(?:{PROVINCES})[.,)]{{0,2}}\s{{1,3}}(?:Canada,? )?$")
_AU: Final = re.compile(rf"{_PLACE_BEFORE}{_SEPARATED}(?:{AU_STATES})[.,]?\s{{1,3}}$")
_UK: Final = re.compile(
    rf"{_PLACE_BEFORE}{_SEPARATED}(?:(?:[A-Z][a-z]+(?:shire|sex|folk)|Kent|Surrey|Devon|Cornwall|England|Scotland|Wales|UK)"
    rf"{_SEPARATED})?$"
)
_BEFORE_ES: Final = re.compile(rf"{_PLACE_BEFORE}[,.]? {{0,2}}\(?$")
_AFTER: Final = re.compile(
    r"[ \t]{1,3}(?P<place>[^\W\d_][\w'\u2019-]*\.?(?:[ -](?:[A-ZÀ-Ý][\w'\u2019.-]*|d[eiu]l?|di|la|le|les|los|am|an|der|im|"
    r"sur|en|sous|bei|in|nel|y)\b\.?){0,5})(?P<tail> \([A-Z]{2}\)| [A-Z]{2}\b| (?i:cedex)(?: \d{1,2})?)?"
)

_ENGLISH: Final = (
    r"Street|St|Road|Rd|Avenue|Ave?|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Sq|Terrace|Tce|Close|Way|"
    r"Crescent|Cres|Highway|Hwy|Parkway|Pkwy|Row|Hill|Circle|Cir|Trail|Trl|Loop|Grove|Gardens|Mews|Walk|Broadway|Plaza|Green|"
    r"Parade|Esplanade|Park|Wharf|Quay|Alley|Turnpike|Pike|Expressway|Point|Yard|Rise|View|Vale|Gate|Buildings?"
)
_STREETS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:(?:flat|apt|unit|suite|level|floor)\.? ?\w{{1,5}}[,/]? ?\s?)?\b(?:\d{{1,6}}[a-z]?(?:[-/\u2013]\d{{1,5}})?),? "
        rf"(?:[\w.'\u2019-]+ ){{0,5}}?(?:{_ENGLISH})\b\.?",
        r"\bP\.? ?O\.? ?Box \d{1,6}|\b(?:GPO|Locked Bag|PMB|Postfach|Casella Postale|Apartado(?: de Correos)?|B\.?P\.?) ?\d{1,6}",
        r"\b\d{1,4}(?: ?(?:bis|ter|[a-c]))?,? (?:rue|avenue|av\.?|bd|boulevard|place|pl\.?|chemin|all[eé]e|impasse|quai|cours|"
        r"route|square|passage|sentier|faubourg|villa|esplanade)\b[^\n,;]{1,60}",
        r"\b[^\W\d_][\w.'-]*(?:stra(?:ß|ss)e|str\.|weg|gasse|platz|allee|ring|ufer|damm|steig|markt|graben|hof|berg|wall)"
        r" \d{1,4} ?[a-z]?\b",
        r"\b(?:[^\W\d_][\w.'-]* ){1,3}?(?:stra(?:ß|ss)e|str\.?|weg|gasse|platz|allee|ring|ufer|damm) \d{1,4} ?[a-z]?\b",
        r"\b(?:platz|stra(?:ß|ss)e|allee|weg|ufer|ring) (?:der|des|dem|am|an der|zum|zur) [^\W\d_][\w.-]+ \d{1,4} ?[a-z]?\b",
        r"\b(?:am|an der|im|in der|auf der|auf dem|zum|zur|unter den|alte[rs]?) [^\W\d_][\w-]+ \d{1,4} ?[a-z]?\b",
        r"\b(?:via|viale|piazza|piazzale|corso|largo|vicolo|strada|contrada|lungomare|v\.le|p\.zza|c\.so)\b[^\n\d]{2,50}?"
        r"(?:,? ?(?:n\.? ?|km )?\d{1,4}(?:/\w)?|,? ?s\.?n\.?c\.?|,\s{0,3}$)",
        r"(?:\b(?:calle|avenida|avda?\.?|av\.|plaza|pza\.?|paseo|p\.?[ºo]|camino|carretera|ctra\.?|ronda|rambla|carrer|"
        r"traves[ií]a|urbanizaci[oó]n|pol[ií]gono|glorieta)|\bc/|\bcl\.?) ?[^\n\d]{2,60}?,? ?(?:(?:n[.ºo°]{0,2} ?)?\d{1,4}|s/n)",
        r"\b\d{1,5},? (?:[\w.'\u2019-]+ ){0,3}?(?:rue|ch\.|chemin|rang|boul\.?|avenue|c[ôo]te|mont[ée]e) [\w.' \u2019-]{2,40}",
    )
)


_TOGETHER: Final = re.compile(r"\.?\s{0,3}(?:[,/(\u2013-][^\n;:!?()]{0,30}|\n[^\n;:!?\d]{0,30})?")
"""What may stand between two streets of one address, as between a post office box and a street."""

_Reader = Callable[["Streets", "re.Match[str]", Lexicons], "Candidate | None"]


class Candidate(NamedTuple):
    """What may be an address; `sure` where the rules alone decide so."""

    start: int
    end: int
    sure: bool


def candidates(text: str, lexicons: Lexicons) -> Iterator[Candidate]:
    """Addresses of a text by its postal codes, in order."""
    last = 0
    streets = Streets(text)
    unsure: Candidate | None = None
    for place, read, code in _codes(text):
        found = read(streets, code, lexicons) if place >= last else None
        if found is None or found.start < streets.floor:
            continue
        if not found.sure:
            if found.start >= last:
                if unsure is not None:
                    yield unsure
                unsure, last = found, found.end
            continue
        if unsure is not None and unsure.end <= found.start:  # else it was a house number and a street
            yield unsure
        unsure = None
        last = streets.floor = found.end
        yield found
    if unsure is not None:
        yield unsure


def _codes(text: str) -> list[tuple[int, _Reader, re.Match[str]]]:
    """What may be a postal code, and what reads the address around it, in order."""
    found: list[tuple[int, _Reader, re.Match[str]]] = [(code.start(), _five, code) for code in _FIVE.finditer(text)]
    found += [(code.start(), _australian, code) for code in _FOUR.finditer(text)]
    for code in _LETTERED.finditer(text):
        found.append((code.start(), _british if code.lastgroup == "uk" else _canadian, code))
    found.sort(key=lambda one: one[0])
    return found


def _anglophone(pattern: re.Pattern[str]) -> _Reader:
    def read(streets: Streets, code: re.Match[str], lexicons: Lexicons) -> Candidate | None:
        """Place, state and code in a row: enough for an address, with a street or without."""
        text = streets.text
        before = text[max(0, code.start() - 80) : code.start()]
        if not before or before[-1] not in " \n\t,":
            return None
        match = pattern.search(before)
        if match is None:
            return None
        start = code.start() - len(before) + match.start("place")
        street = streets.before(start + len(match.group("place")))
        if street is None:
            start = code.start() - len(before) + _proper(match)
            known = _known(before[_proper(match) : match.end("place")], lexicons)
            return Candidate(start, code.end(), known) if text[start : start + 1].isupper() else None
        return Candidate(street, code.end(), sure=True)

    return read


def _proper(match: re.Match[str]) -> int:
    """Where the words of a place's name begin: those before it in small letters are left out."""
    start = match.start("place")
    words = match.group("place").split(" ")
    while len(words) > 1 and not words[0][:1].isupper():
        start += len(words.pop(0)) + 1
    return start


def _british(streets: Streets, code: re.Match[str], lexicons: Lexicons) -> Candidate | None:
    """A postcode with a town before it: a known one, or one with a street before it."""
    text = streets.text
    before = text[max(0, code.start() - 80) : code.start()]
    last_word = before.split()[-1:]
    if not last_word or not last_word[0][0].isalpha():
        return None
    match = _UK.search(before)
    if match is None:
        return None
    base = code.start() - len(before)
    street = streets.before(base + match.end("place"))
    if street is not None:
        return Candidate(street, code.end(), sure=True)
    start = base + _proper(match)
    known = _known(before[_proper(match) : match.end("place")], lexicons)
    return Candidate(start, code.end(), sure=" " in code.group()) if known and text[start].isupper() else None


def _five(streets: Streets, code: re.Match[str], lexicons: Lexicons) -> Candidate | None:
    """Five digits: behind an American state, before a European place, or behind a Spanish one."""
    text = streets.text
    before = text[max(0, code.start() - 50) : code.start()]
    words = before.split()
    if words and words[-1].replace(".", "").strip(",") in _STATE_WORDS:
        return _american(streets, code, lexicons)
    country = _COUNTRY_BEFORE.search(before)
    if (before[-1:] == "-" and country is None) or "-" in code.group():
        return None
    start = code.start() - (len(country.group()) if country is not None else 0)
    after = _AFTER.match(text, code.end())
    if after is not None and after.group("place")[:1].isupper():
        end = after.end() - after.group().endswith(".")
        street = streets.before(start)
        if street is not None:
            return Candidate(street, end, sure=True)
        if _known(after.group("place"), lexicons):
            return Candidate(start, end, sure=country is not None or after.group("tail") is not None)
    match = _BEFORE_ES.search(before)
    if match is not None and _known(before[_proper(match) : match.end("place")], lexicons):
        street = streets.before(code.start() - len(before) + match.end("place"))
        if street is not None:
            return Candidate(street, code.end(), sure=True)
    return None


_american: Final = _anglophone(_US)
_canadian: Final = _anglophone(_CA)
_australian: Final = _anglophone(_AU)


class Streets:
    """The streets of a text, looked for where a code asks: near it for the first codes, in the whole text for many."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.floor = 0
        """Where the last address ended: no street of another one begins before."""
        self._asked = 0
        self._all: list[tuple[int, int]] = []

    def before(self, end: int) -> int | None:
        """Where the street begins that stands before `end`, if one does."""
        begin = max(0, end - LARGEST_ADDRESS, self.floor)
        blank = self.text.rfind("\n\n", begin, end)
        begin = begin if blank < 0 else blank + 2
        self._asked += 1
        if self._asked <= NEARBY:
            return self._nearest(self._near(begin, end), end)
        if self._asked == NEARBY + 1:
            self._all = sorted(match.span() for pattern in _STREETS for match in pattern.finditer(self.text))
        at, until = bisect_left(self._all, (begin, 0)), bisect_left(self._all, (end, 0))
        if at and begin == self.floor < self._all[at - 1][1]:  # what hides a street begins in the address before
            return self._nearest(self._near(begin, end), end)
        return self._nearest([span for span in self._all[at:until] if span[1] <= end], end)

    def _near(self, begin: int, end: int) -> list[tuple[int, int]]:
        window = self.text[begin:end]
        return sorted(
            (begin + match.start(), begin + match.end()) for pattern in _STREETS for match in pattern.finditer(window)
        )

    def _nearest(self, streets: list[tuple[int, int]], end: int) -> int | None:
        """Where the street begins that stands closest before `end`, with others that belong to the same address."""
        start: int | None = None
        for first, last in sorted(streets, key=lambda span: -span[1]):
            if start is None:
                if end - last >= LARGEST_GAP:
                    return None
                start = first
            elif last >= start or _TOGETHER.fullmatch(self.text, last, start) is not None:
                start = min(start, first)
        return start


def _known(place: str, lexicons: Lexicons) -> bool:
    """Whether a place's longest words are all in the list of places."""
    words = [
        word for word in re.split(r"[\s-]+", place.lower().replace("\u2019", "'")) if len(word) > 2 and "." not in word
    ]
    return bool(words) and all(lexicons.flags(word) & PLACE for word in words)
