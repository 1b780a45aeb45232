# ruff: noqa: E501 - tables read as one
"""Real words and code of other people, collected once for the generators of benign requests.

    python scripts/evaluate/web_collect.py SITE_PACKAGES NODE_MODULES tests/data/web/benign/texts.json.gz

Needs an environment of its own with Faker, and packages under permissive licences to read: Django, Wagtail,
Django REST framework (translations, templates, scripts, docstrings), JupyterLab and playwright-core (scripts). What it
wrote lies beside the corpora, so that the same requests can be made anywhere without any of these.
"""

from __future__ import annotations

import ast
import gettext
import gzip
import json
import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

LOCALES = ("en_US", "en_GB", "en_IE", "en_IN", "de_DE", "de_AT", "fr_FR", "fr_CA", "it_IT", "es_ES", "es_MX", "pt_BR", "pt_PT", "nl_NL",
           "pl_PL", "cs_CZ", "sk_SK", "tr_TR", "ru_RU", "uk_UA", "bg_BG", "el_GR", "he_IL", "ar_AA", "fa_IR", "hi_IN", "bn_BD", "ta_IN",
           "ja_JP", "ko_KR", "zh_CN", "zh_TW", "th_TH", "vi_VN", "sv_SE", "da_DK", "no_NO", "fi_FI", "et_EE", "lv_LV", "lt_LT", "hu_HU",
           "ro_RO", "hr_HR", "sl_SI", "ga_IE", "ka_GE", "hy_AM", "id_ID", "fil_PH", "az_AZ", "sq_AL")  # fmt: skip
PACKAGES = ("django", "wagtail", "rest_framework", "django_filters", "taggit", "treebeard", "flask", "requests", "httpx", "jinja2",
            "jupyterlab", "jupyter_server", "nbconvert", "click", "rich", "werkzeug")  # fmt: skip
KINDS = {"javascript": ("js",), "css": ("css", "scss"), "html": ("html",), "markdown": ("md",), "typescript": ("ts",), "svg": ("svg",),
         "shell": ("sh",), "tex": ("tex", "j2"), "configuration": ("yaml", "yml", "toml", "cfg", "ini"), "c": ("c", "h"), "python": ("py",)}  # fmt: skip
PEOPLE = {"names": ("name", 14), "addresses": ("address", 8), "companies": ("company", 6), "jobs": ("job", 5), "phones": ("phone_number", 4),
          "emails": ("email", 4), "sentences": ("sentence", 10), "paragraphs": ("paragraph", 5)}  # fmt: skip
_MOST = 260


def people(faker: Any) -> dict[str, dict[str, list[str]]]:
    """What Faker makes for each locale, by kind."""
    made = {}
    for number, locale in enumerate(LOCALES):
        try:
            source = faker(locale)
        except AttributeError:
            continue
        source.seed_instance(1000 + number)
        made[locale] = {kind: _made(source, method, number) for kind, (method, number) in PEOPLE.items()}
    return made


def _made(source: Any, method: str, number: int) -> list[str]:
    make = getattr(source, method, None)
    return [] if make is None else [make() for _ in range(number)]


def translations(site: Path, rng: random.Random) -> list[str]:
    """Sentences of translated programs, in every language that they have."""
    found: list[str] = []
    files = sorted(path for name in PACKAGES for path in (site / name).rglob("django.mo"))
    rng.shuffle(files)
    for path in files[:700]:
        with path.open("rb") as file:
            catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
            said = [text for key, text in catalogue.items() if key and isinstance(text, str)]
        said = [text for text in said if 12 < len(text) < 600]
        found += rng.sample(said, min(4, len(said)))
    return sorted(set(found))


def docstrings(site: Path, rng: random.Random) -> list[str]:
    """Paragraphs that programmers write, without examples of code."""
    found: set[str] = set()
    for path in _files(site, ("py",)):
        try:
            tree = ast.parse(path.read_text("utf-8"))
        except (SyntaxError, UnicodeDecodeError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Module):
                text = ast.get_docstring(node) or ""
                found |= {part.strip() for part in text.split("\n\n") if 40 < len(part) < 900 and ">>>" not in part}
    return rng.sample(sorted(found), min(1200, len(found)))


def code(site: Path, modules: Path, rng: random.Random) -> dict[str, list[str]]:
    """Pieces of source text by language."""
    made = {}
    for kind, endings in KINDS.items():
        pieces: set[str] = set()
        files = list(_files(site, endings)) + list(_under(modules, endings))
        rng.shuffle(files)
        for path in files[:400]:
            pieces |= set(_pieces(path.read_text("utf-8", "replace")[:200_000], rng))
        made[kind] = rng.sample(sorted(pieces), min(_MOST, len(pieces)))
    return made


def _pieces(text: str, rng: random.Random) -> Iterator[str]:
    lines = text.splitlines()
    for _ in range(min(6, len(lines) // 6 + 1)):
        start = rng.randrange(max(1, len(lines) - 4))
        piece = "\n".join(lines[start : start + rng.randint(3, 22)])
        if len(piece) > 40:
            at = rng.randrange(max(1, len(piece) - 1800))
            yield piece[at : at + 1800]


def _files(site: Path, endings: Iterable[str]) -> Iterator[Path]:
    for name in PACKAGES:
        yield from _under(site / name, endings)


def _under(folder: Path, endings: Iterable[str]) -> Iterator[Path]:
    for ending in endings:
        yield from sorted(path for path in folder.rglob(f"*.{ending}") if 80 < path.stat().st_size < 3_000_000)


def main() -> None:
    """Collect, and write one compressed file that the same sources make again byte for byte."""
    from faker import Faker  # type: ignore[import-not-found] # in the collector's own environment

    site, modules, into = (Path(given) for given in sys.argv[1:4])
    rng = random.Random(20)
    made = {
        "people": people(Faker),
        "translations": translations(site, rng),
        "docstrings": docstrings(site, rng),
        "code": code(site, modules, rng),
    }
    with into.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as packed:
        packed.write(json.dumps(made, ensure_ascii=False, sort_keys=True).encode())
    print({kind: len(texts) for kind, texts in made.items()}, {k: len(v) for k, v in made["code"].items()})


if __name__ == "__main__":
    main()
