"""Characters that an application, a database or a browser folds into ASCII."""

from __future__ import annotations

import re
import unicodedata

# Two-, three- and four-byte forms of code points below 0x80, refused by RFC 3629 and accepted by careless decoders.
_OVERLONG = re.compile(rb"[\xc0\xc1][\x80-\xbf]|\xe0[\x80\x81][\x80-\xbf]|\xf0\x80[\x80\x81][\x80-\xbf]")
_HIGH = re.compile(rb"[\x80-\xff]")
_FOLDED = {
    0x2018: "'", 0x2019: "'", 0x02B9: "'", 0x02BC: "'", 0x02C8: "'", 0x2032: "'", 0xFF07: "'",
    0x201C: '"', 0x201D: '"', 0x02BA: '"', 0x2033: '"', 0xFF02: '"',
    0x2039: "<", 0x203A: ">", 0x2329: "<", 0x3008: "<", 0x3009: ">", 0xFE64: "<", 0xFE65: ">",
    0x2044: "/", 0x2215: "/", 0x2216: "\\",
    0x00A0: " ", 0x1680: " ", 0x2028: "\n", 0x2029: "\n", 0x202F: " ", 0x205F: " ", 0x3000: " ", 0xFEFF: "",
    0x200B: "", 0x200C: "", 0x200D: "", 0x2060: "", 0x00AD: "", 0x0131: "i", 0x017F: "s", 0x212A: "k",
}  # fmt: skip
_FOLDED.update({0x2000 + n: " " for n in range(11)})
_FOLDED.update({code: unicodedata.normalize("NFKC", chr(code)) for code in range(0xFF01, 0xFF5F)})
# Letters of the mathematical alphabets and in circles, which NFKC turns into plain letters.
_COMPATIBLE = re.compile("[\u2100-\u214f\u2460-\u24ff\U0001d400-\U0001d7ff]")
# What a careless "best fit" turns into ASCII although it is a quotation mark of good prose.
_PROSE = re.compile(rb"\xe2\x80[\x98\x99\x9c\x9d]")


def fold(value: bytes) -> bytes:
    """Overlong UTF-8, full-width and look-alike characters as ASCII; typographic quotation marks stay what they are."""
    if not _HIGH.search(value):
        return value
    value = _OVERLONG.sub(_shortest, value)
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return value
    if text.isascii():
        return value
    folded = text.translate(_FOLDED_IN_PROSE if _PROSE.search(value) else _FOLDED)
    if _COMPATIBLE.search(folded):
        folded = _COMPATIBLE.sub(lambda match: unicodedata.normalize("NFKC", match.group()), folded)
    return folded.encode("utf-8", "surrogatepass")


_FOLDED_IN_PROSE = {code: to for code, to in _FOLDED.items() if code not in {0x2018, 0x2019, 0x201C, 0x201D}}


def _shortest(match: re.Match[bytes]) -> bytes:
    code = 0
    for octet in match.group()[1:]:
        code = code << 6 | octet & 0x3F
    if len(match.group()) == 2:
        code |= (match.group()[0] & 0x1F) << 6
    return bytes((code & 0x7F,))
