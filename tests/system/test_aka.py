"""AKA at the S-CSCF: the challenge, its answers, its life (TS 24.229 §5.4.1.2, RFC 3310, RFC 4169)."""

import hashlib
import hmac
import logging
import re
from base64 import b64decode
from typing import Any

import pytest

from hss_stub.vectors import Distortion
from scscf.cx import AssignmentAnswer, ServerAssignment
from scscf.procedures.deregister import Scope
from scscf.procedures.reauthenticate import reauthenticate
from scscf.sip.message import Response
from tests.usim import OPC, K, Usim
from tests.world import Client, World, checksum

pytestmark = pytest.mark.clause("TS 24.229 §5.4.1.2.1A")

ERIN = "erin@home1.test"
AOR = "sip:erin@home1.test"
URI = "sip:home1.test"
PCSCF = "127.0.0.4"
PATH = "<sip:127.0.0.4:5060;lr>"

SUBSCRIBERS = f"""
subscriptions:
  - name: erin
    private_identities: [{{id: {ERIN}, auth: {{scheme: aka, k: "{K.hex()}", opc: "{OPC.hex()}"}}}}]
    implicit_sets: [[{{id: "sip:001010000000001@home1.test", barred: true}}, "{AOR}", "tel:+15550001"]]
  - name: frank
    private_identities: [{{id: frank@home1.test, auth: {{scheme: digest, password: secret}}}}]
    implicit_sets: [["sip:frank@home1.test"]]
    roaming: [visited.test]
  - name: gail
    private_identities: [{{id: gail@home1.test, auth: {{scheme: digest, password: secret}}}}]
    implicit_sets: [[{{id: "sip:gail@home1.test", barred: true}}]]
"""


def a_world(**config: object) -> World:
    return World(config, SUBSCRIBERS)


def a_phone(world: World, host: str = "127.0.0.9", port: int = 5070, sqn: int = 0, **more: Any) -> Client:
    return world.client(host, port, user="erin", username=ERIN, usim=Usim(sqn=sqn), **more)


def ask(phone: Client, authorization: str | None, **headers: str | list[str] | None) -> Response:
    """Send a REGISTER with these credentials and return its answer."""
    fields = {"Contact": f"<{phone.uri}>", "Authorization": authorization}
    answer = phone.send("REGISTER", URI, {**fields, **{name.replace("_", "-"): v for name, v in headers.items()}})
    assert answer is not None
    return answer


def challenged(phone: Client, **headers: str) -> Response:
    """Send a REGISTER without an answer to a challenge, and keep the challenge that it gets."""
    answer = ask(phone, phone.nameless(URI), **headers)
    assert answer.status == 401
    phone.take_challenge(answer)
    return answer


def answered(phone: Client, **headers: str) -> Response:
    """Answer the challenge at hand."""
    return ask(phone, phone.authorization("REGISTER", URI), **headers)


def is_bound(world: World, aor: str = AOR) -> bool:
    return any(record.contacts(aor) for record in world.node.store.records())


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def phone(world: World) -> Client:
    return a_phone(world)


@pytest.fixture
def told(world: World, monkeypatch: pytest.MonkeyPatch) -> list[ServerAssignment]:
    """What the HSS is told."""
    assignments: list[ServerAssignment] = []
    assign = world.scscf.hss.server_assignment

    async def noted(
        private_identity: str, public_identity: str, assignment: ServerAssignment, *more: Any
    ) -> AssignmentAnswer:
        assignments.append(assignment)
        return await assign(private_identity, public_identity, assignment, *more)

    monkeypatch.setattr(world.scscf.hss, "server_assignment", noted)
    return assignments


@pytest.mark.clause("RFC 3310 §3.2", "RFC 3310 §3.3", "TS 24.229 §7.2A.1")
def test_a_phone_and_the_network_prove_themselves_to_each_other(world: World, phone: Client) -> None:
    challenge = challenged(phone)

    header = challenge.get("www-authenticate") or ""
    assert re.fullmatch(
        r'Digest realm="home1\.test", nonce="[A-Za-z0-9+/]{43}=", algorithm=AKAv1-MD5, qop="auth"', header
    )
    accepted = answered(phone)
    assert accepted.status == 200
    assert accepted.get("p-associated-uri") == f"<{AOR}>, <tel:+15550001>"
    assert phone.usim is not None
    assert phone.usim.sqn > 0


