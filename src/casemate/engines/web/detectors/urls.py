# ruff: noqa: E501 - an expression is read as one
"""URLs that make a server fetch what it should not: metadata services, itself, its network, or a stranger's code."""

from __future__ import annotations

import ipaddress
import re

from casemate.engines.web.detectors.sieve import Sought

NEEDS_METADATA = rb"""169\.254|metadata|meta-data|user-data|instance-data|0xa9|2852039166|0251\.|025177524776|169\.16689662|a9fe|fd00:ec2|100\.100\.100|192\.0\.0\.192|/latest/|computemetadata|/opc/v|/openstack/|/hetzner/|xip\.io|nicob|\xe2[\x91-\x93]|//(?:0x|\d+[/:?#]|\d+$|0\d|\[)"""
NEEDS = rb"""(?:/|\\|:)(?:/|\\)+[^\s]*(?:\d\.\d|\d\xe3\x80\x82\d|\.local|\.lan|intranet|rancher|0x|localhost|internal|\[|@|\.(?:txt|php|inc|jpe?g|gif|png|jsp|asp|pl|cgi|sh|dat|log|html?|phtml|ps1|exe|class|dtd)\b|shell|cmd|burp|oast|interact|dnslog|ceye|request|canary|pipedream|webhook|xss|bxss|nip\.io|xip|sslip|localtest|lvh|vcap|lacol|localdomain|1u\.ms|rbndr|spoofed|nessus|cirt|evil|attacker|hacker|malicious|r57|c99|kubernetes|consul|svc|cluster|\d+(?:[/:?#]|$))|\b(?:gopher|dict|ldaps?|tftp|jar|netdoc|phar|php|expect|zip|ogg|rar|glob|file|smb|rmi|imaps?|pop3|smtp|telnet|sftp|ssh2|compress\.zlib|local_file|view-source|wrapwrap|jndi|finger|iiop|nis|corba|dns|zlib|sms|rsync):|^\s*https?:(?:/|\\)?[\d0lL\[]|\xe2[\x91-\x93]"""
_FLAGS = re.IGNORECASE | re.DOTALL
_METADATA = Sought(
    rb"""169\.254\.169\.254|169\.254\.170\.(?:2|23)\b|\b0xa9\.?0?x?fe\.?|\b0xa9fea9fe\b|\b2852039166\b|\b0251\.0?376|\b025177524776\b|169\.254\.43518|169\.16689662|::ffff:a9fe:|fd00:ec2::254|"""
    rb"""metadata\.google(?:\.internal)?|\bmetadata\.(?:azure|packet|tencentyun|platformequinix)|100\.100\.100\.200|192\.0\.0\.192|instance-data(?:\.ec2)?\b|/latest/(?:meta-data|user-data|dynamic|api/token)|/computemetadata/|/metadata/(?:instance|v1|identity)|/opc/v[12]/|/openstack/latest|/hetzner/v1|/latest/meta_data|"""
    rb"""\b169\.254\.169\.254\.(?:nip|xip|sslip)\.io|1ynrnhl\.xip\.io|\bnicob\.net|[\xe2][\x91-\x93].{0,3}[\xe2]""",
)
_URL = re.compile(
    rb"""\b([a-z][a-z0-9+.-]{1,20}):(?:/|\\){1,4}((?:[^\s/?#<>"'\\]{0,200}@)?)(\[[0-9a-f:.%]{2,60}\]|[^\s/?#<>"':\\()]{1,200})(:\d{1,5})?([/\\?#][^\s<>"']{0,1000})?""",
    _FLAGS,
)
_WHOLE = re.compile(
    rb"""^[\s"'`(<=,]{0,6}(?:url:|redirect:|feed:|view-source:)?(?:([a-z][a-z0-9+.-]{1,20}):(?:/|\\){0,4}|(?:/|\\){2,4})((?:[^\s/?#\\]{0,200}@)?)(\[[0-9a-z:.%]{2,60}\]|[^\s/?#:\\]{1,200})(:\d{1,5})?([/\\?#].{0,2000})?$""",
    _FLAGS,
)
_SCHEMES = frozenset({b"gopher", b"dict", b"ldap", b"ldaps", b"tftp", b"jar", b"netdoc", b"phar", b"php", b"expect", b"zip", b"ogg",
                      b"rar", b"glob", b"file", b"smb", b"rmi", b"imap", b"imaps", b"pop3", b"smtp", b"telnet", b"sftp", b"ssh2", b"compress.zlib",
                      b"local_file", b"view-source", b"wrapwrap", b"jndi", b"finger", b"iiop", b"nis", b"corba", b"dns", b"ssh2.exec", b"zlib", b"sms", b"rsync"})  # fmt: skip
