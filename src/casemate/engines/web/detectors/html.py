# ruff: noqa: E501 - an expression is read as one
"""Cross-site scripting: would a browser run script from this value, wherever in a page it lands?

The value is read in the places where pages put values: as text (it opens a tag), inside a quoted or bare attribute (it
ends the attribute and adds another), as a URL (a scheme that runs script), and inside a script (it ends the string).
"""

from __future__ import annotations

import re

from casemate.engines.web.detectors.gates import union
from casemate.engines.web.detectors.sieve import Sought
from casemate.engines.web.normalize.escapes import css_decode, html_decode, script_decode
from casemate.engines.web.normalize.fences import without_fences

_FLAGS = re.IGNORECASE | re.DOTALL
# HTML's tag open state: a letter right after the bracket (NULs are dropped before); attributes up to the closing bracket.
_TAG = re.compile(
    rb"<(/?)([a-z][^\s/>\x00]{0,40})((?:[^>\"']|\"[^\"]{0,4096}(?:\"|$)|'[^']{0,4096}(?:'|$)){0,2000})", _FLAGS
)
_ATTRIBUTE = re.compile(
    rb"""([^\s/=>"'\x00][^\s/=>\x00]{0,60})[\s\x00]{0,20}(?:=[\s\x00]{0,20}("[^"]{0,4096}"?|'[^']{0,4096}'?|[^\s>]{1,4096}))?""",
    _FLAGS,
)
_ALWAYS = frozenset({b"script", b"applet", b"embed", b"object", b"frameset", b"frame", b"xss", b"noscript", b"bgsound",
                     b"ilayer", b"layer", b"isindex", b"xml", b"noembed", b"plaintext", b"xmp", b"portal", b"fencedframe"})  # fmt: skip
_GIVEN = frozenset({b"object", b"embed", b"applet", b"frame", b"frameset", b"layer", b"ilayer", b"xml", b"portal",
                    b"fencedframe", b"bgsound", b"isindex"})  # fmt: skip
_POINTING = frozenset({b"iframe", b"base", b"meta", b"link", b"animate", b"set"})
_URL_ATTRIBUTES = frozenset({b"href", b"src", b"action", b"formaction", b"data", b"xlink:href", b"background", b"poster",
                             b"cite", b"codebase", b"lowsrc", b"dynsrc", b"manifest", b"ping", b"from", b"to", b"values",
                             b"content", b"folder", b"longdesc", b"profile", b"usemap", b"srcset", b"code", b"archive"})  # fmt: skip
_IGNORED_IN_SCHEMES = bytes(range(33)) + b"\x7f\\"
_SCRIPT_SCHEME = re.compile(rb"^(?:feed:|view-source:)?(?:javascript|vbscript|livescript|mocha|jscript):", _FLAGS)
_DATA_SCHEME = re.compile(
    rb"^data:(?:[^,]{0,80}(?:html|xml|svg|script)(?![^,;]{0,40} [a-z]+ [a-z]+)|[^,]{0,40}base64,|,)", _FLAGS
)
_DATA_IMAGE = re.compile(rb"^data:(?:image/(?!svg)|audio/|video/|font/|application/(?:pdf|font|octet))", _FLAGS)
_EXPRESSION = re.compile(
    rb"expression\s*\(|-moz-binding|behaviou?r\s*:|javascript\s*:|vbscript\s*:|@import\s*['\"]?\s*(?:url\()?['\"]?(?:javascript|data|//|https?:)",
    _FLAGS,
)
_EMBEDS = re.compile(
    rb"^(?:https?:)?//(?:www\.)?(?:youtube(?:-nocookie)?\.com/embed/|player\.vimeo\.com/|(?:maps\.)?google\.[a-z.]{2,6}/maps|"
    rb"open\.spotify\.com/embed|w\.soundcloud\.com/player|codepen\.io/|player\.twitch\.tv/|calendar\.google\.com/)",
    _FLAGS,
)
_REFRESH = re.compile(rb"url\s*=|;\s*javascript", _FLAGS)
_ENTITY_DECLARATION = Sought(
    rb"<!(?:\[CDATA\[\s{0,8}(?:<(?:\]|script|/?title|/?textarea|/?style)|[\"'])|ENTITY|ATTLIST|ELEMENT)|<\?xml-stylesheet|<!--\[if[^>]{0,60}<(?!/)|^[^<>\n]{0,40}[\"']\s{0,4}/?>\s{0,4}<\w"
)

