# ruff: noqa: E501 - an expression is read as one
"""Injection into queries that are not SQL: documents (NoSQL), directories (LDAP), XML (XPath, XQuery), graphs."""

from __future__ import annotations

import re

from casemate.engines.web.detectors.evidence import Pattern, first_match

_OPERATORS = (
    rb"\$(?:n?eq|ne|gte?|lte?|n?in|regex|where|or|and|nor|not|exists|expr|function|jsonschema|mod|all|elemmatch|size|type|text|"
    rb"lookup|merge|out|accumulator|set|unset|inc|push|pull|comment|options|match|group|project|unionwith|eval|func|nearsphere|slice|meta)"
)
NOSQL = (
    Pattern(
        "operator as a key",
        rb"(?:^|[\[{.,&?]|\[['\"]?)\s{0,8}(?![\"']?\$[gl]te?[\"']?\s{0,4}:\s{0,4}[1-9]\d{1,14}\s{0,4}[,}])[\"']?"
        + _OPERATORS
        + rb"(?:\]|[\"']?\s{0,8}:|=|$)",
    ),
    Pattern(
        "script in a query",
        rb"['\"][ \t]{0,4}\)?(?:;|\|\||&&|\})[ \t]{0,4}(?:return\b[^\n]{0,40}(?:true|false|1|this|sleep|;|==|')|this\.\w{1,40}\s{0,4}(?:\.|=|!|<|>|\[)|sleep\s{0,4}\(\s{0,4}\d|while\s{0,4}\(|var\s{1,4}\w{1,20}\s{0,4}=|it=new\b|db\.\w{2,40}|function\s{0,4}\()",
    ),
    Pattern(
        "script in a query",
        rb"\bthis\.\w{1,40}\s{0,4}(?:={2,3}|!={1,2}|\.match\s{0,4}\(|\[|>|<)|\bdb\.(?:getcollection|\w{1,40}\.(?:find|insert|drop|remove|update|count|aggregate)|version|stats|injection|getmongo|shutdownserver|admincommand)\s{0,4}\(|\bfunction\s{0,4}\(\s{0,4}\)\s{0,4}\{[^\n]{0,100}(?:sleep|this\.|obj\.|emit\s{0,4}\(|while|date|return)|\$where\b(?!\s{1,4}[a-z]{2,20}\b(?!\s{0,4}[(=.\[]))|\bnew\s{1,4}date\(\)[^\n]{0,80}(?:do|while)|tojson(?:one)?\s{0,4}\(|\bmapreduce\b|\bemit\s{0,4}\(\s{0,4}(?:this|1)",
    ),
    Pattern(
        "tautology",
        rb"['\"]\s{0,4}(?:\|\||&&)\s{0,4}(?:['\"]?\w{0,20}['\"]?\s{0,4}={1,3}\s{0,4}['\"]?\w{0,20}|1\b|true\b|!)|^\s{0,4}(?:true|1)\s{0,4},\s{0,4}\$where|['\"]\s{0,4}\}\s{0,4}(?:,\s{0,4}(?:\$|//)|[);]\s{0,4}(?:\{|\$|//))|^(?![{\[])[^\n]{0,60}['\"]\s{0,4}\}\s{0,4},\s{0,4}\{|['\"],\s{0,4}\$(?:or|and|where|ne|gt)\b|^\[\$\w{2,10}\]$|\}\s{0,4},\s{0,4}\{\s{0,4}['\"]?\$\w",
    ),
    Pattern(
        "graph query",
        rb"['\"]\s{0,4}\}?\s{0,4}\)?\s{0,8}(?:match\s{0,4}\(\s{0,4}\w{0,20}\s{0,4}[:)]|call\s{1,4}\w{1,20}\.\w{1,20}|load\s{1,4}csv\s|detach\s{1,4}delete|foreach\s{0,4}\()[^\n]{0,120}|\bapoc\.\w{2,20}\.|\bcall\s{1,4}(?:db|dbms)\.\w|\b__schema\b\s{0,4}\{|\b__type\b\s{0,4}\(\s{0,4}name",
    ),
    Pattern(
        "cache or search protocol",
        rb"\r\n(?:flushall|config\s{1,4}set|slaveof|eval\s{1,4}['\"]|set\s{1,4}\w{1,40}\s{1,4}\d{1,10}\s{1,4}\d{1,10}\s{1,4}\d{1,10}|\*\d{1,3}\r?\n\$\d)|_search\?source=|\"script_fields\"|\"lang\"\s{0,4}:\s{0,4}\"(?:groovy|mvel|painless)\"|\{!(?:xmlparser|dataimport)|stream\.url=|\bv\.template\.custom\b",
    ),
)
LDAP = (
    Pattern("escaped filter", rb"\\(?:2a|28|29)(?:\\(?:28|29|2a|7c|26)|[\w=*]{0,20}\\(?:28|29))"),
    Pattern(
        "filter",
        rb"^[^\s()<>\"]{0,60}(?:\s\w{1,30})?\*?\)+\s{0,4}(?:\(|[&|!%])\s{0,4}[\s(]{0,4}(?:[|&!]|[\w-]{1,40}\s{0,4}(?:=|~=|>=|<=|:))|^[^\s()<>\"]{0,60}\*\)\s{0,4}(?:\(|$|\)|%00|\x00|&|\|)|^[\w*]{0,20}\)?\(+\s{0,4}[|&!]\s{0,4}\(?|^[^\n]{0,60}\(\s{0,4}[|&!]\s{0,4}\(\s{0,4}[\w-]{1,40}\s{0,4}[~<>]?=|\)\(\s{0,4}[|&!]\s{0,4}[()*]|\)\s{0,4}\(\s{0,4}[|&]\)?$",
    ),
    Pattern(
        "attribute",
        rb"\(\s{0,4}\b(?:objectclass|objectcategory|samaccountname|userpassword|distinguishedname|memberof|useraccountcontrol|givenname|uid|uidnumber|cn|sn|ou|dc|mail|homedirectory|loginshell|telephonenumber)\s{0,4}(?:=|~=|>=|<=)\s{0,4}\*\s{0,4}(?:\)|$|[)(]|[a-z])|^(?:objectclass|cn|uid|sn|ou|mail)=\*\)?$|^\s{0,4}[\w@.-]{0,40}\*?\)\([\w-]{1,40}\s{0,4}=|^[\w@.]{0,40}\)\s{0,4}\([&|!]|^[\w@.]{0,40}\*[)(|&]{2,}|^\*[)(]+|^(?![!&%|\s*]+$)[()|&!*%][()|&!*%\s]{2,24}$",
    ),
    Pattern("comment or NUL", rb"\)\)?(?:%00|\x00)|\bldaps?://[^\s/]{0,80}/[^\s]{0,80}\?\?|\*\)\)\(\|"),
)
XPATH = (
    Pattern("expression", rb"""['"]\s{0,8}\]{0,2}\)?\s{0,4}(?:or|and|\||\]|div|mod)[\s(|]{1,8}[^\w\n]{0,6}(?:not\(|boolean\()?\(?(?:(?:name|local-name|position|last|count|string-length|substring(?:-before|-after)?|text|node|contains|starts-with|string|true|false|not|boolean|translate|normalize-space|doc|matches|document)\s{0,4}\(|//?(?:[\w*@.]{1,40}|$)(?:\[|::|/|\s|$)|(?:parent|child|ancestor|descendant|following|preceding|attribute|self|namespace)(?:-or-self|-sibling)?::)"""),
    Pattern("expression", rb"""\b(?:count|string-length|name|local-name|substring|string|doc|doc-available)\s{0,4}\(\s{0,4}(?:/|\.\.?/|//|\(?(?:parent|child|ancestor|descendant|following|attribute|self)\b::|name\s{0,4}\()[^\n]{0,200}|\b(?:string-length|starts-with)\s{0,4}\(\s{0,4}(?:/?\*|//|\.)|(?:parent|child|ancestor|descendant|following|preceding|attribute)(?:-or-self|-sibling)?::(?:\*|node\(\)|text\(\)|\w{1,30}[\[=/\]])|\bdoc\s{0,4}\(\s{0,4}(?:concat|['"](?:http|file))|\blet\s{1,4}\$\w{1,20}\s{0,4}:=|\bfor\s{1,4}\$\w{1,20}\s{1,4}in\s{1,4}(?:doc|//)"""),
    Pattern("expression", rb"""(?:^|[^:\w])//(?:user|\*|node\(\)|@\*|text\(\)|password|account|employee)\w{0,20}(?:\[|/|$|\s{0,4}\|)|\]\s{0,4}\|\s{0,4}(?://?|\*|user|a\[)|\|\s{0,4}//?\*|^/{1,2}\*(?:\[|$|\|)|\[\s{0,4}position\(\)\s{0,4}[=<>]|\[\s{0,4}(?:last\(\)|@\*|@\w{1,20}\s{0,4}=\s{0,4}['"])[^\]]{0,60}\]\s{0,4}(?:/|\||$)"""),
)  # fmt: skip