@pytest.mark.clause("RFC 4169 §3")
@pytest.mark.parametrize("algorithm", ["AKAv1-MD5", "AKAv2-MD5", "AKAv2-SHA-256"])
def test_the_phone_chooses_the_version(world: World, algorithm: str) -> None:
    phone = a_phone(world, algorithm=algorithm.upper())

    assert f"algorithm={algorithm}," in (challenged(phone).get("www-authenticate") or "")
    assert answered(phone).status == 200


def test_an_algorithm_that_is_none_of_aka_s_gets_version_1(world: World) -> None:
    assert "algorithm=AKAv1-MD5," in (challenged(a_phone(world, algorithm="MD5")).get("www-authenticate") or "")


def test_without_credentials_the_user_of_the_address_of_record_is_challenged(world: World, phone: Client) -> None:
    answer = ask(phone, None)

    assert "algorithm=AKAv1-MD5" in (answer.get("www-authenticate") or "")
    phone.take_challenge(answer)
    assert answered(phone).status == 200


@pytest.mark.clause("TS 24.229 §5.4.1.2.1")
def test_who_names_another_realm_is_challenged_as_who_they_are() -> None:
    """What a UE says before it is challenged says who it is, whatever domain its ISIM has for a realm."""
    key = "00" * 16
    tablet_too = f'[{{id: tablet@home1.test, auth: {{scheme: aka, k: "{key}", opc: "{key}"}}}}, {{id: {ERIN},'
    world = World({}, SUBSCRIBERS.replace(f"[{{id: {ERIN},", tablet_too))
    tablet = world.client("127.0.0.10", user="erin", username="tablet@home1.test", usim=Usim(bytes(16), bytes(16)))
    assert a_phone(world).register().status == 200

    nameless = tablet.nameless(URI).replace('realm="home1.test"', 'realm="operator.test"')
    tablet.take_challenge(ask(tablet, nameless))

    assert answered(tablet).status == 200
    assert ask(tablet, nameless.replace('response=""', 'response="00"')).status == 401


@pytest.mark.clause("TS 24.229 §7.2A.1")
@pytest.mark.parametrize(
    ("keys", "host", "told"),
    [
        ({}, PCSCF, ["ck", "ik"]),
        ({}, "127.0.0.9", []),
        ({"to": "always"}, "127.0.0.9", ["ck", "ik"]),
        ({"to": "never"}, PCSCF, []),
        ({"ck": False}, PCSCF, ["ik"]),
        ({"ik": False}, PCSCF, ["ck"]),
    ],
)
def test_the_session_keys_are_for_the_p_cscf(keys: dict[str, object], host: str, told: list[str]) -> None:
    world = a_world(auth={"session_keys": keys})
    phone = a_phone(world, host, 5060)

    challenged(phone)

    known = phone.credentials or {}
    assert [name for name in ("ck", "ik") if name in known] == told
    _, ck, ik, _ = Usim().functions.f2345(b64decode(known["nonce"])[:16])
    assert all(known[name] == key.hex() for name, key in (("ck", ck), ("ik", ik)) if name in known)


@pytest.mark.clause("RFC 4169 §3")
def test_the_session_keys_of_version_2_are_derived(world: World) -> None:
    phone = a_phone(world, PCSCF, 5060, algorithm="AKAv2-SHA-256")

    challenged(phone)

    known = phone.credentials or {}
    _, ck, ik, _ = Usim().functions.f2345(b64decode(known["nonce"])[:16])
    assert known["ck"] == hmac.new(ck, b"http-digest-akav2-cipherkey", hashlib.sha256).hexdigest()
    assert known["ik"] == hmac.new(ik, b"http-digest-akav2-integritykey", hashlib.sha256).hexdigest()


