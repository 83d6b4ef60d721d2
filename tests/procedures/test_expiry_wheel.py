"""Every record is looked at when its first binding ends, and never pays for being refreshed."""

from math import inf
from random import Random

import pytest

from scscf.procedures.expiry_wheel import ExpiryWheel
from scscf.registration.record import Record
from scscf.registration.registration import Contact, Event, Registration
from scscf.timers import Deadlines
from tests.builders import TOBIAS, after, register

BINDING = after(register()).contacts(TOBIAS)[0].binding


def record(name: str, *ends: float) -> Record:
    contacts = tuple(
        Contact(f"c{index}", BINDING._replace(expires_at=end), Event.REGISTERED) for index, end in enumerate(ends)
    )
    return Record(name, 1, "home1.test", (), (Registration(TOBIAS, contacts),) if contacts else ())


class Wheel:
    """A wheel on a clock that the test moves; who is due is looked at and armed anew, as the node does it."""

    def __init__(self) -> None:
        self.deadlines = Deadlines()
        self.wheel = ExpiryWheel(self.deadlines)
        self.wheel.due = self._due
        self.records: dict[str, Record] = {}
        self.now = 0.0
        self.ended: list[tuple[str, float]] = []
        self.looked = 0

    def save(self, what: Record) -> None:
        self.records[what.name] = what
        self.wheel.arm(what, self.now)

    def run(self, until: float) -> None:
        while (when := self.deadlines.next()) is not None and when <= until:
            self.now = max(self.now, when)
            self.deadlines.fire(self.now, 1)
        self.now = until

    def _due(self, name: str, now: float) -> None:
        self.looked += 1
        known = self.records[name]
        ends = [contact.binding.expires_at for registration in known.registrations for contact in registration.contacts]
        left = [end for end in ends if end > now]
        self.ended += [(name, now) for end in ends if end <= now]
        self.save(record(name, *left))


@pytest.mark.parametrize("end", [10.0, 10.25, 10.999])
def test_a_binding_ends_at_its_time_to_the_fraction(end: float) -> None:
    wheel = Wheel()
    wheel.save(record("a", end))
    wheel.run(100)

    assert wheel.ended == [("a", end)]
    assert (len(wheel.wheel), len(wheel.deadlines)) == (0, 0)


def test_refreshing_sets_no_deadline() -> None:
    wheel = Wheel()
    wheel.save(record("a", 60.5))
    for second in range(1, 50):
        wheel.now = second
        wheel.save(record("a", second + 60.5))

    assert len(wheel.deadlines) == 1
    wheel.run(1000)
    assert wheel.ended == [("a", 109.5)]
    assert wheel.looked <= 4


def test_a_shortened_record_is_looked_at_sooner() -> None:
    wheel = Wheel()
    wheel.save(record("a", 3600.0))
    wheel.save(record("a", 20.0))
    wheel.run(4000)

    assert wheel.ended == [("a", 20.0)]


def test_the_first_binding_counts_and_the_others_follow() -> None:
    wheel = Wheel()
    wheel.save(record("a", 30.5, 10.5, 20.5, inf))
    wheel.run(100)

    assert wheel.ended == [("a", 10.5), ("a", 20.5), ("a", 30.5)]


def test_what_never_ends_or_is_gone_is_not_armed() -> None:
    wheel = Wheel()
    wheel.save(record("a", inf))
    wheel.save(record("b"))

    assert (len(wheel.wheel), len(wheel.deadlines)) == (0, 0)


def test_a_thousand_records_of_one_second_share_a_deadline() -> None:
    wheel = Wheel()
    for number in range(1000):
        wheel.save(record(f"r{number}", 60.5))

    assert len(wheel.deadlines) == 1
    wheel.run(100)
    assert len(wheel.ended) == 1000


def test_one_that_comes_and_goes_stands_in_its_slot_once() -> None:
    wheel = Wheel()
    for _ in range(1000):
        wheel.save(record("a", 600.5))
        wheel.save(record("a"))

    assert sum(len(names) for _, names in wheel.wheel._slots.values()) == 1
    wheel.run(1000)
    assert (wheel.ended, len(wheel.deadlines)) == ([], 0)


def test_any_history_ends_every_binding_at_its_time() -> None:
    random, wheel = Random(7), Wheel()
    for _ in range(3000):
        name = f"r{random.randrange(30)}"
        ends = [wheel.now + random.choice((0.5, 3.25, 20.0, 300.75)) for _ in range(random.randrange(3))]
        wheel.save(record(name, *ends))
        wheel.run(wheel.now + random.choice((0.0, 0.1, 1.0, 2.5)))
        for known in wheel.records.values():
            first = known.next_expiry()
            assert first is None or first > wheel.now
    wheel.run(wheel.now + 1000)

    assert len(wheel.deadlines) == 0


def test_a_second_with_very_many_records_takes_several_deadlines() -> None:
    wheel = Wheel()
    for number in range(234):
        wheel.save(record(f"{number}", 10.0))
    wheel.now = 10.0
    looked = []
    while wheel.deadlines.fire(10.0, 1):
        looked.append(wheel.looked)

    assert looked == [100, 200, 234]
    assert [name for name, _ in wheel.ended] == [f"{number}" for number in range(234)]


def test_a_record_that_is_refreshed_while_others_of_its_second_are_looked_at_lives_on() -> None:
    wheel = Wheel()
    for number in range(120):
        wheel.save(record(f"{number}", 10.0))
    wheel.now = 10.0
    wheel.deadlines.fire(10.0, 1)
    wheel.save(record("119", 20.0))
    wheel.run(19.0)
    assert ("119", 10.0) not in wheel.ended
    assert len(wheel.ended) == 119
    wheel.run(21.0)

    assert wheel.ended[-1] == ("119", 20.0)
