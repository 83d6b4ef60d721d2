"""What a REGISTER does to bindings in the IMS way and by outbound (TS 24.229 §5.4.1.2, RFC 5626 §6)."""

import pytest

from scscf.cx import ServerAssignment
from scscf.errors import SipError
from scscf.registration.change import Cause, CauseKind, Change
from scscf.registration.command import ContactRequest, Deregister, Expire, LoseFlow, Register, Shorten
from scscf.registration.record import Record
from scscf.registration.registration import Event
from scscf.registration.update import _refresh, _updated, update
from scscf.sip.outbox import Flow
from tests.builders import PAGER_PROFILE, PHONE_PROFILE, TOBIAS, after, by_operator, events, register, star

OLD = "sip:ue@192.0.2.1"
NEW = "sip:ue@192.0.2.2"
SOS = "sip:ue@192.0.2.1;sos"
INSTANCE = '"<urn:gsma:imei:90420156-025763-0>"'
CONNECTION = Flow("tcp", ("127.0.0.1", 5060), ("192.0.2.1", 40000), 7)


def ims(contact: str | None = OLD, expires: int = 3600, **more: object) -> Register:
    """Return a REGISTER of the IMS dialect."""
    return register(contact, expires, **{"replaces_contacts": True} | more)  # type: ignore[arg-type]


def flow(reg_id: int, uri: str = OLD, expires: int = 3600, instance: str = INSTANCE, **more: object) -> Register:
    """Return a REGISTER whose reg-id is honoured."""
    params = (("+sip.instance", instance), ("reg-id", str(reg_id)))
    contact = ContactRequest(uri, expires, params=params, outbound=True)
    return ims(contacts=(contact,), **more)  # type: ignore[arg-type]


def sos(uri: str = SOS, expires: int = 600, **more: object) -> Register:
    """Return a REGISTER for emergency calls."""
    return ims(contacts=(ContactRequest(uri, expires, emergency=True),), **more)  # type: ignore[arg-type]


def told(change: Change) -> list[tuple[str, str]]:
    """Return (contact URI, event) of the rows of the explicit identity."""
    return [(uri, event) for aor, uri, event in events(change) if aor == TOBIAS]


def uris(record: Record) -> list[str]:
    """Return the contact URIs of the explicit identity."""
    return [contact.binding.uri for contact in record.contacts(TOBIAS)]


@pytest.mark.clause("TS 24.229 §5.4.1.2.2")
def test_a_new_contact_takes_the_place_of_the_old_one_in_one_change() -> None:
    change = update(after(ims()), ims(NEW, cseq=2), 10.0, {})

    assert told(change) == [(OLD, "deactivated"), (NEW, "registered")]
    assert len(change.rows) == 6
    assert change.cause.kind is CauseKind.USER
    assert [due.type for due in change.assignments] == [ServerAssignment.RE_REGISTRATION]
    assert uris(change.record) == [NEW]


def test_causes_may_say_how_a_replaced_contact_is_told() -> None:
    change = update(after(ims()), ims(NEW, cseq=2), 10.0, {CauseKind.REPLACED: Event.UNREGISTERED})

    assert told(change)[0] == (OLD, "unregistered")


@pytest.mark.clause("TS 24.229 §5.4.1.2.2")
def test_several_contacts_of_one_register_all_stay() -> None:
    both = (ContactRequest(NEW, 600), ContactRequest("sip:ue@192.0.2.3", 600))

    assert uris(update(after(ims()), ims(contacts=both, cseq=2), 10.0, {}).record) == [NEW, "sip:ue@192.0.2.3"]


def test_a_contact_that_is_named_beside_a_new_one_stays() -> None:
    both = (ContactRequest(OLD, 600), ContactRequest(NEW, 600))

    change = update(after(ims()), ims(contacts=both, cseq=2), 10.0, {})

    assert told(change) == [(OLD, "refreshed"), (NEW, "registered")]


def test_another_device_keeps_its_contact() -> None:
    before = after(ims(), ims("sip:pager@192.0.2.9", device=PAGER_PROFILE))

    assert uris(before) == [OLD, "sip:pager@192.0.2.9"]


def test_a_contact_is_not_replaced_by_a_register_that_came_before_its_own() -> None:
    with pytest.raises(SipError) as refused:
        update(after(ims(cseq=5)), ims(NEW, cseq=4), 10.0, {})

    assert refused.value.status == 500


def test_a_plain_registrar_adds_a_contact() -> None:
    assert uris(after(register(OLD), register(NEW, cseq=2))) == [OLD, NEW]


@pytest.mark.clause("TS 24.229 §5.4.1.2.2")
def test_a_protected_register_with_an_unknown_contact_is_refused() -> None:
    before = after(ims())
    with pytest.raises(SipError) as refused:
        update(before, ims(NEW, cseq=2, known_only=True), 10.0, {})
    assert refused.value.status == 403

    assert told(update(before, ims(OLD, cseq=2, known_only=True), 10.0, {})) == [(OLD, "refreshed")]
    assert told(update(before, ims(NEW, 0, cseq=2, known_only=True), 10.0, {})) == []
    assert told(update(before, flow(1, NEW, cseq=2, known_only=True), 10.0, {})) == [(NEW, "registered")]