_FETCHES = frozenset({b"http", b"https", b"ftp", b"ftps", b"ws", b"wss", b"", b"0http", b"hTTp", b"tcp", b"udp"})
_INTERACTION = re.compile(
    rb"""(?:^|\.)(?:burpcollaborator\.net|oastify\.com|oast\.(?:pro|live|site|online|fun|me)|interact\.sh|dnslog\.cn|ceye\.io|requestbin\.(?:net|com)|requestrepo\.com|canarytokens\.com|pipedream\.net|webhook\.site|"""
    rb"""xss\.(?:ht|rocks)|bxss\.me|nip\.io|xip\.io|sslip\.io|localtest\.me|lvh\.me|vcap\.me|lacolhost\.com|localdomain\.pw|1u\.ms|rbndr\.us|spoofed\.burpcollaborator\.net|rfi\.nessus\.org|cirt\.net|evil(?:-?\w{0,12})?\.(?:com|net|org|example)|attacker(?:-?\w{0,12})?\.(?:com|net|org|example)|hacker\.\w{2,8}|malicious\.\w{2,8}|r57\.\w{2,4}|c99\.\w{2,4})$""",
    _FLAGS,
)
_LOCAL = re.compile(
    rb"""^(?:localhost(?:\.localdomain|6)?|.{0,60}\.localhost|ip6-localhost|0|127\.[\d.]{1,12}|\[(?:0{0,4}:){2,7}0{0,3}[01]?\]|\[::(?:ffff:)?(?:127\.|7f00:).{0,12}\]|\[::1?%.{0,12}\]|127\.[\d.]{1,12}\x00.{0,80}|localhost\x00.{0,80}|kubernetes\.default.{0,40}|host\.docker\.internal|rancher-metadata|.{0,60}\.(?:internal|intranet|lan|local|consul|svc|cluster\.local))\.?$""",
    _FLAGS,
)
_NUMERIC = re.compile(rb"^(?:0x[0-9a-f]{1,16}|\d{1,12})(?:\.(?:0x[0-9a-f]{1,8}|\d{1,12})){0,3}\.?$", _FLAGS)
# Where developers run what a redirect comes back to.
_DEVELOPMENT = frozenset({b":3000", b":3001", b":4200", b":5000", b":5173", b":8000", b":8081", b":8100", b":9000"})
_DOTTED = re.compile(rb"^\d{1,3}(?:\.\d{1,3}){3}$")
# Source text of a stranger's program, and the question mark or NUL that cuts off what the application appends.
_INCLUDED = re.compile(
    rb"""\.(?:txt|php\d?|phtml|inc|jpe?g|gif|png|jspx?|aspx?|pl|cgi|sh|dat|log|html?)\??(?:\?{1,3}|\x00|%00|\#)$|/(?:c99|r57|shell|cmd|b374k|wso|backdoor|webshell|exploit|payload|evil|rfi|id|malware|inject)\w{0,12}\.(?:txt|php\d?|jspx?|aspx?|gif|jpe?g|sh|pl|exe|dat|inc|phtml|html?|js|xml|dtd|py|jar|class)\b|\?cmd=|\.(?:sh|phtml|ph[pt]\d|jspx|ps1|exe|class|dtd|inc)$""",
    _FLAGS,
)


def metadata(value: bytes) -> tuple[str, bytes] | None:
    """The address or path of a cloud's metadata service, in any notation."""
    match = _METADATA.search(value)
    if match is not None:
        return "metadata service", match.group()
    for url in _URL.finditer(value[:4096]):
        if _address(url.group(3)) in _METADATA_ADDRESSES:
            return "metadata service", url.group()
    return None


