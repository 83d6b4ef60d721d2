import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.sip.message import Request
from scscf.sip.parser import Limits
from scscf.sip.stream_parser import Ping, Pong, StreamParser

pytestmark = pytest.mark.clause("RFC 3261 §7.5", "RFC 3261 §18.3")

OPTIONS = b"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP c;branch=z9hG4bK1\r\nl: %d\r\n\r\n%s"
ONE = OPTIONS % (5, b"first")
TWO = OPTIONS % (0, b"")
SMALL = Limits(message=300, header_bytes=200, headers=5)


def test_two_messages_of_one_piece_of_a_stream() -> None:
    items = StreamParser().feed(ONE + b"\r\n" + TWO)
    assert [item.body for item in items if isinstance(item, Request)] == [b"first", b""]


@settings(max_examples=40)
@given(st.lists(st.integers(0, 2 * len(ONE + TWO)), max_size=8))
def test_a_stream_gives_the_same_wherever_it_is_cut(cuts: list[int]) -> None:
    stream = ONE + b"\r\n\r\n" + TWO + b"\r\n" + ONE + b"\r\n\r\n\r\n\r\n"
    places = [0, *sorted({min(cut, len(stream)) for cut in cuts}), len(stream)]
    parser = StreamParser()
    items = []
    for start, end in pairwise(places):
        items += parser.feed(stream[start:end])
    kinds = [type(item).__name__ for item in items]
    assert kinds == ["Request", "Ping", "Request", "Request", "Ping", "Ping"]
    assert [item.body for item in items if isinstance(item, Request)] == [b"first", b"", b"first"]
    assert not parser.closing


def test_a_ping_in_two_pieces_is_one_ping() -> None:
    parser = StreamParser()
    assert parser.feed(b"\r\n") == []
    assert [type(item) for item in parser.feed(b"\r\n")] == [Ping]


def test_a_pong_is_told_once_a_ping_was_sent() -> None:
    parser = StreamParser()
    parser.ping_sent = True
    assert [type(item) for item in parser.feed(b"\r\n")] == [Pong]
    assert not parser.ping_sent
    parser.ping_sent = True
    assert [type(item) for item in parser.feed(b"\r\n" + TWO)] == [Pong, Request]


@pytest.mark.parametrize(
    ("stream", "status"),
    [
        (b"OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\n\r\nbody", 400),
        (b"OPTIONS sip:a@b SIP/2.0\r\nl: -1\r\n\r\nbody", 400),
        (b"OPTIONS sip:a@b SIP/2.0\r\nl: 1\r\nl: 2\r\n\r\nbody", 400),
        (OPTIONS % (1000, b""), 513),
        (b"OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\nTo: " + b"x" * 300, 513),
        (b"OPTIONS sip:a@b SIP/2.0\r\nVia: x\r\nTo: " + b"x" * 300 + b"\r\n\r\n", 513),
        (b"OPTIONS sip:a@b SIP/2.0\r\n" + b"To: x\r\n" * 6 + b"l: 0\r\n\r\n", 513),
    ],
)
def test_lost_framing_ends_the_stream_with_a_message_to_answer(stream: bytes, status: int) -> None:
    parser = StreamParser(SMALL)
    items = parser.feed(TWO + stream + TWO)
    assert len(items) == 2
    assert isinstance(items[1], Request)
    assert items[1].defect is not None
    assert (items[1].defect.status, parser.closing) == (status, True)
    assert parser.feed(TWO) == []


def test_a_stream_of_something_else_is_closed_without_a_message() -> None:
    parser = StreamParser(SMALL)
    assert parser.feed(b"GET / HTTP/1.1\r\n\r\n") == []
    assert parser.closing
    parser = StreamParser(SMALL)
    assert parser.feed(b"\x16\x03\x01" * 100) == []
    assert parser.closing


def test_a_message_with_a_defect_that_leaves_the_framing_does_not_end_the_stream() -> None:
    parser = StreamParser()
    items = parser.feed(b"OPTIONS  sip:a@b SIP/2.0\r\nl: 0\r\n\r\n" + TWO)
    assert [isinstance(item, Request) and item.defect is None for item in items] == [False, True]


def test_line_ends_without_end_cost_no_memory_and_little_time() -> None:
    parser = StreamParser()
    start = time.process_time()
    assert parser.feed(b"\n" * 500000 + b"\r" * 500000) == []
    assert time.process_time() - start < 1
    assert len(parser.feed(b"\r\n" * 10000)) <= 5001
