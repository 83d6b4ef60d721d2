"""The composition root: one S-CSCF out of a configuration, and the process that it runs in."""

import logging
import os
import random
from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred

from hss_stub.control import HssApi
from hss_stub.control import HssCommands as StubCommands
from hss_stub.embedded import EmbeddedHss
from hss_stub.embedded_commands import EmbeddedCommands
from hss_stub.subscribers import Subscribers, demo_subscribers, load_subscribers
from hss_stub.vectors import Distortion
from scscf.config import Config, Diameter
from scscf.config.listen import host_of_uri, hostport
from scscf.control.measures import Measures
from scscf.cx import COMMAND_OF, Cx
from scscf.diameter.identity import Identity
from scscf.identifiers import Identifiers
from scscf.messages.internal_cx import Exchanges, ShownCx, ShownListener
from scscf.metrics.times import Tally
from scscf.net.cx_node import CxNode, Registered
from scscf.net.diameter import PeerView
from scscf.net.endpoint import Endpoint
from scscf.net.network import Network
from scscf.net.resolver import Dns, Resolver
from scscf.net.shell import Shell, Timekeeper
from scscf.observation import Observation
from scscf.procedures.assign import let_go, settle
from scscf.procedures.authenticate import challenge_anew
from scscf.procedures.deregister import terminate
from scscf.procedures.endpoint_call import seal_like
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
        self.shell = Shell(reactor, epoch)
        self.hss: EmbeddedHss | None = None
        """The HSS stub in this process; None: the HSS is another one."""
        self.cx: CxNode | None = None
        """Cx over Diameter; None: the HSS is in this process."""
        self.cx_times = Tally(COMMAND_OF.values())
        """Results of Cx commands with the seconds that they took, of our own and of the HSS's."""
        self.exchanges = Exchanges(*_ends(config), lambda: self.node.server_name)
        """Cx with the HSS in this process."""
        identifiers = Identifiers(random_bytes)
        if config.diameter is None:
            cx: Cx = self._within(subscribers or subscribers_of(config), random_bytes)
        else:
            cx = self._over_diameter(config.diameter, network, random_bytes, dns)
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
        self.observation = Observation(config, self.shell, self.node.feed, self.node.messages)
        self.observe = self.observation.observe
        self.third_party = ThirdPartyRegister(self.node)
        self.hss_commands = HssCommands(self.node)
        self.hss_commands.times = self.cx_times
        self._attach(validate=validate)
        self.hss_api = None if self.hss is None else self._hss_api(self.hss)
        """The calls of the control API that are about the HSS stub in this process."""
        timers = config.timers
        self.layer = TransactionLayer(
            TimerValues(timers.t1, timers.t2, timers.t4),
            self.shell.wire,
            self.shell.outbox,
            identifiers,
            TransactionUser(self.node, self.shell.start),
        )
        self.layer.servers.clock = reactor.seconds
        if self.node.associations is not None:
            self.layer.clients.seal = partial(seal_like, self.node)
        lot = random.Random(random_bytes(8))  # noqa: S311  # the lot among SRV records is no secret
        resolver = Resolver(self.shell, config.hosts, dns, lot.random)
        self.endpoint = Endpoint(self.shell, self.layer, config.listen, network, resolver)
        self.script = Script(self.node, self.layer, self._distort if self.hss is not None else None)
        self.rules, self.quirks = self.script.rules, self.script.quirks
        for name in config.quirks:
            self.quirks.set(name)
        self.script.attach(self._let_in)
        self.measures = self._measures()
        self.observation.changed = self._choose_trace
        self._choose_trace()

    def _within(self, subscribers: Subscribers, random_bytes: Callable[[int], bytes]) -> Cx:
        """Have the HSS in this process; return what asks it."""
        self.hss = EmbeddedHss(subscribers, random_bytes)
        self.hss.times, self.hss.clock = self.cx_times, self.shell.reactor.seconds
        self.hss.wait = self._wait
        return ShownCx(self.hss, self.exchanges, self.hss.faults)

    def _over_diameter(
        self, config: Diameter, network: Network, random_bytes: Callable[[int], bytes], dns: Dns | None
    ) -> Cx:
        """Have the HSS behind Diameter; return what asks it."""
        self.cx = CxNode(
            config,
            self.shell,
            network,
            random_bytes,
            server_name=lambda: self.node.server_name,
            users=Registered(lambda: self.node.store),
            hosts=self.config.hosts,
            dns=dns,
        )
        self.cx.client.times, self.cx.client.clock = self.cx_times, self.shell.reactor.seconds
        return self.cx.client

    def _attach(self, *, validate: bool) -> None:
        """Have done what the node says is due, and what its HSS says unasked."""
        node = self.node
        node.expiries.due = lambda name, now: self._perform(expire(node, name))
        node.duties.settle = lambda duty: self._perform(settle(node, duty))
        node.unregistered.over = lambda served: self._perform(let_go(node, served))
        node.after_commit = self.third_party.commit
        if self.cx is not None:
            self.cx.listen_to(self.hss_commands)
        if validate:
            node.notifier.judge = _judge

    def _hss_api(self, hss: EmbeddedHss) -> HssApi:
        told = EmbeddedCommands(
            hss,
            ShownListener(self.hss_commands, self.exchanges),
            lambda: self.node.server_name,
            self.replace_subscribers,
        )
        return HssApi(hss, StubCommands(told.replace, told.terminate, told.push))

    def start(self) -> "Deferred[None]":
        """Bring every listener up; fails with InputError where one cannot be."""
        return self.endpoint.start().addCallback(self._started)

    def stop(self) -> "Deferred[None]":
        """Answer what waits, take leave of the HSS, close everything."""
        stopped: Deferred[None]
        if self.cx is None:
            stopped = self.endpoint.stop()
        else:
            stopped = self.cx.diameter.stop().addCallback(lambda _: self.endpoint.stop())
        return stopped.addBoth(self._stopped)

    def _stopped(self, outcome: Any) -> Any:
        self.observation.close()
        return outcome

    def replace_subscribers(self, subscribers: Subscribers) -> None:
        """Take another subscribers file, where the HSS is ours; who is no more in it is de-registered as rejected.

        Who is, with another profile, is served by that from now on, and who has another password is challenged by their
        next request, as a PPR would have it.
        """
        if self.hss is None:
            return
        rekeyed = self.hss.rekeyed_in(subscribers)
        for removal in self.hss.replace(subscribers):
            if not removal.public_identities:
                log.info("%s is no subscriber any more", removal.private_identity)
                self._perform(terminate(self.node, removal.private_identity, (), CauseKind.REMOVED_SUBSCRIBER))
        for private_identity in rekeyed:
            challenge_anew(self.node, private_identity)
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

    def _measures(self) -> Measures:
        """Return what reads the numbers of this S-CSCF."""
        measures = Measures(self.node, self.shell, self.endpoint, self.script, self.cx_times)
        measures.to_servers = lambda: self.third_party.queues.waiting
        measures.hep = lambda: self.observation.homer.counters if self.observation.homer is not None else None
        if self.cx is not None:
            diameter = self.cx.diameter
            measures.hss_up, measures.diameter_events = diameter.is_up, lambda: diameter.counters
        return measures

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
        name = self.config.server_name or f"sip:{hostport(*endpoint.listeners[0].sent_by)}"
        node.server_name = name
        place = name.partition(":")[2].rpartition("@")[2].partition(";")[0]
        node.service_route = self.config.service_route or (f"<sip:orig@{place};lr>",)
        node.own_hosts.add(host_of_uri(name))
        if self.cx is not None:
            self.cx.diameter.start()

    def _flow_lost(self, flow: Flow) -> None:
        if flow in self.node.flows:
            self._perform(flow_lost(self.node, flow))

    def _perform(self, procedure: Any) -> None:
        self.shell.perform(procedure)

    def _choose_trace(self) -> None:
        """Look at every message only while somebody wants to."""
        self.endpoint.trace = self.observation.sip
        self.exchanges.tell = self.observation.internal
        self.exchanges.tell_both = self.observation.exchange
        if self.cx is not None:
            self.cx.trace(self.observation.cx)


def _judge(document: bytes) -> None:
    for problem in problems_of(document):
        log.error("a document that is being sent is wrong: %s\n%s", problem, document.decode())


def _ends(config: Config) -> tuple[Identity, Identity]:
    """Return how this S-CSCF and the HSS in its process would name themselves."""
    home = config.domains[0].name
    return Identity(f"scscf.{home}", home), Identity(f"hss.{home}", home)


def subscribers_of(config: Config) -> Subscribers:
    """Return the configured subscribers, or the demo ones as users of the first domain. Raises InputError."""
    if config.subscribers is None:
        return demo_subscribers(config.domains[0].name)
    return load_subscribers(config.subscribers)
