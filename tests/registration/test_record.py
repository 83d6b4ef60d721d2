"""What a record knows, and what is asked of it."""

from scscf.profile.service_profile import PublicIdentity
from scscf.registration.record import Record
from tests.builders import (
    GAMES,
    PAGER,
    PAGER_PROFILE,
    PHONE,
    PHONE_PROFILE,
    TEL,
    TOBIAS,
    after,
    register,
)

BOTH = after(register(), register(PAGER, 600, device=PAGER_PROFILE, call_id="p@ue"))


def test_devices_are_found_by_their_private_identity() -> None:
    device = BOTH.device("pager@home1.test")

    assert device is not None
    assert device.profile is PAGER_PROFILE
    assert BOTH.device("desk@home1.test") is None


def test_contacts_are_found_by_their_address_of_record() -> None:
    assert [contact.binding.uri for contact in BOTH.contacts(TOBIAS)] == [PHONE, PAGER]
    assert [contact.binding.uri for contact in BOTH.contacts(TEL)] == [PHONE]
    assert BOTH.contacts("sip:carol@home1.test") == ()
    assert BOTH.registration("sip:carol@home1.test") is None


def test_each_binding_comes_once() -> None:
    assert [binding.uri for binding in BOTH.bindings()] == [PHONE, PAGER]


def test_the_first_expiry() -> None:
    assert BOTH.next_expiry() == 601.0
    assert Record("tobias", 0, "home1.test").next_expiry() is None


def test_the_set_is_what_any_device_knows_of_it_in_the_order_of_the_first() -> None:
    more = PAGER_PROFILE._replace(sets=((PublicIdentity(TOBIAS), PublicIdentity("sip:extra@home1.test")),))
    record = after(register(), register(PAGER, device=more, call_id="p@ue"))

    assert [each.uri for each in record.identities_with(TOBIAS)] == [TOBIAS, TEL, GAMES, "sip:extra@home1.test"]
    assert [each.uri for each in record.identities_with(TEL)] == [TOBIAS, TEL, GAMES]
    assert record.identities_with("sip:carol@home1.test") == ()


def test_other_sets_of_a_device_are_other_sets() -> None:
    two = PHONE_PROFILE._replace(sets=((PublicIdentity(TOBIAS),), (PublicIdentity(GAMES),)))
    record = after(register(device=two))

    assert [registration.aor for registration in record.registrations] == [TOBIAS]
    assert [each.uri for each in record.identities_with(GAMES)] == [GAMES]
