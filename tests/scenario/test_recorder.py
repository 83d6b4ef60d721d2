"""What is kept of a run: messages that the wire lost are marked, and only those."""

from scscf.scenario.recorder import Recorder
from scscf.sip.outbox import Flow

HERE, THERE = ("198.51.100.10", 5060), ("192.0.2.1", 5060)


def test_a_lost_datagram_is_marked_and_its_retransmission_is_not() -> None:
    recorder = Recorder(lambda: 1.0)
    recorder.join("phone", HERE)
    told = recorder.trace("phone")
    data = b"OPTIONS sip:home1.test SIP/2.0\r\n\r\n"

    told("out", Flow("udp", HERE, THERE), data)
    recorder.lost(data)
    told("out", Flow("udp", HERE, THERE), data)
    told("out", Flow("udp", HERE, THERE), data)

    assert [each.lost for each in recorder.messages()] == [False, True, False]
