# ruff: noqa: E501 - an expression is read as one
"""Template and expression-language injection: delimiters whose content computes rather than names."""

from __future__ import annotations

import re

from casemate.engines.web.detectors.evidence import Pattern, first_match
from casemate.engines.web.detectors.gates import union

_OPEN = rb"(?:\{\{|\$\{|\#\{|\*\{|@\{|~\{|<%=?|\{%|\[\[\$?\{?|@\(|\{php\}|\{\$|\{)"
_CLOSE = rb"(?:\}\}|\}|%>|%\}|\]\])"
# Attributes that lead from any object to the interpreter.
_GADGETS = (
    rb"(?:__(?:class|mro|base|bases|subclasses|globals|builtins|import|init|getattribute|getitem|code|dict|reduce|self)__|\bmro\s{0,4}\(\)|"
    rb"\battr\s{0,4}\(|\bgetclass(?:loader)?\s{0,4}\(|\bforname\s{0,4}\(|\bgetruntime\b|\bprocessbuilder\b|\bjava\.(?:lang|io|util|net)\b|\bjavax\.|"
    rb"\bconstructor\b|\bprocess\.(?:mainmodule|env|binding)|\brequire\s{0,4}\(|\bchild_process\b|\bexec(?:sync)?\s{0,4}\(|\bsystem\s{0,4}\(|\bpopen\s{0,4}\(|\bpassthru\s{0,4}\(|"
    rb"\beval\s{0,4}\(|\bfreemarker\.|\bexecute\b\s{0,4}[\"'(]|\b(?:lipsum|cycler|joiner|namespace|url_for|get_flashed_messages|config|self|request|application|session|settings)\s{0,4}(?:\.|\[|\|\s{0,4}attr)|"
    rb"_self\.|\bregisterundefinedfiltercallback\b|\bgetfilter\b|\b(?:filter|map|sort|reduce)\s{0,4}\(\s{0,4}['\"](?:system|exec|passthru|shell_exec|popen|assert|phpinfo|file)|\bfile\.(?:read|open)|\bio\.popen|\bdir\.entries|"
    rb"\bkernel\b|\bopen\s{0,4}\(\s{0,4}['\"]/|\binclude\s{0,4}['\"(]|\bimport\s{0,4}(?:os|\()|\bscriptengine|\bsmarty\.|\bphpinfo\s{0,4}\(|\btwig\b|\bdump\s{0,4}\(|\bdebug\b\s{0,4}$|\bself\b\s{0,4}(?=\})|"
    rb"\bfile_get_contents|\bfile_put_contents|\bshell_exec|\breadfile|\bt\s{0,4}\(\s{0,4}java|\bnew\s{1,4}(?:java|javax|freemarker|org)\.|\#_memberaccess|\#context|\#request|\#parameters|@java\.|\bognl\b)"
)
_ARITHMETIC = (
    rb"\(?\s{0,6}['\"]?\d{1,10}['\"]?\s{0,4}(?:\*\*?|[-+/%]|\bxor\b|\||<<)\s{0,4}['\"]?\d{1,10}['\"]?\s{0,6}\)?"
)

_ANY_OPENING = rb"(?:\{\{|\$\{|\#\{|\*\{|@\{|<%|\{%|\[\[|@\(|\{\$|\{php\}|%\{|\#set|\#foreach|\$class\.|<\#assign|<@)"
_BROWSER_GADGETS = (
    rb"(?:constructor|\$on\b|\$eval|\$emit|\$el\b|_c\.|toString\(\)\.|charAt|\[\]\.|orderBy|alert|prompt|confirm)"
)
_NEAR = 400  # octets between an opening and what it computes with
_GADGETS_SEEN = 40

