# ruff: noqa: E501 - an expression is read as one
"""Code of the languages that web applications are written in, where an application may evaluate or deserialise it."""

from __future__ import annotations

import re

from casemate.engines.web.detectors.evidence import Pattern, first_match
from casemate.engines.web.detectors.prose import mentioned, sentence, title
from casemate.engines.web.normalize.fences import without_fences

_PHP_RUNS = (
    rb"(?:system|exec|passthru|shell_exec|popen|proc_open|pcntl_exec|eval|assert|create_function|call_user_func(?:_array)?|"
    rb"array_(?:map|filter|walk|reduce|diff_u\w{2,8})|usort|uasort|preg_replace(?:_callback)?|ob_start|register_shutdown_function|"
    rb"file_get_contents|file_put_contents|readfile|highlight_file|show_source|fopen|fsockopen|pfsockopen|fputs|fwrite|unlink|scandir|opendir|"
    rb"move_uploaded_file|symlink|include_once|require_once|phpinfo|phpversion|php_uname|getenv|putenv|ini_set|ini_get|"
    rb"get_cfg_var|posix_(?:kill|mkfifo|getpwuid|getlogin|ttyname|setuid|uname)|base64_decode|gzinflate|gzuncompress|str_rot13|hex2bin|unserialize|var_dump|print_r|"
    rb"error_log|set_time_limit|get_defined_\w{3,12}|get_current_user|disk_free_space|parse_str|curl_exec|simplexml_load_\w{4,8})"
)
PHP = (
    Pattern(
        "call alone",
        rb"^[\s;{}@(=.,\"'`!|&]{0,8}(?:echo\s{1,4}|return\s{1,4})?(?:die|exit|print|printf|md5|mail|header|include|require|chmod|mkdir|copy|rename|glob|dl|extract|pack|getcwd|sleep|usleep|chr|sha1)\s{0,4}\([^\n]{0,120}\)\s{0,4};\s{0,4}(?:\?>|//|\#|\}|$)|^\s{0,4}(?:include|require)\s{1,4}['\"]",
    ),
    Pattern(
        "call alone",
        rb"^[\s;]{0,4}(?:die|exit|print|echo|print_r|var_dump)\s{0,4}\(?\s{0,4}(?:md5|sha1|phpinfo|phpversion|system|exec|shell_exec|getcwd|get_current_user|php_uname)\s{0,4}\(",
    ),
    Pattern(
        "call in a string",
        rb"^[^\s]{0,40}['\"]\s{0,4}[;.]\s{0,4}@?(?:print|echo|die|exit|var_dump|printf|md5|sleep|eval|assert|system|exec|passthru|phpinfo|shell_exec)\s{0,4}[('\"][^\n]{0,200}\)\s{0,4}(?:;|\.)",
    ),
    Pattern(
        "string as a function",
        rb"[\"'](?:\\x[0-9a-f]{2}|[\w]){4,40}[\"']\s{0,4}\)?\s{0,2}\(\s{0,4}[\"'$][^\n)]{0,80}\)\s{0,4};|\$\w{0,20}\s{0,4}=\s{0,4}(?:[\"']\w{1,4}[\"']\s{0,4}\.\s{0,4}(?:/\*[^\n]{0,20}?\*/\s{0,4})?){2,}",
    ),
    Pattern("function in pieces", rb"\(\w{1,8}\.\(?\w{1,8}\)?\.\w{1,8}\)\s{0,4}\("),
    Pattern(
        "open tag",
        rb"<\?(?:php\b|=|\s{1,4}(?:system|eval|echo|phpinfo|passthru|exec|@|\$))|<script\s{1,4}language\s{0,4}=\s{0,4}['\"]?php|\[php\]|<%\s{0,4}(?:eval|system)",
    ),
    Pattern(
        "superglobal",
        rb"\$_(?:get|post|request|cookie|server|files|env|session)\b\s{0,4}\[?|\$(?:globals|http_(?:get|post|raw_post)_\w{4,8})\b|\$\{\s{0,4}['\"]?_(?:get|post|request|server)|^_(?:get|post|request|server|cookie|files|session|globals)\[",
    ),
    Pattern(
        "call",
        rb"(?:^|[;{}@(=.,\"'`!|&:?\[+]|\becho\s{1,4}|\bprint\s{1,4}|\breturn\s{1,4})\s{0,8}@?\\?"
        + _PHP_RUNS
        + rb"\s{0,8}(?:/\*.{0,30}?\*/\s{0,4})?\((?!\)[\s+,]|(?:static\s)?(?:fn|function)\s?\()[^\n]{0,400}\)\s{0,8}(?:;|$|\?>|//|\#|\.(?!\s|$)|\)|\}|%)",
    ),
    Pattern(
        "variable function",
        rb"\$\{?\w{1,24}\}?(?:\s{0,4}\[[^\]]{0,40}\])?\s{0,4}\(\s{0,4}(?:\$_|['\"](?:ls|id|whoami|cat|uname|phpinfo))|\$\w{1,20}\s{0,4}=\s{0,4}[\"'](?:sys|ass|ev|exe|pass|she)\w{0,8}[\"']\s{0,4}\.\s{0,4}[\"']|\(\s{0,4}[\"'](?:sys|sy|ph|as|ev|pass|ex|she)\w{0,8}[\"']\s{0,4}\.\s{0,4}[\"']|\(['\"](?:system|exec|passthru|phpinfo|assert|shell_exec)['\"]\)\s{0,4}\(|(?:chr\(\d{1,3}\)\s{0,4}\.\s{0,4}){2,}",
    ),
    Pattern(
        "complex variable",
        rb"\$\{@?\s{0,4}(?:print|eval|system|phpinfo|exec|passthru|assert|die|md5|var_dump|file_get_contents|readfile)\s{0,4}\(|\{\$\{[^}]{0,100}\}\}|\$\{\$\{",
    ),
    Pattern(
        "stream wrapper",
        rb"\b(?:php|phar|zip|compress\.(?:zlib|bzip2)|zlib|glob|expect|ogg|rar|ssh2(?:\.\w{3,6})?|data)://(?:[\w/=.|:;,%+-]|$)|\bdata:(?:text/plain|;base64|,|application/x-httpd-php|text/php)[^\n]{0,20}(?:base64,|<\?|,\s{0,4}<)|\bphp:(?:filter|input)",
    ),
    Pattern(
        "configuration",
        rb"\b(?:allow_url_include|allow_url_fopen|auto_prepend_file|auto_append_file|disable_functions|open_basedir|safe_mode|suhosin\.simulation|cgi\.force_redirect|session\.upload_progress|php_value|php_admin_value|cgi\.redirect_status_env|extension_dir)\b\s{0,4}(?:=|%3d|\s[\w\"'/])",
    ),
    Pattern(
        "serialised object",
        rb"(?:^|[;{}\"':|=\s])[OC]:\+?\d{1,8}:(?:\"|&quot;|\\\")[\w\\]{1,120}(?:\"|&quot;|\\\"):\+?\d{1,8}:\{|^a:\d{1,6}:\{(?:i|s):\d{1,6}[:;].{0,400}[OC]:\d{1,6}:",
    ),
    Pattern(
        "known weakness",
        rb"(?:^|[?&])-[dsn]\s{0,4}(?:allow_url|\+|auto_|safe)|^-d\s?(?:\+|allow)|\binvokefunction\b|think\\(?:app|container|request|config|view|template)|call_user_func_array&vars|\bpearcmd\b|\+config-create\+|\bvars\[0\]|_method=__construct",
    ),
)
_SHELLS = rb"(?:system|popen|exec[lv]?p?e?|spawn[lv]?p?e?|execsync|spawnsync|fork|execfile(?:sync)?|check_output|check_call|getoutput|getstatusoutput|call|run)"
CODE = (
    Pattern(
        "Python",
        rb"__import__\s{0,4}\(\s{0,4}['\"]|\bimportlib\.import_module\s{0,4}\(\s{0,4}['\"](?:os|sub)|__builtins__\s{0,4}[\[.]|__(?:class|mro|bases?|globals|init|self|dict|getattribute)__\s{0,4}(?:\.\s{0,4}__|\[\s{0,4}['\"]?(?:__|os|sys|\d)|\)\s{0,4}\[)|__subclasses__\s{0,4}\(\s{0,4}\)|['\"]__(?:class|mro|bases?|subclasses|globals|builtins|import)__['\"]\s{0,4}[\])]|\(\s{0,4}[\"']__(?:class|globals|import)__|\b(?:os|posix|commands|pty|platform|popen2)\.(?:system|popen\d?|exec[lv]\w{0,2}|spawn\w{0,4}|getoutput)\b\s{0,4}\(|\bsubprocess\.(?:call|run|popen|check_\w{4,6}|getoutput|getstatusoutput)\s{0,4}\((?!\s{0,4}\))",
    ),
    Pattern(
        "Python",
        rb"\b(?:eval|exec|compile)\s{0,4}\(\s{0,4}(?:compile|base64|['\"](?:import|__|print|os|open|exec)|input|chr\(|open|codecs|bytes|request|zlib|marshal)|\bopen\s{0,4}\(\s{0,4}['\"](?:/etc/|/proc/|\.\./|/flag|c:|/app|/var|/home|/root)[^)]{0,100}\)\s{0,4}(?:\.\s{0,4}read|[;,]|$)|(?:^|;)\s{0,4}import\s{1,4}(?:os|subprocess|socket|pty|commands|sys|urllib)\b\s{0,4}[;,][^\n]{0,200}\(|\bgetattr\s{0,4}\([^\n]{0,60}['\"](?:system|popen)|\blambda\b[^\n:]{0,40}:\s{0,4}(?:os|__import|exec|eval)",
    ),
    Pattern(
        "Node.js",
        rb"\brequire\s{0,4}\(\s{0,4}['\"`](?:node:)?(?:child_process|fs|net|vm|os|http|dns|cluster|process|repl)['\"`]\s{0,4}\)\s{0,4}\.\s{0,4}\w{2,20}|\bprocess\s{0,4}\.\s{0,4}(?:mainmodule|binding|dlopen|kill\s{0,4}\(|exit\s{0,4}\(|cwd\(|_load)|^\W{0,8}(?:return\s{1,4})?process\.(?:env|version|argv)\b|\bglobal\s{0,4}(?:\.|\[['\"])\s{0,4}process|\b(?:process|global|globalthis)\s{0,4}\[\s{0,4}['\"`]|\brequire\s{0,4}\(\s{0,4}['\"`]\w{1,12}['\"`]\s{0,4}\+|\bmainmodule\s{0,4}\.|['\"`](?:node:)?child_process['\"`]\s{0,4}\)|child_process['\"`]?\)?\s{0,4}\.\s{0,4}(?:exec|spawn|fork)|_\$\$nd_func\$\$_|\b(?:execsync|spawnsync)\s{0,4}\(|\bres(?:ponse)?\s{0,4}\.\s{0,4}(?:end|send|write)\s{0,4}\(\s{0,4}(?:require|process|['\"`\d])|module\.constructor|\b_load\s{0,4}\(\s{0,4}['\"]|\bbuffer\s{0,4}\(\s{0,4}1e|^\W{0,8}while\s{0,4}\(\s{0,4}(?:1|true)\s{0,4}\)\s{0,4};?(?:\{\s{0,4}\})?$|constructor\s{0,4}\(\s{0,4}['\"`]return\s|function\s{0,4}\(\s{0,4}\)\s{0,4}\{[^}\n]{0,200}(?:child_process|execsync|require\s{0,4}\()|import\s{0,4}\(\s{0,4}['\"](?:child_process|fs|node:)",
    ),
    Pattern(
        "prototype pollution",
        rb"(?:^|[\[{.\"'&?\s,])__proto__\s{0,4}(?:[\].\[\"'=:]|$)|__pro__proto__to__|__proto__proto__|constrconstructoructor|\bconstructor\s{0,4}(?:\]?\[|\.|\"\s{0,4}:\s{0,4}\{\s{0,4}\")\s{0,4}['\"]?prototype\b",
    ),
    Pattern(
        "Ruby or Perl",
        rb"\bkernel\.(?:exec|system|open|fork|spawn)|\bio\.(?:popen|read|sysopen)\b|\bopen3\.|\b(?:system|exec|spawn)\s{0,4}\(?\s{0,4}['\"`](?:/|ls|id|cat|whoami|uname|curl|wget|ping|sleep|rm|nc|bash|sh|cmd|net|dir|type|echo|touch)\b|\bfile\.(?:read|open|readlines)\s{0,4}\(?\s{0,4}['\"]/|\bdir\.(?:entries|glob)\s{0,4}\(|\berb\.new|\binstance_eval|(?-i:\bqx[{(|])|\bopen\s{0,4}\(\s{0,4}\w{1,8}\s{0,4},\s{0,4}['\"]\s{0,4}\||\b(?:send|public_send)\s{0,4}\(\s{0,4}:(?:system|eval|exec|instance_eval)",
    ),
    Pattern("Ruby or Perl", rb"(?-i:(?<![\w%])%x[({\[/|!'\"]\s{0,4}[\w/.$])"),
    Pattern("Ruby or Perl", rb"^\s{0,4}\|\s{0,4}(?-i:[A-Z]?[a-z]{2,20})(?:\s|$|[/.;-])"),
    Pattern(
        "call alone",
        rb"^[\s;'\"(){}\[\]+,.&|]{0,16}(?:print|return|echo|exec|eval|assert|raise)?[\s(]{0,4}(?:system|exec|eval|popen|shell_exec|passthru|execfile|spawn|fork|compile)\s{0,4}\(\s{0,4}[\"'`\\$\w/][^\n]{0,400}\)[\s;'\")}#/-]{0,8}$",
    ),
    Pattern(
        "XSLT, ESI or macro",
        rb"<esi:(?:include|inline|debug|vars|remove|assign|eval|choose)\b|<xsl:(?:value-of|variable|include|import|copy-of|script)\b|system-property\s{0,4}\(|php:function\s{0,4}\(|<\?import\b|<msxsl:script|unparsed-text\s{0,4}\(|^[=+@-]\s{0,4}(?:cmd|msexcel|rundll32|hyperlink|importxml|importdata|webservice|dde|ddeauto|exec|call)\s{0,4}[|(]|[=+@-][^\n]{0,60}\|\s{0,4}'\s{0,4}/c\s|\\(?:input|include|write18|immediate|openin|lstinputlisting|usepackage\{verbatim|newread|verbatiminput|catcode)\b[^\n]{0,60}[{\\=\"/]",
    ),
    Pattern(
        "Lua, Go, C# or Groovy",
        rb"\bos\.execute\s{0,4}\(|\bio\.popen\s{0,4}\(|\bloadstring\s{0,4}\(|\bredis\.call|\bprocess\.start\s{0,4}\(|system\.diagnostics|\bassembly\.load|\.execute\(\)\s{0,4}\.\s{0,4}text|\b(?:groovyshell|groovyclassloader)|@grab\b|@asttest|\bexec\.command\s{0,4}\(|\bpackage\.loadlib|[\"']\s{0,4}\.\s{0,4}execute\s{0,4}\(\s{0,4}\)|^[\s;'\"+}]{0,8}system\.exit\s{0,4}\(|<cf(?:execute|file|http|query|object|module)\b|<!--\s{0,4}esi\b|<jsp:(?:include|forward|usebean|scriptlet|expression|declaration|plugin)\b",
    ),
)
JAVA = (
    Pattern("runtime", rb"\bgetruntime\b(?!\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}(?:available|total|free|max|gc|add))(?:\s{0,4}\(|['\",])|\.getclass\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}(?:forname|getclassloader|getmethod|getconstructor|getresource|newinstance|getprotectiondomain)|\bprocessbuilder\b\s{0,4}[(\[\"']|\bjava\.lang\.(?:runtime|process(?:builder)?|system|class|thread|string|reflect|math|integer|character|object)\b|\b(?:java|javax)\.(?:io\.(?:file|bufferedreader|inputstream)|util\.scanner|script\.|net\.(?:url|socket)|naming\.|el\.|management\.|servlet\.|xml\.transform)|\bscriptenginemanager\b|\bclass\.forname\s{0,4}\(|\bjdk\.jshell|\bt\s{0,4}\(\s{0,4}(?:java|javax|runtime|system|org|com)\b"),
    Pattern("Spring", rb"\bclass\s{0,4}(?:\.|\[\s{0,4}['\"]?)\s{0,4}(?:module|classloader|protectiondomain)|\bspring\.cloud\.function\.routing|\.classloader\b[^\n]{0,40}\.(?:resources|urls|pipeline|defaultassertionstatus|parent)|\bpipeline\.first\.(?:pattern|suffix|directory|prefix|filedateformat)"),
    Pattern("serialised object", rb"\xac\xed\x00\x05|\baced0005|(?-i:\brO0AB[XQNX]|\bH4sIAAAA)|(?-i:(?:^|[^\w])AAEAAAD/{3,5}|(?:^|[^\w])/wEy[A-Za-z0-9+/]{8}|\bTVqQAAMAAAA)"),
    Pattern("gadget", rb"\b(?:org\.apache\.(?:commons\.(?:collections|beanutils|configuration|fileupload|jxpath|text)|xalan|xbean|ibatis|shiro|myfaces|wicket|logging|struts|tomcat|naming|dubbo|velocity|catalina)|org\.springframework\.(?:beans|context|jndi|aop|core|expression|transaction)|com\.sun\.(?:rowset|org\.apache|jndi|syndication|corba|jmx|xml\.internal)|jdk\.nashorn|sun\.(?:reflect|rmi|misc\.unsafe|print)|com\.mchange|com\.caucho|org\.hibernate|org\.codehaus\.groovy|com\.rometools|clojure\.core|org\.python\.core|com\.alibaba\.(?:fastjson|druid)|ch\.qos\.logback|com\.zaxxer|oracle\.jdbc|weblogic\.|net\.sf\.ehcache|ysoserial|bsh\.interpreter|javassist)\b[.\w$]{0,120}"),
    Pattern("typed object", rb"[\"']@(?:type|class)[\"']\s{0,4}:\s{0,4}[\"'](?:L|\[)?[a-z]\w{0,20}\.[\w.$]{4,120}|[\"']\$type[\"']\s{0,4}:\s{0,4}[\"'](?:system|microsoft|\w{2,40}\.\w{2,40},)|!!(?:javax?|org|com|python|ruby|sun)[./][\w./]{2,80}|!(?:ruby|python)/(?:object|hash|struct|name|module|regexp|sym)|tag:yaml\.org,2002:(?:java|python|ruby)|<java\b[^>]{0,60}(?:class|version)=|<(?:void|object)\s{1,4}(?:class|method|property)=|java\.beans\.xmldecoder|<(?:map|sorted-set|tree-map|linked-hash-set|dynamic-proxy|javax\.|com\.sun\.|java\.util\.priorityqueue)\b[^>]{0,40}>.{0,200}(?:process|exec|command|proxy|handler)|objectdataprovider|windowsidentity|typeconfusedelegate|textformattingrunproperties|activitysurrogate"),
    Pattern("Python, Ruby or Node object", rb"\bc(?:os|posix|nt|subprocess|builtins|__builtin__|commands|webbrowser)(?:\n|\\n)(?:system|popen|execve|eval|exec|check_output|Popen|call|getattr|open)\b|\x80[\x02-\x05](?:\x95.{8})?.{0,20}(?:\x8c.{1,2}(?:posix|os|nt|subprocess|builtins)|c(?:os|posix|nt|subprocess|builtins)\n)|(?-i:\bgASV[A-Za-z0-9+/]{8}|\bY(?:29z|3Bvc2l4|3BpY2ts|3N1YnByb2Nlc3)|\bBAh[a-zVJ][A-Za-z0-9+/]{6})|^\x04\x08[o{\[Iu]|_\$\$nd_func\$\$_|\brce\b[^\n]{0,20}function\s{0,4}\(|(?:\bpickle|\bcPickle|\bmarshal|\byaml)\.(?:loads?|unsafe_load)\s{0,4}\(|Gem::(?:Installer|Requirement|Package|SpecFetcher)|ActiveSupport::|\bO:\d{1,4}:\"[\w\\]{1,60}\":\d"),
)  # fmt: skip
_LOOKUP = re.compile(rb"\$\{([^${}]{0,200})\}")
# A lookup that fetches: a scheme and what can be a host. Those of the environment or the date send nothing anywhere.
_JNDI = re.compile(
    rb"jndi\s{0,8}:\s{0,8}(?:\$|(?!java\b)[a-z]{2,8}\s{0,4}:[\s/\\]{0,8}[\w\[$%@])|"
    # Commons Text (CVE-2022-42889) has some that run and fetch by themselves.
    rb"\$\{\s{0,8}(?:(?:script|dns|url)\s{0,4}:\s{0,4}[^\s}.<]|file\s{0,4}:\s{0,4}utf)",
    re.IGNORECASE,
)
_ROUNDS = 12
_LONGEST = 4096


