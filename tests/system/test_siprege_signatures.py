"""Whose a security association is, how it ends, and what is signed of the calls of an endpoint (MS-SIPAE §3.3)."""

from base64 import b64encode
from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.auth import ntlm
from scscf.auth.ntlm_messages import authenticate_message
from scscf.auth.security_associations import SecurityAssociations
from scscf.auth.sipae import signature_text
from scscf.procedures.deregister import Scope, deregister
from scscf.procedures.reauthenticate import reauthenticate
from scscf.registration.registration import Event
from scscf.sip.credentials import parse_credentials
from scscf.sip.message import Request
from tests.system.phones import Phone
from tests.system.test_calls import cancelled, hang_up_on, in_dialog
from tests.system.test_siprege import ALICE, CONFIG, URN, contacts_of, endpoint
from tests.system.test_siprege_ntlm import REALM, SUBSCRIBERS, TARGET, Endpoint
from tests.world import World

pytestmark = pytest.mark.clause("MS-SIPAE §3.3")

OTHER_EPID = "8248ca9ebb"
CAROL = "sip:carol@fabrikam.test"
WITH_CAROL = f"""{SUBSCRIBERS}
  - private_identities: [{{id: carol@fabrikam.test, auth: {{scheme: none}}}}]
    implicit_sets: [["{CAROL}"]]
"""


def world(**more: object) -> World:
    return World({**CONFIG, **more}, WITH_CAROL)


@pytest.fixture
def there() -> World:
    return world()


@pytest.fixture
def alice(there: World) -> Endpoint:
    client = Endpoint(there)
    assert client.register().status == 200
    return client


class Called(Phone):
    """One of Microsoft's clients that is called, and is registered by NTLM."""

    def __init__(self, there: World, event: str | None = "registration") -> None:
        super().__init__(there, "127.0.0.11", "alice", domain="fabrikam.test")
        self.uri = f"sip:{self.host}:{self.port}"
        self.endpoint = Endpoint(there, client=self)
        assert self.endpoint.answer(self.endpoint.challenge(), Event=event).status == 200

    @property
    def are_signed(self) -> list[bool]:
        """Whether each request that came is signed, and rightly."""
        return [self.endpoint.is_signed(request) for request in self.got]


@pytest.fixture
def carol(there: World) -> Phone:
    return Phone(there, "127.0.0.10", "carol", domain="fabrikam.test", username="carol@fabrikam.test")


def associations_of(there: World) -> SecurityAssociations:
    associations = there.node.associations
    assert associations is not None
    return associations


@pytest.mark.clause("MS-SIPAE §3.3.5.2", "MS-SIPRE §3.2.4.1")
@pytest.mark.parametrize("epid", [OTHER_EPID, ""])
@pytest.mark.parametrize(("method", "to_tag"), [("REGISTER", ""), ("SUBSCRIBE", ""), ("SUBSCRIBE", "x")])
def test_no_other_endpoint_of_the_user_gets_in_by_an_association(
    alice: Endpoint, epid: str, method: str, to_tag: str
) -> None:
    alice.epid = epid

    answer = alice.signed(method=method, to_tag=to_tag, Event="reg" if method == "SUBSCRIBE" else "registration")

    assert answer.status == 401
    assert answer.get_all("www-authenticate") == [f'NTLM realm="{REALM}", targetname="{TARGET}", version=4']
    assert "authentication-info" not in answer
    assert len(contacts_of(alice.world)) == 1


@pytest.mark.parametrize(
    ("method", "more", "status"),
    [("OPTIONS", {}, 200), ("OPTIONS", {"Require": "x"}, 420), ("PUBLISH", {}, 405), ("OPTIONS", {"To": None}, 400)],
)
def test_whatever_becomes_of_a_request_its_answer_is_signed(
    alice: Endpoint, method: str, more: dict[str, str | None], status: int
) -> None:
    answer = alice.signed(method=method, **more)

    assert answer.status == status
    assert alice.is_signed(answer) is (status != 400)


def test_where_nobody_is_challenged_a_wrong_signature_is_none(alice: Endpoint) -> None:
    answer = alice.signed(method="OPTIONS", tamper=True)

    assert answer.status == 200
    assert "authentication-info" not in answer


