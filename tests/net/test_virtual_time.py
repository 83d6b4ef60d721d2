"""Orders to a node's service time, on a heap clock that stands in for the reactor."""

import pytest

from scscf.net.heap_clock import HeapClock
from scscf.net.shell import Shell
from scscf.net.virtual_time import ANSWERS_WITHIN, PATIENCE, Moved, VirtualTime
from scscf.promise import Promise
from scscf.sip.outbox import Flow

FLOW = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.9", 5060))
NOTIFY = b"NOTIFY sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%d\r\n\r\n"
OK = b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK%d\r\n\r\n"


class Stage:
    """A shell at 1000 s of both times, and what was called when."""

    def __init__(self) -> None:
        self.clock = HeapClock(1000.0)
        self.shell = Shell(self.clock)
        self.shell.flush = lambda items: [self.virtual.trace("out", FLOW, item.data) for item in items]  # type: ignore
        self.virtual = VirtualTime(self.shell)
        self.calls: list[tuple[str, float, float]] = []

    def at(self, when: float, name: str, sends: bytes | None = None) -> None:
        def call(now: float) -> None:
            self.calls.append((name, now, self.clock.seconds()))
            if sends is not None:
                self.shell.outbox.transmit(sends, FLOW)

        with self.shell.turn():
            self.shell.service.at(when, call)

    def move(self, seconds: float = 0.0, freeze: bool | None = None, within: float = 0.0) -> Moved:
        promise = self.virtual.move(seconds, freeze)
        self.clock.advance(within)
        assert promise.done
        return promise.result()


def test_everything_due_is_done_in_order_each_at_its_own_time() -> None:
    stage = Stage()
    for when in (1300.0, 1100.0, 1200.5):
        stage.at(when, f"{when:g}")
    with stage.shell.turn():
        stage.shell.service.at(1250.0, lambda now: stage.at(now + 10.0, "again"))
    stage.at(1400.5, "later")

    moved = stage.move(400.0)

    assert moved == Moved(1400.0, 5, 0, 0.0)
    assert [(name, now) for name, now, _ in stage.calls] == [
        ("1100", 1100.0), ("1200.5", 1200.5), ("again", 1260.0), ("1300", 1300.0)
    ]  # fmt: skip
    assert (stage.shell.now(), stage.clock.seconds()) == (1400.0, 1000.0)


def test_time_flows_on_at_wall_speed_after_it_was_moved() -> None:
    stage = Stage()
    stage.at(1400.5, "later")
    stage.move(400.0)

    stage.clock.advance(0.4)
    assert stage.calls == []
    stage.clock.advance(0.2)

    assert stage.calls == [("later", 1400.5, 1000.5)]
    assert stage.shell.now() == pytest.approx(1400.6)


def test_frozen_time_is_moved_by_orders_only() -> None:
    stage = Stage()
    stage.at(1001.0, "a")
    assert stage.move(freeze=True) == Moved(1000.0, 0, 0, 0.0)

    stage.clock.advance(50.0)
    assert (stage.shell.now(), stage.calls) == (1000.0, [])

    assert stage.move(2.0) == Moved(1002.0, 1, 0, 0.0)
    stage.clock.advance(50.0)
    assert stage.shell.now() == 1002.0
    assert stage.virtual.frozen

    stage.at(1003.0, "b")
    assert stage.move(freeze=False) == Moved(1002.0, 0, 0, 0.0)
    stage.clock.advance(1.5)
    assert stage.calls == [("a", 1001.0, 1050.0), ("b", 1003.0, 1101.0)]


def test_what_is_due_at_once_is_done_while_time_is_frozen() -> None:
    stage = Stage()
    stage.move(freeze=True)
    stage.at(1000.0, "now")
    stage.at(999.0, "before")
    stage.clock.advance(0.0)

    assert [name for name, _, _ in stage.calls] == ["before", "now"]


def test_wire_time_is_never_moved() -> None:
    stage = Stage()
    fired: list[float] = []
    with stage.shell.turn():
        stage.shell.wire.at(1001.0, fired.append)

    stage.move(1000.0)
    assert fired == []
    stage.clock.advance(1.0)

    assert fired == [1001.0]


