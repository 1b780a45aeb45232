# ruff: noqa: E501, RUF001 - samples of text and expressions are read as one
"""Requests that mean no harm: generated ones, filled with real text of other people.

The text comes from what is installed anyway: docstrings and sources of Python's standard library, the long descriptions
of installed distributions, the HTML documentation in botocore's models, the shell examples of the AWS command line. The
same seed, interpreter and lock file give the same requests. `ordinary` requests are what most applications see all day;
`lookalike` ones hold code, SQL, shell, markup and mathematics that ordinary people post.
"""

from __future__ import annotations

import ast
import base64
import json
import random
import re
import sysconfig
from collections.abc import Callable, Iterator
from email.parser import Parser
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

STDLIB = Path(sysconfig.get_paths()["stdlib"])
PACKAGES = Path(sysconfig.get_paths()["purelib"])

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "curl/8.5.0",
    "python-requests/2.32.3",
    "okhttp/4.12.0",
    "PostmanRuntime/7.42.0",
    "MyApp/3.2.1 (iPhone; iOS 18.1; Scale/3.00)",
    "Dalvik/2.1.0 (Linux; U; Android 13; SM-G991B Build/TP1A.220624.014)",
)  # fmt: skip
NAMES = (
    "Siobhán O'Brien", "Conor O'Neill", "Jean-Luc D'Artagnan", "Anne-Marie L'Écuyer", "Nguyễn Thị Minh Khai", "José Ángel Núñez",
    "Łukasz Żółkiewski", "Ólafur Þór Jónsson", "山田 太郎", "김민준", "Мария Иванова", "محمد الأحمد", "Giuseppe dell'Acqua", "Sean O'Connor & Sons",
    "Null, Robert", "Christopher Union", "Dr. Select", "Andy Orr", "Grace Drop", "Tim Table", "John (Jack) Smith Jr.", "M’Baye N’Diaye", "d'Angelo Russell", "Amélie & Co.",
)  # fmt: skip
SENTENCES = (
    "Please select a plan from the list and click on the button below.", "The European Union selected five members from the committee.",
    "I'd like to order 5 or 6 of these, and I'll pay by card.", "It's 5 o'clock somewhere, isn't it?", "Drop the table off at the reception; we'll update you where needed.",
    "Can I insert this into the slot, or delete the old one?", "We're having a party where everyone likes to group by age.",
    "Die Bestellung wurde storniert – bitte prüfen Sie 'Konto' > 'Bestellungen'.", "C'est l'été, et l'équipe n'a plus qu'à choisir entre « oui » ou « non ».",
    "¿Podrías enviarme el número de pedido? ¡Gracias!", "Non c'è nient'altro da fare, dall'inizio all'fine.", "Ik heb 's morgens geen tijd, 's avonds wel.",
    "明日の会議は10時から始まります。資料を確認してください。", "Заказ №1234 доставлен; спасибо за покупку!", "شكرا جزيلا على مساعدتكم", "오늘 주문하면 내일 도착합니다.",
    "Is 1=1? Obviously; but 2 > 1 and 1 < 2 too.", "My rating: 4/5 -- would buy again!", "Union members like to join; others leave.", "The cat sat; then it id'd the dog & ran.",
    "Q: what's better, A or B? A: \"B\", of course.", "Meet me @ 7pm; bring $20 && snacks.", "I <3 this product!! Best -- ever.", "Rock 'n' roll isn't dead; it's sleeping(ish).",
    "100% cotton; wash at 30° or less.", "He said 'wait' and then 'go' = confusing.", "If price <= 10 then buy else wait.", "Re: Re: Fwd: your order #9981 -- where is it?",
    "Great tip: ls -la shows hidden files.", "The script tag is nothing to be alarmed about.", "On load, the truck weighed 3t = heavy.", "To escape, run (don't walk).",
)  # fmt: skip
SQL = (
    "SELECT name, email FROM users WHERE id = 42;", "INSERT INTO orders (id, total) VALUES (1, 9.99);", "UPDATE accounts SET balance = balance - 100 WHERE id = 7;",
    "CREATE TABLE books (id INT PRIMARY KEY, title VARCHAR(200));", "SELECT COUNT(*) FROM visits GROUP BY day HAVING COUNT(*) > 10 ORDER BY day DESC LIMIT 5;",
    "DELETE FROM sessions WHERE expires < NOW();", "SELECT a.name FROM a INNER JOIN b ON a.id = b.a_id WHERE b.kind = 'x' AND a.age > 30;", "DROP TABLE IF EXISTS temp_data;",
    "ALTER TABLE users ADD COLUMN phone TEXT;", "SELECT * FROM t1 UNION SELECT * FROM t2;", "SELECT * FROM employees WHERE department = 'Sales' OR department = 'Marketing';",
)  # fmt: skip
SQL_POSTS = (
    "How do I write a query? I tried\n\n{}\n\nbut it doesn't work. Any help?", "In SQL you can do this: `{}` and it returns the rows.", "{}\n\n-- that was the answer", "Question about joins: {} Why is it so slow?",
    "Lesson 3. The statement {} shows how to filter. Exercise: write it with IN.", "```sql\n{}\n```\nExplanation: the WHERE clause limits rows.",
)  # fmt: skip
SHELL = (
    "sudo apt-get update && sudo apt-get install -y nginx", "docker run --rm -it -p 8080:80 nginx", "git clone https://github.com/user/repo.git && cd repo && make", "tar -xzf archive.tar.gz -C /opt",
    "find . -name '*.py' | xargs grep -n import", "ps aux | grep python", "ssh-keygen -t ed25519 -C you@example.com", "kubectl get pods -n default | grep Running", "pip install -r requirements.txt", "npm run build && npm test",
    "export PATH=$PATH:/usr/local/bin", 'for f in *.txt; do mv "$f" "${f%.txt}.md"; done', "chmod 600 ~/.ssh/id_ed25519", "systemctl restart nginx; journalctl -u nginx -f", "cat /etc/hosts", "curl -s https://example.com/install.sh -o install.sh", "df -h / | tail -1",
)  # fmt: skip
SHELL_POSTS = (
    "To install, run:\n\n    $ {}\n    $ {}\n\nThen open the page in a browser.", "I use `{}` for this; then `{}`.", "First step: {}\nSecond step: {}\nThat's all.", "```bash\n{}\n{}\n```\n", "Why does `{}` fail with 'permission denied'? {} works fine.",
)  # fmt: skip
HTML = (
    "<p>{}</p><p><strong>Note:</strong> {}</p>", '<div class="post"><h2>{}</h2><ul><li>{}</li></ul></div>', '<p style="color: #333; font-size: 14px">{} <a href="https://example.com/page?a=1&amp;b=2" target="_blank">{}</a></p>',
    '<table border="0" cellpadding="2"><tr><td>{}</td><td>{}</td></tr></table>', '<blockquote>{}</blockquote><p>{} <img src="https://cdn.example.com/i/1.png" alt="picture" width="200" /></p>', "<p>{}<br/>{}</p><pre><code>x &lt; y &amp;&amp; y &gt; z</code></pre>",
    '<html><head><meta charset="utf-8"><title>{}</title></head><body bgcolor="#ffffff"><p>{}</p></body></html>', '<span data-mention="@bob">@bob</span> {} <em>{}</em>', '<iframe width="560" height="315" src="https://www.youtube.com/embed/abc123" allowfullscreen></iframe><p>{} {}</p>',
)  # fmt: skip
CODE = (
    "function add(a, b) {\n  return a + b;\n}\nconsole.log(add(1, 2));", "const items = list.filter(x => x.id > 10 && x.name !== '');", "if (user.age >= 18 || user.admin) { allow(); } else { deny(); }", "document.getElementById('x').addEventListener('click', () => { count += 1; });",
    'public static void main(String[] args) { System.out.println("Hello"); }', "for (int i = 0; i < n; i++) { sum += a[i]; }", "SELECT, FROM, WHERE are keywords; `SELECT` is the first.", "let total = items.reduce((a, b) => a + b.price * b.qty, 0);", "x = [i**2 for i in range(10) if i % 2 == 0]", 'print(f"{name}: {value:.2f}")',
    '#include <stdio.h>\nint main(void) { printf("%d\\n", 1 + 1); return 0; }', "body { margin: 0; background: url('/img/bg.png') no-repeat; }", 'const { a, b: { c } } = props; export default () => <App title="x" />;', "import React, { useState } from 'react';", "fn main() { let v: Vec<u32> = (1..10).map(|x| x * 2).collect(); }", '<div v-if="ok">{{ message }}</div>', "{% for item in items %}<li>{{ item.name }}</li>{% endfor %}",
    "Use ${HOME}/bin and $(pwd) in scripts, or `date` to get the date.", "a = b ? c : d; // ternary", 'String sql = "select * from users where name = ?";', "while (true) { try { work(); } catch (e) { log(e); break; } }", "grep -E '^(foo|bar)$' file | sort | uniq -c", "regex: ^[a-z]+(\\.[a-z]+)*@example\\.com$", "$user = User::where('email', $email)->first();", "@Component public class A { @Autowired private B b; }",
)  # fmt: skip
MATH = (
    "1 + 1 = 2", "(a+b)^2 = a^2 + 2ab + b^2", "x < 5 and y > 3 or z = 1", "\\frac{a}{b} + \\sqrt{x}", "3*4=12; 12/4=3", "f(x) = sin(x) / x", "if a=b and b=c then a=c", "2^10 = 1024 > 1000", "P(A|B) = P(B|A)P(A)/P(B)", "lim (1+1/n)^n", "50% of 200 = 100", "10 > 9 && 9 > 8", "{1,2,3} ∪ {4}", "E=mc^2", "{x | x > 0}", "$x^2 + y^2 = z^2$", "a || b", "5 or 6 and 7",
)  # fmt: skip
QUERIES = (
    "best pizza near me", '"exact phrase" OR other', "c++ vs c#", "how to select from a list in python", "python -django", "site:example.com filetype:pdf", "o'reilly books", "rock & roll", "50% off", "what's new?", "size:XL color:red", "price 10..20", "(cats OR dogs) AND food", "node.js tutorial", "union square hotels", "drop table lamp", "order by phone", "and/or", '"machine learning" AND (python OR r)', "johnson & johnson", 'title:"foo bar" AND created:[2024-01-01 TO *]', "café müller", "日本 旅行", "user@example.com", "+1 (555) 123-4567", "#hashtag", "a-b-c", "win.ini file", "script writing course", "alert system", "cat food", "sleep number bed", "id card holder", "where is my order", "like new", "exec chair", "echo dot", "java 17 vs 21", "php developer jobs", "shell station", "cookie recipe", "having fun", "group by photos", "null pointer", "ping pong", "curl hair", "document.pdf", "top 10", "/r/python", "etc", "tail light",
)  # fmt: skip