def test_qop_can_be_left_out() -> None:
    phone = a_phone(a_world(auth={"aka_qop": "none"}))

    assert "qop" not in (challenged(phone).get("www-authenticate") or "")
    assert answered(phone).status == 200


def test_a_challenge_is_answered_once(phone: Client) -> None:
    first = challenged(phone).get("www-authenticate")
    authorization = phone.authorization("REGISTER", URI)
    assert ask(phone, authorization).status == 200

    again = ask(phone, authorization)
    assert again.status == 401
    assert again.get("www-authenticate") != first


@pytest.mark.clause("TS 24.229 §5.4.1.2.2")
def test_an_answer_with_another_call_id_is_none(phone: Client) -> None:
    challenged(phone)
    authorization = phone.authorization("REGISTER", URI)

    phone.call_id = "another"
    again = ask(phone, authorization)

    assert again.status == 401
    phone.take_challenge(again)
    assert answered(phone).status == 200


@pytest.mark.clause("TS 24.229 §5.4.1.2.2")
def test_an_answer_for_another_identity_is_none(phone: Client) -> None:
    challenged(phone)

    again = answered(phone, To="<sip:001010000000001@home1.test>")

    assert again.status == 401


def test_a_second_register_stops_the_first_challenge(world: World, phone: Client) -> None:
    challenged(phone)
    first = phone.authorization("REGISTER", URI)
    challenged(phone)
    second = phone.authorization("REGISTER", URI)

    assert len(world.node.challenges.aka) == 1
    assert ask(phone, second).status == 200
    assert ask(phone, first).status == 401


@pytest.mark.clause("TS 24.229 §5.4.1.2.3A", "TS 29.228 §6.1.2.1")
def test_a_wrong_response_is_refused_at_once(world: World, phone: Client, told: list[ServerAssignment]) -> None:
    challenged(phone)
    right = phone.authorization("REGISTER", URI)
    wrong = re.sub(r'response="[0-9a-f]{4}', 'response="0000', right)

    assert ask(phone, wrong).status == 403
    assert told == [ServerAssignment.AUTHENTICATION_FAILURE]
    assert ask(phone, right).status == 401
    assert not is_bound(world)


@pytest.mark.clause("TS 24.229 §5.4.1.2.3A")
@pytest.mark.parametrize(
    ("old", "new"),
    [('username="erin@', 'username="ERIN@'), ("algorithm=AKAv1-MD5", "algorithm=AKAv2-MD5"), ("qop=auth, ", "")],
)
def test_a_response_for_something_else_is_wrong(phone: Client, old: str, new: str) -> None:
    challenged(phone)

    answer = ask(phone, phone.authorization("REGISTER", URI).replace(old, new))

    assert answer.status == 403


@pytest.mark.clause("TS 24.229 §5.4.1.2.3A")
def test_a_wrong_response_leaves_the_registration_as_it_is(
    world: World, phone: Client, told: list[ServerAssignment]
) -> None:
    assert phone.register().status == 200
    challenged(phone)

    assert ask(phone, phone.authorization("REGISTER", URI).replace('response="', 'response="0')).status == 403
    assert told == [ServerAssignment.REGISTRATION]
    assert is_bound(world)


@pytest.mark.clause("RFC 3310 §3.4", "TS 33.102 §6.3.5")
def test_a_phone_that_is_ahead_is_followed(world: World) -> None:
    ahead = 0x123456789A << 5
    phone = a_phone(world, sqn=ahead)

    challenged(phone)
    again = answered(phone)
    assert again.status == 401
    phone.take_challenge(again)
    assert answered(phone).status == 200
    assert phone.usim is not None
    assert phone.usim.sqn > ahead
    assert phone.register().status == 200


@pytest.mark.clause("RFC 3310 §3.4")
def test_auts_comes_without_a_response_too(world: World) -> None:
    phone = a_phone(world, sqn=1 << 40)
    challenged(phone)
    authorization = re.sub(r'response="[0-9a-f]+"', 'response=""', phone.authorization("REGISTER", URI))
    assert "auts=" in authorization

    again = ask(phone, authorization)

    assert again.status == 401
    phone.take_challenge(again)
    assert answered(phone).status == 200