def log4j(value: bytes) -> tuple[str, bytes] | None:
    """Log4j's lookups resolved from the inside out as the library would; a JNDI lookup that comes out is an attack."""
    text = value[:_LONGEST]
    if _JNDI.search(text):
        return "lookup", text
    for _ in range(_ROUNDS):
        resolved = _LOOKUP.sub(_resolve, text)
        if resolved == text:
            break
        text = resolved
        if _JNDI.search(text):
            return "nested lookup", text
    return None


def _resolve(match: re.Match[bytes]) -> bytes:
    inside = match.group(1)
    if b":-" in inside:
        return inside.rsplit(b":-", 1)[1]
    scheme, _, rest = inside.partition(b":")
    kind = scheme.strip().lower()
    if kind == b"lower":
        return rest.lower()
    if kind == b"upper":
        return rest.upper()
    if kind == b"date":
        return rest.strip(b"'")
    return match.group() if kind == b"jndi" else rest


NEEDS_LOG4J = rb"""\$\{|jndi:"""

_code = first_match(CODE)
# What a sentence may name; attributes that lead to an interpreter are never a subject of one.
_NAMEABLE = re.compile(
    rb"(?:os|subprocess|commands|process|child_process|io|kernel|file|exec)\.\w+|(?:system|exec|spawn|eval|require|open|execsync|spawnsync)\s{0,4}\(",
    re.IGNORECASE,
)
_NAMED_CALLS = 8


