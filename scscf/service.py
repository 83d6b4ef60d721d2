"""The composition root: one S-CSCF out of a configuration, and the process that it runs in."""

import logging
import os
import random
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred

from hss_stub.control import HssApi
from hss_stub.control import HssCommands as StubCommands
from hss_stub.embedded import EmbeddedHss
from hss_stub.embedded_commands import EmbeddedCommands
from hss_stub.subscribers import Subscribers, demo_subscribers, load_subscribers
from hss_stub.vectors import Distortion
from scscf.config import Config
from scscf.cx import Cx
from scscf.identifiers import Identifiers
from scscf.net.cx_node import CxNode, Registered
from scscf.net.diameter import PeerView
from scscf.net.endpoint import Endpoint
from scscf.net.network import Network
from scscf.net.resolver import Dns, Resolver
from scscf.net.sending import Trace
from scscf.net.shell import Shell, Timekeeper
from scscf.procedures.assign import let_go, settle
from scscf.procedures.deregister import terminate
from scscf.procedures.expire import expire
from scscf.procedures.flow_lost import flow_lost
from scscf.procedures.hss_listener import HssCommands
from scscf.procedures.profile_update import change_profiles
from scscf.procedures.state import Node
from scscf.procedures.third_party_register import ThirdPartyRegister
from scscf.procedures.transaction_user import TransactionUser
from scscf.promise import Promise
from scscf.regevent.schema import problems_of
from scscf.registration.change import CauseKind
from scscf.rules.script import Script
from scscf.sip.outbox import Flow
from scscf.sip.transaction import TimerValues
from scscf.sip.transaction_layer import TransactionLayer
from scscf.trace import log_message, message_event, messages

log = logging.getLogger("scscf")