class Texts:
    """Real text by kind, read once."""

    def __init__(self, rng: random.Random) -> None:
        self.paragraphs = _paragraphs(rng)
        self.code = _code(rng)
        self.markdown = _markdown(rng)
        self.html = _html(rng)
        self.shell = _shell(rng)


def _limited(rng: random.Random, texts: list[str], most: int) -> list[str]:
    texts = sorted(set(texts))
    rng.shuffle(texts)
    return texts[:most]


def _sources(rng: random.Random, most: int) -> list[Path]:
    files = sorted(path for path in STDLIB.glob("*.py") if path.stat().st_size < 200_000)
    files += sorted((STDLIB / "email").glob("*.py")) + sorted((STDLIB / "asyncio").glob("*.py"))
    rng.shuffle(files)
    return files[:most]


def _paragraphs(rng: random.Random) -> list[str]:
    found: list[str] = []
    for path in _sources(rng, 150):
        try:
            tree = ast.parse(path.read_text("utf-8"))
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                text = ast.get_docstring(node)
                if text:
                    found += [
                        part.strip() for part in text.split("\n\n") if 30 < len(part) < 1500 and ">>>" not in part
                    ]
    return _limited(rng, found, 6000)


def _code(rng: random.Random) -> list[str]:
    found = []
    for path in _sources(rng, 200):
        lines = path.read_text("utf-8", "replace").splitlines()
        for start in range(0, len(lines), 25):
            piece = "\n".join(lines[start : start + rng.randint(3, 18)])
            if len(piece) > 40:
                found.append(piece[:3000])
    return _limited(rng, found, 4000)