_EVENT = (
    rb"on(?:abort|activate|after\w{3,16}|animation\w{3,9}|aux\w{3,6}|before\w{3,16}|begin|blur|bounce|can\w{4,12}|cell\w{4,8}|change|"
    rb"click|close|contextmenu|copy|cue\w{4,6}|cut|data\w{4,16}|dblclick|deactivate|drag\w{0,6}|drop|durationchange|emptied|"
    rb"end(?:ed)?|error\w{0,8}|filterchange|finish|focus\w{0,3}|formdata|fullscreen\w{3,8}|gotpointercapture|hashchange|help|input|"
    rb"invalid|key(?:down|press|up)|languagechange|layoutcomplete|load\w{0,16}|losecapture|lostpointercapture|media\w{3,12}|"
    rb"message\w{0,6}|mouse\w{2,6}|move\w{0,5}|moz\w{4,20}|off\w{0,5}line|online|outofsync|page(?:hide|show|reveal|swap)|paste|pause|"
    rb"play\w{0,4}|pointer\w{2,12}|popstate|progress|propertychange|ratechange|readystatechange|rejectionhandled|repeat|reset|"
    rb"resize\w{0,6}|resume|reverse|row\w{4,8}|scroll\w{0,16}|search|security\w{4,20}|seek\w{2,6}|select\w{0,10}|show|slotchange|stalled|"
    rb"start|stop|storage|submit|suspend|syncrestored|time\w{4,6}|toggle|touch\w{3,6}|track\w{3,8}|transition\w{3,6}|unhandled\w{4,12}|"
    rb"unload|urlflip|volumechange|waiting|webkit\w{4,30}|wheel|zoom)"
)
# After an attribute's quote, or a bare value: white space or a slash, an event and its script.
_BREAKOUT = re.compile(
    rb"""(?:^|["'`][^<>]{0,200}?[\s/"'`]|^[^<>\s]{0,100}[\s/]|["'`])("""
    + _EVENT
    + rb""")[\s\x00]{0,20}=[\s\x00]{0,20}["'`]?[^\s"'>=]""",
    _FLAGS,
)
_EVENT_GIVEN = Sought(rb"""(?:^|[\s/"'`])(""" + _EVENT + rb""")[\s\x00]{0,20}=[\s\x00]{0,20}["'`]?[^\s"'>=]""")
_REACH = 202  # octets between a quote and the attribute after it
_BARE_REACH = 101
_STYLE_BREAKOUT = Sought(
    rb"""["'`][^<>]{0,60}\bstyle\s*=[^<>]{0,200}(?:expression|javascript|-moz-binding|behavior|animation)"""
)
_URL = re.compile(
    rb"""^[\s"'`>]{0,8}(?:j[\s\x00-\x20]*a[\s\x00-\x20]*v[\s\x00-\x20]*a[\s\x00-\x20]*s[\s\x00-\x20]*c[\s\x00-\x20]*r[\s\x00-\x20]*i[\s\x00-\x20]*p[\s\x00-\x20]*t|vbscript|livescript)[\s\x00-\x20]*:.{0,40}?[\w(\[{`'"/%\\$+!]""",
    _FLAGS,
)
_SPACED = rb"j[\t\r\n]{0,4}a[\t\r\n]{0,4}v[\t\r\n]{0,4}a[\t\r\n]{0,4}s[\t\r\n]{0,4}c[\t\r\n]{0,4}r[\t\r\n]{0,4}i[\t\r\n]{0,4}p[\t\r\n]{0,4}t"
_SCHEME_INSIDE = Sought(
    rb"""(?:["'=(>]\s{0,8}|\]\(\s{0,8}|\burl\(\s{0,4})(?:"""
    + _SPACED
    + rb"""|vbscript)\s{0,4}:\s{0,20}[\w(\[{/%\\$+!&*~`-]"""
)
_SCHEME_WITH_CALL = Sought(rb"""javascript\s{0,4}:[^\s<>]{0,100}(?:[\w\]`](?:\(|`)|=)""")

