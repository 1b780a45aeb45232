# ruff: noqa: E501 - samples of text and expressions are read as one
"""Attacks for the scorer: payloads by class, disguised, and put where applications read.

`tests/data/web/attacks` holds the payloads that rules were written with, `tests/data/web/held_out` those that were not
looked at meanwhile. Disguises are split in the same way: the held-out part uses its own.
"""

from __future__ import annotations

import base64
import json
import random
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus
from xml.sax.saxutils import escape

DATA = Path(__file__).resolve().parents[2] / "tests" / "data" / "web"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"

Disguise = Callable[[str, random.Random], str]


def _mixed(text: str, rng: random.Random) -> str:
    return "".join(c.upper() if rng.random() < 0.5 else c.lower() for c in text)


def _spaces(filler: str) -> Disguise:
    return lambda text, _rng: text.replace(" ", filler)


def _every(text: str, _rng: random.Random) -> str:
    return "".join(f"%{octet:02x}" for octet in text.encode())


def _some(text: str, rng: random.Random) -> str:
    return "".join(f"%{ord(c):02X}" if ord(c) < 128 and rng.random() < 0.4 else c for c in text)


def _entities(text: str, rng: random.Random) -> str:
    return "".join(f"&#{ord(c)};" if rng.random() < 0.3 else c for c in text)


def _hexadecimal_entities(text: str, rng: random.Random) -> str:
    return "".join(f"&#x{ord(c):x};" if rng.random() < 0.3 else c for c in text)


def _wide(text: str, _rng: random.Random) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c in "<>'\"();=/" else c for c in text)


def _percent_u(text: str, rng: random.Random) -> str:
    return "".join(f"%u{ord(c):04x}" if c in "<>'\"();=/ " or rng.random() < 0.1 else c for c in text)


def _comments(text: str, rng: random.Random) -> str:
    return re.sub(
        r"\b(union|select|or|and|from|sleep|where)\b",
        lambda m: f"/*!{rng.choice(('', '50000', '40101'))}{m.group()}*/",
        text,
        flags=re.IGNORECASE,
    )


def _quoted_letters(text: str, rng: random.Random) -> str:
    return re.sub(
        r"\b(cat|whoami|id|ls|passwd|sleep|ping|uname|curl|wget)\b",
        lambda m: m.group()[0] + rng.choice(("''", '""', "\\")) + m.group()[1:],
        text,
    )


def _ifs(text: str, rng: random.Random) -> str:
    return re.sub(r"(?<=\w) (?=\S)", lambda _: rng.choice(("${IFS}", "$IFS$9", "\t")), text)


def _equivalents(text: str, rng: random.Random) -> str:
    text = re.sub(r"\bor\b", lambda _: rng.choice(("||", "or")), text, flags=re.IGNORECASE)
    text = re.sub(r"\band\b", lambda _: rng.choice(("&&", "and")), text, flags=re.IGNORECASE)
    return re.sub(
        r"\b1=1\b",
        lambda _: rng.choice(("7 like 7", "2>1", "'a'<>'b'", "9 between 8 and 10", "not 0", "3 in (3)")),
        text,
    )


SQL, SHELL, MARKUP, ANY = ("sqli",), ("cmdi",), ("xss",), ()
TRAINING: tuple[tuple[str, Disguise, tuple[str, ...]], ...] = (
    ("case", _mixed, (*SQL, *MARKUP)), ("comment-spaces", _spaces("/**/"), SQL), ("newlines", _spaces("\n"), SQL), ("tabs", _spaces("\t"), (*SQL, *MARKUP)),
    ("percent", _every, ANY), ("some-percent", _some, ANY), ("entities", _entities, MARKUP), ("empty-quotes", _quoted_letters, SHELL),
)  # fmt: skip
HELD_OUT: tuple[tuple[str, Disguise, tuple[str, ...]], ...] = (
    ("equivalents", _equivalents, SQL), ("executed-comments", _comments, SQL), ("form-feeds", _spaces("\f"), SQL), ("long-comments", _spaces("/*a*b/**/"), SQL), ("full-width", _wide, (*SQL, *MARKUP)),
    ("percent-u", _percent_u, (*SQL, *MARKUP)), ("hexadecimal-entities", _hexadecimal_entities, MARKUP), ("slashes", lambda t, _r: re.sub(r"(<\w+) ", r"\1/", t), MARKUP), ("separators", _ifs, SHELL),
    ("twice-percent", lambda t, r: _every(_every(t, r), r), ANY), ("base64", lambda t, _r: base64.b64encode(t.encode()).decode(), ("sqli", "xss", "cmdi", "code", "lfi")),
)  # fmt: skip


def payloads(folder: str) -> list[tuple[str, str]]:
    """Class and payload, in the order of the files."""
    found = []
    for path in sorted((DATA / folder).glob("*.txt")):
        found += [(path.stem, line) for line in path.read_text("utf-8").split("\n") if line]
    return found