def _markdown(rng: random.Random) -> list[str]:
    found = []
    for path in sorted(PACKAGES.glob("*.dist-info/METADATA")):
        body = Parser().parsestr(path.read_text("utf-8", "replace")).get_payload()
        if isinstance(body, str):
            found += [body[start : start + rng.randint(300, 2500)] for start in range(0, min(len(body), 60_000), 2500)]
    return _limited(rng, [text for text in found if len(text) > 100], 2000)


def _html(rng: random.Random) -> list[str]:
    found: list[str] = []
    pattern = re.compile(r'"documentation":"((?:[^"\\]|\\.){60,2000})"')
    files = sorted((PACKAGES / "botocore" / "data").glob("*/*/service-2.json*"))
    rng.shuffle(files)
    for path in files[:25]:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            import gzip

            raw = gzip.decompress(raw)
        found += [json.loads(f'"{text}"') for text in pattern.findall(raw[:1_500_000].decode("utf-8", "replace"))]
    return _limited(rng, found, 3000)


def _shell(rng: random.Random) -> list[str]:
    files = sorted((PACKAGES / "awscli" / "examples").rglob("*.rst"))
    rng.shuffle(files)
    return _limited(rng, [path.read_text("utf-8", "replace")[: rng.randint(200, 2500)] for path in files[:1500]], 1500)


