from typing import Any

import pytest
from twisted.internet.protocol import DatagramProtocol

from scscf.net.dns import TwistedDns
from scscf.net.heap_clock import HeapClock
from scscf.net.resolver import Resolver, Unresolved
from scscf.net.shell import Shell
from scscf.promise import Promise
from scscf.sip.locating import Naptr, Srv, Target
from scscf.sip.outbox import NextHop
from tests.net.node import Node, Peer

ALL = ("udp", "tcp", "tls")


class Zone:
    """A DNS made of dictionaries; counts its questions."""

    def __init__(
        self,
        naptr: dict[str, list[Naptr]] | None = None,
        srv: dict[str, list[Srv]] | None = None,
        addresses: dict[str, list[str]] | None = None,
    ) -> None:
        self._naptr, self._srv, self._addresses = naptr or {}, srv or {}, addresses or {}
        self.asked: list[str] = []
        self.gate: Promise[None] | None = None
        self.broken: Exception | None = None

    async def naptr(self, name: str) -> list[Naptr]:
        return self._naptr.get(await self._ask("naptr", name), [])

    async def srv(self, name: str) -> list[Srv]:
        return self._srv.get(await self._ask("srv", name), [])

    async def addresses(self, name: str) -> list[str]:
        return self._addresses.get(await self._ask("a", name), [])

    async def _ask(self, kind: str, name: str) -> str:
        self.asked.append(f"{kind} {name}")
        if self.gate is not None:
            await self.gate
        if self.broken is not None:
            raise self.broken
        return name


def a_resolver(zone: Zone | None = None, hosts: dict[str, str] | None = None) -> tuple[HeapClock, Resolver]:
    clock = HeapClock(1000.0)
    return clock, Resolver(Shell(clock), hosts or {}, zone, lambda: 0.5)


def resolved(resolver: Resolver, hop: NextHop) -> list[Target]:
    found = resolver.resolve(hop, ALL)
    return found.result() if isinstance(found, Promise) else found


@pytest.mark.parametrize(
    ("hop", "target"),
    [
        (NextHop("192.0.2.9"), Target("udp", "192.0.2.9", 5060, "192.0.2.9")),
        (NextHop("2001:db8::9", 5070, "tcp"), Target("tcp", "2001:db8::9", 5070, "2001:db8::9")),
        (NextHop("192.0.2.9", sips=True), Target("tls", "192.0.2.9", 5061, "192.0.2.9")),
        (NextHop("UE.home1.test"), Target("udp", "192.0.2.7", 5060, "ue.home1.test")),
        (NextHop("ue.home1.test.", 5071, sips=True), Target("tls", "192.0.2.7", 5071, "ue.home1.test")),
        (NextHop("six.home1.test"), Target("udp", "2001:db8::6", 5060, "six.home1.test")),
    ],
)
def test_addresses_and_configured_hosts_need_no_dns(hop: NextHop, target: Target) -> None:
    _, resolver = a_resolver(None, {"ue.Home1.test": "192.0.2.7", "six.home1.test": "[2001:db8::6]"})
    assert resolver.resolve(hop, ALL) == [target]


def test_without_dns_a_name_is_unresolved() -> None:
    _, resolver = a_resolver()
    with pytest.raises(Unresolved):
        resolver.resolve(NextHop("ue.home1.test"), ALL)


ZONE = {
    "naptr": {"home1.test": [Naptr(10, 1, "s", "SIP+D2T", "_sip._tcp.home1.test"), Naptr(20, 1, "s", "SIP+D2U", "u")]},
    "srv": {
        "_sip._tcp.home1.test": [Srv(2, 0, 5080, "b.home1.test"), Srv(1, 0, 5070, "a.home1.test")],
        "_sip._udp.home2.test": [Srv(1, 0, 5090, "a.home1.test")],
        "u": [Srv(1, 0, 5060, "a.home1.test")],
    },
    "addresses": {
        "a.home1.test": ["192.0.2.11", "192.0.2.12"],
        "b.home1.test": ["192.0.2.13"],
        "plain.test": ["192.0.2.14"],
    },
}


def test_naptr_srv_and_addresses_give_the_targets_in_order() -> None:
    _, resolver = a_resolver(Zone(**ZONE))  # type: ignore[arg-type]
    assert resolved(resolver, NextHop("home1.test")) == [
        Target("tcp", "192.0.2.11", 5070, "home1.test"),
        Target("tcp", "192.0.2.12", 5070, "home1.test"),
        Target("tcp", "192.0.2.13", 5080, "home1.test"),
        Target("udp", "192.0.2.11", 5060, "home1.test"),
        Target("udp", "192.0.2.12", 5060, "home1.test"),
    ]