_ODD_SCHEME = re.compile(
    rb"^[\s\"'(<=]{0,4}(?:view-source|jar):[a-z]|^[\s\"'(<=]{0,4}(?:jar|netdoc|phar|gopher|dict|expect|compress\.zlib|zip|ogg|rar|glob|local_file|view-source|rmi|jndi):[\w/.%\\]",
    _FLAGS,
)

_PAGE = re.compile(rb"File:[^/\\]|[A-Za-z]{2,6}:[^/\\][^ ]* ")
"""The name of a page in a wiki's namespace, a label and what it labels; no URL: neither slashes nor a path alone."""


def whole(value: bytes) -> tuple[str, bytes] | None:
    """The value as a whole is a URL of a scheme, an address or a file that a server must not fetch for a visitor."""
    if b"\n" not in value and b"\\" in value:
        value = value.replace(b"\\", b"/")
    odd = _ODD_SCHEME.match(value)
    if odd is not None:
        return "scheme", value
    match = _WHOLE.match(value)
    if match is None or _PAGE.match(value):
        return anywhere(value)
    scheme = (match.group(1) or b"").lower()
    reason = _judge(
        scheme, match.group(2), match.group(3), match.group(5) or b"", port=match.group(4) or b"", alone=True
    )
    return None if reason is None else (reason, match.group())


def anywhere(value: bytes) -> tuple[str, bytes] | None:
    """A URL somewhere in a text that only an attack holds."""
    odd = _ODD_SCHEME.match(value) if b" " not in value else None
    if odd is not None:
        return "scheme", value
    for number, match in enumerate(_URL.finditer(value[:16384])):
        if number == 50:
            break
        alone = match.start() < 8 and match.end() >= len(value) - 8
        reason = _judge(
            match.group(1).lower(),
            match.group(2),
            match.group(3),
            match.group(5) or b"",
            port=match.group(4) or b"",
            alone=alone,
        )
        if reason is not None:
            return reason, match.group()
    return None


def _judge(
    scheme: bytes, user: bytes, host: bytes, path: bytes, *, port: bytes = b"", alone: bool, slashes: bool = True
) -> str | None:
    scheme = scheme.removeprefix(b"0")
    if b"\xe3\x80\x82" in host:
        host = host.replace(b"\xe3\x80\x82", b".")  # the ideographic full stop, a dot to browsers (RFC 3490)
    if scheme in _SCHEMES:
        return (
            "scheme"
            if alone
            or scheme
            not in {
                b"file",
                b"sftp",
                b"ldap",
                b"ldaps",
                b"ssh2",
                b"view-source",
                b"smb",
                b"smtp",
                b"rsync",
                b"dns",
                b"imap",
                b"imaps",
                b"pop3",
                b"telnet",
                b"php",
            }
            else None
        )
    if scheme not in _FETCHES:
        return None
    if _INTERACTION.search(host):
        return "known host"
    address = _address(host)
    if address is not None:
        if address in _METADATA_ADDRESSES:
            return "metadata service"
        odd = not _DOTTED.match(host) and not host.startswith(b"[")
        return (
            "address"
            if alone
            else "hidden address"
            if odd and (address.is_private or alone) and (scheme or len(host) > 6)
            else None
        )
    if not alone or (not slashes and scheme):
        return None
    if (_LOCAL.match(host) and port not in _DEVELOPMENT) or (
        user and _address(user.rstrip(b"@").split(b":")[0]) is not None
    ):
        return "local host"
    if user and b"@" in user and scheme and (b"." in user):
        return "misleading user"
    if scheme and _INCLUDED.search(path):
        return "included file"
    return None


