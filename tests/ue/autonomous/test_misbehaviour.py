"""A UE that is told to do something wrong does exactly that, and the judge of UEs calls it by its name."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scscf.conformance.ue.checks import UE_CHECKS
from scscf.conformance.ue.profile import UeProfile
from scscf.procedures.deregister import Scope
from scscf.procedures.reauthenticate import reauthenticate
from scscf.registration.registration import Event
from scscf.ue.autonomous.behaviour import Behaviour
from scscf.ue.autonomous.misbehaviour import MISBEHAVIOURS
from scscf.ue.autonomous.states import RegistrationState
from tests.system.test_sec_agree import CLIENT as SECURITY_CLIENT
from tests.ue.autonomous.test_ue import answered, end, rule
from tests.ue.autonomous.world import AOR, Alone
from tests.ue.test_ue import AKA
from tests.usim import Usim

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "ue.md"


def alone_with(name: str, expires: int | None = 3600) -> Alone:
    # An end and the NOTIFY `expired` are of one moment: a second before it says which was first.
    profile = UeProfile(before_shortened_end=1.0)
    return Alone(Behaviour(expires=expires, misbehave=frozenset({name})), profile=profile)


def after(event: Event, retry_after: int | None = None) -> Callable[[Alone], None]:
    def play(alone: Alone) -> None:
        alone.begin()
        end(alone, event, retry_after)
        alone.run(600)

    return play


def hours(alone: Alone) -> None:
    alone.phone.start()
    alone.run(7200)


def a_minute(alone: Alone) -> None:
    alone.phone.start()
    alone.run(60)


def too_brief(alone: Alone) -> None:
    rule(alone, answered(423, Min_Expires="7200"), match={"method": "REGISTER", "phase": "initial"}, count=1)
    hours(alone)


def shortened(alone: Alone) -> None:
    alone.begin()
    alone.world.perform(reauthenticate(alone.world.node, Scope(aor=AOR), 60))
    alone.run(120)


PLAYS = {
    "no-register-after-deactivated": after(Event.DEACTIVATED),
    "register-after-rejected": after(Event.REJECTED),
    "too-early-after-probation": after(Event.PROBATION, 120),
    "ignores-423": too_brief,
    "call-id-changed-after-401": hours,
    "cseq-wrong-after-401": hours,
    "no-subscribe": hours,
    "no-answer-to-notify": hours,
    "late-refresh": hours,
    "wrong-identity": hours,
    "too-late-after-shortened": shortened,
    "unsubscribe-loop": a_minute,
}


@pytest.mark.parametrize("name", list(PLAYS))
def test_what_is_done_wrong_is_found_by_its_name_and_nothing_else_is(name: str) -> None:
    alone = alone_with(name)
    PLAYS[name](alone)

    assert alone.blamed() == {name}


def test_a_good_ue_does_none_of_it() -> None:
    for play in PLAYS.values():
        alone = Alone(Behaviour(expires=3600))
        play(alone)
        assert alone.findings == []
        assert alone.phone.state in (RegistrationState.REGISTERED, RegistrationState.REFUSED)


def test_every_name_is_one_of_the_judges() -> None:
    assert MISBEHAVIOURS.keys() <= UE_CHECKS.keys()
    assert MISBEHAVIOURS.keys() == {*PLAYS, "wrong-security-verify"}


def test_a_name_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no such misbehaviour: sings; one of no-register-after-deactivated, "):
        alone_with("sings")


def test_a_wrong_security_verify_is_not_what_the_network_said() -> None:
    name = "wrong-security-verify"
    found = []
    for misbehave in (frozenset[str](), frozenset({name})):
        alone = Alone(
            Behaviour(misbehave=misbehave),
            {"sec_agree": "headers"},
            Usim(),
            "ida",
            "ida@home1.test",
            AKA,
            UeProfile(aka=True, sec_agree=True),
        )
        alone.phone.ue.security_client = SECURITY_CLIENT
        alone.phone.start()
        alone.run(30)
        found.append(alone.blamed())

    assert found == [set(), {name}]


def test_the_guide_names_every_misbehaviour() -> None:
    rows = [line.split("|") for line in GUIDE.read_text("utf-8").splitlines() if line.startswith("| `")]
    said = {row[1].strip(" `"): row[2].strip() for row in rows}

    for name, about in MISBEHAVIOURS.items():
        assert said[name] == about.removeprefix("it ")
