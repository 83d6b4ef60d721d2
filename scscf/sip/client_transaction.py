"""Client transactions: requests of ours, sent until they are answered (RFC 3261 §17.1); INVITE has its own file."""

from collections import Counter
from collections.abc import Callable

from scscf.errors import SipError
from scscf.identifiers import Identifiers
from scscf.sip.delay_line import DelayLine
from scscf.sip.headers import KEYS
from scscf.sip.invite_client import InviteClientTransaction
from scscf.sip.invite_transaction import InviteClientInput
from scscf.sip.matching import is_own_via, old_client_key
from scscf.sip.message import Request, Response
from scscf.sip.outbox import ClientUser, Failure, Flow, Outbox
from scscf.sip.transaction import NON_INVITE_CLIENT, ClientAction, ClientInput, ClientState, TimerValues
from scscf.sip.validity import check_response
from scscf.timers import Deadline, Deadlines

_WAITING = (ClientState.TRYING, ClientState.PROCEEDING)
_Told = Response | Failure | None
_TIMEOUT = Failure("timeout", "no answer within 64*T1")


class _Nobody:
    """Whom the answer to a CANCEL concerns: the INVITE's own tells what became of it."""

    def on_response(self, response: Response, now: float) -> None:
        pass

    def on_failure(self, failure: Failure, now: float) -> None:
        pass


_NOBODY = _Nobody()


class ClientTransaction:
    """One request of ours on its way over one flow."""

    __slots__ = ("data", "deadline", "flow", "interval", "key", "proxied", "sent_by", "state", "user")

    def __init__(
        self,
        key: str,
        data: bytes,
        flow: Flow,
        sent_by: tuple[str, int],
        user: ClientUser,
        interval: float,
        proxied: bool,
    ) -> None:
        self.key = key
        self.data = data
        self.flow = flow
        self.sent_by = sent_by
        self.user: ClientUser | None = user
        self.interval = interval
        """Seconds until the next Timer E."""
        self.proxied = proxied
        """Whether responses carry further Vias below ours."""
        self.state = ClientState.TRYING
        self.deadline: Deadline | None = None


