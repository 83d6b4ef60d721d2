"""A notifier without a network: what it sends is in the outbox, and the test answers."""

from scscf.feed import Feed
from scscf.regevent.notifier import Notifier
from scscf.regevent.package import REG
from scscf.regevent.reginfo import Documents
from scscf.regevent.subscription import Policy, Subscription
from scscf.regevent.visibility import visible_identities
from scscf.registration.change import Change
from scscf.registration.command import Command
from scscf.registration.record import Record
from scscf.registration.update import update
from scscf.sip.dialog import Dialog
from scscf.sip.message import Request, make_request
from scscf.sip.outbox import Failure, Flow, Outbox, Send
from scscf.timers import Deadlines
from tests.builders import TOBIAS

FLOW = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.9", 5070))


def subscribe_request(call_id: str = "sub@ue", **headers: str) -> Request:
    """Return the SUBSCRIBE that a dialog begins with."""
    fields = {
        "Via": "SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKs",
        "From": f"<{TOBIAS}>;tag=watcher",
        "To": f"<{TOBIAS}>",
        "Call-ID": call_id,
        "CSeq": "1 SUBSCRIBE",
        "Contact": "<sip:watcher@192.0.2.9:5070>",
        "Event": "reg",
    }
    return make_request("SUBSCRIBE", TOBIAS, list((fields | headers).items()))


class Watching:
    """A record, a notifier, and a clock that the test sets."""

    def __init__(self, record: Record | None = None) -> None:
        self.record = record
        self.now = 1000.0
        self.outbox = Outbox()
        self.deadlines = Deadlines()
        self.notifier = Notifier(self.outbox, self.deadlines, lambda: self.now, lambda: self.now, Feed())
        self.sent: list[Send] = []
        self.full: list[bool] = []
        """Whether each document that was taken is full."""
        self._serial = 0

    def watch(
        self,
        expires: float = 3600,
        documents: Documents = Documents.FULL,
        policy: Policy | None = None,
        aor: str = TOBIAS,
    ) -> Subscription:
        """Begin a subscription."""
        self._serial += 1
        request = subscribe_request(f"sub{self._serial}@ue")
        subscription = Subscription(
            f"s{self._serial}",
            aor,
            aor,
            REG,
            "reg",
            Dialog(request, "server", "<sip:192.0.2.1>", FLOW),
            self.now + expires,
            documents,
            visible_identities(aor, self.record),
            policy or Policy(),
        )
        self.notifier.add(subscription, self.record)
        return subscription

    def do(self, command: Command) -> Change:
        """Change the record and tell everybody."""
        change = update(self.record, command, self.now, {})
        self.record = change.record
        self.notifier.change(change)
        return change

    def pass_time(self, seconds: float) -> None:
        """Let time pass and fire what is due."""
        self.now += seconds
        self.deadlines.fire(self.now)

    def take(self) -> list[Request]:
        """Return the NOTIFYs that were sent since the last call, unanswered."""
        new = [item for item in self.outbox.take() if isinstance(item, Send)]
        self.sent += new
        self.full += [b'state="full"' in send.request.body for send in new]
        return [send.request for send in new]

    def answer(self, status: int | str = 200, index: int = -1, **headers: str) -> None:
        """Answer a NOTIFY that was sent: with a status, or with a failure."""
        self.take()
        send = self.sent.pop(index)
        if isinstance(status, str):
            send.user.on_failure(Failure(status, ""), self.now)
            return
        response = send.request.response(status, to_tag="w")
        response.headers += [(name.replace("_", "-"), value) for name, value in headers.items()]
        send.user.on_response(response, self.now)
