"""Whatever is asked of a record, all of it is done or nothing, and the record stays sound."""

from random import Random

import pytest

from scscf.errors import SipError
from scscf.profile.service_profile import PublicIdentity
from scscf.registration.change import Cause, CauseKind, Change
from scscf.registration.command import Command, ContactRequest, Deregister, Expire, LoseFlow, Register, Shorten
from scscf.registration.record import Record
from scscf.registration.registration import TERMINAL_EVENTS, Contact, Event, State, contact_id
from scscf.registration.update import update
from scscf.sip.grammar import MAX_DELTA
from scscf.sip.outbox import Flow
from tests.builders import GAMES, PAGER_PROFILE, PHONE, PHONE_PROFILE, TEL, TOBIAS, after, events, register

DESK_PROFILE = PHONE_PROFILE._replace(private_identity="desk@home1.test", sets=((PublicIdentity(GAMES),),))
DEVICES = (PHONE_PROFILE, PAGER_PROFILE, DESK_PROFILE)
SETS = {device.private_identity: {each.uri for each in device.sets[0]} for device in DEVICES}
URIS = ("sip:a@192.0.2.1", "sip:A@192.0.2.1", "sip:a@192.0.2.1;transport=tcp", "tel:+1", "sip:%61@192.0.2.1")

FLOWS = tuple(Flow("tcp", ("127.0.0.1", 5060), ("192.0.2.1", 40000), serial) for serial in (1, 2))
PRIVATE_IDENTITIES = (None, *(device.private_identity for device in DEVICES))
AORS = (None, frozenset({TOBIAS}), frozenset({TEL, GAMES}), frozenset[str]())
ENDINGS = (None, *sorted(TERMINAL_EVENTS, key=str))


def some_register(random: Random) -> Register:
    device = random.choice(DEVICES)
    star = random.random() < 0.1
    asked = [some_contact(random) for _ in range(random.randint(0, 3))]
    return Register(
        device,
        "home1.test",
        device.sets[0][0].uri,
        () if star else tuple(asked),
        star,
        random.choice(["a@ue", "b@ue"]),
        random.randint(1, 12),
        own_only=random.random() < 0.5,
        max_contacts=random.randint(1, 5),
        replace_oldest=random.random() < 0.5,
        replaces_contacts=random.random() < 0.3,
        max_flows=random.randint(1, 3),
        known_only=random.random() < 0.1,
        flow=random.choice(FLOWS),
    )


def some_contact(random: Random) -> ContactRequest:
    uri, expires = random.choice(URIS), random.choice([0, 60, 600, MAX_DELTA])
    if random.random() < 0.1:
        return ContactRequest(f"{uri};sos", expires, emergency=True)
    if random.random() < 0.7:
        return ContactRequest(uri, expires)
    params = (("+sip.instance", random.choice(['"<urn:uuid:A>"', '"<urn:uuid:a>"'])), ("reg-id", random.choice("12")))
    return ContactRequest(uri, expires, params=params, outbound=random.random() < 0.7, gruu=expires > 0)


def some_command(random: Random) -> Command:
    if random.random() < 0.7:
        return some_register(random)
    aors, device = random.choice(AORS), random.choice(PRIVATE_IDENTITIES)
    contact = random.choice((None, *URIS))
    kind = random.choice((CauseKind.OPERATOR, CauseKind.PERMANENT_TERMINATION, CauseKind.FLOW_LOST))
    return random.choice(
        (
            Deregister(Cause(kind, event=random.choice(ENDINGS)), aors, device, contact),
            Shorten(random.randint(0, 100), aors, device, contact),
            Expire(),
            LoseFlow(random.choice(FLOWS)),
        )
    )


@pytest.mark.clause("RFC 3261 §10.2.4")
@pytest.mark.parametrize("seed", range(10))
def test_all_or_nothing(seed: int) -> None:
    random, refused, changed = Random(seed), 0, 0
    for _ in range(60):
        record: Record | None = None
        now = 0.0
        for _ in range(12):
            now += random.choice((0.0, 1.0, 59.5, 61.0))
            command, kept = some_command(random), repr(record)
            try:
                change = update(record, command, now, {})
            except SipError:
                refused += 1
                assert repr(record) == kept
                continue
            assert repr(record) == kept
            check_change(change, command, now)
            if change.rows:
                changed += 1
                record = change.record
                check_record(record)
    assert refused > 10
    assert changed > 200


def check_record(record: Record) -> None:
    """A binding stands under every identity that its device registers; nothing empty or double is kept."""
    bound: dict[str, set[str]] = {}
    for registration in record.registrations:
        assert registration.state is State.ACTIVE
        ids = [contact.id for contact in registration.contacts]
        assert len(ids) == len(set(ids)) > 0
        for contact in registration.contacts:
            assert contact.state is State.ACTIVE
            bound.setdefault(contact.binding.private_identity, set()).add(registration.aor)
    assert set(bound) == {device.profile.private_identity for device in record.devices}
    assert len({registration.aor for registration in record.registrations}) == len(record.registrations)
    for binding in record.bindings():
        shown = {r.aor for r in record.registrations if any(c.binding is binding for c in r.contacts)}
        assert shown == SETS[binding.private_identity]


def check_change(change: Change, command: Command, now: float) -> None:
    """The rows are the difference between before and after, and the HSS hears of who came and went."""
    before = contacts_of(change.before)
    after = contacts_of(change.record) if change.rows else before
    rows = {(row.aor, row.contact.id): row.contact for row in change.rows}
    assert len(rows) == len(change.rows)
    assert {key for key, contact in rows.items() if contact.state is State.TERMINATED} == set(before) - set(after)
    assert {key for key, contact in rows.items() if contact.state is State.ACTIVE} >= set(after) - set(before)
    for key, contact in rows.items():
        if contact.state is State.ACTIVE:
            assert after[key] is contact
    for key in set(after) - set(rows):
        assert after[key] is before[key]
    if isinstance(command, Expire):
        assert {contact.event for contact in rows.values()} <= {Event.EXPIRED}
        assert all(contact.binding.expires_at > now for contact in after.values())
    came_and_went = devices_of(change.record if change.rows else change.before) ^ devices_of(change.before)
    told = {due.private_identity for due in change.assignments}
    assert change.cause.kind is CauseKind.PERMANENT_TERMINATION or came_and_went <= told


def contacts_of(record: Record | None) -> dict[tuple[str, str], Contact]:
    return {
        (registration.aor, contact.id): contact
        for registration in (record.registrations if record else ())
        for contact in registration.contacts
    }


def devices_of(record: Record | None) -> set[str]:
    return {device.profile.private_identity for device in (record.devices if record else ())}


def test_equal_uris_of_two_devices_are_two_contacts() -> None:
    assert contact_id(TOBIAS, "a", URIS[0]) != contact_id(TOBIAS, "b", URIS[0])


def test_a_contact_goes_over_to_the_device_that_refreshes_it() -> None:
    change = update(after(register()), register(device=PAGER_PROFILE, own_only=False, call_id="p@ue"), 10.0, {})

    assert sorted(events(change)) == [
        (GAMES, PHONE, "unregistered"),
        (TOBIAS, PHONE, "registered"),
        (TOBIAS, PHONE, "unregistered"),
        (TEL, PHONE, "unregistered"),
    ]
    assert [(due.private_identity, due.type.name) for due in change.assignments] == [
        ("phone@home1.test", "USER_DEREGISTRATION"),
        ("pager@home1.test", "REGISTRATION"),
    ]
