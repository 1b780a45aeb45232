# ruff: noqa: E501 - an expression is read as one
"""The decision whether a value breaks out of its place in a SQL statement.

1. Put the value in the three places where applications put values: bare, in a single-quoted and in a double-quoted
   string. A place whose quote the value lacks can't be left and is skipped.
2. Tokenize it there (tokens.py).
3. Match the sequence of tokens against shapes that change a statement, anchored where the value leaves its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from casemate.engines.web.detectors.prose import sentence, title
from casemate.engines.web.detectors.sieve import Sought
from casemate.engines.web.detectors.sql.tokens import LONGEST, WORDS, tokenize
from casemate.engines.web.normalize.fences import without_fences

# White space, a comment or a bracket, as stands between words of SQL.
_GAP = rb"(?:[\s\x00\xa0+()]|/\*[^*]*\*+/|/\*![0-9]*|\*/)*"
_WORD = rb"(?:or|and|xor|union|select|having|order|group|limit|like|rlike|regexp|in|is|between|div|mod|not|if|case|when|waitfor|exec|into|procedure|collate|intersect|except|minus|where|from|sleep|benchmark|pg_sleep|extractvalue|updatexml|glob|similar)\b"
# A word inside a word, for an application that deletes the inner one once.
_INNER = ("union", "select", "or", "and", "from", "where", "script")
_WORDS_INSIDE = tuple(word.encode() for word in _INNER)
_NESTED = b"|".join(
    word[:cut].encode() + word.encode() + word[cut:].encode() for word in _INNER for cut in range(1, len(word))
)
NEEDS = (
    rb"['\"`\xa0]" + _GAP + rb"(?:" + _WORD + rb"|[;,|&^*=<>~!%@]|--|#|/\*|[-+/]" + _GAP + rb"['\"\d(@]|$)|"
    rb"(?:^|[\d.)@\]])" + _GAP + rb"(?:" + _WORD + rb"|[;,&|]+" + _GAP + rb"(?:\d|[a-z]+\b)|--|#|/\*)|"
    rb"\d" + _GAP + rb"[-+*/%^&|]" + _GAP + rb"\((?:\s*select|\s*case|\s*if)|"
    rb"^\W*\w+\W*" + _GAP + _WORD + rb"|"
    rb"\b(?:union|select|sleep|benchmark|waitfor|pg_sleep|information_schema|extractvalue|updatexml|xp_cmdshell|load_file|dbms_\w+|utl_\w+|char|chr|concat)\b"
    + _GAP
    + rb"[\d'\"(@*,a-z]|"
    + _NESTED
    + rb"|^S?\W*select\b[^;]*\bfrom\b|;"
    + _GAP
    + rb"(?:table|values|vacuum)\b|\{\s*[`\w]+\s*[`'\"\w(]|"
    rb"\w/\*\*/\w|^['\"`()\\;%\s-]+$|@@|/\*!|;"
    + _GAP
    + rb"(?:drop|insert|update|delete|create|alter|exec|declare|shutdown|truncate|set|copy|call|merge|grant|begin|if)\b"
)


def _shape(expression: str) -> str:
    """`=` in a shape stands for comparisons of either kind, signs and words."""
    out, inside = [], False
    for letter in expression:
        inside = letter == "[" or (inside and letter != "]")
        out.append("=L" if letter == "=" and inside else "[=L]" if letter == "=" else letter)
    return "".join(out)


class Shape(NamedTuple):
    """A sequence of tokens that changes a statement."""

    reason: str
    expression: str
    most_prose: int = 1000  # pairs of plain words that may stand beside it


# A term of an expression, as an attacker writes it: literals, calls, columns.
_T = r"[No@(]*(?:[snBX@]|f\(?|v(?:\.v)*\(?|X\(?|L\()\)*"
_START = r"^\(*(?:n|on)"
_END = r"(?:;|c|$)"
_LITERAL = r"[No@(]*(?:[snB]|X)\)*"

# After a quote that the value closed: the string, perhaps closing brackets.
_QUOTED = (
    Shape("tautology", rf"^s\)*A+[N(]*{_T}(?:o{_T})*=[N(]*{_T}"),
    Shape("condition", rf"^s\)*A+[N(]*{_LITERAL}(?:c|;|$|\)|A|W)"),
    Shape("condition", r"^s\)*A+[N(]*(?:[fXv](?:\.v)*\(|J|S|\(+S)", 6),
    Shape("condition", r"^s\)*A.{0,8}\(+S", 6),
    Shape("condition", r"^s\)*A[N(]*nv\(", 3),
    Shape("files", r"^s\)*.{0,6}Fws", 2),
    Shape("comparison", rf"^s\)*=+[N(]*{_LITERAL}(?:c|$|\)|A|=)", 2),
    Shape("comparison", r"^s\)*(?:N?=|o)+\(*[fX]\(", 3),
    Shape("union", r"^s\)*(?:.{0,6}?)UD?\(*S", 8),
    Shape("subquery", r"^s\)*(?:[oA=,]|\(|N)+\(*S(?:D?[(*nsfXvBJ@o]|W)", 6),
    Shape("stacked", r"^s\)*;+(?:E[vwfX@.(sFcn]|E$|S[(*nsfXvB@]|J|X|w)", 6),
    Shape("ordering", rf"^s\)*W(?:w[nvfJ(]|n)[^;]{{0,14}}{_END}", 2),
    Shape("comment at the end", r"^s\)*[^v;].{0,10};?c$", 0),
    Shape("delay", r"^s\)*;?Xv[s@n]", 1),
    Shape("stacked", r"^s\)*;+J.{0,4}X", 2),
    Shape("stacked", r"^s\)*;+S=\(", 2),
    Shape("comparison", r"^s\)*=+[N(]*f\(", 2),
    Shape("comparison", r"^s\)*N?L+N?(?:\(*[nsB]|\([Sfv])", 1),
    Shape("clause", r"^s\)*W(?:[nsfX(]|v=).{0,12}(?:c|$|s$)", 2),
    Shape("comment", r"^s\)*;?c$", 0),
    Shape("concatenation", r"^s(?:o|A)+\(?[fX]\(", 3),
    Shape("concatenation", r"^s(?:o|A)+\(?[snX]\)?(?:(?:o|A)+\(?[snfX]\)?)*$", 0),
    Shape("values", r"^s\)*,\(*(?:S|X|[fsnB]\(?).{0,30}\)+;?c", 2),
    Shape("function", r"^s.{0,12}X\(", 4),
    Shape("case", r"^s\)*[oA=,(]+J\(", 1),
    Shape("variable", r"^s\)*[Ao=,(]+X", 3),
    Shape("block", r"^s\)*(?:;E[wfvX]|E[wfX])", 1),
    Shape("stacked", r"^s\)*;+E;", 0),
    Shape("stacked", r"^s\)*;+wv(?:c|$|;)", 0),
)
# After a number or a name, or at once.
_BARE = (
    Shape("tautology", rf"^(?:[nsvB]|o+n|f\(\)|@)?\)*A+[N(]*{_LITERAL}(?:o{_LITERAL})*=[N(]*{_LITERAL}", 3),
    Shape("tautology", rf"^(?:n|on|s|\)+)\)*A+[N(]*{_T}(?:o{_T})*=[N(]*{_T}(?:c|$|\)|A|;)", 1),
    Shape("condition", r"^(?:[nvs]|o+n|\))?\)*A+[N(]*(?:X\(|f\(|J\(|JJ|\(*S[(*nsfXBJ@v]|=\(*S)", 2),
    Shape("condition", rf"^(?:n|on|s|v)\)*A+[N(]*{_LITERAL}=[N(]*(?:[fX]\(|\(*S)", 2),
    Shape("condition", r"^(?:n|on)\)*(?:A|o).{0,6}\(+S", 2),
    Shape("tautology", r"^A[N(]*v=v(?:c|$)", 0),
    Shape("tautology", r"^(?:n|on)\)*A[N(]*nLLn", 0),
    Shape("function", r"^J\(.{0,20}X\(", 0),
    Shape("files", r"^(?:n|v).{0,6}Fws", 1),
    Shape("concatenation", r"^f\(n\)(?:[Ao]f\(n\))+", 0),
    Shape("system", r"^S(?:f(?:\(.{0,6}\))?(?:Fv)?|X(?:\(.{0,6}\))?)c?$", 0),
    Shape("condition", r"^(?:n|on)\)*A+[N(]*(?:[nB]\)*c|B\)*$)", 0),
    Shape("condition", r"^(?:[nv]|on)?\)*[A=o]+\(*X(?:\(|$|[snoc=])", 2),
    Shape("union", r"^(?:[nvsB]|o+n|n\.n)?\)*.{0,14}?U[Do]{0,3}\(*S(?:D?[(*nsfXBJ@o]|v[,F(.c]|vv?F)", 3),
    Shape("union", r"UD?\(*S\(*(?:[nsBX@f](?:\(.{0,12}?\))?,|B)", 12),
    Shape("union", r"^[ns]\)*UD?\(*S", 2),
    Shape("stacked", r"^(?:[nsv]|vw|on|\))?\)*;+(?:E[vwfX@(Fs].{0,40}|S[(*nsfXB@vL].{0,40}|X.{0,12}|JE|E)(?:c|;|$)", 3),
    Shape("subquery", r"^(?:[nv]|on)?\)*(?:[oA=,]|N)*\(+S(?:D?[(*nsfXBJ@o]|v+[F,(.)])", 3),
    Shape("subquery", r"^(?:n|on)\)*[oA=,]+\(*S", 2),
    Shape("comment", r"^(?:n|on)\)*;?c$", 0),
    Shape("comment", r"^(?:[nv]|on)\)+;?c$", 0),
    Shape("ordering", r"^(?:n|on)?\)*Ww(?:n|\(*S|\(*[fXJ])(?:,n)*(?:c|$)", 0),
    Shape("ordering", r"^(?:n|on)\)*W(?:w[nv]|n[=]n|n?W|W?X)(?:.{0,12})(?:c|$)", 0),
    Shape("clause", r"^(?:n|on|v|w)\)*(?:Wn(?:,n)?)?W[fwX(]+\(.{0,40}(?:c|$|\))", 0),
    Shape("clause", r"^(?:n|on)\)*Wn=n", 0),
    Shape("function", r"^[(;,o]*X\(?[sn].{0,12}(?:c|$)", 0),
    Shape("function", r"^X\(.{1,60}\)+;?c?$", 0),
    Shape("tautology", rf"{_START}\)*A+[N(]*{_T}(?:o{_T})*=[N(]*{_T}", 1),
    Shape("condition", rf"{_START}\)*A+[N(]*(?:{_LITERAL}=)?[N(]*(?:[fX]\(|L\(|J\(|\(*S)", 2),
    Shape("comparison", r"^(?:n|on)\)*N?L+N?(?:\([nsSfX]|s|B|n(?:c|A|\)|W|U|;))", 0),
    Shape("comparison", r"^(?:n|on|v)\)*N?=+N?\(*[nsB]\)*(?:An)?c$", 0),
    Shape("delay", r"^(?:n|on|v|s)?\)*;?Xv[s@n](?!v)", 1),
    Shape("stacked", r"^(?:n|on|v|s)?\)*;+J(?:.{0,4}X|\(+[fnsS])", 2),
    Shape("ordering", rf"^v\)*Wwn(?:,n)*{_END}", 0),
    Shape("clause", r"^v?\)*Wn=n", 0),
    Shape("function", r"^[fJ]\(n=n,", 0),
    Shape("case", r"^JJ?\(*n=n\)*J", 0),
    Shape("function", r"^E[vf]\(f\(", 0),
    Shape("select", r"^S[nB](?:,[nB])*(?:c|$)", 0),
    Shape("stacked", r"^(?:n|on)\)*;+w[vwf](?:c|$|;)", 0),
    Shape("case", r"^(?:[nvs]|on)?\)*[oA,=(]+J\(.{1,16},", 1),
    Shape("subquery", r"^vw,\(*(?:S[(Xf]|J|X\()", 0),
    Shape("function", r"^(?:n|on)\)*A+[N(]*f\(", 1),
    Shape("subquery", r"^\(+S[(fJXnsB].{0,60}\)", 2),
    Shape("case", r"^(?:[nv]|on)?\)*[oA,=(]+JJ?[(]*[nsSfX].{0,24}J", 2),
    Shape("variable", r"^(?:n|on|v)?\)*[A=o,]+X", 2),
    Shape("variable", r"^S\(*X", 1),
)
# A whole statement that reads what only an attacker reads, with few words of prose around.
_STATEMENT = (
    Shape("tautology", r"^S[^;]{1,40}F[^;]{1,40}A+(?:n=n|s=s|B)", 1),
    Shape("case", r"^SJJ?.{1,12}J", 0),
    Shape("whole statement", r"^S(?:\*|[vf](?:,[vf])*)Fv\.[vf](?:$|c|W)", 0),
    Shape("catalogue", r"S[^;]{0,60}F(?:v\.)?X", 2),
    Shape("function", r"^(?:S|E)[^;]{0,12}X\(", 1),
    Shape("files", r"^S.{0,40}Fws", 1),
    Shape("union", r"^S.{0,60}UD?S", 1),
    Shape("system", r"^;?E[Xw]?X", 1),
    Shape("variable", r"^E@(?:v|w)", 1),
)

_WEAKEST = frozenset(
    {
        "concatenation",
        "comment",
        "comment at the end",
        "comparison",
        "values",
        "block",
        "ordering",
        "clause",
        "variable",
    }
)
_SENTENCE = 6  # words before the first quote from which on a value is a text with a quotation in it
_WEAK = frozenset(
    {
        "concatenation",
        "comment",
        "comment at the end",
        "comparison",
        "condition",
        "values",
        "block",
        "ordering",
        "clause",
        "variable",
    }
)

_UNBOUNDED = 1000  # pairs of words that shapes allow which are unmistakable where they begin
_QUOTED_PROSE = max(shape.most_prose for shape in _QUOTED if shape.most_prose < _UNBOUNDED)
_BARE_PROSE = max(shape.most_prose for shape in (*_BARE, *_STATEMENT))

# What every shape that is anchored at its begin has there, and most texts have not.
_QUOTED_BEGIN = re.compile(r"s\)*(?:[A=LNoUW;EcXFSw,(]|.{1,14}X)")
_BARE_BEGIN = re.compile(r"(?![?.*DFL])(?!v[v?*@sn])")

_Search = Callable[[str], re.Match[str] | None]


class _Shapes:
    """Shapes of one place, and one expression for all that begin with the text: of most values none does."""

    __slots__ = ("_begins", "_within", "each")

    def __init__(self, shapes: tuple[Shape, ...]) -> None:
        expressions = [_shape(shape.expression) for shape in shapes]
        begins = [expression.removeprefix("^") for expression in expressions if expression.startswith("^")]
        within = [expression for expression in expressions if not expression.startswith("^")]
        self._begins = re.compile("|".join(begins) or "(?!)").match
        self._within = re.compile("|".join(within) or "(?!)").search
        self.each: tuple[tuple[str, _Search, int], ...] = tuple(
            (shape.reason, re.compile(expression).search, shape.most_prose)
            for shape, expression in zip(shapes, expressions, strict=True)
        )

    def occur(self, letters: str) -> bool:
        """Whether any of them does."""
        return self._begins(letters) is not None or self._within(letters) is not None


_compiled = {"'": _Shapes(_QUOTED), "": _Shapes((*_BARE, *_STATEMENT))}


def inject(value: bytes) -> tuple[str, bytes] | None:
    """The shape by which `value` leaves its place, and what of it did; None when it stays where it is put."""
    if _QUOTED_NAME.match(value) or title(value) or _FORMULA.match(value) or _GEOMETRY.match(value):
        return None
    if _QUOTED_WORD.search(value):
        value = _QUOTED_WORD.sub(rb"\2", value)
    if _NAMED_QUOTES.search(value) and sentence(value):
        value = _NAMED_QUOTES.sub(rb" \1 ", value)
    if _DOCUMENT.match(value) and value.rstrip()[-1:] in {b"}", b"]"}:
        return _in_document(value)
    found = _inject(value)
    if found is None and b"/**/" in value:
        found = _inject(value.replace(b"/**/", b""))
    if found is None and (b"\\'" in value or b'\\"' in value):
        # An application that escapes the quote but not the backslash, or a character set that swallows it.
        found = _inject(value.replace(b"\\'", b"'").replace(b'\\"', b'"'))
    if (
        found is None
        and (b"--" in value or b"#" in value)
        and b"\n" in value[:_SHORT_TEXT]
        and len(value) < _SHORT_TEXT
    ):
        found = _inject(_TO_END_OF_LINE.sub(b" ", value))
    if found is None and b"{" in value and len(value) < _SHORT_TEXT and _ESCAPE.search(value):
        found = _inject(_ESCAPE.sub(rb"\1(", value).replace(b"}", b")"))
    if found is None and _TWICE.search(value):
        found = _inject(_TWICE.sub(_inner, value))
    if found is None and b"+" in value and b" " not in value and len(value) < _SHORT_TEXT:
        found = _inject(value.replace(b"+", b" "))
    if found is None and _PROBE.match(value):
        found = ("probe", value)
    return found


_QUOTED_NAME = re.compile(rb'"[\w .:/-]{0,200}"\Z')
# A word that joins conditions, quoted between words: comparing two texts with it would give nothing.
_QUOTED_WORD = Sought(
    rb"(?:(?<=[A-Za-z,] )|\A)(['\"])(or|and|not|xor|in|is|like|union|select|having|where|limit|order|group)\1(?=[.,;:?!]?(?: [A-Za-z\x80-\xff'\"(]{2,}| ?\Z))",
    rb"['\"](?:or|and|not|xor|in|is|like|union|select|having|where|limit|order|group)['\"]",
)
# Signs that a sentence names: ' and "
_NAMED_QUOTES = Sought(
    rb"(?<=[A-Za-z]) ['\"`] (or|and|und|oder|ou|et|y|e|o|vs|with) ['\"`](?=[.,;:?!]{0,2}(?: [A-Za-z-]|\Z))",
)
# A formula of a spreadsheet: a function of cells. In a statement it would follow another sign of equality.
_FORMULA = re.compile(
    rb"=(?=[^\n]{2,30}\$?[A-Z]{1,2}\$?[0-9]{1,7}\b)(?:(?!SLEEP|BENCHMARK|SELECT|CHAR)[A-Z]{2,12}\(){1,3}[\w$!]{0,20}\$?[A-Z]{1,3}\$?[0-9]{1,7}[^\n']{0,200}\)[\w +]{0,60}\Z"
)
# Well-known text (ISO 19125): a shape of numbers.
_GEOMETRY = re.compile(
    rb"\s{0,8}(?:SRID=\d{1,8};\s?)?(?:(?:MULTI)?(?:POINT|LINESTRING|POLYGON|CURVE|SURFACE)|CIRCULARSTRING|COMPOUNDCURVE|CURVEPOLYGON|TRIANGLE|TIN|POLYHEDRALSURFACE|GEOMETRYCOLLECTION|BOX(?:2D|3D)?)\s?(?:ZM?|M|EMPTY)?\s{0,4}(?:(?:POINT|LINESTRING|POLYGON)|[\d\s.,()eE+-]){1,20000}\Z",
    re.IGNORECASE,
)
# A JSON document as a value: an application puts its strings into statements, not itself.
_DOCUMENT = re.compile(rb'\s{0,8}(?:\{\s{0,8}"[^"]{0,200}"\s{0,8}:|\[\s{0,8}[\["{])')
_STRINGS = re.compile(rb'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_MOST_STRINGS = 64
_GATE = re.compile(NEEDS, re.IGNORECASE | re.DOTALL)
_SIGNS = re.compile(
    rb"'|--|/\*|\\|;|\b(?:or|and|union|select|like|having|order|limit|sleep|waitfor|benchmark)\b", re.IGNORECASE
)


def _in_document(value: bytes) -> tuple[str, bytes] | None:
    """`inject` for each string of a JSON document."""
    if _SIGNS.search(value) is None:
        return None
    for number, match in enumerate(_STRINGS.finditer(value[:LONGEST])):
        text = match.group(1).replace(b'\\"', b'"')
        if number == _MOST_STRINGS:
            break
        if len(text) > 2 and _GATE.search(text):
            found = _inject(text)
            if found is not None:
                return found
    return None


_SHORT_TEXT = 512
_TO_END_OF_LINE = re.compile(rb"(?:--|#)[^\n]{0,80}\n")
_ESCAPE = Sought(
    rb"((?i:\b(?:and|or|select|from|where|union)|[=(&|]))\s{0,4}\{\s{0,4}`?\w{1,12}(?:`|\s)"
)  # ODBC's {fn ...}, which MySQL takes with any name
_TWICE = Sought(_NESTED)


def _inner(match: re.Match[bytes]) -> bytes:
    """The word that is left of one nested in itself."""
    nested = match.group().lower()
    return next(word for word in _WORDS_INSIDE if word in nested and 2 * len(word) == len(nested))


# Nothing but what ends a string and a bracket, or a variable of the server: somebody tries what happens.
_PROBE = re.compile(
    rb"""^(?:(?=[^'@]{0,6}')['"`()\\;%\s-]{1,8}|@@[\w.]{4,40}|\d{1,10}'["')]{0,4}|(\d{1,8})=\1|'(\w{1,8})'='\2'?|\d{1,8}\s{1,4}(?:xor|r?like|regexp|&&|\|\|)\s{1,4}\d{1,8}|(?:version|user|database|current_user|system_user|session_user|schema)\(\))$"""
)


def _inject(value: bytes) -> tuple[str, bytes] | None:
    if b"'" in value:
        found = _in_place(b"'" + value, _compiled["'"], 1)
        if found:
            return found
    if b'"' in value:
        found = _in_place(b'"' + value, _compiled["'"], 1)
        if found:
            return found
    fenced = b"```" in value
    if not fenced and 0 <= value.find(b"`") < _SHORT_NAME:
        found = _in_place(b'"' + value.replace(b"`", b'"'), _compiled["'"], 1)
        if found:
            return found
    elif b"]" in value and _BRACKETED.match(value):
        found = _in_place(b'"' + value.replace(b"]", b'"', 1), _compiled["'"], 1)
        if found:
            return found
    if fenced:
        value = without_fences(value)
    found = _in_place(value, _compiled[""], 0)
    assigned = _ASSIGNED.match(value) if found is None else None
    if assigned is not None:
        found = _in_place(value[assigned.end() :], _compiled[""], 0)
        if found is not None and found[0] == "tautology" and _LITERALS.search(found[1]) is None:
            # size=5 and color=red: terms of a search, not of a statement.
            found = None
    if found is None and value.startswith(b"("):
        found = _in_place(value.lstrip(b"( "), _compiled[""], 0)
    return found


_LITERALS = re.compile(rb"""(?:['"]|\d)\s*[=<>]|[=<>]\s*(?:['"(]|\d)|\blike\b""", re.IGNORECASE)
_ASSIGNED = re.compile(rb"\w{1,24}=(?=[\d('-])")
_SHORT_NAME = 24  # where a quoted identifier that is broken out of ends; further on a backtick is markup
_BRACKETED = re.compile(rb"[\w.-]{0,40}\]")


def _said(text: bytes, start: int) -> bool:
    """Whether the comment that begins there is a sentence, as after a dash."""
    return len(_WORDS.findall(text, start, start + _SHORT_TEXT)) > 2


_WORDS = re.compile(rb"[A-Za-z\x80-\xff]{2,}")


def _in_place(text: bytes, shapes: _Shapes, opening: int) -> tuple[str, bytes] | None:
    tokens = tokenize(text, _QUOTED_PROSE, _QUOTED_BEGIN) if opening else tokenize(text, _BARE_PROSE, _BARE_BEGIN)
    if not shapes.occur(tokens.letters):
        return None
    # A string over several lines before the breakout is a text with quotes in it, unless what follows is unmistakable.
    lines = opening and len(tokens.starts) > 1 and b"\n" in text[: tokens.starts[1]].rstrip()
    said = opening and len(tokens.starts) > 1 and len(_WORDS.findall(text, 0, tokens.starts[1])) > _SENTENCE
    for reason, search, most in shapes.each:
        if tokens.prose > most:
            continue
        found = search(tokens.letters)
        if found is not None:
            if (
                (lines and reason in _WEAK)
                or (said and reason in _WEAKEST)
                or (reason.startswith("comment") and _TAGGED.match(text, tokens.starts[found.end() - 1]))
                or (
                    reason == "quote and end"
                    and _quotation(text[: tokens.starts[1]])
                    and _WORDS.search(text, tokens.starts[1])
                )
                or (
                    reason in {"condition", "concatenation"}
                    and tokens.letters.endswith("As")
                    and _said(text, tokens.starts[-1])
                )
                or (
                    (reason.startswith(("comment", "quote")) or (reason == "ordering" and tokens.letters.endswith("c")))
                    and _said(text, tokens.starts[found.end() - 1])
                )
            ):
                continue
            start = tokens.starts[found.start()]
            end = tokens.starts[found.end()] if found.end() < len(tokens.starts) else len(text)
            return reason, text[max(start, opening) : end]
    return None


# Who comments out the rest of a statement seldom writes on at once.
_TAGGED = re.compile(rb"#[^\s#'\"/+)-]")
_FEW_WORDS = 2  # words of a quotation, after which a dash and a name may stand
_FEW_OCTETS = 24  # the same for scripts that have no spaces


def _quotation(text: bytes) -> bool:
    return len(_WORDS.findall(text)) > _FEW_WORDS or sum(octet >= 0x80 for octet in text[:200]) > _FEW_OCTETS


_HIGH = (
    *_STATEMENT,
    Shape("quote and end", r"^s[c;)]", 0),
)
_compiled_high = _Shapes(_HIGH)


def inject_high(value: bytes) -> tuple[str, bytes] | None:
    """`inject` at sensitivity high: whole statements too, which an application may expect of its users."""
    return inject(value) or statement(value)


def statement(value: bytes) -> tuple[str, bytes] | None:
    """Whole statements, which an application may expect of its users."""
    return _in_place(value, _compiled_high, 0)


NEEDS_STATEMENT = (
    rb"^\W*['\"]|\bselect\b|^\W*(?:"
    + b"|".join(sorted(word for word, letter in WORDS.items() if letter == "E"))
    + rb")\b"
)


# A name of words joined by hyphens is no statement.
_PLAIN_PATH = re.compile(rb"[\w./-]*\Z")


def inject_path(value: bytes) -> tuple[str, bytes] | None:
    """`inject` for the path of a URL: as a whole, and each of its segments."""
    if _PLAIN_PATH.match(value):
        return None
    found = inject(value)
    if found is None:
        for segment in value.split(b"/")[:64]:
            if len(segment) > 2 and not _PLAIN_PATH.match(segment):
                found = inject(segment)
                if found is not None:
                    break
    return found


def inject_header(value: bytes) -> tuple[str, bytes] | None:
    """`inject` for a header, where quotes, semicolons and parentheses are part of ordinary syntax."""
    return inject(value)
