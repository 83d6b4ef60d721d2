"""What the HSS says becomes the answer that the UE gets (TS 24.229 §5.4.1.2, TS 29.229 §6.2)."""

import pytest

from hss_stub.registration_states import RegistrationState
from scscf.cx import AssignmentAnswer, DeregistrationReason, Result, ServerAssignment
from scscf.procedures.assign import PROCEDURE_OF
from scscf.procedures.deregister import KIND_OF_REASON
from scscf.registration.change import SILENT_CAUSES, TERMINAL_EVENT_OF
from tests.world import World

pytestmark = pytest.mark.clause("TS 29.228 §6.1.2")

LIMITED = """
subscriptions:
  - name: carol
    private_identities: [{id: carol@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:carol@home1.test"]]
    expires: {min: 600}
"""


def test_every_assignment_type_belongs_to_a_procedure() -> None:
    assert set(PROCEDURE_OF) == set(ServerAssignment)


@pytest.mark.clause("TS 29.228 §6.1.3")
def test_every_reason_of_the_hss_has_an_event_or_is_silent() -> None:
    assert set(KIND_OF_REASON) == set(DeregistrationReason)
    told = {
        reason.name: None if kind in SILENT_CAUSES else TERMINAL_EVENT_OF[kind].value
        for reason, kind in KIND_OF_REASON.items()
    }
    assert told == {
        "PERMANENT_TERMINATION": "rejected",
        "SERVER_CHANGE": "deactivated",
        "NEW_SERVER_ASSIGNED": None,
        "REMOVE_SCSCF": None,
    }


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

    async def refuse(who: str, aor: str, assignment: ServerAssignment, *more: object) -> AssignmentAnswer:
        told.append(assignment)
        return AssignmentAnswer(Result.UNABLE_TO_COMPLY)

    monkeypatch.setattr(world.scscf.hss, "server_assignment", refuse)

    assert carol.register(0).status == 200
    assert told == [ServerAssignment.USER_DEREGISTRATION]
    assert len(world.node.store) == 0
