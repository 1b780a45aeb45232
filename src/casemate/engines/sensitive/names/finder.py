"""Names and addresses in a text, and in the columns of a table (`casemate.contracts.sensitive.NameFinder`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final, Literal

from casemate.engines.sensitive.names.addresses import candidates
from casemate.engines.sensitive.names.decoding import ADDRESS_BEGINS, ADDRESS_GOES_ON, Found, marked, names_in
from casemate.engines.sensitive.names.gate import stretches
from casemate.engines.sensitive.names.lexicons import COMMON, COMPANY, FAMILY, GIVEN, Lexicons
from casemate.engines.sensitive.names.tagger import Tagger
from casemate.engines.sensitive.names.tokens import Tokens, tokens_of

SURE_ENOUGH: Final = 0.5
UNKNOWN_SURE_ENOUGH: Final = 0.85
"""What the model must be sure of where no list knows a word of the name."""

SMALL_SURE_ENOUGH: Final = 0.9
"""The same for names all in small letters, which are rare and look like any other words."""

UNSURE: Final = 0.8
"""Names below this are shown to the larger model, where there is one."""

SAMPLE: Final = 200
"""Values of a column that are looked at."""

MOST_OF_COLUMN: Final = 0.6
NAMED_COLUMN: Final = 0.35
WHOLE_VALUE: Final = 0.75
"""Of a value's characters, what a name must cover for the value to be one."""

AROUND: Final = 200

SHORT: Final = 2000
"""Characters: of a shorter text no regions are worth telling apart."""

_NAME_HEADER: Final = re.compile(
    r"(?:^|[\W_])(?:full|customer|client|employee|patient|contact|person|member|guest|student|teacher|owner|holder|account|"
    r"card|recipient|sender|beneficiary|insured|author|manager|agent|driver|passenger|applicant|name|names|nom|nombre|nome|"
    r"naam|namn|navn|nazwisko|nom[_ ]complet|kunde|patientin|cliente|empleado|dipendente|titular)(?:$|[\W_])|"
    r"(?i:fullname|customername|personname|employeename|contactname|patientname)"
)
_OTHER_HEADER: Final = re.compile(
    r"(?:^|[\W_])(?:file|host|user|product|company|city|country|state|street|domain|server|database|table|column|brand|model|"
    r"event|project|team|department|store|bank|item|category|title|organi[sz]ation|school|university|hospital|region|place)"
    r"(?:$|[\W_])"
)
_ADDRESS_HEADER: Final = re.compile(
    r"addres|adress|anschrift|direcci|indirizzo|domicil|residen|morada|location|shipping|billing|street", re.IGNORECASE
)