Maker = Callable[[random.Random, "Texts"], dict[str, Any]]


def _request(
    rng: random.Random, method: str, target: str, body: bytes = b"", kind: str = "", **headers: str
) -> dict[str, Any]:
    agent = rng.choice(AGENTS)
    pairs = [
        ["Host", rng.choice(("www.example.com", "api.example.com", "shop.example.org:8443"))],
        ["User-Agent", agent],
        [
            "Accept",
            rng.choice(
                (
                    "*/*",
                    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
                    "application/json, text/plain, */*",
                )
            ),
        ],
    ]
    if agent.startswith("Mozilla"):
        pairs += [
            ["Accept-Language", rng.choice(("en-US,en;q=0.5", "de-DE,de;q=0.9,en;q=0.8", "ja"))],
            ["Accept-Encoding", "gzip, deflate, br"],
        ]
        if "Chrome" in agent:
            pairs += [
                ["sec-ch-ua", '"Chromium";v="131", "Not_A Brand";v="24", "Google Chrome";v="131"'],
                ["sec-ch-ua-mobile", "?0"],
                ["sec-ch-ua-platform", '"Windows"'],
                ["Sec-Fetch-Site", "same-origin"],
                ["Sec-Fetch-Mode", "cors"],
            ]
        if rng.random() < 0.5:
            pairs.append(["Referer", "https://www.example.com/search?q=" + quote_plus(rng.choice(QUERIES))])
        if rng.random() < 0.5:
            pairs.append(["Cookie", _cookies(rng)])
        if rng.random() < 0.2:
            pairs.append(["If-None-Match", f'W/"{rng.getrandbits(64):x}"'])
    if rng.random() < 0.2:
        pairs.append(["Authorization", "Bearer " + _jwt(rng)])
    if kind:
        pairs.append(["Content-Type", kind])
    pairs += [[name.replace("_", "-"), value] for name, value in headers.items()]
    return {"method": method, "target": target, "headers": pairs, "body": body}


