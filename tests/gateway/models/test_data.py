"""The files made from botocore are what their generators make today."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("script", ["build_models.py", "build_shapes.py", "build_acl_members.py"])
def test_generated_files_are_current(script, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", [script, "--check"])
    with pytest.raises(SystemExit) as left:
        runpy.run_path(str(ROOT / "scripts" / script), run_name="__main__")
    assert left.value.code == 0, capsys.readouterr().out
