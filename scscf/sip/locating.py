"""Locating SIP servers (RFC 3263 §4, RFC 2782): which records to ask for, and in which order to try what they say."""

import re
from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import NamedTuple

from scscf.sip.outbox import NextHop
from scscf.sip.routing import DEFAULT_PORTS

_SERVICES = {"SIP+D2U": "udp", "SIP+D2T": "tcp", "SIPS+D2T": "tls"}
_SRV_PREFIXES = {"udp": "_sip._udp.", "tcp": "_sip._tcp.", "tls": "_sips._tcp."}
_LONGEST_LIST = 16
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")


class Target(NamedTuple):
    """One address to try. `name` is what a TLS certificate has to be for (RFC 5922 §4)."""

    transport: str
    host: str
    """IP address, IPv6 without brackets."""
    port: int
    name: str


class Naptr(NamedTuple):
    """What matters of a NAPTR record (RFC 2915)."""

    order: int
    preference: int
    flags: str
    service: str
    replacement: str


class Srv(NamedTuple):
    """An SRV record (RFC 2782)."""

    priority: int
    weight: int
    port: int
    target: str


class Place(NamedTuple):
    """A name whose addresses are to be looked up, and the port and transport that go with it."""

    transport: str
    name: str
    port: int


def is_address(host: str) -> bool:
    """Tell whether a host is an IP address rather than a name."""
    if ":" not in host:
        return _IPV4.fullmatch(host) is not None
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def settled_transport(hop: NextHop, supported: Sequence[str]) -> str | None:
    """Return the transport where no record decides on it (RFC 3263 §4.1), None where NAPTR and SRV do.

    The URI's own comes first; an address or a port means UDP, or TLS for sips; where UDP is not spoken here (not in
    `supported`), the next that would do.
    """
    if hop.transport is not None:
        return "tls" if hop.sips else hop.transport
    if hop.port is not None or is_address(hop.host):
        return default_transport(hop.sips, supported)
    return None


def default_transport(sips: bool, supported: Sequence[str]) -> str:
    """Return TLS for sips, else UDP, else TCP, else TLS: the first that is supported (RFC 3263 §4.1)."""
    if sips:
        return "tls"
    for transport in ("udp", "tcp", "tls"):
        if transport in supported:
            return transport
    return "udp"


def srv_name(transport: str, domain: str) -> str:
    """Return the name of the SRV records for a transport (RFC 3263 §4.1)."""
    return _SRV_PREFIXES.get(transport, f"_sip._{transport}.") + domain


def choose_services(records: Iterable[Naptr], sips: bool, supported: Sequence[str]) -> list[tuple[str, str]]:
    """Return (transport, name of its SRV records) in the order to try: by order, then preference; only what both speak.

    sips takes nothing but SIPS services (RFC 3263 §4.1).
    """
    chosen = []
    for record in sorted(records, key=lambda record: (record.order, record.preference)):
        service = record.service.upper()
        transport = _SERVICES.get(service)
        if transport is None or transport not in supported or record.flags.lower() != "s":
            continue
        if not sips or service.startswith("SIPS"):
            chosen.append((transport, record.replacement))
    return chosen[:_LONGEST_LIST]


def services_without_naptr(domain: str, sips: bool, supported: Sequence[str]) -> list[tuple[str, str]]:
    """Return (transport, name of its SRV records) for each transport to ask about where there is no NAPTR record."""
    transports = ["tls"] if sips else [transport for transport in ("udp", "tcp", "tls") if transport in supported]
    return [(transport, srv_name(transport, domain)) for transport in transports]


def order_srv(records: Iterable[Srv], random: Callable[[], float]) -> list[Srv]:
    """Return SRV records in the order to try them: lowest priority first, by weighted lot within one (RFC 2782).

    `random` returns numbers in [0, 1). A single record with the root as target means that there is no such service.
    """
    waiting = sorted(records, key=lambda record: (record.priority, record.weight != 0))
    waiting = [record for record in waiting if record.target not in ("", ".")][:_LONGEST_LIST]
    ordered = []
    while waiting:
        group = [record for record in waiting if record.priority == waiting[0].priority]
        threshold = random() * (sum(record.weight for record in group) + 1)
        running = 0
        chosen = group[-1]
        for record in group:
            running += record.weight
            if running >= threshold:
                chosen = record
                break
        ordered.append(chosen)
        waiting.remove(chosen)
    return ordered


def plain_place(hop: NextHop, transport: str) -> Place:
    """Return the place that the hop itself names: its host at its port or the transport's own (RFC 3263 §4.2)."""
    return Place(transport, hop.host, hop.port if hop.port is not None else DEFAULT_PORTS.get(transport, 5060))
