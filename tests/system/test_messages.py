"""MESSAGE and its like through the S-CSCF: from and to registered users, as a client and a called phone see them."""

from ipaddress import ip_network

import pytest

from scscf.auth.digest import digest, hash_ha1
from scscf.sip.credentials import parse_credentials
from scscf.sip.message import Request, Response
from tests.system.phones import ORIG, Phone, registered, world
from tests.world import World

ALICE, BOB = "sip:alice@home1.test", "sip:bob@home1.test"
CAROL, DORA = "sip:carol@home1.test", "sip:dora@home1.test"
PEER = "127.0.0.4"
URN = "<urn:uuid:00000000-0000-1000-8000-000a95a0e128>"


@pytest.fixture
def home() -> World:
    return world()


@pytest.fixture
def alice(home: World) -> Phone:
    return registered(home, "alice", "127.0.0.10")


@pytest.fixture
def bob(home: World) -> Phone:
    return registered(home, "bob", "127.0.0.11")


@pytest.mark.clause("RFC 3261 §16.6", "RFC 3261 §16.7", "TS 24.229 §5.4.3.2", "TS 24.229 §5.4.3.3")
@pytest.mark.parametrize("route", [None, ORIG])
def test_a_message_reaches_who_is_registered_and_the_answer_comes_back(
    alice: Phone, bob: Phone, route: str | None
) -> None:
    answer = alice.ask("MESSAGE", BOB, {"Route": route, "Content-Type": "text/plain"}, b"hello")

    (got,) = bob.got
    assert answer.status == 200
    assert [via.host for via in answer.vias] == ["127.0.0.10"]
    assert got.uri_text == bob.uri
    assert got.body == b"hello"
    assert got.get("max-forwards") == "69"
    assert [via.host for via in got.vias] == ["127.0.0.1", "127.0.0.10"]
    assert "route" not in got
    assert "record-route" not in got


@pytest.mark.clause("RFC 3325 §5", "TS 24.229 §5.4.3.2")
def test_the_callee_learns_who_sends_and_whom_they_called_and_nothing_of_the_network(alice: Phone, bob: Phone) -> None:
    alice.ask(
        "MESSAGE",
        BOB,
        {
            "Route": ORIG,
            "P-Asserted-Identity": "<sip:the.queen@home1.test>",
            "P-Preferred-Identity": "<sip:alias@home1.test>",
            "P-Access-Network-Info": "3GPP-UTRAN-TDD; utran-cell-id-3gpp=1",
            "P-Charging-Vector": "icid-value=forged",
            "P-Served-User": f"<{BOB}>",
        },
    )

    (got,) = bob.got
    assert got.get_all("p-asserted-identity") == ["<sip:alias@home1.test>, <tel:+15550001>"]
    assert got.get("p-called-party-id") == f"<{BOB}>"
    for name in ("p-preferred-identity", "p-access-network-info", "p-charging-vector", "p-served-user"):
        assert name not in got


@pytest.mark.clause("RFC 3325 §6")
@pytest.mark.parametrize("preferred", ["<sip:bob@home1.test>", "<sip:nobody@home1.test>", "<http://x>"])
def test_a_preferred_identity_of_somebody_else_is_not_asserted(alice: Phone, bob: Phone, preferred: str) -> None:
    alice.ask("MESSAGE", BOB, {"P-Preferred-Identity": preferred})

    assert bob.got[0].get("p-asserted-identity") == f"<{ALICE}>, <tel:+15550001>"


@pytest.mark.clause("RFC 3325 §7", "RFC 3325 §9.3")
def test_who_wants_privacy_is_not_shown(alice: Phone, bob: Phone) -> None:
    alice.ask("MESSAGE", BOB, {"Privacy": "header; ID"})

    assert "p-asserted-identity" not in bob.got[0]