def code(value: bytes) -> tuple[str, bytes] | None:
    """Code that an interpreter would run; not a call that a sentence names."""
    if title(value):
        return None
    if b"+" in value and b" " not in value and sentence(value.replace(b"+", b" ")):
        value = value.replace(b"+", b" ")
    for _ in range(_NAMED_CALLS):
        found = _code(value)
        if found is None or _NAMEABLE.match(found[1]) is None:
            break
        start = value.find(found[1])
        if not mentioned(value, start, start + len(found[1])):
            break
        value = value[:start] + b" " + value[start + len(found[1]) :]
    return found


php = first_match(PHP)
# A program that runs what a visitor sends, wherever in a file it stands.
_web_shell = first_match(
    (
        Pattern(
            "web shell",
            rb"<\?(?:php\b|=)[^\n]{0,200}(?:\b(?:system|exec|passthru|shell_exec|popen|proc_open|eval|assert|phpinfo|file_put_contents|create_function)\s{0,4}\(|`|\$_(?:get|post|request|cookie)\s{0,4}\[[^\]]{0,40}\]\s{0,4}\()",
        ),
    )
)


def php_in_text(value: bytes) -> tuple[str, bytes] | None:
    """`php`, of which a text may show code in blocks, but no web shell."""
    if title(value):
        return None
    rest = without_fences(value)
    if rest is value and b"+" in value and b" " not in value and sentence(value.replace(b"+", b" ")):
        rest = value.replace(b"+", b" ")
    found = php(rest)
    if found is not None and found[0] == "stream wrapper":
        start = rest.find(found[1])
        if mentioned(rest, start, start + len(found[1])):
            found = php(rest[:start] + b" " + rest[start + len(found[1]) :])
    return found or (_web_shell(value) if rest is not value else None)


