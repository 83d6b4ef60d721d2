"""The states of a subscription (RFC 6665 §4.2)."""

import pytest

from scscf.regevent.subscription import ENDING_STATUSES, TRANSITIONS, Input, State, Telling, Told
from tests.builders import after, register
from tests.regevent.watching import Watching


def test_the_table_is_total_and_terminated_is_for_good() -> None:
    assert set(TRANSITIONS) == set(State)
    assert all(set(row) == set(Input) for row in TRANSITIONS.values())
    assert set(TRANSITIONS[State.TERMINATED].values()) == {State.TERMINATED}
    assert [what for what, state in TRANSITIONS[State.ACTIVE].items() if state is State.ACTIVE] == [Input.REFRESH]


@pytest.mark.parametrize("what", list(Input))
def test_each_input_moves_a_subscription_as_the_table_says(what: Input) -> None:
    subscription = Watching(after(register())).watch()

    subscription.feed(what)

    assert subscription.state is TRANSITIONS[State.ACTIVE][what]


def test_the_codes_that_end_a_subscription_are_those_of_rfc_6665() -> None:
    assert sorted(ENDING_STATUSES) == [404, 405, 408, 410, 416, *range(480, 486), 489, 501, 502, 604]


@pytest.mark.parametrize(("at", "left"), [(0, 60), (0.2, 60), (59.5, 1), (60, 0), (1000, 0)])
def test_the_remaining_seconds_are_rounded_up_and_never_negative(at: float, left: int) -> None:
    watching = Watching(after(register()))
    watching.now = 0.0

    assert watching.watch(60).remaining(at) == left


def test_what_a_watcher_said_is_known_once_it_has() -> None:
    telling = Telling("s1")
    assert telling.so_far("sent") == Told("s1", None, "sent", None)
    telling.version = 3
    assert telling.so_far("timeout") == Told("s1", 3, "timeout", None)

    telling.keep(Told("s1", 3, 200, 1.5))

    assert telling.so_far("timeout") == Told("s1", 3, 200, 1.5)
