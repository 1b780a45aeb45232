# ruff: noqa: E501 - an expression is read as one
"""Path traversal and files that no visitor should name."""

from __future__ import annotations

import re

from casemate.engines.web.detectors.evidence import Pattern, first_match
from casemate.engines.web.detectors.prose import mentioned, sentence

_UP = rb"(?:\.{2,3}[\x01-\x08\x0b-\x1f]{0,2}(?:[/\\]|%2f|%5c|0x2f|0x5c|%c0%af|%c1%9c|/\./|;/|\x00/|\x0b/)|\.\.\\?/|\.\.(?:\.\.)?//|\.\.\\\\)"
# Files of Unix, Windows, servers, frameworks and clouds that are read for their content alone.
_UNIX_FILES = (
    rb"etc/(?:\./){0,3}(?:passwd|shadow|group|hosts|hostname|issue|motd|fstab|crontab|sudoers|gshadow|profile|environment|inetd\.conf|resolv\.conf|networks?|master\.passwd|exports|mtab|services|protocols|shells)(?![a-z0-9_]|-\w)|etc/(?:\./){0,3}(?:"
    rb"(?:os|lsb|redhat|debian|centos)[-_]release|debian_version|ssh/\w|ssl/|apache2?/|httpd/|nginx/|mysql/|my\.cnf|php[0-9./]|cron\.|init\.d/|rc\.\w|security/|pam\.d/|ld\.so|vsftpd|proftpd|samba/|kubernetes/|pki/|tomcat|lighttpd|sysconfig/)|"
    rb"proc/(?:(?:self|\d{1,7}|version|cpuinfo|meminfo|net|sched_debug|mounts|cmdline|stat|kcore|modules|devices|filesystems|partitions|uptime|loadavg|swaps|interrupts|ioports|driver)(?![a-z0-9_]|-\w)|config\.gz|sys/)|"
    rb"var/(?:log/[\w./-]|run/secrets|lib/(?:mysql|php|docker|cloud|mlocate|dpkg|apt|pgsql|postgresql|tomcat|jenkins)|mail/\w|spool/|www/[\w./-]{0,60}\.(?:php|conf|ini|env|log)|cpanel/)|usr/local/(?:apache|etc|app|cpanel|nginx|tomcat|php)[\w./-]|"
    rb"root/\.\w|root/(?:anaconda|\.)|home/[^/\s]{1,40}/\.(?:ssh|bash|profile|aws|netrc|viminfo|mysql|gnupg|zsh|config)|dev/(?:tcp|fd/\d|random|urandom|zero|stdin|sd[a-z])|boot/grub|opt/(?:lampp|xampp|tomcat)/\w|sys/class/|run/secrets/|tmp/sess_"
)
_WINDOWS_FILES = (
    rb"(?:windows|winnt)[/\\]{1,2}(?:win\.ini|system\.ini|system32|repair|php\.ini|iis\w{0,8}\.log|debug|panther|my\.ini|explorer|notepad|regedit|temp)|\bboot\.ini\b|\b(?:win|system)\.ini\b|inetpub[/\\]|"
    rb"system32[/\\]{1,2}(?:config|drivers|cmd|inetsrv|eventvwr)|\bdocuments and settings[/\\]|\bunattend(?:ed)?\.(?:xml|txt)|\bsysprep\.(?:inf|xml)|\bpagefile\.sys|\bntuser\.dat|\bntds\.dit|\bautoexec\.bat|\bprogram files(?: \(x86\))?[/\\](?:apache|mysql|postgres|microsoft sql|xampp|filezilla|php|nginx|tomcat)|\bxampp[/\\]|\b(?:config|repair)[/\\]{1,2}sam\b"
)
_APPLICATION_FILES = (
    rb"\bweb-inf\b|\bmeta-inf/|\bweb\.config\b|\bwp-config(?:\.php|\.bak|\.txt|~)|\.htaccess\b|\.htpasswd\b|\.ssh/(?:id_|authorized|known|config)|\bid_[rd]sa\b|\.aws/(?:credentials|config)|\.bash_(?:history|profile|logout)|\.bashrc\b|\.mysql_history|\.git/(?:config|head|index|logs|objects)|\.svn/(?:entries|wc)|"
    rb"(?:^|/)\.env(?:\.(?!example|sample|dist|template)\w{2,12})?$|\bglobal\.asax?\b|\bapplication(?:-\w{2,8})?\.(?:properties|ya?ml)$|\bconfig\.inc\.php|\bconfiguration\.php$|\bdatabase\.(?:yml|php)$|\bsecrets\.(?:yml|json)$|\bshadow(?:\.bak|~|-)$|\.kube/config|\.docker/config|\.npmrc$|\.pgpass|\.netrc$|\bweb\.xml$|\bserver\.xml$|\btomcat-users\.xml|\bhttpd\.conf$|\bnginx\.conf$|\bphp\.ini$|\bmy\.cnf$|\baccess[._]log$|\berror[._]log$"
)


