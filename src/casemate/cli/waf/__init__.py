"""`casemate waf`: what a web ACL decides about requests, and a proxy that acts on it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from casemate.cli.options import add_json

KINDS: Final = (
    "APPLICATION_LOAD_BALANCER",
    "APPSYNC",
    "CLOUDFRONT",
    "API_GATEWAY",
    "COGNITO_USER_POOL",
    "APP_RUNNER_SERVICE",
    "VERIFIED_ACCESS_INSTANCE",
    "AGENTCORE_GATEWAY",
    "AMPLIFY",
)
_REQUESTS: Final = (
    "HAR (.har), JSON lines (.jsonl, .json) or raw HTTP (anything else), a folder of them, or - for JSON lines"
)


def add_to(commands: Any) -> None:
    parser = commands.add_parser("waf", help="inspect requests with a web ACL: check, explain, replay, capacity, proxy")
    actions = parser.add_subparsers(dest="action", metavar="check|explain|replay|capacity|proxy", required=True)
    add_check(actions)
    add_explain(actions)
    add_replay(actions)
    add_capacity(actions)
    add_proxy(actions)


def add_acl(parser: argparse.ArgumentParser) -> None:
    """What every command about an ACL takes."""
    parser.add_argument("--acl", metavar="FILE", type=Path, required=True, help="a web ACL (docs/waf.md)")
    parser.add_argument("--cache", metavar="DIR", type=Path, help="where compiled patterns are kept")
    parser.add_argument(
        "--resource", metavar="KIND", choices=KINDS, default=KINDS[0], help=f"what is protected (default {KINDS[0]})"
    )
    add_json(parser)


def add_prose(parser: argparse.ArgumentParser) -> None:
    """How texts that show an attack are judged."""
    parser.add_argument(
        "--prose",
        choices=("lenient", "strict"),
        help="strict: block texts that show an attack too (default: what the ACL file says, else lenient)",
    )


def add_check(actions: Any) -> None:
    parser = actions.add_parser("check", help="the verdict about each of some requests")
    add_acl(parser)
    add_prose(parser)
    parser.add_argument("requests", metavar="REQUESTS", nargs="+", help=_REQUESTS)
    parser.add_argument("--fail", action="store_true", help="exit 3 where a request would not reach the application")
    parser.set_defaults(run=_check)


def add_explain(actions: Any) -> None:
    parser = actions.add_parser("explain", help="why each of some requests is blocked or not")
    add_acl(parser)
    add_prose(parser)
    parser.add_argument("requests", metavar="REQUESTS", nargs="+", help=_REQUESTS)
    parser.add_argument("--index", type=int, help="only this request, counted from 0")
    parser.set_defaults(run=_explain)


def add_replay(actions: Any) -> None:
    parser = actions.add_parser("replay", help="what a changed ACL would do to logged requests")
    add_acl(parser)
    add_prose(parser)
    parser.add_argument(
        "logs", metavar="LOG", nargs="+", help="WAF logs, ALB access logs or common/combined access logs"
    )
    parser.add_argument(
        "--against", metavar="FILE", type=Path, help="the ACL in force; else what the log says happened"
    )
    parser.add_argument("--fail", action="store_true", help="exit 3 where a verdict would change")
    parser.set_defaults(run=_replay)


def add_capacity(actions: Any) -> None:
    parser = actions.add_parser("capacity", help="the WCU of an ACL and of each of its rules")
    add_acl(parser)
    parser.set_defaults(run=_capacity)


def add_proxy(actions: Any) -> None:
    parser = actions.add_parser(
        "proxy",
        help="a reverse proxy that inspects",
        description="A reverse proxy that acts on a web ACL: docs/edge.md. Prints 'ready URL' when it answers. SIGHUP "
        "reads the ACL, certificates and log files again (a changed ACL file is noticed without it); SIGTERM drains.",
    )
    add = parser.add_argument
    add("--acl", metavar="FILE", type=Path, required=True, help="a web ACL (docs/waf.md)")
    add("--origin", metavar="URL", action="append", required=True, help="an application behind it; may be repeated")
    add("--listen", metavar="ADDR", default="127.0.0.1:8080", help="HOST:PORT; port 0 picks a free one")
    add("--workers", metavar="N", type=int, default=1, help="processes that take connections (default 1)")
    add("--log", metavar="FILE", type=Path, help="append WAF logs in AWS's JSON format")
    add("--access-log", metavar="FILE", type=Path, help="append access logs in the format of a load balancer")
    add("--tls-cert", metavar="FILE", action="append", default=[], help="a certificate chain (PEM); may be repeated")
    add("--tls-key", metavar="FILE", action="append", default=[], help="the key of each --tls-cert (PEM)")
    add("--resource", metavar="KIND", choices=KINDS, default=KINDS[0], help=f"what is protected (default {KINDS[0]})")
    add(
        "--trust-forwarded",
        metavar="CIDR",
        action="append",
        default=[],
        help="a network of proxies in front, whose X-Forwarded headers are believed; may be repeated",
    )
    add("--origin-ca", metavar="FILE", type=Path, help="certificates (PEM) that https origins are verified with")
    add("--health-path", metavar="PATH", help="ask each origin for this path every five seconds")
    add("--explain", action="store_true", help="say in a header of each answer what the web ACL thought")
    add("--cache", metavar="DIR", type=Path, help="where compiled patterns are kept")
    parser.set_defaults(run=_proxy)


# Each command is imported when it is asked for: the inspection engine takes a while to load.


def _check(options: argparse.Namespace) -> int:
    from casemate.cli.waf.check import run  # noqa: PLC0415 - see above

    return run(options)


def _explain(options: argparse.Namespace) -> int:
    from casemate.cli.waf.explain import run  # noqa: PLC0415 - see above

    return run(options)


def _replay(options: argparse.Namespace) -> int:
    from casemate.cli.waf.replay import run  # noqa: PLC0415 - see above

    return run(options)


def _capacity(options: argparse.Namespace) -> int:
    from casemate.cli.waf.capacity import run  # noqa: PLC0415 - see above

    return run(options)


def _proxy(options: argparse.Namespace) -> int:
    from casemate.cli.waf.proxy import run  # noqa: PLC0415 - see above

    return run(options)
