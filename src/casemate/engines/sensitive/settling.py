"""Which of several claims to one text stands: by strength of form, keyword and hints; equals all stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from casemate.engines.sensitive.keyword_index import MANY
from casemate.engines.sensitive.rules import Rule
from casemate.engines.sensitive.validators.places import in_numbering_plan

if TYPE_CHECKING:
    from casemate.engines.sensitive.bulk import Numbers

Found = tuple[int, int, int]
"""A text that counts: bytes from the first number to before the second; the third is its rule's."""
Candidate = tuple[int, int, int, int]
"""As `Found`, and a score."""

_HINT_REACH: Final = 60
_HINT_BONUS: Final = 8
_SPELLING_BONUS: Final = 4
_PLAN_BONUS: Final = 4
_TIE: Final = 3


class Candidates:
    """What was found and is not yet settled: one by one, or in arrays where it is much."""

    def __init__(self) -> None:
        self.loose: list[Candidate] = []
        self.blocks: list[Numbers] = []
        """A row for each, as `Candidate`."""

    def __len__(self) -> int:
        return len(self.loose) + sum(map(len, self.blocks))

    def add(self, candidate: Candidate) -> None:
        self.loose.append(candidate)

    def add_many(self, starts: Numbers, ends: Numbers, number: int, scores: Numbers | int) -> None:
        """Candidates of one rule."""
        import numpy as np  # noqa: PLC0415 - only where much is found

        block = np.empty((len(starts), 4), dtype=np.int64)
        block[:, 0], block[:, 1], block[:, 2], block[:, 3] = starts, ends, number, scores
        self.blocks.append(block)


class Settled:
    """What stands, in the order of beginnings: one by one, or in arrays."""

    def __init__(self, loose: Sequence[Found] = (), block: Numbers | None = None) -> None:
        self._loose = loose
        self._block = block

    def __len__(self) -> int:
        return len(self._loose) if self._block is None else len(self._block)

    def __iter__(self) -> Iterator[Found]:
        return iter(
            self._loose if self._block is None else [(one, two, three) for one, two, three in self._block.tolist()]
        )

    def of(self, rules: frozenset[int]) -> list[Found]:
        """Those of some rules."""
        if self._block is None:
            return [each for each in self._loose if each[2] in rules]
        import numpy as np  # noqa: PLC0415 - only where much is found

        chosen = self._block[np.isin(self._block[:, 2], sorted(rules))]
        return [(start, end, rule) for start, end, rule in chosen.tolist()]

    def arrays(self) -> tuple[Numbers, Numbers, Numbers]:
        """Beginnings, ends and numbers of rules."""
        import numpy as np  # noqa: PLC0415 - only where much is found

        block = np.array(self._loose, dtype=np.int64).reshape(-1, 3) if self._block is None else self._block
        return block[:, 0], block[:, 1], block[:, 2]


def settle(data: bytes, rules: Sequence[Rule], found: Candidates, context: bytes) -> Settled:
    """Of candidates that overlap, the better ones. `context` is what else may hold hints."""
    if found.blocks and len(found) >= MANY:
        return _settle_at_once(data, rules, found, context)
    one_by_one = sorted({*found.loose, *(tuple(row) for block in found.blocks for row in block.tolist())})
    if all(one[1] <= other[0] for one, other in pairwise(one_by_one)):
        return Settled([(start, end, rule) for start, end, rule, _ in one_by_one])
    settled: list[Found] = []
    group: list[Candidate] = []
    reach = -1
    for candidate in one_by_one:
        if group and candidate[0] >= reach:
            settled += _best(data, rules, group, context)
            group = []
            reach = -1
        group.append(candidate)
        reach = max(reach, candidate[1])
    settled += _best(data, rules, group, context)
    return Settled(sorted(settled))


def _settle_at_once(data: bytes, rules: Sequence[Rule], found: Candidates, context: bytes) -> Settled:
    """The same in arrays: only where candidates of several texts or rules overlap they are looked at one by one."""
    import numpy as np  # noqa: PLC0415 - only where much is found

    given = np.concatenate([np.array(found.loose, dtype=np.int64).reshape(-1, 4), *found.blocks])
    order = np.lexsort((given[:, 3], given[:, 2], given[:, 1], given[:, 0]))
    given = given[order]
    first = np.ones(len(given), dtype=np.bool_)
    first[1:] = given[1:, 0] >= np.maximum.accumulate(given[:, 1])[:-1]
    group = np.cumsum(first) - 1
    same = np.ones(len(given), dtype=np.bool_)
    same[1:] = (given[1:, :3] == given[:-1, :3]).all(axis=1) | first[1:]
    alone = np.bincount(group, weights=~same) == 0
    kept = [given[first & alone[group]][:, :3]]
    begins = np.flatnonzero(first)
    bounds = np.append(begins, len(given))
    settled: list[Found] = []
    for number in np.flatnonzero(~alone).tolist():
        rivals = [tuple(row) for row in given[bounds[number] : bounds[number + 1]].tolist()]
        settled += _best(data, rules, rivals, context)
    if settled:
        kept.append(np.array(settled, dtype=np.int64).reshape(-1, 3))
        block = np.concatenate(kept)
        return Settled(block=block[np.lexsort((block[:, 2], block[:, 1], block[:, 0]))])
    return Settled(block=kept[0])


def _best(data: bytes, rules: Sequence[Rule], group: Sequence[Candidate], context: bytes) -> list[Found]:
    if len(group) == 1:
        return [group[0][:3]]
    around = data[max(0, group[0][0] - _HINT_REACH) : group[-1][1] + _HINT_REACH] + b" " + context
    scored: dict[tuple[int, int, int], int] = {}
    for start, end, number, score in group:
        rule = rules[number]
        region = rule.identifier.region
        planned = region is not None and in_numbering_plan(data[start:end].decode("latin-1"), region)
        key = (start, end, number)
        bonus = _PLAN_BONUS if planned else 0
        if rule.hints is not None and rule.hints.search(around) is not None:
            bonus += _HINT_BONUS
        elif rule.spelling is not None and rule.spelling.search(around) is not None:
            bonus += _SPELLING_BONUS
        scored[key] = max(scored.get(key, 0), score + bonus)
    kept: list[tuple[int, int, int]] = []
    for key in sorted(scored, key=lambda key: (-scored[key], key[0] - key[1], key)):
        start, end, _ = key
        rivals = [other for other in kept if other[0] < end and start < other[1]]
        if all(other[:2] == key[:2] and scored[key] >= scored[other] - _TIE for other in rivals):
            kept.append(key)
    return kept
