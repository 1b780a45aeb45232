"""A real server for the tests of services: one a session, emptied before each test that asks for it."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import msgspec
import pytest
from botocore.config import Config

_READY_SECONDS = 30
_RETRIES = {"total_max_attempts": 1}


class Credentials(NamedTuple):
    """What a client signs with."""

    access_key_id: str
    secret_access_key: str
    token: str | None = None


class Server:
    """A running `casemate up --test`, and clients for it."""

    def __init__(self, url: str, data: Path) -> None:
        self.url = url
        self.data = data
        facts = msgspec.json.decode((data / "credentials.json").read_bytes())
        self.account: str = facts["account"]
        self.admin = Credentials(facts["access_key_id"], facts["secret_access_key"])
        self._session = boto3.Session()

    def client(self, service: str, credentials: Credentials | None = None, *, region: str = "us-east-1") -> Any:
        """A boto3 client, the administrator's unless credentials are given; it never tries again by itself."""
        signer = credentials or self.admin
        return self._session.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=signer.access_key_id,
            aws_secret_access_key=signer.secret_access_key,
            aws_session_token=signer.token,
            config=Config(retries=_RETRIES, connect_timeout=5, read_timeout=20),  # type: ignore[arg-type]
        )

    def reset(self) -> None:
        """Begin with empty stores and the real time."""
        self._post("/_casemate/reset", b"")

    def advance(self, duration: str) -> None:
        """Step the test clock on, such as `60d`; what falls due on the way has happened when this returns."""
        self._post("/_casemate/clock", msgspec.json.encode({"action": "advance", "value": duration}))

    def user(self, name: str, *statements: dict[str, Any]) -> Credentials:
        """Make a user with an access key and one inline policy of these statements."""
        iam = self.client("iam")
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=self.document(*statements))
        return self.credentials(iam.create_access_key(UserName=name)["AccessKey"])

    @staticmethod
    def document(*statements: dict[str, Any]) -> str:
        """A policy document; a statement without Effect allows, without Resource is about everything."""
        whole = [
            {"Effect": "Allow", **({} if "Principal" in each or "NotResource" in each else {"Resource": "*"}), **each}
            for each in statements
        ]
        return msgspec.json.encode({"Version": "2012-10-17", "Statement": whole}).decode()

    @staticmethod
    def credentials(answer: dict[str, Any]) -> Credentials:
        """From what STS (`Credentials`) or IAM (`AccessKey`) answers."""
        return Credentials(answer["AccessKeyId"], answer["SecretAccessKey"], answer.get("SessionToken"))

    def _post(self, path: str, body: bytes) -> None:
        request = urllib.request.Request(self.url + path, data=body, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                answer.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error


@pytest.fixture(scope="session")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("casemate")
    command = [str(Path(sys.executable).with_name("casemate")), "up", "--data", str(data)]
    command += ["--listen", "127.0.0.1:0", "--workers", "1", "--test"]
    with (
        (data.parent / "server.log").open("wb") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            ready = re.match(r"ready (http://\S+)", line)
            assert ready, f"the server said {line!r}: {(data.parent / 'server.log').read_text()}"
            yield Server(ready[1], data)
        finally:
            process.terminate()
            process.wait(timeout=_READY_SECONDS)


@pytest.fixture
def server(running_server: Server) -> Server:
    running_server.reset()
    return running_server
