"""Clocks, times and durations."""

from __future__ import annotations

from pathlib import Path

import pytest

from casemate.foundation.clock import ManualClock, SharedClock, iso, parse_duration, parse_iso


def test_shared_clock_offset_is_seen_by_every_holder_of_the_file(tmp_path: Path) -> None:
    one, other = SharedClock(tmp_path / "clock"), SharedClock(tmp_path / "clock")
    one.offset = 86_400.0
    assert other.offset == 86_400.0
    assert 86_399 < other.now() - other.real() < 86_401
    one.close()
    other.close()


def test_manual_clock_stands_still_until_told() -> None:
    clock = ManualClock(100.0)
    assert clock.now() == clock.real() == 100.0
    clock.advance(5)
    assert clock.now() == 105.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("12h", 43_200), ("366d", 31_622_400), ("1h30m", 5_400), ("1.5m", 90), ("2w", 1_209_600)],
)
def test_duration_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "d", "5 days", "-3d", "3x", "1h5"])
def test_duration_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        parse_duration(text)


def test_iso_round_trip_in_whole_seconds() -> None:
    assert iso(1_795_540_200.9) == "2026-11-24T17:10:00Z"
    assert parse_iso("2026-11-24T17:10:00Z") == 1_795_540_200.0
    assert parse_iso("2026-11-24T17:10:00") == parse_iso("2026-11-24T17:10:00+00:00")