class Scscf:
    """One S-CSCF on a given reactor (or heap clock), network and source of randomness.

    Its HSS is the configured one over Diameter; without one the stub in this process, with `subscribers`.

    `random_bytes(n)` gives n octets; with the same ones, the same input gives the same output byte for byte.
    """

    def __init__(
        self,
        config: Config,
        subscribers: Subscribers | None,
        reactor: Timekeeper,
        network: Network,
        *,
        random_bytes: Callable[[int], bytes] = os.urandom,
        dns: Dns | None = None,
        epoch: float = 0.0,
        validate: bool = False,
    ) -> None:
        self.config = config
        self.observers: list[Trace] = []
        """Each is told of every SIP message: see `observe`."""
        self.shell = Shell(reactor, epoch)
        self.hss: EmbeddedHss | None = None
        self.cx: CxNode | None = None
        cx: Cx
        if config.diameter is None:
            cx = self.hss = EmbeddedHss(subscribers or subscribers_of(config), random_bytes)
        else:
            self.cx = CxNode(
                config.diameter,
                self.shell,
                network,
                random_bytes,
                server_name=lambda: self.node.server_name,
                users=Registered(lambda: self.node.store),
                hosts=config.hosts,
                dns=dns,
            )
            cx = self.cx.client
        identifiers = Identifiers(random_bytes)
        self.node = Node(
            config,
            cx,
            identifiers,
            self.shell.outbox,
            self.shell.service,
            self.shell.wire,
            self.shell.now,
            reactor.seconds,
            self.shell.perform,
        )
        self.node.expiries.due = lambda name, now: self._perform(expire(self.node, name))
        self.node.duties.settle = lambda duty: self._perform(settle(self.node, duty))
        self.node.unregistered.over = lambda served: self._perform(let_go(self.node, served))
        self.node.after_commit = ThirdPartyRegister(self.node).commit
        self.hss_commands = HssCommands(self.node)
        if self.cx is not None:
            self.cx.listen_to(self.hss_commands)
        self.hss_api: HssApi | None = None
        """The calls of the control API that are about the HSS stub in this process."""
        if self.hss is not None:
            self.hss.wait = self._wait
            told = EmbeddedCommands(
                self.hss, self.hss_commands, lambda: self.node.server_name, self.replace_subscribers
            )
            self.hss_api = HssApi(self.hss, StubCommands(told.replace, told.terminate, told.push))
        if validate:
            self.node.notifier.judge = _judge
        timers = config.timers
        self.layer = TransactionLayer(
            TimerValues(timers.t1, timers.t2, timers.t4),
            self.shell.wire,
            self.shell.outbox,
            identifiers,
            TransactionUser(self.node, self.shell.start),
        )
        lot = random.Random(random_bytes(8))  # noqa: S311  # the lot among SRV records is no secret
        resolver = Resolver(self.shell, config.hosts, dns, lot.random)
        self.endpoint = Endpoint(self.shell, self.layer, config.listen, network, resolver)
        self.script = Script(self.node, self.layer, self._distort if self.hss is not None else None)
        self.rules, self.quirks = self.script.rules, self.script.quirks
        for name in config.quirks:
            self.quirks.set(name)
        self.script.attach(self._let_in)
        self.node.feed.on_tracers = self._choose_trace
        self._choose_trace()

    def start(self) -> "Deferred[None]":
        """Bring every listener up; fails with InputError where one cannot be."""
        return self.endpoint.start().addCallback(self._started)

    def stop(self) -> "Deferred[None]":
        """Answer what waits, take leave of the HSS, close everything."""
        if self.cx is None:
            return self.endpoint.stop()
        return self.cx.diameter.stop().addCallback(lambda _: self.endpoint.stop())

    def replace_subscribers(self, subscribers: Subscribers) -> None:
        """Take another subscribers file, where the HSS is ours; who is no more in it is de-registered as rejected.

        Who is, with another profile, is served by that from now on, as a PPR would have it.
        """
        if self.hss is None:
            return
        for removal in self.hss.replace(subscribers):
            if not removal.public_identities:
                log.info("%s is no subscriber any more", removal.private_identity)
                self._perform(terminate(self.node, removal.private_identity, (), CauseKind.REMOVED_SUBSCRIBER))
        self._perform(change_profiles(self.node, subscribers.profile_of))

    async def _wait(self, seconds: float) -> None:
        """Wait for so many seconds of wire time."""
        over: Promise[None] = Promise()
        self.shell.wire.at(self.shell.reactor.seconds() + seconds, lambda _now: over.keep(None))
        await over

    def _let_in(self, door: Script | None) -> None:
        self.endpoint.door = door

    def _distort(self, private_identity: str, how: str | None) -> bool:
        """Make the next vector of a user with a USIM wrong, None: not any more; False where there is no such user."""
        distortion = None if how is None else Distortion(how)
        return self.hss is not None and self.hss.distort(private_identity, distortion)

    def hss_peers(self) -> list[PeerView] | None:
        """Return the HSSs over Diameter as they are shown; None: the HSS is the stub in this process."""
        return None if self.cx is None else self.cx.diameter.peers()

    def _started(self, _: object) -> None:
        node, endpoint = self.node, self.endpoint
        node.reached_at = endpoint.sent_by
        node.flow_alive = endpoint.flow_alive
        node.keep_alive = endpoint.keep_alive
        endpoint.on_flow_lost = self._flow_lost
        for listener in endpoint.listeners:
            node.own_hosts |= {listener.host, listener.sent_by[0]}
            node.own_ports |= {listener.port, listener.sent_by[1]}
        host, port = endpoint.listeners[0].sent_by
        name = self.config.server_name or f"sip:{f'[{host}]' if ':' in host else host}:{port}"
        node.server_name = name
        place = name.partition(":")[2].rpartition("@")[2].partition(";")[0]
        node.service_route = self.config.service_route or (f"<sip:orig@{place};lr>",)
        node.own_hosts.add(
            place.rpartition(":")[0].strip("[]") if ":" in place.rpartition("]")[2] else place.strip("[]")
        )
        if self.cx is not None:
            self.cx.diameter.start()

    def _flow_lost(self, flow: Flow) -> None:
        if flow in self.node.flows:
            self._perform(flow_lost(self.node, flow))

    def _perform(self, procedure: Any) -> None:
        self.shell.perform(procedure)

    def _choose_trace(self) -> None:
        """Look at every message only while somebody wants to: the log at debug, or a listener of the feed."""
        wanted = self.observers or self.node.feed.tracers or messages.isEnabledFor(logging.DEBUG)
        self.endpoint.trace = self._trace if wanted else None
        if self.cx is not None:
            self.cx.trace(self.node.feed.publish if self.node.feed.tracers else None)

    def observe(self, observer: Trace) -> None:
        """Tell `observer(direction, flow, data)` of every SIP message from now on, direction `in` or `out`."""
        self.observers.append(observer)
        self._choose_trace()

    def _trace(self, direction: str, flow: Flow, data: bytes) -> None:
        for observer in self.observers:
            observer(direction, flow, data)
        if messages.isEnabledFor(logging.DEBUG):
            log_message(direction, flow.transport, flow.local, flow.remote, data)
        if self.node.feed.tracers:
            self.node.feed.publish("message", message_event(direction, flow.transport, flow.local, flow.remote, data))


def _judge(document: bytes) -> None:
    for problem in problems_of(document):
        log.error("a document that is being sent is wrong: %s\n%s", problem, document.decode())


def subscribers_of(config: Config) -> Subscribers:
    """Return the configured subscribers, or the demo ones as users of the first domain. Raises InputError."""
    if config.subscribers is None:
        return demo_subscribers(config.domains[0].name)
    return load_subscribers(config.subscribers)
