"""Microsoft's registrar on a whole node, by clients without NTLM (MS-SIPREGE §3.1, §3.2, §4.1)."""

import asyncio

import pytest

from scscf.cx import DeregistrationReason, RegistrationTermination
from scscf.procedures.deregister import Scope, deregister, forget, reset
from scscf.procedures.user_services import set_user_services
from scscf.regevent.registration_notify import notice
from scscf.registration.registration import Event
from scscf.sip.message import Request, Response
from tests.world import Client, World

pytestmark = pytest.mark.clause("MS-SIPREGE §3.1.2.5.1")

ALICE = "sip:alice@fabrikam.test"
SUBSCRIBERS = """
subscriptions:
  - name: alice
    private_identities: [{id: alice@fabrikam.test, auth: {scheme: none}}]
    implicit_sets: [["sip:alice@fabrikam.test"]]
  - name: bob
    private_identities: [{id: bob@fabrikam.test, auth: {scheme: digest, password: secret}}]
    implicit_sets: [["sip:bob@fabrikam.test"]]
"""
CONFIG: dict[str, object] = {"home_domain": "fabrikam.test", "dialect": "siprege", "api": "http://127.0.0.1:0"}
EPID = "492a7ce35f"
URN = "urn:uuid:B43B3D1D-9F8F-5FDC-9F74-3CA273CADB97"
SUPPORTED = "gruu-10, adhoclist, msrtc-event-categories"


def world(**more: object) -> World:
    return World({**CONFIG, **more}, SUBSCRIBERS)


def endpoint(
    client: Client, epid: str | None = EPID, instance: str | None = URN, expires: int = 3600, **headers: str | None
) -> Response:
    """Register an endpoint as Microsoft's clients do: no branch in Via, the expiry in its header alone."""
    tail = f';+sip.instance="<{instance}>"' if instance else ""
    fields: dict[str, str | list[str] | None] = {
        "Via": f"SIP/2.0/UDP {client.host}:{client.port}",
        "From": f"<{client.aor}>;tag=f{client.port}" + (f";epid={epid}" if epid else ""),
        "Contact": f'<sip:10.1.2.50:4237;ms-opaque=6fb3a8330a>;methods="INVITE, NOTIFY";proxy=replace{tail}',
        "Event": "registration",
        "Supported": SUPPORTED,
        "Expires": str(expires),
    }
    fields.update({name.replace("_", "-"): value for name, value in headers.items()})
    answer = client.send("REGISTER", headers=fields)
    assert answer is not None
    return answer


def alice(there: World, port: int = 5070) -> Client:
    return there.client(port=port, user="alice", domain="fabrikam.test")


def contacts_of(there: World, aor: str = ALICE) -> list[str]:
    record = asyncio.run(there.node.store.find(aor))
    return [contact.binding.uri for contact in record.contacts(aor)] if record else []


def end(there: World, event: Event, **more: object) -> None:
    there.perform(deregister(there.node, Scope(ALICE), event, **more))  # type: ignore[arg-type]
    there.run()


def test_an_endpoint_is_bound_where_it_was_seen_and_gets_its_gruu() -> None:
    client = alice(world())

    answer = endpoint(client)

    assert answer.status == 200
    assert answer.get_all("contact") == [
        f"<sip:127.0.0.9:5070;ms-opaque=6fb3a8330a>;expires=3600"
        f';+sip.instance="<{URN.lower()}>";gruu="{ALICE};opaque=user:epid:HT07tI-f3F-fdDyic8rblwAA;gruu"'
    ]
    assert answer.get("expires") == "3600"
    assert answer.get("presence-state") == 'register-action="added"'
    assert answer.get("supported") == "adhoclist, msrtc-event-categories"
    assert answer.get("allow-events") == "registration-notify,reg"
    assert answer.get("server") == "RTC/3.5"
    assert answer.get("via") == "SIP/2.0/UDP 127.0.0.9:5070;ms-received-port=5070"


