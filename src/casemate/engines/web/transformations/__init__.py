"""The text transformations, by their names in the API.

Source: AWS WAF Developer Guide, "Using text transformations in AWS WAF". Each takes and gives bytes, never raises, and
takes time linear in its input. What the guide leaves open is said in the docstring of the function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from casemate.engines.web.transformations import commands, decoding, escapes, paths, text

Transformation = Callable[[bytes], bytes]

TRANSFORMATIONS: Final[Mapping[str, Transformation]] = MappingProxyType(
    {
        "NONE": text.none,
        "BASE64_DECODE": decoding.base64_decode,
        "BASE64_DECODE_EXT": decoding.base64_decode_ext,
        "CMD_LINE": commands.cmd_line,
        "CMD_LINE_UNIX": commands.cmd_line_unix,
        "CMD_LINE_WIN": commands.cmd_line_win,
        "COMPRESS_WHITE_SPACE": text.compress_white_space,
        "CSS_DECODE": escapes.css_decode,
        "ESCAPE_SEQ_DECODE": escapes.escape_seq_decode,
        "HEX_DECODE": decoding.hex_decode,
        "HTML_ENTITY_DECODE": escapes.html_entity_decode,
        "JS_DECODE": escapes.js_decode,
        "JS_DECODE_EXT": escapes.js_decode_ext,
        "LOWERCASE": text.lowercase,
        "MD5": text.md5,
        "NORMALIZE_PATH": paths.normalize_path,
        "NORMALIZE_PATH_WIN": paths.normalize_path_win,
        "REMOVE_COMMENTS_CHAR": text.remove_comments_char,
        "REMOVE_NULLS": text.remove_nulls,
        "REMOVE_WHITESPACE": text.remove_whitespace,
        "REPLACE_COMMENTS": text.replace_comments,
        "REPLACE_NULLS": text.replace_nulls,
        "SHA256": text.sha256,
        "SQL_HEX_DECODE": decoding.sql_hex_decode,
        "TRIM": text.trim,
        "TRIM_LEFT": text.trim_left,
        "TRIM_RIGHT": text.trim_right,
        "UPPERCASE": text.uppercase,
        "URL_DECODE": decoding.url_decode,
        "URL_DECODE_UNI": decoding.url_decode_uni,
        "UTF8_TO_UNICODE": decoding.utf8_to_unicode,
    }
)


def apply(chain: tuple[str, ...], value: bytes) -> bytes:
    """`value` after every transformation of `chain`, in order."""
    for name in chain:
        value = TRANSFORMATIONS[name](value)
    return value


__all__ = ["TRANSFORMATIONS", "Transformation", "apply"]
