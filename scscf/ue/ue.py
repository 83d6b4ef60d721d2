"""A simulated UE: registers, subscribes, sends and answers, one call for each (RFC 3261 §10.2, RFC 6665 §4.1).

It does what it is told and nothing by itself; the package `autonomous` is the UE that acts of its own accord.
"""

from collections.abc import Callable, Sequence

from scscf.errors import SipError
from scscf.sip.message import Request, Response, make_request
from scscf.sip.outbox import NextHop
from scscf.sip.routing import route_request
from scscf.sip.transaction_layer import ServerTransaction
from scscf.ue.answers import AnswerRule, Answers
from scscf.ue.authorization import Authorizer
from scscf.ue.exchange import Exchange, Headers, edit, uri_of
from scscf.ue.identity import Identity
from scscf.ue.user_agent import UserAgent
from scscf.ue.watch import Notified, Watch, readable_contacts

__all__ = ["Exchange", "Headers", "Ue", "edit", "uri_of"]

_MOST_CHALLENGES = 3


class Ue:
    """One user on one user agent. `named`: says in its first REGISTER who it is (TS 24.229 §5.1.1.2.2)."""

    def __init__(self, agent: UserAgent, identity: Identity, authorizer: Authorizer, *, named: bool = True) -> None:
        self.agent = agent
        self.identity = identity
        self.authorizer = authorizer
        self.named = named
        self.answers = Answers()
        self.contact = ""
        """Contact of its REGISTERs and dialogs, as a header value."""
        self.call_id = agent.identifiers.call_id()
        """Of its REGISTERs."""
        self.tag = agent.identifiers.tag()
        self.cseq = 0
        self.registered_until: float | None = None
        """When its own contact expires, seconds since the Unix epoch; None: not registered."""
        self.service_route: tuple[str, ...] = ()
        self.associated: tuple[str, ...] = ()
        """P-Associated-URI of the last 200, URIs."""
        self.security_client: str | None = None
        """Security-Client that it sends (RFC 3329), None: no security agreement."""
        self.security_server: tuple[str, ...] = ()
        """Security-Server of the last challenge, which Security-Verify repeats."""
        self.before_answer: list[Callable[[], None]] = []
        """Called when a challenge has come, before it is answered."""
        self.thinks = 0.0
        """Seconds that it takes to answer a challenge."""
        self.watches: list[Watch] = []
        self.on_notified: list[Callable[[Watch, Notified], None]] = []
        self.on_received: list[Callable[[Request], None]] = []
        """Told of every other request that is new."""
        agent.on_request_ = self._on_request

    def now(self) -> float:
        """Return the time, seconds since the Unix epoch."""
        return self.agent.now()

    def begin_anew(self) -> None:
        """Forget what the last registration agreed on: the next REGISTER is an initial one (TS 24.229 §5.1.1.2)."""
        identifiers = self.agent.identifiers
        self.call_id, self.tag, self.cseq = identifiers.call_id(), identifiers.tag(), 0
        self.authorizer.forget()
        self.security_server = ()
        self.service_route = ()
        self.registered_until = None

    async def register(
        self,
        expires: int | None = 600_000,
        contacts: Sequence[str] | None = None,
        headers: Headers | None = None,
        *,
        answer_challenges: bool = True,
    ) -> Exchange:
        """Register `contacts` (header values; its own where None), answering challenges on the way.

        `expires` 0 ends them; None leaves the header out.
        """
        own = [self.contact] if contacts is None else list(contacts)
        fields: list[tuple[str, str]] = [("Contact", contact) for contact in own]
        if expires is not None:
            fields.append(("Expires", str(expires)))
        fields.append(("Supported", "path, gruu, outbound"))
        identity = self.identity

        def make() -> Request:
            self.cseq += 1
            return make_request(
                "REGISTER",
                identity.request_uri,
                [
                    ("Max-Forwards", "70"),
                    ("From", f"{identity.name_addr};tag={self.tag}"),
                    ("To", identity.name_addr),
                    ("Call-ID", self.call_id),
                    ("CSeq", f"{self.cseq} REGISTER"),
                    *fields,
                    *self._security(),
                ],
            )

        exchange = await self._exchange(make, identity.next_hop, headers, answer_challenges)
        if isinstance(exchange.final, Response) and exchange.final.status == 200:
            self._registered(exchange.final)
        return exchange

    async def subscribe(
        self,
        aor: str | None = None,
        expires: int | None = 600_000,
        event: str = "reg",
        headers: Headers | None = None,
        *,
        answer_challenges: bool = True,
    ) -> tuple[Watch, Exchange]:
        """Subscribe to an address of record, its own where None, in a dialog of its own (RFC 3680 §4.1)."""
        watch = self.watch(aor, event)
        return watch, await self.resubscribe(watch, expires, headers, answer_challenges=answer_challenges)

    def watch(self, aor: str | None = None, event: str = "reg", by: str | None = None) -> Watch:
        """Return a subscription that is not asked for yet; `by` is the identity in From, its own where None."""
        identifiers = self.agent.identifiers
        watch = Watch(
            aor or self.identity.aor,
            event,
            identifiers.call_id(),
            self.identity.name_addr if by is None else f"<{by}>",
            identifiers.tag(),
            self.contact,
        )
        self.watches.append(watch)
        return watch

    async def resubscribe(
        self, watch: Watch, expires: int | None, headers: Headers | None = None, *, answer_challenges: bool = True
    ) -> Exchange:
        """Refresh a subscription, or end it (`expires` 0)."""
        more: dict[str, str | Sequence[str] | None] = {"Accept": "application/reginfo+xml"}
        more.update(headers or {})
        exchange = await self._exchange(lambda: watch.request(expires), watch, more, answer_challenges)
        if isinstance(exchange.final, Response) and 200 <= exchange.final.status < 300:
            watch.accept(exchange.final, self.now())
        return exchange

    async def send(
        self,
        method: str,
        uri: str,
        headers: Headers | None = None,
        body: bytes = b"",
        *,
        answer_challenges: bool = True,
    ) -> Exchange:
        """Send any request outside a dialog along the Service-Route."""
        call_id, tag = self.agent.identifiers.call_id(), self.agent.identifiers.tag()
        numbers = iter(range(1, _MOST_CHALLENGES + 3))

        def make() -> Request:
            return make_request(
                method,
                uri,
                [
                    ("Max-Forwards", "70"),
                    ("From", f"{self.identity.name_addr};tag={tag}"),
                    ("To", f"<{uri}>"),
                    ("Call-ID", call_id),
                    ("CSeq", f"{next(numbers)} {method}"),
                    ("Contact", self.contact),
                ],
                body,
            )

        return await self._exchange(make, self.identity.next_hop, headers, answer_challenges)

    async def _exchange(
        self,
        make: Callable[[], Request],
        way: "NextHop | Watch",
        headers: Headers | None,
        answer_challenges: bool,
    ) -> Exchange:
        exchange = Exchange([], [])
        answered = False
        for _ in range(_MOST_CHALLENGES + 1):
            request = make()
            hop = self._route(request, way)
            self._authorize(request)
            edit(request, headers or {})
            self._complete(request)
            exchange.requests.append(request)
            reply = await self.agent.request(request, hop).promise
            exchange.replies.append(reply)
            if not answer_challenges or not isinstance(reply, Response) or reply.status not in (401, 407, 494):
                break
            if "security-server" in reply:
                self.security_server = tuple(reply.values("security-server"))
            if reply.status != 494:
                refused = answered and not (self.authorizer.resynchronises or self.authorizer.doubts)
                if not self.authorizer.take(reply) or (refused and not self.authorizer.is_stale):
                    break
                answered = True
            for each in self.before_answer:
                each()
            if self.thinks:
                await self.agent.wait(self.thinks)
        return exchange

    def _route(self, request: Request, way: "NextHop | Watch") -> NextHop:
        if isinstance(way, Watch):
            hop = way.hop(request)
            if hop is not None:
                return hop
            way = self.identity.next_hop
        if request.method != "REGISTER" and self.service_route:
            route_request(request, self.service_route)
        return way

    def _authorize(self, request: Request) -> None:
        authorizer, uri = self.authorizer, request.uri_text
        if authorizer.is_challenged:
            request.headers.append((authorizer.header, authorizer.answer(request.method, uri, request.body)))
        elif self.named and request.method == "REGISTER":
            request.headers.append(("Authorization", authorizer.nameless(uri)))

    def _complete(self, request: Request) -> None:
        """Write what depends on all the rest of a request: in a plain UE nothing does."""

    def _security(self) -> list[tuple[str, str]]:
        if self.security_client is None:
            return []
        headers = [
            ("Security-Client", self.security_client),
            ("Require", "sec-agree"),
            ("Proxy-Require", "sec-agree"),
        ]
        return headers + [("Security-Verify", each) for each in self.security_server]

    def _registered(self, response: Response) -> None:
        own = uri_of(self.contact)
        granted = None
        for contact in readable_contacts(response):
            if contact.uri.text == own:
                text = contact.parameter("expires")
                granted = int(text) if text and text.isdigit() else response.expires
        if granted:
            self.registered_until = self.now() + granted
            self.service_route = tuple(response.values("service-route"))
            self.associated = tuple(uri_of(value) for value in response.values("p-associated-uri"))
        else:
            self.registered_until = None
            self.service_route = ()

    def _on_request(self, call: ServerTransaction) -> None:
        request = call.request
        status, notified = 200, None
        if request.method == "NOTIFY":
            watch = self._watch_of(request)
            try:
                if watch is None:
                    raise SipError(481)
                notified = watch.notify(request, self.now())
            except SipError as error:
                status = error.status
        rule = self.answers.next(request.method) or AnswerRule(request.method, status)
        self._answer(call, rule)
        if notified is not None and watch is not None:
            for told in self.on_notified:
                told(watch, notified)
        else:
            for heard in self.on_received:
                heard(request)

    def _answer(self, call: ServerTransaction, rule: AnswerRule) -> None:
        if rule.status is None:
            return
        response = call.request.response(rule.status, rule.reason, to_tag=self.agent.identifiers.tag())
        response.headers += list(rule.headers)
        response.body = rule.body
        if call.request.method in ("INVITE", "SUBSCRIBE") and rule.status < 300:
            response.headers += [("Record-Route", value) for value in call.request.values("record-route")]
            response.headers.append(("Contact", self.contact))
        if not rule.delay:
            call.answer(response)
            return

        def late() -> None:
            with self.agent.shell.turn():
                if not call.answered:
                    call.answer(response)

        self.agent.wait(rule.delay).when_done(late)

    def _watch_of(self, request: Request) -> Watch | None:
        tag = request.to.tag
        return next((each for each in self.watches if each.call_id == request.call_id and each.local_tag == tag), None)
