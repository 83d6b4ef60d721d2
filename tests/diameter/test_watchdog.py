"""The transport watchdog (RFC 3539 §3.4.1)."""

import pytest

from scscf.diameter.watchdog import WATCHDOG, Action, Event, State

pytestmark = pytest.mark.clause("RFC 3539 §3.4.1")


def test_every_state_knows_every_event() -> None:
    assert set(WATCHDOG) == set(State)
    assert all(set(row) == set(Event) for row in WATCHDOG.values())


def go(state: State, *events: Event) -> tuple[State, list[Action]]:
    done: list[Action] = []
    for event in events:
        state, actions = WATCHDOG[state][event]
        done += actions
    return state, done


def test_a_silent_peer_is_asked_then_suspected_then_given_up() -> None:
    state, done = go(State.INITIAL, Event.CONNECTION_UP, Event.TIMER, Event.TIMER_PENDING)
    assert state is State.SUSPECT
    assert Action.SEND_WATCHDOG in done
    assert done[-2:] == [Action.FAILOVER, Action.SET_WATCHDOG]
    assert go(state, Event.TIMER_PENDING) == (State.DOWN, [Action.CLOSE_CONNECTION, Action.SET_WATCHDOG])


@pytest.mark.parametrize("event", [Event.RECEIVE_DWA, Event.RECEIVE_NON_DWA])
def test_a_suspected_peer_that_speaks_is_believed_again(event: Event) -> None:
    assert go(State.SUSPECT, event) == (State.OKAY, [Action.FAILBACK, Action.SET_WATCHDOG])


def test_a_peer_that_comes_back_has_to_answer_three_times() -> None:
    state, done = go(State.DOWN, Event.CONNECTION_UP)
    assert (state, done) == (State.REOPEN, [Action.SEND_WATCHDOG, Action.SET_WATCHDOG])
    state, done = go(state, Event.RECEIVE_DWA, Event.RECEIVE_NON_DWA, Event.RECEIVE_DWA)
    assert state is State.REOPEN
    assert done.count(Action.SEND_WATCHDOG) == 2
    assert go(state, Event.RECEIVE_THIRD_DWA)[0] is State.OKAY


def test_what_comes_of_a_connection_that_is_down_is_thrown_away() -> None:
    for event in (Event.RECEIVE_DWA, Event.RECEIVE_NON_DWA, Event.RECEIVE_THIRD_DWA):
        assert go(State.DOWN, event) == (State.DOWN, [Action.THROWAWAY])