@pytest.mark.clause("MS-SIPAE §3.3.5.2")
def test_an_endpoint_without_epid_is_known_by_its_instance(there: World) -> None:
    client = Endpoint(there, epid="")
    contact = f'<sip:127.0.0.9:5070>;+sip.instance="<{URN.lower()}>"'
    assert client.register().status == 200

    assert client.signed(Contact=contact).status == 200
    assert client.signed(Contact=contact.replace("b43b", "b53b")).status == 401


@pytest.mark.clause("MS-SIPAE §3.3.5.2")
def test_a_handshake_goes_on_where_it_began(there: World) -> None:
    client = Endpoint(there)
    challenge = client.challenge()
    client.epid = OTHER_EPID

    assert client.answer(challenge).status == 401
    assert contacts_of(there) == []


def test_a_connection_is_nothing_that_an_association_depends_on(alice: Endpoint) -> None:
    moved = Endpoint(alice.world, port=5099)
    moved.opaque, moved.keys, moved.cnum = alice.opaque, alice.keys, alice.cnum

    assert moved.signed().status == 200
    assert contacts_of(alice.world) == ["sip:127.0.0.9:5099"]


def test_a_challenge_is_answered_once_however_long_the_hss_takes(there: World) -> None:
    client = Endpoint(there)
    challenge = client.challenge()
    assert client.answer(challenge).status == 200

    assert client.answer(challenge).status == 400
    assert client.opaque in associations_of(there)


@pytest.mark.clause("MS-NLMP §3.3.1")
@pytest.mark.parametrize(("least", "status"), [(1, 200), (2, 403)])
@pytest.mark.parametrize("extended", [False, True])
def test_ntlmv1_is_taken_where_nothing_better_is_demanded(
    least: int, status: int, extended: bool, caplog: pytest.LogCaptureFixture
) -> None:
    client = Endpoint(world(siprege={"ntlm_min_version": least, "version": 3}))
    flags = 0x62888255 if extended else 0x62808255
    crypto = __import__("spnego._ntlm_raw.crypto", fromlist=["crypto"])
    server_challenge = client.challenge()[24:32]
    nt_response, lm_response, _ = crypto.compute_response_v1(
        flags, ntlm.nt_hash("Pa$$word"), b"", server_challenge, b"c" * 8
    )
    token = authenticate_message(flags, lm_response, nt_response, "FABRIKAM", "alice", "DESK", b"k" * 16)

    with caplog.at_level("INFO"):
        answer = client.send(client.authenticate(b64encode(token).decode()))

    assert answer.status == status
    if status == 403:
        assert answer.reason == "NTLMv1 Is Not Taken Here"
        assert "alice of 127.0.0.9 answers with NTLMv1: siprege.ntlm_min_version is 2" in caplog.text
        assert client.opaque not in associations_of(client.world)


def test_ntlmv2_is_taken_where_it_is_demanded() -> None:
    assert Endpoint(world(siprege={"ntlm_min_version": 2})).register().status == 200


@pytest.mark.clause("TS 24.229 §5.4.1.6")
def test_who_has_to_prove_themselves_again_is_challenged_by_the_next_request(alice: Endpoint) -> None:
    there = alice.world
    other = Endpoint(there, port=5071, epid=OTHER_EPID)
    other.register()
    there.perform(reauthenticate(there.node, Scope(ALICE), 60))
    there.run()

    assert [alice.signed().status, other.signed().status] == [401, 401]
    there.perform(deregister(there.node, Scope(ALICE), Event.DEACTIVATED))
    there.run()
    assert alice.is_signed(alice.client.notifies[-1])
    assert alice.register().status == 200
    assert alice.signed().status == 200


@pytest.mark.clause("TS 29.228 §6.5.2.4")
@pytest.mark.parametrize(("password", "status"), [("changed", 401), ("Pa$$word", 200)])
def test_another_password_ends_what_was_agreed_on_with_the_old_one(alice: Endpoint, password: str, status: int) -> None:
    there = alice.world

    there.scscf.replace_subscribers(there.subscribers(WITH_CAROL.replace("Pa$$word", password)))
    there.run()

    assert alice.signed().status == status
    assert len(contacts_of(there)) == 1
    alice.password = password
    assert alice.register().status == 200


