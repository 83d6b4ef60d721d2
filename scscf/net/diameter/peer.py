"""One Diameter peer: the state machines of RFC 6733 §5.6 and RFC 3539 §3.4.1 at work on its connections."""

import logging
from typing import TYPE_CHECKING

from scscf.diameter import answers
from scscf.diameter.message import DiameterError, Message
from scscf.diameter.peer import OPEN, PEER, Action, Event, State, received, wins_election
from scscf.net.diameter.connection import DiameterConnection
from scscf.net.diameter.pending import Pending, Remote, Unreadable
from scscf.net.diameter.reconnection import Reconnection
from scscf.net.diameter.watchdog import PeerWatchdog
from scscf.timers import Deadline

if TYPE_CHECKING:
    from scscf.net.diameter.node import DiameterNode

log = logging.getLogger("scscf")

PATIENCE = 10.0
"""Seconds that connecting, a capabilities exchange or a disconnection may take."""
MAX_PENDING = 10_000
"""Requests without an answer; a further one goes to another peer."""


class DiameterPeer:
    """One peer, configured (`remote`) or one that has connected to us."""

    def __init__(self, node: "DiameterNode", remote: Remote | None, host: str = "") -> None:
        self.node = node
        self.remote = remote
        self.host = host
        """Origin-Host, lower case; empty until it is known."""
        self.realm = ""
        self.state = State.CLOSED
        self.pending: dict[int, Pending] = {}
        self.why = "not tried yet"
        """Why there is no connection."""
        self._initiated: DiameterConnection | None = None
        self._responded: DiameterConnection | None = None
        self._cer: Message | None = None
        self._timer: Deadline | None = None
        self._reconnection = Reconnection(node.shell, self.start)
        self.watchdog = PeerWatchdog(self, node.shell, node.watchdog_interval)
        self._stopping = False

    @property
    def usable(self) -> bool:
        """Whether requests may be sent to it now."""
        return self.state in OPEN and self.watchdog.is_okay and len(self.pending) < MAX_PENDING

    @property
    def connection(self) -> DiameterConnection | None:
        """The connection that is in use."""
        if self.state is State.R_OPEN:
            return self._responded
        return self._initiated if self.state is State.I_OPEN else None

    def start(self) -> None:
        """Connect, unless it is connected or is being connected."""
        self._reconnection.cancel()
        if not self._stopping and self.state is State.CLOSED and not self.node.is_connected(self.host):
            self.event(Event.START)

    def stop(self) -> None:
        """Take leave."""
        self._stopping = True
        self._reconnection.cancel()
        self.event(Event.STOP)

    def leave(self) -> None:
        """Take leave on this connection: there is another one with the same peer."""
        self.event(Event.STOP)

    def cut(self) -> None:
        """Close the connection at once, without a word."""
        for connection in (self._initiated, self._responded):
            if connection is not None:
                connection.close(at_once=True)
                self.disconnected(connection, "cut")

    def accept(self, connection: DiameterConnection, cer: Message) -> None:
        """Take a connection on which this peer has sent a CER."""
        self.event(Event.R_CONN_CER, connection, cer)

    def ask(self, message: Message, pending: Pending) -> None:
        """Send a request whose answer is waited for."""
        self.pending[message.hop_by_hop] = pending
        self.event(Event.SEND_MESSAGE, None, message)

    def send_watchdog(self) -> None:
        """Send a DWR (Watched)."""
        if self.connection is not None:
            request = answers.watchdog_request(self.node.identity)
            self.node.number(request)
            self.connection.send(request)

    def watchdog_failed(self) -> None:
        """Close the connection: the peer answers no watchdogs (Watched)."""
        if self.state in OPEN:
            self.why = "it does not answer watchdogs"
            self.event(Event.TIMEOUT)

    def fail_over(self) -> None:
        """Have other peers answer what this one has not (Watched)."""
        self.node.fail_over(self)

    def event(self, event: Event, connection: DiameterConnection | None = None, message: Message | None = None) -> None:
        """Do what RFC 6733 §5.6 says of an event."""
        before = self.state
        self.state, actions = PEER[before][event]
        after = self.state
        for action in actions:
            self._do(action, connection, message)
        # An action may itself be an event (an election is won at once): that one has said what changed.
        if self.state is after and (after is not before or after not in OPEN):
            self._changed(before)

    def connected(self, connection: DiameterConnection) -> None:
        """Our connection is there (StreamUser)."""
        self.event(Event.I_RCV_CONN_ACK, connection)

    def not_connected(self, connection: DiameterConnection, detail: str) -> None:
        """Our connection could not be made (StreamUser)."""
        self.why = detail
        if connection is self._initiated:
            self._initiated = None
            self.event(Event.I_RCV_CONN_NACK)

    def disconnected(self, connection: DiameterConnection, detail: str) -> None:
        """A connection is gone (StreamUser)."""
        self.why = detail
        if connection is self._initiated:
            self.event(Event.I_PEER_DISC, connection)
        elif connection is self._responded:
            self.event(Event.R_PEER_DISC, connection)

    def malformed(self, connection: DiameterConnection, error: DiameterError) -> None:
        """Something came that cannot be used (StreamUser): a request is refused, an answer fails its question."""
        self.node.counters["malformed"] += 1
        refusal = answers.refusal_of(error, self.node.identity)
        if refusal is not None:
            connection.send(refusal)
        elif error.request is not None:
            pending = self._take(error.request.hop_by_hop)
            if pending is not None:
                pending.answer.fail(Unreadable(f"{self.host}: {error}"))

    def received(self, connection: DiameterConnection, message: Message) -> None:
        """A message came (StreamUser)."""
        initiated = connection is self._initiated
        if message.command == "Capabilities-Exchange":
            self._capabilities(connection, message, initiated)
            return
        event = received(message, self.state, initiated=initiated)
        if event in (Event.I_RCV_DPR, Event.R_RCV_DPR) and message.get("Disconnect-Cause") != answers.REBOOTING:
            self._reconnection.unwanted()
        self.event(event, connection, message)

    def _capabilities(self, connection: DiameterConnection, message: Message, initiated: bool) -> None:
        if message.is_request:
            # A CER on an open connection may update capabilities (RFC 6733 §5.3); ours do not change.
            connection.send(answers.capabilities_answer(message, self.node.identity))
            return
        why = answers.why_unusable(message, self.node.identity)
        if initiated and why is None:
            self.event(Event.I_RCV_CEA, connection, message)
        else:
            self.why = why or "a capabilities answer came that was not asked for"
            self.event(Event.I_RCV_NON_CEA, connection, message)

    def _do(self, action: Action, connection: DiameterConnection | None, message: Message | None) -> None:
        identity = self.node.identity
        if action is Action.I_SND_MESSAGE and self._initiated is not None and message is not None:
            self._initiated.send(message)
        elif action is Action.R_SND_MESSAGE and self._responded is not None and message is not None:
            self._responded.send(message)
        elif action is Action.PROCESS and message is not None and connection is not None:
            self._process(connection, message)
        elif action is Action.I_SND_CONN_REQ:
            self._connect()
        elif action is Action.I_SND_CER and self._initiated is not None:
            request = answers.capabilities_request(identity)
            self.node.number(request)
            self._initiated.send(request)
        elif action is Action.R_ACCEPT and connection is not None:
            self._responded, connection.user = connection, self
        elif action is Action.R_REJECT and connection is not None and message is not None:
            connection.send(answers.refusal(message, identity, answers.UNABLE_TO_DELIVER, "connected already"))
            connection.close()
        elif action in (Action.PROCESS_CER, Action.PROCESS_CEA) and message is not None:
            self._cer = message
            self.host, self.realm = message.get("Origin-Host", "").lower(), message.get("Origin-Realm", "").lower()
        elif action is Action.R_SND_CEA and self._responded is not None and self._cer is not None:
            self._responded.send(answers.capabilities_answer(self._cer, identity))
        elif action is Action.ELECT:
            if wins_election(identity.host, self.host):
                self.event(Event.WIN_ELECTION)
        elif action in (Action.I_DISC, Action.R_DISC):
            self._close(initiated=action is Action.I_DISC)
        elif action in (Action.CLEANUP, Action.ERROR):
            self._close(initiated=True, at_once=True)
            self._close(initiated=False, at_once=True)
        elif action in (Action.I_SND_DWA, Action.R_SND_DWA, Action.I_SND_DPA, Action.R_SND_DPA):
            if connection is not None and message is not None:
                connection.send(answers.success(message, identity))
        elif action is Action.PROCESS_DWR:
            self.watchdog.heard()
        elif action is Action.PROCESS_DWA:
            self.watchdog.answered()
        elif action in (Action.I_SND_DPR, Action.R_SND_DPR):
            used = self._initiated if action is Action.I_SND_DPR else self._responded
            if used is not None:
                request = answers.disconnect_request(identity)
                self.node.number(request)
                used.send(request)

    def _process(self, connection: DiameterConnection, message: Message) -> None:
        self.watchdog.heard()
        if message.is_request:
            self.node.serve(self, connection, message)
            return
        pending = self._take(message.hop_by_hop)
        if pending is None:
            self.node.counters["answers to nothing"] += 1
        else:
            pending.answer.keep(message)

    def _take(self, hop_by_hop: int) -> Pending | None:
        pending = self.pending.pop(hop_by_hop, None)
        if pending is not None:
            self.node.shell.wire.cancel(pending.deadline)
        return pending

    def _connect(self) -> None:
        if self.remote is not None:
            self.why = "connecting"
            self._initiated = self.node.connection_to(self, self.remote)
            self.node.connect(self._initiated, self.remote)

    def _close(self, *, initiated: bool, at_once: bool = False) -> None:
        connection = self._initiated if initiated else self._responded
        if connection is not None:
            connection.close(at_once=at_once)
        if initiated:
            self._initiated = None
        else:
            self._responded = None

    def _changed(self, before: State) -> None:
        """Set the timers that the new state needs, and have the watchdog know of it."""
        wire = self.node.shell.wire
        now = self.node.shell.reactor.seconds()
        if self._timer is not None:
            wire.cancel(self._timer)
            self._timer = None
        if self.state not in OPEN and self.state is not State.CLOSED:
            self._timer = wire.at(now + PATIENCE, lambda _now: self._out_of_patience())
        if self.state in OPEN and before not in OPEN:
            self.why = ""
            self._reconnection.connected()
            self.watchdog.connection_up()
            log.info("Diameter: %s is connected", self.host)
            self.node.peer_open(self)
        elif before in OPEN and self.state not in OPEN:
            self.watchdog.connection_down()
            log.warning("Diameter: %s is not connected any more: %s", self.host, self.why or "it took leave")
        if self.state is State.CLOSED:
            self.watchdog.stop()
            self.node.fail_over(self)
            if self.remote is None or self._stopping:
                self.node.peer_gone(self)
            else:
                if before not in OPEN and not self._reconnection.tried:
                    place = f"{self.remote.host}:{self.remote.port}"
                    log.warning("Diameter: no connection to %s: %s; it is tried again and again", place, self.why)
                self._reconnection.put_off()

    def _out_of_patience(self) -> None:
        self._timer = None
        self.why = f"nothing came in {PATIENCE:g} s"
        self.event(Event.TIMEOUT)