def test_a_sequence_number_that_the_hss_uses_twice_is_mended(world: World, phone: Client) -> None:
    assert phone.register().status == 200
    world.scscf.hss.distort(ERIN, Distortion.OLD_SQN)

    assert phone.register().status == 200
    assert [response.status for response in phone.responses[-3:]] == [401, 401, 200]


@pytest.mark.clause("RFC 3310 §3.4")
@pytest.mark.parametrize(
    ("auts", "status"), [("AAAA", 400), ("not base64", 400), ("AAAAAAAAAAAAAAAAAAA=", 403)], ids=["short", "odd", "mac"]
)
def test_auts_that_is_none_is_refused(phone: Client, told: list[ServerAssignment], auts: str, status: int) -> None:
    """Where AUTS has the right length and only its response is wrong, it proves nothing."""
    challenged(phone)
    authorization = phone.authorization("REGISTER", URI)
    if status == 400:
        authorization = re.sub(r'response="[0-9a-f]+"', 'response=""', authorization)

    assert ask(phone, f'{authorization}, auts="{auts}"').status == status
    assert told == [ServerAssignment.AUTHENTICATION_FAILURE]


@pytest.mark.clause("TS 24.229 §5.4.1.2.3A", "TS 29.228 §6.1.2.1")
def test_the_hss_hears_of_an_answer_that_cannot_be_read(phone: Client, told: list[ServerAssignment]) -> None:
    """The challenge is used up by it, and nothing would tell the HSS later."""
    challenged(phone)

    assert ask(phone, phone.authorization("REGISTER", URI).replace("nc=00000001, ", "")).status == 400
    assert told == [ServerAssignment.AUTHENTICATION_FAILURE]


@pytest.mark.clause("RFC 3310 §3.4", "TS 24.229 §5.4.1.2.3A")
@pytest.mark.parametrize("challenge_open", [True, False])
@pytest.mark.parametrize("response", ["", "0" * 32])
def test_auts_for_a_rand_that_was_never_sent_is_refused(phone: Client, challenge_open: bool, response: str) -> None:
    if challenge_open:
        challenged(phone)
    known = f'Digest username="{ERIN}", realm="home1.test", nonce="{"A" * 43}=", uri="{URI}"'

    answer = ask(phone, f'{known}, response="{response}", auts="uoU/PBI8z0TpNZbjVcY="')

    assert answer.status == 403
    if challenge_open:
        assert answered(phone).status == 200


@pytest.mark.clause("TS 24.229 §5.4.1.2.3A", "TS 24.229 §5.1.1.5.3")
def test_a_phone_that_does_not_believe_the_network_is_challenged_again(world: World, phone: Client) -> None:
    world.scscf.hss.distort(ERIN, Distortion.BAD_MAC)

    assert phone.register().status == 200
    assert [response.status for response in phone.responses] == [401, 401, 200]


@pytest.mark.clause("TS 24.229 §5.4.1.2.3A", "TS 29.228 §6.1.2.1")
def test_several_answers_that_prove_nothing_are_refused(told: list[ServerAssignment], world: World) -> None:
    world.scscf.hss.distort(ERIN, Distortion.BAD_MAC, 10)
    phone = a_phone(world)
    statuses = [challenged(phone).status]
    while statuses[-1] == 401:
        answer = answered(phone)
        statuses.append(answer.status)
        if answer.status == 401:
            phone.take_challenge(answer)

    assert statuses == [401, 401, 401, 403]
    assert told == [ServerAssignment.AUTHENTICATION_FAILURE]
    assert challenged(phone).status == 401


@pytest.mark.clause("TS 24.229 §7.8", "TS 29.228 §6.1.2.1")
def test_a_challenge_waits_for_reg_await_auth(world: World, phone: Client, told: list[ServerAssignment]) -> None:
    challenged(phone)
    world.run(239)
    assert told == []
    world.run(2)

    assert told == [ServerAssignment.AUTHENTICATION_TIMEOUT]
    assert len(world.node.challenges.aka) == 0
    assert answered(phone).status == 401


