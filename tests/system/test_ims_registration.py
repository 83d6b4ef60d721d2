"""REGISTER at an S-CSCF: whose place a contact takes, what the 200 says, how it all ends (TS 24.229 §5.4.1)."""

import pytest

from scscf.cx import DeregistrationReason, ServerAssignment
from scscf.procedures.deregister import KIND_OF_REASON, Scope, as_failed, deregister, terminate
from scscf.procedures.reauthenticate import reauthenticate
from scscf.regevent.reginfo import Documents
from scscf.registration.change import CauseKind
from scscf.registration.registration import Event
from scscf.sip.message import Response
from tests.fakes import SlowHss
from tests.world import Client, World

TOBIAS = "sip:tobias@home1.test"
PATH = "<sip:term@127.0.0.4;lr>"

SUBSCRIBERS = """
subscriptions:
  - name: ann
    private_identities:
      - {id: ann@home1.test, auth: {scheme: none}}
      - {id: desk@home1.test, auth: {scheme: none}, identities: ["sip:ann@home1.test"]}
    implicit_sets:
      - - {id: "sip:001010000000001@home1.test", barred: true}
        - {id: "sip:ann@home1.test", display_name: Ann Example}
        - tel:+15550001
  - name: erika
    private_identities: [{id: erika@home1.test, auth: {scheme: none}}]
    implicit_sets: [[{id: "sip:erika@home1.test", barred: true}]]
"""


def pcscf(world: World, user: str = "ann") -> Client:
    """Return a UE as a trusted P-CSCF passes it on."""
    return world.client("127.0.0.4", 5060, user=user)


def kept(world: World, aor: str = "sip:ann@home1.test") -> list[str]:
    """Return the contact URIs of an identity."""
    return [contact.binding.uri for record in world.node.store.records() for contact in record.contacts(aor)]


def from_device(private_identity: str) -> str:
    """Return an Authorization that names a private identity and answers nothing."""
    return f'Digest username="{private_identity}", realm="home1.test", nonce="", uri="sip:home1.test", response=""'


@pytest.fixture
def world() -> World:
    return World(subscribers=SUBSCRIBERS)


@pytest.mark.clause("TS 24.229 §5.4.1.2.2", "TS 24.229 §5.4.2.1.2")
def test_a_ue_that_has_moved_leaves_no_contact_behind_and_everybody_is_told_in_one_notify() -> None:
    world = World()
    phone, watcher = world.client(username="phone@home1.test"), world.client("127.0.0.4", 5060)
    phone.register()
    watcher.subscribe(P_Asserted_Identity=f"<{TOBIAS}>")

    answer = phone.register(contact="<sip:tobias@127.0.0.77>")

    assert answer.get_all("contact") == ["<sip:tobias@127.0.0.77>;expires=3600"]
    assert len(watcher.notifies) == 2
    assert watcher.documents()[-1].contacts(TOBIAS) == [
        ("sip:tobias@127.0.0.9:5070", "terminated", "deactivated"),
        ("sip:tobias@127.0.0.77", "active", "registered"),
    ]


@pytest.mark.clause("TS 24.229 §5.4.1.2.2")
def test_the_contact_of_another_device_stays(world: World) -> None:
    phone, desk = world.client(user="ann"), world.client("127.0.0.10", user="ann")
    phone.register(Authorization=from_device("ann@home1.test"))
    desk.register(Authorization=from_device("desk@home1.test"))

    assert kept(world) == [phone.uri, desk.uri]


@pytest.mark.clause("TS 24.229 §5.4.1.2.2")
def test_a_protected_register_with_a_contact_nobody_knows_is_refused() -> None:
    world = World()
    phone = world.client("127.0.0.4", 5060, username="phone@home1.test")
    assert phone.register(Path=PATH).status == 200
    protected = phone.authorization("REGISTER", "sip:home1.test").partition(", response=")[0]

    def register(contact: str) -> Response | None:
        fields = {
            "Contact": f"<{contact}>",
            "Path": PATH,
            "Authorization": f'{protected}, response="", integrity-protected="ip-assoc-yes"',
        }
        return phone.send("REGISTER", None, fields)

    refused, refreshed = register("sip:tobias@127.0.0.77"), register(phone.uri)
    assert refused is not None
    assert refreshed is not None
    assert (refused.status, refused.reason, refreshed.status) == (403, "Contact Not Registered", 200)
    assert kept(world, TOBIAS) == [phone.uri]


