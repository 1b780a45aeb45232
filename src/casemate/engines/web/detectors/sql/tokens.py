# ruff: noqa: E501 - an expression is read as one
"""A tokenizer for what the common SQL dialects accept, one letter a token.

| letter | token | letter | token |
|---|---|---|---|
| s | string (closed or running to the end) | n | number |
| v | identifier, quoted identifier | w | word of a statement: TABLE, SET, VALUES, ... |
| f | known function | X | function or variable that serves attacks |
| A | AND, OR, XOR, &&, `||` | N | NOT, !, ~ |
| = | comparison: =, <, !=, EXISTS ... | L | LIKE, IN, IS, BETWEEN ... |
| o | arithmetic | | |
| U | UNION, INTERSECT, EXCEPT, MINUS | D | ALL, DISTINCT |
| S | SELECT | F | FROM, INTO |
| W | WHERE, HAVING, LIMIT, PROCEDURE, ORDER BY, GROUP BY | B | NULL, TRUE, FALSE |
| E | verb of a statement: INSERT, DROP, EXEC ... | J | CASE, WHEN, IF |
| c | comment that hides the rest | C | comment inside |
| ( ) , ; . * @ | themselves | ? | anything else |
"""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST = 4096  # octets looked at from where a breakout may be
MOST = 160  # tokens looked at
NEAR = 80  # of them where no word of the text joins another statement further on
BEGIN = 16  # of them by which it shows whether a text may be one of those shapes that are anchored at its begin
_JOINING = (b"union", b"select", b"intersect", b"except", b"minus", b"into")

_WORDS: dict[str, str] = {
    "A": "and or xor",
    "N": "not",
    "=": "soundex_like notnull exists overlaps",
    "L": "like rlike regexp in is between glob ilike similar sounds",
    "o": "div mod collate binary",
    "U": "union intersect except minus",
    "D": "all distinct distinctrow unique",
    "S": "select",
    "F": "from into",
    "W": "where having limit procedure order group offset window fetch returning top qualify",
    "B": "null true false unknown",
    "J": "case when then else end if iif elseif while begin",
    "E": "insert update delete drop alter create truncate exec execute declare merge replace grant revoke shutdown "
    "backup restore call handler load copy attach detach vacuum pragma rename reconfigure kill use set deallocate prepare "
    "dbcc bulk",
    "w": "table tables database schema values view procedure function user users index trigger outfile dumpfile by as on "
    "join inner outer left right cross natural using with cascade constraint primary key default varchar nvarchar int char "
    "integer decimal float text date time day_hour interval analyse plugin login role program stdin stdout xp "
    "columns asc desc escape for local global session row rows only some any",
    "f": "count sum min max avg concat concat_ws group_concat substring substr substring_index mid left ascii ord hex "
    "unhex char chr length len char_length lower upper lcase ucase cast convert database user version current_user "
    "session_user system_user user_name db_name schema_name host_name round floor ceil rand random md5 sha1 sha sha2 "
    "password encode decode compress uncompress aes_encrypt aes_decrypt ifnull nvl nvl2 coalesce nullif isnull greatest "
    "least elt field make_set find_in_set locate instr position strcmp reverse repeat replace lpad rpad trim ltrim rtrim "
    "space quote to_char to_number to_date string_agg array_agg array_to_string json_agg json_arrayagg "
    "json_extract json_value json_query json_exists json_length json_depth json_search json_keys row_count found_rows last_insert_id now sysdate curdate current_timestamp getdate date_add "
    "stuff patindex charindex unicode nchar object_id object_name col_name col_length isnumeric is_srvrolemember "
    "rownum bit_and conv bin oct abs sign power exp log ln pi sqrt unistr rawtohex utl_raw zeroblob typeof printf glob "
    "randomblob quote_literal query_to_xml database_to_xml xmlelement xmltype current_setting inet_server_addr "
    "current_database current_schema getpgusername "
    "connection_id if iif decode_oracle gtid_subset gtid_subtract st_latfromgeohash st_longfromgeohash",
    "X": "sleep benchmark pg_sleep pg_sleep_for waitfor dbms_lock dbms_pipe dbms_session extractvalue updatexml xp_cmdshell "
    "xp_dirtree xp_fileexist xp_regread xp_subdirs sp_executesql sp_oacreate sp_oamethod sp_configure sp_makewebtask "
    "sp_password sp_addextendedproc load_file load_extension information_schema mysql innodb_table_stats pg_catalog "
    "pg_user pg_shadow pg_tables pg_database pg_read_file pg_ls_dir lo_import lo_export dblink_connect sysobjects syscolumns "
    "sysdatabases sysusers syslogins sqlite_master sqlite_schema sqlite_version msysobjects all_tables all_tab_columns "
    "user_tables all_users dba_users utl_http utl_inaddr utl_smtp utl_tcp dbms_ldap dbms_xmlgen dbms_utility "
    "dbms_java dbms_scheduler httpuritype ctxsys ordsys name_const geometrycollection polygon multipoint "
    "multilinestring multipolygon linestring openrowset opendatasource openquery fn_xe_file_target_read_file receive_message rdb domain",
}
WORDS: dict[bytes, str] = {}
for _letter in "wfEoJWL=FDUSBNAX":
    for _word in _WORDS[_letter].split():
        WORDS.setdefault(_word.encode(), _letter)