TEMPLATES = (
    Pattern("arithmetic", _OPEN + rb"\s{0,8}(?:=\s{0,4})?" + _ARITHMETIC + rb"\s{0,8}" + _CLOSE),
    Pattern("arithmetic", rb"@\(\s{0,4}\d{1,10}\s{0,4}[*+-]\s{0,4}\d{1,10}\s{0,4}\)|\#set\s{0,4}\(\s{0,4}\$\w{1,20}\s{0,4}=|\bprint\(\s{0,4}\d{1,8}\s{0,4}\*\s{0,4}\d{1,8}\s{0,4}\)|\{%-?\s{0,4}debug\s{0,4}-?%\}|^\s{0,4}=?\s{0,4}\d{1,6}\s{0,2}\*\s{0,2}\d{1,6}\s{0,4}$|\$\{\{(?![\s+]{0,4}(?:secrets|github|matrix|inputs|needs|steps|vars|runner|parameters|variables)\.[\w.-]{1,60}[\s+]{0,4}[}=|&!])\s{0,4}|\#\{\s{0,4}\d{1,8}\s{0,4}\}|\{\{\s{0,4}\d{1,8}\s{0,4}\}\}"),
    Pattern("object of the template engine", rb"\{\{\s{0,8}(?:config|self|request|settings|lipsum|cycler|joiner|namespace|dump|app|_self|application|session|debug|this|\$smarty|constructor|\[\]|''|\"\"|\(\)|\{\})(?:\s{0,8}(?:\.|\||\[|\()[^}]{0,200})?\s{0,8}\}\}"),
    Pattern("string arithmetic", rb"(?:\{\{|\$\{|\#\{|<%=|\{%)\s{0,8}['\"][^'\"]{0,40}['\"]\s{0,4}(?:\.\s{0,4}\w{1,40}\s{0,4}\(|\||\*|\+\s{0,4}['\"]|\[|~)"),
    Pattern("call in an expression", rb"(?:\{\{|\$\{|\#\{|\*\{|<%=)\s{0,8}(?:[\w$@\#]{1,40}\s{0,4}\.\s{0,4}){0,4}(?:tostring|getclass|forname|exec|eval|system|print|println|sleep|invoke|newinstance|getmethod|geturl|read|urandom|items|keys|values|subclasses|pop|format|concat|replace|join|charat|getbytes|url|fetch|load|file|env|getenv|getproperty|print_r|var_dump|alert|md5|phpversion|system\.\w{3,20})\s{0,4}\("),
    Pattern("statement of a template", rb"\{%-?\s{0,8}(?:for\s{1,4}\w{1,20}\s{1,4}in\s{1,4}(?:range|\[\]|\(|config|self|\w{0,4}\.__)|set\s{1,4}\w{1,20}\s{0,4}=|import\s|include\s{1,4}['\"]?[/\w.]|extends\s{1,4}['\"]?[/\w.]|debug\b|load\s{1,4}\w{1,20}|print\b|if\s{1,4}[^%]{0,60}(?:__|\battr\b)|with\s{1,4}\w{1,20}\s{0,4}=[^%]{0,60}__|raw\b|filter\b)[^%]{0,200}%\}[^\n]{0,200}(?:__|system|exec|popen|config|/etc/|7|\w\(|\}\})"),
    Pattern("embedded Ruby or Java", rb"<%=?[^%]{0,200}(?:`[^`]{1,100}`|\bFile\.|\bDir\.|\bsystem\b|\bexec\b|\bRuntime\b|\bIO\.|\bKernel\b|\bENV\b|\brequest\.getParameter|\bout\.print|\bresponse\.write|\beval\b|\bself\b|\bdebug\b|\bnew\s{1,4}(?:java|activex))|\#\{\s{0,4}(?:`|%x|system|exec|IO\.|File\.|Dir\.|ENV\b|self\b|eval)"),
    Pattern("FreeMarker", rb"<\#(?:assign|list|include|import|macro|if)\s[^>]{0,300}(?:\?new\b|\?api\b|freemarker|execute|objectconstructor|jythonruntime)|\?new\(\)\s{0,4}\(|freemarker\.template\.utility|\?api\.|<\#assign\s{1,4}\w{1,20}\s{0,4}="),
    Pattern("Velocity", rb"\#set\s{0,4}\(\s{0,4}\$\w{1,30}\s{0,4}=[^\n]{0,200}\)|\#(?:evaluate|include|parse)\s{0,4}\(\s{0,4}[\"'$]|\$\w{1,30}\.class\.|\$class\.inspect|\$\w{1,20}\.getclass\(\)"),
    Pattern("Smarty", rb"\{(?:php|literal)\}[^\n]{0,200}\{/|\{\$?smarty\.(?:version|template|now|config|const|server|env|get|post)|\{(?:system|exec|passthru|shell_exec|eval|include|fetch|if)\s{0,4}[(\s][^}]{0,120}(?:\(|\bfile=|['\"])[^}]{0,120}\}|\{\w{1,20}\('[^']{1,60}'\)\}|\{self::|\{smarty_internal|\{\$?(?!AWS::)\w{1,30}::"),
    Pattern("Spring or JSP expression", rb"\bT\s{0,4}\(\s{0,4}(?:java|javax|org|System|Runtime|String|Thread|com)\b|\$\{(?:pagecontext|sessionscope|applicationscope|requestscope|param|header|cookie|initparam|facescontext|beans?|systemproperties|environment)\b|\*\{[^}]{0,120}\(|::\s{0,4}\.x\b|__\$\{|\}__::|\#\{(?:[^}\#]|\#(?!\{)){0,120}(?:getclass|forname|session|application|request|facescontext|\['class'\]|\.class\b)"),
    Pattern("OGNL", rb"%\{[^}\n]{0,400}(?:\#|@|\*|\+|\(|new\s)[^\n]{0,400}\}|\#_memberaccess|@ognl\.|@java\.lang|\#(?:context|request|session|application|parameters|attr|root|cmd|a|rt|p|out|res|ros|iswin|cmds|process|writer|container|ognlutil)\s{0,4}=(?![ ]?if_not_exists|[ ]:\w|[ ]\#\w)|\(\#\w{1,20}\s{0,4}=|\bredirect(?:action)?:\s{0,4}[$%\#]\{|\baction:\s{0,4}[$%]\{|method:\#|xwork\.methodaccessor|denymethodexecution|\bclass(?:\.|\[['\"]?)module(?:\.|\[['\"]?)classloader|\bclass\.classloader|\(\s{0,4}\#\w{1,20}\s{0,4}\.|@\w{1,40}\.[\w.]{1,60}@\w{2,40}"),
    Pattern("Razor", rb"@\{\s{0,4}[^}\n]{0,200}(?:System\.|Process|Response\.|var\s)|@(?:System\.|Html\.Raw|Model\.GetType|\(\s{0,4}1\s{0,4}\+)"),
    Pattern("Python format string", rb"\{[\w.]{0,40}(?:\.|\[)_{0,2}(?:__class__|__init__|__globals__|__dict__|__module__)[\w.\[\]'\"]{0,80}\}"),
    Pattern("Handlebars or Pug", rb"\{\{\#with\s[^}]{0,80}\}\}|\{\{\s{0,4}\#?lookup\b[^}]{0,80}(?:constructor|__)|^\s{0,4}(?:[-=!]{1,2}\s{0,4}|\#\{)(?:global|root|process|require)\b|-\s{0,2}var\s{1,4}\w{1,20}\s{0,4}=\s{0,4}\w{1,20}\.process"),
    Pattern("expression of Go, Django or Twig", rb"\{\{-?\s{0,4}(?:\.(?:\s{0,4}-?\}\}|[A-Z]\w{0,30}\s{1,4}[\"'`.])|(?:printf|html|js|urlquery|call|index|len|print|println|template|define|block)\s{1,4}[\"'`.$]|\$\w{1,20}\s{0,4}->|[\w.]{1,60}\.(?:key|secret\w{0,10}|password|signer|storages|environ|_wrapped|settings|META)\b|\d{1,8}\s{0,4}\|\s{0,4}\w{1,20}|\(\s{0,4}\w{1,20}\s{0,4}\|)|\{%-?\s{0,4}(?:if\s{1,4}(?:\d|not\s|true|[\w.]{1,30}\s{0,4}==)|load\s{1,4}\w|get_\w{2,30}\s|include\s|cycle\s|templatetag\s|now\s|csrf_token|url\s|widthratio\s)[^%\n]{0,120}%\}[^\n]{0,80}\{%|\#foreach\s{0,4}\(\s{0,4}\$\w{1,20}\s{1,4}in\b|\#if\s{0,4}\(\s{0,4}\$?\w{1,20}[^\n)]{0,40}\)[^\n]{0,80}\#end|\{\{\s{0,4}(?:lipsum|cycler|joiner|namespace|url_for)\s{0,4}[|.\[]|\{\{\s{0,4}\w{1,30}\(\s{0,4}[\"'](?:/|\.\.|file:)|\$\{\.\w{3,20}[}?.\[]|<\#\w{2,10}\s[^>\n]{0,80}(?:\?keys|\.data_model|\.globals|\.vars|\.main)\b|\{\{\s{0,4}\w{1,20}\(\s{0,2}\d{1,6}\s{0,2}\)\s{0,4}\}\}|<%=?\s{0,4}[A-Z]\w{1,20}(?:::\w{1,20}){0,3}\.\w{2,24}[(\s]|\{(?:math|fetch|include_php|insert|assign)\s{1,4}\w{2,12}\s{0,2}=|\{\{\#(?:each|with)\s{1,4}(?:this|@root|\.)\s{0,4}\}\}"),
    Pattern("polyglot", rb"\$\{\{<%\[%|<%\[%'\"\}\}|\{\{[<@$\#%][^}]{0,30}\}\}[^\n]{0,20}[<$]%"),
)  # fmt: skip

