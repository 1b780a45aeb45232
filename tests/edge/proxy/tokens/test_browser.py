"""The pages in a real Chromium, steered over its debugging pipe: a silent challenge, and a puzzle by keyboard alone."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.edge.proxy.tokens.person import read

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (apt-get install chromium)")
PAGE = b"<!DOCTYPE html><title>The application</title><p id=app>The application itself</p>"


class Browser:
    """One page of a headless Chromium: its debugging protocol over two pipes, messages ended by NUL."""

    def __init__(self, profile: Path) -> None:
        assert CHROMIUM is not None
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        command = [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        command += ["--remote-debugging-pipe", "--no-first-run", "--disable-background-networking"]
        command += [f"--user-data-dir={profile}"]
        script = (
            "import fcntl, os, sys; a, b = (fcntl.fcntl(int(n), fcntl.F_DUPFD, 64) for n in sys.argv[1:3]); "
            "os.dup2(a, 3); os.dup2(b, 4); os.execv(sys.argv[3], sys.argv[3:])"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", script, str(theirs_in), str(theirs_out), *command],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._numbers = itertools.count(1)
        self._buffer = b""
        self._session: str | None = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self._buffer:
                piece = os.read(self._in, 65_536)
                assert piece, "the browser has gone"
                self._buffer += piece
            line, _, self._buffer = self._buffer.partition(b"\0")
            answer = json.loads(line)
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    def value(self, expression: str) -> Any:
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def until(self, expression: str, seconds: float = 40.0) -> None:
        end = time.monotonic() + seconds
        while not self.value(expression):
            assert time.monotonic() < end, self.value("document.documentElement.outerHTML")
            time.sleep(0.05)

    def key(self, name: str, text: str = "") -> None:
        code = {"Enter": 13, "Tab": 9}.get(name, ord(text[:1] or " "))
        known = {"key": name, "windowsVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", **known, **({"text": text} if text else {}))
        self.call("Input.dispatchKeyEvent", type="keyUp", **known)

    def close(self) -> None:
        os.close(self._out)
        os.close(self._in)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    made = Browser(tmp_path / "profile")
    yield made
    made.close()


@pytest.fixture
def site(application):
    application.answer = lambda _request, transport: transport.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: %d\r\n\r\n%b" % (len(PAGE), PAGE)
    )
    return application


def test_silent_challenge_opens_the_page_by_itself(edge, site, asking, asks, browser):
    edge.start([site.address], acl=asks("Challenge"), asking=asking)

    browser.call("Page.navigate", url=f"http://127.0.0.1:{edge.port}/private/page")
    browser.until("document.getElementById('app') !== null")

    assert len(site.requests) >= 1
    assert browser.value("document.getElementById('app').textContent") == "The application itself"


def test_puzzle_is_labelled_for_a_screen_reader_and_solved_by_keyboard(edge, site, asking, asks, browser):
    edge.start([site.address], acl=asks("Captcha"), asking=asking)
    browser.call("Page.navigate", url=f"http://127.0.0.1:{edge.port}/private/page")
    browser.until("document.getElementById('answer') !== null")
    question = browser.value("document.querySelector('label').textContent")
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    names = {(node.get("role", {}).get("value"), node.get("name", {}).get("value")) for node in nodes}
    assert ("textbox", question) in names
    assert ("button", "Continue") in names
    assert any(role == "heading" for role, _ in names)

    browser.until("document.readyState === 'complete' && document.activeElement.id === 'answer'")
    for letter in read(question):
        browser.key(letter, letter)
    browser.key("Enter", "\r")
    browser.until("document.getElementById('app') !== null")

    assert site.targets[0] == b"/private/page"