_SINKS = (
    rb"(?:alert|confirm|prompt|eval|fetch|atob|import|set(?:timeout|interval)|execscript|function|requestanimationframe|"
    rb"queuemicrotask|unescape|\$\.getscript|postmessage)"
)
_OBJECTS = rb"(?:document|window|self|top|parent|this|globalthis|frames|content|location|navigator|localstorage|sessionstorage)"
_CALL = _SINKS + rb"""(?:\(|(?<!import)(?<!fetch)`|[\t\n\r]{0,8}\(|\?\.\(|/\*[^*]{0,40}\*/\s{0,4}[(`])"""
_ACCESS = (
    _OBJECTS
    + rb"""(?:\[["'`/+\\]|\s{0,8}\.\s{0,8}(?:cookie|location|domain|write(?:ln)?|body|referrer|url|href|name|open|alert|eval|constructor|createelement|documentelement|assign|replace|setitem|getitem|defaultview|top|parent|frames|onerror|sendbeacon)\b)"""
)
_SCRIPT = (
    # A call alone is the whole value.
    Sought(rb"""^[\s;,+\-~!(\[{}/*"'`)]{0,24}(?:void[\s(]{0,4}|new\s{1,4}|return\s{1,4}|\(?\d{0,4}[,)]{0,2}|window[.\[]['"]?|self[.\[]['"]?|top[.\[]['"]?|parent[.\[]['"]?|this[.\[]['"]?|globalthis[.\[]['"]?){0,3}""" + _CALL + rb"""(?!\s{0,4}\))[^\n]{0,400}$"""),
    Sought(rb"""^[\s;,+\-~!(\[{}/*"'`)]{0,24}(?:alert|confirm|prompt|print)\s{0,8}(?:\(\s{0,4}\)|`)"""),
    Sought(rb"""^[\w.'"`)\]}]{0,24}[;,+\-*/%&|^<>=]{1,3}\s{0,4}(?:alert|confirm|prompt|eval)\s{0,4}(?:\([^)]|`)"""),
    Sought(rb"""\$\.getscript\s{0,4}\(|[+\s]adw-\s{0,4}/?\w|^\W{0,8}\w{1,3}\s{0,4}=\s{0,4}(?:alert|confirm|prompt|eval)\b\s{0,4}[,;]"""),
    # Out of a string of script: quote, operator or terminator, then a call or the page's objects.
    Sought(rb"""["'`](?:\s|/\*[^*]{0,30}\*/){0,8}(?:[)\]}]{0,6}\s{0,4})(?:[;,+\-*/%|&^<>=?:]|\|\||&&|\bin\b|\binstanceof\b|\n){1,4}[^"'`<>\n]{0,80}?(?<!\w)(?:""" + _CALL + rb"|" + _ACCESS + rb")"),
    Sought(rb"""(?:^|[;}"'`)/])\s{0,4}""" + _ACCESS + rb"""[^\n]{0,200}(?:=|\()[^\n]{0,200}(?://|["'`;)])\s{0,4}$"""),
    Sought(rb"""^[^\n]{0,60}\\?["'`]\s{0,4}[;)}\-+]{1,6}[^\n]{0,120}(?://|<!--)\s{0,4}["'`]?$"""),
    Sought(rb"""\$\{\s{0,8}(?:""" + _CALL + rb"|" + _ACCESS + rb")"),
    Sought(rb"""\.\s{0,4}constructor\s{0,4}(?:\.\s{0,4}constructor|\[\s{0,4}["'`]?constructor)\s{0,4}|\[["'`]constructor["'`]\]|\.constructor\s{0,4}`|constructor\s{0,4}\(\s{0,4}["'`][^"'`]{0,60}(?:alert|eval|fetch|return|document|cookie)"""),
    Sought(rb"""string\s{0,4}\.\s{0,4}fromc(?:har|odepoint)\w{0,8}\s{0,4}\(\s{0,4}[\dx]{1,6}\s{0,4},|fromcharcode\s{0,4}\(|eval\s{0,4}\(\s{0,4}(?:atob|unescape|string|name|location|/|["'`\\]|document|window|self|url)"""),
    # Script without letters: JSFuck and its relatives.
    Sought(rb"""(?:\[\]|\{\}|!\[\]|!!\[\]|\(!\[\]\+\[\]\)|\+\[\]|\+!\+\[\]){4,}|\[\]\[\(?!?\[|\$=~\[\]|\(\[\]\+\{\}\)|\[\+!\+\[\]\]"""),
    Sought(rb"""\b(?:throw|onerror\s{0,4}=)\s{0,8}(?:onerror|eval|alert|window|\w{0,12}\s{0,4}=)[^\n]{0,80}(?:throw|alert|eval|1337|uncaught)|\bonerror\s{0,4}=\s{0,4}(?:alert|eval|confirm|prompt)\b"""),
    Sought(rb"""(?:\[|["'`]\s{0,4}[+,]\s{0,4}["'`]?)\s{0,4}["'`](?:al|ale|aler|a|con|conf|pro|prom|e|ev|eva)["'`]\s{0,4}\+\s{0,4}["'`](?:lert|ert|rt|t|firm|irm|pt|mpt|ompt|val|al|l)["'`]"""),
    Sought(rb"""\b(?:top|self|window|this|parent|globalthis|frames)\s{0,4}\[\s{0,4}(?:["'`/+]|\d|[\w.]{1,20}\()[^\n]{0,80}?\]\s{0,4}(?:\(|`|=)"""),
    Sought(rb"""\b(?:alert|confirm|prompt|eval)\b(?:\s{0,4}\.\s{0,4}(?:call|apply|bind)\s{0,4}[(`]|\s{0,4}\?\.\s{0,4}\(|\s{0,4}`)|\.(?:map|find|some|every|filter|foreach|from|reduce|sort|replace|findindex)\s{0,4}\(\s{0,4}(?:alert|confirm|prompt|eval)\b|(?:reflect|object)\.(?:apply|get|defineproperty)[^\n]{0,20}\(\s{0,4}(?:alert|confirm|prompt|eval|window|document)|\)\s{0,4}\.\s{0,4}(?:alert|confirm|prompt|eval)\s{0,4}\(|\.(?:call|apply|bind)\s{0,4}`\$\{\s{0,4}(?:eval|alert|confirm|prompt)\b|object\.(?:values|keys|entries|getownpropertynames)\s{0,4}\(\s{0,4}(?:window|self|this|globalthis|top|parent)"""),
    Sought(rb"""^[^\n<>]{0,40}\(\s{0,4}(?:alert|confirm|prompt|eval)\s{0,4}\)\s{0,4}[(`]|\(\s{0,4}\w{1,6}\s{0,4}=\s{0,4}(?:alert|confirm|prompt|eval)\b|[;,(]\s{0,4}\w{1,3}\s{0,4}=\s{0,4}(?:alert|confirm|prompt|eval)\s{0,4}[,;]"""),
    Sought(rb"""\b(?:document\s{0,4}\.\s{0,4}(?:cookie|location|write(?:ln)?\s{0,4}\()|location\s{0,4}(?:\.\s{0,4}href\s{0,4})?=\s{0,4}["'`]?(?:javascript|//|http)|new\s{1,4}image\s{0,4}\(?\)?\s{0,4}\.?\s{0,4}src\s{0,4}=|xmlhttprequest\s{0,4}\(\s{0,4}\)[^\n]{0,80}open)[^\n]{0,200}(?:cookie|document\.|localstorage|["'`]\s{0,4}\+|javascript:|<script)"""),
)  # fmt: skip


