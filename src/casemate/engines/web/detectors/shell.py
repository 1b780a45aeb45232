# ruff: noqa: E501 - an expression is read as one
"""Operating system commands: a separator or a substitution, a known command in command position, arguments of its shape."""

from __future__ import annotations

import re

from casemate.engines.web.detectors.evidence import Pattern, first_match
from casemate.engines.web.detectors.prose import sentence
from casemate.engines.web.normalize.fences import without_fences

# Commands whose name is no English word: a separator before and a word's end after are enough.
_PLAIN = (
    rb"(?:whoami|uname|ifconfig|ipconfig|netstat|nslookup|traceroute|tracert|arp|crontab|passwd|useradd|adduser|usermod|chmod|chown|"
    rb"chgrp|chroot|mkfifo|mknod|ncat|netcat|nc\.\w{4,12}|socat|telnet|tftp|wget|curl|lynx|aria2c|scp|rsync|perl|python[0-9.]{0,4}|ruby|php[0-9.]{0,3}|nodejs|lua|gcc|gdb|"
    rb"bash|zsh|ksh|csh|tcsh|dash|busybox|awk|gawk|nawk|mawk|sed|xxd|hexdump|base64|base32|printenv|lsof|lsblk|lscpu|lsmod|sysctl|"
    rb"iptables|journalctl|systemctl|pkill|killall|reboot|poweroff|nohup|setsid|xargs|tcpdump|nmap|hping3?|sqlmap|strace|ltrace|"
    rb"tac|egrep|fgrep|zcat|bzcat|gunzip|mysql|psql|sqlite3|mongo|docker|kubectl|apt-get|pip3?|npm|gem|cpan|wmic|net1|systeminfo|"
    rb"tasklist|taskkill|schtasks|certutil|bitsadmin|mshta|rundll32|regsvr32|cscript|wscript|powershell|pwsh|cmd|cmd\.exe|"
    rb"[a-z]{2,12}\.exe|attrib|icacls|vssadmin|reg|dir|ls|pwd|ps|df|du|id|cat|echo|printf|eval|env|wc|nl|od|rev|tee|rm|mv|cp|ln|dd|getent|hostname|"
    rb"sleep|ping|dig|host|sh|nc|openssl|ssh|ftp|su|sudo|uptime|lastlog|groups|dmesg|mount|umount|tar|unzip|zip|gzip|vim|nano|emacs|ed|ssh-keygen|strings)"
)
# What may follow a command that is also a word or a name: an option, a path, a redirection, a variable, a number, nothing.
_ARGUMENTS = (
    rb"(?:\s{1,8}(?:-{1,2}[\w?]|/|~|\./|\.\.|\$|[0-9]|[\"'`]|https?:|ftp:|[<>|&;]|[\w-]{1,40}[./:][\w./-]|[*?\[]|\|\||\\\\|"
    rb"[A-Z]:\\|%\w|[a-z_]{1,24}\s{0,4}(?:[;|&)`'\"#<>]|$|\s-\w)|[\w.-]{1,40}@[\w.-])|\s{0,8}(?:$|[;|&)`'\"<>\#\n\r]|\|\|)|/[a-z]{1,3}[\s/]|\$\{?IFS|\$@|%09|\})"
)
# Commands that are words of a language too need an option, a path or a variable, or a host after them.
_WORDS = rb"(?:find|grep|kill|touch|tail|head|more|less|cut|sort|uniq|split|node|ip|top|who|w|last|set|date|history|alias|test|diff|file|stat|tree|locate|which|whereis|man|make|go|at|batch|nice|time|watch|yes|true|export|source|read|wall|write|mail|sendmail|mutt|join|paste|comm|look|bc|expr|factor|seq|shuf|pr|fold|fmt|tr|column|script|screen|tmux|open|start|java|javac|git|svn|vi|view|cp|install|link|mkdir|rmdir|umask|ulimit|type|hash|jobs|bg|fg|trap|exit|return|local|declare|let|printf|kubectl|helm|aws|gcloud|az)"
_WORD_ARGUMENTS = rb"(?:\s{1,8}(?:-{1,2}[\w]|/(?:[\w.*?]|$|\s)|~/|\.\.?/|\$[\w({]|(?:a|addr|link|route)\b\s{0,4}$|[\w.-]{1,40}@[\w.-]|[\w'\"*.-]{1,40}\s{1,4}(?:-\w|/\w)))"
_SEPARATOR = rb"(?:[;\n\r]|\|\|?|&&?|`|\$\(|\$\(\(|<\(|>\(|\(\)\s{0,4}\{\s{0,4}:;\s{0,4}\}\s{0,4};|\{\s)"
_DIRECTORY = rb"(?:/?(?:usr/|local/|opt/)?(?:s?bin|bin)/|\./|\.\\|[a-z]:\\(?:windows\\)?(?:system32\\)?|%\w{4,12}%\\(?:system32\\)?|\$\{?\w{1,12}[^}\s]{0,12}\}?/)?"
_PREFIX = rb"(?:(?:sudo|exec|command|builtin|nohup|env|time|busybox|start|call|eval|setsid|stdbuf|nice|timeout\s{1,4}\d{1,4}|then|do|else|!|@|/c|if|not)\s{1,4}){0,2}"

