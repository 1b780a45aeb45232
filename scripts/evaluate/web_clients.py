# ruff: noqa: E501 - documents of programs read as one
"""Requests as programs make them: every kind of AWS client through botocore's own serializers, and what other programs send.

`generate(seed, number)` gives the same requests with the same botocore. Classes are `client/…`.
"""

from __future__ import annotations

import base64
import io
import json
import random
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import botocore.model
import botocore.serialize
import botocore.session
from evaluate.web_traffic import ORDINARY, Request, distinct
from evaluate.web_words import HOSTS, TABLES, TOOLS, Words, blob, identifier, jwt, token

SERVICES = ("kms", "sts", "iam", "ec2", "s3", "dynamodb", "sqs", "sns", "lambda", "logs", "cloudwatch", "cloudformation", "rds", "route53",
            "secretsmanager", "ssm", "wafv2", "events", "ecs", "ecr", "elbv2", "acm", "apigateway", "cognito-idp", "stepfunctions", "glue",
            "athena", "kinesis", "redshift-data", "ses", "sesv2", "guardduty", "macie2", "inspector2", "organizations", "autoscaling", "cloudfront")  # fmt: skip
_DEEPEST = 4
_AWS_OF_FIVE = 3
_NAMES = {
    "bucket": "my-bucket-1",
    "requestroute": "route-1",
    "requesttoken": "token-1",
    "region": "eu-west-1",
    "accountid": "123456789012",
    "key": "photos/2025/a b.jpg",
}


class Parameters:
    """Parameters of an operation, filled from its model."""

    def __init__(self, rng: random.Random, words: Words) -> None:
        self._rng, self._words = rng, words

    def of(self, shape: Any, name: str = "", depth: int = 0) -> Any:
        """A value of a shape; texts by the member's name."""
        rng = self._rng
        if shape.type_name == "structure":
            return {
                member: self.of(of, member, depth + 1)
                for member, of in shape.members.items()
                if member in shape.required_members or (depth < _DEEPEST and rng.random() < 0.35 and not of.serialization.get("streaming"))
            }  # fmt: skip
        if shape.type_name == "list":
            return (
                [] if depth > _DEEPEST else [self.of(shape.member, name, depth + 1) for _ in range(rng.randint(1, 3))]
            )
        if shape.type_name == "map":
            return (
                {}
                if depth > _DEEPEST
                else {token(rng, 5): self.of(shape.value, name, depth + 1) for _ in range(rng.randint(1, 2))}
            )
        return self._scalar(shape, name.lower())

    def _scalar(self, shape: Any, name: str) -> Any:
        rng = self._rng
        kind = shape.type_name
        if kind in {"integer", "long"}:
            return rng.randint(1, 3600)
        if kind in {"float", "double"}:
            return round(rng.random() * 100, 3)
        if kind == "boolean":
            return rng.random() < 0.5
        if kind == "timestamp":
            return f"2026-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}T10:00:00Z"
        if kind == "blob":
            return rng.randbytes(rng.randint(4, 200))
        return rng.choice(shape.enum) if getattr(shape, "enum", None) else self._text(name)

    def _text(self, name: str) -> str:
        rng, words = self._rng, self._words
        if name in _NAMES:
            return _NAMES[name]
        if "arn" in name:
            return f"arn:aws:{rng.choice(SERVICES)}:eu-west-1:123456789012:{rng.choice(TABLES)}/{token(rng, 8)}"
        if "policy" in name or "document" in name:
            return words.snippet(rng, "policy")
        if "query" in name or "statement" in name or name == "sql":
            return (
                words.snippet(rng, "sql")
                if rng.random() < 0.5
                else "fields @timestamp, @message | filter @message like /ERROR/ | sort @timestamp desc | limit 20"
            )
        if "pattern" in name or "filter" in name:
            return rng.choice(
                (
                    '{ ($.errorCode = "*Unauthorized*") || ($.n > 5) }',
                    "[ip, user, time, request, status=4*, size]",
                    '{"source":["aws.ec2"],"detail":{"state":[{"anything-but":"running"}]}}',
                    "tag:Name=*",
                )
            )
        if "expression" in name:
            return rng.choice(
                (
                    "#n = :v AND begins_with(sk, :p)",
                    "SET #a = if_not_exists(#a, :zero) + :one REMOVE b",
                    "attribute_exists(pk) OR size(#l) > :n",
                    "rate(5 minutes)",
                    "cron(0 12 ? * MON-FRI *)",
                )
            )
        if "template" in name or "body" in name:
            return rng.choice(
                (
                    '{"Resources":{"T":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":{"Fn::Sub":"${AWS::StackName}-logs"}}}}}',
                    "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !Sub '${AWS::StackName}-t'\n",
                    words.prose(rng),
                )
            )
        if "description" in name or "message" in name or "comment" in name or "reason" in name:
            return words.prose(rng)
        if "email" in name:
            return words.of(rng, "emails")
        if "id" in name or "token" in name:
            return identifier(rng)
        return rng.choice(
            (
                words.of(rng, "names"),
                words.of(rng, "companies"),
                f"{rng.choice(TOOLS)}-{rng.randint(1, 99)}",
                token(rng, 12),
            )
        )