@pytest.mark.clause("RFC 3261 §22.3", "TS 24.229 §5.4.3.2")
def test_a_sender_is_challenged_with_407_and_their_credentials_go_no_further(home: World, bob: Phone) -> None:
    dora = Phone(home, "127.0.0.12", "dora")
    dora.register()
    challenge = dora.ask("MESSAGE", BOB)
    assert challenge.status == 407
    assert bob.got == []

    answer = dora.ask("MESSAGE", BOB, {"Proxy-Authorization": _proved(challenge, "MESSAGE", BOB)})

    assert answer.status == 200
    assert "proxy-authorization" not in bob.got[0]
    assert bob.got[0].get("p-asserted-identity") == f"<{DORA}>"


def _proved(challenge: Response, method: str, uri: str) -> str:
    known = parse_credentials(challenge.get("proxy-authenticate") or "").params
    ha1 = hash_ha1("MD5", "dora@home1.test", known["realm"], "secret")
    ha2 = digest("md5", f"{method}:{uri}")
    response = digest("md5", f"{ha1}:{known['nonce']}:00000001:0a4f:auth:{ha2}")
    return (
        f'Digest username="dora@home1.test", realm="{known["realm"]}", nonce="{known["nonce"]}", uri="{uri}", '
        f'qop=auth, nc=00000001, cnonce="0a4f", response="{response}", algorithm=MD5'
    )


@pytest.mark.clause("TS 24.229 §5.4.3.2", "TS 24.229 §5.4.3.3")
@pytest.mark.parametrize(
    ("uri", "status"),
    [
        (BOB, 200),
        ("sip:bob@home1.test:5060", 200),
        ("sip:bob@127.0.0.1:5060", 200),
        ("tel:+1-555-0002", 200),
        ("sip:+15550002@home1.test;user=phone", 200),
        ("sip:room17@home1.test", 200),
        ("sip:nobody@home1.test", 404),
        ("tel:+15559999", 404),
        ("sip:hidden@home1.test", 404),
        (CAROL, 480),
        ("sip:bob@elsewhere.test", 500),
        ("urn:service:sos", 416),
        ("http://home1.test", 416),
    ],
)
def test_what_becomes_of_a_message(alice: Phone, bob: Phone, uri: str, status: int) -> None:
    assert alice.status("MESSAGE", uri, Route=ORIG) == status


@pytest.mark.clause("TS 24.229 §5.4.3.2")
@pytest.mark.parametrize(
    ("sender", "status"),
    [(ALICE, 200), ("sip:hidden@home1.test", 403), ("sip:nobody@home1.test", 403), (CAROL, 403)],
)
def test_who_may_send(alice: Phone, bob: Phone, sender: str, status: int) -> None:
    assert alice.status("MESSAGE", BOB, From=f"<{sender}>;tag=1") == status


@pytest.mark.clause("RFC 3261 §16.3")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Max-Forwards": "0"}, 483),
        ({"Max-Forwards": "1"}, 200),
        ({"Proxy-Require": "gruu"}, 200),
        ({"Proxy-Require": "foo"}, 420),
        ({"Require": "foo"}, 200),
        ({"Max-Breadth": "1"}, 200),
        ({"Max-Breadth": "0"}, 440),
        ({"Max-Breadth": "many"}, 400),
        ({"To": f"<{BOB}>;tag=unknown"}, 200),
    ],
)
def test_what_a_proxy_checks(alice: Phone, bob: Phone, headers: dict[str, str], status: int) -> None:
    answer = alice.ask("MESSAGE", BOB, headers)

    assert answer.status == status
    assert answer.get("unsupported") == ("foo" if status == 420 else None)
    assert len(bob.got) == (status == 200)


def test_without_max_forwards_a_request_gets_70(alice: Phone, bob: Phone) -> None:
    alice.ask("MESSAGE", BOB, {"Max-Forwards": None})

    assert bob.got[0].get("max-forwards") == "70"