# A script or event where the tag is written as lenient parsers still accept: `<<script`, `<%00script`, `<x onclick`.
_MALFORMED = Sought(
    rb"<[\s\x00%<\\]{0,4}/?[\s\x00]{0,4}script\b(?:[\s/>:(]|$)|<(?:%|\?|!)?[\w:-]{0,30}[\s/\x00+\"'][^<>]{0,300}?\b"
    + _EVENT
    + rb"[\s\x00]{0,8}="
)
NEEDS = union(
    rb"<\s*/?(?:script|iframe|applet|embed|object|frame|xss|noscript|bgsound|i?layer|isindex|xml|noembed|plaintext|xmp|portal|fencedframe|base|link|meta|style|svg|math|animate|set|\w+:(?:script|import))\b",
    rb"<[a-z!/?\x00%][^>]*(?:\bon[a-z]+[\s\x00]*=|script[\s\x00]*:|data\s*:|style\s*=|srcdoc|datasrc|datafld|&|\\|[\t\n\r]+[a-z]*\s*:)",
    *(
        search.pattern
        for search in (
            _ENTITY_DECLARATION,
            _MALFORMED,
            _BREAKOUT,
            _STYLE_BREAKOUT,
            _URL,
            _SCHEME_INSIDE,
            _SCHEME_WITH_CALL,
        )
    ),
    rb"<[a-z][^>]*(?:v-|ng-|x-|hx-|@|data-bind|on-)[^>]*=[^>]*(?:alert|confirm|prompt|eval|fetch|settimeout|import|atob|function|constructor|document\.|\$event|\$on)",
    rb"^\s*data\s*:[^,]*(?:html|xml|svg|script|base64|,)",
    *(search.pattern for search in _SCRIPT),
)
_ATTRIBUTE_MATTERS = re.compile(
    rb"\bon[a-z]|v-|ng-|x-|\bhx-|@|data-bind|script|data:|style|srcdoc|datasrc|datafld|http-equiv|attributename|rel\s*=|[&\\\t\n\r]",
    _FLAGS,
)


