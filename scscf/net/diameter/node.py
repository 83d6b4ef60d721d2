"""A Diameter node: its listeners, its peers, the requests that it sends and those that it serves (RFC 6733 §6)."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from twisted.internet.defer import Deferred

from scscf.config.listen import Listen
from scscf.diameter import answers
from scscf.diameter.check import check
from scscf.diameter.identity import Identity
from scscf.diameter.message import DiameterError, Message
from scscf.diameter.peer import State, wins_election
from scscf.net.diameter.connection import DiameterConnection, Trace
from scscf.net.diameter.dialer import Dialer
from scscf.net.diameter.peer import DiameterPeer
from scscf.net.diameter.peer_table import PeerTable, PeerView
from scscf.net.diameter.pending import Pending, Remote, Unanswered, Unreachable
from scscf.net.diameter.strangers import Strangers
from scscf.net.network import Network, StreamListener
from scscf.net.resolver import Dns
from scscf.net.shell import Shell
from scscf.promise import Promise

Serve = Callable[[Message, Callable[[Message], None]], None]
"""Is called with a request and with what sends its answer, once, now or later."""

MAX_CONNECTIONS = 1000
_LINGER = 2.0


class DiameterNode:
    """One node. `serve` gets every request of an application; `random()` is in [0, 1), for jitter and first numbers.

    `watchdog` is Tw of RFC 3539, `timeout` how long an answer may take: seconds.
    """

    def __init__(
        self,
        shell: Shell,
        network: Network,
        identity: Identity,
        remotes: Sequence[Remote],
        listen: Sequence[Listen],
        serve: Serve,
        random: Callable[[], float],
        *,
        timeout: float = 5.0,
        watchdog: float = 30.0,
        hosts: Mapping[str, str] | None = None,
        dns: Dns | None = None,
    ) -> None:
        self.shell = shell
        self.identity = identity
        self.counters: Counter[str] = Counter()
        self.trace: Trace | None = None
        self.listeners: list[StreamListener] = []
        self._network = network
        self._listen = listen
        self._serve = serve
        self._random = random
        self._timeout = timeout
        self._watchdog = watchdog
        self._dialer = Dialer(shell, network, hosts or {}, dns)
        self._table = PeerTable([DiameterPeer(self, remote) for remote in remotes])
        self._strangers = Strangers(shell, identity, self._welcome, self._full)
        self._hop_by_hop = int(random() * 0xFFFFFFFF)
        self._end_to_end = int(random() * 0xFFFFFFFF)
        self._stopped: Deferred[None] | None = None

    def start(self) -> None:
        """Listen, and connect to every peer. Raises InputError where a listener cannot be had."""
        for listen in self._listen:
            self.listeners.append(self._network.streams(listen, partial(self._accept, listen)))
        for peer in self._table.configured:
            self.shell.run(peer.start)

    def stop(self) -> "Deferred[None]":
        """Take leave of every peer; fires when all have answered, or after two seconds."""
        done: Deferred[None] = Deferred()
        self._stopped = done
        for listener in self.listeners:
            listener.close()
        self._strangers.close()
        for peer in self._table:
            self.shell.run(peer.stop)
        if self._over():
            self.shell.run(self._end)
        else:
            linger = self.shell.reactor.callLater(_LINGER, self._end)
            done.addBoth(lambda _: linger.cancel() if linger.active() else None)
        return done

    async def ask(self, message: Message, within: float | None = None) -> Message:
        """Send a request and return its answer; it has `within` seconds, by default the node's `timeout`.

        Raises Unreachable, Unanswered (Unreadable for an answer that is none).
        """
        peer = self._table.choose(message)
        if peer is None:
            raise Unreachable(self._table.why_nobody())
        self.number(message)
        answer: Promise[Message] = Promise()
        until = self.shell.reactor.seconds() + (self._timeout if within is None else within)
        deadline = self.shell.wire.at(until, lambda _now: self._timed_out(message, answer))
        peer.ask(message, Pending(message, answer, deadline))
        return await answer

    def number(self, message: Message) -> None:
        """Give a request its Hop-by-Hop and End-to-End identifiers (RFC 6733 §3)."""
        self._hop_by_hop = (self._hop_by_hop + 1) & 0xFFFFFFFF
        self._end_to_end = (self._end_to_end + 1) & 0xFFFFFFFF
        message.hop_by_hop, message.end_to_end = self._hop_by_hop, self._end_to_end

    def peers(self) -> list[PeerView]:
        """Return every peer, the configured ones first."""
        return self._table.views()

    def is_up(self) -> bool:
        """Tell whether there is a peer to ask."""
        return any(peer.usable for peer in self._table)

    def is_connected(self, host: str) -> bool:
        """Tell whether a peer of that Origin-Host has connected to us."""
        return self._table.has_accepted(host)

    def realm_of(self, host: str | None) -> str | None:
        """Return the realm of a peer that is connected."""
        wanted = host.lower() if host is not None else None
        return next((peer.realm for peer in self._table if peer.connection is not None and peer.host == wanted), None)

    def disconnect(self, host: str | None = None) -> int:
        """Cut the connections of a peer (None: of all) without a word; return how many there were."""
        cut = [peer for peer in self._table if peer.connection is not None and host in (None, peer.host)]
        for peer in cut:
            self.shell.run(peer.cut)
        return len(cut)

    def watchdog_interval(self) -> float:
        """Return the seconds until the next look at a peer: Tw with up to 2 s of jitter (RFC 3539 §3.4.1)."""
        return self._watchdog + (self._random() * 4 - 2) * min(1.0, self._watchdog / 6)

    def connection_to(self, peer: DiameterPeer, remote: Remote) -> DiameterConnection:
        """Return a connection to a peer that is not begun yet."""
        return DiameterConnection(self.shell, remote.transport, peer, initiated=True, trace=self._traced)

    def connect(self, connection: DiameterConnection, remote: Remote) -> None:
        """Begin a connection to a peer, whose name may have to be looked up first."""
        self._dialer.dial(connection, remote)

    def serve(self, peer: DiameterPeer, connection: DiameterConnection, message: Message) -> None:
        """Serve a request of an application: is it for us, is it whole, and what does the application say of it?"""
        refused = answers.undeliverable(message, self.identity)
        if refused is not None:
            connection.send(refused)
            return
        try:
            check(message)
            self._serve(message, lambda answer: self._answer(connection, answer))
        except DiameterError as error:
            answer = answers.refusal_of(error, self.identity)
            if answer is not None:
                connection.send(answer)
        except Exception:
            self.shell.bug("in a Diameter request")
            connection.send(answers.refusal(message, self.identity, 5012))

    def fail_over(self, peer: DiameterPeer) -> None:
        """Send what a peer has not answered to another one; without another one it stays unanswered."""
        waiting, peer.pending = peer.pending, {}
        for pending in waiting.values():
            other = self._table.choose(pending.message, peer)
            if other is None:
                if peer.state is State.CLOSED:
                    self.shell.wire.cancel(pending.deadline)
                    pending.answer.fail(Unanswered(f"{peer.host} is gone: {peer.why}"))
                else:
                    peer.pending[pending.message.hop_by_hop] = pending
                continue
            self.counters["failed over"] += 1
            message = pending.message
            end_to_end = message.end_to_end
            self.number(message)
            message.end_to_end = end_to_end
            message.is_retransmitted = True
            other.ask(message, pending)

    def peer_open(self, peer: DiameterPeer) -> None:
        """Hear that a peer is connected.

        Two that connected to each other by address find out only now that they are the same two: of their connections
        the one stays that the election of RFC 6733 §5.6.4 would have chosen. Connections that are all our own stay:
        instances of one host at several addresses may have one each (RFC 6733 §2.1).
        """
        both = [each for each in self._table if each.host == peer.host and each.connection is not None]
        accepted = any(each.state is State.R_OPEN for each in both)
        if accepted and wins_election(self.identity.host, peer.host):
            for each in both:
                if each.state is State.I_OPEN:
                    each.leave()

    def peer_gone(self, peer: DiameterPeer) -> None:
        """Forget a peer that had connected to us, or that we do not connect to any more."""
        self._table.forget(peer)
        for configured in self._table.configured:
            if configured.host == peer.host and configured is not peer:
                configured.start()
        if self._stopped is not None and self._over():
            self._end()

    def _welcome(self, host: str, connection: DiameterConnection, message: Message) -> None:
        """Take a connection of a peer that has said who it is."""
        peer = self._table.named(host)
        if peer is None:
            peer = self._table.accepted[host] = DiameterPeer(self, None, host)
        peer.accept(connection, message)

    def _full(self) -> bool:
        return len(self._strangers) + len(self._table.accepted) >= MAX_CONNECTIONS or self._stopped is not None

    def _accept(self, listen: Listen) -> DiameterConnection:
        return DiameterConnection(self.shell, listen.transport, self._strangers, initiated=False, trace=self._traced)

    def _traced(
        self, direction: str, transport: str, local: tuple[str, int], remote: tuple[str, int], data: bytes
    ) -> None:
        if self.trace is not None:
            self.trace(direction, transport, local, remote, data)

    def _answer(self, connection: DiameterConnection, answer: Message) -> None:
        with self.shell.turn():
            connection.send(answer)

    def _timed_out(self, message: Message, answer: Promise[Message]) -> None:
        for peer in self._table:
            pending = peer.pending.get(message.hop_by_hop)
            if pending is not None and pending.answer is answer:
                del peer.pending[message.hop_by_hop]
        self.counters["timeouts"] += 1
        answer.fail(Unanswered(f"no answer to {message.command}"))

    def _over(self) -> bool:
        return all(peer.state is State.CLOSED for peer in self._table)

    def _end(self) -> None:
        done = self._stopped
        for peer in self._table:
            if peer.state is not State.CLOSED:
                peer.cut()
        if done is not None and not done.called:
            done.callback(None)
