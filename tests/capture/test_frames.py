import gzip
import io
from struct import pack

import pytest

from scscf.capture.frames import Damaged, Frame, NoCapture, Told, frames
from tests.capture.wires import ETHERNET, REGISTER, block, interface, packet, pcap, section, told, udp

PACKET = udp(REGISTER)


def every(file: bytes) -> list[Frame]:
    return list(frames(io.BytesIO(file), Told()))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nanoseconds", [False, True])
def test_a_classic_file_is_read_in_either_byte_order_and_unit(order: str, nanoseconds: bool) -> None:
    found = every(pcap(PACKET, PACKET, order=order, nanoseconds=nanoseconds, step=1.5, link=ETHERNET))

    assert [(each.number, each.at, each.link, each.whole) for each in found] == [(1, 0, 1, True), (2, 1.5, 1, True)]
    assert found[0].data == PACKET


@pytest.mark.parametrize("order", ["<", ">"])
def test_sections_and_interfaces_of_pcapng_say_how_time_counts(order: str) -> None:
    nanoseconds = pack(f"{order}HHB3xHHqHH", 9, 1, 9, 14, 8, 100, 0, 0)
    halves = pack(f"{order}HHB3x", 9, 1, 0x81)
    file = (
        section(order) + interface(order=order) + interface(1, nanoseconds, order) + packet(PACKET, 1_500_000, 0, order)
    )
    file += packet(PACKET, 2 * 10**9, 1, order) + block(5, b"statistics", order)
    file += section("<") + interface(113, halves if order == "<" else pack("<HHB3x", 9, 1, 0x81)) + packet(b"x", 3)

    assert [(each.at, each.link) for each in every(file)] == [(1.5, 101), (102.0, 1), (1.5, 113)]


def test_packets_without_time_and_packets_of_old_files_are_read() -> None:
    simple = block(3, pack("<I", 4) + b"abcd")
    old = block(2, pack("<HHIIII", 0, 0, 0, 7_000_000, 2, 2) + b"ef")
    cut = block(3, pack("<I", 9) + b"abcde")
    found = every(section() + interface() + old + simple + section() + interface(snap=5) + cut)

    assert [(each.at, each.data, each.whole) for each in found] == [
        (7.0, b"ef", True), (7.0, b"abcd", True), (7.0, b"abcde", False),
    ]  # fmt: skip


def test_names_of_addresses_are_kept() -> None:
    records = pack("<HH4s4s", 1, 8, b"\x01\x02\x03\x04", b"ue\0\0") + pack(
        "<HH16s4s", 2, 20, bytes(15) + b"\x01", b"me\0x"
    )
    heard = Told()
    list(frames(io.BytesIO(section() + block(4, records + bytes(4))), heard))

    assert heard.names == {"1.2.3.4": "ue", "::1": "me"}


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (b"", "is empty"),
        (b"\x1f\x8b\x08\x00", "is damaged or cut off where it is compressed"),
        (b"\x1f\x8b\x08\x00" + bytes(40), "is damaged or cut off where it is compressed"),
        (gzip.compress(b"# Hello\n"), "is no capture: neither pcapng nor pcap"),
        (b"\x28\xb5\x2f\xfd", "is compressed: unpack it first (zstd)"),
        (b"# Hello\n", "is no capture: neither pcapng nor pcap"),
        (b"\xa1\xb2\xc3\xd4\x00", "is no capture: its header is cut off"),
    ],
)
def test_what_is_no_capture_says_why(file: bytes, why: str) -> None:
    with pytest.raises(NoCapture, match=f"^{why.replace('(', '.').replace(')', '.')}$"):
        every(file)


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (packet(PACKET)[:-9], "is cut off within a packet"),
        (b"\x06\0", "is cut off within a block"),
        (pack("<III", 6, 8, 8), "has a block of 8 octets"),
        (pack("<II", 6, 1 << 31), "has a block of 2147483648 octets"),
        (block(6, b"short"), "has a block that is too short"),
        (packet(PACKET, which=7), "has a block that is too short"),
        (block(0x0A0D0D0A, b"12345678"), "has a section without a byte order"),
    ],
)
def test_a_damaged_file_is_read_as_far_as_it_goes(end: bytes, why: str) -> None:
    found, notices = told(section() + interface() + packet(PACKET) + end)

    assert [each.data for each in found] == [REGISTER]
    assert notices == [f"The file {why}; what is before that was read."]


@pytest.mark.parametrize(
    "end", [pack("<II", 1, 2), pack("<IIII", 1, 2, 1 << 20, 1 << 20), pack("<IIII", 1, 2, 9, 9) + b"x"]
)
def test_a_damaged_classic_file_too(end: bytes) -> None:
    found, notices = told(pcap(PACKET) + end)

    assert len(found) == len(notices) == 1


def test_what_gzip_compressed_is_read_as_it_is() -> None:
    file = section() + interface() + packet(b"one") + packet(b"two")

    assert every(gzip.compress(file)) == every(file)
    with pytest.raises(Damaged, match="is damaged or cut off where it is compressed"):
        every(gzip.compress(file)[:-9])


def test_what_unpacks_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scscf.capture.frames._MOST_UNPACKED", 1000)

    with pytest.raises(Damaged, match="has more than 0 GB where it is compressed"):
        every(gzip.compress(section() + interface() + packet(b"one") * 100))


def test_packets_that_were_dropped_are_told_of() -> None:
    statistics = pack("<III", 0, 0, 0) + pack("<HHQHHQHHQ", 4, 8, 900, 5, 8, 3, 7, 8, 4) + bytes(4)
    elsewhere = pack("<III", 9, 0, 0)

    _, notices = told(section() + interface() + packet(udp(REGISTER)) + block(5, statistics) + block(5, elsewhere))

    assert notices == ["Packets that were dropped before they came into the file: 7."]
