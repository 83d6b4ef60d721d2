"""REGISTER on a whole node: every answer that a registrar gives (RFC 3261 §10.3, §22)."""

import pytest

from scscf.cx import AssignmentAnswer, Result
from scscf.sip.credentials import parse_credentials
from tests.world import Client, World

pytestmark = pytest.mark.clause(
    "RFC 3261 §10.3", "RFC 7616 §3.3", "RFC 7616 §3.4", "RFC 5630 §5.2"
)

CAROL = "sip:carol@home1.test"


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def carol(world: World) -> Client:
    """A user who is never challenged."""
    return world.client(user="carol")


@pytest.mark.clause("RFC 3261 §10.2.2")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Contact": "<sip:c@127.0.0.9>", "Expires": "59"}, 423),
        ({"Contact": "<sip:c@127.0.0.9>;expires=59"}, 423),
        ({"Contact": "<sip:c@127.0.0.9>", "Expires": "60"}, 200),
        ({"Contact": "*", "Expires": "0"}, 200),
        ({"Contact": "*", "Expires": "60"}, 400),
        ({"Contact": "*"}, 400),
        ({"Contact": ["*", "<sip:c@127.0.0.9>"], "Expires": "0"}, 400),
        ({"Contact": "<sip:c@127.0.0.9>;q=1.1"}, 400),
        ({"Contact": "<sip:c@127.0.0.9>;q=0.123"}, 200),
        ({"Contact": "<sip:c@127.0.0.9"}, 400),
        ({"Contact": "<sip:c@127.0.0.9>;expires=0"}, 200),
        ({"Contact": "<sips:c@127.0.0.9>"}, 400),
        ({"Require": "gruu, outbound"}, 200),
        ({"Require": "path"}, 200),
        ({"To": "<isbn:2983792873>"}, 400),
        ({"To": "<sip:carol@elsewhere.test>"}, 404),
        ({"To": "<sip:nobody@home1.test>"}, 403),
        ({"CSeq": "1 INVITE"}, 400),
        ({"Call-ID": None}, 400),
        ({"Max-Forwards": "300"}, 400),
        ({"Max-Forwards": "0"}, 200),
    ],
)
def test_what_a_register_is_answered(carol: Client, headers: dict[str, str], status: int) -> None:
    answer = carol.send("REGISTER", "sip:home1.test", headers)

    assert answer is not None
    assert answer.status == status


@pytest.mark.parametrize(
    ("method", "uri", "status"),
    [
        ("OPTIONS", "sip:home1.test", 200),
        ("INVITE", "sip:home1.test", 405),
        ("MESSAGE", "sip:home1.test", 405),
        ("PUBLISH", "sip:home1.test", 405),
        ("NOTIFY", "sip:home1.test", 481),
        ("BYE", "sip:home1.test", 481),
        ("JUGGLE", "sip:home1.test", 501),
        ("REGISTER", "tel:+1", 416),
        ("REGISTER", "http://home1.test", 416),
        ("REGISTER", "sip:elsewhere.test", 404),
        ("REGISTER", "<sip:home1.test>", 400),
        ("OPTIONS", "sip:elsewhere.test", 403),
    ],
)
def test_what_other_requests_are_answered(carol: Client, method: str, uri: str, status: int) -> None:
    answer = carol.send(method, uri)

    assert answer is not None
    assert answer.status == status
    if status in (405, 501):
        assert answer.get("allow") == "REGISTER, SUBSCRIBE, OPTIONS"


def test_483_for_a_foreign_domain_that_would_need_another_hop(carol: Client) -> None:
    answer = carol.send("OPTIONS", "sip:elsewhere.test", {"Max-Forwards": "0"})

    assert answer is not None
    assert answer.status == 483


@pytest.mark.clause("RFC 3261 §8.2.2.3")
def test_420_names_what_is_not_understood(carol: Client) -> None:
    answer = carol.send("REGISTER", "sip:home1.test", {"Require": "path, foo", "Proxy-Require": "bar"})

    assert answer is not None
    assert (answer.status, answer.get("unsupported")) == (420, "foo")


def test_505_for_another_version(world: World, carol: Client) -> None:
    carol.socket.send(
        b"REGISTER sip:home1.test SIP/7.0\r\nVia: SIP/7.0/UDP 127.0.0.9:5070;branch=z9hG4bKv\r\n"
        b"From: <sip:carol@home1.test>;tag=1\r\nTo: <sip:carol@home1.test>\r\nCall-ID: v\r\nCSeq: 1 REGISTER\r\n\r\n",
        ("127.0.0.1", 5060),
    )
    world.run()

    assert [response.status for response in carol.responses] == [505]


