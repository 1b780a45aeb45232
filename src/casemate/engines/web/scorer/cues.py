# ruff: noqa: E501 - an expression is read as one
"""Signs that a text shows an attack, or anything that looks like one: it asks, explains, reports, warns, or is source code.

Greetings, praise and chatter are none, so that a payload behind them stays what it is.
"""

from __future__ import annotations

import re
from typing import Final

from casemate.engines.web.detectors.sieve import Sought

_LANGUAGES: Final = (
    rb"html5?|css|scss|js|javascript|typescript|ts|jsx|react|vue|angular|jquery|node(?:\.?js)?|php\d?|python\d?|django|flask|ruby|rails|"
    rb"perl|java|kotlin|scala|groovy|spring|golang|rust|c\+\+|c#|\.net|sql|mysql|postgres(?:ql)?|sqlite|oracle|mongo(?:db)?|graphql|ldap|xml|xpath|"
    rb"xslt|bash|zsh|shell|sh|linux|unix|ubuntu|debian|windows|powershell|cmd|docker\w{0,8}|kubernetes|aws|ec2|gcp|azure|nginx|apache|"
    rb"wordpress|twig|jinja2?|smarty|freemarker|thymeleaf|handlebars|liquid|markdown|latex|regex|json|yaml|excel|log4j|terraform|git|jupyter"
)
# Words of a sentence have white space around them; within a payload they stand in quotes, brackets and paths.
_BEGIN: Final = rb"(?<![^\s])\b"
_END: Final = rb"(?=[\s,:;?!)]|\.(?:\s|\Z)|\Z)"
_CUES: Final = {
    "asks": rb"(?:^|[.!?:;,\n(\"]\s{0,4}|\b(?:but|and|or|so|hi|hello|hey|please|know|wonder(?:ing)?|understand|explain|tell me|question)[,:]? )(?:why|how|what(?:'s)?|which|when|where|who|whether|is it|is there|are there|is this|is that|is the|does|do i|do you|do we|did|can (?:i|we|you|one|someone|somebody|anyone|anybody)|could|should|would|any(?:one|body|thing)|warum|wieso|weshalb|wie|was|welche\w?|wozu|pourquoi|comment|que|quoi|quel\w{0,3}|est-ce|por qu\xc3\xa9|c\xc3\xb3mo|qu\xc3\xa9|cu\xc3\xa1l|perch\xc3\xa9|come|cosa|como|porque|\xe4\xbb\x80\xe4\xb9\x88|\xe4\xb8\xba\xe4\xbb\x80\xe4\xb9\x88|\xe5\xa6\x82\xe4\xbd\x95)" + _END + rb"|" + _BEGIN + rb"(?:how|what|where|when|which) (?:to|do|does|did|is|are|can|should|would|one|exactly)" + _END + rb"|" + _BEGIN + rb"why" + _END,
    "ends as a question": rb"(?<=\s)[^\s/]{1,40}\?[)\"']?(?:\s{0,4}\Z|\s{1,4}(?-i:[A-Z])|\s{0,4}\n)",
    "explains": _BEGIN + rb"(?:explain(?:s|ed|ing)?|explanation|means?|meaning|tutorial|cheat ?sheet|examples?|e\.g\.|vs\.?|versus|compared|difference|lesson|homework|exercise|quiz|lecture|course|chapter|beginners?|noob|newbie|docs?|documentation|manual|guide|how-?to|for instance|called|known as|definition|stands for|equivalent|refers? to|demonstrat\w{1,6}|illustrat\w{1,6}|describ\w{1,5}|step by step|line by line|walkthrough|write-?up|article|blog post|beispiel|erkl\xc3\xa4r\w{0,4}|bedeutet|exemple|explique\w{0,3}|signifie|ejemplo|explica\w{0,4}|significa|esempio|exemplo)" + _END,
    "tells a result": _BEGIN + rb"(?:prints?|printed|shows?|showed|gives?|gave|returns?|returned|outputs?|displays?|displayed|renders?|rendered|yields?|throws?|raises?|logs?|logged|fails?|failed|works?|worked|working|crash(?:es|ed)?|hangs?|expected|instead of|error|exception|undefined|warning|deprecated|not recognized|denied|bug|broken|result|nothing happens|doesn'?t|does not|isn'?t|won'?t|cannot|can'?t|takes \w+ seconds|fixed|solved|clears?|listens?|deletes?|creates?|removes?|sorts?|counts?|lists|opens|reads|sends|kills|starts|stops|sets|gets|checks|converts|finds|matches|loads|makes|changes|copies|hides|takes|evaluates|compiles|produces|causes)" + _END,
    "advises": _BEGIN + rb"(?:instead|never|always|avoid|escap(?:e|es|ed|ing)|encod(?:e|ed|ing)|saniti[sz]\w{1,5}|prevent\w{0,3}|protect\w{0,3}|should(?:n'?t)?|must(?:n'?t| not)?|don'?t|do not|unsafe|dangerous|vulnerab\w{2,8}|secur(?:e|ity)|safe(?:ly)?|harmless|block(?:s|ed|ing)?|filter(?:s|ed|ing)?|false positives?|injections?|xss|csrf|ssrf|xxe|rce|cve-\d+|exploits?|attack(?:s|er|ers)?|payloads?|malicious|hole|risk\w{0,2}|prepared statements?|parameteri[sz]ed|recommend\w{0,3}|best practi[cs]e)" + _END,
    "uses": _BEGIN + rb"(?:use|uses|used|using|run(?:s|ning)?|type|typed|typing|write|writes|written|wrote|put|add(?:ed)?|call(?:ed|ing)?|execut\w{1,4}|enter(?:ed)?|try|tried|embed|insert(?:ed)?|replace[ds]?|install\w{0,3}|look(?:s|ed)? like|such as|like this|(?:as|like) in|here'?s|following|in your|my|our)" + _END,
    "names syntax": _BEGIN + rb"(?:syntax|commands?|quer(?:y|ies)|statements?|functions?|methods?|class(?:es)?|tags?|attributes?|elements?|operators?|filters?|expressions?|strings?|snippets?|code|scripts?|selectors?|parameters?|variables?|arguments?|headers?|endpoints?|urls?|paths?|templates?|lookups?|characters?|quotes?|brackets?|address|keyword|clause|handler|terminal|console|prompt|shell|database|browser|server|pods?|instance|page|file|line|docs)" + _END,
    "ends as a search": rb"(?<=\s)(?:commands?|syntax|tutorial|meaning|examples?|explained|difference|not working|error|documentation|docs|cheat ?sheet|linux|bash|windows|macos|ubuntu|python|javascript|java|php|sql|mysql|html|css|regex|stack ?overflow|reddit)\s{0,4}\Z",
    "names a language": rb"(?<![\w./-])(?:" + _LANGUAGES + rb")(?![\w/=(-])",
    "language and colon": rb"(?:^|[\s(])(?:in )?(?:" + _LANGUAGES + rb")(?: \w{2,16}){0,2}:\s",
    "shell's prompt": rb"(?:^|\n|`)\s{0,4}(?:\w+@[\w-]+[:~ ][^\n$#]{0,40})?[$#>]\s\w",
}  # fmt: skip
_SOUGHT: Final = {name: Sought(expression) for name, expression in _CUES.items()}
_STRONG: Final = frozenset(
    {"asks", "ends as a question", "explains", "tells a result", "advises", "language and colon", "ends as a search"}
)