def test_the_same_epid_and_instance_are_the_same_endpoint_wherever_it_is() -> None:
    there = world()
    client = alice(there)
    endpoint(client)

    answer = endpoint(client, Contact=f'<sip:127.0.0.9:5099>;+sip.instance="<{URN.lower()}>"')

    assert answer.get("presence-state") == 'register-action="refreshed"'
    assert contacts_of(there) == ["sip:127.0.0.9:5099"]


@pytest.mark.parametrize(("epid", "instance"), [("8248ca9ebb", URN), (EPID, URN.replace("B4", "B5")), (None, URN)])
def test_another_epid_or_instance_is_another_endpoint(epid: str | None, instance: str) -> None:
    there = world()
    endpoint(alice(there))

    answer = endpoint(alice(there, 5071), epid, instance)

    assert len(answer.get_all("contact")) == 2


def test_another_endpoint_at_the_same_address_takes_its_place_silently() -> None:
    there = world()
    client = alice(there)
    endpoint(client)

    answer = endpoint(client, "8248ca9ebb")

    assert len(answer.get_all("contact")) == 1
    assert client.notifies == []
    assert [each.endpoint[:10] for each in there.node.notifier.subscriptions.values()] == ["8248ca9ebb"]


def test_one_endpoint_leaves_and_the_other_stays() -> None:
    there = world()
    first, second = alice(there), alice(there, 5071)
    endpoint(first)
    endpoint(second, "8248ca9ebb", None)

    answer = endpoint(first, expires=0)

    assert answer.get("expires") == "0"
    assert answer.get("presence-state") is None
    assert contacts_of(there) == ["sip:127.0.0.9:5071;ms-opaque=6fb3a8330a"]
    assert first.notifies == second.notifies == []
    assert [each.endpoint for each in there.node.notifier.subscriptions.values()] == ["8248ca9ebb;"]


@pytest.mark.clause("MS-SIPREGE §4.1.2")
def test_the_last_endpoint_leaves_and_the_200_has_no_contact() -> None:
    there = world()
    client = alice(there)
    endpoint(client)

    answer = endpoint(client, expires=0)

    assert answer.get("contact") is None
    assert answer.get_all("expires") == ["0"]
    assert not there.node.notifier.subscriptions


@pytest.mark.parametrize(
    ("status", "error_id", "more"),
    [
        (400, "4010", {"epid": None, "instance": None}),
        (400, "4010", {"epid": "x" * 65}),
        (489, "4055", {"Event": "reg"}),
        (421, "2057", {"Supported": "adhoclist, msrtc-event-categories"}),
    ],
)
def test_what_is_wrong_is_refused_with_its_error_id(status: int, error_id: str, more: dict[str, str | None]) -> None:
    there = world()

    answer = endpoint(alice(there), **more)  # type: ignore[arg-type]

    assert answer.status == status
    assert (answer.get("ms-diagnostics-public") or "").startswith(f"{error_id};reason=")
    assert answer.get("ms-diagnostics") is None
    assert contacts_of(there) == []


def test_in_full_the_diagnostics_name_their_source() -> None:
    answer = endpoint(alice(world(siprege={"diagnostics": "full"})), None, None)

    assert answer.get("ms-diagnostics") == (
        '4010;reason="Missing endpoint identifier";source="scscf.fabrikam.test"'
    )


def test_msrtc_without_gruu_says_what_it_requires() -> None:
    answer = endpoint(alice(world()), Supported="msrtc-event-categories")

    assert answer.get("require") == "gruu-10"


def notice_in(request: Request) -> tuple[str, str, str]:
    """Return body, diagnostics and state of a NOTIFY."""
    return (
        request.body.decode(),
        request.get("ms-diagnostics-public") or "",
        request.get("subscription-state") or "",
    )


