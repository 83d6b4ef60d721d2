import io

from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.capture.frames import NoCapture
from scscf.capture.pcapng import pcapng
from scscf.capture.reading import CaptureReader
from scscf.capture.recording import Participant, Recorded
from tests.capture.wires import REGISTER, UE, WITH_BODY, interface, packet, pcap, read, section, tcp, told, udp

PLACES = [("192.0.2.5", 5060), ("192.0.2.1", 5060), ("2001:db8::5", 5070), ("2001:db8::1", 5060)]


def test_what_is_no_sip_is_left_out() -> None:
    assert read(pcap(udp(b"\r\n\r\n"), udp(b"\0\1\0\0" + bytes(16)), udp(b""), b"\x45")) == []


def test_a_datagram_that_is_cut_off_is_told_of() -> None:
    assert told(pcap(udp(REGISTER), cut=10)) == (
        [],
        ["SIP messages that a snap length cut off: 1."],
    )


def test_the_time_of_a_capture_is_that_of_its_frames() -> None:
    reader = CaptureReader(
        io.BytesIO(section() + interface() + packet(udp(REGISTER), 5_000_000) + packet(b"x", 9_000_000))
    )
    list(reader)

    assert (reader.began, reader.ended, reader.frames) == (5.0, 9.0, 2)


def test_our_own_captures_come_back_as_they_were_written() -> None:
    sent = [
        Recorded(0.5, "sip", "udp", PLACES[0], PLACES[1], REGISTER),
        Recorded(1.0, "sip", "tcp", PLACES[2], PLACES[3], WITH_BODY * 2),
        Recorded(1.5, "sip", "tcp", PLACES[3], PLACES[2], REGISTER),
    ]
    reader = CaptureReader(io.BytesIO(pcapng(sent, [Participant("phone", (PLACES[0],))], 1e9)))
    found = list(reader)

    assert [(each.at - 1e9, each.transport, each.source, each.destination, each.data) for each in found] == [
        (0.5, "udp", PLACES[0], PLACES[1], REGISTER),
        (1.0, "tcp", PLACES[2], PLACES[3], WITH_BODY),
        (1.0, "tcp", PLACES[2], PLACES[3], WITH_BODY),
        (1.5, "tcp", PLACES[3], PLACES[2], REGISTER),
    ]
    assert reader.names == {"192.0.2.5": "phone"}


@settings(max_examples=60)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"\xa1\xb2\xc3\xd4", section(), section(">"), section() + interface()]),
)
def test_any_octets_are_read_without_complaint(octets: bytes, before: bytes) -> None:
    try:
        told(before + octets)
    except NoCapture:
        assert len(before) <= 4


@settings(max_examples=60)
@given(st.data())
def test_a_damaged_capture_is_read_without_complaint(data: st.DataObject) -> None:
    file = bytearray(section() + interface())
    for number in range(6):
        file += packet(udp(REGISTER) if number % 2 else tcp(number * 50, WITH_BODY), number * 1000)
    for _ in range(data.draw(st.integers(1, 8))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    try:
        told(bytes(file))
    except NoCapture:
        assert file[:4] != section()[:4]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 400), st.integers(1, 120)), max_size=30), st.integers(0, 2**32 - 1))
def test_segments_in_any_order_never_make_up_a_message(pieces: list[tuple[int, int]], start: int) -> None:
    stream = (REGISTER + WITH_BODY) * 2
    segments = [tcp(start + at, stream[at : at + size]) for at, size in pieces if at < len(stream)]
    found, _ = told(pcap(tcp(start - 1, flags=2), *segments, step=0.001))

    assert {each.data for each in found} <= {REGISTER, WITH_BODY}
    assert all(each.source == UE for each in found)
