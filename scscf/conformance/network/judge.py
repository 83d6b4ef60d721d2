"""The judge of a network: what it has to send to one UE or watcher, held against what was seen there."""

from scscf.conformance.asking import Asking, asking_of
from scscf.conformance.finding import Finding
from scscf.conformance.findings import Findings
from scscf.conformance.network.answers import form, unreadable
from scscf.conformance.network.bindings import Binding, Bindings, listed_of
from scscf.conformance.network.challenges import Challenges
from scscf.conformance.network.checks import CHECKS
from scscf.conformance.network.endpoint import Endpoints
from scscf.conformance.network.exchanges import Exchange, Exchanges, Key
from scscf.conformance.network.notifying import Notifying
from scscf.conformance.network.owed import Debt, Owed
from scscf.conformance.network.profile import NetworkProfile
from scscf.conformance.network.register import judge_fields, judge_listing, judge_refusal
from scscf.conformance.network.subscribe import Subscribing
from scscf.conformance.network.watching import Watchings
from scscf.conformance.recent import Recent
from scscf.errors import SipError
from scscf.sip.message import Request, Response
from scscf.sip.validity import check_request

_JUDGED = frozenset({"REGISTER", "SUBSCRIBE"})
_MOST_ROWS = 256


class NetworkJudge:
    """Sees every message at one UE or watcher, in order, and says what the network that serves it does wrong.

    It knows only what was on the wire there. Show it retransmissions too: they are not judged twice, and they say that
    messages are lost, so that it is patient. Findings named in `permitted` are left out.
    """

    def __init__(
        self,
        permitted: frozenset[str] = frozenset(),
        profile: NetworkProfile = NetworkProfile(),  # noqa: B008  # never changed
    ) -> None:
        self._profile = profile
        self._findings = Findings(CHECKS, permitted | profile.without(CHECKS))
        self._exchanges = Exchanges()
        self._garbled = False
        """Whether the UE sent what cannot be read: an answer may then lack what the request lacks."""
        self._owed = Owed()
        self._challenged: Recent[str, None] = Recent(_MOST_ROWS)
        """Call-IDs of REGISTERs that were challenged: what a UE registered with one was seen to begin."""
        self._rows: Recent[Key, Key] = Recent(_MOST_ROWS)
        """Call-ID and method → the last such request, which the answer to the one before went ahead of."""
        self._bindings = Bindings()
        self._challenges = Challenges()
        self._endpoints = Endpoints()
        self._watchings = Watchings()
        self._subscribing = Subscribing(profile, self._findings, self._owed, self._watchings)
        self._notifying = Notifying(
            profile, self._findings, self._owed, self._watchings, self._bindings, self._exchanges
        )

    def observe(self, direction: str, message: Request | Response, now: float) -> list[Finding]:
        """Take the next message: `in` from the network, `out` to it, at `now` (seconds); return what is found."""
        self._overdue(now - self._slack)
        try:
            if direction == "out":
                if isinstance(message, Request):
                    self._ask(message, now)
                else:
                    self._notifying.replied(message, now)
            elif isinstance(message, Response):
                self._answer(message, now)
            else:
                self._notifying.told(message, now, self._slack)
                self._findings.bring_all(self._endpoints.told(message, now), now)
        except SipError as error:
            if direction == "out":
                self._garbled = True
            elif not (self._garbled and isinstance(message, Response)):
                kind = "answer-unreadable" if isinstance(message, Response) else "notify-unreadable"
                self._findings.bring(kind, f"{_named(message)} cannot be read: {error}.", now)
        return self._findings.take()

    def end(self, now: float) -> list[Finding]:
        """Return what is missing when nothing more is to come: what was due by `now`."""
        self._overdue(now - self._slack)
        return self._findings.take()

    def lose(self) -> None:
        """Take that messages may have passed here that were not seen."""
        self._bindings.forget()
        self._watchings.lose()
        self._owed.forget()

    def due(self) -> float | None:
        """Return when all that is owed now is late, so that `end` finds it; None where nothing is owed.

        The end of a subscription that runs out later is not counted.
        """
        by = self._owed.due()
        return None if by is None else by + self._slack

    @property
    def missed(self) -> int:
        """How many NOTIFYs there were that were not seen."""
        return self._notifying.missed

    @property
    def moved(self) -> float | None:
        """By how many seconds the network's clock was moved on against ours, None where nothing shows that."""
        return self._notifying.moved

    @property
    def _slack(self) -> float:
        """How much later than it was sent a message may be seen: 64·T1 and a little where messages are lost."""
        return self._profile.answer + self._profile.tolerance if self._exchanges.lossy else 0.0

    def _overdue(self, by: float) -> None:
        for debt in self._owed.overdue(by):
            self._findings.bring(debt.check, debt.message, debt.by)

    def _ask(self, request: Request, now: float) -> None:
        exchange = self._exchanges.ask(request, now)
        if not self._profile.from_start:
            self._follows(exchange)
        if exchange.request.method not in _JUDGED:
            return
        check_request(request)
        # A datagram that was sent once may be lost; the network owes an answer to who tries again.
        if exchange.final is None and (exchange.repeated or request.via.transport != "udp"):
            message = f"{request.method} with CSeq {request.cseq.number} is not answered."
            self._owed.owe(exchange.key, Debt(exchange.at + self._profile.answer, "not-answered", message))
        if exchange.repeated:
            return
        if request.method == "REGISTER":
            exchange.asking = asking_of(request, now)
            self._endpoints.asked(request)
        else:
            self._subscribing.ask(request, now)

    def _follows(self, exchange: Exchange) -> None:
        """Take that what was asked before in a row of requests was answered, seen or not (RFC 3261 §10.2)."""
        row = (exchange.key[0], exchange.key[2])
        before = self._rows.get(row, exchange.key)
        self._rows[row] = exchange.key
        if before != exchange.key:
            self._owed.settle(*before)

    def _answer(self, response: Response, now: float) -> None:
        exchange = self._exchanges.answered(response)
        if exchange is None and not self._profile.from_start and 200 <= response.status < 300:
            self._answer_alone(response, now)
        if exchange is None or exchange.request.method not in _JUDGED:
            return
        first = response.status < 200 or self._exchanges.take(exchange, response)
        if response.status >= 200:
            self._owed.settle(*exchange.key)
        if not first:
            return
        why = unreadable(response)
        if why is not None and self._garbled:
            return
        if why is not None:
            self._findings.bring("answer-unreadable", f"{_named(response)} cannot be read: {why}.", now)
            return
        self._findings.bring_all(form(exchange.request, response), now)
        if response.status < 200:
            return
        listed = listed_of(response) if exchange.asking is not None and response.status < 300 else None
        self._findings.bring_all(self._endpoints.answered(exchange.request, response, listed, now), now)
        if exchange.asking is not None:
            self._registered(exchange, exchange.asking, response, now)
        elif exchange.request.method == "SUBSCRIBE":
            self._subscribing.answer(exchange, response, now)

    def _answer_alone(self, response: Response, now: float) -> None:
        """Take that a request was accepted that was not seen: what it changed is not known."""
        if response.cseq.method == "REGISTER":
            self._bindings.forget()
            self._owed.forget("change-not-told")
        else:
            self._subscribing.answer_alone(response, now)

    def _registered(self, exchange: Exchange, asking: Asking, response: Response, now: float) -> None:
        if exchange.early is not None and not exchange.repeated and not self._exchanges.lossy:
            self._findings.bring("notify-before-answer", *exchange.early)
        found = [*judge_refusal(asking, response), *self._challenges.judge(asking, response, now)]
        if response.status == 401:
            self._challenged[asking.call_id] = None
        if 200 <= response.status < 300:
            listed = listed_of(response)
            found += judge_listing(asking, response, listed, self._bindings)
            created, removed = self._bindings.take(asking, response, listed, now)
            whole = self._profile.from_start or asking.call_id in self._challenged
            found += judge_fields(asking, response, listed, self._bindings, ims=self._profile.ims, whole=whole)
            for binding in created:
                self._owe_change(binding, now, active=True)
            for binding in removed:
                self._owe_change(binding, now, active=False)
        self._findings.bring_all(found, now)

    def _owe_change(self, binding: Binding, now: float, *, active: bool) -> None:
        """Have every live subscription to an identity be told of its contact (RFC 3680 §4.7.2)."""
        if binding.emergency:
            return
        what = "registered" if active else "de-registered"
        message = f"{binding.uri} was {what}, and the watcher of {binding.aor} is not told."
        for watching, dialog in self._watchings.live():
            covered = binding.aor in watching.resource or dialog.view.covers(binding.aor)
            if dialog.notified_at is None or not covered or dialog.view.shows(binding.uri) == active:
                continue
            subject = (watching.key, dialog.tag, "change", binding.uri.text)
            debt = Debt(now + self._profile.patience, "change-not-told", message, dialog, binding.uri, active)
            self._owed.owe(subject, debt)


def _named(message: Request | Response) -> str:
    return str(message.status) if isinstance(message, Response) else message.method[:32]