class ClientTransactions:
    """Every client transaction there is, at most `max_open`; `clock` says the time that users are told."""

    def __init__(
        self,
        timers: TimerValues,
        deadlines: Deadlines,
        outbox: Outbox,
        identifiers: Identifiers,
        clock: Callable[[], float],
        counters: "Counter[str]",
        max_open: int = 200_000,
    ) -> None:
        self.counters = counters
        self.timers = timers
        self.deadlines = deadlines
        self.outbox = outbox
        self.branches = True
        """Whether Vias have a branch; without one, responses are matched as RFC 2543 has it."""
        self.seal: Callable[[Request, Request], None] | None = None
        self._identifiers = identifiers
        self._clock = clock
        self._max_open = max_open
        self._transactions: dict[str, ClientTransaction] = {}
        self._invites: dict[str, InviteClientTransaction] = {}
        self._by_flow: dict[Flow, dict[str, ClientTransaction]] = {}
        self._invites_by_flow: dict[Flow, dict[str, InviteClientTransaction]] = {}
        self._first_e: DelayLine[ClientTransaction] = DelayLine(deadlines, timers.t1, self._timer_e, _waiting)
        self._timer_f: DelayLine[ClientTransaction] = DelayLine(
            deadlines,
            timers.timeout,
            lambda transaction, now: self._take(transaction, ClientInput.TIMER_F, _TIMEOUT),
            _waiting,
        )
        self._timer_k: DelayLine[ClientTransaction] = DelayLine(
            deadlines, timers.t4, lambda transaction, now: self._take(transaction, ClientInput.TIMER_K), slack=1.0
        )

    def __len__(self) -> int:
        """Return how many transactions there are, those that absorb retransmissions included."""
        return len(self._transactions) + len(self._invites)

    def start(
        self, request: Request, flow: Flow, sent_by: tuple[str, int], user: ClientUser, plain: bytes | None = None
    ) -> InviteClientTransaction | None:
        """Send `request` over `flow` under a Via of its own with this sent-by (host, port); `request` is not changed.

        `plain` is `request.to_bytes()` where the caller has it. An ACK is sent and no more is heard of it; the
        transaction of an INVITE is returned.
        """
        method = request.method
        if len(self._transactions) + len(self._invites) >= self._max_open and method != "ACK":
            user.on_failure(Failure("transport", "too many requests without an answer"), self._clock())
            return None
        host, port = sent_by
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        via = f"SIP/2.0/{flow.transport.upper()} {place}"
        if self.branches:
            branch = self._identifiers.branch()
            via, key = f"{via};branch={branch};rport", f"{branch} {method}"
        else:
            key = old_client_key(request)
        plain = plain or request.to_bytes()
        start_line = plain.index(b"\r\n") + 2
        data = b"%bVia: %b\r\n%b" % (plain[:start_line], via.encode(), plain[start_line:])
        if method == "INVITE":
            invite = self._invites[key] = InviteClientTransaction(self, key, request, via, data, flow, sent_by, user)
            self._invites_by_flow.setdefault(flow, {})[key] = invite
            return invite
        if method == "ACK":
            self.outbox.transmit(data, flow)
            return None
        self._begin(key, data, flow, sent_by, user, _has_via(request))
        return None

    def _begin(
        self, key: str, data: bytes, flow: Flow, sent_by: tuple[str, int], user: ClientUser, proxied: bool
    ) -> None:
        transaction = ClientTransaction(key, data, flow, sent_by, user, self.timers.t1, proxied)
        self._transactions[key] = transaction
        of_flow = self._by_flow.get(flow)
        if of_flow is None:
            self._by_flow[flow] = {key: transaction}
        else:
            of_flow[key] = transaction
        self.outbox.transmit(data, flow)
        self._timer_f.put(transaction, self.deadlines.now)
        if not flow.connection:
            self._first_e.put(transaction, self.deadlines.now)

    def send_cancel(self, transaction: InviteClientTransaction, data: bytes) -> None:
        """Send a CANCEL in a transaction of its own, over the flow of its INVITE (RFC 3261 §9.1)."""
        key = transaction.key.replace(" INVITE", " CANCEL")
        if key not in self._transactions:
            self._begin(key, data, transaction.flow, transaction.sent_by, _NOBODY, False)

    def over(self, transaction: InviteClientTransaction) -> None:
        """Forget an INVITE whose transaction is terminated."""
        self._invites.pop(transaction.key, None)
        of_flow = self._invites_by_flow.get(transaction.flow)
        if of_flow is not None:
            of_flow.pop(transaction.key, None)
            if not of_flow:
                del self._invites_by_flow[transaction.flow]

    def tell_time(self) -> float:
        """Return the time that users are told."""
        return self._clock()

    def receive(self, response: Response) -> None:
        """Take a response from the network; one that nobody waits for is dropped and counted (RFC 3261 §18.1.2)."""
        try:
            vias = response.vias
            via = vias[0]
            key = old_client_key(response) if via.branch is None else f"{via.branch} {response.cseq.method}"
        except SipError:
            self.counters["malformed responses"] += 1
            return
        transaction = self._transactions.get(key) or self._invites.get(key)
        if (
            transaction is None
            or (len(vias) > 1) is not transaction.proxied
            or not is_own_via(via, transaction.sent_by)
        ):
            self.counters["stray responses"] += 1
            return
        if not check_response(response):
            self.counters["malformed responses"] += 1
            return
        if isinstance(transaction, InviteClientTransaction):
            transaction.receive(response)
            return
        self._take(transaction, ClientInput.FINAL if response.status >= 200 else ClientInput.PROVISIONAL, response)

    def transport_failed(self, flow: Flow, detail: str) -> None:
        """Tell the users of everything unanswered on `flow` that it failed."""
        for transaction in list(self._by_flow.get(flow, {}).values()):
            self._take(transaction, ClientInput.TRANSPORT_ERROR, Failure("transport", detail))
        for invite in list(self._invites_by_flow.get(flow, {}).values()):
            invite.take(InviteClientInput.TRANSPORT_ERROR, Failure("transport", detail))

    def clear(self) -> None:
        """Forget every transaction and timer; nobody is told."""
        for transaction in self._transactions.values():
            if transaction.deadline is not None:
                self.deadlines.cancel(transaction.deadline)
        for line in (self._first_e, self._timer_f, self._timer_k):
            line.clear()
        for invite in self._invites.values():
            invite.stop()
        self._invites.clear()
        self._invites_by_flow.clear()
        self._transactions.clear()
        self._by_flow.clear()

    def _timer_e(self, transaction: ClientTransaction, now: float) -> None:
        transaction.deadline = None
        self._take(transaction, ClientInput.TIMER_E)

    def _take(self, transaction: ClientTransaction, event: ClientInput, told: _Told = None) -> None:
        """Do what the table has for an event; `told` is what the user hears of it."""
        transaction.state, steps = _STEPS[transaction.state][event]
        user = transaction.user
        if user is not None and transaction.state not in _WAITING:
            self._let_go(transaction)
        if transaction.state is ClientState.TERMINATED:
            self._transactions.pop(transaction.key, None)
        for step in steps:
            step(self, transaction, user, told)

    def _pass_response(self, transaction: ClientTransaction, user: ClientUser | None, told: _Told) -> None:
        if user is not None and isinstance(told, Response):
            user.on_response(told, self._clock())

    def _inform(self, transaction: ClientTransaction, user: ClientUser | None, told: _Told) -> None:
        if user is not None and isinstance(told, Failure):
            user.on_failure(told, self._clock())

    def _resend(self, transaction: ClientTransaction, user: ClientUser | None, told: _Told) -> None:
        self.counters["requests sent again"] += 1
        self.outbox.transmit(transaction.data, transaction.flow)

    def _double_e(self, transaction: ClientTransaction, user: ClientUser | None, told: _Told) -> None:
        self._set_e(transaction, min(2 * transaction.interval, self.timers.t2))

    def _restart_e(self, transaction: ClientTransaction, user: ClientUser | None, told: _Told) -> None:
        self._set_e(transaction, self.timers.t2)

    def _start_k(self, transaction: ClientTransaction, user: ClientUser | None, told: _Told) -> None:
        """Absorb retransmissions of the response for T4; there are none over a stream (RFC 3261 §17.1.2.2)."""
        if transaction.flow.connection:
            self._transactions.pop(transaction.key, None)
        else:
            self._timer_k.put(transaction, self.deadlines.now)

    def _set_e(self, transaction: ClientTransaction, interval: float) -> None:
        transaction.interval = interval
        when = self.deadlines.now + interval
        transaction.deadline = self.deadlines.at(when, lambda now: self._timer_e(transaction, now))

    def _let_go(self, transaction: ClientTransaction) -> None:
        """Let go of what only a waiting transaction needs."""
        transaction.user = None
        transaction.data = b""
        if transaction.deadline is not None:
            self.deadlines.cancel(transaction.deadline)
            transaction.deadline = None
        of_flow = self._by_flow.get(transaction.flow)
        if of_flow is not None:
            of_flow.pop(transaction.key, None)
            if not of_flow:
                del self._by_flow[transaction.flow]


_STEP_OF: dict[ClientAction, Callable[[ClientTransactions, ClientTransaction, ClientUser | None, _Told], None]] = {
    ClientAction.PASS_RESPONSE: ClientTransactions._pass_response,
    ClientAction.RESEND: ClientTransactions._resend,
    ClientAction.DOUBLE_E: ClientTransactions._double_e,
    ClientAction.RESTART_E: ClientTransactions._restart_e,
    ClientAction.START_K: ClientTransactions._start_k,
    ClientAction.INFORM_TIMEOUT: ClientTransactions._inform,
    ClientAction.INFORM_TRANSPORT: ClientTransactions._inform,
}
_STEPS = {
    state: {event: (after, tuple(_STEP_OF[action] for action in actions)) for event, (after, actions) in row.items()}
    for state, row in NON_INVITE_CLIENT.items()
}


def _waiting(transaction: ClientTransaction) -> bool:
    return transaction.state in _WAITING


def _has_via(request: Request) -> bool:
    """Tell whether a request is somebody else's: one of our own has no Via yet, nor an index to look it up in."""
    return any(KEYS[name] == "via" for name, _ in request.headers)