def scripted(value: bytes) -> tuple[str, bytes] | None:
    """The place where a browser would run script, or None."""
    if b"void(0)" in value:
        value = _VOID.sub(b" ", value)
    if b"<" in value:
        value = _HARMLESS.sub(b" ", _TALK.sub(b" ", value))
        if b"={" in value:
            value = _JSX.sub(b" ", value)
    found = _markup(value) if b"<" in value else None
    if found is None:
        found = _attribute(value) or _url(value)
    if found is None:
        text = without_fences(value)
        for expression in _SCRIPT:
            script = expression.search(text) if expression is not _LEAVES_STRING else _leaves_string(text)
            if script is not None:
                return None if _CALL_IN_SENTENCE.match(value) else ("script", script.group())
    return found


_LEAVES_STRING = _SCRIPT[4]
# Where a program writes a string of its own: a quote here opens, and its partner closes nothing of the page's.
_OPENS = re.compile(rb"(?:[=!]==?|[=(,:\[?{+]|\b(?:return|case|in|of))[ \t]{0,4}\Z")
_SINK = re.compile(rb"(?:eval|fetch|import|function|atob|execscript|write(?:ln)?)\s{0,4}\(\s{0,4}\Z", re.IGNORECASE)
_OWN_CODE = 8  # octets of a program before its first string
_STRINGS = 32


def _leaves_string(text: bytes) -> re.Match[bytes] | None:
    """Where the value ends a string that the page began, rather than one of its own."""
    if not _LEAVES_STRING.possible(text):
        return None
    for number, match in enumerate(_LEAVES_STRING.finditer(text)):
        before = text[: match.start()]
        quote = text[match.start() : match.start() + 1]
        if before.count(quote) % 2 == 0 or number == _STRINGS:
            return match
        first = before.find(quote)
        if (
            first < _OWN_CODE
            or _SINK.search(before, 0, first)
            or _OPENS.search(before, 0, first) is None
            or b"\n" in before[before.rfind(quote) :]
        ):
            return match
    return None