@pytest.mark.clause("RFC 5626 §6")
def test_an_outbound_contact_is_known_by_instance_and_reg_id_whatever_its_uri() -> None:
    before = after(flow(1))

    change = update(before, flow(1, NEW, instance='"<URN:gsma:imei:90420156-025763-0>"', cseq=2), 10.0, {})

    assert told(change) == [(OLD, "deactivated"), (NEW, "registered")]
    assert uris(change.record) == [NEW]
    assert [due.type for due in change.assignments] == [ServerAssignment.RE_REGISTRATION]


@pytest.mark.clause("RFC 3680 §5.1")
def test_an_outbound_contact_with_another_uri_has_another_id_and_with_the_same_the_same() -> None:
    record = after(flow(1))
    ids = []
    for number, uri in enumerate((NEW, "sip:ue@192.0.2.2", "sip:%75e@192.0.2.2", OLD), 2):
        change = update(record, flow(1, uri, cseq=number), 10.0, {})
        assert len({(row.aor, row.contact.id) for row in change.rows}) == len(change.rows)
        record = change.record
        ids.append(record.contacts(TOBIAS)[0].id)

    assert ids[0] == ids[1] == ids[2] != ids[3] == after(flow(1)).contacts(TOBIAS)[0].id


@pytest.mark.clause("RFC 5627 §5.1")
def test_temporary_gruus_live_on_where_an_outbound_contact_moves() -> None:
    params = (("+sip.instance", INSTANCE), ("reg-id", "1"))
    asked = ContactRequest(OLD, 3600, params=params, outbound=True, gruu=True)
    record = after(ims(contacts=(asked,), cseq=3), ims(contacts=(asked._replace(uri=NEW),), cseq=4))

    assert record.contacts(TOBIAS)[0].binding.first_cseq == 3


@pytest.mark.clause("RFC 5626 §6")
def test_flows_of_one_instance_live_beside_each_other_even_with_one_uri() -> None:
    record = after(flow(1), flow(2, call_id="b@ue"))

    contacts = record.contacts(TOBIAS)
    assert [contact.binding.reg_id for contact in contacts] == ["1", "2"]
    assert len({contact.id for contact in contacts}) == 2


@pytest.mark.clause("RFC 5626 §6")
def test_registrations_with_and_without_outbound_live_beside_each_other() -> None:
    with_outbound_first = after(flow(1), ims(NEW, cseq=2))
    assert uris(with_outbound_first) == [OLD, NEW]

    assert uris(after(ims(), flow(1, NEW, cseq=2))) == [OLD, NEW]


def test_a_contact_that_turns_to_outbound_is_another_one() -> None:
    change = update(after(ims()), flow(1, cseq=2), 10.0, {})

    assert told(change) == [(OLD, "deactivated"), (OLD, "registered")]
    assert len({row.contact.id for row in change.rows if row.aor == TOBIAS}) == 2
    assert uris(change.record) == [OLD]


@pytest.mark.clause("TS 24.229 §5.4.1.4")
def test_de_registration_with_a_reg_id_ends_that_flow_only_and_without_all_with_the_uri() -> None:
    before = after(flow(1), flow(2, call_id="b@ue"))

    one = update(before, flow(1, expires=0, cseq=9), 10.0, {})
    assert [contact.binding.reg_id for contact in one.record.contacts(TOBIAS)] == ["2"]

    assert uris(update(before, ims(OLD, 0, call_id="c@ue"), 10.0, {}).record) == []


@pytest.mark.clause("RFC 5626 §6", "TS 24.229 §5.4.1.2.2")
def test_more_flows_than_a_device_may_have_are_refused() -> None:
    before = after(flow(1, max_flows=2), flow(2, call_id="b@ue", max_flows=2))

    with pytest.raises(SipError) as refused:
        update(before, flow(3, call_id="c@ue", max_flows=2), 10.0, {})
    assert refused.value.status == 403

    assert len(uris(update(before, flow(2, call_id="c@ue", max_flows=2), 10.0, {}).record)) == 2


@pytest.mark.clause("RFC 5626 §7")
def test_a_lost_flow_ends_what_was_bound_along_it_by_outbound() -> None:
    before = after(flow(1, flow=CONNECTION), flow(2, call_id="b@ue", flow=CONNECTION._replace(connection=8)))

    change = update(before, LoseFlow(CONNECTION), 10.0, {})

    assert told(change) == [(OLD, "deactivated")]
    assert change.cause.kind is CauseKind.FLOW_LOST
    assert [contact.binding.reg_id for contact in change.record.contacts(TOBIAS)] == ["2"]
    assert change.assignments == ()


def test_the_last_flow_takes_the_device_with_it_and_the_hss_hears_of_it() -> None:
    change = update(after(flow(1, flow=CONNECTION)), LoseFlow(CONNECTION), 10.0, {})

    assert change.record.devices == ()
    assert [due.type for due in change.assignments] == [ServerAssignment.ADMINISTRATIVE_DEREGISTRATION]