# Commands that do nothing without arguments, or whose name is a word of another language: none in a list of words.
_IDLE = rb"(?!(?:sed|du|groups|host|strings|ed|nl|od|rev|tee|zip|tar|dd|ln|mv|cp|rm|echo|printf|awk|chmod|chown|wget|dig|mount|su)\s{0,8}(?:$|[;|&,]))"

_SENSITIVE = (
    rb"(?:/etc/(?:passwd|shadow|crontab|sudoers)|/proc/(?:self|version|cpuinfo)|\.ssh/|win\.ini|boot\.ini|/flag)"
)

# Commands whose name is neither a word nor a name of anything else: any arguments will do.
_FOREIGN = (
    rb"(?:getent|kubectl|lsb_release|docker|podman|wmic|netsh|nslookup|ifconfig|ipconfig|systemctl|journalctl|netstat|tasklist|taskkill|"
    rb"schtasks|certutil|bitsadmin|mshta|rundll32|regsvr32|powershell|pwsh|cmd\.exe|whoami|uname|printenv|crontab|useradd|usermod|chmod|"
    rb"chown|mkfifo|socat|tcpdump|nmap|curl|wget|xxd|busybox|getmac|icacls|vssadmin|cscript|wscript|psql|mysqldump|sqlcmd|ssh-keygen|"
    rb"apt-get|dpkg|rpm|yum|apk|lsof|lsblk|lscpu|iptables|dmesg|pgrep|pkill|killall|nohup|ncat|netcat|traceroute|tracert|systeminfo)"
)
# After a separator at the very begin of a value, where nobody writes one, a name of any command is enough.
_LEADING = (
    rb"(?:ls|id|w|who|last|date|history|set|export|env|cd|pwd|ps|df|du|free|mv|cp|ln|rm|dd|wc|nl|od|tr|cut|sort|uniq|rev|tac|top|jobs|umask|"
    rb"alias|type|ver|vol|dir|del|copy|move|msg|path|prompt|tree|title|cls|chcp|assoc|mem|date/t|time/t|getmac|hostname|uptime|groups|users|"
    rb"finger|locale|mount|lsmod|lspci|lsusb|sleep|ping|echo|cat|tail|head|more|less|find|grep|touch|kill|test|true|false|printf|read|exit|"
    rb"stat|file|strings|time|timeout|env|host|dig|ftp|nc|sh|bash|zsh|ksh|dash|su|sudo|tar|zip|unzip|gzip|openssl|perl|python[23]?|ruby|php|"
    rb"node|lua|java|gcc|make|git|svn|vi|vim|nano|ed|awk|sed|xargs|tee|split|paste|comm|diff|cmp|dircolors|net|sc|reg|route|arp|query|quser|"
    rb"start|call|for|if|while|mysql|sqlite3|mongo|mutt|mail|at|batch|shutdown|reboot|halt|init|service|calc|notepad|explorer|msiexec|fsutil)"
)