# A call and words after it are no program.
_CALL_IN_SENTENCE = re.compile(rb"\w{2,20}\([^()]{0,40}\)(?:[ +][A-Za-z][A-Za-z',?.!-]*){3,24}\Z")


# Words after a bare <script>: somebody speaks of the element.
_TALK = re.compile(rb"<script>(?=(?:[ \t]{1,4}[\w,.?!'-]{1,30}){3,12}[ \t]{0,4}(?:\n|\Z))", re.IGNORECASE)
_VOID = re.compile(rb"javascript:\s{0,4}void\(0\);?(?=[\s\"'?.,)>+]|\Z)", re.IGNORECASE)
_HARMLESS = re.compile(
    rb"""[\s+]on[a-z]{3,20}\s{0,4}=\s{0,4}(["'])\s{0,4}(?:return[\s+]{1,4}(?:false|true)|void\(0\))\s{0,4};?\s{0,4}\1(?=[\s/>+])""",
    _FLAGS,
)


# An attribute of JSX whose value is a name or a function: a browser that took it for HTML's would call nothing.
_JSX = re.compile(
    rb"\son[a-z]{3,20}=\{(?:[\w.]{1,60}\}|\(?[\w, ]{0,40}\)?\s?=>\s?[^{}<>]{0,120}\}|\(?[\w, ]{0,40}\)?\s?=>\s?\{[^{}<>]{0,120}\}\})",
    _FLAGS,
)


def _markup(value: bytes) -> tuple[str, bytes] | None:
    if b"\x00" in value:
        value = value.replace(b"\x00", b"")
    for number, match in enumerate(_TAG.finditer(value)):
        if number == 400:
            break
        closing, name, rest = match.groups()
        name = name.lower()
        if name in _GIVEN and b"=" not in rest:
            continue  # a type, a thing or an element that somebody names: without attributes it does nothing
        if not closing and (name in _ALWAYS or (b":" in name and name.endswith((b":script", b":import")))):
            return "tag", match.group()
        if name == b"script" and closing and b"<" in value[match.end() : match.end() + 40]:
            return "tag", match.group()
        reason = (
            _attributes(name, rest) if (name in _POINTING and not closing) or _ATTRIBUTE_MATTERS.search(rest) else None
        )
        if reason is not None:
            return reason, match.group()
        if name == b"style":
            text = css_decode(value[match.end() : match.end() + 4096])
            if _EXPRESSION.search(_without_comments(text)):
                return "style", match.group()
    other = _ENTITY_DECLARATION.search(value) or _MALFORMED.search(value)
    return None if other is None else ("markup", other.group())


# Attributes that frameworks evaluate in the browser: Vue, Angular, Alpine, htmx, Knockout.
_DIRECTIVES = (
    b"v-",
    b"ng-",
    b"data-ng-",
    b"x-on",
    b"x-init",
    b"x-data",
    b"x-html",
    b"hx-on",
    b"@",
    b"data-bind",
    b"on-",
)
_DIRECTIVE_RUNS = re.compile(
    rb"\b(?:alert|confirm|prompt|eval|fetch|settimeout|import|atob|function)\s{0,4}[(`]|constructor|document\.|\$event\.|\$eval|\$on\b",
    re.IGNORECASE,
)


