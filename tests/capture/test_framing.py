from struct import pack

import pytest

from scscf.capture.framing import Framing, is_diameter, is_sip
from tests.capture.wires import REGISTER, WITH_BODY

CER = pack("!IIIII", 1 << 24 | 24, 0x80 << 24 | 257, 0, 1, 2) + b"\0\0\0\0"


@pytest.mark.parametrize(
    "data", [REGISTER, b"\r\n" + REGISTER, b"SIP/2.0 200 OK\r\n", b"SIP/2.0 200\r\n", b"x-Y a SIP/2.0\n"]
)
def test_a_start_line_is_what_tells_sip(data: bytes) -> None:
    assert is_sip(data)


@pytest.mark.parametrize(
    "data", [b"", b"GET / HTTP/1.1\r\n", b"SIP/2.0 20 OK\r\n", b"REGISTER sip:a SIP/2.0", b"\r\n\r\n", b"\0" * 40]
)
def test_nothing_else_is_sip(data: bytes) -> None:
    assert not is_sip(data)


def test_diameter_is_told_by_its_header() -> None:
    assert is_diameter(CER)
    assert not is_diameter(CER[:19])
    assert not is_diameter(b"\2" + CER[1:])
    assert not is_diameter(CER[:8] + pack("!I", 16777251) + CER[12:])


@pytest.mark.parametrize("size", [1, 5, 23, 1000])
def test_sip_and_diameter_are_cut_by_their_lengths(size: int) -> None:
    framing, found = Framing(), list[tuple[str, bytes]]()
    stream = CER + REGISTER + b"\r\n\r\n" + WITH_BODY + CER
    for at in range(0, len(stream), size):
        found += framing.feed(stream[at : at + size])

    assert found == [("diameter", CER), ("sip", REGISTER), ("sip", WITH_BODY), ("diameter", CER)]


def test_a_message_without_content_length_ends_with_its_head() -> None:
    bare = b"OPTIONS sip:a SIP/2.0\r\nCall-ID: x\r\n\r\n"

    assert Framing().feed(bare + REGISTER) == [("sip", bare), ("sip", REGISTER)]


def test_what_is_no_message_is_gone_over() -> None:
    framing = Framing()

    assert framing.feed(b"garbage\r\nmore of it\r\n" + REGISTER) == [("sip", REGISTER)]
    assert framing.feed(b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 999999999\r\n\r\n" + REGISTER) == [("sip", REGISTER)]


def test_a_head_without_end_and_a_stream_of_something_else_are_given_up() -> None:
    framing = Framing()
    framing.feed(b"OPTIONS sip:a SIP/2.0\r\n" + b"x: y\r\n" * 20_000)
    assert framing.hopeless

    other = Framing()
    for _ in range(100):
        assert other.feed(b"\x01\x02binary" * 200) == []
    assert other.hopeless
    assert other.feed(REGISTER) == []