@pytest.mark.clause("TS 24.229 §5.4.1.2.2F", "RFC 7315 §4.1")
def test_a_barred_identity_brings_its_set_with_it_and_is_not_told(world: World) -> None:
    phone = world.client(user="001010000000001")

    answer = phone.register()

    assert answer.status == 200
    assert answer.get("p-associated-uri") == '"Ann Example" <sip:ann@home1.test>, <tel:+15550001>'
    assert [len(kept(world, aor)) for aor in (phone.aor, "sip:ann@home1.test", "tel:+15550001")] == [1, 1, 1]


@pytest.mark.clause("TS 24.229 §5.4.1.2.1")
def test_a_set_that_is_barred_as_a_whole_is_refused(world: World) -> None:
    assert world.client(user="erika").register().status == 403
    assert len(world.node.store) == 0


@pytest.mark.clause("TS 24.229 §5.4.1.2.2")
def test_an_identity_of_another_user_is_refused(world: World) -> None:
    answer = world.client(user="ann").register(Authorization=from_device("erika@home1.test"))

    assert (answer.status, answer.reason) == (403, "Identity Not of This User")


@pytest.mark.clause("TS 24.229 §5.4.1.2.2")
def test_an_identity_that_only_matches_a_wildcarded_one_is_not_registered_by_itself() -> None:
    wildcarded = SUBSCRIBERS.replace("- tel:+15550001", '- {id: "sip:desk!.*!@home1.test", wildcarded: true}')
    world = World(subscribers=wildcarded)

    for _ in range(2):
        assert world.client(user="desk7", port=5999).register().status == 403
        world.network.unbind(("127.0.0.9", 5999))
        assert world.client(user="ann", port=5998).register().status == 200
        world.network.unbind(("127.0.0.9", 5998))

    assert kept(world, "sip:desk!.*!@home1.test") == kept(world) == ["sip:ann@127.0.0.9:5998"]


@pytest.mark.clause("TS 24.229 §5.4.1.1", "TS 24.229 §7.2A.2")
def test_who_a_trusted_node_has_authenticated_registers_without_a_challenge() -> None:
    world = World()
    done = f'{from_device("phone@home1.test")}, integrity-protected="auth-done"'

    assert world.client("127.0.0.4", 5060).register(Path=PATH, Authorization=done).status == 200
    assert world.client("127.0.0.9").register(Authorization=done).status == 401


@pytest.mark.clause("RFC 3840 §9", "TS 24.229 §5.4.1.2.2F", "RFC 3261 §10.2")
def test_every_feature_tag_comes_back_as_it_was_written(world: World) -> None:
    tags = (
        ';+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel";+g.3gpp.smsip;audio;video="FALSE"'
        ';+sip.instance="<urn:gsma:imei:90420156-025763-0>";methods="INVITE,BYE";priority="#>=5";expires=600'
    )
    ue = world.client(user="ann")

    answer = ue.register(contact=f"<{ue.uri}>{tags}")

    assert answer.get("contact") == f"<{ue.uri}>{tags}"


@pytest.mark.clause("TS 24.229 §5.4.1.2.2F", "RFC 3327 §5.3", "RFC 3608 §6.3")
def test_the_200_has_path_service_route_and_identities_and_a_query_too(world: World) -> None:
    ue = pcscf(world)
    for answer in (ue.register(Path=PATH), ue.register(None, None)):
        assert answer.get("service-route") == "<sip:orig@127.0.0.1:5060;lr>"
        assert answer.get("p-associated-uri") == '"Ann Example" <sip:ann@home1.test>, <tel:+15550001>'
    assert ue.register(Path=PATH).get("path") == PATH


@pytest.mark.clause("TS 24.229 §5.4.1.2.2F", "RFC 7315 §4.6")
def test_charging_is_told_to_a_trusted_peer_only(world: World) -> None:
    vector = 'icid-value="AyretyU0dm+6O2IrT5tAFrbHLso=023551024";icid-generated-at=192.0.6.8;orig-ioi=visited1.test'

    answer = pcscf(world).register(Path=PATH, P_Charging_Vector=vector)
    assert answer.get("p-charging-vector") == f"{vector};term-ioi=home1.test"

    assert world.client(user="ann").register(P_Charging_Vector=vector).get("p-charging-vector") is None


@pytest.mark.clause("RFC 6809 §4.2")
def test_feature_caps_are_as_configured() -> None:
    caps = ['*;+g.3gpp.icsi-ref="urn%3Aurn-7%3A3gpp-service.ims.icsi.mmtel"', "*;+g.3gpp.verstat"]
    ue = World({"feature_caps": caps}, SUBSCRIBERS).client(user="ann")

    assert ue.register().get_all("feature-caps") == caps
    assert ue.register(0).get_all("feature-caps") == []