UNIX = (
    Pattern(
        "command after a separator",
        _SEPARATOR + rb"\s{0,8}+(?=[\w/.\\$%@!])" + _PREFIX + _DIRECTORY + rb"(?<![\w.-])" + _WORDS + _WORD_ARGUMENTS,
    ),
    Pattern("command after a separator", rb"(?:[;|&`]|\$\()\s{0,8}\$(?:'[^']{2,40}'|\"[^\"]{2,40}\")"),
    Pattern("command after a separator", rb"^[;&|\s]{0,4}\\n\s{0,4}" + _DIRECTORY + _PLAIN + rb"(?:\s|\\n|$|[;|&`])"),
    Pattern(
        "assignment and expansion",
        rb"(?:^|[;&|\n`])\s{0,4}\w{1,20}=[^;&|\n]{1,80}(?:;|&&)\s{0,4}(?:eval\s{1,4})?\$\{?\w",
    ),
    Pattern(
        "loop or test",
        rb"[;&|\n`]\s{0,4}(?:for\s{1,4}\w{1,20}\s{1,4}in\b|while\s{1,4}\S|until\s{1,4}\S|if\s{0,4}\[)[^\n]{0,200};\s{0,4}(?:do|then)\b|[;&|`]\s{0,4}(?:test\s|\[{1,2}\s)[^\n]{1,120}(?:&&|\|\|)",
    ),
    Pattern(
        "option that runs a command",
        rb"^\s{0,4}-{1,2}(?:use-compress-program|checkpoint-action|to-command|upload-pack|receive-pack|o?proxycommand|rsh|config-env|exec-path|post-file|output-document|pager|new-window)\s{0,2}=|^\s{0,4}-o\s{0,2}proxycommand|\s--(?:checkpoint-action|to-command)=",
    ),
    Pattern(
        "command after a separator",
        _SEPARATOR
        + rb"\s{0,12}+(?=[\w/.\\$%@!])"
        + _PREFIX
        + _DIRECTORY
        + rb"(?<![\w.-])"
        + _IDLE
        + _PLAIN
        + rb"(?![\w=-]|\.\w|:\w|\s{0,4}[=:]\s)"
        + _ARGUMENTS,
    ),
    Pattern("substitution", rb"(?:\$\(|`|<\(|>\()\s{0,8}" + _DIRECTORY + _PLAIN + rb"\b(?:[^`)\n]{0,200})(?:`|\))"),
    Pattern(
        "command alone",
        rb"^\s{0,8}(?:/usr/bin/|/bin/|sudo\s{1,4})?(?:cat|tac|head|tail|more|less|nl|grep|strings|xxd|base64|vim?|nano)\s{1,8}(?:-[\w]{1,4}\s{1,4})?[\w*.?/~-]{0,40}"
        + _SENSITIVE,
    ),
    Pattern(
        "command after a mark of exclamation",
        rb"^\s{0,4}!{1,2}\s{0,2}"
        + _DIRECTORY
        + rb"(?:id|ls|whoami|uname|cat|curl|wget|ifconfig|ipconfig|netstat|printenv|bash|zsh|sh|nc|ncat|nslookup|python[23]?|perl|env|pwd)(?:\s{0,4}$|\s{1,4}(?:-|/|~|\.|https?:|[\w-]{1,30}[./]))",
    ),
    # A shell by itself is what somebody logs in with, or what a container runs.
    Pattern(
        "command alone",
        rb"^\s{0,8}(?:/usr/bin/|/bin/|/sbin/)(?!(?:ba|z|k|da|c|tc)?sh\s{0,2}$|env\s{0,2}$)(?:"
        + _PLAIN
        + rb")(?:\s|$|[;|&])",
    ),
    Pattern(
        "command alone",
        rb"^\s{0,8}(?:whoami|uname\s{1,4}-\w{1,6}|ifconfig|ipconfig(?:\s{1,4}/all)?|ls\s{1,4}-[alhtRr1]{1,5}(?:\s{1,4}/[\w/.-]{0,60})?|ls\s{1,4}/[\w/.-]{0,60}|cat\s{1,4}/[\w/.-]{1,60}|netstat\s{1,4}-\w{1,6}|ps\s{1,4}-?(?:aux|ef)\w?|systeminfo|net\s{1,4}(?:user|localgroup|view)(?!\s{1,4}[a-z]{2,20}\s{1,4}[a-z]{2,20}\s{1,4}[a-z])\b.{0,60}|dir\s{1,4}[a-z]:\\.{0,60}|type\s{1,4}[a-z]?:?[\\%\w.]{0,60}\.ini|ping\s{1,4}-[cnilw]\s{0,4}\d{1,5}\s{1,4}[\w.:-]{1,80}|ping\s{1,4}[\w.-]{3,80}\s{1,4}-[cn]\s{0,4}\d{1,4}|sleep\s{1,4}\d{1,4}|nslookup\s{1,4}[\w.-]{3,80}|(?:curl|wget)\s{1,4}(?:-\w{1,4}\s{1,4}){0,4}https?://\S{1,200}|rm\s{1,4}-[rf]{1,3}\s{1,4}[/~.*$\"'][^\s]{0,60}|echo\s{1,4}\$\w{2,20}|nc\s{1,4}-\w{1,5}.{0,80}|bash\s{1,4}-[ic]\b.{0,200}|sh\s{1,4}-c\b.{0,200}|(?:python[23]?|perl|ruby|php|node)\s{1,4}-[cer]\s{0,4}['\"].{0,400})\s{0,4}$",
    ),
    Pattern(
        "reverse shell",
        rb"/dev/(?:tcp|udp)/[\w.$-]{1,80}/|\bnc(?:at|\.\w{4,12})?\b[^\n]{0,60}\s-(?:e|c)\s{0,4}['\"]?(?:/bin/|cmd|sh|bash)|mkfifo\s{1,4}/|bash\s{1,4}-i\s{0,4}(?:>|2>|[<&])|0<&\d{1,3}|exec\s{1,4}\d{1,3}<>|socket\.socket\([^\n]{0,120}connect\(\(|fsockopen\([^\n]{0,80}exec\(",
    ),
    Pattern(
        "shell function in an environment",
        rb"^\s{0,4}(?:\w{1,24}=)?\(\s{0,8}\)\s{0,8}\{[^}\n]{0,60}\}?\s{0,8};\s{0,8}[^\n]{0,6}",
    ),
    Pattern(
        "shell variable",
        rb"\becho\b[^\n]{0,40}\$(?:\{?(?:HOME|PATH|USER|SHELL|PWD|HOSTNAME|UID|LOGNAME|IFS|BASH|SECRET\w{0,8}|AWS_\w{1,30})\b|\(\()|\$\{(?:IFS|PATH|HOME|SHELL|BASH_\w{3,12}|PWD)(?::|%|\#|\[)[^\n]{0,40}\}|\$\{IFS|\$IFS\b|\$\{(?:PATH|HOME|PWD):\d",
    ),
    Pattern(
        "pipe to a shell",
        rb"(?:curl|wget|fetch|base64|xxd|echo|printf)\b[^\n|]{0,200}\|\s{0,8}(?:sudo\s{1,4})?(?:/bin/|/usr/bin/)?(?:ba|z|k|c|da)?sh\b|\|\s{0,4}base64\s{1,4}-{1,2}d",
    ),
    Pattern(
        "wildcards for a command",
        rb"(?:^|[;|&`(\s])/(?:[?*]{1,4}[a-z?*]{0,4}|[a-z][a-z?*]{0,3}[?*])/[\w?*]{1,12}(?:\s|$|/)[^\n]{0,60}(?:/[\w?*]{1,12}/|$)|/(?:b[?*]n|bi[?*]|[?*]in|us[?*]/bi[?*])/[\w?*]{2,12}|(?:^|\s)/(?:e[?*]c|et[?*]|[?*]tc|\?\?\?)/[\w?*]{2,12}",
    ),
    Pattern(
        "sensitive file as an argument",
        rb"[;|&`\n(]\s{0,8}[\w./\\'\"$@{}*?-]{2,24}\s{0,4}(?:<|\s)\s{0,4}(?:-\w{1,6}\s{1,4})?['\"]?(?:\.\./){0,12}"
        + _SENSITIVE,
    ),
    Pattern(
        "decoded command",
        rb"\$\(\s{0,4}<\s{0,4}[/~.$\w]|[;|&`\n(]\s{0,4}(?:\$\{?(?:0|shell|bash)\}?|(?:/bin/)?(?:ba|z|k|da)?sh)\s{0,4}<<<|\$'(?:\\[x0-9][0-9a-f]{1,3}){3,}|(?:\\x[0-9a-f]{2}){4}[^\n]{0,40}\|\s{0,4}(?:ba)?sh|(?:xxd|rev|base64)\b[^\n]{0,40}<<<|<<<\s{0,4}['\"$(]",
    ),
    Pattern("server-side include", rb"<!--\s{0,4}\#\s{0,4}(?:exec|include|echo|printenv|config|set|fsize|flastmod)\b"),
    Pattern(
        "injected command",
        rb"^[\s'\"`)]{0,4}(?:;|\|{1,2}|&{1,2}|`|\$\(|%0a|[\r\n]{1,2})\s{0,4}"
        + _PREFIX
        + _DIRECTORY
        + _LEADING
        + rb"(?:\s{1,4}(?!and\b|or\b|the\b|of\b|is\b)[^\s;|&<>\n]{1,60}){0,3}[\s)`'\"]{0,4}(?:[;|&#>][^\n]{0,80})?$",
    ),
    Pattern(
        "injected command",
        rb"^[\s'\"`)]{0,4}[\w.@:/%+-]{0,40}['\")\s]{0,4}(?:;|\|{1,2}|&{1,2}|`|\$\(|%0a|[\r\n]{1,2})\s{0,4}"
        + _PREFIX
        + _DIRECTORY
        + _FOREIGN
        + rb"(?:\.exe)?(?:\s{1,4}[^\s;|&<>\n]{1,80}){0,8}[\s)`'\"]{0,4}(?:[;|&#>][^\n]{0,120})?$",
    ),
    Pattern(
        "injected command",
        rb"^[\s'\"`)]{0,4}(?:;|\|{1,2}|&{1,2}|%0a|[\r\n]{1,2})\s{0,4}[a-z][\w-]{1,24}\s{1,4}(?:-{1,2}\w|/\w|[a-z]{2}=/|\d{1,3}\.\d{1,3}\.)|[;|&`\n(]\s{0,4}/(?:usr/)?s?bin/[\w?*\[\]]{1,16}(?:\s|$|[;|&`)])|[;|&`]\s{0,4}\$\{?(?:shell|bash|0)\}?\s{1,4}-c\b|^[;|&`\s]{1,4}\w?\{\w{0,8}(?:,-?[\w/.]{1,40}){1,4}\}",
    ),
)

