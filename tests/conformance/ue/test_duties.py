import pytest

from scscf.conformance.recent import Recent
from scscf.conformance.ue.duties import Ban, Duties, Duty
from tests.conformance.ue.talk import Talk


def test_a_duty_is_found_late_once_and_in_the_order_of_time() -> None:
    duties = Duties()
    duties.owe(("b",), 20.0, "late-refresh", "b")
    duties.owe(("a", 1), 10.0, "late-refresh", "a", "cause")

    assert duties.due() == 10.0
    assert duties.overdue(10.0, inclusive=False) == []
    assert duties.overdue(10.0, inclusive=True) == [Duty(10.0, "late-refresh", "a", "cause")]
    assert duties.due() == 20.0
    assert [duty.message for duty in duties.overdue(21.0, inclusive=False)] == ["b"]
    assert duties.due() is None


def test_duties_are_settled_by_the_beginning_of_what_they_are_about() -> None:
    duties = Duties()
    for subject in (("a", 1), ("a", 2), ("b",)):
        duties.owe(subject, 10.0, "late-refresh", "")
    duties.settle("a", 1)
    assert not duties.owes(("a", 1))
    assert duties.owes(("a", 2))

    duties.settle("a")
    assert not duties.owes(("a", 2))
    assert duties.owes(("b",))


def test_a_ban_is_broken_once_and_only_before_its_end() -> None:
    duties = Duties()
    ban = Ban(10.0, "late-refresh", "")
    duties.forbid(("register",), *ban)
    assert duties.broken(("register",), 9.9) == ban
    assert duties.broken(("register",), 9.9) is None

    duties.forbid(("register",), *ban)
    assert duties.broken(("register",), 10.0) is None

    duties.forbid(("register", "a"), *ban)
    duties.allow("register")
    assert duties.broken(("register", "a"), 1.0) is None


def test_what_is_recent_has_an_end() -> None:
    recent: Recent[int, str] = Recent(2)
    for number in (1, 2, 1, 3):
        recent[number] = str(number)

    assert list(recent) == [1, 3]


def shortened_to_its_end(early: float) -> Talk:
    """Shorten a registration to a minute and tell so many seconds before the end of that that it has expired."""
    talk = Talk()
    talk.registered(600000)
    talk.subscribed()
    talk.told("shortened", expires=60)
    talk.now += 60 - early
    talk.told("expired")
    return talk


@pytest.mark.clause("TS 24.229 §5.1.1.5A")
@pytest.mark.parametrize("early", [0, 0.5, 1.2])
def test_who_lets_a_shortened_end_come_is_late_though_it_is_told_just_then(early: float) -> None:
    talk = shortened_to_its_end(early)
    talk.wait(10)

    assert talk.names == ["too-late-after-shortened"]


@pytest.mark.parametrize("early", [0.5, 10])
def test_who_registers_in_time_or_is_ended_too_early_is_not_late(early: float) -> None:
    talk = shortened_to_its_end(early)
    if early < 1:
        talk.now += 0.2
        talk.registered(600000)
    talk.wait(10)

    assert "too-late-after-shortened" not in talk.names
