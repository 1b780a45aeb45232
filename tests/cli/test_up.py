"""`casemate up`: start, stop, restart of what dies, control, and what is refused."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from tests.conftest import Process, eventually, fetch

Start = Callable[..., Process]


def test_up_serves_drains_and_exits_zero(start: Start) -> None:
    server = start("--workers", "2", "--test")
    server.ready()
    assert server.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert server.get("/_casemate/health")[0] == 200
    assert server.get("/_casemate/live") == (200, b'{"live":true}\n')
    children = server.pids("worker") + server.pids("keeper")
    assert len(children) == 3
    assert server.stop() == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)


def test_data_survives_a_restart(start: Start) -> None:
    first = start()
    first.ready()
    key = first.client("kms").create_key()["KeyMetadata"]["KeyId"]
    blob = first.client("kms").encrypt(KeyId=key, Plaintext=b"kept")["CiphertextBlob"]
    assert first.stop() == 0
    second = start(data=first.data)
    second.ready()
    assert second.client("kms").decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"


@pytest.mark.parametrize("role", ["worker", "keeper"])
def test_killed_child_is_started_again(start: Start, role: str) -> None:
    server = start("--workers", "1", "--test")
    server.ready()
    (pid,) = server.pids(role)
    os.kill(pid, signal.SIGKILL)
    eventually(lambda: server.pids(role) not in ([], [pid]))
    eventually(lambda: server.get("/_casemate/health")[0] == 200)
    assert server.client("kms", attempts=5).list_keys()["Keys"] == []


def test_children_leave_when_the_supervisor_is_killed(start: Start) -> None:
    server = start("--workers", "2")
    server.ready()
    children = server.pids("worker") + server.pids("keeper")
    server.popen.kill()
    server.popen.wait()
    eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))


def test_secrets_lie_in_private_files(start: Start) -> None:
    server = start()
    server.ready()
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    for name in ("credentials.json", "root.key", "seal.json", "control.sock"):
        assert stat.S_IMODE((server.data / name).stat().st_mode) == 0o600, name
    secret = json.loads((server.data / "credentials.json").read_text())["secret_access_key"].encode()
    others = []
    for path in server.data.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # one that was only on its way to its name
            others += [path.read_bytes()] if path.is_file() and path.name != "credentials.json" else []
    assert others
    assert not any(secret in content for content in others)


def test_second_server_on_the_same_directory_is_refused(start: Start) -> None:
    first = start()
    first.ready()
    second = start(data=first.data)
    assert second.popen.wait(30) == 1
    assert "another Casemate server runs" in second.log.read_text()


def test_taken_port_is_refused(start: Start, tmp_path: Path) -> None:
    first = start()
    port = first.ready().rpartition(":")[2]
    second = start("--listen", f"127.0.0.1:{port}", data=tmp_path / "other")
    assert second.popen.wait(30) == 1
    assert f"127.0.0.1:{port} is in use by another process" in second.log.read_text()


def test_address_of_another_machine_is_refused(start: Start) -> None:
    refused = start("--test", "--plain-http", "--listen", "192.0.2.1:4566")
    assert refused.popen.wait(30) == 1
    assert "192.0.2.1:4566 can't be listened at" in refused.log.read_text()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--listen", "0.0.0.0:0"], "is not loopback"),
        (["--listen", "nonsense"], "--listen takes ADDRESS:PORT"),
        (["--account", "12"], "--account takes 12 digits"),
        (["--tls-cert", "x.pem"], "--tls-cert and --tls-key go together"),
        (["--tls", "--tls-cert", "a", "--tls-key", "b"], "give either --tls or --tls-cert"),
        (["--workers", "-1"], "--workers takes a number"),
        (["--open", "--listen", "0.0.0.0:0", "--tls"], "--open accepts any credentials"),
    ],
)
def test_wrong_options_are_refused_with_exit_code_two(tmp_path: Path, options: list[str], says: str) -> None:
    command = [sys.executable, "-m", "casemate.cli.main", "up", "--data", str(tmp_path / "d"), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert says in done.stderr


def test_account_other_than_the_directory_s_is_refused(start: Start) -> None:
    first = start("--account", "111111111111")
    first.ready()
    first.stop()
    second = start("--account", "222222222222", data=first.data)
    assert second.popen.wait(30) == 2
    assert "was made for account 111111111111" in second.log.read_text()
    start(data=first.data).ready()


def test_directory_without_test_refuses_test(start: Start) -> None:
    first = start()
    first.ready()
    first.stop()
    second = start("--test", data=first.data)
    assert second.popen.wait(30) == 2
    assert "was not made with --test" in second.log.read_text()


def test_reset_empties_and_keeps_the_administrator(start: Start) -> None:
    server = start("--workers", "2", "--test")
    server.ready()
    kms = server.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    server.command("clock", "advance", "3d")
    assert server.post("/_casemate/reset")[0] == 200
    assert kms.list_keys()["Keys"] == []
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId=key)
    assert json.loads(server.command("clock", "show", "--json").stdout)["offset"] == 0.0


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({"Origin": "http://evil.example"}, None, 403),
        ({"Host": "evil.example"}, None, 403),
        ({}, {"something": 1}, 400),
        ({}, None, 200),
    ],
)
def test_reset_is_guarded(start: Start, headers: dict[str, str], body: object, status: int) -> None:
    server = start("--workers", "1", "--test")
    server.ready()
    assert server.post("/_casemate/reset", body, headers)[0] == status


def test_steering_needs_a_test_server(start: Start) -> None:
    server = start("--workers", "1")
    server.ready()
    for name in ("reset", "clock", "region", "seed"):
        assert server.post(f"/_casemate/{name}")[0] == 403, name
    assert server.command("clock", "advance", "1d").returncode == 1
    assert server.command("clock", "show").returncode == 0


def test_stopped_region_answers_503_and_the_other_goes_on(start: Start) -> None:
    server = start("--workers", "2", "--test")
    server.ready()
    here, there = server.client("kms"), server.client("kms", "eu-west-1")
    here.create_key()
    there.create_key()
    assert server.command("region", "stop", "us-east-1").returncode == 0
    folder = next(server.data.glob("g*/regions/us-east-1"))
    folder.rename(server.data.parent / "away")
    for _ in range(4):  # each worker
        with pytest.raises(here.exceptions.ClientError) as refusal:
            here.list_keys()
        assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert len(there.list_keys()["Keys"]) == 1
    (server.data.parent / "away").rename(folder)
    assert server.command("region", "start", "us-east-1").returncode == 0
    assert len(here.list_keys()["Keys"]) == 1


def test_reset_keys_stops_the_old_key_at_once(start: Start) -> None:
    server = start("--workers", "2")
    server.ready()
    old = server.client("sts")
    old.get_caller_identity()
    assert server.command("admin", "reset-keys").returncode == 0
    for _ in range(4):
        with pytest.raises(old.exceptions.ClientError) as refusal:
            old.get_caller_identity()
        assert refusal.value.response["Error"]["Code"] == "InvalidClientTokenId"
    assert server.client("sts").get_caller_identity()["Arn"].endswith("user/admin")


def test_reset_keys_is_never_on_http(start: Start) -> None:
    server = start("--workers", "1", "--test")
    server.ready()
    assert server.post("/_casemate/admin-reset-keys")[0] == 404


def test_open_takes_any_credentials_as_root(start: Start) -> None:
    import boto3

    server = start("--workers", "1", "--test", "--open")
    url = server.ready()
    for given, account in (("210987654321", "210987654321"), ("whatever", "123456789012")):
        sts = boto3.client(
            "sts", region_name="us-east-1", endpoint_url=url, aws_access_key_id=given, aws_secret_access_key="x"
        )
        assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{account}:root"


def test_local_tls_is_trusted_by_its_ca_and_reloads(start: Start) -> None:
    import boto3

    server = start("--workers", "1", "--tls")
    url = server.ready()
    assert url.startswith("https://127.0.0.1:")
    keys = json.loads((server.data / "credentials.json").read_text())
    sts = boto3.client(
        "sts",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id=keys["access_key_id"],
        aws_secret_access_key=keys["secret_access_key"],
        verify=str(server.data / "tls" / "ca.pem"),
    )
    assert sts.get_caller_identity()["Account"] == "123456789012"
    assert f"AWS_CA_BUNDLE={server.data}/tls/ca.pem" in server.command("env").stdout
    server.popen.send_signal(signal.SIGHUP)
    assert sts.get_caller_identity()["Account"] == "123456789012"


def test_local_tls_on_a_directory_made_without_it(start: Start) -> None:
    first = start("--workers", "1")
    first.ready()
    first.stop()
    second = start("--workers", "1", "--tls", data=first.data)
    assert second.ready().startswith("https://")


def test_what_tests_may_do_ends_with_the_test_option(start: Start) -> None:
    first = start("--workers", "1", "--test")
    first.ready()
    assert first.post("/_casemate/reset")[0] == 200
    first.post("/_casemate/clock", {"advance": "8d"})
    first.stop()
    first.log.write_text("")
    second = start("--workers", "1", data=first.data)
    second.ready()
    eventually(lambda: "Type next" in second.log.read_text())
    told = second.log.read_text()
    assert "a test server" not in told
    assert "made with --test, and its clock is 8.0 days ahead" in told
    assert json.loads(second.get("/_casemate/health")[1])["test"] is False
    for name in ("reset", "clock", "region", "seed"):
        assert second.post(f"/_casemate/{name}")[0] == 403, name
    assert second.command("clock", "advance", "1d").returncode == 1


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("clock", {"advance": "x"}),
        ("clock", {"set": "5"}),
        ("clock", {"advance": "99999999999999d"}),
        ("clock", {"advnace": "1d"}),
        ("region", {"name": "../x", "state": "stopped"}),
        ("region", {"name": "nope-1", "action": "stop"}),
        ("region", {"nmae": "eu-west-1"}),
        ("seed", {"keys": 5}),
        ("seed", {"keys": [{"account": "1"}]}),
    ],
)
def test_wrong_steering_is_refused_and_says_why(start: Start, name: str, body: dict[str, object]) -> None:
    server = start("--workers", "1", "--test")
    server.ready()
    status, answer = server.post(f"/_casemate/{name}", body)
    assert status == 400, answer
    assert b"Error" not in answer
    assert server.post("/_casemate/clock", {"advance": "1s"})[0] == 200


def test_open_directory_is_closed_to_others(start: Start, tmp_path: Path) -> None:
    (tmp_path / "wide").mkdir(mode=0o755)
    server = start("--workers", "1", data=tmp_path / "wide")
    server.ready()
    assert stat.S_IMODE((tmp_path / "wide").stat().st_mode) == 0o700


@pytest.mark.parametrize("arguments", [("advance", "5x"), ("set", "junk")])
def test_clock_with_wrong_words_is_wrong_usage(start: Start, arguments: tuple[str, str]) -> None:
    server = start("--workers", "1", "--test")
    server.ready()
    done = server.command("clock", *arguments)
    assert done.returncode == 2
    assert arguments[1] in done.stderr


def test_metrics_count_what_was_answered(start: Start) -> None:
    server = start("--workers", "1")
    url = server.ready()
    kms = server.client("kms")
    kms.list_keys()
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId="00000000-0000-0000-0000-000000000000")
    text = fetch(f"{url}/_casemate/metrics")[1].decode()
    assert 'casemate_requests_answered_total{operation="kms:ListKeys"} 1' in text
    assert 'casemate_requests_refused_total{operation="kms:DescribeKey",code="NotFoundException"} 1' in text


def test_new_administrator_keys_outlast_a_reset(start: Start) -> None:
    server = start("--test", "--workers", "1")
    server.ready()
    old = server.client("kms")
    old.list_keys()
    assert server.command("admin", "reset-keys").returncode == 0
    for _ in range(5):  # more than lie ready
        assert server.post("/_casemate/reset")[0] == 200
        server.client("kms").list_keys()
        with pytest.raises(ClientError, match=r"UnrecognizedClientException|InvalidClientTokenId"):
            old.list_keys()