@pytest.mark.clause("RFC 3261 §21.4.17")
def test_423_says_the_minimum_and_changes_nothing(carol: Client) -> None:
    carol.register()
    brief = carol.register(contact=[f"<{carol.uri}>;expires=0", "<sip:new@127.0.0.9>;expires=5"])

    assert (brief.status, brief.get("min-expires")) == (423, "60")
    assert carol.register(contact=None, expires=None).get_all("contact") == [f"<{carol.uri}>;expires=3600"]


@pytest.mark.parametrize(
    ("contact", "header", "granted"),
    [
        ("<sip:c@127.0.0.9>;expires=120", "600", 120),
        ("<sip:c@127.0.0.9>", "600", 600),
        ("<sip:c@127.0.0.9>", None, 3600),
        ("<sip:c@127.0.0.9>;expires=999999999", None, 600000),
        ("<sip:c@127.0.0.9>;expires=1e3", None, 3600),
        ("<sip:c@127.0.0.9>;expires=99999999999999999999", None, 600000),
        ("<mailto:c@home1.test>", None, 4294967295),
        ("<mailto:c@home1.test>", "600", 600),
        ("<tel:+1555>;expires=70", None, 70),
    ],
)
def test_the_expiry_that_is_granted(carol: Client, contact: str, header: str | None, granted: int) -> None:
    answer = carol.send("REGISTER", "sip:home1.test", {"Contact": contact, "Expires": header})

    assert answer is not None
    assert (answer.get("contact") or "").endswith(f";expires={granted}")


@pytest.mark.clause("RFC 3840 §9")
def test_several_contacts_in_one_request_with_their_parameters(carol: Client) -> None:
    contacts = [
        '"C. A." <sip:c@127.0.0.9;transport=tcp>;q=0.7;methods="INVITE,BYE";audio',
        '<sip:d@127.0.0.9>;q=0.1;+sip.instance="<urn:x>", sip:e@127.0.0.9;foo=bar',
    ]

    answer = carol.register(contact=contacts)

    assert answer.get_all("contact") == [
        '"C. A." <sip:c@127.0.0.9;transport=tcp>;methods="INVITE,BYE";audio;q=0.7;expires=3600',
        '<sip:d@127.0.0.9>;+sip.instance="<urn:x>";q=0.1;expires=3600',
        "<sip:e@127.0.0.9>;foo=bar;expires=3600",
    ]


def test_a_lower_cseq_of_the_same_call_is_refused_and_nothing_changes(carol: Client) -> None:
    carol.register()
    old = carol.send("REGISTER", "sip:home1.test", {"CSeq": "1 REGISTER", "Contact": f"<{carol.uri}>", "Expires": "0",
                                                    "From": f"<{CAROL}>;tag=other"})  # fmt: skip

    assert old is not None
    assert old.status == 500
    assert len(carol.register(contact=None, expires=None).get_all("contact")) == 1


def test_a_retransmission_gets_the_same_answer_and_is_done_once(world: World, carol: Client) -> None:
    headers = {
        "Contact": f"<{carol.uri}>",
        "CSeq": "5 REGISTER",
        "Via": "SIP/2.0/UDP 127.0.0.9:5070;branch=z9hG4bKsame",
    }
    first = carol.send("REGISTER", "sip:home1.test", headers)
    revision = next(world.node.store.records()).revision
    second = carol.send("REGISTER", "sip:home1.test", headers)

    assert first is not None
    assert second is not None
    assert first.to_bytes() == second.to_bytes()
    assert next(world.node.store.records()).revision == revision


def test_too_many_contacts_are_refused(carol: Client) -> None:
    many = [f"<sip:c{index}@127.0.0.9>" for index in range(11)]

    assert carol.register(contact=many).status == 403
    assert carol.register(contact=many[:10]).status == 200


def test_an_address_of_ours_stands_for_the_domain(world: World, carol: Client) -> None:
    answer = carol.send("REGISTER", "sip:127.0.0.1:5060", {"To": "<sip:carol@127.0.0.1>", "Contact": f"<{carol.uri}>"})

    assert answer is not None
    assert answer.status == 200
    assert [registration.aor for record in world.node.store.records() for registration in record.registrations] == [
        CAROL
    ]


@pytest.mark.parametrize(
    "to",
    [
        "carol@HOME1.test",
        "c%61rol@home1.test",
        "carol@home1.test;user=phone",
        "carol:x@home1.test",
        "carol@home1.test:5060",
    ],
)
def test_one_address_of_record_however_to_is_written(world: World, carol: Client, to: str) -> None:
    """A UE that was told `home1.test:5060` writes our port into To as well."""
    assert carol.register(To=f"<sip:{to}>").status == 200
    assert [registration.aor for record in world.node.store.records() for registration in record.registrations] == [
        CAROL
    ]


