"""A real server for the tests of services: one a session, emptied before each test that asks for it."""

from __future__ import annotations

import re
import subprocess
import sys
import urllib.error
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import msgspec
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

_LEAVING_SECONDS = 30
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

    def client(
        self, service: str, credentials: Credentials | None = None, *, region: str = "us-east-1", **config: Any
    ) -> Any:
        """A boto3 client, the administrator's unless credentials are given; it never tries again by itself.

        `config` is more of botocore's: `parameter_validation=False` sends what the SDK would refuse.
        """
        signer = credentials or self.admin
        return self._session.client(
            service,
            endpoint_url=self.url,
            region_name=region,
            aws_access_key_id=signer.access_key_id,
            aws_secret_access_key=signer.secret_access_key,
            aws_session_token=signer.token,
            config=Config(retries=_RETRIES, connect_timeout=5, read_timeout=20, **config),  # type: ignore[arg-type]
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


class Servers:
    """The server of a session: started when first asked for, and anew where it can't be used any more."""

    def __init__(self, directories: pytest.TempPathFactory) -> None:
        self._directories = directories
        self._running: tuple[Server, subprocess.Popen[str]] | None = None

    def empty(self) -> Server:
        """The server, with empty stores."""
        if self._running is not None:
            try:
                self._running[0].reset()
            except (AssertionError, OSError) as error:
                # One test is not to fail because another left the server broken; but it is to be seen.
                warnings.warn(f"the server did not reset and was started anew: {error}", ServerBroken, stacklevel=2)
                self.stop()
        if self._running is None:
            self._running = self._start()
        return self._running[0]

    def _start(self) -> tuple[Server, subprocess.Popen[str]]:
        data = self._directories.mktemp("casemate")
        command = [str(Path(sys.executable).with_name("casemate")), "up", "--data", str(data)]
        command += ["--listen", "127.0.0.1:0", "--workers", "1", "--test"]
        written = data.with_name(data.name + ".log")
        with written.open("wb") as log:
            process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert process.stdout is not None
        line = process.stdout.readline()
        ready = re.match(r"ready (http://\S+)", line)
        if not ready:
            process.terminate()
            process.communicate(timeout=_LEAVING_SECONDS)
            raise AssertionError(f"the server said {line!r}: {written.read_text()}")
        return Server(ready[1], data), process

    def stop(self) -> None:
        if self._running is None:
            return
        process = self._running[1]
        self._running = None
        process.terminate()
        process.communicate(timeout=_LEAVING_SECONDS)


class ServerBroken(UserWarning):
    """The server could not be reset."""


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    running = Servers(tmp_path_factory)
    yield running
    running.stop()


@pytest.fixture
def server(servers: Servers) -> Server:
    """A running server with empty stores."""
    with warnings.catch_warnings():
        warnings.simplefilter("default", ServerBroken)
        return servers.empty()


@pytest.fixture
def refused() -> Callable[..., AbstractContextManager[None]]:
    """`with refused(code, text, status=…, reason=…, begins=…)`: what happens inside must be refused so."""

    @contextmanager
    def refusing(
        code: str,
        text: str | None = None,
        *,
        status: int | None = None,
        reason: str | None = None,
        begins: str = "",
    ) -> Iterator[None]:
        with pytest.raises(ClientError) as caught:
            yield
        answer = caught.value.response
        error = answer["Error"]
        assert error["Code"] == code, error
        assert text is None or error["Message"] == text
        assert error.get("Message", "").startswith(begins)
        assert reason is None or answer["Reason"] == reason
        assert status is None or answer["ResponseMetadata"]["HTTPStatusCode"] == status

    return refusing
