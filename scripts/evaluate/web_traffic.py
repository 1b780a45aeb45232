# ruff: noqa: E501, RUF001 - a table of makers reads as one
"""Requests of browsers and programs that mean no harm: many kinds of values in every place where they travel.

`generate(seed, number)` gives the same requests everywhere. Classes are `ordinary/…`, what applications see all day, and
`lookalike/…`: code, statements, commands and markup that people post.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus, urlencode
from xml.sax.saxutils import escape, quoteattr

from evaluate.web_words import HOSTS, TABLES, Words, blob, identifier, jwt, token

Request = dict[str, Any]
Value = Callable[[random.Random, Words], str]

AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:{}.0) Gecko/20100101 Firefox/{}.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{}.1 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 14; SM-S91{}B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPad; CPU OS 17_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/4{}.0.0.29.109;FBBV/6464;FBDV/iPad11,6;FBMD/iPad;FBSN/iPadOS;FBLC/en_GB;FBOP/5]",
    "MyShop/{}.2 CFNetwork/1568.200.51 Darwin/24.1.0", "okhttp/4.1{}.0", "Dart/3.{} (dart:io)", "axios/1.7.{}", "node-fetch/1.0 (+https://github.com/bitinn/node-fetch) {}", "GuzzleHttp/7.{}",
)  # fmt: skip
ORDINARY: dict[str, Value] = {
    "name": lambda r, w: w.of(r, "names"),
    "company": lambda r, w: w.of(r, "companies"),
    "address": lambda r, w: w.of(r, "addresses"),
    "job": lambda r, w: w.of(r, "jobs"),
    "phone": lambda r, w: w.of(r, "phones"),
    "email": lambda r, w: r.choice((w.of(r, "emails"), f"o'{token(r, 5).lower()}+{r.randint(1, 99)}@example.com", f'"{w.of(r, "names")}" <{w.of(r, "emails")}>')),
    "prose": lambda r, w: w.prose(r),
    "prose-long": lambda r, w: "\n\n".join(w.prose(r) for _ in range(r.randint(2, 6))),
    "greeting": lambda r, w: f"Hi {w.of(r, 'names')},\n\n{w.prose(r)}\n\nOn Mon, 2{r.randint(0, 8)} Nov 2025 at 10:0{r.randint(0, 9)}, {w.of(r, 'names')} <{w.of(r, 'emails')}> wrote:\n> {w.prose(r)}\n\n--\n{w.of(r, 'names')}\n{w.of(r, 'phones')}",
    "quotation": lambda r, w: r.choice(("“{}” – {}", '"{}" -- {}', "'{}' ({})", "„{}“, sagt {}", "« {} », dit {}")).format(w.of(r, "sentences"), w.of(r, "names")),
    "token": lambda r, w: r.choice((identifier(r), jwt(r, w.of(r, "names")), blob(r), token(r, r.randint(4, 60)), base64.urlsafe_b64encode(r.randbytes(r.randint(6, 200))).decode())),
    "words": lambda r, w: " ".join(w.prose(r).split()[: r.randint(1, 6)]),
    "search": lambda r, w: r.choice(('"{0}" {1}', "{0} -{1}", "{0} & {1}", "{0} OR {1}", "how to {0} a {1}?", "{0} vs. {1}", "{0}'s {1}", "{0} + {1}", "{0}; {1}", "{0} | {1}", "{0}*", "title:{0} {1}", "{0} {1} 50% off", "{0} < $20", "#{0} @{1}", "({0} OR {1}) AND new", "{0}/{1}", "{0}: {1}!")).format(*(_word(r, w) for _ in range(2))),
    "url": lambda r, w: r.choice(("https://{0}/{1}?utm_source=mail&utm_campaign={1}#top", "http://{0}:8080/a/b;v=1/{1}.html", "//{0}/img/{1}.png?w=20&h=10", "/account/{1}?next=%2Fshop%2F%3Fpage%3D2", "https://{0}/wiki/{1}_(disambiguation)", "https://user@{0}/{1}.git", "mailto:a@{0}?subject={1}", "app://open?url=https%3A%2F%2F{0}%2F{1}", "https://www.google.com/url?sa=t&url=https://{0}/{1}&ved=2ahUKE", "https://maps.{0}/@52.5,13.4,17z/data=!3m1!4b1", "ftp://{0}/pub/{1}.iso")).format(r.choice(HOSTS), quote(_word(r, w))),
    "date": lambda r, _: r.choice(("2026-0{}-1{}T10:00:00.000Z", "1{}/0{}/2026", "Mon Nov 2{} 2025 10:0{}:00 GMT+0100 (Central European Standard Time)", "2025-W4{}-{}", "P{}DT{}H", "{}:0{} PM")).format(r.randint(1, 9), r.randint(0, 9)),
    "number": lambda r, _: r.choice(("{}", "-{}.5", "{}e-7", "1,{}.00 €", "${}", "{}%", "+{}", "0x{}", "#{}", "1/{}", "{}px", "~{}", ">={}", "[1,{}]", "{} or more", "{} & up")).format(r.randint(0, 99_999)),
    "list": lambda r, w: r.choice((",", ";", "|", ", ", " - ", " & ", "&&", " / ", "\n")).join(_word(r, w) for _ in range(r.randint(2, 7))),
    "file-name": lambda r, w: r.choice(("{} (1).jpg", "Report – {} v2.pdf", "{}'s CV.docx", "IMG_2025-11-24 {}.HEIC", "[final] {}; draft #2.xlsx", "{}.tar.gz", "C:\\Users\\{}\\Desktop\\a.png", "~/{}/notes.txt", "Copy of {} & co.pptx")).format(_word(r, w)),
    "password": lambda r, _: "".join(r.choices("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!#$%&()*+,-./:;<=>?@[]^_{|}~'\"", k=r.randint(8, 24))),
    "colour": lambda r, _: r.choice(("#{:06x}", "rgba({}, 0, 0, .5)", "hsl({}deg 50% 40%)", "{}")).format(r.getrandbits(24)),
    "data-url": lambda r, _: r.choice(("data:image/png;base64,iVBORw0KGgo", "data:image/jpeg;base64,/9j/4AAQ", "data:application/pdf;base64,JVBERi0x", "data:font/woff2;base64,d09GMg", "data:audio/wav;base64,UklGR")) + blob(r, 600),
    "beacon": lambda r, w: json.dumps({"e": "click", "el": f'div#main>ul.nav>li:nth-child({r.randint(1, 9)})>a[href="/{_word(r, w)}"]', "t": r.getrandbits(30), "txt": w.of(r, "sentences")}, ensure_ascii=False),
    "rich-text": lambda r, w: f'{{"ops":[{{"insert":{json.dumps(w.prose(r))}}},{{"attributes":{{"bold":true,"link":"https://{r.choice(HOSTS)}/?a=1&b=2"}},"insert":"here"}},{{"insert":"\\n"}}]}}',
    "html-simple": lambda r, w: f"<p>{escape(w.prose(r))}</p><ul><li><b>{escape(w.of(r, 'names'))}</b></li><li><a href=\"https://{r.choice(HOSTS)}/?a=1&amp;b=2\">{escape(_word(r, w))}</a></li></ul><br><img src=\"/i/{r.randint(1, 999)}.jpg\" alt={quoteattr(_word(r, w))}>",
    "social": lambda r, w: r.choice(("{0} 😂😂 #{1} @{2}", "{0} ❤️ <3 <3 {1}!!! 🎉", "RT @{2}: {0} https://t.co/{1}", "{0} :-) ;-) =D >_< \\o/ {1}", "¯\\_(ツ)_/¯ {0} ({1})", "10/10 {0} -- {1} && {2} :P", "{0}... {1}?! ($5 || $6)")).format(w.of(r, "sentences"), token(r, 6), token(r, 8)),
    "csv-row": lambda r, w: f"{r.randint(1, 99)},\"{w.of(r, 'names')}\",{w.of(r, 'emails')},\"{w.of(r, 'sentences')}\",{r.random():.2f}",
    "sort": lambda r, _: r.choice(("{} desc", "-{},name", "{}:asc", "+{}", "{} asc, id desc", "order by {}", "select {}", "group by {}", "{} is null", "top 10 {}", "{} in (1,2)", "{}>=5", "{} like a%")).format(r.choice(("price", "name", "created_at", "rank"))),
    "filter": lambda r, w: w.snippet(r, "odata", "jql", "lucene", "elasticsearch", "jsonpath"),
    "mime": lambda r, w: w.snippet(r, "ical", "vcard", "csv", "rss"),
    "policy": lambda r, w: w.snippet(r, "policy", "pem", "ssh", "useragent"),
    "chat": lambda r, w: w.snippet(r, "chat", "review", "bbcode"),
}  # fmt: skip
LOOKALIKE: dict[str, Value] = {
    "sql": lambda r, w: w.snippet(r, "sql"),
    "sql-tutorial": lambda r, w: r.choice(("{1}\n\n```sql\n{0}\n```\n\n{2}", "How do I make this faster? {0} {1}", "I tried {0} but it says 'syntax error near' -- {1}", "Use `{0}` for that. {1}", "Step 1:\n\n    {0}\n\nStep 2: {1}", "<p>{1}</p><pre><code>{0}</code></pre>")).format(w.snippet(r, "sql"), w.of(r, "sentences"), w.prose(r)),
    "shell": lambda r, w: w.snippet(r, "shell", "powershell"),
    "shell-howto": lambda r, w: r.choice(("{1}\n\n```bash\n{0}\n{2}\n```", "To install it:\n\n$ {0}\n$ {2}\n\n{1}", "I ran `{0}` and then `{2}`; {1}", "{1} First: {0} Then: {2}")).format(w.snippet(r, "shell"), w.of(r, "sentences"), w.snippet(r, "shell")),
    "code": lambda r, w: w.snippet(r, "ruby", "go", "rust", "java", "csharp", "php", "kotlin", "swift", "javascript", "python", "r", "haskell", "c", "cpp", "perl", "lua", "elixir", "scala", "diff"),
    "code-post": lambda r, w: r.choice(("{0}\n\n```\n{1}\n```\n{2}", "{0}\n\n    {1}\n\n{2}", "<p>{0}</p><pre><code>{1}</code></pre>", "{0} `{1}` {2}")).format(w.prose(r), w.snippet(r, "javascript", "php", "ruby", "go", "java", "python", "html", "template", "c"), w.of(r, "sentences")),
    "source": lambda r, w: w.source(r),
    "source-post": lambda r, w: f"{w.prose(r)}\n\n```\n{w.source(r)}\n```\n\n{w.of(r, 'sentences')}",
    "configuration": lambda r, w: w.snippet(r, "dockerfile", "nginx", "apache", "yaml", "terraform", "toml", "ini", "cron", "promql", "kql"),
    "markup": lambda r, w: w.snippet(r, "html", "svg", "xml", "css", "latex"),
    "template": lambda r, w: w.snippet(r, "template", "graphql", "xpath", "ldap", "excel", "regex", "wikitext", "markdown", "email", "mongo"),
    "log": lambda r, w: w.snippet(r, "log", "path"),
    "math": lambda r, w: w.snippet(r, "math", "excel", "regex"),
    "question": lambda r, w: r.choice(("{0}", "{0} {1}", "{1}\n\n{0}")).format(w.snippet(r, "question"), w.of(r, "sentences")),
}  # fmt: skip
_FIELDS = ("q", "name", "title", "comment", "body", "message", "value", "filter", "description", "note", "s", "text", "data", "subject", "content", "sort", "user[email]", "items[0][label]", "fields.summary", "csrf_token", "post", "query", "address")  # fmt: skip


def _word(rng: random.Random, words: Words) -> str:
    return rng.choice(words.prose(rng).split()).strip(".,;:!?()\"'«»`") or "tea"


def _headers(rng: random.Random, words: Words, kind: str = "") -> list[list[str]]:
    agent = rng.choice(AGENTS).replace("{}", str(rng.randint(1, 9) + (120 if rng.random() < 0.5 else 0)))
    pairs = [
        ["Host", rng.choice(HOSTS)],
        ["User-Agent", agent],
        [
            "Accept",
            rng.choice(
                ("*/*", "application/json", "text/html,application/xhtml+xml,*/*;q=0.8", "image/avif,image/webp,*/*")
            ),
        ],
    ]
    if rng.random() < 0.6:
        pairs.append(["Cookie", cookies(rng, words)])
    if rng.random() < 0.4:
        pairs.append(
            ["Referer", "https://" + rng.choice(HOSTS) + "/search?" + urlencode({"q": ORDINARY["search"](rng, words)})]
        )
    extra = (
        ["Accept-Language", rng.choice(("de-DE,de;q=0.9,en;q=0.8", "ja", "en-US,en;q=0.5", "fr;q=0.9, *;q=0.1"))], ["Authorization", "Bearer " + jwt(rng, "a")],
        ["Authorization", "Basic " + base64.b64encode(f"{words.of(rng, 'emails')}:{ORDINARY['password'](rng, words)}".encode()).decode()], ["If-None-Match", f'W/"{rng.getrandbits(80):x}"'],
        ["X-Request-Id", identifier(rng)], ["traceparent", f"00-{rng.getrandbits(128):032x}-{rng.getrandbits(64):016x}-01"], ["X-CSRF-Token", blob(rng, 40)], ["X-Forwarded-For", f"203.0.113.{rng.randint(1, 254)}, 10.0.0.1"],
        ["If-Modified-Since", "Mon, 24 Nov 2025 10:00:00 GMT"], ["Range", f"bytes={rng.randint(0, 999)}-"], ["X-Requested-With", "XMLHttpRequest"], ["baggage", "sentry-environment=production,sentry-release=web%401.2"],
        ["sec-ch-ua", '"Chromium";v="131", "Not_A Brand";v="24"'], ["Priority", "u=1, i"], ["DNT", "1"], ["X-Client-Data", blob(rng, 40)], ["Origin", "https://" + rng.choice(HOSTS)],
    )  # fmt: skip
    pairs += rng.sample(extra, rng.randint(0, 5))
    return [*pairs, ["Content-Type", kind]] if kind else pairs


def cookies(rng: random.Random, words: Words) -> str:
    """A Cookie header of one to many crumbs, as sites and their partners set them."""
    bits = rng.getrandbits
    crumbs = (
        f"_ga=GA1.2.{bits(30)}.{bits(30)}", f"_ga_{token(rng, 10)}=GS1.1.{bits(30)}.{bits(4)}.1.{bits(30)}.0.0.0", f"session={token(rng, 40)}", f"sid=s%3A{token(rng, 32)}.{quote(blob(rng, 32))}",
        f"remember_user_token={quote(blob(rng, 60))}--{bits(160):040x}", f"laravel_session={quote(base64.b64encode(json.dumps({'iv': blob(rng, 16), 'value': blob(rng, 200), 'mac': token(rng, 64)}).encode()).decode())}", "consent=%7B%22ads%22%3Atrue%2C%22v%22%3A3%7D",
        f"OptanonConsent=isGpcEnabled=0&datestamp=Mon+Nov+24+2025+10%3A0{bits(3)}%3A00+GMT%2B0100+(Central+European+Standard+Time)&version=202409.1.0&groups=C0001%3A1%2CC0002%3A{bits(1)}&AwaitingReconsent=false", f"user={quote(words.of(rng, 'names'))}",
        f"prefs={quote(json.dumps({'theme': 'dark', 'cols': ['a', 'b'], 'name': words.of(rng, 'names')}))}", f"recent={quote(ORDINARY['list'](rng, words))}", f"last_search={quote_plus(ORDINARY['search'](rng, words))}", f"jwt={jwt(rng, words.of(rng, 'names'))}",
        f"_fbp=fb.1.{bits(40)}.{bits(30)}", f"intercom-session-x={blob(rng, 60)}", f"mp_{token(rng, 12)}_mixpanel=%7B%22distinct_id%22%3A%20%22{identifier(rng)}%22%2C%22%24initial_referrer%22%3A%20%22%24direct%22%7D", f"cto_bundle={token(rng, 120)}", f"utm={quote('source=news|medium=e-mail|campaign=' + _word(rng, words))}",
        f"ajs_anonymous_id=%22{identifier(rng)}%22", "tz=Europe%2FBerlin", "lang=pt-BR", f"returnUrl={quote('/shop?page=2&sort=-price', safe='')}", f"AMP_{token(rng, 8)}={base64.b64encode(json.dumps({'deviceId': identifier(rng), 'optOut': False}).encode()).decode()}",
    )  # fmt: skip
    return "; ".join(rng.sample(crumbs, rng.choice((1, 2, 3, 5, 9, 14))))


def _get(rng: random.Random, words: Words, texts: list[str]) -> Request:
    names = rng.sample(_FIELDS, len(texts))
    encode = rng.choice((quote_plus, quote, lambda text: quote(text, safe="!'()*~;,/:@")))
    query = "&".join(f"{quote(name)}={encode(text)}" for name, text in zip(names, texts, strict=True))
    return {
        "method": "GET",
        "target": f"/{rng.choice(TABLES)}/{rng.choice(('search', 'list', '', 'find.php', 'v2/items'))}?{query}&page={rng.randint(1, 90)}",
        "headers": _headers(rng, words),
        "body": b"",
    }


def _form(rng: random.Random, words: Words, texts: list[str]) -> Request:
    pairs = [
        ("_token", token(rng, 32)),
        *zip(rng.sample(_FIELDS, len(texts)), texts, strict=True),
        ("submit", "Save & continue"),
    ]
    return {
        "method": "POST",
        "target": f"/{rng.choice(TABLES)}/{rng.randint(1, 9999)}/edit",
        "headers": _headers(rng, words, "application/x-www-form-urlencoded"),
        "body": urlencode(pairs).encode(),
    }


def _json(rng: random.Random, words: Words, texts: list[str]) -> Request:
    data: dict[str, Any] = {
        "id": identifier(rng),
        "at": ORDINARY["date"](rng, words),
        "ok": True,
        "n": rng.random(),
        "parent": None,
    }
    data |= dict(zip(rng.sample(_FIELDS, len(texts)), texts, strict=True))
    if rng.random() < 0.5:
        data = {
            "data": {
                "type": rng.choice(TABLES),
                "attributes": data,
                "relationships": {"author": {"data": {"type": "people", "id": identifier(rng)}}},
            }
        }
    if rng.random() < 0.3:
        data = {"jsonrpc": "2.0", "id": rng.randint(1, 99), "method": "item.save", "params": [data]}
    body = json.dumps(data, ensure_ascii=rng.random() < 0.5, indent=2 if rng.random() < 0.2 else None).encode(
        "utf-8", "surrogatepass"
    )
    return {
        "method": rng.choice(("POST", "PUT", "PATCH")),
        "target": f"/api/v{rng.randint(1, 4)}/{rng.choice(TABLES)}/{identifier(rng)}",
        "headers": _headers(
            rng, words, rng.choice(("application/json", "application/json; charset=utf-8", "application/vnd.api+json"))
        ),
        "body": body,
    }


def _multipart(rng: random.Random, words: Words, texts: list[str]) -> Request:
    boundary = rng.choice(
        ("----WebKitFormBoundary" + token(rng, 16), "-" * 29 + str(rng.getrandbits(60)), f"{rng.getrandbits(128):032x}")
    )
    name, kind, content = rng.choice((
        (ORDINARY["file-name"](rng, words), "image/jpeg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + rng.randbytes(rng.randint(200, 4000))), ("scan.pdf", "application/pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n" + rng.randbytes(1500)),
        ("notes.txt", "text/plain", words.prose(rng).encode()), ("table.csv", "text/csv", "\r\n".join(ORDINARY["csv-row"](rng, words) for _ in range(12)).encode()), ("archive.zip", "application/zip", b"PK\x03\x04" + rng.randbytes(1200)),
        ("icon.svg", "image/svg+xml", words.snippet(rng, "svg").encode()), ("settings.json", "application/json", json.dumps({"a": words.of(rng, "names")}).encode()), ("readme.md", "text/markdown", words.snippet(rng, "markdown").encode()),
    ))  # fmt: skip
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{text}\r\n'.encode()
        for field, text in zip(rng.sample(_FIELDS, len(texts)), texts, strict=True)
    ]
    shown = name.replace('"', "%22").replace("\n", " ")
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{shown}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
        + content
        + b"\r\n"
    )
    return {
        "method": "POST",
        "target": "/upload",
        "headers": _headers(rng, words, f"multipart/form-data; boundary={boundary}"),
        "body": b"".join(parts) + f"--{boundary}--\r\n".encode(),
    }


def _xml(rng: random.Random, words: Words, texts: list[str]) -> Request:
    inner = "".join(
        f"<{field} lang={quoteattr(rng.choice(('en', 'de')))}>{escape(text)}</{field}>"
        for field, text in zip(("name", "text", "note", "title")[: len(texts)], texts, strict=False)
    )
    body = rng.choice((
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Header/><soapenv:Body><Save xmlns="urn:example">{}</Save></soapenv:Body></soapenv:Envelope>',
        '<?xml version="1.0"?><methodCall><methodName>wp.newPost</methodName><params><param><value><string>{}</string></value></param></params></methodCall>',
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><entry>{}</entry></feed>',
        '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop>{}</D:prop></D:set></D:propertyupdate>',
    )).format(inner)  # fmt: skip
    return {
        "method": "POST",
        "target": "/service",
        "headers": _headers(
            rng, words, rng.choice(("text/xml; charset=utf-8", "application/xml", "application/soap+xml"))
        ),
        "body": body.encode("utf-8", "surrogatepass"),
    }


def _cookie(rng: random.Random, words: Words, texts: list[str]) -> Request:
    crumbs = "; ".join(
        f"{name}={quote(text[:300], safe='')}"
        for name, text in zip(("recent", "draft", "filters", "prefs"), texts, strict=False)
    )
    headers = [pair for pair in _headers(rng, words) if pair[0] != "Cookie"]
    return {"method": "GET", "target": f"/{rng.choice(TABLES)}", "headers": [*headers, ["Cookie", crumbs]], "body": b""}


def _path(rng: random.Random, words: Words, texts: list[str]) -> Request:
    text = texts[0][:80]
    return {
        "method": rng.choice(("GET", "GET", "HEAD", "DELETE")),
        "target": rng.choice(("/wiki/{}", "/tag/{}/feed", "/files/{}", "/u/{}/posts?tab=all", "/search/{}")).format(
            quote(text, safe="()!',")
        ),
        "headers": _headers(rng, words),
        "body": b"",
    }


_PLACES = ((_get, 4), (_form, 4), (_json, 6), (_multipart, 2), (_xml, 1), (_cookie, 1))
_SHORT_PLACES = (*_PLACES, (_path, 1))
# What may stand in a path: names of pages, tags, people and files; not what is sent as a document.
_PATHS = ("name", "company", "words", "token", "date", "list")


def _placed(rng: random.Random, words: Words, kind: str, make: Value) -> Request:
    places = _SHORT_PLACES if kind in _PATHS else _PLACES
    place = rng.choices([place for place, _ in places], [weight for _, weight in places])[0]
    texts = [make(rng, words)]
    if place is _get and len(texts[0]) > 700:
        place = _json
    # Beside what the class says stand values of other ordinary kinds, as forms have.
    while rng.random() < 0.6 and len(texts) < 4:
        other = rng.choice(("name", "email", "words", "date", "number", "token", "phone", "url", "company"))
        texts.append(ORDINARY[other](rng, words))
    return place(rng, words, texts)


def generate(seed: int, number: int, lookalikes: int) -> Iterator[Request]:
    """`number` ordinary requests and `lookalikes` look-alikes, kinds in turn, no two the same."""
    words = Words()
    for label, table, count in (("ordinary", ORDINARY, number), ("lookalike", LOOKALIKE, lookalikes)):
        kinds = list(table.items())

        def make(index: int, label: str = label, kinds: list[tuple[str, Value]] = kinds) -> Request:
            kind, value = kinds[index % len(kinds)]
            made = _placed(random.Random(f"{seed}/{label}/{index}"), words, kind, value)
            return {**made, "label": "benign", "class": f"{label}/{kind}"}

        yield from distinct(make, count)


def distinct(make: Callable[[int], Request], number: int) -> Iterator[Request]:
    """The first `number` requests that differ in method, target or body."""
    seen: set[bytes] = set()
    index = 0
    while len(seen) < number:
        request = make(index)
        index += 1
        key = hashlib.sha256(repr((request["method"], request["target"], request["body"])).encode()).digest()
        if key not in seen:
            seen.add(key)
            yield request
