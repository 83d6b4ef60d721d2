"""Emergency registrations: apart from the others, and only time ends them (TS 24.229 §5.4.1.2, §5.4.1.4)."""

import pytest

from scscf.cx import DeregistrationReason
from scscf.procedures.deregister import KIND_OF_REASON, Scope, deregister, terminate
from scscf.procedures.state import NotRegisteredError
from scscf.registration.registration import Event
from tests.world import Client, World

pytestmark = pytest.mark.clause("TS 24.229 §5.4.1.2.2", "TS 24.229 §7.2A.13")

TOBIAS = "sip:tobias@home1.test"

BARRED = """
subscriptions:
  - name: erika
    private_identities: [{id: erika@home1.test, auth: {scheme: none}}]
    implicit_sets: [[{id: "sip:erika@home1.test", barred: true}]]
"""


@pytest.fixture
def phone() -> Client:
    return World().client(username="phone@home1.test")


def sos(client: Client) -> str:
    """Return a client's contact for emergency calls."""
    return f"<{client.uri};sos>"


def bound(client: Client) -> list[str]:
    """Return the contact URIs that are bound."""
    return [
        contact.binding.uri.removeprefix(client.uri)
        for record in client.world.node.store.records()
        for contact in record.contacts(client.aor)
    ]


def test_an_emergency_contact_stands_beside_the_other_and_is_listed_to_its_own_register_only(phone: Client) -> None:
    assert phone.register().get_all("contact") == [f"<{phone.uri}>;expires=3600"]

    emergency = phone.register(contact=sos(phone), expires=1200)
    assert emergency.get_all("contact") == [f"<{phone.uri}>;expires=3600", f"{sos(phone)};expires=1200"]

    assert phone.register().get_all("contact") == [f"<{phone.uri}>;expires=3600"]
    assert phone.register(None, None).get_all("contact") == [f"<{phone.uri}>;expires=3600"]
    assert bound(phone) == ["", ";sos"]


def test_neither_kind_replaces_the_other(phone: Client) -> None:
    phone.register()
    phone.register(contact=sos(phone))

    phone.register(contact="<sip:tobias@127.0.0.20>")
    phone.register(contact="<sip:tobias@127.0.0.20;SOS>")

    assert bound(phone) == ["sip:tobias@127.0.0.20", "sip:tobias@127.0.0.20;SOS"]


@pytest.mark.clause("TS 24.229 §5.4.1.4")
def test_a_ue_cannot_end_its_emergency_registration(phone: Client) -> None:
    phone.register()
    phone.register(contact=sos(phone))

    refused = phone.register(0, contact=sos(phone))
    assert refused.status == 501
    assert bound(phone) == ["", ";sos"]

    both = phone.register(None, [f"<{phone.uri}>;expires=0", f"{sos(phone)};expires=0"])
    assert both.status == 200
    assert bound(phone) == [";sos"]

    assert phone.register(0, "*").status == 200
    assert bound(phone) == [";sos"]


@pytest.mark.clause("TS 24.229 §5.4.1.5")
@pytest.mark.parametrize("reason", list(DeregistrationReason))
def test_an_emergency_registration_outlives_what_the_hss_ends(phone: Client, reason: DeregistrationReason) -> None:
    phone.register()
    phone.register(contact=sos(phone))

    phone.world.perform(terminate(phone.world.node, "phone@home1.test", (TOBIAS,), KIND_OF_REASON[reason]))
    phone.world.run()

    assert bound(phone) == [";sos"]
    assert len(phone.world.node.store) == 1


def test_an_emergency_registration_ends_with_its_time(phone: Client) -> None:
    phone.register(contact=sos(phone), expires=60)

    phone.world.run(59)
    assert bound(phone) == [";sos"]
    phone.world.run(2)
    assert bound(phone) == []


def test_an_operator_ends_an_emergency_registration_by_naming_the_contact(phone: Client) -> None:
    world = phone.world
    phone.register(contact=sos(phone))

    errors: list[Exception] = []
    world.scscf.shell.perform(deregister(world.node, Scope(aor=TOBIAS), Event.DEACTIVATED), errors.append)
    world.run()
    assert [type(error) for error in errors] == [NotRegisteredError]
    world.perform(deregister(world.node, Scope(aor=TOBIAS, contact=f"{phone.uri};sos"), Event.DEACTIVATED))
    world.run()

    assert bound(phone) == []


def test_a_barred_identity_may_register_for_an_emergency() -> None:
    erika = World(subscribers=BARRED).client(user="erika")

    assert erika.register().status == 403
    assert erika.register(contact=sos(erika)).status == 200


def test_sos_means_nothing_to_a_plain_registrar() -> None:
    phone = World({"dialect": "rfc3261"}).client(username="phone@home1.test")
    phone.register(contact=sos(phone))

    assert phone.register(0, contact=sos(phone)).status == 200
    assert bound(phone) == []


@pytest.mark.clause("TS 24.229 §5.4.1.4")
def test_the_200_that_leaves_nothing_but_an_emergency_contact_has_no_service_route(phone: Client) -> None:
    assert "service-route" in phone.register()
    assert "service-route" in phone.register(contact=sos(phone))

    left = phone.register(expires=0)

    assert "contact" not in left
    assert "service-route" not in left
    assert "p-associated-uri" not in left
    assert bound(phone) == [";sos"]
