import logging

import pytest
from twisted.internet.defer import Deferred

from scscf.errors import SipError
from scscf.net.heap_clock import HeapClock
from scscf.net.shell import DEADLINES_PER_TURN, Shell
from scscf.promise import Promise
from scscf.sip.outbox import Flow, Send, Transmit

FLOW = Flow("udp", ("192.0.2.1", 5060), ("192.0.2.9", 5060))


class Flushed(list[bytes]):
    def __call__(self, items: list[Transmit | Send]) -> None:
        self.extend(item.data for item in items if isinstance(item, Transmit))


def a_shell() -> tuple[HeapClock, Shell, Flushed]:
    clock = HeapClock(1000.0)
    shell = Shell(clock)
    flushed = Flushed()
    shell.flush = flushed
    return clock, shell, flushed


def test_the_outbox_is_flushed_in_order_when_the_outermost_turn_ends() -> None:
    _, shell, flushed = a_shell()
    with shell.turn():
        shell.outbox.transmit(b"1", FLOW)
        with shell.turn():
            shell.outbox.transmit(b"2", FLOW)
        assert flushed == []
    assert flushed == [b"1", b"2"]


def test_what_sending_puts_into_the_outbox_leaves_in_the_same_turn() -> None:
    _, shell, flushed = a_shell()

    def flush(items: list[Transmit | Send]) -> None:
        flushed(items)
        if len(flushed) < 3:
            shell.outbox.transmit(b"more", FLOW)

    shell.flush = flush
    with shell.turn():
        shell.outbox.transmit(b"1", FLOW)
    assert flushed == [b"1", b"more", b"more"]


def test_one_timer_serves_every_deadline_of_both_clocks() -> None:
    clock, shell, _ = a_shell()
    fired: list[tuple[str, float]] = []
    with shell.turn():
        for delay in (3.0, 1.0, 2.0):
            shell.wire.at(1000.0 + delay, lambda now: fired.append(("wire", now)))
        shell.service.at(1001.5, lambda now: fired.append(("service", now)))
    assert len(clock) == 1
    clock.advance(10.0)
    assert fired == [("wire", 1001.0), ("service", 1001.5), ("wire", 1002.0), ("wire", 1003.0)]
    assert len(clock) == 0


def test_what_a_deadline_sends_leaves_at_its_time() -> None:
    clock, shell, flushed = a_shell()
    with shell.turn():
        shell.service.at(1005.0, lambda now: shell.outbox.transmit(b"late", FLOW))
    clock.advance(4.9)
    assert flushed == []
    clock.advance(0.1)
    assert flushed == [b"late"]


def test_a_burst_of_deadlines_is_spread_over_turns() -> None:
    clock, shell, _ = a_shell()
    turns: list[int] = []
    fired: list[float] = []
    shell.flush = lambda items: turns.append(len(items))

    def due(now: float) -> None:
        fired.append(now)
        shell.outbox.transmit(b"", FLOW)

    with shell.turn():
        for _ in range(2 * DEADLINES_PER_TURN + 1):
            shell.service.at(1001.0, due)
    clock.advance(1.0)
    assert turns == [DEADLINES_PER_TURN, DEADLINES_PER_TURN, 1]


def test_service_time_may_be_advanced_alone_deadline_by_deadline() -> None:
    clock, shell, _ = a_shell()
    fired: list[float] = []

    def again(now: float) -> None:
        shell.service.at(now + 50.0, fired.append)

    with shell.turn():
        shell.service.at(1100.0, again)
        shell.wire.at(1001.0, lambda now: fired.append(-1.0))
    assert shell.advance_service(200.0) == 2
    assert fired == [1150.0]
    assert (shell.now(), clock.seconds()) == (1200.0, 1000.0)
    clock.advance(1.0)
    assert fired == [1150.0, -1.0]
    assert shell.now() == 1201.0


def test_an_exception_in_a_turn_is_a_bug_and_the_turn_still_ends(caplog: pytest.LogCaptureFixture) -> None:
    _, shell, flushed = a_shell()
    with caplog.at_level(logging.ERROR):
        shell.outbox.transmit(b"1", FLOW)
        shell.run(lambda: 1 // 0)
    assert shell.bugs == 1
    assert "ZeroDivisionError" in caplog.text
    assert flushed == [b"1"]


def test_a_deadline_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    clock, shell, _ = a_shell()
    fired: list[float] = []

    def broken(now: float) -> None:
        raise ZeroDivisionError

    with shell.turn():
        shell.service.at(1001.0, broken)
        shell.service.at(1001.0, fired.append)
    clock.advance(2.0)
    assert (shell.bugs, fired) == (1, [1001.0])


def test_a_procedure_that_awaits_nothing_is_done_at_once() -> None:
    _, shell, flushed = a_shell()

    async def procedure() -> int:
        shell.outbox.transmit(b"1", FLOW)
        return 7

    promise = shell.perform(procedure())
    assert (promise.result(), flushed) == (7, [b"1"])


def test_a_procedure_goes_on_in_a_turn_when_its_promise_is_kept() -> None:
    _, shell, flushed = a_shell()
    waiting: Promise[bytes] = Promise()

    async def procedure() -> None:
        shell.outbox.transmit(await waiting, FLOW)

    promise = shell.perform(procedure())
    assert not promise.done
    waiting.keep(b"kept")
    assert (promise.done, flushed) == (True, [b"kept"])


def test_a_procedure_may_await_deferreds_and_their_failures() -> None:
    _, shell, flushed = a_shell()
    first: Deferred[bytes] = Deferred()
    second: Deferred[bytes] = Deferred()

    async def procedure() -> str:
        shell.outbox.transmit(await first, FLOW)
        try:
            await second
        except KeyError:
            return "caught"
        return "not caught"

    promise = shell.perform(procedure())
    first.callback(b"1")
    assert flushed == [b"1"]
    second.errback(KeyError("x"))
    assert promise.result() == "caught"
    assert shell.bugs == 0


def test_deferreds_that_fired_before_are_taken_at_once() -> None:
    _, shell, _ = a_shell()
    fired: Deferred[int] = Deferred()
    fired.callback(3)

    async def procedure() -> int:
        return await fired

    assert shell.perform(procedure()).result() == 3


def test_an_error_of_a_procedure_is_its_callers_or_a_bug(caplog: pytest.LogCaptureFixture) -> None:
    _, shell, _ = a_shell()
    errors: list[Exception] = []

    async def refused() -> None:
        raise SipError(403)

    async def broken() -> None:
        raise ZeroDivisionError

    shell.perform(refused(), errors.append)
    assert shell.bugs == 0
    shell.perform(broken(), errors.append)
    assert shell.bugs == 1
    promise = shell.perform(refused())
    assert shell.bugs == 2
    assert [type(error) for error in errors] == [SipError, ZeroDivisionError]
    with pytest.raises(SipError):
        promise.result()


def test_a_stopped_shell_sets_no_timer() -> None:
    clock, shell, _ = a_shell()
    with shell.turn():
        shell.service.at(1005.0, lambda now: None)
    shell.stop()
    with shell.turn():
        shell.service.at(1002.0, lambda now: None)
    assert len(clock) == 0
