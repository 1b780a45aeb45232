# ruff: noqa: E501 - an expression is read as one
"""Line feeds that end a header, a mail's header or a line protocol's command; and XML that reads files or networks."""

from __future__ import annotations

from casemate.engines.web.detectors.evidence import Pattern, first_match

_LINE = rb"(?:\r\n|\n|\r|\xe5\x98\x8a\xe5\x98\x8d|\xe5\x98\x8d\xe5\x98\x8a|(?:\xc4\x8d)?\xc4\x8a|\\r\\n|%0d%0a|%0a|%0d)"
LINES = (
    Pattern(
        "response header",
        rb"^[^\r\n]{0,120}"
        + _LINE
        + rb"[\s]{0,8}(?:set-cookie2?|location|content-(?:length|type|disposition|encoding|security-policy|location)|transfer-encoding|x-xss-protection|access-control-allow-\w{4,12}|refresh|clear-site-data|[\w-]{0,20}injection|http/[01])\s{0,4}[:/][^\n]{0,400}|^[^\s]{0,60}"
        + _LINE
        + rb"[\r\n]{0,4}[ \t]?(?:link|x-[\w-]{2,40}|server|host|cookie|user-agent|referer|cache-control|last-modified|connection|authorization|header|headername|test|crlf\w{0,10}|injected\w{0,10})\s{0,4}:[^\n]{0,400}",
    ),
    Pattern(
        "response body",
        rb"(?:\r\n|%0d%0a){2}\s{0,4}(?:<(?:html|script|svg|img|h1|body|!doctype)|http/1)|"
        + _LINE
        + rb"(?:get|post|put|head|options|delete)\s{1,4}\S{1,200}\s{1,4}http/[0-9]|"
        + _LINE
        + rb"http/[0-9](?:\.[0-9])?\s{1,4}\d{3}",
    ),
    Pattern(
        "mail header",
        rb"^[^\n\r]{0,200}"
        + _LINE
        + rb"\s{0,4}(?:(?:to|cc|bcc|from|reply-to|sender|return-path)\s{0,4}:[^\r\n]{1,120}@|(?:mime-version|content-type|content-transfer-encoding|x-mailer|message-id)\s{0,4}:\s{0,4}\S)|"
        # A greeting or a sentence before it is no value of a header.
        rb"^[^\n\r\s+]{0,200}(?<![,!.:])"
        + _LINE
        + rb"[ \t]{0,4}(?:to|cc|bcc|from|reply-to|subject|sender)\s{0,4}:\s{0,4}\S",
    ),
    Pattern(
        "mail command",
        _LINE
        + rb"\s{0,4}(?:(?:rcpt|mail)\s{1,4}(?:to|from)\s{0,4}:|(?:data|quit)\s{0,4}(?:\r|%0|$)|(?:ehlo|helo)\s{1,4}\S|(?:[a-z]{1,4}\d{1,5}|\$)\s{1,4}(?:capability|login|select|fetch|search|logout|create|delete|rename|list|lsub|status|append|noop|starttls|authenticate|expunge|store|uid)\b|(?:stat|noop|rset|capa)\s{0,4}(?:\r|%0)|vrfy\s|expn\s|stls\b|user\s{1,4}\w{1,40}\s{0,4}(?:\r|\n)pass|retr\s{1,4}\d|dele\s{1,4}\d|\.(?:\r\n|%0d%0a)(?:quit|mail))",
    ),
)
XML = (
    Pattern("encoding", rb"<\?xml\b[^>]{0,80}\bencoding\s{0,4}=\s{0,4}[\"'](?:utf-?7|ibm\d|cp037|ebcdic)"),
    Pattern("entity", rb"<!entity\s{1,20}(?:%\s{1,20})?[\w:.-]{1,80}\s{1,20}(?:system|public|[\"'])|<!doctype\s[^>\[]{0,400}\[|<!doctype\s{1,20}[\w:.-]{1,80}\s{1,20}(?:system\s{1,20}[\"']|public\s{1,20}[\"'][^\"']{0,200}[\"']\s{1,20}[\"'](?!https?://(?:www\.)?w3\.org))|<!(?:element|attlist|notation)\s{1,20}[\w:.%-]{1,80}\s"),
    Pattern("inclusion", rb"<xi:include\b[^>]{0,200}href|xmlns:xi\s{0,4}=\s{0,4}[\"']http://www\.w3\.org/2001/xinclude|<(?:\w{1,12}:)?(?:include|import|schema|redefine)\b[^>]{0,200}(?:schemalocation|href|location)\s{0,4}=\s{0,4}[\"'](?:file|ftp|gopher|php|jar|http://\d)|<\?xml-stylesheet[^>]{0,200}href\s{0,4}=|xsi:(?:nonamespace)?schemalocation\s{0,4}=\s{0,4}[\"'][^\"']{0,120}(?:file:|http://\d|169\.254)|xlink:href\s{0,4}=\s{0,4}[\"'](?:file|expect|php|gopher|text:)"),
    Pattern("parameter entity", rb"%[a-z]\w{0,20};[^\n]{0,20}(?:%[a-z]\w{0,20};|\]>)|&[a-z]\w{0,20};\s{0,4}</[^>]{1,60}>.{0,20}<!entity|data://text/plain;base64,[^\"']{8,400}[\"']\s{0,4}>\s{0,4}%"),
    Pattern("server-side script", rb"<soap[\w:-]{0,20}envelope[^>]{0,400}>.{0,400}<!\[cdata\[\s{0,8}<!doctype"),
)  # fmt: skip


xml = first_match(XML)
