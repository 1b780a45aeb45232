"""IBANs that nobody asked for: never reported, but what is part of one is nothing else either."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from casemate.engines.sensitive.catalogue import Identifier
from casemate.engines.sensitive.rules import Form, Rule, compile_rule
from casemate.engines.sensitive.settling import Candidate, Candidates

IBAN_CHECK: Final = "iban"
IBAN_SCORE: Final = 41
"""That of a check digit with a keyword right before it: an IBAN is sure without one, so no keyword speaks louder."""

_IBAN: Final = re.compile(rb"(?<![0-9A-Za-z_])([A-Za-z]{2})\d\d[ \-]?[0-9A-Za-z]{4}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_LONGEST: Final = 44
_BEGINS: Final = 9


class UnchosenIbans:
    """Claims of identifiers that are not chosen, in the numbers that follow those of the chosen rules."""

    def __init__(self, chosen: Sequence[Rule], unchosen: Iterable[Identifier]) -> None:
        self._first = len(chosen)
        self._weak = frozenset(
            number
            for number, rule in enumerate(chosen)
            if any(form.check is None for form in (*rule.forms, *rule.free))
        )
        self._identifiers = tuple(
            each for each in unchosen if any(form.validator == IBAN_CHECK for form in each.pattern)
        )
        self.rules: tuple[Rule, ...] = ()
        self._forms: dict[bytes, list[tuple[int, Form]]] = {}

    def claims(self, data: bytes, found: Candidates) -> list[Candidate]:
        """IBANs around candidates that no check digit speaks for."""
        weak = self._weak
        if not weak or not self._identifiers:
            return []
        claims: set[Candidate] = set()
        spans = {(one[0], one[1]) for one in found.loose if one[2] in weak}
        for block in found.blocks:
            if len(block) and int(block[0, 2]) in weak:
                spans.update(zip(block[:, 0].tolist(), block[:, 1].tolist(), strict=True))
        for start, end in spans:
            for match in _IBAN.finditer(data, max(0, start - _LONGEST), end + _BEGINS):
                for number, form in self._of(match[1].upper()):
                    whole = form.regex.match(data, match.start())
                    if whole is None or whole.end() <= start:
                        continue
                    if form.holds(whole[0].decode("latin-1"), self.rules[number - self._first].never):
                        claims.add((*whole.span(), number, IBAN_SCORE))
        return sorted(claims)

    def _of(self, country: bytes) -> Sequence[tuple[int, Form]]:
        if not self.rules:  # compiled where the first candidate asks: most scans never need them
            self.rules = tuple(map(compile_rule, self._identifiers))
            for number, rule in enumerate(self.rules):
                countries = [
                    _COUNTRY.match(each.regex) for each in rule.identifier.pattern if each.validator == IBAN_CHECK
                ]
                forms = [form for form in rule.free if form.check_name == IBAN_CHECK]
                for country_of, form in zip(countries, forms, strict=True):
                    assert country_of is not None
                    self._forms.setdefault(country_of[0].encode(), []).append((self._first + number, form))
        return self._forms.get(country, ())
