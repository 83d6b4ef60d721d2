from ipaddress import ip_address
from struct import unpack_from

import pytest

from scscf.capture.hep import LONGEST, TooLong, hep
from scscf.capture.recording import Recorded

OCTETS = b"OPTIONS sip:a SIP/2.0\r\n\r\n"


def chunks(packet: bytes) -> dict[int, bytes]:
    """Return the generic chunks of a HEP3 packet by their type."""
    assert packet[:4] == b"HEP3"
    assert unpack_from("!H", packet, 4) == (len(packet),)
    found, at = {}, 6
    while at < len(packet):
        vendor, kind, length = unpack_from("!HHH", packet, at)
        assert vendor == 0
        found[kind] = packet[at + 6 : at + length]
        at += length
    return found


def message(transport: str = "udp", host: str = "192.0.2", octets: bytes = OCTETS) -> Recorded:
    separator = "::" if ":" in host else "."
    here, there = f"{host}{separator}1", f"{host}{separator}9"
    return Recorded(1_700_000_000.25, "sip", transport, (here, 5070), (there, 5060), octets)


def test_a_packet_says_where_when_and_how_the_message_travelled() -> None:
    found = chunks(hep(message(), 2001, "secret", "call@1"))

    assert found == {
        1: b"\x02",
        2: b"\x11",
        3: ip_address("192.0.2.1").packed,
        4: ip_address("192.0.2.9").packed,
        7: (5070).to_bytes(2, "big"),
        8: (5060).to_bytes(2, "big"),
        9: (1_700_000_000).to_bytes(4, "big"),
        10: (250_000).to_bytes(4, "big"),
        11: b"\x01",
        12: (2001).to_bytes(4, "big"),
        14: b"secret",
        15: OCTETS,
        17: b"call@1",
    }


def test_ipv6_and_streams() -> None:
    found = chunks(hep(message("tls", "2001:db8"), 1))

    assert (found[1], found[2]) == (b"\x0a", b"\x06")
    assert (found[5], found[6]) == (ip_address("2001:db8::1").packed, ip_address("2001:db8::9").packed)
    assert not {3, 4, 14, 17} & set(found)


def test_what_no_datagram_holds_is_refused() -> None:
    with pytest.raises(TooLong):
        hep(message(octets=bytes(LONGEST)), 1)