def test_messages_are_counted_that_left_because_of_it() -> None:
    stage = Stage()
    stage.at(1100.0, "answer", b"SIP/2.0 408 Request Timeout\r\n\r\n")
    stage.at(1100.0, "notify", NOTIFY % 1)
    stage.virtual.trace("out", FLOW, NOTIFY % 2)

    promise = stage.virtual.move(100.0)
    stage.clock.advance(0.01)
    stage.virtual.trace("in", FLOW, NOTIFY % 3)
    stage.virtual.trace("out", FLOW, OK % 3)
    stage.virtual.trace("out", FLOW, NOTIFY % 1)
    stage.virtual.trace("in", FLOW, OK % 1)
    stage.virtual.trace("out", FLOW, NOTIFY % 4)
    stage.virtual.trace("in", FLOW, OK % 4)
    stage.clock.advance(0.01)

    assert promise.result() == Moved(1100.0, 2, 3, 0.0)


def test_a_peer_may_answer_before_time_goes_on() -> None:
    stage = Stage()
    stage.at(1100.0, "first", NOTIFY % 1)
    stage.at(1100.2, "close", NOTIFY % 2)
    stage.at(1200.0, "second")
    promise = stage.virtual.move(300.0)

    stage.clock.advance(0.02)
    assert [name for name, _, _ in stage.calls] == ["first", "close"]
    for number in (1, 2):
        stage.virtual.trace("in", FLOW, b"SIP/2.0 100 Trying\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK%d\r\n\r\n" % number)
    stage.clock.advance(0.02)
    assert len(stage.calls) == 2
    for number in (1, 2):
        stage.virtual.trace("in", FLOW, OK % number)
    stage.clock.advance(0.002)

    assert [name for name, _, _ in stage.calls] == ["first", "close", "second"]
    assert promise.result() == Moved(1300.0, 3, 2, 0.0)


def test_nobody_is_waited_for_long() -> None:
    stage = Stage()
    for number in range(100):
        stage.at(2000.0 + number, "a", NOTIFY % number)
    promise = stage.virtual.move(2000.0)

    stage.clock.advance(ANSWERS_WITHIN - 0.01)
    assert len(stage.calls) == 1
    stage.clock.advance(0.1)
    assert len(stage.calls) == 2
    assert not promise.done
    stage.clock.advance(PATIENCE)

    assert promise.result() == Moved(3000.0, 100, 100, 0.0)


def test_a_procedure_that_a_deadline_began_may_end_before_time_goes_on() -> None:
    stage = Stage()
    answered: Promise[None] = Promise()
    ended: list[float] = []

    async def ask() -> None:
        await answered
        ended.append(stage.shell.now())

    with stage.shell.turn():
        stage.shell.service.at(1100.0, lambda _now: stage.shell.start(ask()))
    stage.at(1200.0, "later")
    promise = stage.virtual.move(200.0)
    stage.clock.advance(0.1)
    assert (stage.calls, promise.done) == ([], False)

    answered.keep(None)
    stage.clock.advance(0.01)

    assert ended == [1100.0]
    assert promise.result() == Moved(1200.0, 2, 0, 0.0)


def test_orders_are_done_one_after_the_other() -> None:
    stage = Stage()
    stage.at(1050.0, "a")
    first, second, third = stage.virtual.move(100.0), stage.virtual.move(10.0, True), stage.virtual.move(1.0, False)
    stage.clock.advance(0.0)

    assert first.result() == Moved(1100.0, 1, 0, 0.0)
    assert second.result() == Moved(1110.0, 0, 0, 0.0)
    assert third.result() == Moved(1111.0, 0, 0, 0.0)
    assert not stage.virtual.frozen


def test_what_is_always_due_ends_the_order_and_not_the_node(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scscf.net.virtual_time.MOST_FIRED", 1000)
    stage = Stage()

    def again(now: float) -> None:
        if len(stage.calls) < 3000:
            stage.at(now, "again")
            stage.shell.service.at(now, again)

    with stage.shell.turn():
        stage.shell.service.at(1010.0, again)

    assert stage.move(100.0) == Moved(1010.0, 1000, 0, 90.0)


def test_a_deadline_that_fails_is_a_bug_and_time_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage()

    def broken(now: float) -> None:
        raise ZeroDivisionError

    with stage.shell.turn():
        stage.shell.service.at(1010.0, broken)
    stage.at(1020.0, "next")

    assert stage.move(100.0) == Moved(1100.0, 2, 0, 0.0)
    assert (stage.shell.bugs, len(stage.calls)) == (1, 1)


def test_rounding_keeps_no_deadline_from_coming() -> None:
    stage = Stage()
    stage.move(1e9 / 7)
    for number in range(50):
        when = stage.shell.now() + number / 3 + 0.1
        stage.at(when, "a")
    stage.clock.advance(17.0)

    assert len(stage.calls) == 50
