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
_MOST_ANSWERS: Final = 10_000
_NO_DIGITS: Final = bytes(48 if 48 <= byte <= 57 else byte for byte in range(256))


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
    judge = _Judge(data, rules, context)
    if found.blocks and len(found) >= MANY:
        return _settle_at_once(judge, found)
    one_by_one = sorted({*found.loose, *(tuple(row) for block in found.blocks for row in block.tolist())})
    if all(one[1] <= other[0] for one, other in pairwise(one_by_one)):
        return Settled([(start, end, rule) for start, end, rule, _ in one_by_one])
    settled: list[Found] = []
    group: list[Candidate] = []
    reach = -1
    for candidate in one_by_one:
        if group and candidate[0] >= reach:
            settled += judge.best(group)
            group = []
            reach = -1
        group.append(candidate)
        reach = max(reach, candidate[1])
    settled += judge.best(group)
    return Settled(sorted(settled))


def _settle_at_once(judge: _Judge, found: Candidates) -> Settled:
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
    contested = given[~alone[group]]
    sizes = np.bincount(group[~alone[group]])
    rivals = list(map(tuple, contested.tolist()))
    settled: list[Found] = []
    begin = 0
    for size in sizes[sizes > 0].tolist():
        settled += judge.best(rivals[begin : begin + size])
        begin += size
    if settled:
        kept.append(np.array(settled, dtype=np.int64).reshape(-1, 3))
        block = np.concatenate(kept)
        return Settled(block=block[np.lexsort((block[:, 2], block[:, 1], block[:, 0]))])
    return Settled(block=kept[0])


class _Judge:
    """Decides between candidates of one text; the same question is answered once."""

    def __init__(self, data: bytes, rules: Sequence[Rule], context: bytes) -> None:
        self._data = data
        self._rules = rules
        self._context = context
        self._answers: dict[tuple[object, ...], list[Found]] = {}

    def best(self, group: Sequence[Candidate]) -> list[Found]:
        """What stands of candidates that overlap."""
        if len(group) == 1:
            return [group[0][:3]]
        begin = group[0][0]
        around = self._data[max(0, begin - _HINT_REACH) : group[-1][1] + _HINT_REACH] + b" " + self._context
        around = around.translate(_NO_DIGITS)  # hints are words
        asked: list[object] = [around]
        for start, end, number, score in group:
            region = self._rules[number].identifier.region
            planned = region is not None and in_numbering_plan(self._data[start:end].decode("latin-1"), region)
            asked.append((start - begin, end - begin, number, score + (_PLAN_BONUS if planned else 0)))
        question = tuple(asked)
        answer = self._answers.get(question)
        if answer is None:
            if len(self._answers) >= _MOST_ANSWERS:
                self._answers.clear()
            answer = self._answers[question] = self._decide(around, question[1:])  # type: ignore[arg-type]
        return [(begin + start, begin + end, number) for start, end, number in answer]

    def _decide(self, around: bytes, group: Sequence[Candidate]) -> list[Found]:
        scored: dict[Found, int] = {}
        for start, end, number, score in group:
            rule = self._rules[number]
            bonus = 0
            if rule.hints is not None and rule.hints.search(around) is not None:
                bonus = _HINT_BONUS
            elif rule.spelling is not None and rule.spelling.search(around) is not None:
                bonus = _SPELLING_BONUS
            key = (start, end, number)
            scored[key] = max(scored.get(key, 0), score + bonus)
        kept: list[Found] = []
        for key in sorted(scored, key=lambda key: (-scored[key], key[0] - key[1], key)):
            start, end, _ = key
            rivals = [other for other in kept if other[0] < end and start < other[1]]
            if all(other[:2] == key[:2] and scored[key] >= scored[other] - _TIE for other in rivals):
                kept.append(key)
        return kept