_CMDLETS = (
    rb"(?:invoke-(?:expression|webrequest|restmethod|command|item|mimikatz|shellcode|wmimethod|obfuscation|cimmethod)|iex|new-object\s{1,4}(?:-\w{2,12}\s{1,4})?(?:system\.)?net\.|"
    rb"start-(?:process|bitstransfer|job|service)|get-(?:process|service|childitem|content|wmiobject|ciminstance|item|credential|localuser|aduser|command|executionpolicy|eventlog)(?![\w-])|"
    rb"set-(?:executionpolicy|mppreference|content|itemproperty)|add-type\b|out-file\b|convertto-securestring|frombase64string|downloadstring|downloadfile|"
    rb"test-(?:connection|netconnection)|remove-item|write-(?:host|output)|select-string|foreach-object|stop-(?:process|service|computer)|start-sleep|copy-item|get-(?:date|host|netipaddress|acl|hotfix|computerinfo))"
)

WINDOWS = (
    Pattern(
        "command after a separator",
        rb"(?:^|;|\|\|?|&&?|`|\^\s?)\s{0,8}(?:%comspec%|!comspec!)\s{1,4}/[ckr]\b|[;&|\n]\s{0,8}[(,=@\s]{0,4}for\s{1,4}(?:/[fldr]\s{1,4})?(?:\"[^\"]{0,60}\"\s{1,4})?%{1,2}[a-z]\s{1,4}in\s{0,4}\(|(?:;|\|\|?|&&?|`|\^\s?)\s{0,8}(?:type|more)\\\w|[;&|]\s{0,8}start\s{1,4}(?:/\w{1,4}\s{1,4}){0,2}(?:[\w.:\\/]{2,60})\s{0,4}(?:$|[&|;])|(?:;|\|\|?|&&?|`|\^\s?)\s{0,8}+[(,;=]{0,4}+\s{0,4}+(?=[\w%@])(?:start\s{1,4}|call\s{1,4}|@)?(?:[a-z]:\\(?:windows\\)?(?:system32\\)?|%\w{4,12}%\\(?:system32\\)?)?(?!(?:type|copy|del|md|rd|ren|erase|call|tree)\s{0,8}(?:$|[&|;]))(?:cmd(?:\.exe)?|nslookup|ipconfig|net1?\s{1,4}(?:user|group|localgroup|view|share|use|start|stop|accounts)|netstat|tasklist|taskkill|systeminfo|whoami|dir|type|copy|del|erase|ren|rd|rmdir|md|mkdir|ver|vol|set|reg\s{1,4}(?:query|add|save|delete|export)|wmic|schtasks|sc\s{1,4}(?:query|config|create|start|stop)|certutil|bitsadmin|mshta|rundll32|regsvr32|cscript|wscript|powershell|pwsh|msiexec|attrib|icacls|cacls|findstr|ping|tracert|arp|route\s{1,4}print|nbtstat|quser|query\s{1,4}user|shutdown|timeout|vssadmin|fsutil|hostname|xcopy|robocopy|tree|pcalua|forfiles|msbuild|installutil|regasm|cmstp|odbcconf|calc|notepad|driverquery|gpresult|ftype|nltest|dsquery|klist)(?:\.exe)?(?:\s{1,8}(?:[/\\%&|<>\"'.*-]|[a-z]:\\|hk(?:lm|cu|cr|u|ey_\w{4,20})\b|[\w-]{1,40}[./:\\]|[\w$*]{1,24}\s{1,4}(?:[\w@$*!\#.^-]{1,40}\s{0,4}(?:$|[&|/])|list\b|/)|[\w$*]{1,24}\s{0,4}(?:$|[&|;<>/]))|\s{0,8}(?:$|[&|<>;)\n])|[/\\](?:[a-z]{1,2}\b|[?*]))",
    ),
    Pattern(
        "command alone",
        rb"^\s{0,8}(?:cmd\.exe\s{0,4}/[ckr]\b|cmd\s{0,4}/[ckr][\s\"]{1,4}(?:dir|type|whoami|echo|net|ver|set|ping|calc|ipconfig|copy|del|start|powershell|nslookup|curl|certutil|[^\s]{0,40}[\\/.%&|>\"^])|(?:[a-z]:)?\\?(?:windows|winnt)\\system32\\[\w\\]{0,40}\.exe|%(?:comspec|systemroot|windir)%|powershell(?:\.exe)?\s{1,4}(?:-|[a-z]{2,12}-[a-z]{2,20}(?:\s{1,4}-|\s{0,4}$)|\"|\(|iex\b)|/[ck]\s{1,4}(?:dir|type|whoami|echo|ver|set|net|ping)\b|net\s{1,4}(?:user|localgroup)(?!\s{1,4}[a-z]{2,20}\s{1,4}[a-z]{2,20}\s{1,4}[a-z])\b|reg\s{1,4}query\b|wmic\s{1,4}\w|certutil\s{1,4}-|type\s{1,4}(?:[a-z]:)?[\\%][\w\\%.]{3,60}|dir\s{1,4}(?:[a-z]:\\|/[a-z]))",
    ),
    Pattern(
        "hidden command",
        rb"\b(?:c\^?m\^?d|p\^?o\^?w\^?e\^?r\^?s\^?h\^?e\^?l\^?l)(?:\.exe)?\b[^\n]{0,20}\s/[ckr]\s|%(?:comspec|systemroot|windir|programfiles|path|os):~|for\s{1,4}/[fldr]\s{1,4}[\"%]",
    ),
)
POWERSHELL = (
    Pattern("cmdlet that runs code", rb"\b(?:invoke-(?:expression|command|mimikatz|shellcode|wmimethod|cimmethod)|iex\s{0,4}[(\"'$]|\|\s{0,4}iex\b|frombase64string|downloadstring|downloadfile|new-object\s{1,4}(?:-\w{2,12}\s{1,4})?(?:system\.)?net\.(?:webclient|sockets))"),
    Pattern("cmdlet after a separator", rb"(?:^|[;|&`(\n])\s{0,8}" + _CMDLETS + rb"[^\n]{0,120}(?:-\w{2,20}|\$|\(|\||https?:|[a-z]:\\)|\$\(\s{0,4}" + _CMDLETS + rb"[^\n)]{0,120}\)|[;|&`]\s{0,8}" + _CMDLETS + rb"\s{0,8}$"),
    Pattern("powershell", rb"\bpowershell(?:\.exe)?\b[^\n]{0,60}\s-{1,2}(?:e(?:nc|ncodedcommand|c|xecutionpolicy|p|x)?|c(?:ommand)?|nop(?:rofile)?|noni|w(?:indowstyle)?|f(?:ile)?)\b|-(?:encodedcommand|enc)\s{1,4}[A-Za-z0-9+/]{12}"),
    Pattern("type of .NET", rb"\[(?:system\.)?(?:diagnostics\.process|reflection\.assembly|runtime\.interopservices\.marshal|convert|text\.encoding|net\.webclient|io\.file|activator)\]::"),
)  # fmt: skip

