"""The pages that a browser is shown in place of what it asked for."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Final

from casemate.edge.proxy.tokens.work import BITS

PREFIX: Final = "/_casemate/waf/"
"""Paths under it are answered by the proxy itself."""
SCRIPT: Final = Path(__file__).with_name("page.js").read_bytes()

_PAGE: Final = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
body {{ font: 1.125rem/1.5 system-ui, sans-serif; margin: 0; color: #1a1a1a; background: #fff }}
main {{ max-width: 34rem; margin: 12vh auto; padding: 0 1.25rem }}
label {{ display: block; margin-bottom: .5rem }}
input, button {{ font: inherit; padding: .5rem .75rem; border: 2px solid #1a1a1a; border-radius: .25rem }}
button {{ background: #1a1a1a; color: #fff; cursor: pointer }}
:focus-visible {{ outline: 3px solid #0b5fff; outline-offset: 2px }}
@media (prefers-color-scheme: dark) {{ body {{ color: #f2f2f2; background: #161616 }}
input {{ background: #161616; color: inherit; border-color: #f2f2f2 }}
button {{ background: #f2f2f2; color: #161616; border-color: #f2f2f2 }} }}
</style>
</head>
<body>
<main data-kind="{kind}" data-base="{prefix}" data-seed="{seed}" data-bits="{bits}">
<h1>{title}</h1>
{content}
<p id="status" role="status" aria-live="polite"></p>
<noscript><p>This check needs JavaScript: please allow it for this site and load the page again.</p></noscript>
</main>
<script src="{prefix}page.js" defer></script>
</body>
</html>
"""
_PUZZLE: Final = """<p>Please answer this question to go on.</p>
<form id="puzzle" autocomplete="off">
<label for="answer">{question}</label>
<input id="answer" name="answer" required autofocus maxlength="64" autocapitalize="none" spellcheck="false">
<button type="submit">Continue</button>
</form>"""

HEADERS: Final = [
    (b"content-type", b"text/html; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        (
            b"default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; "
            b"form-action 'none'; frame-ancestors 'self'"
        ),
    ),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
]


def challenge_page(seed: str) -> bytes:
    """The silent challenge: nothing to do for a person."""
    content = "<p>This takes a moment; the page then opens by itself.</p>"
    return _filled("challenge", "Checking your browser", seed, content)


def captcha_page(seed: str, question: str) -> bytes:
    """A puzzle to answer."""
    content = _PUZZLE.format(question=html.escape(question))
    return _filled("captcha", "Are you a person?", seed, content)


def _filled(kind: str, title: str, seed: str, content: str) -> bytes:
    page = _PAGE.format(kind=kind, title=title, seed=html.escape(seed), bits=BITS, prefix=PREFIX, content=content)
    return page.encode()
