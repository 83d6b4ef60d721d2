"""Rules and quirks put to the messages of one node, at its door and before its transaction user."""

from collections.abc import Callable
from functools import partial

from scscf.errors import SipError
from scscf.procedures.state import Node
from scscf.quirks import QUIRKS, Quirks
from scscf.quirks.notify import undo
from scscf.quirks.quirk import Ground
from scscf.regevent.notification import Notification
from scscf.rules.edits import copy_of, edit
from scscf.rules.facts import Facts, Reader
from scscf.rules.overtaking import Items, Late, Overtaking
from scscf.rules.rules import Rules
from scscf.rules.vectors import VectorRules, may_need_vector
from scscf.sip.changed_call import Change, ChangedCall
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Cancel, Flow, Send, Transmit
from scscf.sip.parser import Unparseable, parse_message
from scscf.sip.server_transactions import ServerTransactions, TransactionUser
from scscf.sip.transaction_layer import ServerTransaction, TransactionLayer

MOST_DELAYED = 10_000
"""Messages that are held back at a time; further ones go on at once."""


class Script:
    """What is scripted for one node. While that is nothing, no message comes here.

    `distort(private_identity, how)` makes the next vector wrong, with None not any more; it is None where the HSS is
    another one.
    """

    def __init__(
        self,
        node: Node,
        layer: TransactionLayer,
        distort: Callable[[str, str | None], bool] | None,
    ) -> None:
        self._node = node
        self._layer = layer
        self._distort = distort
        self._reader = Reader(node)
        self._user: TransactionUser = layer.servers.user
        self._place: Callable[[Script | None], None] = lambda door: None
        self._delayed = 0
        self._overtaking = Overtaking(node, self._leaves)
        self.rules = Rules(self._reader.canonical, self._update, has_vectors=distort is not None)
        self.quirks = Quirks(self._update)
        self.ground = Ground(self.quirks.memory, lambda: node.service_route, self._min_expires)

    def attach(self, place: Callable[["Script | None"], None]) -> None:
        """Have messages come by here as soon as there is something to do; `place` puts the door where they pass."""
        self._place = place
        self._update()

    def incoming(self, message: Request | Response, flow: Flow) -> bool:
        """Lose a message that came, or hold it back (Door)."""
        if not self.rules.kinds & {"drop", "delay"}:
            return True
        if isinstance(message, Request):
            facts = self._reader.received(message, flow)
        else:
            facts = self._reader.answered(message, flow, "in")
        return self._passes(facts, partial(self._layer.receive, message, flow))

    def outgoing(self, items: Items) -> tuple[Items, Items]:
        """Change, lose or hold back what leaves (Door)."""
        first = [item for item in items if isinstance(item, Send) and self._goes_first(item)]
        if first:
            items = self._overtaking.hold(items, first)
        leaving = [item for item in items if self._leaves(item)]
        return leaving, self._overtaking.released(leaving)

    def on_request(self, call: ServerTransaction) -> None:
        """Answer a new request as a rule says, or have it served (TransactionUser)."""
        request = call.request
        facts = self._reader.received(request, call.flow)
        rule = self.rules.first(("answer",), facts) if request.method != "ACK" else None
        if rule is not None and rule.keys.do.answer is not None:
            answer = rule.keys.do.answer
            response = request.response(answer.status, answer.reason, to_tag=self._node.identifiers.tag())
            response.headers += list(answer.headers.items())
            response.body = (answer.body or "").encode("utf-8", "surrogateescape")
            call.answer(response)
            return
        self.quirks.request(request, self.ground, self._quirks_of(facts, "on_request"))
        change: Change = partial(self._answered, facts)
        if "vector" in self.rules.kinds and self._distort is not None and may_need_vector(request, facts):
            change = partial(VectorRules(self.rules, facts, self._distort).answered, change)
        self._user.on_request(ChangedCall(call, change))

    def on_ack(self, request: Request, flow: Flow) -> None:
        """Take the ACK of a 2xx (TransactionUser)."""
        self._user.on_ack(request, flow)

    def _answered(self, facts: Facts, request: Request, response: Response) -> Response:
        """Return the response that a request gets in place of the right one."""
        facts = facts._replace(direction="out", status=response.status)
        edits = [rule.keys.do.edit or [] for rule in self.rules.every(("edit",), facts)]
        quirks = self._quirks_of(facts, "on_answer") if response.status >= 200 else ()
        if not edits and not quirks and not self.quirks.on:
            return response
        changed = copy_of(response)
        if response.status >= 200:
            self.quirks.answer(request, changed, self.ground, quirks)
        for each in edits:
            edit(changed, each)
        return changed

    def _leaves(self, item: Transmit | Send | Cancel) -> bool:
        if isinstance(item, Send):
            return self._sending(item)
        if type(item) is not Transmit or not self.rules.kinds & {"drop", "delay"}:
            return True
        try:
            message = parse_message(item.data)
        except Unparseable:
            return True
        facts = self._reader.departing(message, item.flow)
        return self._passes(facts, partial(self._node.outbox.items.append, Late(*item)))

    def _sending(self, send: Send) -> bool:
        """Change a request of ours; a NOTIFY that is not sent is taken for answered."""
        request = send.request
        facts = self._reader.sending(request, send.next_hop)
        edits = [rule.keys.do.edit or [] for rule in self.rules.every(("edit",), facts)]
        user = send.user
        quirks = self._quirks_of(facts, "on_notify") if isinstance(user, Notification) else ()
        if not edits and not quirks and not self.quirks.on:
            return True
        changed = copy_of(request)
        if isinstance(user, Notification) and not self.quirks.notify(changed, self.ground, quirks):
            undo(user)
            user.on_response(Response(200, "OK", []), self._node.now())
            return False
        for each in edits:
            edit(changed, each)
        send.request = changed
        return True

    def _quirks_of(self, facts: Facts, hook: str) -> tuple[str, ...]:
        """Return the quirks that rules have for a message, of those that have to do with such a one."""
        if "quirk" not in self.rules.kinds:
            return ()
        due = self.rules.every(("quirk",), facts, lambda rule: bool(getattr(QUIRKS[rule.keys.do.quirk or ""], hook)))
        return tuple(rule.keys.do.quirk or "" for rule in due)

    def _goes_first(self, item: Send) -> bool:
        """Tell whether a request is a NOTIFY that leaves before the answer that it follows from."""
        if not isinstance(item.user, Notification):
            return False
        if self.quirks.notify_first:
            return True
        return "quirk" in self.rules.kinds and bool(
            self._quirks_of(self._reader.sending(item.request, item.next_hop), "notify_first")
        )

    def _passes(self, facts: Facts, later: Callable[[], object]) -> bool:
        """Return whether a message goes on now; one that is held back goes on `later`."""
        rule = self.rules.first(("drop", "delay"), facts)
        if rule is None:
            return True
        seconds = rule.keys.do.delay
        if seconds is not None:
            if self._delayed >= MOST_DELAYED:
                return True
            self._delayed += 1
            self._node.wire_deadlines.at(self._node.wire_now() + seconds, lambda _now: self._go_on(later))
        return False

    def _go_on(self, later: Callable[[], object]) -> None:
        self._delayed -= 1
        later()

    def _min_expires(self, request: Request) -> int:
        try:
            domain = self._node.domain_of(request.to.uri.host) or self._node.domains[0]
        except SipError:
            domain = self._node.domains[0]
        return domain.limits.minimum if request.method == "REGISTER" else domain.config.reg_event.min_expires

    def _update(self) -> None:
        """Stand in the way of messages only while there is something to do."""
        needed = bool(len(self.rules) or self.quirks.on)
        servers: ServerTransactions = self._layer.servers
        servers.user = self if needed else self._user
        self._place(self if needed else None)