_first = first_match(TEMPLATES)
_gadget = re.compile(_GADGETS, re.IGNORECASE | re.DOTALL)
_opening = re.compile(_ANY_OPENING, re.IGNORECASE)
_browser_gadget = re.compile(_BROWSER_GADGETS, re.IGNORECASE)
NEEDS = union(
    *(pattern.expression for pattern in TEMPLATES),
    _ANY_OPENING + rb"[^\n]*" + _GADGETS,
    rb"\{\{[^\n]*" + _BROWSER_GADGETS,
)


def template(value: bytes) -> tuple[str, bytes] | None:
    """A template's expression that computes, or one that reaches for what leads to the interpreter."""
    return _first(value) or _near(value, _opening, _gadget) or _near(value, _MUSTACHE, _browser_gadget)


_MUSTACHE = re.compile(rb"\{\{")


def _near(value: bytes, opening: re.Pattern[bytes], gadget: re.Pattern[bytes]) -> tuple[str, bytes] | None:
    for number, match in enumerate(gadget.finditer(value)):
        if number == _GADGETS_SEEN:
            break
        line = max(value.rfind(b"\n", 0, match.start()) + 1, match.start() - _NEAR)
        opened = opening.search(value, line, match.start() + 2)
        if opened is not None and opened.start() < match.end():
            return "gadget in an expression", value[opened.start() : match.end()]
    return None
