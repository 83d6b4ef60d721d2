import pytest

from scscf.capture.hep import LONGEST
from scscf.capture.recording import Recorded
from scscf.config.captures import Homer
from scscf.net.heap_clock import HeapClock
from scscf.net.homer import HomerSender
from scscf.net.memory import MemoryNetwork
from tests.capture.test_hep import OCTETS, chunks


def recorded(octets: bytes = OCTETS) -> Recorded:
    return Recorded(7.0, "sip", "udp", ("192.0.2.1", 5070), ("192.0.2.9", 5060), octets)


def test_copies_go_to_the_homer_and_what_is_too_long_is_counted() -> None:
    clock = HeapClock()
    network = MemoryNetwork(clock)
    came: list[bytes] = []
    network.datagrams("192.0.2.50", 9060, lambda data, _: came.append(data))
    sender = HomerSender(network, Homer("homer.test", 9060, 7, "secret"), "192.0.2.50")

    sender.send(recorded(), "call@1")
    sender.send(recorded(bytes(LONGEST)), "")
    clock.advance(1)

    (packet,) = came
    assert chunks(packet)[15] == OCTETS
    assert (chunks(packet)[12], chunks(packet)[14], chunks(packet)[17]) == (b"\0\0\0\7", b"secret", b"call@1")
    assert sender.counters == {"sent": 1, "too long": 1}
    sender.close()


def test_a_homer_that_cannot_be_reached_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    sender = HomerSender(MemoryNetwork(HeapClock()), Homer("192.0.2.50", 9060), "192.0.2.50")
    sender.close()

    class Broken:
        local = ("192.0.2.1", 1)

        def send(self, data: bytes, remote: tuple[str, int]) -> None:
            raise OSError("network is unreachable")

    sender._socket = Broken()  # type: ignore[assignment]
    sender.send(recorded(), "")
    sender.send(recorded(), "")

    assert sender.counters == {"not sent": 2}
    assert len(caplog.records) == 1
