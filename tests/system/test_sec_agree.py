"""The security agreement with a UE that has no P-CSCF before us: `sec_agree: headers` (RFC 3329)."""

import re
from typing import Any

import pytest

from scscf.config.listen import Listen
from scscf.sip.message import Response
from tests.system.phones import Phone
from tests.usim import OPC, K, Usim
from tests.world import Client, World

pytestmark = pytest.mark.clause("RFC 3329 §2.3.1")

ERIN = "erin@home1.test"
URI = "sip:home1.test"
TAG = "sec-agree"
CLIENT = "ipsec-3gpp;alg=hmac-sha-1-96;spi-c=23456790;spi-s=12345679;port-c=2472;port-s=1357"
SUBSCRIBERS = f"""
subscriptions:
  - name: erin
    private_identities: [{{id: {ERIN}, auth: {{scheme: aka, k: "{K.hex()}", opc: "{OPC.hex()}"}}}}]
    implicit_sets: [["sip:erin@home1.test"]]
  - name: dora
    private_identities: [{{id: dora@home1.test, auth: {{scheme: digest, password: secret}}}}]
    implicit_sets: [["sip:dora@home1.test"]]
  - name: carol
    private_identities: [{{id: carol@home1.test, auth: {{scheme: none}}}}]
    implicit_sets: [["sip:carol@home1.test"]]
"""
OFFER: dict[str, str | list[str] | None] = {"Require": TAG, "Proxy-Require": TAG, "Security-Client": CLIENT}
Fields = dict[str, str | list[str] | None]


def a_world(**config: object) -> World:
    return World({"sec_agree": "headers"} | config, SUBSCRIBERS)


def erin(world: World, host: str = "127.0.0.9", port: int = 5070, **more: Any) -> Client:
    return world.client(host, port, user="erin", username=ERIN, usim=Usim(), **more)


def ask(phone: Client, fields: Fields, method: str = "REGISTER", uri: str = URI) -> Response:
    answer = phone.send(method, uri, {"Contact": f"<{phone.uri}>", **fields})
    assert answer is not None
    return answer


def offered(phone: Client, fields: Fields = OFFER) -> str:
    """Begin a registration, keep the challenge, and return the Security-Server that comes with it."""
    answer = ask(phone, {"Authorization": phone.nameless(URI), **fields})
    assert answer.status == 401
    phone.take_challenge(answer)
    return answer.get("security-server") or ""


def agreed(phone: Client, verify: str | None, fields: Fields = OFFER) -> Response:
    """Answer the challenge at hand with a Security-Verify."""
    return ask(phone, {"Authorization": phone.authorization("REGISTER", URI), "Security-Verify": verify, **fields})


def is_refusal(answer: Response, status: int) -> bool:
    """Tell whether an answer says what a UE needs for another try (RFC 3329 §2.3.1)."""
    return (answer.status, answer.get("require")) == (status, TAG) and "ipsec-3gpp;" in (
        answer.get("security-server") or ""
    )


def test_a_phone_with_a_usim_agrees_and_registers() -> None:
    phone = erin(a_world())

    server = offered(phone)

    assert re.fullmatch(
        r"digest;q=0\.2;d-alg=MD5;d-qop=auth, ipsec-3gpp;q=0\.1;alg=hmac-sha-1-96;ealg=aes-cbc;prot=esp;mod=trans;"
        r"spi-c=\d{3,10};spi-s=\d{3,10};port-c=5060;port-s=5060",
        server,
    )
    accepted = agreed(phone, server)
    assert accepted.status == 200
    assert "security-server" not in accepted


def test_a_phone_registers_again_with_what_was_agreed_before() -> None:
    phone = erin(a_world())
    server = offered(phone)
    assert agreed(phone, server).status == 200
    renewed = {**OFFER, "Security-Client": CLIENT.replace("23456790", "23456999"), "Security-Verify": server}

    assert offered(phone, renewed) == server
    assert agreed(phone, server, renewed).status == 200


@pytest.mark.parametrize("fields", [{"Require": TAG}, {"Proxy-Require": TAG}, {"Supported": f"path, {TAG.upper()}"}])
def test_the_option_tag_may_stand_in_any_of_its_headers(fields: Fields) -> None:
    assert offered(erin(a_world()), {**fields, "Security-Client": CLIENT}) != ""


