from struct import pack

import pytest

from scscf.capture.internet import Fragments, Packet
from tests.capture.wires import REGISTER, ip, octets, pcap, told, udp

DATAGRAM = udp(REGISTER)[20:]


def fragment(offset: int, data: bytes, more: bool, number: int = 7) -> bytes:
    head = bytearray(ip(17, data))
    head[4:8] = pack("!HH", number, (0x2000 if more else 0) | offset // 8)
    return bytes(head)


def fragment_6(offset: int, data: bytes, more: bool) -> bytes:
    return ip(44, pack("!BBHI", 17, 0, offset | more, 9) + data, "2001:db8::5", "2001:db8::1")


PIECES = [fragment(0, DATAGRAM[:40], True), fragment(40, DATAGRAM[40:80], True), fragment(80, DATAGRAM[80:], False)]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 0, 2), (1, 2, 1, 0)])
def test_fragments_make_a_packet_in_any_order(order: tuple[int, ...]) -> None:
    assert octets(pcap(*(PIECES[index] for index in order))) == [REGISTER]


def test_of_overlapping_fragments_what_lies_further_in_front_counts() -> None:
    other = fragment(64, DATAGRAM[64:80] + b"X" * 16, True)

    assert octets(pcap(PIECES[0], PIECES[1], other, PIECES[2])) == [REGISTER[:72] + b"X" * 16 + REGISTER[88:]]


def test_fragments_of_ipv6_and_headers_before_the_datagram() -> None:
    pieces = [fragment_6(0, DATAGRAM[:48], True), fragment_6(48, DATAGRAM[48:], False)]
    options = bytes([51, 0, 1, 4, 0, 0, 0, 0]) + bytes([17, 1]) + bytes(10) + DATAGRAM
    whole = ip(60, options, "2001:db8::5", "2001:db8::1")
    atomic = ip(44, pack("!BBHI", 17, 0, 0, 9) + DATAGRAM, "2001:db8::5", "2001:db8::1")

    assert octets(pcap(*pieces, whole, atomic)) == [REGISTER] * 3


def test_what_never_becomes_whole_is_counted() -> None:
    found, notices = told(pcap(PIECES[0], PIECES[2]))

    assert (found, notices) == ([], ["Packets of which fragments are missing: 1."])


def test_old_fragments_are_given_up() -> None:
    fragments = Fragments()
    assert fragments.take(0.0, PIECES[0]) is None
    assert fragments.take(100.0, PIECES[2]) is None
    assert fragments.take(100.0, PIECES[1]) is None
    assert fragments.lost == 1


def test_only_so_many_packets_wait_for_the_rest() -> None:
    fragments = Fragments()
    for number in range(1000):
        fragments.take(0.0, fragment(0, b"12345678", True, number))

    assert fragments.lost == 1000 - 256


def test_padding_is_cut_off_and_a_length_of_0_is_all_there_is() -> None:
    packet = bytearray(udp(REGISTER))
    assert octets(pcap(bytes(packet) + bytes(6))) == [REGISTER]
    packet[2:4] = bytes(2)
    assert octets(pcap(bytes(packet))) == [REGISTER]


@pytest.mark.parametrize(
    "data",
    [b"", b"\x45", bytes(40), b"\x41" + bytes(30), b"\x60" + bytes(20), b"\x45\0\0\x10" + bytes(20), b"\x95" * 60],
)
def test_what_is_no_ip_is_nothing(data: bytes) -> None:
    assert Fragments().take(0.0, data) is None


def test_headers_of_ipv6_that_do_not_end_are_nothing() -> None:
    endless = ip(60, bytes([60, 0]) + bytes(6) + (bytes([60, 0]) + bytes(6)) * 20, "2001:db8::5", "2001:db8::1")

    assert Fragments().take(0.0, endless) is None
    assert Fragments().take(0.0, ip(60, b"\x06", "2001:db8::5", "2001:db8::1")) is None
    assert Fragments().take(0.0, ip(6, b"xy")) == Packet("192.0.2.5", "192.0.2.1", 6, b"xy")