def _jwt(rng: random.Random) -> str:
    def part(data: bytes) -> str:
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

    claims = {
        "sub": str(rng.getrandbits(40)),
        "name": rng.choice(NAMES),
        "iat": 1700000000,
        "scope": "read:all write:own",
    }
    head = part(b'{"alg":"HS256","typ":"JWT"}')
    return f"{head}.{part(json.dumps(claims).encode())}.{part(rng.randbytes(32))}"


def _cookies(rng: random.Random) -> str:
    crumbs = [f"_ga=GA1.2.{rng.getrandbits(30)}.{rng.getrandbits(30)}", f"session={rng.randbytes(24).hex()}", f"csrftoken={base64.b64encode(rng.randbytes(24)).decode()}", f"_fbp=fb.1.{rng.getrandbits(40)}.{rng.getrandbits(30)}",
              "consent=%7B%22ads%22%3Atrue%2C%22v%22%3A3%7D", "lang=en-GB", f"token={_jwt(rng)}", "OptanonConsent=isGpcEnabled=0&datestamp=Mon+Nov+24+2025+10%3A00%3A00+GMT%2B0100&version=6.33.0&groups=C0001%3A1%2CC0002%3A0", "theme=dark", 'cart=[{"id":3,"q":1}]', "intercom-id=" + rng.randbytes(8).hex(),
              "wp-settings-1=libraryContent%3Dbrowse%26editor%3Dtinymce", "_hjSession=eyJpZCI6ImFiYyIsImMiOjE3MDB9", "PHPSESSID=" + rng.randbytes(13).hex(), f"AMP_{rng.getrandbits(32):x}=" + base64.b64encode(json.dumps({"deviceId": "x", "userId": "o'b"}).encode()).decode()]  # fmt: skip
    return "; ".join(rng.sample(crumbs, rng.randint(1, 6)))


def _prose(rng: random.Random, texts: Texts) -> str:
    return rng.choice(SENTENCES) if rng.random() < 0.4 else rng.choice(texts.paragraphs)


def _search(rng: random.Random, texts: Texts) -> dict[str, Any]:
    q = (
        rng.choice(QUERIES)
        if rng.random() < 0.6
        else " ".join(rng.choice(texts.paragraphs).split()[: rng.randint(1, 8)])
    )
    return _request(
        rng,
        "GET",
        f"/search?q={quote_plus(q)}&page={rng.randint(1, 40)}&sort={rng.choice(('price', '-created_at', 'name asc'))}".replace(
            " ", "+"
        ),
    )


def _page(rng: random.Random, texts: Texts) -> dict[str, Any]:
    words = re.findall(r"[a-z]{3,10}", rng.choice(texts.paragraphs).lower())[:5] or ["index"]
    target = (
        rng.choice(("/", "/blog/2025/11/", "/static/js/", "/api/v2/", "/users/", "/wiki/", "/products/"))
        + "-".join(words)
        + rng.choice(("", "/", ".html", ".js", ".css", ".png", "/edit", ".json"))
    )
    if rng.random() < 0.5:
        target += "?" + urlencode(
            {
                rng.choice(("id", "utm_source", "ref", "v", "filter[status]", "fields", "t", "_")): rng.choice(
                    (
                        str(rng.getrandbits(31)),
                        "newsletter",
                        "active",
                        "id,name,email",
                        "1.2.3",
                        "2025-11-24T10:00:00Z",
                        "10-20",
                        "a,b;c",
                        "50%",
                        "-1",
                    )
                )
            }
        )
    return _request(rng, rng.choice(("GET", "GET", "GET", "HEAD", "OPTIONS")), target)


def _redirect(rng: random.Random, _texts: Texts) -> dict[str, Any]:
    url = rng.choice(
        (
            "https://www.example.com/account?tab=orders&x=1#top",
            "/dashboard/",
            "https://app.example.com/oauth/callback",
            "http://localhost:3000/callback",
            "https://accounts.google.com/o/oauth2/v2/auth?scope=openid%20email",
            "com.example.app:/oauth2redirect",
            "https://blog.example.org/2024/a-post.html",
        )
    )
    return _request(
        rng,
        "GET",
        f"/login?{urlencode({'redirect_uri': url, 'response_type': 'code', 'state': rng.randbytes(12).hex(), 'scope': 'openid profile email'})}",
    )