@pytest.mark.clause("MS-SIPREGE §2.2.1.13", "MS-SIPREGE §3.2", "MS-SIPREGE §4.1.3")
@pytest.mark.parametrize(
    ("event", "body", "diagnostics"),
    [
        (Event.UNREGISTERED, "deregistered;event=unregistered", '4140;reason="Endpoint unregistered by policy"'),
        (Event.REJECTED, "deregistered;event=rejected", '4141;reason="User disabled"'),
        (Event.DEACTIVATED, "deregistered;event=deactivated", '4142;reason="User temporarily unavailable"'),
        (Event.PROBATION, "deregistered;event=deactivated", '4142;reason="User temporarily unavailable"'),
    ],
)
def test_an_endpoint_is_told_why_the_network_ends_it(event: Event, body: str, diagnostics: str) -> None:
    there = world()
    client = alice(there)
    answer = endpoint(client)

    end(there, event)

    (request,) = client.notifies
    assert notice_in(request) == (body, diagnostics, "terminated;expires=0")
    assert request.uri_text == "sip:127.0.0.9:5070;ms-opaque=6fb3a8330a"
    assert request.get("from") == answer.get("to")
    assert request.get("to") == f"<{ALICE}>;tag=f5070;epid={EPID}"
    assert (request.call_id, request.get("cseq")) == (client.call_id, "1 NOTIFY")
    assert (request.get("event"), request.get("content-type")) == ("registration-notify", "text/registration-event")
    assert "contact" not in request
    assert not there.node.notifier.subscriptions


def test_the_preferred_registrar_is_told() -> None:
    there = world()
    client = alice(there)
    endpoint(client)

    told = notice("preferred-registrar-change", 4167, preferred_registrar="sip:pool2.fabrikam.test;transport=tls")
    end(there, Event.DEACTIVATED, notice=told)

    (request,) = client.notifies
    assert request.body == b"deregistered;event=preferred-registrar-change"
    assert request.get("ms-diagnostics-public") == '4167;reason="Preferred registrar changed"'
    assert request.get("p-preferred-registrar") == "sip:pool2.fabrikam.test;transport=tls"


@pytest.mark.parametrize("contact", ["<tel:+15550001>", "<mailto:alice@fabrikam.test>;proxy=replace"])
def test_an_endpoint_that_is_at_no_sip_uri_ends_and_is_told_nothing(contact: str) -> None:
    there = world()
    client = alice(there)
    assert endpoint(client, Contact=contact).status == 200

    there.perform(deregister(there.node, Scope(ALICE), Event.REJECTED))
    there.run(1)

    assert contacts_of(there) == []
    assert not there.node.notifier.subscriptions


@pytest.mark.parametrize("route", ["<sip:10.9.9.9;lr>", "<tel:+1;lr>", "<"])
def test_the_record_route_of_a_register_leads_no_notify_elsewhere(route: str) -> None:
    there = world()
    client = alice(there)
    assert endpoint(client, Record_Route=route).status == 200

    there.perform(deregister(there.node, Scope(ALICE), Event.REJECTED))
    there.run(1)

    (request,) = client.notifies
    assert "route" not in request


def test_who_did_not_ask_for_it_is_told_nothing() -> None:
    there = world()
    client = alice(there)
    endpoint(client, Event=None)

    end(there, Event.REJECTED)

    assert client.notifies == []


@pytest.mark.parametrize("event", [Event.EXPIRED])
def test_an_endpoint_is_not_told_of_its_expiry(event: Event) -> None:
    there = world()
    client, other = alice(there), alice(there, 5071)
    endpoint(client)
    endpoint(other, "8248ca9ebb", None, 7200)

    there.run(3601)
    end(there, event)

    assert client.notifies == other.notifies == []
    assert not there.node.notifier.subscriptions


def test_the_oldest_endpoint_goes_where_there_are_too_many() -> None:
    there = world(registrar={"max_contacts": 2})
    clients = [alice(there, port) for port in (5070, 5071, 5072)]
    for number, client in enumerate(clients):
        assert endpoint(client, f"epid{number}", None).status == 200
        there.run(1)

    assert contacts_of(there) == [f"sip:127.0.0.9:{port};ms-opaque=6fb3a8330a" for port in (5071, 5072)]
    assert notice_in(clients[0].notifies[0])[:2] == (
        "deregistered;event=unregistered",
        '4140;reason="Endpoint unregistered by policy"',
    )
    assert clients[1].notifies == clients[2].notifies == []


