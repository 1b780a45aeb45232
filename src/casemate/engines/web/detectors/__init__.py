"""Detectors: does a value attack an interpreter behind the application? By grammar rather than by keyword.

Each looks at one view of one value (casemate.engines.web.normalize makes the views).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from casemate.engines.web.detectors import code, files, html, messages, queries, shell, templates, urls
from casemate.engines.web.detectors.evidence import Detector, Evidence, Prefiltered
from casemate.engines.web.detectors.sql.injection import (
    NEEDS,
    NEEDS_HEADER,
    inject,
    inject_header,
    inject_high,
    inject_path,
)

__all__ = ["Detector", "Evidence", "detectors"]


_DETECTORS: Mapping[str, Detector] = MappingProxyType(
    {
        detector.name: detector
        for detector in (
            Prefiltered("sqli_low", NEEDS, inject),
            Prefiltered("sqli_high", NEEDS, inject_high),
            Prefiltered("sqli_extended", NEEDS, inject_high),
            Prefiltered("sqli_path", NEEDS, inject_path),
            Prefiltered("sqli_header", NEEDS_HEADER, inject_header),
            Prefiltered("xss", html.NEEDS, html.scripted),
            Prefiltered("xss_header", html.NEEDS, html.scripted),
            Prefiltered("nosql_header", queries.NEEDS_NOSQL, queries.nosql_header),
            Prefiltered("unix_text", shell.NEEDS_UNIX, shell.unix_text),
            Prefiltered("unix_header", shell.NEEDS_UNIX, shell.unix_header),
            Prefiltered("unix_path", shell.NEEDS_UNIX, shell.unix_path),
            Prefiltered("php_header", code.NEEDS_PHP, code.php_header),
            Prefiltered("php_path", code.NEEDS_PHP, code.php_header),
            Prefiltered("java_binary", code.NEEDS_BINARY, code.binary),
            Prefiltered("traversal_header", files.NEEDS, files.in_header),
            Prefiltered("url_header", urls.NEEDS, urls.in_header),
            Prefiltered("unix", shell.NEEDS_UNIX, shell.unix),
            Prefiltered("windows", shell.NEEDS_WINDOWS, shell.windows),
            Prefiltered("powershell", shell.NEEDS_POWERSHELL, shell.powershell),
            Prefiltered("template", templates.NEEDS, templates.template),
            Prefiltered("php", code.NEEDS_PHP, code.php),
            Prefiltered("code", code.NEEDS_CODE, code.code),
            Prefiltered("java", code.NEEDS_JAVA, code.java),
            Prefiltered("log4j", code.NEEDS_LOG4J, code.log4j),
            Prefiltered("nosql", queries.NEEDS_NOSQL, queries.nosql),
            Prefiltered("ldap", queries.NEEDS_LDAP, queries.ldap),
            Prefiltered("xpath", queries.NEEDS_XPATH, queries.xpath),
            Prefiltered("traversal", files.NEEDS, files.traversal),
            Prefiltered("traversal_text", files.NEEDS, files.in_text),
            Prefiltered("metadata", urls.NEEDS, urls.metadata),
            Prefiltered("url", urls.NEEDS, urls.whole),
            Prefiltered("url_text", urls.NEEDS, urls.anywhere),
            Prefiltered("lines", messages.NEEDS_LINES, messages.lines),
            Prefiltered("xml", messages.NEEDS_XML, messages.xml),
        )
    }
)


def detectors() -> Mapping[str, Detector]:
    """Every detector by the name that rules use."""
    return _DETECTORS
