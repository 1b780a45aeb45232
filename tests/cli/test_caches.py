"""Where commands keep what they would compile again."""

from __future__ import annotations

from pathlib import Path

import pytest

from casemate.cli.caches import cache_of_user


def test_is_made_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = cache_of_user("waf")
    assert folder == tmp_path / "casemate" / "waf"
    assert folder.stat().st_mode & 0o077 == 0
    assert folder.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("open_to_all", ["casemate", "casemate/waf"])
def test_is_not_used_where_others_can_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_to_all: str) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_of_user("waf") is not None
    (tmp_path / open_to_all).chmod(0o777)
    assert cache_of_user("waf") is None


def test_is_not_used_where_it_cant_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert cache_of_user("waf") is None