@pytest.mark.clause("TS 24.229 §5.4.1.4", "TS 29.228 §6.1.2")
def test_the_hss_hears_of_a_ue_that_leaves_with_its_last_contact_only(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, str]] = []
    assign = world.scscf.hss.server_assignment

    async def noted(private_identity: str, aor: str, assignment: ServerAssignment, *more: object) -> object:
        told.append((private_identity, assignment.name))
        return await assign(private_identity, aor, assignment, *more)

    phone, desk = world.client(user="ann"), world.client("127.0.0.10", user="ann")
    phone.register(contact=[f"<{phone.uri}>", "<sip:ann@127.0.0.77>"], Authorization=from_device("ann@home1.test"))
    desk.register(Authorization=from_device("desk@home1.test"))
    monkeypatch.setattr(world.scscf.hss, "server_assignment", noted)

    one = phone.register(0, Authorization=from_device("ann@home1.test"))
    assert one.get_all("contact") == [
        "<sip:ann@127.0.0.77>;expires=3600",
        f"<{desk.uri}>;expires=3600",
    ]
    assert told == [("ann@home1.test", "RE_REGISTRATION")]

    phone.register(0, "*", Authorization=from_device("ann@home1.test"))
    assert told[1:] == [("ann@home1.test", "USER_DEREGISTRATION")]
    assert kept(world) == [desk.uri]


@pytest.mark.clause("TS 24.229 §5.4.1.4")
def test_a_contact_that_is_not_bound_may_be_de_registered(world: World) -> None:
    ue = world.client(user="ann")
    ue.register()

    answer = ue.register(0, "<sip:nowhere@127.0.0.99>")

    assert (answer.status, answer.get_all("contact")) == (200, [f"<{ue.uri}>;expires=3600"])


def watched() -> tuple[World, Client, Client]:
    """Return a world with a registered phone that a P-CSCF watches."""
    world = World()
    phone, watcher = world.client(username="phone@home1.test"), world.client("127.0.0.4", 5060)
    phone.register()
    watcher.subscribe(P_Asserted_Identity=f"<{TOBIAS}>")
    return world, phone, watcher


@pytest.mark.clause("TS 29.228 §6.1.3", "TS 24.229 §5.4.1.5")
@pytest.mark.parametrize(
    ("reason", "event"),
    [
        (DeregistrationReason.PERMANENT_TERMINATION, "rejected"),
        (DeregistrationReason.SERVER_CHANGE, "deactivated"),
        (DeregistrationReason.NEW_SERVER_ASSIGNED, None),
        (DeregistrationReason.REMOVE_SCSCF, None),
    ],
)
def test_what_watchers_hear_of_each_reason_of_the_hss(reason: DeregistrationReason, event: str | None) -> None:
    world, _, watcher = watched()

    world.perform(terminate(world.node, "phone@home1.test", (), KIND_OF_REASON[reason]))
    world.run()

    assert len(world.node.store) == 0
    assert len(world.node.notifier.subscriptions) == 0
    if event is None:
        assert len(watcher.notifies) == 1
    else:
        assert {row[2] for row in watcher.documents()[-1].contacts()} == {event}


def test_a_silent_reason_is_told_where_causes_names_an_event() -> None:
    world = World({"causes": {"new_server_assigned": {"event": "probation"}}})
    phone, watcher = world.client(username="phone@home1.test"), world.client("127.0.0.4", 5060)
    phone.register()
    watcher.subscribe(P_Asserted_Identity=f"<{TOBIAS}>")

    world.perform(terminate(world.node, "phone@home1.test", (), CauseKind.NEW_SERVER_ASSIGNED))
    world.run()

    last = watcher.documents()[-1]
    assert {row[2] for row in last.contacts()} == {"probation"}
    assert b'retry-after="60"' in last.notify.body


@pytest.mark.clause("TS 29.228 §6.1.3")
@pytest.mark.parametrize("documents", list(Documents))
def test_a_silent_end_of_one_device_leaves_the_watchers_of_the_other(documents: Documents) -> None:
    world, _, watcher = watched()
    for subscription in world.node.notifier.subscriptions.values():
        subscription.documents = documents
    pager = world.client("127.0.0.10", username="pager@home1.test")
    pager.register()
    heard = len(watcher.notifies)

    world.perform(terminate(world.node, "phone@home1.test", (), CauseKind.REMOVE_SCSCF))
    world.run()
    assert (len(watcher.notifies), kept(world, TOBIAS)) == (heard, [pager.uri])

    pager.register()
    assert watcher.documents()[-1].contacts(TOBIAS) == [(pager.uri, "active", "refreshed")]
    assert watcher.documents()[-1].state == "full"


