"""A request's way through the proxy: seen, judged, answered or passed on."""

from __future__ import annotations

from typing import Final, NamedTuple

from casemate.edge.proxy import access_log, waf_log
from casemate.edge.proxy.answers import Answer, refuse
from casemate.edge.proxy.edge_connection import EdgeConnection
from casemate.edge.proxy.exchange import Exchange
from casemate.edge.proxy.explaining import explained
from casemate.edge.proxy.forwarding import Pairs, TraceIds, Trusted, origin_form, request_head, upgrades
from casemate.edge.proxy.log_file import LogFile
from casemate.edge.proxy.origins import Origins
from casemate.edge.proxy.sessions import ClientTls
from casemate.edge.proxy.tokens.asking import Asking
from casemate.edge.proxy.tokens.client_token import failure
from casemate.edge.proxy.tokens.pages import PREFIX
from casemate.edge.proxy.tunnel import Tunnel
from casemate.edge.proxy.upload import Upload
from casemate.engines.web import ActivePlan, Plan, RequestView, ResourceKind, Verdict
from casemate.engines.web.compiler import LogPolicy
from casemate.foundation.clock import Clock
from casemate.foundation.http import BodySink, Reply, Request

SOURCE: Final = "000000000000-app/casemate/edge"
"""httpSourceId of WAF logs, as of a load balancer."""
OWN: Final = PREFIX.encode()
TOKEN_ACTIONS: Final = frozenset(("CAPTCHA", "CHALLENGE"))
PASSABLE: Final = TOKEN_ACTIONS | {"ALLOW"}
"""Who is asked to solve something must be able to: only what blocks keeps a client from the proxy's own pages."""
BUFFERED: Final = 65_536
"""A body of at most so many bytes is read whole before it is judged; of a longer one the inspected part."""


class Front(NamedTuple):
    """How clients reach this proxy."""

    scheme: str
    port: int
    kind: ResourceKind
    trusted: Trusted
    explain: bool = False
    """Whether answers say in a header what the web ACL thought."""


class Logs(NamedTuple):
    """Where requests are written."""

    waf: LogFile | None = None
    access: LogFile | None = None


