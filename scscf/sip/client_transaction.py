"""Client transactions: requests of ours, sent until they are answered (RFC 3261 §17.1.2)."""

from collections import Counter
from collections.abc import Callable

from scscf.errors import SipError
from scscf.identifiers import Identifiers
from scscf.sip.delay_line import DelayLine
from scscf.sip.message import Request, Response
from scscf.sip.outbox import ClientUser, Failure, Flow, Outbox
from scscf.sip.transaction import NON_INVITE_CLIENT, ClientAction, ClientInput, ClientState, TimerValues
from scscf.timers import Deadline, Deadlines

_WAITING = (ClientState.TRYING, ClientState.PROCEEDING)


class ClientTransaction:
    """One request of ours on its way over one flow."""

    __slots__ = ("data", "deadline", "flow", "interval", "key", "sent_by", "state", "user")

    def __init__(
        self, key: str, data: bytes, flow: Flow, sent_by: tuple[str, int], user: ClientUser, interval: float
    ) -> None:
        self.key = key
        self.data = data
        self.flow = flow
        self.sent_by = sent_by
        self.user: ClientUser | None = user
        self.interval = interval
        """Seconds until the next Timer E."""
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
        self.now = 0.0
        self.counters = counters
        self._timers = timers
        self._deadlines = deadlines
        self._outbox = outbox
        self._identifiers = identifiers
        self._clock = clock
        self._max_open = max_open
        self._transactions: dict[str, ClientTransaction] = {}
        self._by_flow: dict[Flow, dict[str, ClientTransaction]] = {}
        self._first_e: DelayLine[ClientTransaction] = DelayLine(deadlines, timers.t1, self._timer_e, _waiting)
        self._timer_f: DelayLine[ClientTransaction] = DelayLine(
            deadlines, timers.timeout, lambda transaction, now: self._take(transaction, ClientInput.TIMER_F), _waiting
        )
        self._timer_k: DelayLine[ClientTransaction] = DelayLine(
            deadlines, timers.t4, lambda transaction, now: self._take(transaction, ClientInput.TIMER_K), slack=1.0
        )

    def __len__(self) -> int:
        """Return how many transactions there are, those that absorb retransmissions included."""
        return len(self._transactions)

    def start(
        self, request: Request, flow: Flow, sent_by: tuple[str, int], user: ClientUser, plain: bytes | None = None
    ) -> None:
        """Send `request` over `flow` under a Via of its own with this sent-by (host, port); `request` is not changed.

        `plain` is `request.to_bytes()` where the caller has it.
        """
        if len(self._transactions) >= self._max_open:
            user.on_failure(Failure("transport", "too many requests without an answer"), self._clock())
            return
        branch = self._identifiers.branch()
        host, port = sent_by
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        via = f"Via: SIP/2.0/{flow.transport.upper()} {place};branch={branch};rport\r\n"
        plain = plain or request.to_bytes()
        start_line = plain.index(b"\r\n") + 2
        data = plain[:start_line] + via.encode() + plain[start_line:]
        key = f"{branch} {request.method}"
        transaction = ClientTransaction(key, data, flow, sent_by, user, self._timers.t1)
        self._transactions[key] = transaction
        of_flow = self._by_flow.get(flow)
        if of_flow is None:
            self._by_flow[flow] = {key: transaction}
        else:
            of_flow[key] = transaction
        self._outbox.transmit(data, flow)
        self._timer_f.put(transaction, self.now)
        if not flow.connection:
            self._first_e.put(transaction, self.now)

    def receive(self, response: Response) -> None:
        """Take a response from the network; one that nobody waits for is dropped and counted (RFC 3261 §18.1.2)."""
        try:
            vias = response.vias
            key = f"{vias[0].branch} {response.cseq.method}"
        except SipError:
            self.counters["malformed responses"] += 1
            return
        transaction = self._transactions.get(key)
        if transaction is None or len(vias) > 1 or not _is_ours(vias[0].host, vias[0].port, transaction.sent_by):
            self.counters["stray responses"] += 1
            return
        self._take(transaction, ClientInput.FINAL if response.status >= 200 else ClientInput.PROVISIONAL, response)

    def transport_failed(self, flow: Flow, detail: str) -> None:
        """Tell the users of everything unanswered on `flow` that it failed."""
        for transaction in list(self._by_flow.get(flow, {}).values()):
            self._take(transaction, ClientInput.TRANSPORT_ERROR, detail=detail)

    def clear(self) -> None:
        """Forget every transaction and timer; nobody is told."""
        for transaction in self._transactions.values():
            if transaction.deadline is not None:
                self._deadlines.cancel(transaction.deadline)
        for line in (self._first_e, self._timer_f, self._timer_k):
            line.clear()
        self._transactions.clear()
        self._by_flow.clear()

    def _timer_e(self, transaction: ClientTransaction, now: float) -> None:
        transaction.deadline = None
        self._take(transaction, ClientInput.TIMER_E)

    def _take(
        self, transaction: ClientTransaction, event: ClientInput, response: Response | None = None, detail: str = ""
    ) -> None:
        transaction.state, actions = NON_INVITE_CLIENT[transaction.state][event]
        user = transaction.user
        if transaction.state not in _WAITING:
            self._leave(transaction)
        for action in actions:
            if action is ClientAction.PASS_RESPONSE:
                if user is not None and response is not None:
                    user.on_response(response, self._clock())
            elif action is ClientAction.RESEND:
                self.counters["requests sent again"] += 1
                self._outbox.transmit(transaction.data, transaction.flow)
            elif action is ClientAction.DOUBLE_E:
                self._restart_e(transaction, min(2 * transaction.interval, self._timers.t2))
            elif action is ClientAction.RESTART_E:
                self._restart_e(transaction, self._timers.t2)
            elif action is ClientAction.INFORM_TIMEOUT:
                if user is not None:
                    user.on_failure(Failure("timeout", "no answer within 64*T1"), self._clock())
            elif action is ClientAction.INFORM_TRANSPORT and user is not None:
                user.on_failure(Failure("transport", detail), self._clock())

    def _restart_e(self, transaction: ClientTransaction, interval: float) -> None:
        transaction.interval = interval
        transaction.deadline = self._deadlines.at(self.now + interval, lambda now: self._timer_e(transaction, now))

    def _leave(self, transaction: ClientTransaction) -> None:
        """Let go of what only a waiting transaction needs; over UDP it stays in Completed until Timer K."""
        if transaction.user is None:
            if transaction.state is ClientState.TERMINATED:
                self._transactions.pop(transaction.key, None)
            return
        transaction.user = None
        transaction.data = b""
        if transaction.deadline is not None:
            self._deadlines.cancel(transaction.deadline)
            transaction.deadline = None
        of_flow = self._by_flow.get(transaction.flow)
        if of_flow is not None:
            of_flow.pop(transaction.key, None)
            if not of_flow:
                del self._by_flow[transaction.flow]
        if transaction.state is ClientState.COMPLETED and not transaction.flow.connection:
            self._timer_k.put(transaction, self.now)
        else:
            self._transactions.pop(transaction.key, None)


def _waiting(transaction: ClientTransaction) -> bool:
    return transaction.state in _WAITING


def _is_ours(host: str, port: int | None, sent_by: tuple[str, int]) -> bool:
    return host.strip("[]").lower() == sent_by[0].lower() and (port or 5060) == sent_by[1]