class Aws:
    """Requests of AWS clients; operations are chosen by the generator's numbers."""

    def __init__(self, words: Words) -> None:
        self._session = botocore.session.Session()
        self._words = words
        self._known: dict[str, tuple[Any, Any]] = {}

    def request(self, rng: random.Random) -> Request:
        """One serialized request, signed with a signature of no key."""
        name = rng.choice(SERVICES)
        if name not in self._known:
            model = self._session.get_service_model(name)
            self._known[name] = (
                model,
                botocore.serialize.create_serializer(model.metadata["protocol"], include_validation=False),
            )
        model, serializer = self._known[name]
        operation = model.operation_model(rng.choice(model.operation_names))
        parameters = Parameters(rng, self._words).of(operation.input_shape) if operation.input_shape else {}
        made = serializer.serialize_to_request(parameters, operation)
        return self._sent(rng, name, operation.name, made)

    def _sent(self, rng: random.Random, service: str, operation: str, made: dict[str, Any]) -> Request:
        query = urlencode(made["query_string"]) if made["query_string"] else ""
        path = made["url_path"]
        target = path + (("&" if "?" in path else "?") + query if query else "")
        body = made["body"]
        if isinstance(body, dict):
            body = urlencode(body).encode()
        elif isinstance(body, io.IOBase):
            body = body.read()
        elif isinstance(body, str):
            body = body.encode("utf-8", "surrogatepass")
        headers = [
            ["Host", f"{service}.eu-west-1.amazonaws.com"],
            ["User-Agent", f"aws-cli/2.22.{rng.randint(0, 35)} md/awscrt#0.22.0 ua/2.0 os/linux#6.8.0-1018-aws md/arch#x86_64 lang/python#3.12.6 md/pyimpl#CPython cfg/retry-mode#standard md/command#{service}.{operation.lower()}"],
            ["X-Amz-Date", "20261124T100000Z"], ["X-Amz-Security-Token", blob(rng, 300)], ["amz-sdk-invocation-id", identifier(rng)],
            ["Authorization", f"AWS4-HMAC-SHA256 Credential=AKIA{token(rng, 16).upper()}/20261124/eu-west-1/{service}/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature={rng.getrandbits(256):064x}"],
            *[[key, str(value)] for key, value in made["headers"].items()],
        ]  # fmt: skip
        return {
            "method": made["method"],
            "target": target,
            "headers": headers,
            "body": body or b"",
            "class": f"client/aws-{service}",
        }


def _sends(
    method: str, target: str, agent: str, body: Any = b"", kind: str = "application/json", *more: tuple[str, str]
) -> Request:
    raw = (
        body
        if isinstance(body, bytes)
        else body.encode("utf-8", "surrogatepass")
        if isinstance(body, str)
        else json.dumps(body).encode()
    )
    headers = [
        ["Host", HOSTS[3]],
        ["User-Agent", agent],
        ["Accept", "*/*"],
        *([["Content-Type", kind]] if raw else []),
        *[list(pair) for pair in more],
    ]
    return {"method": method, "target": target, "headers": headers, "body": raw}