def test_a_port_of_others_in_to_is_another_address_of_record(carol: Client) -> None:
    assert carol.register(To="<sip:carol@home1.test:5099>").status == 403


@pytest.mark.clause("RFC 3327 §5.3")
def test_a_path_of_a_trusted_peer_is_kept_and_echoed(world: World) -> None:
    pcscf = world.client("127.0.0.4", 5060, user="carol")
    stranger = world.client("127.0.0.8", 5060, user="dave")

    believed = pcscf.register(Path="<sip:term@127.0.0.4:5060;lr>")
    ignored = stranger.register(Path="<sip:term@127.0.0.8:5060;lr>")

    assert believed.get_all("path") == ["<sip:term@127.0.0.4:5060;lr>"]
    assert "path" not in ignored


@pytest.mark.clause("RFC 3327 §5.3")
@pytest.mark.parametrize(
    "path", ["garbage", "sip:term@127.0.0.4;lr", "<tel:+15550001>", '"a <sip:term@127.0.0.4;lr>', "<sip:a;lr>, <sip>"]
)
def test_a_path_that_no_request_could_take_is_refused_and_nothing_is_bound(world: World, path: str) -> None:
    """Else whoever calls the user would be answered for the mistake of the P-CSCF."""
    refused = world.client("127.0.0.4", 5060, user="carol").register(Path=path)

    assert (refused.status, refused.reason) == (400, "Bad Path header")
    assert len(world.node.store) == 0


@pytest.mark.clause("RFC 5630 §5.2")
@pytest.mark.parametrize(("path", "status"), [("<sip:term@127.0.0.4;lr>", 400), ("<sips:term@127.0.0.4;lr>", 200)])
def test_a_sips_contact_is_bound_only_where_its_whole_path_is_sips(world: World, path: str, status: int) -> None:
    pcscf = world.client("127.0.0.4", 5060, user="carol")
    answer = pcscf.send("REGISTER", "sips:home1.test", {"Contact": "<sips:carol@127.0.0.9>", "Path": path})

    assert answer is not None
    assert answer.status == status


@pytest.mark.clause("RFC 5630 §5.2")
def test_sip_and_sips_are_one_address_of_record(carol: Client) -> None:
    carol.register(To="<sips:carol@home1.test>")

    assert carol.register(contact=None, expires=None).get_all("contact") == [f"<{carol.uri}>;expires=3600"]


def test_options_says_what_it_can(carol: Client) -> None:
    answer = carol.send("OPTIONS", "sip:home1.test")

    assert answer is not None
    for header in ("allow", "allow-events", "supported", "accept"):
        assert header in answer


# Digest


@pytest.mark.clause("RFC 8760 §2.3")
def test_sha_256_is_offered_first_and_either_is_taken(world: World) -> None:
    for index in (0, 1):
        dora = world.client(f"127.0.0.{20 + index}", user="dora", username="dora@home1.test")
        challenge = dora.send("REGISTER", "sip:home1.test")
        assert challenge is not None
        offered = [parse_credentials(value).params["algorithm"] for value in challenge.get_all("www-authenticate")]
        assert offered == ["SHA-256", "MD5"]
        dora.take_challenge(challenge, index)
        answer = dora.send(
            "REGISTER", "sip:home1.test", {"Authorization": dora.authorization("REGISTER", "sip:home1.test")}
        )
        assert answer is not None
        assert answer.status == 200


@pytest.mark.clause("RFC 7616 §3.4")
def test_a_nonce_serves_again_with_a_higher_count_and_not_with_the_same(world: World) -> None:
    phone = world.client(username="phone@home1.test")
    phone.register()
    uri = "sip:home1.test"
    again = phone.send("REGISTER", uri, {"Authorization": phone.authorization("REGISTER", uri)})
    phone.count -= 1
    replay = phone.send("REGISTER", uri, {"Authorization": phone.authorization("REGISTER", uri)})

    assert again is not None
    assert replay is not None
    assert (again.status, replay.status) == (200, 401)
    assert "stale=TRUE" in (replay.get("www-authenticate") or "")


def test_an_old_nonce_is_stale_and_a_wrong_password_is_not(world: World) -> None:
    phone = world.client(username="phone@home1.test")
    phone.register()
    world.run(301)
    uri = "sip:home1.test"
    old = phone.send("REGISTER", uri, {"Authorization": phone.authorization("REGISTER", uri)})
    phone.password = "wrong"
    wrong = phone.register()

    assert old is not None
    assert "stale=TRUE" in (old.get("www-authenticate") or "")
    assert wrong.status == 401
    assert "stale=FALSE" in (wrong.get("www-authenticate") or "")