@pytest.mark.clause("MS-SIPAE §3.3.4.1")
@pytest.mark.parametrize("event", ["registration", None])
def test_every_request_of_a_call_is_signed_for_the_endpoint_that_is_called(
    there: World, carol: Phone, event: str | None
) -> None:
    alice = Called(there, event)
    alice.answers = (180, 200)
    carol.ask("INVITE", ALICE)
    carol.send("ACK", alice.uri, in_dialog(carol, "ACK"))
    alice.answers = (200,)
    carol.ask("BYE", alice.uri, in_dialog(carol, "BYE"))

    assert alice.methods == ["INVITE", "ACK", "BYE"]
    assert alice.are_signed == [True, True, True]
    numbers = [parse_credentials(each.get("authentication-info") or "").params["snum"] for each in alice.got]
    assert numbers == ["2", "3", "4"]
    assert all("authentication-info" not in response for response in carol.responses)


@pytest.mark.clause("MS-SIPAE §3.3.4.1")
@pytest.mark.parametrize("refused", [True, False])
def test_cancel_and_the_ack_of_a_refusal_are_signed_too(there: World, carol: Phone, refused: bool) -> None:
    alice = Called(there)
    alice.answers = (486,) if refused else (180,)
    carol.start("INVITE", ALICE)
    there.run(1)
    if not refused:
        invite = alice.got[0]

        def end(request: Request) -> None:
            if request.method == "CANCEL":
                alice.reply(request, 200)
                alice.reply(invite, 487)

        alice.on_request = end
        cancelled(carol, ALICE)
        there.run(0.4)

    assert alice.methods == (["INVITE", "ACK"] if refused else ["INVITE", "CANCEL", "ACK"])
    assert all(alice.are_signed)


@pytest.mark.clause("MS-SIPRE §3.2.4.1")
@pytest.mark.parametrize("epid", ["", ";epid=492a7ce35f", f";epid={OTHER_EPID}", ";epid=c1"])
def test_whatever_epid_a_peer_writes_a_request_is_signed_for_the_endpoint_that_it_goes_to(
    there: World, carol: Phone, epid: str
) -> None:
    alice, other = Called(there), Endpoint(there, port=5072, epid=OTHER_EPID)
    alice.answers = (180, 200)
    carol.ask("INVITE", ALICE)
    fields = in_dialog(carol, "ACK")
    other.register()

    carol.send("ACK", alice.uri, fields | {"To": f"{fields['To']}{epid}"})

    assert alice.are_signed == [True, True]


@pytest.mark.clause("MS-SIPRE §3.2.4.1")
@pytest.mark.parametrize(("epid", "expected"), [("", [True, False]), (";epid=492a7ce35f", [True, True])])
def test_an_endpoint_that_is_reached_elsewhere_is_known_by_its_epid(
    there: World, carol: Phone, epid: str, expected: list[bool]
) -> None:
    alice = Called(there)
    elsewhere = Phone(there, "127.0.0.13", "alice", domain="fabrikam.test")
    elsewhere.got = alice.got
    alice.answers, alice.uri = (200,), elsewhere.uri
    carol.ask("INVITE", ALICE)
    fields = in_dialog(carol, "ACK")

    carol.send("ACK", elsewhere.uri, fields | {"To": f"{fields['To']}{epid}"})

    assert alice.methods == ["INVITE", "ACK"]
    assert alice.are_signed == expected


def test_an_endpoint_calls_and_nobody_sees_what_it_proves_itself_with(there: World, carol: Phone) -> None:
    alice = Called(there)
    assert endpoint(carol, "c1", None).status == 200
    fields = {"From": f"<{ALICE}>;tag=1;epid={alice.endpoint.epid}", "To": f"<{CAROL}>", "Call-ID": "call"}
    invite = Request("INVITE", CAROL, [*fields.items(), ("CSeq", f"{alice.cseq + 1} INVITE")])
    keys = alice.endpoint.keys
    assert keys is not None
    signature = keys.sign("client", signature_text("NTLM", 4, "0A0B0C0D", "2", REALM, TARGET, invite)).hex()
    proof = (
        f'NTLM qop="auth", opaque="{alice.endpoint.opaque}", realm="{REALM}", targetname="{TARGET}", '
        f'crand="0A0B0C0D", cnum="2", response="{signature}"'
    )
    forged = f'NTLM rspauth="{"0" * 32}", srand="0", snum="1", opaque="{alice.endpoint.opaque}"'

    answer = alice.ask(
        "INVITE", CAROL, fields | {"Proxy-Authorization": [proof, 'Digest realm="x"'], "Authentication-Info": forged}
    )

    assert answer.status == 200
    assert alice.endpoint.is_signed(answer)
    assert carol.got[0].get_all("proxy-authorization") == ['Digest realm="x"']
    assert "authentication-info" not in carol.got[0]
    assert carol.ask("BYE", alice.uri, hang_up_on(carol, carol.got[0])).status == 200
    assert alice.methods == ["BYE"]
    assert alice.are_signed == [True]