_nosql = first_match(NOSQL)
# A document of GraphQL from its begin: an operation, its fields.
_GRAPHQL = re.compile(
    rb"\s{0,8}(?:(?:query|mutation|subscription|fragment)\b[^{'\"]{0,400})?\{\s{0,8}[A-Za-z_]\w{0,60}\s{0,4}(?:[({:]|\s)[^=]"
)
_no_tautology = first_match(tuple(pattern for pattern in NOSQL if pattern.reason != "tautology"))


def nosql(value: bytes) -> tuple[str, bytes] | None:
    """A value that becomes part of a query; not a document with strings of its own, as of GraphQL."""
    found = _nosql(value)
    if found is not None and found[0] == "tautology" and _GRAPHQL.match(value):
        return _no_tautology(value)
    if found is not None and found[0] == "tautology" and found[1][:1] in {b"'", b'"'}:
        before = value[: value.find(found[1])]
        if (before.count(found[1][:1]) - before.count(b"\\" + found[1][:1])) % 2:
            return _no_tautology(value)
    return found


_ldap = first_match(LDAP)
_xpath = first_match(XPATH)
_ODATA = re.compile(rb"\b(?:eq|ne|lt|gt|le|ge)\s{1,4}(?:['\d(-]|true|false|null)|^\w{2,12}\(\w", re.IGNORECASE)
_STEPS = re.compile(rb"//|::|/\*|\[")


