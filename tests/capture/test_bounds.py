"""How much a hostile capture may make the reader keep."""

import tracemalloc

import pytest

from scscf.capture import streams
from scscf.capture.internet import Fragments
from scscf.capture.streams import Streams
from tests.capture.test_internet import fragment
from tests.capture.wires import REGISTER, SERVER, UE, tcp


def take(found: Streams, packet: bytes, port: int, at: float = 0.0) -> list[bytes]:
    return [
        piece.data for _, _, piece in found.take(at, 1, UE[0], SERVER[0], bytes([port >> 8, port & 255]) + packet[22:])
    ]


def test_segments_that_wait_for_others_are_bounded_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_MOST_HELD", 10_000)
    found = Streams()
    for port in range(200):
        take(found, tcp(0, flags=2), port)
        take(found, tcp(1000, b"x" * 900), port)

    assert found.gaps == 200 - 11
    assert take(found, tcp(5000, REGISTER), 0) == [REGISTER]


def test_connections_are_bounded() -> None:
    found = Streams()
    for port in range(3000):
        take(found, tcp(1, REGISTER[:20]), port)

    assert take(found, tcp(21, REGISTER[20:]), 0) == []
    assert take(found, tcp(21, REGISTER[20:]), 2999) == [REGISTER]


def test_a_reset_gives_out_what_waited() -> None:
    found = Streams()
    take(found, tcp(0, flags=2), 7)
    take(found, tcp(500, REGISTER), 7)
    take(found, tcp(5000, REGISTER), 7)

    assert take(found, tcp(1, flags=4), 7) == [REGISTER, REGISTER]


def test_the_octets_of_one_packet_s_fragments_are_bounded() -> None:
    fragments = Fragments()
    tracemalloc.start()
    for number in range(16):
        for _ in range(12):
            fragments.take(0.0, fragment(8, bytes(60_000), True, number))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 16 * 4 * 65_535
    assert fragments.lost > 16