# A program, a page or a document from its first line to its last.
_DOCUMENT: Final = re.compile(
    rb"\s{0,8}(?:\#!\s?/|<\?php\b[^\n]{0,80}\n(?s:.){20}|<\?xml\b|<!doctype html|<html\b|---\n|\#\s\w|"
    rb"(?:import|from|package|using|require|include|\#include|use|const|let|var|def|class|function|public|\@\w+|FROM|SELECT|CREATE|WITH)\b[^\n]{1,200}\n(?s:.)*\n|"
    rb"\{%-? {0,2}(?:extends|load|block)[^\n]*\n)",
    re.IGNORECASE,
)
_LEAST_LINES: Final = 3
_LONGEST: Final = 8192
_LINE_OF_CODE: Final = re.compile(rb"[;{}(),:>\]]\s{0,40}\Z|^(?:\t| {2,8})\S|^\s{0,40}(?:#|//|/?\*)")
_SOURCE_NAMES: Final = frozenset((
    b"code", b"source", b"snippet", b"gist", b"cell_type", b"cells", b"notebook", b"filename", b"file_name", b"language",
    b"lang", b"syntax", b"program", b"sourcecode", b"source_code", b"kernelspec", b"dockerfile", b"script",
))  # fmt: skip
_FILE_NAMES: Final = frozenset((b"file", b"files", b"path", b"name", b"title"))
_CONTENT_NAMES: Final = frozenset((b"content", b"contents", b"body", b"data", b"text", b"html", b"markdown"))


def cues(text: bytes, around: tuple[bytes, bytes], value: bytes, names: tuple[bytes, ...]) -> frozenset[str]:
    """The signs in `text`, which is `value` around its evidence; `around` is what stands directly before and after that.

    `names` are those of the fields of the request's body.
    """
    found = {name for name, sought in _SOUGHT.items() if sought.possible(value) and sought.here(text)}
    before, after = around
    if before.count(b"`") % 2 and b"`" in after:
        found.add("in backticks")
    elif before.count(b'"') % 2 and b'"' in after and re.search(rb'(?:^|[\w,:=(] )"[^"]*\Z', before):
        found.add("in quotes")
    known = {name.lower() for name in names}
    if _document(value) or b"cell_type" in known:
        found.add("document")
    if known & _SOURCE_NAMES or (known & _FILE_NAMES and known & _CONTENT_NAMES and "document" in found):
        found.add("field for source")
        if _lines_of_code(value):
            found.add("document")
    return frozenset(found)


def _document(value: bytes) -> bool:
    """Whether a value is a page, or a program of some lines that begins as one."""
    if value[:400].lstrip()[:14].lower().startswith((b"<!doctype html", b"<html")):
        return True
    return value.count(b"\n") >= _LEAST_LINES - 1 and _DOCUMENT.match(value) is not None


def _lines_of_code(value: bytes) -> bool:
    """Whether most lines of a value end or are indented as those of a program are."""
    lines = [line for line in value[:_LONGEST].split(b"\n") if line.strip()]
    return len(lines) >= _LEAST_LINES and 2 * sum(_LINE_OF_CODE.search(line) is not None for line in lines) > len(lines)


def shown(found: frozenset[str], *, command: bool) -> bool:
    """Whether these signs are enough to ask the scorer about what works wherever it stands.

    To a shell backticks are no quotation: around a `command` they tell nothing.
    """
    if found & _STRONG or {"document", "field for source"} <= found:
        return True
    return "in backticks" in found and not command
