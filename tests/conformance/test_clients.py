"""Real clients, unmodified, against a running server: the AWS CLI, the JavaScript SDK, the Encryption SDK."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.conftest import Process

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    process = Process(tmp_path_factory.mktemp("clients") / "data", "--workers", "2", "--test")
    process.ready()
    yield process
    assert process.stop() == 0


def environment(server: Process) -> dict[str, str]:
    keys = json.loads((server.data / "credentials.json").read_text())
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": keys["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": keys["secret_access_key"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_REGION": "us-east-1",
        "AWS_PAGER": "",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def aws(server: Process, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("aws")), *arguments]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment(server),
        cwd=server.data.parent,
    )


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_aws_cli_creates_encrypts_and_decrypts(server: Process, tmp_path: Path) -> None:
    assert answer(aws(server, "sts", "get-caller-identity"))["Account"] == "123456789012"
    key = answer(aws(server, "kms", "create-key", "--tags", "TagKey=team,TagValue=a"))["KeyMetadata"]
    assert isinstance(key, dict)
    plain = tmp_path / "plain"
    plain.write_bytes(b"\x00secret\xff")
    sealed = answer(aws(server, "kms", "encrypt", "--key-id", key["KeyId"], "--plaintext", f"fileb://{plain}"))[
        "CiphertextBlob"
    ]
    blob = tmp_path / "blob"
    blob.write_bytes(base64.b64decode(str(sealed)))
    opened = answer(aws(server, "kms", "decrypt", "--ciphertext-blob", f"fileb://{blob}"))
    assert base64.b64decode(str(opened["Plaintext"])) == plain.read_bytes()


def test_aws_cli_shows_refusals_and_what_is_not_built(server: Process) -> None:
    absent = aws(server, "kms", "describe-key", "--key-id", "00000000-0000-0000-0000-000000000000")
    assert absent.returncode != 0
    assert "(NotFoundException)" in absent.stderr
    unbuilt = aws(server, "guardduty", "list-detectors")
    assert unbuilt.returncode != 0
    assert "guardduty:ListDetectors is not built" in unbuilt.stderr


@pytest.mark.skipif(not shutil.which("npm"), reason="npm is missing: apt-get install npm")
def test_javascript_sdk(server: Process) -> None:
    folder = ROOT / ".venvs" / "javascript"
    source = HERE / "javascript"

    def make() -> None:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(source / name, folder)
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=300)

    provide(folder, source / "package-lock.json", make)
    shutil.copy(HERE / "javascript" / "roundtrip.mjs", folder)
    done = subprocess.run(
        ["node", "roundtrip.mjs"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=environment(server),
    )
    assert done.stdout == "ok\n", done.stderr


def test_encryption_sdk(server: Process) -> None:
    folder = ROOT / ".venvs" / "encryption-sdk"
    lock = HERE / "encryption_sdk" / "requirements.lock"
    python = folder / "bin" / "python"

    def make() -> None:
        uv = shutil.which("uv")
        if uv and subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0:
            subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], check=True)
            install = [uv, "pip", "install", "--quiet", "--python", str(python)]
        else:
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
            pip = shutil.which("pip3") or shutil.which("pip")
            assert pip, "neither uv nor pip is there"
            install = [pip, "--python", str(python), "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--require-hashes", "-r", str(lock)], check=True, timeout=300)

    provide(folder, lock, make)
    kms, there = server.client("kms"), server.client("kms", "eu-west-1")
    single = [kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2)]
    multi = kms.create_key(MultiRegion=True)["KeyMetadata"]
    kms.replicate_key(KeyId=multi["KeyId"], ReplicaRegion="eu-west-1")
    server.command("clock", "advance", "1s")
    replica = there.describe_key(KeyId=multi["KeyId"])["KeyMetadata"]
    assert replica["KeyState"] == "Enabled"
    done = subprocess.run(
        [str(python), str(HERE / "encryption_sdk" / "roundtrip.py"), *single, multi["Arn"], replica["Arn"]],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment(server),
    )
    assert done.stdout == "ok\n", done.stderr[-3000:]


def provide(folder: Path, lock: Path, make: Callable[[], object]) -> None:
    """Make an environment once for each state of its lock file."""
    stamp = folder / ".made-from"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    folder.mkdir(parents=True, exist_ok=True)
    make()
    stamp.write_text(wanted)
