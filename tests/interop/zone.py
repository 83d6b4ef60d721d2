"""A DNS server with one zone, an IMS core's: NAPTR, SRV and A records.

Usage: zone.py DOMAIN NAME=ADDRESS:PORT... ; the one called icscf is where the domain itself is served, the one called
hss speaks Diameter.
"""

import sys
from typing import Any

from twisted.internet import reactor
from twisted.names import authority, dns, server

TTL = 60


class Zone(authority.FileAuthority):
    """The records of a home domain."""

    def loadFile(self, filename: tuple[str, dict[str, tuple[str, int]]]) -> None:
        """Make the records of the domain and the places in it."""
        domain, places = filename
        name = domain.encode()
        self.soa = (name, dns.Record_SOA(name, b"root." + name, 1, ttl=TTL))
        self.records: dict[bytes, list[Any]] = {
            name: [self.soa[1], dns.Record_NAPTR(10, 10, b"s", b"SIP+D2U", b"", b"_sip._udp." + name, ttl=TTL)]
        }
        for host, (address, port) in places.items():
            own = host.encode() + b"." + name
            srv = dns.Record_SRV(0, 0, port, own, ttl=TTL)
            self.records[own] = [dns.Record_A(address, ttl=TTL)]
            self.records[(b"_diameter._tcp." if host == "hss" else b"_sip._udp.") + own] = [srv]
            if host == "icscf":
                self.records[b"_sip._udp." + name] = [srv]


def main() -> None:
    """Serve on 127.0.0.1:53 until the end."""
    places = {}
    for argument in sys.argv[2:]:
        host, _, place = argument.partition("=")
        address, _, port = place.rpartition(":")
        places[host] = (address, int(port))
    factory = server.DNSServerFactory(authorities=[Zone((sys.argv[1], places))])
    reactor.listenUDP(53, dns.DNSDatagramProtocol(factory), "127.0.0.1")  # type: ignore[attr-defined]
    reactor.listenTCP(53, factory, interface="127.0.0.1")  # type: ignore[attr-defined]
    print("up", flush=True)
    reactor.run()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