def _attributes(tag: bytes, rest: bytes) -> str | None:
    seen: dict[bytes, bytes] = {}
    for number, match in enumerate(_ATTRIBUTE.finditer(rest)):
        if number == 100:
            break
        name = match.group(1).lower().strip(b"\"'`")
        content = (match.group(2) or b"").strip(b"\"'")
        if name.startswith(b"on") and len(name) > 4 and content and name.isalpha():
            return "event handler"
        if name in _URL_ATTRIBUTES and content:
            url = html_decode(content) if b"&" in content else content
            url = script_decode(url) if b"\\" in url else url
            bare = url.translate(None, _IGNORED_IN_SCHEMES)
            if _SCRIPT_SCHEME.match(bare) or (_DATA_SCHEME.match(bare) and not _DATA_IMAGE.match(bare)):
                return "script URL"
            if name in {b"values", b"to", b"from", b"content"} and b"javascript:" in bare.lower():
                return "script URL"
        elif name.startswith(_DIRECTIVES) and _DIRECTIVE_RUNS.search(content):
            return "directive"
        elif name == b"srcdoc" and content:
            return "srcdoc"
        elif name == b"style" and _EXPRESSION.search(_without_comments(css_decode(html_decode(content)))):
            return "style"
        seen[name] = content
    return _element(tag, seen)


def _element(tag: bytes, attributes: dict[bytes, bytes]) -> str | None:
    """Elements that are dangerous by what they point to."""
    if tag == b"iframe":
        if not attributes:
            return None  # an element that somebody names; it shows nothing
        source = attributes.get(b"src", b"")
        return None if _EMBEDS.match(source) else "frame"
    if tag == b"meta" and b"http-equiv" in attributes:
        kind = attributes[b"http-equiv"].lower()
        refresh = kind == b"refresh" and _REFRESH.search(attributes.get(b"content", b""))
        return "meta" if refresh or kind in {b"set-cookie", b"link"} else None
    if tag == b"base" and b"href" in attributes:
        return "base"
    if tag == b"link" and attributes.get(b"rel", b"").lower() in {b"import", b"manifest", b"serviceworker"}:
        return "link"
    if tag in {b"svg", b"math"} and any(name.startswith((b"onload", b"on")) for name in attributes if len(name) > 4):
        return "event handler"
    if tag in {b"animate", b"set"}:
        target = attributes.get(b"attributename", b"").lower()
        return "animation" if target.startswith((b"href", b"xlink", b"on")) else None
    return "binding" if b"datasrc" in attributes or b"datafld" in attributes else None


def _without_comments(style: bytes) -> bytes:
    return re.sub(rb"/\*.{0,200}?\*/", b"", style, flags=re.DOTALL)


def _attribute(value: bytes) -> tuple[str, bytes] | None:
    for match in _EVENT_GIVEN.finditer(value) if _EVENT_GIVEN.possible(value) else ():
        if _outside(value, match.start(1)):
            return "attribute", match.group()
    style = _STYLE_BREAKOUT.search(value)
    return None if style is None else ("attribute", style.group())


def _outside(value: bytes, at: int) -> bool:
    """Whether an attribute that begins there stands after a quote that the value may close, or after its bare begin."""
    before = value[max(at - _REACH, 0) : at]
    before = before[max(before.rfind(b"<"), before.rfind(b">")) + 1 :]
    if at == 0 or any(quote in before for quote in (b'"', b"'", b"`")):
        return True
    bare = value[: at - 1]
    return (
        at <= _BARE_REACH and value[at - 1 : at] in b" \t\r\n\f\v/" and len(bare.split()) <= 1 and before == value[:at]
    )


# A title after a colon; a script has a sign that does something.
_SAID = re.compile(rb"(?:java|vb)script: [A-Za-z]{1,20}(?: [A-Za-z,'-]{1,20}){1,12}[.?!]?\Z", re.IGNORECASE)


def _url(value: bytes) -> tuple[str, bytes] | None:
    match = _URL.match(value) or _SCHEME_INSIDE.search(value) or _SCHEME_WITH_CALL.search(value)
    if match is not None and _SAID.match(value) is None:
        return "script URL", match.group()
    start = value[:64].lstrip().lower()
    if start.startswith(b"data:") and _DATA_SCHEME.match(start) and not _DATA_IMAGE.match(start):
        return "data URL", start
    return None