@pytest.mark.clause("TS 29.228 §6.1.3")
def test_one_identity_of_a_set_stands_for_the_set() -> None:
    world, _, watcher = watched()

    world.perform(
        terminate(world.node, "phone@home1.test", ("tel:+44123456789",), CauseKind.PERMANENT_TERMINATION)
    )
    world.run()

    assert len(world.node.store) == 0
    assert set(watcher.documents()[-1].registrations().values()) == {"terminated"}


@pytest.mark.clause("TS 29.228 §6.1.3")
def test_an_end_by_the_hss_while_the_first_register_waits_for_it_is_not_lost() -> None:
    world = World(subscribers=SUBSCRIBERS)
    slow = SlowHss(world.node.cx)
    world.node.cx = slow
    ue = world.client(user="ann")
    ue.send("REGISTER", None, {"Contact": f"<{ue.uri}>"}, seconds=0.01)
    while slow.waiting[0].command == "MAR":
        answer_one(world, slow)
    assert slow.waiting[0].command == "SAR REGISTRATION"

    world.perform(terminate(world.node, "ann@home1.test", (), CauseKind.PERMANENT_TERMINATION))
    while slow.waiting:
        answer_one(world, slow)

    assert ue.responses[-1].status == 403
    assert len(world.node.store) == 0
    slow.is_slow = False
    assert ue.register().status == 200


def answer_one(world: World, slow: SlowHss) -> None:
    """Let the HSS answer the oldest question."""
    with world.scscf.shell.turn():
        slow.waiting.pop(0).answer()
    world.run(0.01)


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_a_failed_application_server_ends_the_device_it_served() -> None:
    world, _, watcher = watched()
    pager = world.client("127.0.0.10", username="pager@home1.test")
    pager.register()
    (name,) = world.node.store.names()

    world.perform(as_failed(world.node, name, "phone@home1.test", [TOBIAS]))
    world.run()

    assert kept(world, TOBIAS) == [pager.uri]
    assert [row[2] for row in watcher.documents()[-1].contacts(TOBIAS)] == ["rejected", "registered"]


@pytest.mark.clause("TS 24.229 §5.4.1.6")
def test_who_is_asked_to_authenticate_again_is_challenged_even_when_protected() -> None:
    world = World()
    phone = world.client("127.0.0.4", 5060, username="phone@home1.test")
    phone.register(Path=PATH)
    protected = phone.authorization("REGISTER", "sip:home1.test").partition(", response=")[0]
    fields = {
        "Contact": f"<{phone.uri}>",
        "Path": PATH,
        "Authorization": f'{protected}, response="", integrity-protected="ip-assoc-yes"',
    }
    before = phone.send("REGISTER", None, fields)
    assert before is not None
    assert before.status == 200

    world.perform(reauthenticate(world.node, Scope(aor=TOBIAS), 120))
    world.run()

    challenged = phone.send("REGISTER", None, fields)
    assert challenged is not None
    assert challenged.status == 401
    phone.take_challenge(challenged)
    fields["Authorization"] = phone.authorization("REGISTER", "sip:home1.test")
    answered = phone.send("REGISTER", None, fields)
    assert answered is not None
    assert (answered.status, answered.get("contact")) == (200, f"<{phone.uri}>;expires=3600")
    (record,) = world.node.store.records()
    assert [device.reauthenticate for device in record.devices] == [False]


@pytest.mark.clause("TS 24.229 §5.4.1.6")
def test_who_does_not_come_to_authenticate_again_expires() -> None:
    world, _, watcher = watched()

    world.perform(reauthenticate(world.node, Scope(aor=TOBIAS), 60))
    world.run()
    assert {row[2] for row in watcher.documents()[-1].contacts()} == {"shortened"}
    world.run(61)

    assert {row[2] for row in watcher.documents()[-1].contacts()} == {"expired"}
    assert len(world.node.store) == 0


@pytest.mark.clause("TS 24.229 §5.4.1.5")
def test_the_operator_ends_one_contact_of_a_set() -> None:
    world, phone, _ = watched()
    pager = world.client("127.0.0.10", username="pager@home1.test")
    pager.register()

    world.perform(deregister(world.node, Scope(aor=TOBIAS, contact=phone.uri), Event.REJECTED))
    world.run()

    assert kept(world, TOBIAS) == [pager.uri]
    assert kept(world, "tel:+44123456789") == []
