"""What is folded into one document and what must not be (RFC 3680 §5.2)."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.regevent.news import News
from scscf.registration.change import Row
from scscf.registration.registration import Contact, Event
from tests.builders import PHONE, TEL, TOBIAS, after, register

BINDING = after(register()).contacts(TOBIAS)[0].binding


def row(event: Event, name: str = "c1", aor: str = TOBIAS) -> Row:
    return Row(aor, Contact(name, BINDING, event))


def news(*rows: Row, full: bool = False) -> News:
    contacts = {(each.aor, each.contact.id): each.contact for each in rows}
    return News(None, (TOBIAS, TEL), contacts, full)


def test_the_last_state_of_a_live_contact_is_told() -> None:
    folded = news(row(Event.REGISTERED)).followed_by(None, (TOBIAS,), [row(Event.REFRESHED)])

    assert folded is not None
    assert [contact.event for contact in folded.changed(TOBIAS)] == [Event.REFRESHED]


def test_a_contact_may_come_and_go_in_one_document() -> None:
    folded = news(row(Event.REGISTERED)).followed_by(None, (TOBIAS,), [row(Event.EXPIRED)])

    assert folded is not None
    assert [contact.event for contact in folded.ended(TOBIAS)] == [Event.EXPIRED]


def test_what_has_ended_is_never_overwritten() -> None:
    assert news(row(Event.EXPIRED)).followed_by(None, (TOBIAS,), [row(Event.REGISTERED)]) is None


def test_another_contact_or_another_address_of_record_is_no_return() -> None:
    ended = news(row(Event.EXPIRED))

    assert ended.followed_by(None, (TOBIAS,), [row(Event.REGISTERED, "c2")]) is not None
    assert ended.followed_by(None, (TOBIAS,), [row(Event.REGISTERED, aor=TEL)]) is not None


def test_folding_leaves_the_first_as_it_was() -> None:
    first = news(row(Event.REGISTERED))
    first.followed_by(None, (TOBIAS,), [row(Event.EXPIRED)])

    assert [contact.event for contact in first.changed(TOBIAS)] == [Event.REGISTERED]


def test_what_is_wanted_whole_stays_whole() -> None:
    whole = news(full=True).followed_by(None, (TOBIAS,), [row(Event.REFRESHED)])
    wanted = news(row(Event.REFRESHED)).followed_by(None, (TOBIAS,), [], full=True)

    assert whole is not None
    assert wanted is not None
    assert (whole.full, wanted.full) == (True, True)


def test_what_is_left_comes_from_the_record() -> None:
    record = after(register())

    assert [contact.binding.uri for contact in News(record, (TOBIAS,), {}).live(TOBIAS)] == [PHONE]
    assert News(None, (TOBIAS,), {}).live(TOBIAS) == ()


def test_of_an_identity_that_is_told_of_no_more_only_the_end_is_told() -> None:
    folded = news(row(Event.REJECTED)).followed_by(after(register()), (TEL,), [row(Event.CREATED, aor=TEL)])

    assert folded is not None
    assert folded.identities == (TEL, TOBIAS)
    assert (len(folded.live(TOBIAS)), len(folded.live(TEL)), len(folded.ended(TOBIAS))) == (0, 1, 1)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(["c1", "c2"]), st.sampled_from(list(Event))), max_size=12))
def test_every_end_is_in_exactly_one_document(history: list[tuple[str, Event]]) -> None:
    documents = [news()]
    told: list[tuple[str, Event]] = []
    alive: set[str] = set()
    for name, event in history:
        what = row(event, name)
        if what.contact.state.value == "terminated":
            if name not in alive:
                continue
            told.append((name, event))
        alive ^= {name} if (what.contact.state.value == "active") != (name in alive) else set()
        folded = documents[-1].followed_by(None, (TOBIAS,), [what])
        if folded is None:
            documents.append(news(what))
        else:
            documents[-1] = folded

    ends = [(contact.id, contact.event) for document in documents for contact in document.ended(TOBIAS)]
    assert sorted(ends, key=str) == sorted(told, key=str)
    assert all(
        {contact.id for contact in first.ended(TOBIAS)} & {contact.id for contact in second.changed(TOBIAS)}
        for first, second in pairwise(documents)
    )