@pytest.mark.clause("MS-SIPREGE §3.5.1.4")
def test_without_user_services_an_endpoint_stays_or_goes_as_it_can() -> None:
    there = world()
    stays, goes = alice(there), alice(there, 5071)
    endpoint(stays, Supported=f"{SUPPORTED}, ms-userservices-state-notification")
    endpoint(goes, "8248ca9ebb", None)

    there.perform(set_user_services(there.node, Scope(ALICE), available=False))
    there.run()

    assert notice_in(stays.notifies[0]) == (
        "registered;event=userservices-unavailable",
        '4165;reason="User services unavailable"',
        "active;expires=3600",
    )
    assert notice_in(goes.notifies[0]) == (
        "deregistered;event=userservices-unavailable",
        '4165;reason="User services unavailable"',
        "terminated;expires=0",
    )
    assert contacts_of(there) == ["sip:127.0.0.9:5070;ms-opaque=6fb3a8330a"]

    refused = endpoint(goes, "8248ca9ebb", None)
    assert (refused.status, (refused.get("ms-diagnostics-public") or "")[:5]) == (503, "4165;")
    survived = endpoint(stays, Supported=f"{SUPPORTED}, ms-userservices-state-notification")
    assert "user-services-state=unavailable" in (survived.get("presence-state") or "")

    there.perform(set_user_services(there.node, Scope(ALICE), available=True))
    there.run()
    assert endpoint(goes, "8248ca9ebb", None).status == 200


def test_the_second_notice_of_an_endpoint_has_the_next_cseq() -> None:
    there = world()
    client = alice(there)
    endpoint(client, Supported=f"{SUPPORTED}, ms-userservices-state-notification")

    there.perform(set_user_services(there.node, Scope(ALICE), available=False))
    there.run()
    end(there, Event.REJECTED)

    assert [request.get("cseq") for request in client.notifies] == ["1 NOTIFY", "2 NOTIFY"]


def test_a_watcher_of_the_user_sees_the_same_in_reginfo() -> None:
    there = world(trusted_peers=["127.0.0.4"])
    client = alice(there)
    watcher = there.client("127.0.0.4", 5080, user="alice", domain="fabrikam.test")
    endpoint(client)
    watcher.send(
        "SUBSCRIBE",
        ALICE,
        {"Event": "reg", "Contact": f"<{watcher.uri}>", "P-Asserted-Identity": f"<{ALICE}>", "Expires": "3600"},
    )

    end(there, Event.REJECTED)

    assert b'event="registered"' in watcher.notifies[0].body
    assert b'state="terminated" event="rejected"' in watcher.notifies[-1].body
    assert client.notifies[0].body == b"deregistered;event=rejected"


def test_a_gruu_leads_to_its_endpoint_alone() -> None:
    there = world()
    first, second = alice(there), alice(there, 5071)
    endpoint(first)
    endpoint(second, "8248ca9ebb", "urn:uuid:4233FD41-093B-5FD6-B5D2-651ED55969E6")
    caller = there.client("127.0.0.8", 5090, user="alice", domain="fabrikam.test")
    caller.send("OPTIONS", f"{ALICE};opaque=user:epid:Qf0zQjsJ1l-10mUe1Vlp5gAA;gruu", {"Max-Forwards": "5"})

    assert [request.method for request in first.notifies] == []
    assert [request.method for request in second.notifies] == ["OPTIONS"]


def test_digest_stays_possible_for_clients_without_ntlm() -> None:
    there = world()
    client = there.client(user="bob", domain="fabrikam.test", username="bob@fabrikam.test")

    answer = client.register(
        contact='<sip:127.0.0.9:5070>;+sip.instance="<urn:uuid:4233fd41-093b-5fd6-b5d2-651ed55969e6>"'
    )

    assert answer.status == 200


