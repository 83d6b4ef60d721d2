"""The process of `scscf ue`: the reactor, an address of its own, signals."""

import os
import signal
import socket
from typing import Any

from scscf.cli.endpoint_printing import EndpointJson, EndpointText
from scscf.cli.endpoint_session import EndpointSession
from scscf.cli.ue import Wishes
from scscf.cli.ue_printing import JsonPrinting, Printing, TextPrinting
from scscf.cli.ue_session import Session
from scscf.errors import InputError
from scscf.identifiers import Identifiers
from scscf.ue.user_agent import UserAgent, listen_at

_TRIES = 10
_INTERRUPTED = 130
_HOSTS = {"localhost": "127.0.0.1"}
"""What this machine calls a name, which no DNS server knows."""


def run(wishes: Wishes, as_json: bool) -> int:
    """Be the UE until it is done, or told to end by SIGINT or SIGTERM; return the exit code.

    Raises InputError where no port can be had.
    """
    from twisted.internet import reactor as default_reactor

    from scscf.net.dns import TwistedDns, system_servers
    from scscf.net.sockets import SocketNetwork

    reactor: Any = default_reactor
    network = SocketNetwork(reactor)
    host = own_address(network, wishes.next_hop.host, wishes.next_hop.port or 5060)
    dns = TwistedDns(reactor, system_servers(), ":" in host)
    agent = listening(
        lambda port: UserAgent(reactor, network, listen_at(host, port), Identifiers(os.urandom), hosts=_HOSTS, dns=dns),
        host,
    )
    session = _session(agent, wishes, as_json=as_json)
    codes: list[int] = []

    def over() -> None:
        codes.append(session.finished.result())
        agent.stop()
        if reactor.running:
            reactor.stop()

    def interrupted(number: int, _frame: Any) -> None:
        reactor.callFromThread(session.end)

    session.finished.when_done(over)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupted)
    reactor.callWhenRunning(session.begin)
    reactor.run(installSignalHandlers=False)
    return codes[0] if codes else _INTERRUPTED


def _session(agent: UserAgent, wishes: Wishes, *, as_json: bool) -> "Session | EndpointSession":
    if wishes.endpoint is None:
        printing: Printing = JsonPrinting() if as_json else TextPrinting()
        return Session(agent, wishes, printing)
    return EndpointSession(agent, wishes, EndpointJson() if as_json else EndpointText())


def listening(make: Any, host: str) -> UserAgent:
    """Return a user agent that listens on UDP and TCP at one free port. Raises InputError where there is none."""
    for attempt in range(_TRIES):
        agent: UserAgent = make(_free_port(host))
        try:
            agent.start()
        except InputError:
            agent.stop()
            if attempt == _TRIES - 1:
                raise
        else:
            return agent
    raise AssertionError("the last try returns or raises")


def own_address(network: Any, host: str, port: int) -> str:
    """Return the address that packets to a host leave from; where it cannot be found, that towards the world."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(place)
            return str(probe.getsockname()[0])
    except OSError:
        return str(network.own_address(":" in host))


def _free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])