Maker = Callable[[random.Random, Words], Request]
PROGRAMS: dict[str, Maker] = {
    "kubectl": lambda r, w: _sends(r.choice(("POST", "PATCH")), f"/apis/apps/v1/namespaces/{r.choice(TABLES)}/deployments?fieldManager=kubectl-client-side-apply&fieldValidation=Strict", "kubectl/v1.31.2 (linux/amd64) kubernetes/5864a46", {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": r.choice(TOOLS), "annotations": {"note": w.prose(r)}}, "spec": {"template": {"spec": {"containers": [{"name": "web", "image": f"ghcr.io/a/b@{identifier(r)}", "command": ["/bin/sh", "-c", w.snippet(r, "shell")], "env": [{"name": "URL", "value": ORDINARY["url"](r, w)}]}]}}}}, "application/json", ("Authorization", "Bearer " + jwt(r, "sa"))),
    "kubernetes-watch": lambda r, _: _sends("GET", f"/api/v1/namespaces/{r.choice(TABLES)}/pods?labelSelector=app%21%3D{r.choice(TOOLS)}%2Ctier+in+%28web%2Capi%29&limit=500&resourceVersion={r.getrandbits(30)}&watch=true", "kube-controller-manager/v1.31.2"),
    "git": lambda r, _: _sends("POST", f"/{token(r, 6)}/{r.choice(TOOLS)}.git/git-upload-pack", "git/2.47.1", b"".join(b"0032want %040x\n" % r.getrandbits(160) for _ in range(3)) + b"00000009done\n", "application/x-git-upload-pack-request", ("Git-Protocol", "version=2")),
    "git-refs": lambda r, _: _sends("GET", f"/{token(r, 6)}/{r.choice(TOOLS)}.git/info/refs?service=git-upload-pack", "git/2.47.1"),
    "registry": lambda r, _: _sends(r.choice(("HEAD", "GET", "PUT")), f"/v2/{token(r, 5).lower()}/{r.choice(TOOLS)}/{r.choice(('manifests/latest', f'blobs/sha256:{r.getrandbits(256):064x}', 'tags/list?n=100'))}", "docker/27.3.1 go/go1.22.7 git-commit/ce12230 kernel/6.8.0 os/linux arch/amd64 UpstreamClient(Docker-Client/27.3.1 \\(linux\\))"),
    "graphql": lambda r, w: _sends("POST", "/graphql", "apollo-ios/1.15", {"operationName": r.choice(TABLES).title(), "query": w.snippet(r, "graphql"), "variables": {"text": w.prose(r), "n": r.randint(1, 50)}, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": f"{r.getrandbits(256):064x}"}}}),
    "graphql-get": lambda r, w: _sends("GET", "/graphql?" + urlencode({"query": w.snippet(r, "graphql"), "variables": json.dumps({"q": w.of(r, "names")})}), "urql/4"),
    "github-webhook": lambda r, w: _sends("POST", "/hooks/github", "GitHub-Hookshot/8e2f1a3", {"action": "opened", "issue": {"title": w.of(r, "sentences"), "body": f"{w.prose(r)}\n\n```\n{w.snippet(r, 'log', 'shell', 'javascript')}\n```", "user": {"login": token(r, 8)}, "url": f"https://api.github.com/repos/a/b/issues/{r.randint(1, 999)}", "labels_url": "https://api.github.com/repos/a/b/issues/1/labels{/name}"}, "commits": [{"message": f"Fix {w.of(r, 'sentences')}\n\nCo-authored-by: {w.of(r, 'names')} <{w.of(r, 'emails')}>", "added": ["src/../a.py", ".env.example", "config/database.yml"]}]}, "application/json", ("X-Hub-Signature-256", f"sha256={r.getrandbits(256):064x}")),
    "stripe-webhook": lambda r, w: _sends("POST", "/hooks/stripe", "Stripe/1.0 (+https://stripe.com/docs/webhooks)", {"id": "evt_" + token(r), "object": "event", "data": {"object": {"id": "ch_" + token(r), "amount": r.randint(1, 99999), "billing_details": {"name": w.of(r, "names"), "email": w.of(r, "emails"), "address": {"line1": w.of(r, "addresses")}}, "description": w.of(r, "sentences")}}}, "application/json; charset=utf-8", ("Stripe-Signature", f"t={r.getrandbits(30)},v1={r.getrandbits(256):064x}")),
    "slack": lambda r, w: _sends("POST", "/slack/commands", "Slackbot 1.0 (+https://api.slack.com/robots)", urlencode({"token": token(r), "team_domain": token(r, 6), "command": "/todo", "text": f"<@U{token(r, 8).upper()}> {w.of(r, 'sentences')} <https://{r.choice(HOSTS)}|link> &amp; `{token(r, 5)}`", "response_url": f"https://hooks.slack.com/commands/T1/{r.getrandbits(40)}/{token(r)}"}), "application/x-www-form-urlencoded"),
    "sentry": lambda r, w: _sends("POST", f"/api/{r.randint(1, 99)}/envelope/?sentry_key={r.getrandbits(128):032x}&sentry_version=7&sentry_client=sentry.javascript.react%2F8.40.0", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36", f'{{"event_id":"{r.getrandbits(128):032x}","sdk":{{"name":"sentry.javascript.react"}}}}\n{{"type":"event"}}\n' + json.dumps({"exception": {"values": [{"type": "TypeError", "value": f"Cannot read properties of undefined (reading '{token(r, 5)}')", "stacktrace": {"frames": [{"filename": f"https://{r.choice(HOSTS)}/static/js/main.{token(r, 8)}.js", "function": "Object.onClick", "lineno": 2, "colno": r.getrandbits(17), "context_line": w.snippet(r, "javascript")}]}}]}, "breadcrumbs": [{"category": "ui.click", "message": 'body > div#root > button.btn.primary[type="submit"]'}, {"category": "console", "message": w.snippet(r, "log")}]}), "text/plain;charset=UTF-8"),
    "otlp": lambda r, w: _sends("POST", "/v1/traces", "OTel-OTLP-Exporter-Python/1.28.2", {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": f"{r.getrandbits(128):032x}", "name": "SELECT shop.orders", "attributes": [{"key": "db.statement", "value": {"stringValue": w.snippet(r, "sql")}}, {"key": "http.url", "value": {"stringValue": ORDINARY["url"](r, w)}}, {"key": "exception.stacktrace", "value": {"stringValue": w.snippet(r, "log")}}]}]}]}]}),
    "logs": lambda r, w: _sends("POST", "/loki/api/v1/push", "promtail/3.2.1", {"streams": [{"stream": {"app": r.choice(TOOLS)}, "values": [[str(r.getrandbits(60)), w.snippet(r, "log")] for _ in range(4)]}]}),
    "bulk": lambda r, w: _sends("POST", "/_bulk", "elasticsearch-py/8.16.0 (Python/3.12.7; elastic-transport/8.15.1)", "".join(json.dumps({"index": {"_index": r.choice(TABLES), "_id": identifier(r)}}) + "\n" + json.dumps({"message": w.prose(r), "user": w.of(r, "names")}, ensure_ascii=False) + "\n" for _ in range(5)), "application/x-ndjson"),
    "prometheus": lambda r, w: _sends("POST", "/api/v1/query_range", "Grafana/11.3.1", urlencode({"query": w.snippet(r, "promql"), "start": r.getrandbits(30), "step": 15}), "application/x-www-form-urlencoded"),
    "search-api": lambda r, w: _sends("POST", f"/{r.choice(TABLES)}/_search", "elasticsearch-js/8.15.0", w.snippet(r, "elasticsearch")),
    "chat-completion": lambda r, w: _sends("POST", "/v1/chat/completions", "OpenAI/Python 1.55.0", {"model": "m-1", "messages": [{"role": "system", "content": w.prose(r)}, {"role": "user", "content": f"{w.prose(r)}\n\n```\n{w.snippet(r)}\n```"}], "tools": [{"type": "function", "function": {"name": "run", "parameters": {"type": "object", "properties": {"command": {"type": "string", "description": "e.g. ls -la"}}}}}]}, "application/json", ("Authorization", "Bearer sk-" + token(r, 40))),
    "oauth-token": lambda r, w: _sends("POST", "/oauth2/token", "python-requests/2.32.3", urlencode({"grant_type": "authorization_code", "code": token(r, 40) + "." + token(r, 6), "redirect_uri": "https://app.example.com/cb?x=1", "code_verifier": token(r, 50) + "-._~", "client_assertion": jwt(r, w.of(r, "names"))}), "application/x-www-form-urlencoded"),
    "oauth-authorize": lambda r, w: _sends("GET", "/authorize?" + urlencode({"response_type": "code", "client_id": token(r, 20), "redirect_uri": ORDINARY["url"](r, w).split("#", maxsplit=1)[0], "scope": "openid profile email offline_access https://graph.example.com/.default", "state": blob(r, 60), "nonce": token(r), "claims": json.dumps({"id_token": {"email": None}})}), "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"),
    "saml": lambda r, _: _sends("POST", "/saml/acs", "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", urlencode({"SAMLResponse": base64.b64encode(f'<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_{token(r)}" Version="2.0"><saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://idp.example.com/</saml:Issuer><ds:SignatureValue>{blob(r, 200)}</ds:SignatureValue></samlp:Response>'.encode()).decode(), "RelayState": "https://app.example.com/a?b=c"}), "application/x-www-form-urlencoded"),
    "webdav": lambda r, _: _sends(r.choice(("PUT", "MKCOL", "REPORT")), f"/remote.php/dav/files/anna/{quote('Fotos & Videos')}/{r.randint(1, 99)}.jpg", "Mozilla/5.0 (Linux) mirall/3.14.3git (Nextcloud, debian-6.1 ClientArchitecture: x86_64 OsArchitecture: x86_64)", b'<?xml version="1.0"?><d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><d:getetag/><oc:size/></d:prop></d:propfind>', "application/xml"),
    "caldav": lambda r, w: _sends("PUT", f"/dav/calendars/anna/home/{identifier(r).replace('/', '-')}.ics", "DAVx5/4.4.4-ose (dav4jvm; okhttp/4.12.0) Android/14", w.snippet(r, "ical"), "text/calendar; charset=utf-8"),
    "json-patch": lambda r, w: _sends("PATCH", f"/api/{r.choice(TABLES)}/{identifier(r)}", "httpx/0.28.0", [{"op": "replace", "path": "/a~1b/0", "value": w.of(r, "names")}, {"op": "add", "path": "/tags/-", "value": w.of(r, "sentences")}, {"op": "remove", "path": "/metadata/labels/app.kubernetes.io~1name"}], "application/json-patch+json"),
    "csp-report": lambda r, w: _sends("POST", "/csp-report", "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", {"csp-report": {"document-uri": ORDINARY["url"](r, w), "violated-directive": "script-src-elem", "original-policy": "default-src 'self'; script-src 'self' 'unsafe-inline' https://*.example.com data:; object-src 'none'", "blocked-uri": "inline", "script-sample": "window.dataLayer = window.dataLayer || []"}}, "application/csp-report"),
    "npm": lambda r, _: _sends("POST", "/-/npm/v1/security/advisories/bulk", "npm/10.9.0 node/v22.11.0 linux x64 workspaces/false", {f"@{token(r, 4).lower()}/{tool}": [f"^{r.randint(1, 9)}.0.0", ">=1.2.3 <2 || ~3.1"] for tool in r.sample(TOOLS, 4)}),
    "pip": lambda r, _: _sends("GET", f"/simple/{r.choice(TOOLS)}/?format=application%2Fvnd.pypi.simple.v1%2Bjson", 'pip/24.3.1 {"ci":null,"cpu":"x86_64","distro":{"id":"noble","libc":{"lib":"glibc","version":"2.39"},"name":"Ubuntu"},"installer":{"name":"pip","version":"24.3.1"},"python":"3.12.7","setuptools_version":"75.6.0"}'),
    "terraform": lambda r, w: _sends("POST", f"/state/{r.choice(TABLES)}?ID={identifier(r)}", "HashiCorp Terraform/1.10.0 (+https://www.terraform.io)", {"version": 4, "serial": r.randint(1, 99), "resources": [{"type": "aws_iam_policy", "instances": [{"attributes": {"policy": w.snippet(r, "policy"), "user_data": "#!/bin/bash\nset -e\n" + w.snippet(r, "shell")}}]}]}),
    "language-server": lambda r, w: _sends("POST", "/lsp", "vscode/1.95", {"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {"uri": "file:///home/anna/projects/web/src/a.ts", "version": 3}, "contentChanges": [{"text": w.source(r)}]}}),
    "notebook": lambda r, w: _sends("PUT", "/api/contents/analysis.ipynb", "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", {"type": "notebook", "content": {"cells": [{"cell_type": "code", "source": w.snippet(r, "python"), "outputs": []}, {"cell_type": "markdown", "source": "# " + w.of(r, "sentences") + "\n" + w.snippet(r, "latex", "math")}]}}),
    "telemetry": lambda r, w: _sends("POST", "/v1/batch", "analytics-node/2.1.3", {"batch": [{"type": "track", "event": "Order Completed", "properties": {"name": w.of(r, "names"), "url": ORDINARY["url"](r, w), "referrer": "android-app://com.google.android.gm/", "q": ORDINARY["search"](r, w)}, "context": {"userAgent": w.snippet(r, "useragent"), "campaign": {"term": "tea+cups"}}} for _ in range(3)]}),
    "curl": lambda r, w: _sends(r.choice(("GET", "DELETE")), f"/api/{r.choice(TABLES)}?{urlencode({'filter': w.snippet(r, 'odata'), 'fields': 'id,name,owner(name,email)', 'select': '*,author:users(name)', 'name': 'eq.' + w.of(r, 'names'), 'order': 'id.desc'})}", f"curl/8.{r.randint(5, 11)}.1"),
    "form-post": lambda r, w: _sends("POST", "/wp-admin/admin-ajax.php", "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", urlencode({"action": "heartbeat", "data[wp-refresh-post-lock][post_id]": r.randint(1, 99), "_nonce": token(r, 10), "content": ORDINARY["html-simple"](r, w)}), "application/x-www-form-urlencoded; charset=UTF-8"),
    "protobuf": lambda r, _: _sends("POST", "/grpc.Service/Call", "grpc-python/1.68.0 grpc-c/45.0.0 (linux; chttp2)", b"\x00" + r.randbytes(4) + b"\n\x0c" + token(r, 12).encode() + r.randbytes(300), "application/grpc+proto", ("te", "trailers")),
    "mcp": lambda r, w: _sends("POST", "/mcp", "python-httpx/0.28.1", {"jsonrpc": "2.0", "id": r.randint(1, 99), "method": "tools/call", "params": {"name": "search_files", "arguments": {"pattern": "**/*.py", "query": w.snippet(r, "regex"), "text": w.prose(r)}}}),
}  # fmt: skip


def generate(seed: int, number: int) -> Iterator[Request]:
    """Three of five are AWS clients, the others the programs in turn."""
    words = Words()
    aws = Aws(words)
    programs = list(PROGRAMS.items())

    def make(index: int) -> Request:
        rng = random.Random(f"{seed}/client/{index}")
        if index % 5 < _AWS_OF_FIVE:
            return {"label": "benign", **aws.request(rng)}
        name, program = programs[(index // 5 * 2 + index % 5 - _AWS_OF_FIVE) % len(programs)]
        return {**program(rng, words), "label": "benign", "class": f"client/{name}"}

    yield from distinct(make, number)