_ALWAYS = frozenset(
    {
        "shell variable",
        "reverse shell",
        "shell function in an environment",
        "sensitive file as an argument",
        "wildcards for a command",
        "server-side include",
        "decoded command",
    }
)


windows = first_match(WINDOWS)
_powershell = first_match(POWERSHELL)
# A pipeline of cmdlets that look at what is there, as lessons show it, from its begin to its end.
_LOOKING = re.compile(
    rb"\s{0,4}get-(?:service|childitem|process|item|command|date|help|member)\b(?:[^|;&`$(\n]|\$_){0,120}"
    rb"(?:\|\s{0,4}(?:where-object|sort-object|select-object|measure-object|group-object|format-\w{4,5}|select-string|\?|where|sort|select)\b(?:[^|;&`$\n]|\$_){0,120}){1,6}\Z",
    re.IGNORECASE,
)


def powershell(value: bytes) -> tuple[str, bytes] | None:
    """A cmdlet that runs, fetches or follows a separator; not a pipeline that is the whole value and only looks."""
    if b"+" in value and b" " not in value:
        value = value.replace(b"+", b" ")
    found = _powershell(value)
    return None if found is not None and found[0] == "cmdlet after a separator" and _LOOKING.match(value) else found


UNIX_WITHIN = tuple(pattern for pattern in UNIX if pattern.reason != "command alone")