def test_nobody_has_what_they_like_signed_in_the_name_of_an_association(there: World, carol: Phone) -> None:
    alice = Called(there)
    assert endpoint(carol, "c1", None).status == 200
    carol.answers = (486,)
    forged = f'NTLM rspauth="{"0" * 32}", srand="0", snum="1", opaque="{alice.endpoint.opaque}"'
    dave = Phone(there, "127.0.0.12", "carol", domain="fabrikam.test")

    assert dave.ask("INVITE", CAROL, {"Authentication-Info": forged}).status == 486
    assert carol.methods == ["INVITE", "ACK"]
    assert all("authentication-info" not in request for request in carol.got)


def test_handshakes_of_one_user_are_bounded_and_gone_after_a_minute(there: World) -> None:
    client = Endpoint(there)
    for _ in range(SecurityAssociations.PER_USER + 5):
        client.send(client.authenticate(""))
    associations = associations_of(there)

    assert len(associations) == SecurityAssociations.PER_USER
    there.run(61)
    client.send(client.authenticate(""))
    assert len(associations) == 1


def test_a_handshake_is_kept_for_no_name_that_is_too_long(there: World) -> None:
    client = Endpoint(there, epid="e" * 256)

    assert client.send(client.authenticate("")).status == 400
    assert len(associations_of(there)) == 0


TOKENS = st.one_of(
    st.binary(max_size=300),
    st.binary(max_size=200).map(lambda tail: b"NTLMSSP\0\3\0\0\0" + tail),
    st.tuples(st.integers(0, 2**32 - 1), st.binary(max_size=120), st.text(max_size=30), st.binary(max_size=20)).map(
        lambda each: authenticate_message(each[0], b"", each[1], each[2], "alice", each[2], each[3])
    ),
    st.tuples(st.binary(min_size=16, max_size=16), st.integers(0, 9), st.integers(0, 2**16 - 1)).map(
        lambda each: authenticate_message(
            0x62888215, b"", each[0] + bytes(28) + pack("<HH", each[1], each[2]) * 3, "F", "alice", "D", bytes(16)
        )
    ),
)


@settings(max_examples=15)
@given(st.one_of(TOKENS.map(lambda token: b64encode(token).decode()), st.text("AZaz09+/= ,;\t", max_size=60)))
def test_no_gssapi_data_does_more_than_be_refused(data: str) -> None:
    there = world()
    client = Endpoint(there)
    client.challenge()

    answer = client.send(client.authenticate(data))

    assert answer.status in (400, 401, 403)
    assert contacts_of(there) == []
    assert there.scscf.shell.bugs == 0


WORDS = st.one_of(
    st.text("09afAF><\u0663 ", max_size=40), st.sampled_from([REALM, TARGET, "1", "4", "00" * 16, "NTLM"])
)
PARAMETERS = ("opaque", "realm", "targetname", "crand", "cnum", "response", "version", "qop", "gssapi-data")


@settings(max_examples=15)
@given(
    st.dictionaries(st.sampled_from(PARAMETERS), WORDS),
    st.sampled_from(["REGISTER", "SUBSCRIBE", "MESSAGE", "BYE"]),
    st.sampled_from(["", "x"]),
    st.booleans(),
)
def test_no_credentials_that_somebody_made_up_are_more_than_refused(
    params: dict[str, str], method: str, to_tag: str, is_named: bool
) -> None:
    client = Endpoint(world())
    client.register()
    if is_named:
        params = params | {"opaque": client.opaque}
    text = "NTLM " + ", ".join(f'{name}="{value}"' for name, value in params.items())
    to = f"<{ALICE}>;tag={to_tag}" if to_tag else f"<{ALICE}>"

    event = "registration" if method == "REGISTER" else "reg"
    answer = client.send(text, method, To=to, Event=event, Proxy_Authorization=text)

    assert answer.status in (400, 401, 403, 404, 405, 407, 481)
    assert "authentication-info" not in answer
    assert len(contacts_of(client.world)) == 1
    assert client.world.scscf.shell.bugs == 0