def test_tls_comes_first_where_there_is_a_listener() -> None:
    world = a_world()
    config = world.node.config
    world.node.config = config._replace(listen=(*config.listen, Listen("tls", "127.0.0.1", 5061)))

    assert offered(erin(world)).startswith("tls;q=0.3, digest;q=0.2;")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("digest;q=0.2;d-alg=MD5;d-qop=auth, ", ""),
        ("spi-c=", "spi-c=1"),
        ("q=0.1", "q=0.9"),
        ("hmac-sha-1-96", "null"),
        ("digest", "dig est"),
        ("mod=trans", 'mod="trans'),
    ],
)
def test_a_security_verify_that_says_something_else_is_refused(old: str, new: str) -> None:
    """Somebody between may have made the list weaker (RFC 3329 §5)."""
    phone = erin(a_world())
    server = offered(phone)

    assert is_refusal(agreed(phone, server.replace(old, new)), 494)
    assert agreed(phone, server).status == 200


def test_white_space_and_case_are_of_no_weight() -> None:
    phone = erin(a_world())
    server = offered(phone)

    assert agreed(phone, server.replace(";", "  ; ").replace("ipsec", "IPsec")).status == 200


def test_the_answer_to_a_challenge_needs_security_verify() -> None:
    phone = erin(a_world())
    server = offered(phone)

    assert is_refusal(agreed(phone, None), 494)
    assert agreed(phone, server).status == 200


def test_a_phone_that_is_ahead_has_nothing_to_verify_yet() -> None:
    phone = erin(a_world())
    assert phone.usim is not None
    phone.usim.sqn = 1 << 40
    offered(phone)

    again = agreed(phone, None)
    assert again.status == 401
    phone.take_challenge(again)
    assert agreed(phone, again.get("security-server")).status == 200


@pytest.mark.parametrize("header", ["Security-Client", "Security-Verify"])
def test_without_the_option_tag_the_headers_are_refused(header: str) -> None:
    assert is_refusal(ask(erin(a_world()), {header: CLIENT}), 421)


def test_the_option_tag_without_security_client_is_refused() -> None:
    assert is_refusal(ask(erin(a_world()), {"Require": TAG}), 494)


def test_a_security_client_that_is_none_is_400() -> None:
    assert ask(erin(a_world()), {**OFFER, "Security-Client": "a b"}).status == 400


def test_behind_a_proxy_no_agreement_is_made() -> None:
    phone = erin(a_world())
    vias = [f"SIP/2.0/UDP 127.0.0.9:5070;branch=z9hG4bK{n}" for n in "ab"]

    assert ask(phone, {**OFFER, "Via": vias}).status == 502


def test_another_ue_s_list_is_not_this_one_s() -> None:
    world = a_world()
    first, second = erin(world), erin(world, "127.0.0.10")
    server = offered(first)
    offered(second)

    assert agreed(second, server).status == 494


def test_a_ue_that_is_not_challenged_agrees_all_the_same() -> None:
    phone = a_world().client(user="carol", username="carol@home1.test")

    refused = ask(phone, OFFER)
    assert is_refusal(refused, 494)
    assert list(phone.world.node.store.records()) == []
    assert ask(phone, {**OFFER, "Security-Verify": refused.get("security-server")}).status == 200


def test_a_digest_user_agrees_and_adds_its_d_ver() -> None:
    phone = a_world().client(user="dora", username="dora@home1.test")
    server = offered(phone)

    assert agreed(phone, server.replace("d-qop=auth", f'd-qop=auth;d-ver="{"0" * 32}"')).status == 200


def test_a_ue_that_speaks_of_no_agreement_is_served_without() -> None:
    phone = erin(a_world())

    assert phone.register(Supported=TAG).status == 200
    assert all("security-server" not in response for response in phone.responses)


def test_a_p_cscf_makes_its_own_agreement() -> None:
    phone = erin(a_world(), "127.0.0.4", 5060)

    assert offered(phone) == ""
    assert agreed(phone, "tls").status == 200


def test_off_the_option_tag_is_unknown() -> None:
    for host, port in (("127.0.0.9", 5070), ("127.0.0.4", 5060)):
        answer = ask(erin(World({}, SUBSCRIBERS), host, port), OFFER)
        assert (answer.status, answer.get("unsupported")) == (420, TAG)


@pytest.mark.parametrize(("setting", "expected"), [("off", False), ("headers", True)])
def test_options_says_whether_agreements_are_made(setting: str, expected: bool) -> None:
    answer = ask(erin(a_world(sec_agree=setting)), {}, "OPTIONS")

    assert (TAG in (answer.get("supported") or "").split(", ")) is expected


