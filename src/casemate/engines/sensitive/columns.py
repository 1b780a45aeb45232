"""Columns of a table: what their names say, and whether they hold names or addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from casemate.contracts.sensitive import NameFinder
from casemate.engines.sensitive.collecting import FileSink
from casemate.engines.sensitive.plans import Plan
from casemate.engines.sensitive.values import InValue, InValues, find_in_values

_SAMPLED: Final = 1000
_PROSE: Final = 24
"""Characters: values longer than this on average may be sentences."""
_SEPARATOR: Final = "\n"


class ColumnScanner:
    """Scans a table batch by batch; what kind of thing a column holds is learned from the first batch."""

    def __init__(self, plan: Plan, columns: Sequence[str | None], sink: FileSink, finder: NameFinder | None) -> None:
        self._plan = plan
        self.columns = [name or "" for name in columns]
        self.named = [plan.named(name) if name else frozenset() for name in self.columns]
        self._sink = sink
        self._finder = finder if plan.names or plan.addresses else None
        self._wanted = {key for key, wanted in (("NAME", plan.names), ("ADDRESS", plan.addresses)) if wanted}
        self._kinds: dict[int, str | None] = {}
        self._of_prose: dict[int, bool] = {}

    @property
    def learns(self) -> bool:
        """Whether every value must be seen, for names or addresses may be in it."""
        return self._finder is not None and any(self._sink.takes(key) for key in self._wanted)

    def scan(self, column: int, values: Sequence[str]) -> InValues:
        """What stands in the values of a column."""
        name = self.columns[column] if column < len(self.columns) else ""
        named = self.named[column] if column < len(self.named) else frozenset()
        found = find_in_values(self._plan, values, name, named, samples=self._sink.samples)
        if self.learns:
            found.loose += self.learned(column, values)
        return found

    def learned(self, column: int, values: Sequence[str]) -> list[InValue]:
        """Names and addresses in a column: every value where the column holds them, else sentence by sentence."""
        found = self._learned(column, values)
        allowed = self._plan.allowed
        return [each for each in found if not allowed(each[2])] if allowed.any else found

    def _learned(self, column: int, values: Sequence[str]) -> list[InValue]:
        assert self._finder is not None
        if column not in self._kinds:
            distinct = list(dict.fromkeys(value for value in values if value))[:_SAMPLED]
            name = self.columns[column] if column < len(self.columns) else ""
            self._kinds[column] = self._finder.classify_column(name, distinct) if distinct else None
        kind = self._kinds[column]
        if kind is not None:
            if kind not in self._wanted:
                return []
            return [(index, kind, value) for index, value in enumerate(values) if value]
        if column not in self._of_prose:
            lengths = [len(value) for value in values if value]
            self._of_prose[column] = sum(lengths) >= _PROSE * max(1, len(lengths))
        return self._in_sentences(values) if self._of_prose[column] else []

    def speaks(self, column: int) -> bool:
        """Whether names or addresses may be in a column: unknown until its first values were seen."""
        if column not in self._kinds or self._kinds[column] in self._wanted:
            return True
        return self._kinds[column] is None and self._of_prose.get(column, True)

    def _in_sentences(self, values: Sequence[str]) -> list[InValue]:
        assert self._finder is not None
        found: list[InValue] = []
        for index, value in enumerate(values):
            if len(value) >= _PROSE:
                found += [
                    (index, span.kind, value[span.start : span.end])
                    for span in self._finder.find(value)
                    if span.kind in self._wanted
                ]
        return found