@pytest.mark.clause("TS 24.229 §7.8")
def test_who_is_registered_stays_so_when_a_challenge_runs_out(
    world: World, phone: Client, told: list[ServerAssignment]
) -> None:
    assert phone.register().status == 200
    challenged(phone)
    world.run(300)

    assert told == [ServerAssignment.REGISTRATION]
    assert is_bound(world)


@pytest.mark.clause("TS 24.229 §7.8")
def test_reg_await_auth_is_configured() -> None:
    world = a_world(auth={"reg_await_auth": 10})
    phone = a_phone(world)
    challenged(phone)
    world.run(9.5)
    assert answered(phone).status == 200

    challenged(phone)
    world.run(11)
    assert answered(phone).status == 401


@pytest.fixture
def pcscf(world: World) -> Client:
    """A phone behind a P-CSCF, registered, whose further REGISTERs come over its security association."""
    phone = a_phone(world, PCSCF, 5060, protection="no")
    challenged(phone, Path=PATH)
    phone.protection = "yes"
    assert answered(phone, Path=PATH).status == 200
    return phone


def repeated(phone: Client, protection: str | None = "yes", **headers: str) -> Response:
    """Send a REGISTER with the nonce and the response of the challenge before (TS 24.229 §5.1.1.4.2)."""
    known = phone.credentials or {}
    head = f'Digest username="{ERIN}", realm="home1.test", nonce="{known["nonce"]}", uri="{URI}"'
    vouched = f', integrity-protected="{protection}"' if protection else ""
    return ask(phone, f'{head}, response="{"0" * 32}", algorithm=AKAv1-MD5{vouched}', Path=PATH, **headers)


@pytest.mark.clause("TS 24.229 §5.4.1.2.2")
def test_over_its_security_association_a_phone_repeats_its_credentials(pcscf: Client) -> None:
    assert repeated(pcscf).status == 200
    assert repeated(pcscf, "YES").status == 200


@pytest.mark.clause("TS 24.229 §5.4.1.2.1A")
@pytest.mark.parametrize("protection", ["no", None])
def test_repeated_credentials_prove_nothing_without_the_p_cscf_s_word(pcscf: Client, protection: str | None) -> None:
    """Kamailio's P-CSCF gives no word at all."""
    assert repeated(pcscf, protection).status == 401


@pytest.mark.clause("TS 24.229 §5.4.1.2.2")
def test_a_p_cscf_that_says_nothing_registers_its_phones(world: World) -> None:
    phone = a_phone(world, PCSCF, 5060)

    challenged(phone, Path=PATH)
    assert answered(phone, Path=PATH).status == 200
    challenged(phone, Path=PATH)
    assert answered(phone, Path=PATH).status == 200


@pytest.mark.clause("TS 24.229 §5.4.1.2.2")
def test_while_a_challenge_is_open_only_its_answer_will_do(world: World, pcscf: Client) -> None:
    other = a_phone(world, "127.0.0.9")
    challenged(other)

    again = repeated(pcscf)

    assert again.status == 401
    pcscf.take_challenge(again)
    assert answered(pcscf, Path=PATH).status == 200


@pytest.mark.clause("TS 24.229 §5.4.1.6")
def test_who_has_to_authenticate_again_is_challenged_over_the_association(world: World, pcscf: Client) -> None:
    world.perform(reauthenticate(world.node, Scope(aor=AOR), 120))
    world.run()

    again = repeated(pcscf)

    assert again.status == 401
    pcscf.take_challenge(again)
    assert answered(pcscf, Path=PATH).status == 200
    assert repeated(pcscf).status == 200


@pytest.mark.clause("TS 24.229 §5.4.1.4")
def test_only_a_protected_or_proved_register_takes_a_registration_away(world: World, pcscf: Client) -> None:
    assert repeated(pcscf, "no", Expires="0").status == 401
    assert repeated(pcscf, None, Expires="0").status == 401
    assert is_bound(world)

    world.run(300)
    assert repeated(pcscf, "yes", Expires="0").status == 200
    assert not is_bound(world)


