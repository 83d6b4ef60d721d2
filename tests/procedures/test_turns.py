"""One procedure at a time for each private identity, in the order in which they came."""

from collections.abc import Coroutine
from typing import Any

import pytest

from scscf.errors import SipError
from scscf.procedures.turns import Turns

PHONE = "phone@home1.test"


class Runner:
    """Runs procedures that take a turn, note it and wait to be let go."""

    def __init__(self) -> None:
        self.turns = Turns()
        self.at_work: list[str] = []

    def start(self, name: str, who: str = PHONE, *, patiently: bool = False) -> None:
        self._go_on(self._procedure(name, who, patiently))

    async def _procedure(self, name: str, who: str, patiently: bool) -> None:
        await (self.turns.take_patiently(who) if patiently else self.turns.take(who))
        self.at_work.append(name)

    def _go_on(self, coroutine: Coroutine[Any, Any, None]) -> None:
        try:
            promise = coroutine.send(None)
        except StopIteration:
            return
        promise.when_done(lambda: self._go_on(coroutine))


def test_the_next_goes_on_when_the_turn_is_given_back() -> None:
    runner = Runner()
    for name in "abc":
        runner.start(name)
    assert runner.at_work == ["a"]
    assert runner.turns.waiting == 2
    runner.turns.give_back(PHONE)
    assert runner.at_work == ["a", "b"]
    assert runner.turns.waiting == 1
    runner.turns.give_back(PHONE)
    runner.turns.give_back(PHONE)

    assert runner.at_work == ["a", "b", "c"]
    assert (len(runner.turns), PHONE in runner.turns) == (0, False)


def test_private_identities_do_not_wait_for_each_other() -> None:
    runner = Runner()
    runner.start("a")
    runner.start("b", "pager@home1.test")

    assert runner.at_work == ["a", "b"]
    assert len(runner.turns) == 2


def test_too_many_who_wait_are_refused_and_the_others_are_served() -> None:
    runner = Runner()
    for number in range(1 + Turns.WAITERS):
        runner.start(str(number))
    with pytest.raises(SipError) as refused:
        runner.start("late")
    for _ in range(1 + Turns.WAITERS):
        runner.turns.give_back(PHONE)

    assert refused.value.status == 500
    assert refused.value.headers == (("Retry-After", "1"),)
    assert runner.at_work == ["0", "1", "2", "3", "4"]
    assert len(runner.turns) == 0


def test_what_nobody_can_refuse_waits_however_many_there_are() -> None:
    runner = Runner()
    for number in range(1 + Turns.WAITERS):
        runner.start(str(number))
    runner.start("expiry", patiently=True)
    for _ in range(2 + Turns.WAITERS):
        runner.turns.give_back(PHONE)

    assert runner.at_work[-1] == "expiry"


def test_a_turn_that_is_free_is_taken_at_once() -> None:
    turns = Turns()

    assert turns.take_at_once(PHONE)
    assert not turns.take_at_once(PHONE)
    turns.give_back(PHONE)
    assert turns.take_at_once(PHONE)


def test_a_procedure_at_work_is_told_that_its_registration_is_over() -> None:
    turns = Turns()
    assert not turns.end(PHONE)
    assert turns.take_at_once(PHONE)
    assert not turns.is_ended(PHONE)

    assert turns.end(PHONE)
    assert turns.is_ended(PHONE)

    turns.give_back(PHONE)
    assert turns.take_at_once(PHONE)
    assert not turns.is_ended(PHONE)