def _address(host: bytes) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that inet_aton and browsers make of a host: dotted, decimal, octal, hexadecimal, short, IPv6."""
    try:
        if host.startswith(b"["):
            six = ipaddress.IPv6Address(host[1:-1].split(b"%")[0].decode("ascii"))
            return six.ipv4_mapped or six
        if _NUMERIC.match(host) is None:
            return None
        parts = [_number(part) for part in host.rstrip(b".").split(b".")]
        if len(parts) == 1 and len(host) < 6 and not host.startswith(b"0"):
            return None
        total = 0
        for part in parts[:-1]:
            if part > 255:
                return None
            total = total << 8 | part
        last = parts[-1] & 0xFFFFFFFF
        return ipaddress.IPv4Address((total << 8 * (5 - len(parts)) | last) & 0xFFFFFFFF)
    except ValueError:
        return None


def _number(part: bytes) -> int:
    if part[:2].lower() == b"0x":
        return int(part, 16)
    if len(part) > 1 and part.startswith(b"0") and all(octet in b"01234567" for octet in part):
        return int(part, 8)
    return int(part)


_METADATA_ADDRESSES = frozenset(
    {
        ipaddress.IPv4Address("169.254.169.254"),
        ipaddress.IPv4Address("169.254.170.2"),
        ipaddress.IPv4Address("100.100.100.200"),
        ipaddress.IPv4Address("192.0.0.192"),
        ipaddress.IPv6Address("fd00:ec2::254"),
    }
)


def in_header(value: bytes) -> tuple[str, bytes] | None:
    """A header as a whole: what no browser or proxy writes, so no plain address, which a Referer may have."""
    found = metadata(value) or whole(value)
    return found if found is not None and found[0] in _NEVER_IN_HEADERS else None


_NEVER_IN_HEADERS = frozenset({"metadata service", "scheme", "hidden address", "known host"})


# Ports of services that answer whatever a URL makes a server send, and paths that a visitor has no business with.
_SERVICES = frozenset(
    b":%d" % port
    for port in (22, 23, 25, 111, 389, 445, 2049, 2375, 2376, 2379, 3306, 3389, 5432, 5984, 6379, 6443, 8500, 9200, 9300, 10250, 10255, 11211, 27017)
)  # fmt: skip
_NOT_FOR_VISITORS = re.compile(
    rb"admin|manage|console|actuator|server-status|internal|secret|credential|token|passw|shutdown|delete|exec|eval|cmd|cgi|shell|jolokia|/env\b|flag|debug|config|backup|private|/v1/agent|latest|etc/|\.\.|[@\\#<>|`$]|%0|%2[ef5]|=(?:https?|file):",
    _FLAGS,
)
_OWN = re.compile(
    rb"^(?:localhost|127\.0\.0\.1|host\.docker\.internal|[\w-]{1,40}(?:\.[\w-]{1,40}){0,5}\.(?:internal|lan|local|svc|consul|cluster\.local))$",
    _FLAGS,
)
_IN_NETWORK = re.compile(
    rb"^(?:10(?:\.(?:0|[1-9]\d{0,2})){3}|192\.168(?:\.(?:0|[1-9]\d{0,2})){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.(?:0|[1-9]\d{0,2})){2})$"
)


def _reported(value: bytes, *, among: bool) -> bool:
    """Whether the value is a URL as services of a network report theirs: plainly written, of an ordinary page or port."""
    match = _WHOLE.match(value)
    if (
        match is None
        or (match.group(1) or b"").lower() not in {b"http", b"https", b"ws", b"wss", b"tcp"}
        or match.group(2)
    ):
        return False
    if value[match.end(1) :].startswith((b":///", b":\\")) or not value[match.end(1) :].startswith(b"://"):
        return False
    host, port, path = match.group(3), match.group(4) or b"", match.group(5) or b""
    own, near = _OWN.match(host) is not None, _IN_NETWORK.match(host) is not None
    if port in _SERVICES or _NOT_FOR_VISITORS.search(path) or not (own or near):
        return False
    paged = len(path) > 1
    return paged or near or bool(port and not host.startswith(b"127.")) if among else bool(near and port and paged)


# A file of somebody's project, as editors name it.
_DOCUMENT = re.compile(
    rb"file:///(?:home|Users|workspaces?|[A-Za-z](?::|%3A)/(?:Users|work|dev|projects?))(?:/[\w@ -][\w.@ -]{0,60}){1,12}\.(?:py|js|jsx|tsx?|go|rs|java|kt|c|h|cpp|cs|rb|md|css|vue|swift|json)\Z"
)


def in_json(value: bytes) -> tuple[str, bytes] | None:
    """`anywhere` for a string among others in JSON, where services report where they are."""
    return None if _reported(value, among=True) or _DOCUMENT.match(value) else anywhere(value)


def alone_in_json(value: bytes) -> tuple[str, bytes] | None:
    """`anywhere` for the only string of a JSON document."""
    return None if _reported(value, among=False) else anywhere(value)