_unix = first_match(UNIX)
_always_meant = first_match(tuple(pattern for pattern in UNIX if pattern.reason in _ALWAYS))
_never_shown = first_match(
    tuple(pattern for pattern in UNIX if pattern.reason in _ALWAYS - {"shell variable", "server-side include"})
)
_leads = first_match(
    (
        Pattern(
            "injected command",
            rb"^\s{0,8}['\")]{0,2}(?:;|&(?!&)|`|\$\()\s{0,4}+(?=[\w/.\\$%@!])"
            + _PREFIX
            + _DIRECTORY
            + rb"(?:"
            + _PLAIN
            + rb"|"
            + _FOREIGN
            + rb")(?![\w:=(.-])",
        ),
    )
)
# At the end of a sentence without a full stop, a command that a how-to seldom ends with.
_ends = first_match(
    (
        Pattern(
            "command at the end",
            rb"(?:(?:;|&&)\s{0,4}+"
            + _DIRECTORY
            + rb"(?:whoami|id|ls|uname|pwd|ifconfig|netstat|sleep|ping|curl|wget|nslookup|dig|cat|ps|env|printenv|nc|ncat|bash|sh|perl|python[23]?|php)|"
            rb"\|{1,2}\s{0,4}+"
            + _DIRECTORY
            + rb"(?:whoami|id|ls|uname|ifconfig|netstat|sleep|ping|nslookup|curl|wget))(?:\s{1,4}[^\s;|&<>,!?]{1,60}){0,4}[\s)'\"]{0,4}[;#]?$",
        ),
    )
)
_alone = first_match(tuple(pattern for pattern in UNIX if pattern.reason == "command alone"))
_WORD = re.compile(rb"(?<![A-Za-z'])[A-Za-z']{2,24}[,:]?[ \n]{1,8}(?=[A-Za-z($`])")
_CODE_SPAN = re.compile(rb"```[^`]{0,4000}```|`[^`\n]{1,400}`")
_SHOWN = re.compile(
    rb"\s{0,12}(?:[$#>]\s{1,4})?(?:run|cmd|entrypoint|- run:|sudo|docker|git|kubectl|tar|npm|pip|apt|apt-get|find|for|export|ps|systemctl|ssh-keygen|ssh|make|cd|mkdir|grep|brew|yarn|cargo|go|aws|terraform|helm|ansible|df|cat|chmod|curl|python3?|pip3|node|npx|php|ls|echo|bash|sh|set|step|first|then)\b",
    re.IGNORECASE,
)
# What a question about a command seldom shows: another command after it, or a stranger's address.
_REACHES_OUT = re.compile(rb"[|;&<>]|://|\$[({]|/etc/|\b(?:nc|ncat|wget|nslookup)\b")
_LINES = 200
_LONG = 400  # octets of a line in which a sentence may end with a command
_SHORT = 80  # octets up to which a value is a command rather than a text that shows one


