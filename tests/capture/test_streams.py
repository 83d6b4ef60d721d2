import pytest

from tests.capture.wires import REGISTER, SERVER, UE, WITH_BODY, octets, pcap, read, tcp, told

SYN, FIN, RST = 0x02, 0x11, 0x04
TWO = REGISTER + WITH_BODY


def cut(data: bytes, size: int, start: int = 1001) -> list[bytes]:
    return [tcp(start + at, data[at : at + size]) for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 7, 100, 1000])
def test_messages_are_cut_out_of_a_stream_wherever_its_segments_are(size: int) -> None:
    assert octets(pcap(tcp(1000, flags=SYN), *cut(TWO, size), step=0.001)) == [REGISTER, WITH_BODY]


def test_segments_out_of_order_and_sent_again_make_the_same_stream() -> None:
    pieces = cut(TWO, 20)
    pieces[2:5] = [pieces[4], pieces[2], pieces[2], pieces[3], pieces[4]]
    overlapping = tcp(1001 + 30, TWO[30:90])

    assert octets(pcap(tcp(1000, flags=SYN), *pieces[:4], overlapping, *pieces[4:], step=0.01)) == [REGISTER, WITH_BODY]


def test_a_message_has_the_time_and_the_frame_that_completed_it() -> None:
    found = read(pcap(tcp(0, flags=SYN), *cut(REGISTER, 100, 1), step=0.5))

    assert [(each.at, each.frame, each.transport, each.source, each.destination) for each in found] == [
        (1.0, 3, "tcp", UE, SERVER)
    ]


def test_sequence_numbers_wrap() -> None:
    assert octets(pcap(tcp(2**32 - 20, flags=SYN), *cut(TWO, 10, 2**32 - 19), step=0.01)) == [REGISTER, WITH_BODY]


def test_a_capture_that_begins_in_a_stream_finds_the_next_message() -> None:
    assert octets(pcap(tcp(500, b"f: <sip:a@b>\r\nl: 0\r\n\r\n" + TWO))) == [REGISTER, WITH_BODY]
    assert octets(pcap(tcp(500, TWO))) == [REGISTER, WITH_BODY]


def test_a_gap_costs_the_message_that_it_is_in() -> None:
    pieces = cut(REGISTER + TWO, 50)
    found, notices = told(pcap(tcp(1000, flags=SYN), pieces[0], *pieces[2:], step=0.01))

    assert [each.data for each in found] == [REGISTER, WITH_BODY]
    assert notices == ["Gaps in TCP streams: 1."]


def test_a_gap_is_not_waited_for_without_end() -> None:
    pieces = [tcp(1001 + len(REGISTER) * (number + 1), REGISTER) for number in range(5)]
    found, _ = told(pcap(tcp(1000, flags=SYN), *pieces, step=2.0))

    assert len(found) == 5


def test_a_new_connection_between_the_same_ports_begins_anew() -> None:
    again = [tcp(9, flags=SYN), tcp(9, flags=SYN), *cut(REGISTER, 40, 10)]

    assert octets(pcap(*cut(TWO, 60), tcp(0, flags=FIN), *again, step=0.01)) == [REGISTER, WITH_BODY, REGISTER]
    assert octets(pcap(*cut(TWO, 60), tcp(0, flags=RST), *cut(REGISTER, 40, 7), step=0.01))[2:] == [REGISTER]


def test_both_directions_are_apart() -> None:
    answer = b"SIP/2.0 200 OK\r\nCall-ID: a@b\r\nContent-Length: 0\r\n\r\n"
    found = read(pcap(tcp(1, REGISTER[:40]), tcp(1, answer, source=SERVER, destination=UE), tcp(41, REGISTER[40:])))

    assert [(each.data, each.source) for each in found] == [(answer, SERVER), (REGISTER, UE)]


def test_tls_is_told_of_and_left_out() -> None:
    hello = b"\x16\x03\x01\x02\x00" + bytes(600)

    assert told(pcap(tcp(1, hello), tcp(1 + len(hello), REGISTER))) == (
        [],
        ["TCP streams that are TLS or no SIP, left out: 1."],
    )


def test_keep_alives_and_acknowledgements_are_nothing() -> None:
    assert octets(pcap(tcp(0, b"\r\n\r\n"), tcp(4), tcp(3, b"\n"), tcp(4, REGISTER))) == [REGISTER]


def test_segments_that_are_too_short_are_nothing() -> None:
    from tests.capture.wires import ip

    assert read(pcap(ip(6, b"123"))) == []