class NameFinder:
    """Finds names and addresses. One for each thread.

    `gated` looks only at what stands around two neighbouring capitalised words; without it names in small letters are
    found too, at a fraction of the speed. `larger` is the path of another model of the same form (docs/model-card.md),
    asked about the lines that the first is unsure of.
    """

    def __init__(self, *, gated: bool = True, larger: Path | None = None) -> None:
        self._lexicons = Lexicons.shipped()
        self._tagger = Tagger.shipped(self._lexicons)
        self._larger = Tagger.from_file(larger, self._lexicons) if larger is not None else None
        self._gated = gated

    def find(self, text: str, kinds: Collection[str] = ("NAME", "ADDRESS")) -> list[Found]:
        """Names and addresses in a text of up to 64 Ki characters, in order, none overlapping."""
        if not self._gated or len(text) < SHORT:
            return self._find(text, kinds)
        from casemate.engines.sensitive.names.regions import regions  # noqa: PLC0415  NumPy, where texts are long

        return [
            Found(one.start + start, one.end + start, one.kind, one.score)
            for start, end in regions(text)
            for one in self._find(text[start:end], kinds)
        ]

    def _find(self, text: str, kinds: Collection[str]) -> list[Found]:
        addresses = self._addresses(text)
        if "NAME" not in kinds:
            return addresses
        names = self._names(text, stretches(text) if self._gated else [(0, len(text))])
        within = [name for name in names if not any(one.start <= name.start < one.end for one in addresses)]
        return sorted([*within, *addresses], key=lambda one: (one.start, one.end))

    def classify_column(self, header: str, values: Sequence[str]) -> Literal["NAME", "ADDRESS"] | None:
        """What a column of a table holds, from its name and up to 1,000 distinct values."""
        step = max(1, len(values) // SAMPLE)
        sample = [" ".join(value.split())[:300] for value in values[::step][:SAMPLE] if value.strip()]
        if not sample:
            return None
        addresses = sum(bool(self._addresses(value)) for value in sample) / len(sample)
        if addresses >= (NAMED_COLUMN / 2 if _ADDRESS_HEADER.search(header) else MOST_OF_COLUMN):
            return "ADDRESS"
        names = self._share_of_names(sample)
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", header).lower()
        other = bool(_OTHER_HEADER.search(spaced))
        named = bool(_NAME_HEADER.search(spaced)) and not other
        return "NAME" if names >= (NAMED_COLUMN if named else MOST_OF_COLUMN + 0.25 * other) else None

    def _share_of_names(self, values: list[str]) -> float:
        """The share of values that are a full name and nothing else."""
        text = "\n".join(values)
        covered = [0] * len(values)
        starts = [0]
        for value in values:
            starts.append(starts[-1] + len(value) + 1)
        row = 0
        for name in self._names(text, [(0, len(text))]):
            while name.start >= starts[row + 1]:
                row += 1
            covered[row] += name.end - name.start
        whole = sum(size >= WHOLE_VALUE * len(value) for size, value in zip(covered, values, strict=True))
        return whole / len(values)

    def _names(self, text: str, parts: Sequence[tuple[int, int]]) -> list[Found]:
        found = _tagged(self._tagger, text, parts)
        if self._larger is not None:
            found = self._asked_again(text, found)
        return [name for name in found if name.score >= self._least(text[name.start : name.end])]

    def _asked_again(self, text: str, found: list[Found]) -> list[Found]:
        """Lines with a name that is unsure are the larger model's to judge."""
        assert self._larger is not None
        lines = {
            (text.rfind("\n", 0, name.start) + 1, len(text) if (end := text.find("\n", name.end)) < 0 else end)
            for name in found
            if name.score < UNSURE
        }
        kept = [name for name in found if not any(start <= name.start < end for start, end in lines)]
        again = _tagged(self._larger, text, [_lines_around(text, *line) for line in sorted(lines)])
        kept += {one for one in again if any(start <= one.start < end for start, end in lines)}
        return sorted(kept, key=lambda one: one.start)

    def _least(self, name: str) -> float:
        """What the model must be sure of: more where the lists know no word of the name, or know only other words."""
        if name == name.lower():
            return SMALL_SURE_ENOUGH
        flags = [self._lexicons.flags(word.lower()) for word in re.split(r"[\s-]+", name) if len(word) > 1]
        if any(flag & COMPANY for flag in flags):
            return UNKNOWN_SURE_ENOUGH
        known = any(flag & (GIVEN | FAMILY) and not (flag & COMMON and not flag & GIVEN) for flag in flags)
        return SURE_ENOUGH if known else UNKNOWN_SURE_ENOUGH

    def _addresses(self, text: str) -> list[Found]:
        found = []
        for one in candidates(text, self._lexicons):
            score = 0.95 if one.sure else self._chance_of_address(text, one.start, one.end)
            if score >= SURE_ENOUGH:
                found.append(Found(one.start, one.end, "ADDRESS", score))
        return found

    def _chance_of_address(self, text: str, start: int, end: int) -> float:
        begin = max(0, start - AROUND)
        tokens = tokens_of(text[begin : end + AROUND])
        chances = self._tagger.chances(tokens)
        inside = [i for i, place in enumerate(tokens.starts) if start <= place + begin < end]
        if not inside:
            return 0.0
        return float(chances[inside][:, [ADDRESS_BEGINS, ADDRESS_GOES_ON]].sum(axis=1).mean())


def _lines_around(text: str, start: int, end: int) -> tuple[int, int]:
    """A line, and the lines around it that a model sees with it."""
    start = text.rfind("\n", 0, max(0, start - AROUND)) + 1
    end = text.find("\n", min(len(text), end + AROUND))
    return start, len(text) if end < 0 else end


def _tagged(tagger: Tagger, text: str, parts: Sequence[tuple[int, int]]) -> list[Found]:
    """Names in some parts of a text: all are shown to the model at once, a line's end between them."""
    tokens = Tokens([], [], [])
    for start, end in parts:
        part = tokens_of(text[start:end])
        tokens.words.extend(part.words)
        tokens.starts.extend([place + start for place in part.starts])
        tokens.ends.extend([place + start for place in part.ends])
        if end < len(text):
            tokens.words.append("\n")
            tokens.starts.append(end)
            tokens.ends.append(end + 1)
    if not tokens.words:
        return []
    chances = tagger.chances_of_names(tokens)
    return names_in(tokens, marked(chances.argmax(axis=1)), chances)