@pytest.mark.clause("TS 24.229 §5.4.1.2.2")
def test_a_protected_register_of_nobody_known_is_500(world: World) -> None:
    phone = a_phone(world, PCSCF, 5060)
    phone.credentials = {"nonce": "A" * 43 + "="}

    assert repeated(phone).status == 500


@pytest.mark.clause("TS 29.228 §6.1.1")
def test_an_initial_register_is_authorised_and_a_further_one_is_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[object, ...]] = []
    authorise = world.scscf.hss.user_authorization

    async def noted(*what: Any) -> object:
        asked.append(what)
        return await authorise(*what)

    monkeypatch.setattr(world.scscf.hss, "user_authorization", noted)
    phone = a_phone(world, PCSCF, 5060)
    assert phone.register(Path=PATH, P_Visited_Network_ID='"Visited.Test";x=y, other').status == 200
    assert phone.register(Path=PATH).status == 200

    assert asked == [(ERIN, AOR, "visited.test", False)]


@pytest.mark.clause("TS 29.228 §6.1.1")
@pytest.mark.parametrize(
    ("user", "host", "visited", "contact", "status", "reason"),
    [
        ("frank", PCSCF, "visited.test", "<sip:frank@127.0.0.4>", 200, "OK"),
        ("frank", PCSCF, '"Home1.test"', "<sip:frank@127.0.0.4>", 200, "OK"),
        ("frank", PCSCF, "elsewhere.test", "<sip:frank@127.0.0.4>", 403, "Roaming Not Allowed"),
        ("frank", PCSCF, "elsewhere.test", "<sip:frank@127.0.0.4;sos>", 200, "OK"),
        ("frank", "127.0.0.9", "elsewhere.test", "<sip:frank@127.0.0.9>", 200, "OK"),
        ("gail", PCSCF, None, "<sip:gail@127.0.0.4>", 403, "Barred"),
        ("gail", PCSCF, None, "<sip:gail@127.0.0.4;sos>", 200, "OK"),
    ],
)
def test_who_may_not_register_here_is_not_even_challenged(
    world: World, user: str, host: str, visited: str | None, contact: str, status: int, reason: str
) -> None:
    client = world.client(host, 5060, user=user, username=f"{user}@home1.test")

    answer = client.register(contact=contact, P_Visited_Network_ID=visited)

    assert (answer.status, answer.reason) == (status, reason)
    assert [response.status for response in client.responses] == ([401, 200] if status == 200 else [403])


@pytest.mark.clause("TS 24.229 §5.4.3.2")
@pytest.mark.parametrize("authorization", [True, False])
def test_outside_register_a_phone_with_a_usim_is_known_by_its_flow_only(world: World, authorization: bool) -> None:
    phone, stranger = a_phone(world), a_phone(world, "127.0.0.66")
    known = f'Digest username="{ERIN}", realm="home1.test", nonce="x", uri="{AOR}", response="{"0" * 32}"'
    headers = {"Authorization": known, "Proxy-Authorization": known} if authorization else {}
    assert phone.register().status == 200

    def status(client: Client, method: str) -> int:
        fields = {"Event": "reg", "Contact": f"<{client.uri}>", **headers}
        answer = client.send(method, AOR if method == "SUBSCRIBE" else "sip:frank@home1.test", fields)
        assert answer is not None
        return answer.status

    assert [status(stranger, method) for method in ("SUBSCRIBE", "MESSAGE")] == [403, 403]
    assert [status(phone, method) for method in ("SUBSCRIBE", "MESSAGE")] == [200, 480]


def test_the_secrets_of_a_vector_are_in_no_log(world: World, phone: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        challenged(phone)
        opened = world.node.challenges.aka.find(ERIN)
        assert opened is not None
        vector = opened.vector
        logging.getLogger("scscf").debug("%r %r", opened, vector)
        answered(phone)

    for secret in (vector.xres, vector.ck, vector.ik):
        assert secret.hex() not in caplog.text
        assert repr(secret)[2:-1] not in caplog.text


def test_the_same_randomness_gives_the_same_challenges() -> None:
    def run() -> str:
        world = a_world()
        assert a_phone(world, sqn=1 << 20).register().status == 200
        return checksum(world)

    assert run() == run()