@pytest.mark.parametrize("method", ["OPTIONS", "PUBLISH", "REFER", "NOTIFY", "INFO", "JUGGLE"])
def test_a_proxy_does_not_mind_the_method(alice: Phone, bob: Phone, method: str) -> None:
    assert alice.ask(method, BOB).status == 200
    assert bob.methods == [method]


@pytest.mark.clause("RFC 3261 §16.6")
def test_a_subscription_to_another_event_goes_to_the_user_and_its_dialog_through_us(alice: Phone, bob: Phone) -> None:
    answer = alice.ask("SUBSCRIBE", BOB, {"Event": "presence", "Expires": "60"})

    assert answer.status == 200
    (route,) = bob.got[0].values("record-route")
    notify = bob.ask(
        "NOTIFY",
        alice.uri,
        {
            "Route": route,
            "From": f"{bob.got[0].get('to')};tag=t127.0.0.11",
            "To": bob.got[0].get("from"),
            "Call-ID": bob.got[0].call_id,
            "Event": "presence",
            "Subscription-State": "active",
        },
    )
    assert notify.status == 200
    assert alice.methods == ["NOTIFY"]
    assert alice.got[0].get("route") is None


@pytest.mark.clause("RFC 3261 §16.4")
@pytest.mark.parametrize("change", ["seal", "call", "tag"])
def test_nobody_is_relayed_in_a_dialog_that_did_not_begin_here(alice: Phone, bob: Phone, change: str) -> None:
    alice.ask("SUBSCRIBE", BOB, {"Event": "presence"})
    (route,) = bob.got[0].values("record-route")
    seal = route.partition("@")[0].partition(":")[2]
    headers: dict[str, str | list[str] | None] = {
        "Route": route.replace(seal, "0" * len(seal)) if change == "seal" else route,
        "From": "<sip:bob@home1.test>;tag=x",
        "To": f"<{ALICE}>;tag=another" if change == "tag" else bob.got[0].get("from"),
        "Call-ID": "another" if change == "call" else bob.got[0].call_id,
        "Event": "presence",
    }

    assert bob.ask("NOTIFY", alice.uri, headers).status == 481
    assert alice.got == []


@pytest.mark.clause("RFC 3261 §16.7")
def test_answers_of_phones_are_passed_on_without_what_they_must_not_say(alice: Phone, bob: Phone) -> None:
    bob.answers = (486,)
    bob.headers = [("P-Asserted-Identity", "<sip:pm@home1.test>"), ("P-Charging-Vector", "icid-value=1"), ("X-A", "b")]

    answer = alice.ask("MESSAGE", BOB)

    assert (answer.status, answer.get("x-a")) == (486, "b")
    assert "p-asserted-identity" not in answer
    assert "p-charging-vector" not in answer


@pytest.mark.clause("RFC 3261 §16.7", "RFC 4320 §4.2")
@pytest.mark.parametrize(("status", "passed"), [(503, 500), (430, 480), (408, 504), (302, 302), (604, 604)])
def test_what_is_said_to_one_hop_only_is_not_passed_on(alice: Phone, bob: Phone, status: int, passed: int) -> None:
    bob.answers = (status,)

    assert alice.ask("MESSAGE", BOB).status == passed


@pytest.mark.clause("RFC 3261 §16.7", "RFC 3261 §16.6")
def test_equal_contacts_are_tried_at_once_and_the_less_wanted_after_them(home: World, alice: Phone) -> None:
    desk = registered(home, "bob", "127.0.0.21", username="desk@home1.test", contact=";q=0.9")
    phone = registered(home, "bob", "127.0.0.22", contact=";q=0.2")
    desk.answers = (480,)

    assert alice.ask("MESSAGE", BOB).status == 200
    assert (desk.methods, phone.methods) == (["MESSAGE"], ["MESSAGE"])

    phone.answers = (486,)
    assert alice.status("MESSAGE", BOB) == 480


