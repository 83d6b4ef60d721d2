"""Captures, block by block: what analysers need to find in them."""

from ipaddress import ip_address
from struct import unpack, unpack_from

from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.capture.pcapng import LINKTYPE_RAW, pcapng
from scscf.capture.recording import Recorded
from tests.scenario.samples import HSS, MAR, MESSAGES, PARTICIPANTS, PHONE, REGISTER, SCSCF

SYN, FIN = 0x02, 0x01


def blocks(data: bytes) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(data):
        kind, length = unpack_from("<II", data, at)
        assert length % 4 == 0
        assert unpack_from("<I", data, at + length - 4) == (length,)
        found.append((kind, data[at + 8 : at + length - 4]))
        at += length
    return found


def packets(data: bytes) -> list[tuple[float, bytes, bytes]]:
    """Return (time, packet, options) of each packet."""
    found = []
    for kind, body in blocks(data):
        if kind == 6:
            _, high, low, length, whole = unpack_from("<IIIII", body)
            assert length == whole
            found.append(((high << 32 | low) / 1e6, body[20 : 20 + length], body[20 + length + -length % 4 :]))
    return found


def adds_up(data: bytes) -> bool:
    data += bytes(len(data) % 2)
    total = sum(unpack(f"!{len(data) // 2}H", data))
    return total % 0xFFFF == 0


def opened(packet: bytes) -> tuple[int, bytes, bytes, bytes]:
    """Return protocol, source, destination and payload of an IP packet whose checksums are right."""
    if packet[0] >> 4 == 4:
        assert adds_up(packet[:20])
        assert unpack_from("!H", packet, 2) == (len(packet),)
        protocol, source, destination, payload = packet[9], packet[12:16], packet[16:20], packet[20:]
    else:
        assert unpack_from("!H", packet, 4) == (len(packet) - 40,)
        protocol, source, destination, payload = packet[6], packet[8:24], packet[24:40], packet[40:]
    assert adds_up(source + destination + len(payload).to_bytes(4, "big") + bytes((0, 0, 0, protocol)) + payload)
    return protocol, source, destination, payload


def streams(data: bytes) -> dict[tuple[bytes, bytes, int, int], bytes]:
    """Return what each direction of each connection carried, put together by sequence numbers."""
    carried: dict[tuple[bytes, bytes, int, int], bytes] = {}
    due: dict[tuple[bytes, bytes, int, int], int] = {}
    for _, packet, _ in packets(data):
        protocol, source, destination, payload = opened(packet)
        if protocol != 6:
            continue
        here, there, sequence, acknowledged = unpack_from("!HHII", payload)
        way, flags, body = (source, destination, here, there), payload[13], payload[20:]
        if flags & SYN:
            due[way] = sequence
        assert sequence == due[way]
        back = (destination, source, there, here)
        if flags & 0x10:
            assert acknowledged == due[back]
        due[way] = (sequence + len(body) + bool(flags & (SYN | FIN))) & 0xFFFFFFFF
        carried[way] = carried.get(way, b"") + body
    return carried


def test_a_capture_begins_with_its_section_its_interface_and_the_names() -> None:
    section, interface, names, *_ = blocks(pcapng(MESSAGES, PARTICIPANTS))

    assert section[0] == 0x0A0D0D0A
    assert unpack_from("<IHH", section[1]) == (0x1A2B3C4D, 1, 0)
    assert (interface[0], *unpack_from("<HHI", interface[1])) == (1, LINKTYPE_RAW, 0, 0)
    assert names[0] == 4
    assert ip_address(PHONE[0]).packed + b"phone\0" in names[1]


def test_datagrams_are_whole_at_their_times_and_lost_ones_have_a_comment() -> None:
    first, second = packets(pcapng(MESSAGES[:2], PARTICIPANTS, epoch=1_700_000_000.0))

    assert (first[0], second[0]) == (1_700_000_000.0, 1_700_000_000.5)
    assert b"lost on purpose" in first[2]
    assert second[2] == b""
    protocol, source, destination, payload = opened(first[1])
    assert (protocol, source, destination) == (17, ip_address(PHONE[0]).packed, ip_address(SCSCF[0]).packed)
    assert unpack_from("!HHH", payload) == (5060, 5060, 8 + len(REGISTER))
    assert payload[8:] == REGISTER


def test_a_stream_has_a_handshake_acknowledgements_and_an_end() -> None:
    message = Recorded(1.0, "sip", "tcp", ("192.0.2.1", 40000), SCSCF, b"a" * 3000)
    flags = [opened(packet)[3][13] for _, packet, _ in packets(pcapng([message]))]

    assert flags == [0x02, 0x12, 0x10, 0x10, 0x10, 0x18, 0x10, 0x11, 0x11, 0x10]
    assert sorted(streams(pcapng([message])).values()) == [b"", b"a" * 3000]


def test_diameter_is_shown_at_its_port_and_sips_at_that_of_sip() -> None:
    elsewhere = [
        Recorded(0.0, "diameter", "tcp", ("127.0.0.1", 40000), ("127.0.0.1", 39999), MAR),
        Recorded(0.1, "diameter", "tcp", ("127.0.0.1", 39999), ("127.0.0.1", 40000), MAR),
        Recorded(0.2, "diameter", "tcp", ("192.0.2.9", 41000), HSS, MAR),
        Recorded(0.3, "sip", "tls", ("192.0.2.1", 40000), ("192.0.2.9", 5061), REGISTER),
    ]
    ports = {way[2:] for way in streams(pcapng(elsewhere))}

    assert ports == {(40000, 3868), (3868, 40000), (41000, 3868), (3868, 41000), (40000, 5060), (5060, 40000)}


def test_ipv6_names_and_both_versions_at_once_make_packets() -> None:
    for source, destination in (
        ("2001:db8::1", "2001:db8::2"),
        ("ue.home1.test", "2001:db8::2"),
        ("fe80::1%lo", "::1"),
    ):
        told = Recorded(0.0, "sip", "udp", (source, 5060), (destination, 5060), REGISTER)
        ((_, packet, _),) = packets(pcapng([told]))
        assert packet[0] >> 4 == 6
        assert opened(packet)[3][8:] == REGISTER


def test_no_messages_make_an_empty_capture() -> None:
    assert [kind for kind, _ in blocks(pcapng([]))] == [0x0A0D0D0A, 1]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.binary(max_size=70000), st.booleans(), st.booleans()), max_size=5))
def test_whatever_was_sent_is_in_the_capture(sent: list[tuple[bytes, bool, bool]]) -> None:
    client, server = ("192.0.2.1", 40000), ("192.0.2.9", 5060)
    told = [
        Recorded(float(at), "sip", "tcp" if stream else "udp", *((client, server) if up else (server, client)), data)
        for at, (data, stream, up) in enumerate(sent)
    ]
    capture = pcapng(told)
    wanted = b"".join(each.data for each in told if each.transport == "tcp" and each.source == client)
    there = (ip_address("192.0.2.1").packed, ip_address("192.0.2.9").packed, 40000, 5060)

    assert streams(capture).get(there, b"") == wanted
    datagrams = [
        payload[8:] for protocol, _, _, payload in (opened(each[1]) for each in packets(capture)) if protocol == 17
    ]
    assert datagrams == [each.data[:65507] for each in told if each.transport == "udp"]