def generate(seed: int, number: int, *, held_out: bool) -> Iterator[dict[str, Any]]:
    """Requests of one part: each payload plain once, then disguised, until there are `number`."""
    rng = random.Random(seed)
    known = payloads("held_out" if held_out else "attacks")
    if held_out:
        known += payloads("attacks")
    disguises = HELD_OUT if held_out else TRAINING
    made = 0
    while made < number:
        for name, payload in known:
            disguise = rng.choice([d for d in disguises if not d[2] or name.split("-")[0] in d[2]])
            plain = made < len(known) and not (held_out and made >= len(payloads("held_out")))
            text = payload if plain else disguise[1](payload, rng)
            yield {**place(text, name, rng), "class": name if plain else f"{name}/{disguise[0]}"}
            made += 1
            if made == number:
                return


def placed_files(paths: Iterable[Path], seed: int) -> Iterator[dict[str, Any]]:
    """Payloads of other people, one a line, each in one place; the file's name is the class."""
    rng = random.Random(seed)
    for path in paths:
        for line in path.read_text("utf-8", "surrogateescape").split("\n"):
            if line.strip():
                yield {**place(line, path.stem, rng), "class": path.stem}


def place(payload: str, name: str, rng: random.Random) -> dict[str, Any]:
    """A request that carries the payload where its class is usually met."""
    if name.startswith("path"):
        made = _request("GET", payload)
    elif name.startswith("agent"):
        made = _request("GET", "/", agent=payload)
    elif name.startswith("xxe"):
        made = rng.choice((_xml_body, _json, _form))(payload, rng)
    else:
        weights = {_query: 45, _form: 15, _json: 15, _multipart: 5, _xml: 5, _cookie: 5, _header: 5, _path: 5}
        made = rng.choices(list(weights), list(weights.values()))[0](payload, rng)
    return {**made, "label": "attack", "payload": payload, "class": name}


def _request(
    method: str, target: str, body: bytes = b"", kind: str = "", agent: str = AGENT, headers: Iterable[list[str]] = ()
) -> dict[str, Any]:
    pairs = [["Host", "www.example.com"], ["User-Agent", agent], ["Accept", "*/*"], *headers]
    if kind:
        pairs.append(["Content-Type", kind])
    return {"method": method, "target": target, "headers": pairs, "body": body}


def _encoded(payload: str, rng: random.Random) -> str:
    """As a client sends it in a query: escaped, or as it is when it is escaped already."""
    if re.search(r"%[0-9a-fA-Fu]{2}", payload) and rng.random() < 0.7:
        return re.sub(r"[\s&#+\x80-\U0010ffff]", lambda m: quote(m.group(), errors="surrogateescape"), payload)
    return rng.choice((quote, quote_plus))(payload, errors="surrogateescape")


def _query(payload: str, rng: random.Random) -> dict[str, Any]:
    name = rng.choice(("id", "q", "search", "page", "name", "file", "url", "x"))
    return _request(
        "GET",
        rng.choice(("/", "/index.php", "/api/items"))
        + "?"
        + rng.choice(("", "lang=en&"))
        + f"{name}={_encoded(payload, rng)}"
        + rng.choice(("", "&submit=1")),
    )


def _form(payload: str, rng: random.Random) -> dict[str, Any]:
    return _request(
        "POST",
        "/login",
        f"user=alice&comment={_encoded(payload, rng)}&ok=1".encode("utf-8", "surrogateescape"),
        "application/x-www-form-urlencoded",
    )


def _json(payload: str, rng: random.Random) -> dict[str, Any]:
    payload = payload.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    data = rng.choice(({"name": payload}, {"user": {"id": 7, "tags": ["a", payload]}}, [payload]))
    return _request(
        "POST", "/api/v1/users", json.dumps(data, ensure_ascii=rng.random() < 0.5).encode(), "application/json"
    )


def _multipart(payload: str, _rng: random.Random) -> dict[str, Any]:
    body = f'--b0\r\nContent-Disposition: form-data; name="a"\r\n\r\n{payload}\r\n--b0--\r\n'.encode(
        "utf-8", "surrogateescape"
    )
    return _request("POST", "/upload", body, "multipart/form-data; boundary=b0")


def _xml(payload: str, _rng: random.Random) -> dict[str, Any]:
    return _xml_body(f'<?xml version="1.0"?><a><b>{escape(payload)}</b></a>', _rng)


def _xml_body(payload: str, _rng: random.Random) -> dict[str, Any]:
    return _request("POST", "/soap", payload.encode("utf-8", "surrogateescape"), "text/xml")


def _cookie(payload: str, rng: random.Random) -> dict[str, Any]:
    return _request("GET", "/", headers=[["Cookie", f"session=abc; pref={_encoded(payload, rng)}"]])


def _header(payload: str, rng: random.Random) -> dict[str, Any]:
    line = payload.replace("\n", " ").replace("\r", " ")
    return _request(
        "GET", "/", headers=[[rng.choice(("X-Forwarded-For", "Referer", "X-Api-Version", "X-Custom")), line]]
    )


def _path(payload: str, rng: random.Random) -> dict[str, Any]:
    return _request("GET", "/app/" + (_encoded(payload, rng).replace("+", "%20")).replace("?", "%3F").lstrip("/"))