def ldap(value: bytes) -> tuple[str, bytes] | None:
    """A value that leaves its place in a filter (RFC 4515); a filter that is whole is what clients of directories send."""
    found = _ldap(value)
    if found is None or found[0] not in _WITHIN or _OF_CLASS.search(value) is None:
        return found
    return None if _whole_filter(value.strip()) else found


# What programs look for is of some class; who tries what there is asks for anything at all, or for passwords.
_OF_CLASS = re.compile(rb"(?!.*password)(?s:.)*\((?:objectclass|objectcategory)=\w{2}", re.IGNORECASE)
_WITHIN = frozenset({"filter", "attribute"})
_FILTER = re.compile(
    rb"\((?:[&|!]\s{0,4}(?=\()|[A-Za-z][\w;.-]{0,40}(?::[\w.:]{0,40})?[~<>]?=[^()&|!\x00]{1,100}\)|\)|\s)", re.DOTALL
)


def _whole_filter(value: bytes) -> bool:
    """Whether a value is one filter from its first bracket to its last: put into another, it would be no filter."""
    depth = position = 0
    while position < len(value) <= _LONGEST_FILTER:
        if value[position : position + 1] == b")":
            position += 1
            depth -= 1
        else:
            part = _FILTER.match(value, position)
            if part is None:
                return False
            depth += not part.group().endswith(b")")
            position = part.end()
        if depth <= 0:
            return position == len(value) and depth == 0
    return False


_LONGEST_FILTER = 1000


def xpath(value: bytes) -> tuple[str, bytes] | None:
    """XPath that leaves its string; not a filter of OData, which has functions of the same names and no steps."""
    found = _xpath(value)
    if found is not None and _STEPS.search(value) is None and _ODATA.search(value):
        return None
    if found is not None and _LOCATION.match(value):
        return None
    return found


# A path of XPath from its first step to its last, as programs that read pages send it: it ends no string.
_LOCATION = re.compile(
    rb"""//[A-Za-z][\w-]{0,30}(?:\[@[A-Za-z][\w-]{0,30}=(?:'[\w -]{0,60}'|"[\w -]{0,60}")\]|\[\d{1,3}\]|\[position\(\)[ <>=]{1,4}\d{1,4}\]){0,3}(?:/@?[A-Za-z][\w-]{0,30}(?:\[\d{1,3}\]|\[position\(\)[ <>=]{1,4}\d{1,4}\])?){0,12}\Z"""
)