@pytest.mark.clause("RFC 3261 §16.3")
def test_482_for_a_request_that_goes_round(home: World, alice: Phone) -> None:
    carol = registered(home, "carol", "127.0.0.13")

    def send_back(request: Request) -> None:
        again = carol.proxies(request, 0)
        again.uri_text = CAROL
        carol.socket.send(again.to_bytes(), ("127.0.0.1", 5060))

    carol.on_request = send_back
    alice.start("MESSAGE", CAROL)
    home.run(0.4)

    assert [response.status for response in carol.responses] == [482]


@pytest.mark.clause("RFC 3261 §16.6", "RFC 3263 §4")
def test_a_request_to_another_network_goes_where_its_name_leads() -> None:
    home = world({"hosts": {"other.test": "127.0.0.30"}})
    alice = registered(home, "alice", "127.0.0.10")
    foreign = Phone(home, "127.0.0.30", "eve", 5060)

    answer = alice.ask("MESSAGE", "sip:eve@other.test", {"Route": ORIG, "P-Access-Network-Info": "IEEE-802.11"})

    assert answer.status == 200
    assert foreign.got[0].uri_text == "sip:eve@other.test"
    assert foreign.got[0].get("p-asserted-identity") == f"<{ALICE}>, <tel:+15550001>"
    assert "p-access-network-info" not in foreign.got[0]


@pytest.mark.clause("RFC 3325 §5", "TS 24.229 §5.4.3.2")
def test_a_trusted_peer_says_who_sends(home: World, bob: Phone) -> None:
    registered(home, "alice", "127.0.0.10")
    peer = Phone(home, PEER, "pcscf")
    asserted = {"From": "<sip:anonymous@anonymous.invalid>;tag=1", "P-Asserted-Identity": f"<{ALICE}>"}

    assert peer.ask("MESSAGE", BOB, {"Route": ORIG, **asserted}).status == 200
    assert bob.got[0].get("p-asserted-identity") == f"<{ALICE}>, <tel:+15550001>"
    unknown = asserted | {"P-Asserted-Identity": "<sip:nobody@home1.test>"}
    assert peer.ask("MESSAGE", BOB, {"Route": ORIG, **unknown}).status == 403


@pytest.mark.clause("RFC 3327 §5.3", "TS 24.229 §5.4.3.3", "RFC 3327 §5.4")
def test_a_request_to_a_phone_behind_a_p_cscf_takes_its_path(home: World, alice: Phone) -> None:
    pcscf = Phone(home, PEER, "bob", 5060)
    path = f"<sip:term@{PEER};lr>"
    pcscf.register(contact="<sip:bob@10.0.0.7:5062>", Path=path, Supported="path")

    assert alice.ask("MESSAGE", BOB).status == 200
    assert pcscf.got[0].uri_text == "sip:bob@10.0.0.7:5062"
    assert pcscf.got[0].values("route") == [path]
    assert "icid-value=" in (pcscf.got[0].get("p-charging-vector") or "")


@pytest.mark.clause("RFC 3261 §16.3", "RFC 3261 §22.3")
def test_a_plain_proxy_challenges_its_own_users_and_lets_strangers_in() -> None:
    home = world({"dialect": "rfc3261"})
    bob = registered(home, "bob", "127.0.0.11")
    dora = Phone(home, "127.0.0.12", "dora")
    stranger = Phone(home, "127.0.0.40", "eve", domain="far.test")

    assert stranger.ask("MESSAGE", BOB).status == 200
    assert stranger.status("MESSAGE", "sip:x@elsewhere.test") == 404
    challenge = dora.ask("MESSAGE", BOB)
    assert challenge.status == 407
    assert dora.ask("MESSAGE", BOB, {"Proxy-Authorization": _proved(challenge, "MESSAGE", BOB)}).status == 200
    assert [name for name, _ in bob.got[1].headers if name.startswith("P-")] == []


def test_a_phone_that_does_not_answer_is_waited_for_no_longer_than_the_caller(alice: Phone, bob: Phone) -> None:
    bob.answers = ()
    alice.start("MESSAGE", BOB)
    alice.world.run(40)

    assert alice.statuses() == [100]