@pytest.mark.parametrize(
    ("hop", "target", "asked"),
    [
        (
            NextHop("home2.test"),
            Target("udp", "192.0.2.11", 5090, "home2.test"),
            ["naptr home2.test", "srv _sip._udp.home2.test", "srv _sip._tcp.home2.test", "srv _sips._tcp.home2.test",
             "a a.home1.test"],
        ),
        (
            NextHop("home1.test", transport="tcp"),
            Target("tcp", "192.0.2.11", 5070, "home1.test"),
            ["srv _sip._tcp.home1.test", "a a.home1.test", "a b.home1.test"],
        ),
        (NextHop("plain.test", 5099), Target("udp", "192.0.2.14", 5099, "plain.test"), ["a plain.test"]),
        (
            NextHop("plain.test", transport="udp"),
            Target("udp", "192.0.2.14", 5060, "plain.test"),
            ["srv _sip._udp.plain.test", "a plain.test"],
        ),
    ],
)  # fmt: skip
def test_only_the_records_that_matter_are_asked_for(hop: NextHop, target: Target, asked: list[str]) -> None:
    zone = Zone(**ZONE)  # type: ignore[arg-type]
    _, resolver = a_resolver(zone)
    assert resolved(resolver, hop)[0] == target
    assert zone.asked == asked


def test_answers_are_kept_for_a_minute() -> None:
    zone = Zone(**ZONE)  # type: ignore[arg-type]
    clock, resolver = a_resolver(zone)
    hop = NextHop("plain.test", 5060)
    resolved(resolver, hop)
    clock.advance(59.0)
    assert resolver.resolve(hop, ALL) == [Target("udp", "192.0.2.14", 5060, "plain.test")]
    clock.advance(2.0)
    resolved(resolver, hop)
    assert zone.asked == ["a plain.test"] * 2


def test_who_asks_meanwhile_shares_the_answer() -> None:
    zone = Zone(**ZONE)  # type: ignore[arg-type]
    zone.gate = Promise()
    _, resolver = a_resolver(zone)
    hop = NextHop("plain.test", 5060)
    first, second = resolver.resolve(hop, ALL), resolver.resolve(hop, ALL)
    zone.gate.keep(None)
    assert first is second
    assert zone.asked == ["a plain.test"]


@pytest.mark.parametrize("error", [None, Unresolved("no answer")])
def test_a_name_that_leads_nowhere_is_unresolved_and_that_is_kept_for_five_seconds(error: Exception | None) -> None:
    zone = Zone()
    zone.broken = error
    clock, resolver = a_resolver(zone)
    hop = NextHop("gone.test", 5060)
    with pytest.raises(Unresolved):
        resolved(resolver, hop)
    with pytest.raises(Unresolved):
        resolver.resolve(hop, ALL)
    assert len(zone.asked) == 1
    clock.advance(6.0)
    with pytest.raises(Unresolved):
        resolved(resolver, hop)
    assert len(zone.asked) == 2


def test_a_request_fails_over_to_the_next_address_after_503_and_after_silence() -> None:
    zone = Zone(addresses={"ue.test": ["192.0.2.21", "192.0.2.22", "192.0.2.23"]})
    node = Node(dns=zone)
    busy, silent, good = (Peer(node, (address, 5060)) for address in zone._addresses["ue.test"])
    busy.answer, good.answer = 503, 200
    sender = node.send(NextHop("ue.test", 5060))
    node.clock.advance(40.0)
    assert [status for _, status in sender.heard] == [200]
    branches = {data.partition(b"branch=")[2].partition(b";")[0] for data in busy.heard + silent.heard + good.heard}
    assert len(branches) == 3
    node.stop()


def test_the_last_503_is_passed_on() -> None:
    node = Node(dns=Zone(addresses={"ue.test": ["192.0.2.21"]}))
    Peer(node, ("192.0.2.21", 5060)).answer = 503
    sender = node.send(NextHop("ue.test", 5060))
    node.clock.advance(1.0)
    assert [status for _, status in sender.heard] == [503]
    node.stop()


def test_a_request_whose_name_is_not_found_fails() -> None:
    node = Node(dns=Zone())
    assert [kind for _, kind in node.send(NextHop("gone.test")).heard] == ["transport"]
    node.stop()


class SilentServers:
    """UDP to name servers none of which answers; `asked_at`: seconds since the start."""

    def __init__(self, clock: HeapClock) -> None:
        self.clock = clock
        self.asked_at: list[float] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.clock, name)

    def listenUDP(self, _port: int, protocol: DatagramProtocol, **_: object) -> "SilentServers":
        protocol.makeConnection(self)
        return self

    def write(self, _data: bytes, _server: tuple[str, int]) -> None:
        self.asked_at.append(self.clock.seconds() - 1000.0)

    def stopListening(self) -> None:
        """Nothing was bound."""


def test_a_name_server_that_does_not_answer_is_given_up_in_time_and_not_asked_again_at_once() -> None:
    clock = HeapClock(1000.0)
    silent = SilentServers(clock)
    resolver = Resolver(Shell(clock), {}, TwistedDns(silent, [("192.0.2.53", 53)], ipv6=False), lambda: 0.5)

    found = resolver.resolve(NextHop("as.home1.test", 5060), ALL)
    assert isinstance(found, Promise)
    while not found.done:
        due = clock.next()
        assert due is not None
        assert due < 1032.0
        clock.advance_to(due)

    with pytest.raises(Unresolved, match=r"no answer from DNS for as\.home1\.test"):
        found.result()
    assert silent.asked_at == [0.0, 1.0]
    assert clock.seconds() == 1004.0
    with pytest.raises(Unresolved):
        resolved(resolver, NextHop("as.home1.test", 5060))
    assert silent.asked_at == [0.0, 1.0]
