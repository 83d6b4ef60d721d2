"""Records are found by name, address of record and device, and saved by compare-and-set."""

from collections.abc import Coroutine
from typing import Any, TypeVar

from scscf.profile.service_profile import PublicIdentity
from scscf.registration.command import Command
from scscf.registration.record import Record
from scscf.registration.store import MemoryStore
from scscf.registration.update import update
from tests.builders import (
    GAMES,
    PAGER,
    PAGER_PROFILE,
    PHONE_PROFILE,
    TEL,
    TOBIAS,
    by_operator,
    register,
)

T = TypeVar("T")


def done(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine that does not wait."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    raise AssertionError("it waits")


class Kept:
    """A store and the record in it."""

    def __init__(self) -> None:
        self.store = MemoryStore()

    def do(self, command: Command, at: float = 0.0) -> Record:
        record = update(done(self.store.load("tobias")), command, at, {}).record
        assert done(self.store.save(record))
        return record


def test_a_record_is_found_by_all_of_its_names() -> None:
    kept = Kept()
    record = kept.do(register())

    assert done(kept.store.load("tobias")) is record
    assert {id(done(kept.store.find(aor))) for aor in (TOBIAS, TEL, GAMES)} == {id(record)}
    assert done(kept.store.find_device("phone@home1.test")) is record
    assert (list(kept.store.names()), list(kept.store.records()), len(kept.store)) == (["tobias"], [record], 1)


def test_nothing_is_found_of_what_is_not_there() -> None:
    store = MemoryStore()

    assert done(store.load("x")) is done(store.find("x")) is done(store.find_device("x")) is None
    assert len(store) == 0


def test_a_later_revision_takes_the_place_of_the_one_before() -> None:
    kept = Kept()
    kept.do(register())
    record = kept.do(register(cseq=2))

    assert done(kept.store.find(TEL)) is done(kept.store.find_device("phone@home1.test")) is record


def test_what_was_made_from_an_old_revision_is_refused_and_nothing_changes() -> None:
    kept = Kept()
    first = kept.do(register())
    second = kept.do(register(cseq=2))
    late = update(first, register(cseq=3), 5.0, {}).record

    assert not done(kept.store.save(late))
    assert done(kept.store.find(TOBIAS)) is second


def test_two_who_begin_at_once_do_not_both_win() -> None:
    store = MemoryStore()
    one, other = (update(None, register(call_id=name), 0.0, {}).record for name in ("a@ue", "b@ue"))

    assert [done(store.save(one)), done(store.save(other))] == [True, False]


def test_a_record_without_registrations_is_forgotten_wholly() -> None:
    kept = Kept()
    kept.do(register())
    kept.do(by_operator())

    assert len(kept.store) == 0
    assert [done(kept.store.find(aor)) for aor in (TOBIAS, TEL, GAMES)] == [None] * 3
    assert done(kept.store.find_device("phone@home1.test")) is None


def test_a_device_that_goes_takes_its_identities_along_and_no_other_s() -> None:
    kept = Kept()
    kept.do(register())
    kept.do(register(PAGER, device=PAGER_PROFILE, call_id="p@ue"))
    record = kept.do(by_operator(private_identity="phone@home1.test"))

    assert done(kept.store.find(TOBIAS)) is record
    assert done(kept.store.find(TEL)) is None
    assert done(kept.store.find_device("phone@home1.test")) is None
    assert done(kept.store.find_device("pager@home1.test")) is record


def test_an_identity_that_the_profile_lost_is_not_found_any_more() -> None:
    kept = Kept()
    kept.do(register())
    kept.do(by_operator())
    smaller = PHONE_PROFILE._replace(sets=((PublicIdentity(TOBIAS),),))
    record = kept.do(register(device=smaller))

    assert done(kept.store.find(TOBIAS)) is record
    assert done(kept.store.find(TEL)) is None


def test_records_may_be_saved_while_they_are_gone_through() -> None:
    kept = Kept()
    kept.do(register())
    for record in kept.store.records():
        assert done(kept.store.save(record._replace(revision=record.revision + 1, devices=(), registrations=())))

    assert len(kept.store) == 0
