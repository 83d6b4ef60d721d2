"""The tables of the UE that acts by itself."""

import pytest

from scscf.ue.autonomous.states import REGISTRATION, RegistrationAction, RegistrationInput, RegistrationState
from scscf.ue.autonomous.watch_states import WATCHING, WatchingAction, WatchingInput, WatchingState

R, In, A = RegistrationState, RegistrationInput, RegistrationAction
ANSWERS = (In.ACCEPTED, In.TOO_BRIEF, In.TRY_LATER, In.REFUSED)


@pytest.mark.clause("TS 24.229 §5.1.1")
def test_the_table_of_the_registration_is_total() -> None:
    assert set(REGISTRATION) == set(RegistrationState)
    assert all(set(row) == set(RegistrationInput) for row in REGISTRATION.values())


def test_the_table_of_the_subscription_is_total() -> None:
    assert set(WATCHING) == set(WatchingState)
    assert all(set(row) == set(WatchingInput) for row in WATCHING.values())


def test_every_state_and_action_is_used() -> None:
    registration = [outcome for row in REGISTRATION.values() for outcome in row.values()]
    watching = [outcome for row in WATCHING.values() for outcome in row.values()]

    assert {action for _, actions in registration for action in actions} == set(RegistrationAction)
    assert {action for _, actions in watching for action in actions} == set(WatchingAction)
    assert {state for state, _ in registration} == set(RegistrationState)
    assert {state for state, _ in watching} == set(WatchingState)


@pytest.mark.parametrize("state", [R.REGISTERING, R.REFRESHING, R.DEREGISTERING])
def test_whoever_waits_for_an_answer_goes_on_with_every_answer(state: RegistrationState) -> None:
    for answer in ANSWERS:
        after, actions = REGISTRATION[state][answer]
        assert after is not state or A.REGISTER in actions


@pytest.mark.parametrize("state", [R.NOT_REGISTERED, R.REFUSED])
def test_only_its_user_brings_a_ue_back_that_the_network_did_not_ask_to_come(state: RegistrationState) -> None:
    begins = {what for what, (_, actions) in REGISTRATION[state].items() if A.REGISTER in actions}

    assert begins == {In.REGISTER, In.REFRESH, In.RESTART}


@pytest.mark.parametrize("state", list(RegistrationState))
def test_a_ue_can_be_told_to_leave_in_every_state(state: RegistrationState) -> None:
    after, actions = REGISTRATION[state][In.DEREGISTER]

    assert (after is R.NOT_REGISTERED and A.LEFT in actions) or after is R.DEREGISTERING


@pytest.mark.parametrize("state", list(WatchingState))
def test_no_subscription_outlives_the_registration(state: WatchingState) -> None:
    assert WATCHING[state][WatchingInput.LOST] == (WatchingState.NOT_WATCHING, (WatchingAction.STOP,))
