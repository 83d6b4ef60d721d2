import pytest

from scscf.capture.links import ip_packet
from tests.capture.wires import COOKED, COOKED_2, ETHERNET, LOOP, NULL, PPP, REGISTER, octets, pcap, told, udp

IP = udp(REGISTER)
MACS = bytes(12)


@pytest.mark.parametrize(
    ("link", "before"),
    [
        (101, b""),
        (12, b""),
        (228, b""),
        (ETHERNET, MACS + b"\x08\x00"),
        (ETHERNET, MACS + b"\x81\x00\x00\x07\x88\xa8\x00\x08\x08\x00"),
        (ETHERNET, MACS + b"\x88\x64\x11\x00\x00\x01\x00\x99\x00\x21"),
        (NULL, b"\x02\0\0\0"),
        (NULL, b"\0\0\0\x02"),
        (LOOP, b"\0\0\0\x02"),
        (COOKED, bytes(14) + b"\x08\x00"),
        (COOKED_2, b"\x08\x00" + bytes(18)),
        (PPP, b"\xff\x03\x00\x21"),
        (PPP, b"\x00\x21"),
    ],
)
def test_an_ip_packet_is_found_on_every_link(link: int, before: bytes) -> None:
    assert octets(pcap(before + IP, link=link)) == [REGISTER]


@pytest.mark.parametrize(
    ("link", "frame"),
    [
        (ETHERNET, MACS + b"\x08\x06" + bytes(28)),
        (ETHERNET, MACS + b"\x81\x00\x00"),
        (ETHERNET, MACS + b"\x81\x00\x00\x01" * 5 + b"\x08\x00" + IP),
        (ETHERNET, b""),
        (NULL, b"\x63\0\0\0" + IP),
        (COOKED, b"\x08\x00"),
        (COOKED_2, bytes(20) + IP),
        (PPP, b"\xc0\x21ab"),
    ],
)
def test_other_frames_have_none(link: int, frame: bytes) -> None:
    assert ip_packet(link, frame) is None


def test_links_that_are_not_known_are_told_of() -> None:
    assert told(pcap(IP, link=147)) == ([], ["Frames of link types that are not known were left out (LINKTYPE 147)."])
