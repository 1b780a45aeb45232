"""WAF logs: a JSON object a request, in AWS's shape ("Log fields for protection pack (web ACL) traffic")."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

import msgspec

from casemate.edge.proxy.protecting import LARGEST_VALUE, protect
from casemate.engines.web import Match, Plan, RequestView, ResourceKind, Verdict
from casemate.engines.web.compiler import LogPolicy
from casemate.engines.web.inspection import LARGEST_HEADERS, MOST_HEADERS, Inspection

if TYPE_CHECKING:
    from casemate.edge.proxy.exchange import Exchange

SOURCES: Final = {
    ResourceKind.APPLICATION_LOAD_BALANCER: "ALB",
    ResourceKind.CLOUDFRONT: "CF",
    ResourceKind.API_GATEWAY: "APIGW",
    ResourceKind.APPSYNC: "APPSYNC",
    ResourceKind.COGNITO_USER_POOL: "COGNITOIDP",
    ResourceKind.APP_RUNNER_SERVICE: "APPRUNNER",
    ResourceKind.VERIFIED_ACCESS_INSTANCE: "VERIFIED_ACCESS",
}
MOST_LABELS: Final = 100
_DETAILED: Final = frozenset(("SQL_INJECTION", "XSS"))
# Ours to AWS's; those of managed rules are named as their files name them.
_LOCATIONS: Final = {
    "all_query_arguments": "ALL_QUERY_ARGS",
    "query_arguments": "ALL_QUERY_ARGS",
    "query_argument_names": "ALL_QUERY_ARGS",
    "uri_path": "URI",
    "path_tails": "URI",
    "single_header": "HEADER",
    "host": "HEADER",
    "header_names": "HEADERS",
    "forwarding_headers": "HEADERS",
    "cookie_names": "COOKIES",
    "body_values": "BODY",
    "json_values_among": "BODY",
    "json_value_alone": "BODY",
    "other_body_values": "BODY",
    "body_names": "BODY",
    "file_names": "BODY",
    "file_contents": "BODY",
}
_encode: Final = msgspec.json.Encoder().encode


def kept(verdict: Verdict, policy: LogPolicy) -> bool:
    """Whether a request with this verdict is logged at all: what the LoggingFilter says."""
    if not policy.filters:
        return policy.keep
    actions = {verdict.action, *(match.action for match in verdict.matches)}
    if any(match.overridden and match.action == "COUNT" for match in verdict.matches):
        actions.add("EXCLUDED_AS_COUNT")
    return policy.keeps(actions, verdict.labels)


def entry(exchange: Exchange, plan: Plan | None, policy: LogPolicy) -> bytes:
    """The line of one request."""
    verdict, view, request = exchange.verdict, exchange.view, exchange.request
    assert verdict is not None
    path, _, arguments = view.target.partition(b"?")
    limit = plan.body_limits[view.kind] if plan is not None else 0
    known: dict[str, Any] = {
        "timestamp": int(view.time * 1000),
        "formatVersion": 1,
        "webaclId": (plan.arn or plan.name) if plan is not None else "",
        "terminatingRuleId": verdict.terminating_rule,
        "terminatingRuleType": verdict.terminating_rule_type,
        "action": verdict.action,
        "terminatingRuleMatchDetails": _terminating_details(verdict),
        "httpSourceName": SOURCES.get(view.kind, view.kind.value),
        "httpSourceId": exchange.source,
        "ruleGroupList": _groups(verdict.matches),
        "rateBasedRuleList": _rates(verdict.matches),
        "nonTerminatingMatchingRules": [
            {"ruleId": match.rule, "action": match.action, "ruleMatchDetails": _details(match)}
            for match in verdict.matches
            if not match.terminating and not match.group
        ],
        "requestHeadersInserted": [{"name": n, "value": v} for n, v in verdict.insert_headers] or None,
        "responseCodeSent": exchange.status if verdict.action == "BLOCK" and verdict.response else None,
        "httpRequest": {
            "clientIp": exchange.client,
            "country": _country(exchange.client, plan),
            "headers": [{"name": _text(n), "value": _text(v)} for n, v in view.headers],
            "uri": _text(path),
            "args": _text(arguments),
            "httpVersion": view.http_version,
            "httpMethod": _text(view.method),
            "requestId": exchange.trace.decode("latin-1").rpartition("=")[2],
            "scheme": view.scheme,
            "host": _text(request.fields.get(b"host", b"")),
        },
        "requestBodySize": exchange.received,
        "requestBodySizeInspectedByWAF": min(len(view.body), limit),
    }
    oversize = _oversize(view, limit) if plan is not None and not _small(view, limit) else []
    if oversize:
        known["oversizeFields"] = oversize
    if verdict.labels:
        known["labels"] = [{"name": label} for label in verdict.labels[:MOST_LABELS]]
    if view.ja3:
        known["ja3Fingerprint"] = view.ja3
    if view.ja4:
        known["ja4Fingerprint"] = view.ja4
    for action, member in (("CAPTCHA", "captchaResponse"), ("CHALLENGE", "challengeResponse")):
        told = _token(action, exchange, verdict)
        if told:
            known[member] = told
    if policy.changes:
        protect(known, policy, view)
    return _encode(known)


def _text(value: bytes) -> str:
    return value[:LARGEST_VALUE].decode("utf-8", "replace")


def _country(address: str, plan: Plan | None) -> str:
    if plan is None or not plan.data.has_countries:
        return "-"
    try:
        return plan.data.country(ip_address(address))[0] or "-"
    except ValueError:
        return "-"


def _details(match: Match) -> list[dict[str, Any]]:
    """Why a rule matched: only SQL injection and cross-site scripting say so, as with AWS."""
    return [
        {
            "conditionType": evidence.condition,
            "location": _location(evidence.field.lower()),
            "matchedData": [evidence.matched.decode("utf-8", "replace")],
            "matchedFieldName": evidence.location,
        }
        for evidence in match.evidence
        if evidence.condition in _DETAILED
    ]


def _location(field: str) -> str:
    return "HEADER" if field.startswith("header:") else _LOCATIONS.get(field, field.upper())


def _small(view: RequestView, limit: int) -> bool:
    """Whether a request is so plain that nothing of it can be oversize: most are."""
    size = cookies = 0
    for name, value in view.headers:
        size += len(name) + len(value)
        if name == b"cookie":
            cookies += value.count(b";") + 1
    return (
        size <= LARGEST_HEADERS
        and len(view.headers) <= MOST_HEADERS
        and cookies <= MOST_HEADERS
        and view.body_complete
        and max(len(view.body), view.body_size or 0) <= limit
    )


def _oversize(view: RequestView, limit: int) -> list[str]:
    inspection = Inspection(view, limit, None)
    known = {
        "REQUEST_BODY": inspection.body_oversize,
        "REQUEST_HEADERS": inspection.headers_oversize,
        "REQUEST_COOKIES": inspection.cookies_oversize,
    }
    return [name for name, oversize in known.items() if oversize]


def _terminating_details(verdict: Verdict) -> list[dict[str, Any]]:
    return [detail for match in verdict.matches if match.terminating for detail in _details(match)]


def _groups(matches: Iterable[Match]) -> list[dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = {}
    for match in matches:
        if not match.group:
            continue
        group = groups.setdefault(
            match.group,
            {
                "ruleGroupId": match.group,
                "terminatingRule": None,
                "nonTerminatingMatchingRules": [],
                "excludedRules": None,
                "customerConfig": None,
            },
        )
        rule: dict[str, Any] = {
            "ruleId": match.rule_within_group,
            "action": match.action,
            "ruleMatchDetails": _details(match) or None,
        }
        if match.overridden:
            rule["overriddenAction"] = match.overridden
        if match.terminating:
            group["terminatingRule"] = rule
        else:
            group["nonTerminatingMatchingRules"].append(rule)
    return list(groups.values())


def _rates(matches: Iterable[Match]) -> list[Mapping[str, Any]]:
    return [
        {"rateBasedRuleId": match.rule, "rateBasedRuleName": match.rule_within_group or match.rule, **match.rate}
        for match in matches
        if match.rate is not None
    ]


def _token(action: str, exchange: Exchange, verdict: Verdict) -> dict[str, Any] | None:
    """CaptchaResponse or challengeResponse: the answer's code and why, or when the client last solved one."""
    if verdict.action == action:
        return {
            "responseCode": exchange.status,
            "solveTimestamp": _solved(action, exchange),
            "failureReason": exchange.failure,
        }
    if any(match.action == action for match in verdict.matches):
        return {"responseCode": 0, "solveTimestamp": _solved(action, exchange)}
    return None


def _solved(action: str, exchange: Exchange) -> int:
    token = exchange.view.token
    return int((token.captcha_time if action == "CAPTCHA" else token.challenge_time) or 0)
