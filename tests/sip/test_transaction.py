import pytest

from scscf.sip.transaction import (
    NON_INVITE_CLIENT,
    NON_INVITE_SERVER,
    ClientInput,
    ClientState,
    ServerInput,
    ServerState,
    TimerValues,
)

pytestmark = pytest.mark.clause("RFC 3261 §17.1.2", "RFC 3261 §17.2.2")


def test_the_server_table_is_total() -> None:
    assert {(state, event) for state, row in NON_INVITE_SERVER.items() for event in row} == {
        (state, event) for state in ServerState for event in ServerInput
    }


def test_the_client_table_is_total() -> None:
    assert {(state, event) for state, row in NON_INVITE_CLIENT.items() for event in row} == {
        (state, event) for state in ClientState for event in ClientInput
    }


def test_nothing_happens_in_a_terminated_transaction() -> None:
    assert set(NON_INVITE_SERVER[ServerState.TERMINATED].values()) == {(ServerState.TERMINATED, ())}
    assert set(NON_INVITE_CLIENT[ClientState.TERMINATED].values()) == {(ClientState.TERMINATED, ())}


@pytest.mark.parametrize(("t1", "t2", "after"), [(0.5, 4.0, 3.5), (2.0, 16.0, 14.0), (0.5, 0.5, 0.0)])
def test_a_100_is_due_when_timer_e_reaches_t2(t1: float, t2: float, after: float) -> None:
    assert TimerValues(t1, t2).trying_after == after


def test_timers_f_and_j_are_64_t1() -> None:
    assert TimerValues().timeout == 32.0
