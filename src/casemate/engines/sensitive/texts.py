"""Running text: windows over a stream of any length, and the line and column of what is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from casemate.contracts.sensitive import Encoding, NameFinder
from casemate.engines.sensitive.collecting import MOST_LEARNED, FileSink
from casemate.engines.sensitive.keyword_index import MANY
from casemate.engines.sensitive.plans import Plan
from casemate.engines.sensitive.settling import Settled
from casemate.engines.sensitive.values import straightened, straightened_cp1252

WINDOW: Final = 2 * 1024 * 1024
_AHEAD: Final = 144 * 1024
"""Bytes that a window looks ahead of what it decides: more than the widest pattern."""
_BACK: Final = 1024
"""Bytes that a window looks back: more than a keyword and its reach."""
_CHUNK: Final = 48 * 1024

Placed = Callable[[str, str, tuple[int, int, int]], None]
"""Takes a key, the text and its place: first line, last line, column."""
PlacedMany = Callable[[str, bytes, list[str]], None]
"""Takes a key, places as `Occurrences.add_lines` does, and the first few texts."""


class TextScanner:
    """Scans the text of one file, block by block; places go to `placed`, or by the thousand to `many`.

    `samples` is how many texts of each identifier are wanted with their places; None gives all to `placed`.
    """

    def __init__(
        self,
        plan: Plan,
        placed: Placed,
        encoding: Encoding = "utf-8",
        learned: LearnedText | None = None,
        *,
        samples: int | None = None,
        many: PlacedMany | None = None,
    ) -> None:
        self._plan = plan
        self._placed = placed
        self._encoding: Encoding = encoding
        self._straight = straightened if encoding == "utf-8" else straightened_cp1252
        self._learned = learned
        self._samples = samples
        self._many = many
        self._blocks: list[bytes] = []
        self._size = 0
        self._line = 1
        self._column = 0
        """Characters that stand before the window on its first line."""
        self._decided = 0
        """Bytes at the window's beginning that the one before has decided."""

    def feed(self, data: bytes) -> None:
        self._blocks.append(data)
        self._size += len(data)
        if self._size >= WINDOW + _AHEAD:
            window = self._straight(b"".join(self._blocks))
            cut = len(window) - _AHEAD
            self._scan(window, cut)
            keep = max(0, cut - _BACK)
            newline = window.find(b"\n", keep, cut - _BACK // 2)
            if newline >= 0:
                keep = newline + 1
            elif self._encoding == "utf-8":
                while keep and window[keep] & 0xC0 == 0x80:
                    keep -= 1
            self._advance(window, keep)
            self._decided = cut - keep
            self._blocks = [window[keep:]]
            self._size = len(window) - keep

    def close(self) -> None:
        """Scan what is left."""
        window = self._straight(b"".join(self._blocks))
        self._scan(window, len(window) + 1)
        self._blocks = []
        self._size = 0

    def _advance(self, window: bytes, to: int) -> None:
        newlines = window.count(b"\n", 0, to)
        self._column = self._characters(window, 0, to) + (0 if newlines else self._column)
        self._line += newlines

    def _characters(self, window: bytes, low: int, to: int) -> int:
        """Characters between the last line's beginning and `to`."""
        begin = window.rfind(b"\n", low, to) + 1
        prefix = window[max(begin, low) : to]
        return len(prefix) if prefix.isascii() else len(prefix.decode(self._encoding, "replace"))

    def _scan(self, window: bytes, cut: int) -> None:
        plan = self._plan
        line, last = self._line, 0
        texts = self._samples != 0 or plan.allowed.any
        found = plan.text(window)
        if self._many is not None and len(found) >= MANY and not plan.allowed.any and window.isascii():
            self._place_at_once(window, cut, found)
            found = Settled()
        for start, end, rule in found:
            if start >= cut:
                break
            line += window.count(b"\n", last, start)
            last = start
            if start < self._decided:
                continue
            text = window[start:end].decode(self._encoding, "replace") if texts else ""
            if plan.allowed.any and plan.allowed(text):
                continue
            column = self._characters(window, 0, start) + 1 + (self._column if line == self._line else 0)
            self._placed(plan.key(rule), text, (line, line + window.count(b"\n", start, end), column))
        if plan.custom or self._learned is not None:
            self._scan_decoded(window, cut)

    def _place_at_once(self, window: bytes, cut: int, found: Settled) -> None:
        """Lines and columns of many texts, where every byte is a character."""
        import numpy as np  # noqa: PLC0415 - only where much is found

        from casemate.engines.sensitive.bulk import Lines  # noqa: PLC0415 - as above

        assert self._many is not None
        starts, ends, rules = found.arrays()
        decided = (starts < cut) & (starts >= self._decided)
        starts, ends, rules = starts[decided], ends[decided], rules[decided]
        lines = Lines(window)
        before = lines.before(starts)
        columns = starts - lines.begin(before) + 1 + np.where(before == 0, self._column, 0)
        places = np.stack((before + self._line, lines.before(ends) + self._line, columns), axis=1)
        for rule in np.unique(rules).tolist():
            chosen = np.flatnonzero(rules == rule)
            spans = zip(starts[chosen[: self._samples]].tolist(), ends[chosen[: self._samples]].tolist(), strict=True)
            samples = [window[start:end].decode() for start, end in spans] if self._samples else []
            self._many(self._plan.key(rule), places[chosen].tobytes(), samples)

    def _scan_decoded(self, window: bytes, cut: int) -> None:
        """Custom identifiers, names and addresses are looked for in characters rather than bytes."""
        text = window.decode(self._encoding, "replace")
        low = len(window[: self._decided].decode(self._encoding, "replace"))
        high = len(window[:cut].decode(self._encoding, "replace")) + (1 if cut > len(window) else 0)
        spans = [
            (start, end, f"custom:{place}")
            for place, matcher in enumerate(self._plan.custom)
            for start, end in matcher.find(text)
        ]
        if self._learned is not None:
            spans += self._learned.spans(text, low, high)
        line, last = self._line, 0
        for start, end, key in sorted(spans):
            line += text.count("\n", last, start)
            last = start
            if not low <= start < high:
                continue
            found = text[start:end]
            if self._plan.allowed.any and self._plan.allowed(found):
                continue
            begin = text.rfind("\n", 0, start) + 1
            column = start - begin + 1 + (self._column if line == self._line else 0)
            self._placed(key, found, (line, line + found.count("\n"), column))


class LearnedText:
    """Names and addresses in running text, as long as a file's sink takes more of them."""

    def __init__(self, plan: Plan, finder: NameFinder, sink: FileSink) -> None:
        self._plan = plan
        self._finder = finder
        self._sink = sink
        self._wanted = [key for key, wanted in (("NAME", plan.names), ("ADDRESS", plan.addresses)) if wanted]

    def _label(self, name: str) -> bool:
        """Whether a name is none: it holds a digit, or is the label of something else."""
        return any(sign.isdigit() for sign in name) or self._plan.matcher.labelled(name.encode())

    def wanted(self) -> list[str]:
        return [key for key in self._wanted if self._sink.takes(key)]

    def spans(self, text: str, low: int, high: int) -> list[tuple[int, int, str]]:
        """Start, end and key of each between two places of a text, by chunks that end with lines."""
        found: list[tuple[int, int, str]] = []
        counts = {key: self._sink.of(key).count if key in self._sink.found else 0 for key in self._wanted}
        begin = low
        while begin < min(high, len(text)):
            wanted = [key for key in self._wanted if counts[key] < MOST_LEARNED]
            if not wanted:
                break
            end = min(begin + _CHUNK, len(text))
            if end < len(text):
                newline = text.rfind("\n", begin, end)
                space = text.rfind(" ", begin, end) if newline < 0 else newline
                end = space + 1 if space > begin else end
            for span in self._finder.find(text[begin:end], wanted):
                if (
                    span.kind in wanted
                    and counts[span.kind] < MOST_LEARNED
                    and not (span.kind == "NAME" and self._label(text[begin + span.start : begin + span.end]))
                ):
                    counts[span.kind] += 1
                    found.append((begin + span.start, begin + span.end, span.kind))
            begin = end
        return found