def _named(start: bytes) -> bytes:
    """A file that is read for its content; an application's own begins with `start`."""
    return (
        rb"^[\s\"'`=:]{0,8}(?:file:/{0,4})?(?:[a-z][:|])?[/\\.]{0,16}(?:"
        + _UNIX_FILES
        + rb"|"
        + _WINDOWS_FILES
        + rb")[^\s+]{0,100}\s{0,4}(?:$|\x00|%00|[;|&?#])|^[^\s+<>]{0,60}[/\\](?:"
        + _UNIX_FILES
        + rb")(?![\w.-]{0,40}\.(?:md|rst|example|sample|template)$)[^\s]{0,60}$|^"
        + start
        + rb"(?:file:/{0,4})?[^\s?=&<>]{0,60}?(?:"
        + _APPLICATION_FILES
        + rb")[^\s]{0,20}(?:$|\x00)|/etc/(?:passwd|shadow)(?:\x00|%00)|^[a-z]:[/\\]{1,2}(?:windows|winnt|boot|inetpub)\b|^[a-z]:[/\\]{1,2}users[/\\][^\r\n]{0,80}(?:ntuser\.dat|\.(?:ssh|aws|azure|kube|gnupg)\b|unattend|[/\\]desktop[/\\][\w.-]{1,40}\.txt$)|^\\\\(?:(?=[^\\]{0,60}[.?$])[\w.$?-]{1,60}|localhost|\w{1,60}(?=\\[\w\\.-]{0,60}\$))\\[\w.$\\-]{1,80}|^[/\\.]{0,20}(?:etc|proc|windows|winnt)[/\\][/\\.?*\w-]{2,60}$"
    )


TRAVERSAL = (
    Pattern(
        "traversal",
        rb"(?:^|[=\"'(,:;&|\s/\\@])(?:\w{0,30}[/\\])?(?:"
        + _UP
        + rb"){2}(?:"
        + _UP
        + rb"|(?:[\w%.-]{1,60}(?:[/\\]|$|\x00|\?)){1,8}(?=$|\x00|\?|%))|^(?:[^\s'\"<>]{0,100}[/\\])?(?:"
        + _UP
        + rb"){2}|(?:"
        + _UP
        + rb"){4}",
    ),
    Pattern(
        "traversal to a known file",
        rb"\.\.[^\s<>\"']{0,200}?[/\\](?:" + _UNIX_FILES + rb"|" + _WINDOWS_FILES + rb"|" + _APPLICATION_FILES + rb")",
    ),
    Pattern(
        "traversal",
        rb"^\.{2,}(?:[/\\](?![\s+]{1,4}\w{1,30}[\s+])|%2f|%5c)|^[/\\]?\.\.(?:;|%00|\x00)?[/\\](?![\s+]{1,4}\w{1,30}[\s+])|\.\.;/|[/\\]\.\.(?:[/\\]\.\.|$)|^\.\.$|\.{3,}[/\\]{1,4}\.{3,}|\.\.\\\.\.|\.\.%(?:25)?(?:2f|5c|c0|c1|u)|\.%00\./|(?:^|/)\.\.(?:0x2f|0x5c|\xc0|\xc1)|%(?:25)*(?:32%65|2e)%(?:25)*(?:32%65|2e)|(?:/%5c\.\.|/\.%2e/)",
    ),
    Pattern(
        "known file",
        _named(rb""),
    ),
    Pattern(
        "NUL in a file name",
        rb"^[^\s<>\"']{1,200}(?:\x00|%00)\.?(?:jpe?g|png|gif|html?|php\d?|txt|pdf|docx?|ico|css|js|jsp|asp|xml|zip|inc|log)?$|\.(?:php\d?|jsp|aspx?|cgi|pl|sh|exe)(?:\x00|%00)",
    ),
)
# In text: an attack needs traversal, or quotes and separators around the file.
TEXT = (
    Pattern("traversal to a known file", TRAVERSAL[1].expression),
    Pattern(
        "traversal",
        rb"^[^\s]{0,200}(?:"
        + _UP
        + rb"){3}|\.\.;/|\.{3,}[/\\]{2}\.{3,}|^(?:"
        + _UP
        + rb"){2}[^\s]{0,200}$|\.\.\\\.\.\\",
    ),
    Pattern("known file", _named(rb"(?:file:|[/\\~]|\.\.?[/\\]|[a-z]:|\.)")),
    TRAVERSAL[4],
)

_KNOWN = re.compile(
    rb"[/\\](?:" + _UNIX_FILES + rb"|" + _WINDOWS_FILES + rb"|" + _APPLICATION_FILES + rb")", re.IGNORECASE | re.DOTALL
)
_ENDS_A_PATH = re.compile(rb"[\s<>\"']")
_REACH = 202  # octets between `..` and the file
_MOST = 64


def _climbs(value: bytes) -> tuple[str, bytes] | None:
    """A file that is read for its content, after `..` in the same path."""
    if b".." not in value:
        return None
    for number, match in enumerate(_KNOWN.finditer(value)):
        if number == _MOST:
            break
        before = value[max(match.start() - _REACH, 0) : match.start()]
        path = _ENDS_A_PATH.split(before)[-1]
        if b".." in path:
            return "traversal to a known file", path + match.group()
    return None


_others = first_match(tuple(pattern for pattern in TRAVERSAL if pattern.reason != "traversal to a known file"))
_others_in_text = first_match(tuple(pattern for pattern in TEXT if pattern.reason != "traversal to a known file"))


def traversal(value: bytes) -> tuple[str, bytes] | None:
    """A path that leaves its root, or a file that no visitor should name."""
    return _meant(value, _others(value) or _climbs(value))


def traversal_text(value: bytes) -> tuple[str, bytes] | None:
    """`traversal` for a text, which may speak of files."""
    return _meant(value, _others_in_text(value) or _climbs(value))


def _meant(value: bytes, found: tuple[str, bytes] | None) -> tuple[str, bytes] | None:
    """What was found, unless it is the only path of a sentence: joined to a directory, that would name no file."""
    if found is None or b" " not in value or b"/" in value[: value.find(found[1])]:
        return found
    start = value.find(found[1])
    start += len(found[1]) - len(found[1].lstrip())
    path = _ENDS_A_PATH.split(value[start:], maxsplit=1)[0]
    if (
        len(path) < 4
        or value.count(b"..") > path.count(b"..")
        or not (
            mentioned(value, start, start + len(path))
            or (start == 0 and b".." not in path and sentence(value[len(path) :]))
        )
    ):
        return found
    return None