# What a Java program says of where it failed: a line for each call, and the name of the exception.
_FRAMES = re.compile(
    rb"\bat[ +](?:[\w.@-]{1,80}/){0,2}[\w.$<>]{2,200}\((?:[\w$-]{1,80}\.(?:java|kt|scala|groovy)(?::\d{1,6})?|Native Method|Unknown Source|<generated>)\)|"
    rb"\b(?:[a-z]\w{0,40}\.){1,8}[A-Z]\w{0,60}(?:Exception|Error)\b(?=:|\s|$)"
)
# A class that is named: nothing calls it, makes one of it or passes it to anything.
_BARE_CLASS = re.compile(
    rb"(?<![^\s/`])(?<!\bnew )(?<!\bnew\+)([`\"']?)(?:[a-z]\w{0,40}\.){1,8}[A-Z][\w$]{0,80}(?:\.[A-Z]\w{0,60}){0,3}(?:\.html?)?\1(?=[\s,:;?!]|\.(?:\s|\Z)|\Z)"
)
_java = first_match(JAVA)


def java(value: bytes) -> tuple[str, bytes] | None:
    """Java's gadgets, not where a stack trace names them."""
    found = _java(value)
    if found is not None and b"\xac\xed" not in value and _FRAMES.search(value):
        value = _FRAMES.sub(b" ", value)
        found = _java(value)
    # Some libraries make an object of any class that a string names: a gadget alone in its value is not merely named.
    if found is not None and (found[0] == "runtime" or (found[0] == "gadget" and b" " in value)):
        return _java(_BARE_CLASS.sub(b" ", value))
    return found


BINARY = tuple(pattern for pattern in JAVA if pattern.reason in {"serialised object", "Python, Ruby or Node object"})
