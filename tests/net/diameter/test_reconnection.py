"""How often a peer that is gone is tried (RFC 6733 §2.1)."""

import pytest

from scscf.net.diameter.reconnection import Reconnection
from scscf.net.heap_clock import HeapClock
from scscf.net.shell import Shell

pytestmark = pytest.mark.clause("RFC 6733 §2.1")


class Attempts:
    """A peer to which no connection can be made."""

    def __init__(self) -> None:
        self.clock = HeapClock(0.0)
        self.times: list[float] = []
        self._shell = Shell(self.clock)
        self.reconnection = Reconnection(self._shell, self._connect)

    def put_off(self) -> None:
        self._shell.run(self.reconnection.put_off)

    def _connect(self) -> None:
        self.times.append(self.clock.seconds())
        self.reconnection.cancel()
        self.reconnection.put_off()


def test_a_peer_is_tried_ever_more_rarely_up_to_tc() -> None:
    attempts = Attempts()

    attempts.put_off()
    attempts.clock.advance(100)

    assert attempts.times == [1, 3, 7, 15, 31, 61, 91]


def test_a_peer_that_left_for_good_is_tried_after_tc() -> None:
    attempts = Attempts()

    attempts.reconnection.unwanted()
    attempts.put_off()
    attempts.clock.advance(100)

    assert attempts.times == [30, 60, 90]


def test_after_a_connection_the_waits_are_short_again() -> None:
    attempts = Attempts()
    attempts.put_off()
    attempts.clock.advance(20)
    assert attempts.reconnection.tried

    attempts.reconnection.cancel()
    attempts.reconnection.connected()
    assert not attempts.reconnection.tried
    attempts.put_off()
    attempts.clock.advance(2)

    assert attempts.times == [1, 3, 7, 15, 21]


def test_one_attempt_is_to_come_and_it_can_be_called_off() -> None:
    attempts = Attempts()
    attempts.put_off()
    attempts.put_off()
    attempts.reconnection.cancel()

    attempts.clock.advance(100)

    assert attempts.times == []