@pytest.mark.clause("RFC 3261 §22.1")
def test_wrong_passwords_end_in_403_and_the_right_one_still_opens(world: World) -> None:
    phone = world.client(username="phone@home1.test", password="wrong")
    statuses = [phone.register().status for _ in range(3)]
    phone.password = "secret"

    assert statuses == [401, 401, 403]
    assert phone.register().status == 200


def test_credentials_for_another_realm_count_as_none(world: World) -> None:
    phone = world.client(username="phone@home1.test")
    phone.register()
    assert phone.credentials is not None
    phone.credentials = {**phone.credentials, "realm": "elsewhere.test"}
    answer = phone.send(
        "REGISTER", "sip:home1.test", {"Authorization": phone.authorization("REGISTER", "sip:home1.test")}
    )

    assert answer is not None
    assert answer.status == 401


def test_another_users_identity_is_refused(world: World) -> None:
    thief = world.client(user="tobias", username="dora@home1.test")

    uri = "sip:home1.test"
    first = thief.send("REGISTER", uri)
    assert first is not None
    thief.take_challenge(first)
    answer = thief.send("REGISTER", uri, {"Authorization": thief.authorization("REGISTER", uri)})

    assert answer is not None
    assert answer.status == 403


@pytest.mark.parametrize(("policy", "statuses"), [(403, [403]), (404, [404]), ("challenge", [401, 401, 401, 403])])
def test_unknown_users_are_met_as_configured(policy: object, statuses: list[int]) -> None:
    world = World({"auth": {"unknown_user": policy}})
    nobody = world.client(user="nobody", username="nobody@home1.test")
    uri = "sip:home1.test"
    seen = []
    for _ in statuses:
        headers = {"Authorization": nobody.authorization("REGISTER", uri)} if nobody.credentials else {}
        answer = nobody.send("REGISTER", uri, headers)
        assert answer is not None
        seen.append(answer.status)
        if answer.status == 401:
            nobody.take_challenge(answer)

    assert seen == statuses


def test_a_hidden_unknown_user_looks_like_a_known_one_with_a_wrong_password() -> None:
    world = World({"auth": {"unknown_user": "challenge"}})
    known = world.client(username="phone@home1.test", password="wrong")
    nobody = world.client("127.0.0.10", user="nobody", username="nobody@home1.test")

    def shape(client: Client) -> list[tuple[int, list[str]]]:
        client.register()
        return [(response.status, [name for name, _ in response.headers]) for response in client.responses]

    assert shape(known) == shape(nobody)


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (Result.USER_UNKNOWN, 403),
        (Result.ROAMING_NOT_ALLOWED, 403),
        (Result.UNABLE_TO_COMPLY, 500),
        (Result.TIMEOUT, 504),
    ],
)
def test_a_refusal_of_the_hss_is_answered_and_leaves_nothing(
    world: World, carol: Client, result: Result, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> AssignmentAnswer:
        return AssignmentAnswer(result)

    monkeypatch.setattr(world.scscf.hss, "server_assignment", refuse)

    assert carol.register().status == status
    assert len(world.node.store) == 0


def test_a_removed_subscriber_is_de_registered_as_rejected(world: World, carol: Client) -> None:
    carol.register()
    carol.subscribe()
    world.scscf.replace_subscribers(world.subscribers("subscriptions: []"))
    world.run()

    assert [event for *_, event in carol.documents()[-1].contacts()] == ["rejected"]
    assert len(world.node.store) == 0


@pytest.mark.clause("RFC 3261 §10.2.4")
def test_a_domain_may_take_a_register_with_any_cseq() -> None:
    world = World({"registrar": {"cseq_order": "ignored"}})
    carol = world.client(user="carol")
    carol.cseq = 5
    assert carol.register().status == 200
    carol.cseq = 2
    assert carol.register(600).status == 200


@pytest.mark.clause("RFC 3261 §10.3")
def test_a_subscriber_may_have_a_limit_of_contacts_of_their_own() -> None:
    text = """
subscriptions:
  - private_identities: [{id: one@home1.test, auth: {scheme: none}}, {id: two@home1.test, auth: {scheme: none}}]
    implicit_sets: [["sip:carol@home1.test"]]
    max_contacts: 1
"""
    world = World(subscribers=text)
    one, two = (world.client(f"127.0.0.{n}", user="carol", username=name) for n, name in ((9, "one"), (10, "two")))
    assert one.register(Authorization='Digest username="one@home1.test", realm="home1.test"').status == 200
    assert two.register(Authorization='Digest username="two@home1.test", realm="home1.test"').status == 403
