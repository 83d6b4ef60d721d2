"""What is owed to the HSS, and when it is tried again (TS 29.228 §6.1.2)."""

from itertools import pairwise

import pytest

from scscf.cx import Result, ServerAssignment
from scscf.procedures.duties import AT_MOST, Duties, Duty
from scscf.registration.change import ServerAssignmentDue
from scscf.timers import Deadlines

pytestmark = pytest.mark.clause("TS 29.228 §6.1.2")

LEAVE = ServerAssignmentDue("a@x", "sip:a@x", ServerAssignment.USER_DEREGISTRATION)


class Clock:
    """Duties on a clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.deadlines = Deadlines()
        self.duties = Duties(self.deadlines, lambda: self.now)
        self.tried: list[tuple[float, Duty]] = []
        self.duties.settle = lambda duty: self.tried.append((self.now, duty))

    def run(self, until: float) -> None:
        while (due := self.deadlines.next()) is not None and due <= until:
            self.now = due
            self.deadlines.fire(due)
        self.now = until


def test_what_is_owed_is_tried_again_ever_more_rarely() -> None:
    clock = Clock()
    clock.duties.settle = lambda duty: (
        clock.tried.append((clock.now, duty)),
        clock.duties.again(duty, Result.DISCONNECTED),
    )[0]

    clock.duties.owe(LEAVE, Result.TIMEOUT, 5000.0)
    clock.run(400.0)

    times = [when for when, _ in clock.tried]
    assert times == [101.0, 103.0, 107.0, 115.0, 131.0, 163.0, 223.0, 283.0, 343.0]
    (duty,) = clock.duties
    assert (duty.due, duty.result, duty.attempts, duty.since) == (LEAVE, Result.DISCONNECTED, 10, 5000.0)
    assert max(b - a for a, b in pairwise(times)) == AT_MOST


def test_what_is_discharged_is_tried_no_more() -> None:
    clock = Clock()
    clock.duties.owe(LEAVE, Result.TIMEOUT, 0.0)

    assert clock.duties.discharge("a@x", "sip:a@x")
    assert not clock.duties.discharge("a@x", "sip:a@x")
    clock.run(1000.0)

    assert clock.tried == []
    assert len(clock.duties) == len(clock.deadlines) == 0


def test_the_latest_assignment_of_a_user_is_the_one_that_is_owed() -> None:
    clock = Clock()
    clock.duties.owe(LEAVE, Result.TIMEOUT, 0.0)
    later = LEAVE._replace(type=ServerAssignment.ADMINISTRATIVE_DEREGISTRATION)
    clock.duties.owe(later, Result.TIMEOUT, 1.0)

    clock.run(1000.0)

    assert [duty.due for _, duty in clock.tried] == [later]


def test_an_attempt_that_ends_after_the_duty_was_discharged_owes_nothing() -> None:
    clock = Clock()
    clock.duties.owe(LEAVE, Result.TIMEOUT, 0.0)
    (duty,) = clock.duties
    clock.duties.discharge("a@x", "sip:a@x")

    clock.duties.again(duty, Result.TIMEOUT)

    assert len(clock.duties) == 0


def test_reset_forgets_all() -> None:
    clock = Clock()
    clock.duties.owe(LEAVE, Result.TIMEOUT, 0.0)
    clock.duties.owe(LEAVE._replace(private_identity="b@x"), Result.TIMEOUT, 0.0)

    assert clock.duties.clear() == 2
    assert len(clock.duties) == len(clock.deadlines) == 0
