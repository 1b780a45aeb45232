"""Words, sentences, code and identifiers for made requests, all from files beside the corpora."""

from __future__ import annotations

import base64
import gzip
import json
import random
import re
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "tests" / "data" / "web" / "benign"
TABLES = (
    "users",
    "orders",
    "products",
    "invoices",
    "sessions",
    "books",
    "employees",
    "payments",
    "visits",
    "tickets",
    "groups",
    "logs",
)
COLUMNS = (
    "name",
    "status",
    "price",
    "department",
    "email",
    "total",
    "category",
    "age",
    "country",
    "level",
    "select_all",
    "order_by",
    "title",
)
TOOLS = (
    "nginx",
    "redis",
    "postgresql",
    "requests",
    "grafana",
    "webpack",
    "celery",
    "flask",
    "eslint",
    "jq",
    "htop",
    "certbot",
)
HOSTS = (
    "docs.example.org",
    "cdn.example.net",
    "shop.example.com",
    "api.eu-1.example.io",
    "blog.example.co.uk",
    "files.example.de",
)
ENDINGS = ("py", "js", "md", "log", "tar.gz", "yaml", "conf", "tsx", "csv")
_SLOT = re.compile(r"\{(col|table|n|d|first|Type|package|host|ext|country)\}")
Fill = Callable[[random.Random], str]


class Words:
    """Everything that makers draw from, read once."""

    def __init__(self) -> None:
        with gzip.open(DATA / "texts.json.gz", "rt", encoding="utf-8") as file:
            texts: dict[str, Any] = json.load(file)
        self.locales: dict[str, dict[str, list[str]]] = texts["people"]
        self.translations: list[str] = texts["translations"]
        self.docstrings: list[str] = texts["docstrings"]
        self.code: dict[str, list[str]] = {kind: pieces for kind, pieces in texts["code"].items() if pieces}
        self.snippets = _snippets((DATA / "snippets.txt").read_text("utf-8"))
        self._names = [name for people in self.locales.values() for name in people["names"]]
        self._fills: dict[str, Fill] = {
            "col": lambda r: r.choice(COLUMNS),
            "table": lambda r: r.choice(TABLES),
            "n": lambda r: str(r.randint(2, 999)),
            "d": lambda r: str(r.randint(1, 9)),
            "first": lambda r: r.choice(self._names).split()[0].strip("."),
            "Type": lambda r: r.choice(TABLES)[:-1].title(),
            "package": lambda r: r.choice(TOOLS),
            "host": lambda r: r.choice(HOSTS),
            "ext": lambda r: r.choice(ENDINGS),
            "country": lambda r: r.choice(("DE", "Ireland", "Côte d''Ivoire", "US")),
        }

    def of(self, rng: random.Random, kind: str) -> str:
        """A name, an address, a company … of some country."""
        while True:
            found = self.locales[rng.choice(list(self.locales))][kind]
            if found:
                return rng.choice(found)

    def prose(self, rng: random.Random) -> str:
        """A sentence or a paragraph in some language."""
        source = rng.random()
        if source < 0.4:
            return rng.choice(self.translations)
        if source < 0.65:
            return rng.choice(self.docstrings)
        return self.of(rng, "sentences" if source < 0.85 else "paragraphs")

    def snippet(self, rng: random.Random, *kinds: str) -> str:
        """A piece written by hand, its slots filled."""
        kind = rng.choice(kinds or list(self.snippets))
        text = rng.choice(self.snippets[kind])
        filled: dict[str, str] = {}

        def fill(match: re.Match[str]) -> str:
            slot = match.group(1)
            # Names stay the same within a piece, as in a program; numbers differ.
            if slot in {"n", "d"}:
                return self._fills[slot](rng)
            return filled.setdefault(slot, self._fills[slot](rng))

        return _SLOT.sub(fill, text)

    def source(self, rng: random.Random, *kinds: str) -> str:
        """A piece of a real program, stylesheet or template."""
        return rng.choice(self.code[rng.choice(kinds or list(self.code))])


def _snippets(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for piece in text.split("%% ")[1:]:
        kind, _, body = piece.partition("\n")
        found.setdefault(kind.strip(), []).append(body.strip("\n"))
    return found


def token(rng: random.Random, length: int = 24) -> str:
    """Letters and digits."""
    return "".join(rng.choices(string.ascii_letters + string.digits, k=length))


def identifier(rng: random.Random) -> str:
    """An identifier in one of the shapes that applications use."""
    bits = rng.getrandbits
    return rng.choice((
        lambda: f"{bits(32):08x}-{bits(16):04x}-4{bits(12):03x}-a{bits(12):03x}-{bits(48):012x}",
        lambda: str(bits(31)),
        lambda: f"{bits(96):024x}",
        lambda: "01" + "".join(rng.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=24)),
        lambda: f"arn:aws:s3:::bucket-{bits(16)}/key/{bits(20)}",
        lambda: f"urn:uuid:{bits(32):08x}",
        lambda: f"gid://shop/Product/{bits(40)}",
        lambda: f"sha256:{bits(256):064x}",
        lambda: f"cus_{token(rng, 14)}",
        lambda: f"{token(rng, 6)}=={token(rng, 5)}",
    ))()  # fmt: skip


def jwt(rng: random.Random, name: str) -> str:
    """A JSON web token (RFC 7519) with a random signature."""
    claims = {
        "sub": str(rng.getrandbits(40)),
        "name": name,
        "iat": 1_700_000_000 + rng.getrandbits(24),
        "scope": "openid profile",
        "aud": ["web"],
    }
    head = b'{"alg":"RS256","typ":"JWT","kid":"%d"}' % rng.getrandbits(20)
    body = json.dumps(claims, ensure_ascii=rng.random() < 0.5).encode()
    parts = (head, body, rng.randbytes(64))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def blob(rng: random.Random, most: int = 900) -> str:
    """Base64 of bytes."""
    return base64.b64encode(rng.randbytes(rng.randint(8, most))).decode()