def test_a_request_that_goes_on_leaves_the_agreement_behind() -> None:
    world = a_world()
    phone, called = erin(world), Phone(world, "127.0.0.20", "carol")
    server = offered(phone)
    agreed(phone, server)
    called.register()
    tags = {"Require": f"{TAG}, 100rel", "Proxy-Require": TAG, "Supported": f"{TAG}, timer", "Security-Verify": server}

    assert ask(phone, tags, "MESSAGE", called.aor).status == 200
    (got,) = called.got
    assert (got.get("require"), got.get("supported")) == ("100rel", "timer")
    assert not {"proxy-require", "security-verify", "security-client"} & {name.lower() for name, _ in got.headers}
    assert is_refusal(ask(phone, {**tags, "Security-Verify": "tls"}, "MESSAGE", called.aor), 494)
    assert is_refusal(ask(phone, {**tags, "Security-Verify": None}, "MESSAGE", called.aor), 494)
    assert len(called.got) == 1


def test_a_phone_that_has_agreed_subscribes() -> None:
    phone = erin(a_world())
    server = offered(phone)
    agreed(phone, server)
    fields: Fields = {"Event": "reg", "Require": TAG, "Security-Verify": server}

    assert ask(phone, fields, "SUBSCRIBE", phone.aor).status == 200
    assert ask(phone, {**fields, "Security-Verify": "tls"}, "SUBSCRIBE", phone.aor).status == 494


def test_the_ack_of_a_call_leaves_the_agreement_behind() -> None:
    world = a_world()
    caller = Phone(world, "127.0.0.9", "erin", username=ERIN, usim=Usim())
    called = Phone(world, "127.0.0.20", "carol")
    server = offered(caller)
    agreed(caller, server)
    called.register()
    tags: Fields = {"Proxy-Require": TAG, "Require": TAG, "Security-Verify": server}
    accepted = caller.ask("INVITE", called.aor, tags)
    assert accepted.status == 200
    route = list(reversed(accepted.get_all("record-route")))

    caller.cseq -= 1
    caller.send("ACK", called.uri, {"To": accepted.get("to"), "Route": route, **tags}, seconds=0.1)

    assert called.methods == ["INVITE", "ACK"]
    assert all("proxy-require" not in request and "security-verify" not in request for request in called.got)


BOOK: Fields = {
    "Via": "SIP/2.0/UDP [5555:1:2:3:4]:1357;comp=sigcomp;branch=99ueth",
    "Route": "sip:[5555:1:2:3:4]:7531;comp=sigcomp;lr",
    "From": "<sip:erin@home1.test>;tag=ulkomaa",
    "To": "<sip:erin@home1.test>;tag=kotimaa",
    "Require": TAG,
    "Proxy-Require": TAG,
    "Security-Verify": "tls ;q=0.2, IPsec-3gpp ;q=0.1 ;alg=hmac-sha-1-96\r\n   ;spi-c=98765434 ;spi-s=87654322",
    "Security-Client": "digest, IPsec-3gpp ;alg=hmac-sha-1-96\r\n    ;spi-c=23456790 ;spi-s=12345679",
    "Contact": "<sip:[5555:1:2:3:4]:1357;comp=sigcomp>",
}
"""In the shape of a text book's de-registration: addresses of five groups, no cookie, tags of no dialog."""


def printed(authorization: str) -> str:
    """Write credentials as the text book does: folded, without a comma, with one at the end."""
    return authorization.replace(", realm", ",\r\n     realm").replace(", nonce", "  nonce") + ","


def by_the_book(phone: Client, verify: str | None = None) -> Response:
    fields = {
        **BOOK,
        "Via": f"{BOOK['Via']};rport",
        "Authorization": printed(phone.authorization("REGISTER", URI)),
        "Security-Verify": verify or BOOK["Security-Verify"],
        "Contact": f"{BOOK['Contact']};expires=0",
    }
    return ask(phone, fields)


def test_the_book_s_de_registration_through_its_p_cscf_is_served() -> None:
    phone = erin(a_world(), "127.0.0.4", 5060, protection="no")
    offered(phone, {"Contact": BOOK["Contact"]})
    phone.protection = "yes"
    assert agreed(phone, None, {"Contact": BOOK["Contact"]}).status == 200

    answer = by_the_book(phone)

    assert (answer.status, answer.get("expires")) == (200, "0")
    assert list(phone.world.node.store.records()) == []


def test_the_book_s_de_registration_without_a_p_cscf_is_served() -> None:
    phone = erin(a_world())
    contact: Fields = {**OFFER, "Contact": BOOK["Contact"]}
    agreed(phone, offered(phone, contact), contact)

    server = offered(phone, contact)
    assert is_refusal(by_the_book(phone), 494)
    answer = by_the_book(phone, server)

    assert (answer.status, answer.get("expires")) == (200, "0")
    assert list(phone.world.node.store.records()) == []