def test_a_lost_connection_ends_nothing_that_is_not_bound_by_it() -> None:
    plain = after(ims(flow=CONNECTION))
    behind_a_proxy = after(flow(1, flow=CONNECTION, path=("<sip:pcscf.home1.test;lr;ob>",)))

    for before in (plain, behind_a_proxy):
        assert update(before, LoseFlow(CONNECTION), 10.0, {}).rows == ()
    assert update(None, LoseFlow(CONNECTION), 10.0, {}).rows == ()


@pytest.mark.clause("TS 24.229 §5.4.1.2.2", "TS 24.229 §7.2A.13")
def test_emergency_contacts_and_others_leave_each_other_alone() -> None:
    before = after(ims(), sos(cseq=2))
    assert uris(before) == [OLD, SOS]

    moved = update(before, ims(NEW, cseq=3), 10.0, {})
    assert uris(moved.record) == [SOS, NEW]

    other = update(before, sos("sip:ue@192.0.2.2;sos", cseq=3), 10.0, {})
    assert uris(other.record) == [OLD, "sip:ue@192.0.2.2;sos"]


@pytest.mark.clause("TS 24.229 §5.4.1.4")
@pytest.mark.parametrize(
    "command",
    [
        star(cseq=9, replaces_contacts=True),
        sos(expires=0, cseq=9),
        by_operator(),
        Deregister(Cause(CauseKind.PERMANENT_TERMINATION), private_identity="phone@home1.test"),
        Deregister(Cause(CauseKind.AS_FAILURE), frozenset({TOBIAS})),
        Shorten(60),
    ],
)
def test_an_emergency_contact_outlives_everything(command: Register | Deregister | Shorten) -> None:
    before = after(ims(), sos(cseq=2))

    record = update(before, command, 10.0, {}).record

    contact = record.contacts(TOBIAS)[-1]
    assert (contact.binding.uri, contact.binding.expires_at) == (SOS, 601.0)


def test_an_emergency_contact_expires_and_an_operator_may_name_it() -> None:
    before = after(sos())

    assert update(before, Expire(), 600.0, {}).record.registrations == ()
    assert update(before, by_operator(contact=SOS), 10.0, {}).record.registrations == ()


@pytest.mark.clause("RFC 5627 §5.1")
@pytest.mark.parametrize(
    ("call_id", "cseq", "first_cseq"), [("a@ue", 7, 3), ("b@ue", 1, 1), ("b@ue", 9, 9)]
)
def test_a_new_call_id_starts_temporary_gruus_anew(call_id: str, cseq: int, first_cseq: int) -> None:
    asked = ContactRequest(OLD, 3600, params=(("+sip.instance", INSTANCE),), gruu=True)
    before = after(ims(contacts=(asked,), cseq=3))

    for uri in (OLD, NEW):
        change = update(before, ims(contacts=(asked._replace(uri=uri),), call_id=call_id, cseq=cseq), 10.0, {})
        (contact,) = change.record.contacts(TOBIAS)
        assert (contact.binding.gruu, contact.binding.first_cseq) == (True, first_cseq)


def test_temporary_gruus_start_with_the_register_that_asks_for_them() -> None:
    asked = ContactRequest(OLD, 3600, params=(("+sip.instance", INSTANCE),))
    record = after(ims(contacts=(asked,)), ims(contacts=(asked._replace(gruu=True),), cseq=2))

    binding = record.contacts(TOBIAS)[0].binding
    assert (binding.gruu, binding.first_cseq) == (True, 2)


@pytest.mark.clause("TS 24.229 §5.4.1.6")
def test_who_was_cut_short_has_to_prove_themselves() -> None:
    cut = update(after(ims(), ims(device=PAGER_PROFILE)), Shorten(60, private_identity="phone@home1.test"), 9.0, {})
    assert [device.reauthenticate for device in cut.record.devices] == [True, False]

    merely_protected = update(cut.record, ims(cseq=2, proven=False), 10.0, {}).record
    assert [device.reauthenticate for device in merely_protected.devices] == [True, False]

    proven = update(merely_protected, ims(cseq=3), 11.0, {}).record
    assert [device.reauthenticate for device in proven.devices] == [False, False]
    assert proven.devices[0].profile is PHONE_PROFILE


@pytest.mark.parametrize(
    "command",
    [
        flow(1, cseq=2),
        flow(1, cseq=2, flow=CONNECTION),
        flow(1, NEW, cseq=2),
        flow(2, cseq=2),
        ims(cseq=2),
    ],
)
def test_the_short_way_of_a_flow_is_the_long_way(command: Register) -> None:
    before = after(flow(1))

    short, long = _refresh(before, command, 10.0), _updated(before, command, 10.0, {})

    assert short is None or short == long


def test_the_short_way_ends_a_demand_to_authenticate_as_the_long_one_does() -> None:
    before = update(after(ims()), Shorten(60), 9.0, {}).record

    assert _refresh(before, ims(cseq=2), 10.0) is None