class Proxy:
    """The handler of the edge's servers."""

    def __init__(
        self,
        *,
        active: ActivePlan,
        origins: Origins,
        clock: Clock,
        front: Front,
        logs: Logs,
        asking: Asking | None = None,
        policy: LogPolicy | None = None,
    ) -> None:
        self.policy = policy or LogPolicy()
        self._asking = asking
        self.tunnels: set[Tunnel] = set()
        self._logs = logs
        self._logged = logs.waf is not None or logs.access is not None
        self._active = active
        self._origins = origins
        self._clock = clock
        self._front = front
        self._traces = TraceIds()
        self._port = str(front.port).encode()
        self._scheme = front.scheme.encode()
        # What a web ACL without rules says is the same about every request: said once, kept with its plan.
        self._standing: tuple[Plan, Verdict] | None = None

    # From foundation/http

    def on_head(self, request: Request, reply: Reply) -> BodySink | None:
        """Take a long body as it arrives; a short one, or none, is read whole first."""
        return self.sink(request, reply)

    def __call__(self, request: Request, reply: Reply) -> None:
        self.take(request, reply)

    # For every version of HTTP

    def sink(self, request: Request, answer: Answer) -> BodySink | None:
        """Who takes the request's body as it arrives, None where it is short enough to be read whole."""
        length = request.fields.get(b"content-length")
        if b"transfer-encoding" in request.fields or (length is not None and int(length) > BUFFERED):
            return self.upload(request, answer)
        return None

    def upload(self, request: Request, answer: Answer) -> BodySink:
        """Who takes a long body as it arrives."""
        length = request.fields.get(b"content-length")
        return Upload(self, request, answer, None if length is None else int(length))

    @property
    def inspected(self) -> int:
        """Bytes of a body that rules see."""
        plan = self._active.plan
        return plan.body_limits[self._front.kind] if plan is not None else 0

    def take(self, request: Request, answer: Answer) -> None:
        """A request whose body is here."""
        exchange = self.judge(request, answer, request.body, size=len(request.body), complete=True)
        if exchange is None:
            return
        body = request.body
        data = self.head(exchange)
        if upgrades(request) and isinstance(answer, Reply):
            exchange.on_upgrade = self._tunnel
            exchange.go(data + b"\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n")
        elif body or b"content-length" in request.fields:
            exchange.go(b"%b\r\ncontent-length: %d\r\n\r\n%b" % (data, len(body), body))
        else:
            exchange.go(data + b"\r\n\r\n")

    def judge(
        self, request: Request, answer: Answer, body: bytes, *, size: int | None, complete: bool
    ) -> Exchange | None:
        """Evaluate; None where the answer is given here."""
        front, now = self._front, self._clock.real()
        exchange = Exchange(request, answer, origins=self._origins, source=SOURCE, done=self._ended)
        exchange.began = now
        exchange.since = self._clock.monotonic() if self._logged else 0.0
        exchange.received = size or 0
        exchange.policy = self.policy
        if request.target[:1] != b"/":
            request.target = origin_form(request.target)
        peer = request.peer[0]
        exchange.client = front.trusted.client(peer, request.fields.get(b"x-forwarded-for")) if front.trusted else peer
        exchange.trace = self._traces.next(now, request.fields.get(b"x-amzn-trace-id"))
        own = self._asking is not None and request.target.startswith(OWN)
        plan, standing = self._active.plan, self._standing
        if plan is not None and standing is not None and standing[0] is plan and not own:
            exchange.verdict = verdict = standing[1]
        else:
            verdict = self._evaluate(exchange, plan, body, size=size, complete=complete)
            if plan is not None and not plan.rules and self._logs.waf is None and not front.explain:
                self._standing = plan, verdict
        if own and verdict.action in PASSABLE:
            self._answer_own(exchange)
            return None
        if verdict.action == "ALLOW":
            return exchange
        self._turn_away(exchange, verdict)
        return None

    def _evaluate(
        self, exchange: Exchange, plan: Plan | None, body: bytes, *, size: int | None, complete: bool
    ) -> Verdict:
        request, front = exchange.request, self._front
        tls = request.tls
        seen = tls if isinstance(tls, ClientTls) else None
        exchange.view = view = RequestView(
            method=request.method,
            target=request.target,
            headers=request.headers,
            client_ip=exchange.client,
            http_version="HTTP/" + request.http_version,
            body=body,
            body_complete=complete,
            body_size=size,
            kind=front.kind,
            time=exchange.began,
            scheme=front.scheme,
            ja3=seen.ja3 if seen is not None else None,
            ja4=seen.ja4 if seen is not None else None,
        )
        if self._asking is not None and plan is not None:
            view.token = self._asking.tokens.read(request, plan.token_domains, exchange.began)
        exchange.verdict = verdict = self._active.evaluate(view)
        if front.explain:
            exchange.explained = [explained(verdict)]
        return verdict

    def _turn_away(self, exchange: Exchange, verdict: Verdict) -> None:
        """Answer a request that doesn't pass: with a challenge, or a refusal."""
        asking, request, answer = self._asking, exchange.request, exchange.answer
        if asking is not None and self._active.plan is not None and verdict.action in TOKEN_ACTIONS:
            exchange.failure = failure(exchange.view.token, captcha=verdict.action == "CAPTCHA")
            exchange.status = asking.ask(
                request, answer, verdict.action, exchange.client, exchange.began, exchange.explained
            )
        else:
            exchange.status, exchange.answered_bytes = refuse(answer, verdict, exchange.explained)
        self._ended(exchange)

    def _answer_own(self, exchange: Exchange) -> None:
        """A request of the challenge's own page, or of a program that solves one."""
        asking, plan, view = self._asking, self._active.plan, exchange.view
        assert asking is not None
        domains = plan.token_domains if plan is not None else ()
        exchange.status = asking.endpoint(
            exchange.request, exchange.answer, exchange.client, view.time, domains, view.token
        )
        self._ended(exchange)

    def head(self, exchange: Exchange) -> bytes:
        """The head that the application gets."""
        request, front, verdict = exchange.request, self._front, exchange.verdict
        assert verdict is not None
        fields = request.fields
        peer = request.peer[0].encode()
        forwarded = fields.get(b"x-forwarded-for")
        scheme, port = self._scheme, self._port
        if front.trusted and front.trusted.holds(request.peer[0]):
            scheme = fields.get(b"x-forwarded-proto", scheme)
            port = fields.get(b"x-forwarded-port", port)
        added = b"x-forwarded-for: %b\r\nx-forwarded-proto: %b\r\nx-forwarded-port: %b\r\nx-amzn-trace-id: %b" % (
            peer if forwarded is None else forwarded + b", " + peer,
            scheme,
            port,
            exchange.trace,
        )
        host = self._origins.all[0].host_header
        return request_head(request, request.target, added, verdict.insert_headers, host)

    def _tunnel(self, exchange: Exchange, headers: Pairs, rest: bytes) -> None:
        """The application agreed to an upgrade: join the two connections."""
        answer, connection = exchange.answer, exchange.connection
        wire = answer.wire if isinstance(answer, Reply) else None
        if connection is None:
            return
        if not isinstance(wire, EdgeConnection):  # the client has gone
            connection.abandon(exchange)
            return
        transport, early = wire.detach()
        lines = [b"HTTP/1.1 101 Switching Protocols", *(b": ".join(pair) for pair in headers)]
        tunnel = Tunnel(transport, connection.transport, self.tunnels.discard)
        self.tunnels.add(tunnel)
        tunnel.begin(b"\r\n".join(lines) + b"\r\n\r\n" + rest, early)

    def sweep(self, now: float) -> None:
        """Each second: tunnels that nobody uses end."""
        for tunnel in tuple(self.tunnels):
            tunnel.sweep(now)

    def close(self) -> None:
        """End what no request would end."""
        for tunnel in tuple(self.tunnels):
            tunnel.close()

    def refused(self, refusal: access_log.Refusal) -> None:
        """A request was refused, or lost its client, before it could be judged."""
        if self._logs.access is not None:
            front = self._front
            line = access_log.refusal(refusal, now=self._clock.real(), scheme=front.scheme, port=front.port)
            self._logs.access.add(line)

    def _ended(self, exchange: Exchange) -> None:
        """A request is answered."""
        if not self._logged:
            return
        exchange.ended_at, exchange.ended_real = self._clock.monotonic(), self._clock.real()
        policy, verdict = exchange.policy, exchange.verdict
        if self._logs.waf is not None and verdict is not None and waf_log.kept(verdict, policy):
            self._logs.waf.add(waf_log.entry(exchange, self._active.plan, policy))
        if self._logs.access is not None:
            self._logs.access.add(access_log.entry(exchange, scheme=self._front.scheme, port=self._front.port))
