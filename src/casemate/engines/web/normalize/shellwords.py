"""Command lines as a shell reads them, without the tricks that hide a word."""

from __future__ import annotations

import re

from casemate.engines.web.normalize.fences import without_fences

TRICKY = re.compile(rb"['\"\\^$`{@*?\[]")
# $IFS and its spellings stand for a space; so does a brace list {cat,/etc/passwd}.
_FIELD_SEPARATOR = re.compile(
    rb"\$(?:\{IFS[^}]{0,40}\}|IFS(?:\$[0-9@*])?(?![A-Za-z0-9_]))|%ProgramFiles:~10,1%", re.IGNORECASE
)
_BRACES = re.compile(rb"\{(?<![$\w{]\{)([A-Za-z0-9_./'\"\\-]{1,64}(?:,[^{}\s,]{1,200}){1,12})\}(?!\})")
# Empty quotes, quotes around a piece of a word, backslashes and carets before a letter, and expansions that are empty.
_NOTHING = re.compile(rb"''|\"\"|``|\$(?:@|\*|[0-9](?![0-9A-Za-z])|\{[A-Za-z0-9_@*?!]{1,12}\}|\(\))|\\\r?\n")
_EMPTY_VARIABLE = re.compile(rb"\$(?<=[A-Za-z/]\$)[A-Za-z_][A-Za-z0-9_]{0,20}(?=[/A-Za-z])")
_POSITIONAL = re.compile(rb"\$(?<=[A-Za-z]\$)[0-9](?=[A-Za-z])")
_ESCAPED_LETTER = re.compile(rb"[\\^](?=[A-Za-z/.\s-])")
_QUOTED_PIECE = re.compile(
    rb"['\"](?:(?<=[A-Za-z/]['\"])|(?<![\w=,(\s:]['\"])(?=[\w./-]{1,16}['\"][A-Za-z/]))(?:(?<=')([A-Za-z0-9_./-]{1,16})'|(?<=\")([A-Za-z0-9_./-]{1,16})\")"
)
_NAMED = re.compile(rb"\$\{?([A-Za-z_][A-Za-z0-9_]{0,12})")
_ASSIGNED = re.compile(rb"([A-Za-z0-9_./-]{1,32})[;&|\s]")
_MOST_VARIABLES = 8
_BEFORE_NAMES = tuple(b";&| \t\r\n"[at : at + 1] for at in range(7))
_ONE_OF = re.compile(rb"\[([A-Za-z/])\]")
_WILDCARDS = re.compile(rb"(?<![A-Za-z0-9?])/(?:[A-Za-z?*]{1,8}/){1,4}[A-Za-z?*]{1,12}")


def unhidden(line: bytes) -> bytes:
    """A command line with the words that a POSIX shell or cmd.exe would see; one pass of each rule, linear in size."""
    if TRICKY.search(line) is None:
        return line
    line = without_fences(line)
    if b"$" in line or b"%" in line:
        line = _FIELD_SEPARATOR.sub(b" ", line)
        line = _variables(line)
    if b"{" in line:
        line = _BRACES.sub(lambda match: match.group(1).replace(b",", b" "), line)
    line = _NOTHING.sub(b"", line)
    if b"$" in line:
        line = _POSITIONAL.sub(b"", _EMPTY_VARIABLE.sub(b"", line))
    line = _ESCAPED_LETTER.sub(b"", line)
    line = _QUOTED_PIECE.sub(lambda match: match.group(1) or match.group(2), line)
    return _ONE_OF.sub(rb"\1", line)


def _variables(line: bytes) -> bytes:
    """`a=c;b=at;$a$b` as `cat`: at most eight variables, each used wherever it is named."""
    names = list(dict.fromkeys(_NAMED.findall(line)))[:_MOST_VARIABLES] if b"=" in line else []
    for name in names:
        at = line.find(name + b"=")
        if at < 0 or (at > 0 and line[at - 1 : at] not in _BEFORE_NAMES):
            continue
        text = _ASSIGNED.match(line, at + len(name) + 1)
        if text is not None:
            line = re.sub(rb"\$(?:\{" + name + rb"\}|" + name + rb"(?![A-Za-z0-9_]))", text.group(1), line)
    return line