def gruus(phone: Phone, instance: str = URN) -> tuple[str, str]:
    """Register a phone with an instance and return its public and its temporary GRUU."""
    answer = phone.register(contact=f'<{phone.uri}>;+sip.instance="{instance}"', Supported="gruu")
    contact = next(contact for contact in answer.contacts if contact.uri.text == phone.uri)
    return contact.parameter("pub-gruu") or "", contact.parameter("temp-gruu") or ""


@pytest.mark.clause("RFC 5627 §6.1", "TS 24.229 §5.4.3.3")
def test_a_gruu_reaches_one_of_two_phones(home: World, alice: Phone) -> None:
    desk = registered(home, "bob", "127.0.0.21", username="desk@home1.test")
    phone = Phone(home, "127.0.0.22", "bob")

    for gruu in gruus(phone):
        assert alice.status("MESSAGE", gruu) == 200

    assert phone.methods == ["MESSAGE", "MESSAGE"]
    assert [request.uri_text for request in phone.got] == [phone.uri, phone.uri]
    assert desk.got == []


@pytest.mark.clause("RFC 5627 §6.1")
def test_a_temporary_gruu_ends_with_its_registration_and_a_public_one_stays(home: World, alice: Phone) -> None:
    phone = Phone(home, "127.0.0.22", "bob")
    public, temporary = gruus(phone)
    phone.call_id = "another"
    phone.register(contact=f'<{phone.uri}>;+sip.instance="{URN}"', Supported="gruu")

    assert alice.status("MESSAGE", temporary) == 404
    assert alice.status("MESSAGE", public) == 200
    phone.register(0)
    assert alice.status("MESSAGE", public) == 480
    assert alice.status("MESSAGE", public.replace("bob", "nobody")) == 404
    assert alice.status("MESSAGE", "sip:tgruu.0000@home1.test;gr") == 404


@pytest.mark.clause("RFC 5626 §7", "RFC 5626 §11.5")
def test_where_one_flow_of_an_instance_fails_the_next_is_tried(home: World, alice: Phone) -> None:
    first, second = (Phone(home, host, "bob", 5060) for host in ("127.0.0.4", "127.0.0.14"))
    home.node.config = home.node.config._replace(trusted_peers=(ip_network("127.0.0.4"), ip_network("127.0.0.14")))
    for number, edge in enumerate((first, second), 1):
        answer = edge.register(
            contact=f'<sip:bob@10.0.0.7:5062>;+sip.instance="{URN}";reg-id={number}',
            Path=f"<sip:{edge.host};lr;ob>",
            Supported="path, outbound",
        )
        assert answer.status == 200
        home.run(1)
    second.answers = (430,)

    assert alice.ask("MESSAGE", BOB).status == 200
    assert (first.methods, second.methods) == (["MESSAGE"], ["MESSAGE"])
    first.answers = (430,)
    assert alice.status("MESSAGE", BOB) == 480


@pytest.mark.clause("TS 24.229 §5.4.3.3")
def test_a_binding_for_emergency_calls_is_not_called(home: World, alice: Phone) -> None:
    phone = Phone(home, "127.0.0.22", "bob")
    assert phone.register(contact=f"<{phone.uri};sos>").status == 200

    assert alice.status("MESSAGE", BOB) == 480
    assert phone.got == []


@pytest.mark.clause("RFC 3325 §9.1", "TS 24.229 §5.4.3.2")
def test_of_two_asserted_identities_the_one_of_ours_is_served(home: World, bob: Phone) -> None:
    registered(home, "alice", "127.0.0.10")
    peer = Phone(home, PEER, "pcscf")
    both = "<sip:alice@elsewhere.test>, <tel:+15550001>"

    assert peer.ask("MESSAGE", BOB, {"Route": ORIG, "P-Asserted-Identity": both}).status == 200
    assert bob.got[0].get("p-asserted-identity") == both
