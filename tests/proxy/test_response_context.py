import pytest

from scscf.proxy.response_context import BRANCH, TIMER_C, BranchAction, BranchInput, BranchState

pytestmark = pytest.mark.clause("RFC 3261 §16.7", "RFC 3261 §16.8", "RFC 3261 §16.10")


def test_the_table_is_total() -> None:
    assert set(BRANCH) == set(BranchState)
    for state, row in BRANCH.items():
        assert set(row) == set(BranchInput), state


def test_a_branch_ends_but_once() -> None:
    for state in (BranchState.SUCCEEDED, BranchState.COMPLETED):
        for event, (after, actions) in BRANCH[state].items():
            assert after is state
            assert actions == ((BranchAction.PASS,) if (state, event) == _ANOTHER_2XX else ())


_ANOTHER_2XX = (BranchState.SUCCEEDED, BranchInput.SUCCESS)


@pytest.mark.parametrize("state", [BranchState.TRYING, BranchState.PROCEEDING, BranchState.CANCELLED])
@pytest.mark.parametrize(
    "event", [BranchInput.SUCCESS, BranchInput.FAILURE, BranchInput.GLOBAL_FAILURE, BranchInput.NO_ANSWER]
)
def test_every_final_response_stops_timer_c(state: BranchState, event: BranchInput) -> None:
    after, actions = BRANCH[state][event]

    assert after in (BranchState.SUCCEEDED, BranchState.COMPLETED)
    assert actions[0] is BranchAction.STOP_C


@pytest.mark.parametrize("event", [BranchInput.SUCCESS, BranchInput.GLOBAL_FAILURE])
def test_2xx_and_6xx_cancel_the_others(event: BranchInput) -> None:
    assert BranchAction.CANCEL_OTHERS in BRANCH[BranchState.PROCEEDING][event][1]


def test_only_other_provisional_responses_than_100_restart_timer_c() -> None:
    proceeding = BRANCH[BranchState.PROCEEDING]
    restarts = {event for event, (_, actions) in proceeding.items() if BranchAction.SET_C in actions}

    assert restarts == {BranchInput.PROVISIONAL, BranchInput.FLOW_FAILED}
    assert TIMER_C > 180