def _beacon(rng: random.Random, _texts: Texts) -> dict[str, Any]:
    data = {
        "v": 2,
        "tid": "G-ABC123",
        "cid": f"{rng.getrandbits(30)}.{rng.getrandbits(30)}",
        "dl": "https://www.example.com/p?x=1&y=a%20b",
        "dt": rng.choice(SENTENCES)[:40],
        "sr": "1920x1080",
        "en": "page_view",
        "ep.q": rng.choice(QUERIES),
        "_et": rng.getrandbits(12),
    }
    return _request(rng, rng.choice(("GET", "POST")), "/collect?" + urlencode(data))


def _form(rng: random.Random, texts: Texts) -> dict[str, Any]:
    data = {
        "name": rng.choice(NAMES),
        "email": "o'brien+test@example.com",
        "phone": "+1 (555) 010-9999",
        "address": rng.choice(
            (
                "Flat 4/5, 10 King's Rd; London",
                "12 O'Connell St. #3",
                "Hauptstraße 5 - 7, 10115 Berlin",
                "1-2-3 Shibuya, Tokyo",
            )
        ),
        "message": _prose(rng, texts),
        "csrf": rng.randbytes(16).hex(),
        "password": rng.choice(("P@ss'w0rd!--1", "correct horse battery staple", 'a"b;c|d&e', "x<y>z#1")),
    }
    return _request(rng, "POST", "/contact", urlencode(data).encode(), "application/x-www-form-urlencoded")


def _json(rng: random.Random, texts: Texts) -> dict[str, Any]:
    data = {
        "id": rng.getrandbits(31),
        "title": rng.choice(SENTENCES)[:60],
        "body": _prose(rng, texts),
        "tags": rng.sample(["a", "c++", "new & hot", "O'Reilly", "50%"], 2),
        "author": {"name": rng.choice(NAMES), "url": "https://example.com/~user"},
        "price": 9.99,
        "ok": True,
        "when": "2025-11-24T10:11:12.123Z",
        "note": None,
        "comment": _prose(rng, texts),
    }
    return _request(
        rng,
        rng.choice(("POST", "PUT", "PATCH")),
        "/api/v1/items",
        json.dumps(data, ensure_ascii=rng.random() < 0.5).encode(),
        "application/json",
    )


def _graphql(rng: random.Random, _texts: Texts) -> dict[str, Any]:
    query = "query Items($first: Int!, $filter: Filter) { items(first: $first, filter: $filter) { edges { node { id name price { amount } } } } }"
    return _request(
        rng,
        "POST",
        "/graphql",
        json.dumps(
            {
                "operationName": "Items",
                "query": query,
                "variables": {"first": 20, "filter": {"name": rng.choice(QUERIES)}},
            }
        ).encode(),
        "application/json",
    )


def _soap(rng: random.Random, texts: Texts) -> dict[str, Any]:
    from xml.sax.saxutils import escape

    text = escape(_prose(rng, texts))
    body = f'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><Add xmlns="http://example.com/"><name>{escape(rng.choice(NAMES))}</name><text>{text}</text></Add></soap:Body></soap:Envelope>'
    return _request(rng, "POST", "/service", body.encode(), "text/xml; charset=utf-8")


def _upload(rng: random.Random, texts: Texts) -> dict[str, Any]:
    boundary = "----WebKitFormBoundary" + rng.randbytes(8).hex()
    name, kind, data = rng.choice(
        (
            ("photo (1).jpg", "image/jpeg", b"\xff\xd8\xff\xe0" + rng.randbytes(3000)),
            ("notes.txt", "text/plain", _prose(rng, texts).encode()),
            ("report v2.pdf", "application/pdf", b"%PDF-1.7\n" + rng.randbytes(2000)),
            ("data.csv", "text/csv", b'id,name\n1,O\'Brien\n2,"a;b"\n'),
            ("o'hara's cv.docx", "application/octet-stream", b"PK\x03\x04" + rng.randbytes(2500)),
        )
    )
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="title"\r\n\r\n{rng.choice(SENTENCES)}\r\n'.encode(),
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
        + data
        + b"\r\n",
        f"--{boundary}--\r\n".encode(),
    ]
    return _request(rng, "POST", "/upload", b"".join(parts), f"multipart/form-data; boundary={boundary}")


