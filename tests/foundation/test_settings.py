"""Settings: from where, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from casemate.foundation.errors import UsageError
from casemate.foundation.settings import load


def test_flag_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    (tmp_path / "casemate.toml").write_text('workers = 3\nlog_level = "error"\naccount = "111111111111"\n')
    environment = {"CASEMATE_WORKERS": "4", "CASEMATE_ACCOUNT": "222222222222"}
    settings, sources, _ = load({"data": str(tmp_path), "account": "333333333333"}, environment)
    assert (settings.account, settings.workers, settings.log_level) == ("333333333333", 4, "error")
    assert [sources[name] for name in ("account", "workers", "log_level", "region")] == [
        "flag",
        "environment",
        "file",
        "default",
    ]


def test_data_directory_by_xdg(tmp_path: Path) -> None:
    assert load({}, {"XDG_DATA_HOME": str(tmp_path)}).settings.data == str(tmp_path / "casemate")


@pytest.mark.parametrize("text", ["1", "true", "YES", "on"])
def test_switch_in_the_environment(tmp_path: Path, text: str) -> None:
    assert load({"data": str(tmp_path)}, {"CASEMATE_TEST": text}).settings.test


@pytest.mark.parametrize(
    ("flags", "environment"),
    [
        ({"account": "12345"}, {}),
        ({"listen": "127.0.0.1"}, {}),
        ({"listen": "127.0.0.1:99999"}, {}),
        ({"listen": "192.0.2.1:80"}, {}),
        ({"listen": "192.0.2.1:80", "plain_http": True}, {}),
        ({"open": True, "listen": "192.0.2.1:80", "tls": True}, {}),
        ({"tls_cert": "x"}, {}),
        ({}, {"CASEMATE_TEST": "maybe"}),
        ({}, {"CASEMATE_WORKERS": "many"}),
        ({}, {"CASEMATE_LOG_LEVEL": "loud"}),
        ({"test_kill_at": "committed:5"}, {}),
        ({"config": "/nowhere/at/all.toml"}, {}),
    ],
)
def test_setting_that_cannot_be_taken_is_refused(
    tmp_path: Path, flags: dict[str, object], environment: dict[str, str]
) -> None:
    with pytest.raises(UsageError):
        load({"data": str(tmp_path), **flags}, environment).settings.address  # noqa: B018 - looked at when used


def test_plain_http_beyond_loopback_only_for_tests(tmp_path: Path) -> None:
    flags = {"data": str(tmp_path), "listen": "0.0.0.0:0", "plain_http": True, "test": True}
    assert load(flags, {}).settings.address == ("0.0.0.0", 0)


def test_unknown_name_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "casemate.toml").write_text("wrokers = 3\n")
    with pytest.raises(UsageError, match="wrokers"):
        load({"data": str(tmp_path)}, {})


def test_variables_that_are_no_settings_are_told() -> None:
    environment = {"CASEMATE_WORKER": "3", "CASEMATE_LOG_LEVEL": "debug", "CASEMATE_TEST_DATA": "x", "OTHER": "y"}
    assert load({"data": "/d"}, environment).strangers == ("CASEMATE_WORKER",)
