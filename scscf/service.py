"""The composition root: one S-CSCF out of a configuration, and the process that it runs in."""

import gc
import json
import logging
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred

from hss_stub.control import SHARED, HssApi
from hss_stub.control import HssCommands as StubCommands
from hss_stub.embedded import EmbeddedHss
from hss_stub.embedded_commands import EmbeddedCommands
from hss_stub.subscribers import Subscribers, demo_subscribers, load_subscribers
from scscf.config import Config
from scscf.control.route import Answer, Call, NotFound
from scscf.cx import Cx
from scscf.errors import InputError
from scscf.identifiers import Identifiers
from scscf.net.cx_node import CxNode, Registered
from scscf.net.diameter import PeerView
from scscf.net.endpoint import Endpoint
from scscf.net.network import Network
from scscf.net.resolver import Dns, Resolver
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

    def hss_peers(self) -> list[PeerView] | None:
        """Return the HSSs over Diameter as they are shown; None: the HSS is the stub in this process."""
        return None if self.cx is None else self.cx.diameter.peers()

    def _started(self, _: object) -> None:
        node, endpoint = self.node, self.endpoint
        node.reached_at = endpoint.sent_by
        node.flow_alive = endpoint.flow_alive
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
        wanted = self.node.feed.tracers or messages.isEnabledFor(logging.DEBUG)
        self.endpoint.trace = self._trace if wanted else None
        if self.cx is not None:
            self.cx.trace(self.node.feed.publish if self.node.feed.tracers else None)

    def _trace(self, direction: str, flow: Flow, data: bytes) -> None:
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


def run(
    config: Config,
    *,
    ready_file: Path | None = None,
    validate: bool = False,
    announce: Callable[["Scscf", str], None] = lambda scscf, api: None,
) -> int:
    """Run an S-CSCF with its control API in this process until SIGTERM or SIGINT; return the exit code.

    `announce` is called once every listener is up. Raises InputError for what cannot be started.
    """
    import signal

    from twisted.internet import reactor as default_reactor

    from scscf import __version__
    from scscf.control.api import Api
    from scscf.control.http import ControlResource, start_api
    from scscf.control.route import Served
    from scscf.control.routes import ROUTES
    from scscf.net.dns import TwistedDns, system_servers
    from scscf.net.sockets import SocketNetwork

    reactor: Any = default_reactor
    failures: list[BaseException] = []
    ipv6 = any(":" in listen.host for listen in config.listen)
    scscf = Scscf(
        config,
        None if config.diameter is not None else subscribers_of(config),
        reactor,
        SocketNetwork(reactor),
        dns=TwistedDns(reactor, system_servers(), ipv6),
        validate=validate,
    )

    async def start() -> None:
        await scscf.start()
        listeners = scscf.endpoint.listeners
        api = Api(scscf.node, __version__, commit(), lambda: [listener.uri for listener in listeners])
        services = [Served(api, ROUTES)]
        if scscf.hss_api is not None:
            services.append(Served(scscf.hss_api, SHARED))
        else:
            services.append(Served(None, tuple(route._replace(handler=_elsewhere, body=None) for route in SHARED)))
        resource = ControlResource(tuple(services), scscf.shell.perform, config.api_token, streams=scscf.node)
        api.hss_peers = scscf.hss_peers
        port = start_api(resource, config.api, reactor)
        address = f"http://{f'[{port.host}]' if ':' in port.host else port.host}:{port.port}"
        reactor.addSystemEventTrigger("before", "shutdown", port.stop)
        reactor.addSystemEventTrigger("before", "shutdown", scscf.stop)
        scscf.node.stop = reactor.stop
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, lambda *_: reactor.callFromThread(_reread, scscf))
        announce(scscf, address)
        if ready_file is not None:
            _write_ready(ready_file, scscf, address)

    def failed(failure: Any) -> None:
        failures.append(failure.value)
        reactor.stop()

    # What was loaded stays: collections need not look at it, nor come as often as for a short-lived program.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)
    reactor.callWhenRunning(lambda: Deferred.fromCoroutine(start()).addErrback(failed))
    reactor.run()
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)
    if failures:
        raise failures[0]
    return 0


def commit() -> str | None:
    """Return the commit that runs, where this is a git checkout; None elsewhere."""
    head = Path(__file__).parent.parent / ".git" / "HEAD"
    try:
        text = head.read_text("utf-8").strip()
        if text.startswith("ref: "):
            text = (head.parent / text[5:]).read_text("utf-8").strip()
    except OSError:
        return None
    return text[:12]


async def _elsewhere(_: object, call: Call) -> Answer:
    """Answer a call about the embedded HSS stub where the HSS is another one."""
    raise NotFound("other_hss", "the HSS is another one, over Diameter: hss-stub has these calls at its own API")


def _reread(scscf: Scscf) -> None:
    """SIGHUP: read the subscribers again; a file with mistakes changes nothing."""
    if scscf.hss is None:
        log.info("the subscribers are the HSS's: there is nothing to reread")
        return
    try:
        scscf.replace_subscribers(subscribers_of(scscf.config))
    except InputError as error:
        log.error("the subscribers stay as they were:\n%s", error)
    else:
        log.info("subscribers reread")


def _write_ready(path: Path, scscf: Scscf, api: str) -> None:
    ready = {
        "pid": os.getpid(),
        "listeners": [listener.uri for listener in scscf.endpoint.listeners],
        "api": api,
    }
    beside = path.with_name(path.name + ".new")
    beside.write_text(json.dumps(ready) + "\n", encoding="utf-8")
    beside.replace(path)
