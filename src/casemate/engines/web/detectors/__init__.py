"""Detectors: does a value attack an interpreter behind the application? By grammar rather than by keyword.

Each looks at one view of one value (casemate.engines.web.normalize makes the views).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from casemate.engines.web.detectors import code, files, html, messages, queries, shell, templates, urls
from casemate.engines.web.detectors.evidence import Detector, Evidence, Judge, matching, unshown
from casemate.engines.web.detectors.sql.injection import (
    NEEDS,
    NEEDS_STATEMENT,
    inject,
    inject_header,
    inject_high,
    inject_path,
    statement,
)

__all__ = ["Detector", "Evidence", "detectors"]


_DETECTORS: Mapping[str, Detector] = MappingProxyType(
    {
        detector.name: detector
        for detector in (
            Judge("sqli_low", NEEDS, inject),
            Judge("sqli_high", NEEDS, inject_high),
            Judge("sqli_extended", NEEDS_STATEMENT, statement),
            Judge("sqli_path", NEEDS, inject_path),
            Judge("sqli_header", NEEDS, inject_header),
            Judge("xss", html.NEEDS, html.scripted),
            Judge("xss_header", html.NEEDS, html.scripted),
            matching("unix", shell.UNIX, shell.unix),
            matching("unix_text", shell.UNIX, shell.unix_text),
            matching("unix_header", shell.UNIX_WITHIN),
            matching("unix_path", shell.UNIX_WITHIN),
            matching("windows", shell.WINDOWS),
            matching("windows_text", shell.WINDOWS, shell.windows_text),
            matching("powershell", shell.POWERSHELL, unshown(shell.powershell)),
            Judge("template", templates.NEEDS, templates.template),
            matching("php", code.PHP, code.php_in_text),
            matching("php_header", code.PHP),
            matching("php_path", code.PHP),
            matching("code", code.CODE, unshown(code.code)),
            matching("java", code.JAVA, code.java),
            matching("java_binary", code.BINARY),
            Judge("log4j", code.NEEDS_LOG4J, code.log4j),
            matching("nosql", queries.NOSQL, queries.nosql),
            matching("nosql_header", queries.NOSQL[1:5]),
            matching("ldap", queries.LDAP, queries.ldap),
            matching("xpath", queries.XPATH, queries.xpath),
            matching("traversal", files.TRAVERSAL, files.traversal),
            matching("traversal_header", files.TRAVERSAL, files.traversal),
            matching("traversal_text", files.TEXT, files.traversal_text),
            Judge("metadata", urls.NEEDS_METADATA, urls.metadata),
            Judge("url", urls.NEEDS, urls.whole),
            Judge("url_text", urls.NEEDS, urls.anywhere),
            Judge("url_json", urls.NEEDS, urls.in_json),
            Judge("url_json_alone", urls.NEEDS, urls.alone_in_json),
            Judge("url_header", urls.NEEDS + b"|" + urls.NEEDS_METADATA, urls.in_header),
            matching("lines", messages.LINES),
            matching("xml", messages.XML),
        )
    }
)


def detectors() -> Mapping[str, Detector]:
    """Every detector by the name that rules use."""
    return _DETECTORS