@pytest.mark.clause("MS-SIPREGE §3.2")
@pytest.mark.parametrize(
    ("reason", "info", "body", "registrar"),
    [
        (DeregistrationReason.PERMANENT_TERMINATION, "", "rejected", None),
        (DeregistrationReason.SERVER_CHANGE, "", "deactivated", None),
        (DeregistrationReason.NEW_SERVER_ASSIGNED, "", "deactivated", None),
        (DeregistrationReason.NEW_SERVER_ASSIGNED, "sip:pool2.test", "preferred-registrar-change", "sip:pool2.test"),
        (DeregistrationReason.NEW_SERVER_ASSIGNED, "no URI at all", "deactivated", None),
    ],
)
def test_the_hss_ends_an_endpoint_which_is_told_why(
    reason: DeregistrationReason, info: str, body: str, registrar: str | None
) -> None:
    there = world()
    client = alice(there)
    endpoint(client)

    request = RegistrationTermination("alice@fabrikam.test", reason, reason_info=info)
    there.perform(there.scscf.hss_commands.registration_termination(request))
    there.run()

    assert client.notifies[0].body.decode() == f"deregistered;event={body}"
    assert client.notifies[0].get("p-preferred-registrar") == registrar


def test_a_configured_registrar_is_told_where_the_hss_names_none() -> None:
    there = world(siprege={"preferred_registrar": "sip:pool3.test"})
    client = alice(there)
    endpoint(client)

    request = RegistrationTermination("alice@fabrikam.test", DeregistrationReason.NEW_SERVER_ASSIGNED)
    there.perform(there.scscf.hss_commands.registration_termination(request))
    there.run()

    assert client.notifies[0].get("p-preferred-registrar") == "sip:pool3.test"


def test_where_the_hss_lets_go_silently_the_subscription_goes_too() -> None:
    there = world()
    client = alice(there)
    endpoint(client)

    request = RegistrationTermination("alice@fabrikam.test", DeregistrationReason.REMOVE_SCSCF)
    there.perform(there.scscf.hss_commands.registration_termination(request))
    there.run()

    assert client.notifies == []
    assert not there.node.notifier.subscriptions


def test_a_registration_that_is_forgotten_tells_nobody_and_can_begin_anew() -> None:
    there = world()
    client = alice(there)
    endpoint(client)

    there.perform(forget(there.node, ALICE))
    there.run()
    answer = endpoint(client)

    assert answer.get("presence-state") == 'register-action="added"'
    assert client.notifies == []
    assert len(there.node.notifier.subscriptions) == 1


def test_an_endpoint_is_in_no_dialog_whatever_tags_it_chooses() -> None:
    there = world(trusted_peers=["127.0.0.4"])
    client = alice(there)
    watcher = there.client("127.0.0.4", 5080, user="alice", domain="fabrikam.test")
    fields = {"Event": "reg", "Contact": f"<{watcher.uri}>", "P-Asserted-Identity": f"<{ALICE}>", "Expires": "3600"}
    answer = watcher.send("SUBSCRIBE", ALICE, fields)
    assert answer is not None
    endpoint(
        client,
        To=f"<{ALICE}>;tag={answer.to.tag}",
        From=f"<{ALICE}>;tag=f5080;epid={EPID}",
        Call_ID=watcher.call_id,
        CSeq="9 REGISTER",
    )

    again = watcher.send("SUBSCRIBE", ALICE, {**fields, "To": f"<{ALICE}>;tag={answer.to.tag}"})

    assert again is not None
    assert again.status == 200


def test_a_reset_brings_user_services_back() -> None:
    there = world()
    there.perform(set_user_services(there.node, Scope(ALICE), available=False))

    there.perform(reset(there.node, registrations=True, subscriptions=False, challenges=False))

    assert endpoint(alice(there)).status == 200