def unix(value: bytes) -> tuple[str, bytes] | None:
    """A command in a value; a text of several lines is judged as `unix_text` does."""
    if len(value) >= _SHORT and value.count(b"\n") > 1:
        return unix_text(value)
    found = _unix(value)
    if found is not None and b"`" in value and found[0] not in _ALWAYS:
        rest = _CODE_SPAN.sub(b" ", value)
        if sentence(rest) and not any(_REACHES_OUT.search(span) for span in _CODE_SPAN.findall(value)):
            return _always_meant(value) or _unix(rest)
    return found


def windows_text(value: bytes) -> tuple[str, bytes] | None:
    """`windows` for a text: not in its code, and not after a sentence on the same line."""
    value = without_fences(value)
    if b"`" in value and len(_WORD.findall(value, 0, 4000)) > 2:
        value = _CODE_SPAN.sub(b" ", value)
    if value.count(b"\n") < 2 or len(value) < _SHORT:
        return windows(value)
    for line in value.split(b"\n")[:_LINES]:
        found = windows(line) if len(line) > 4 and not _SHOWN.match(line) else None
        if found is not None and len(_WORD.findall(line, 0, max(line.find(found[1]), 0))) <= 2:
            return found
    return None


def unix_text(value: bytes) -> tuple[str, bytes] | None:
    """`_unix` for a text, where somebody may show how to do something.

    In a text of several lines each line is looked at by itself. A command after a sentence, in a code span of a sentence,
    or at the start of a line that begins with one is shown rather than injected, unless it can only be meant.
    """
    meant = _meant_in_code(value) if b"```" in value else None
    if meant is not None:
        return meant
    value = without_fences(value)
    if b"+" in value and b" " not in value:
        value = value.replace(b"+", b" ")
    if (value.count(b"\n") < 2 or len(value) < _SHORT) and not value.startswith(b"#!/"):
        return _line(value)
    if b"`" in value and (b"```" in value or len(_WORD.findall(value, 0, 4000)) > 2):
        value = _CODE_SPAN.sub(b" ", value)
    if not _unix.may(value):
        return None
    for number, line in enumerate(value.split(b"\n")[:_LINES]):
        line = line.replace(b"`", b" ") if line.count(b"`") % 2 else line  # noqa: PLW2901 - a span that goes on
        if len(line) > 4 and not line.startswith((b"```", b"~~~")):
            found = _line(line)
            # A line that begins with a pipe goes on with the command before it.
            if found is not None and (number == 0 or found[0] != "injected command" or _leads(line)):
                return found
    return None


def _meant_in_code(value: bytes) -> tuple[str, bytes] | None:
    """What no block of code shows either: a line that begins by ending the command before it, a shell sent elsewhere."""
    for line in value.split(b"\n")[:_LINES]:
        found = _leads(line) or _never_shown(line)
        if found is not None:
            return found
    return None


def _line(line: bytes) -> tuple[str, bytes] | None:
    found = _unix(line)
    if found is None:
        return None
    if _SHOWN.match(line):
        alone = _alone(line) if len(line) < _SHORT else None
        return alone or _always_meant(line)
    if b"`" in line:
        rest = _CODE_SPAN.sub(b" ", line)
        if len(_WORD.findall(rest, 0, 2000)) >= 1:
            found = _always_meant(line) or _unix(rest)
            if found is None or found[0] in _ALWAYS:
                return found
            line = rest
    start = max(line.find(found[1]), 0)
    if found[0] not in _ALWAYS and len(_WORD.findall(line, 0, start)) > 2:
        return _always_meant(line) or (_ends(line) if len(line) < _LONG else None)
    return found