def _picture(rng: random.Random, _texts: Texts) -> dict[str, Any]:
    data = {
        "avatar": "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + rng.randbytes(900)).decode(),
        "crop": {"x": 0, "y": 10},
        "blob": base64.b64encode(rng.randbytes(300)).decode(),
    }
    return _request(rng, "POST", "/api/avatar", json.dumps(data).encode(), "application/json")


def _mail(rng: random.Random, texts: Texts) -> dict[str, Any]:
    text = f"Hi {rng.choice(NAMES)},\n\n{_prose(rng, texts)}\n\nOn Mon, 24 Nov 2025 at 10:00, Bob <bob@example.com> wrote:\n> {_prose(rng, texts)}\n\nBest,\n--\nAnn\nFrom: Ann\nTo: Bob\nSubject: Re: hello"
    return _request(
        rng,
        "POST",
        "/api/messages",
        json.dumps({"to": ["bob@example.com"], "subject": "Re: hello", "text": text}).encode(),
        "application/json",
    )


ORDINARY: dict[str, Maker] = {"search": _search, "page": _page, "redirect": _redirect, "beacon": _beacon, "form": _form, "json": _json, "graphql": _graphql, "soap": _soap, "upload": _upload, "picture": _picture, "mail": _mail}  # fmt: skip


def _posted(rng: random.Random, text: str) -> dict[str, Any]:
    """A text as it reaches applications: as a form field, in JSON, in a query argument when short."""
    where = rng.random()
    if where < 0.4:
        return _request(
            rng,
            "POST",
            "/forum/reply",
            urlencode({"topic": "12", "message": text}).encode(),
            "application/x-www-form-urlencoded",
        )
    if where < 0.85 or len(text) > 300:
        return _request(
            rng, "POST", "/api/posts", json.dumps({"title": "A question", "content": text}).encode(), "application/json"
        )
    return _request(rng, "GET", "/preview?text=" + quote(text))


LOOKALIKE: dict[str, Callable[[random.Random, Texts], str]] = {
    "sql-tutorial": lambda rng, _: rng.choice(SQL_POSTS).format(rng.choice(SQL)),
    "shell-howto": lambda rng, _: rng.choice(SHELL_POSTS).format(rng.choice(SHELL), rng.choice(SHELL)),
    "shell-example": lambda rng, texts: rng.choice(texts.shell),
    "html-post": lambda rng, texts: rng.choice(HTML).format(_prose(rng, texts), _prose(rng, texts)),
    "html-document": lambda rng, texts: rng.choice(texts.html),
    "code": lambda rng, _: rng.choice(CODE),
    "code-python": lambda rng, texts: rng.choice(texts.code),
    "markdown": lambda rng, texts: rng.choice(texts.markdown),
    "math": lambda rng, _: rng.choice(MATH),
    "sentence": lambda rng, _: rng.choice(SENTENCES),
    "search-operators": lambda rng, _: rng.choice(QUERIES),
}


def generate(seed: int, ordinary: int, lookalike: int) -> Iterator[dict[str, Any]]:
    """Requests with `label` (benign) and `class` (ordinary/… or lookalike/…)."""
    rng = random.Random(seed)
    texts = Texts(random.Random(1))
    for _ in range(ordinary):
        name, make = rng.choice(list(ORDINARY.items()))
        yield {**make(rng, texts), "label": "benign", "class": f"ordinary/{name}"}
    for _ in range(lookalike):
        name, write = rng.choice(list(LOOKALIKE.items()))
        yield {**_posted(rng, write(rng, texts)), "label": "benign", "class": f"lookalike/{name}"}
