"""What the HSS says becomes the answer that the UE gets (TS 24.229 §5.4.1.2, TS 29.229 §6.2)."""

import pytest

from hss_stub.procedures import RegistrationState
from scscf.cx import AssignmentAnswer, DeregistrationReason, Result, ServerAssignment
from scscf.procedures.assign import REFUSALS, refusal
from scscf.procedures.deregister import EVENT_OF_REASON
from scscf.registration.registration import TERMINAL_EVENTS, Event
from tests.world import World

LIMITED = """
subscriptions:
  - name: carol
    private_identities: [{id: carol@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:carol@home1.test"]]
    expires: {min: 600}
"""


def test_every_result_that_is_no_success_is_an_error_answer() -> None:
    for result in set(Result) - {Result.SUCCESS, Result.UNREGISTERED_SERVICE}:
        assert refusal(result).status in (403, 500, 504)
    assert set(REFUSALS) <= set(Result)
    assert refusal(Result.UNABLE_TO_COMPLY).status == 500
    assert refusal(Result.TIMEOUT).status == 504


def test_every_reason_of_the_hss_has_an_event_or_is_silent() -> None:
    assert set(EVENT_OF_REASON) == set(DeregistrationReason)
    assert EVENT_OF_REASON == {
        DeregistrationReason.PERMANENT_TERMINATION: Event.REJECTED,
        DeregistrationReason.SERVER_CHANGE: Event.DEACTIVATED,
        DeregistrationReason.NEW_SERVER_ASSIGNED: None,
        DeregistrationReason.REMOVE_SCSCF: None,
    }
    assert {event for event in EVENT_OF_REASON.values() if event} <= TERMINAL_EVENTS


def test_who_is_refused_after_the_hss_was_told_is_taken_back() -> None:
    """The user's own least expiry is known only when the HSS has sent the profile."""
    world = World(subscribers=LIMITED)
    carol = world.client(user="carol")

    brief = carol.register(120)

    assert (brief.status, brief.get("min-expires")) == (423, "600")
    assert len(world.node.store) == 0
    state = world.scscf.hss.registration_state("carol@home1.test", "sip:carol@home1.test")
    assert state is RegistrationState.NOT_REGISTERED


def test_a_departure_goes_on_whatever_the_hss_says(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(subscribers=LIMITED)
    carol = world.client(user="carol")
    assert carol.register(600).status == 200
    told: list[ServerAssignment] = []

    async def refuse(who: str, aor: str, assignment: ServerAssignment) -> AssignmentAnswer:
        told.append(assignment)
        return AssignmentAnswer(Result.UNABLE_TO_COMPLY)

    monkeypatch.setattr(world.scscf.hss, "server_assignment", refuse)

    assert carol.register(0).status == 200
    assert told == [ServerAssignment.USER_DEREGISTRATION]
    assert len(world.node.store) == 0