# Words that are more than one thing: what matters in an injection wins.
WORDS.update({b"replace": "E", b"left": "w", b"right": "w", b"user": "f", b"database": "f", b"if": "J", b"mysql": "v",
              b"domain": "v", b"rdb": "v", b"polygon": "X", b"isnull": "=", b"procedure": "W", b"date": "v", b"time": "v",
              b"text": "v", b"end": "J", b"user_name": "f", b"char": "f", b"position": "v", b"password": "v", b"version": "f", b"row": "f"})  # fmt: skip

# One alternative a token; no alternative can match at more than one length after backtracking, so a scan is linear.
_TOKEN = re.compile(
    rb"""
      (?P<space>[\s\x00\xa0\x0b\x1c-\x1f]+)
    | (?P<executed>/\*![0-9]{0,6}|\*/)
    | (?P<inside>/\*[^*]{0,512}(?:\*(?!/)[^*]{0,512}){0,64}\*/)
    | (?P<rest>/\*|\#(?![\w#]*\})[^\n]*|--(?=[\s\x00+;\x0b]|[-'"\w]*$|.{0,24}$)[^\n]*)
    | (?P<number>0x[0-9a-f]+|0b[01]+|(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|[0-9]+(?:e[+-]?[0-9]+|(?![\w])))
    | (?P<string>(?:[nbxe]|_[a-z0-9]{2,12}\s?)?'(?:[^'\\]++|\\.|''(?!'?$))*+(?:'|$))
    | (?P<double>"(?:[^"\\]++|\\.|""(?!"?$))*+(?:"|$))
    | (?P<dollar>\$\$(?:[^$])*\$\$)
    | (?P<quoted>`[^`]*`|\[[\w. ]{1,64}\])
    | (?P<system>@@[\w.$]+)
    | (?P<variable>@[\w.$]*)
    | (?P<word>(?:[\w\x80-\x9f\xa1-\xff$]|(?<=[\x80-\xff])\xa0)+)
    | (?P<logic>&&|\|\|)
    | (?P<compare><=>|<>|!=|<=|>=|:=|==|=|<(?!<)|>(?!>)|!<|!>|~~\*?|!~\*?)
    | (?P<arithmetic><<|>>|[-+/%^|&])
    | (?P<not>[!~])
    | (?P<self>[(),;.*])
    | (?P<other>.)
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_LETTER = {
    "rest": "c", "number": "n", "string": "s", "double": "s", "dollar": "s", "quoted": "v", "system": "X",
    "variable": "@", "logic": "A", "compare": "=", "arithmetic": "o", "not": "N", "other": "?",
}  # fmt: skip


# Joins, unless a bracket follows: then functions.
_SIDES = frozenset({b"left", b"right"})
# After these a star multiplies.
_OPERANDS = frozenset("snvX)@B")


class Tokens(NamedTuple):
    """The letters of the tokens, and where each token begins in the text that was tokenized."""

    letters: str
    starts: list[int]
    prose: int  # how often a word follows a word directly, as in sentences


def tokenize(text: bytes, most_prose: int = 1000, possible: re.Pattern[str] | None = None) -> Tokens:
    """Tokens of at most 4 KB of `text`; comments inside and white space are dropped.

    It ends where more than `most_prose` words have followed a word, which no shape allows; and gives none where `possible`
    doesn't match the first letters of a text without words that join statements.
    """
    most = MOST
    letters: list[str] = []
    starts: list[int] = []
    prose = 0
    before = ""
    for match in _TOKEN.finditer(text, 0, LONGEST):
        kind = match.lastgroup
        if kind in {"space", "inside", "executed"}:
            continue
        if kind == "word":
            letter = WORDS.get(match.group().lower(), "v")
            if letter == "w" and match.group().lower() in _SIDES and text[match.end() : match.end() + 1] == b"(":
                letter = "f"
            if letter == "v" and before == "v":
                prose += 1
                if prose > most_prose:
                    break
        elif kind == "self":
            letter = match.group().decode("ascii")
            if letter == "*" and before in _OPERANDS:
                letter = "o"
        else:
            letter = _LETTER[str(kind)]
        letters.append(letter)
        starts.append(match.start())
        before = letter
        if len(letters) == BEGIN:
            lower = text[:LONGEST].lower()
            if not any(word in lower for word in _JOINING):
                if possible is not None and possible.match("".join(letters)) is None:
                    return Tokens("", [0], prose)
                most = NEAR
        if len(letters) >= most:
            break
    return Tokens("".join(letters), starts, prose)
