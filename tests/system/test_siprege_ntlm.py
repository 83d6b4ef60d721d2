"""NTLM on a whole node: the handshake, a signature on every message, and what is refused (MS-SIPAE §3.2, §3.3)."""

from base64 import b64decode, b64encode

import pytest

from scscf.auth import ntlm
from scscf.auth.sipae import signature_text
from scscf.procedures.deregister import Scope, deregister
from scscf.registration.registration import Event
from scscf.sip.credentials import parse_credentials
from scscf.sip.message import Request, Response
from scscf.sip.parser import parse_message
from tests.system.test_siprege import ALICE, CONFIG, EPID, SUPPORTED, URN, contacts_of
from tests.world import Client, World

pytestmark = pytest.mark.clause("MS-SIPAE §3.3")

SUBSCRIBERS = """
subscriptions:
  - name: alice
    private_identities: [{id: alice@fabrikam.test, auth: {scheme: ntlm, password: "Pa$$word"}}]
    implicit_sets: [["sip:alice@fabrikam.test"]]
  - name: bob
    private_identities: [{id: bob@fabrikam.test, auth: {scheme: digest, password: secret}}]
    implicit_sets: [["sip:bob@fabrikam.test"]]
"""
REALM, TARGET = "SIP Communications Service", "scscf.fabrikam.test"


class Endpoint:
    """One of Microsoft's clients, as far as NTLM goes."""

    def __init__(
        self,
        world: World,
        user: str = "alice",
        password: str = "Pa$$word",
        port: int = 5070,
        epid: str = EPID,
        client: Client | None = None,
    ) -> None:
        self.world = world
        self.client: Client = client or world.client(port=port, user=user, domain="fabrikam.test")
        self.user, self.password, self.epid = user, password, epid
        self.opaque = ""
        self.keys: ntlm.MessageKeys | None = None
        self.cnum = 0

    def send(self, authorization: str | None = None, method: str = "REGISTER", **headers: str | None) -> Response:
        """Send a request, a REGISTER with an endpoint's headers."""
        client = self.client
        fields: dict[str, str | list[str] | None] = {
            "Via": f"SIP/2.0/UDP {client.host}:{client.port}",
            "From": f"<{client.aor}>;tag=t{client.cseq}" + (f";epid={self.epid}" if self.epid else ""),
            "Contact": f'<sip:{client.host}:{client.port}>;proxy=replace;+sip.instance="<{URN}>"',
            "Event": "registration",
            "Supported": SUPPORTED,
            "Authorization": authorization,
        }
        fields.update({name.replace("_", "-"): value for name, value in headers.items()})
        answer = client.send(method, headers=fields)
        assert answer is not None
        return answer

    def signed(
        self,
        cnum: int | None = None,
        tamper: bool = False,
        method: str = "REGISTER",
        to_tag: str = "",
        **headers: str | None,
    ) -> Response:
        """Send a request that is signed within the security association."""
        self.cnum += 1
        number = self.cnum if cnum is None else cnum
        if to_tag:
            headers["To"] = f"<{self.client.aor}>;tag={to_tag}"
        signature = self._signature(number, headers.get("Expires") or "", tamper, method, to_tag)
        return self.send(signature, method=method, **headers)

    def _signature(
        self, cnum: int, expires: str, tamper: bool = False, method: str = "REGISTER", to_tag: str = ""
    ) -> str:
        client = self.client
        text = (
            f"<NTLM><13317733><{cnum}><{REALM}><{TARGET}><{client.call_id}><{client.cseq + 1}><{method}>"
            f"<{client.aor}><t{client.cseq}><{client.aor}><{to_tag}><><><{expires}>"
        )
        assert self.keys is not None
        signature = bytearray(self.keys.sign("client", text.encode()))
        signature[6] ^= tamper
        return (
            f'NTLM qop="auth", opaque="{self.opaque}", realm="{REALM}", targetname="{TARGET}", crand="13317733", '
            f'cnum="{cnum}", response="{bytes(signature).hex()}"'
        )

    def challenge(self) -> bytes:
        """Begin a handshake and return the CHALLENGE_MESSAGE."""
        self.send()
        answer = self.send(f'NTLM qop="auth", realm="{REALM}", targetname="{TARGET}", gssapi-data="", version=4')
        params = parse_credentials(answer.get("www-authenticate") or "").params
        self.opaque = params["opaque"]
        return b64decode(params["gssapi-data"])

    def answer(self, challenge: bytes, signs: bool = True, **headers: str | None) -> Response:
        """Send the AUTHENTICATE_MESSAGE that answers a challenge."""
        token, self.keys = ntlm.answer(
            challenge, self.user, "FABRIKAM", ntlm.nt_hash(self.password), "DESK", b"c" * 8, b"k" * 16, 1_800_000_000.0
        )
        self.cnum = 1
        authenticate = self.authenticate(b64encode(token).decode())
        if signs:
            authenticate += ", crand" + self._signature(1, headers.get("Expires") or "").partition(", crand")[2]
        return self.send(authenticate, **headers)

    def authenticate(self, data: str) -> str:
        return (
            f'NTLM qop="auth", opaque="{self.opaque}", realm="{REALM}", targetname="{TARGET}", gssapi-data="{data}", '
            "version=4"
        )

    def register(self) -> Response:
        return self.answer(self.challenge())

    def is_signed(self, message: Request | Response) -> bool:
        """Tell whether a message of the server has the right signature."""
        value = message.get("authentication-info")
        if value is None or self.keys is None:
            return False
        params = parse_credentials(value).params
        text = signature_text("NTLM", 4, params["srand"], params["snum"], REALM, TARGET, message)
        return self.keys.verify("server", text, bytes.fromhex(params["rspauth"]))


def world(**more: object) -> World:
    return World({**CONFIG, **more}, SUBSCRIBERS)


@pytest.fixture
def alice() -> Endpoint:
    return Endpoint(world())


def test_the_handshake_is_two_challenges_and_a_signed_200(alice: Endpoint) -> None:
    first = alice.send()
    assert first.status == 401
    assert first.get_all("www-authenticate") == [f'NTLM realm="{REALM}", targetname="{TARGET}", version=4']
    assert "date" in first
    assert "authentication-info" not in first

    answer = alice.register()

    assert answer.status == 200
    assert alice.is_signed(answer)
    assert parse_credentials(answer.get("authentication-info") or "").params["snum"] == "1"
    assert contacts_of(alice.world) == ["sip:127.0.0.9:5070"]


def test_every_later_answer_is_signed_with_the_next_snum(alice: Endpoint) -> None:
    alice.register()

    answers = [alice.signed(), alice.signed(Event="reg"), alice.signed(Expires="0")]

    assert [answer.status for answer in answers] == [200, 489, 200]
    assert all(map(alice.is_signed, answers))
    assert [parse_credentials(each.get("authentication-info") or "").params["snum"] for each in answers] == [
        "2",
        "3",
        "4",
    ]
    assert contacts_of(alice.world) == []


@pytest.mark.clause("MS-SIPREGE §4.1.3")
def test_the_notify_is_signed_and_its_to_has_the_newest_tag(alice: Endpoint) -> None:
    alice.register()
    alice.signed()

    alice.world.perform(deregister(alice.world.node, Scope(ALICE), Event.REJECTED))
    alice.world.run()

    (request,) = alice.client.notifies
    assert alice.is_signed(request)
    assert request.to.tag == f"t{alice.client.cseq - 1}"


def test_a_client_that_leaves_once_more_after_it_was_put_out_is_answered(alice: Endpoint) -> None:
    alice.register()
    alice.world.perform(deregister(alice.world.node, Scope(ALICE), Event.REJECTED))
    alice.world.run()

    answer = alice.signed(Expires="0")

    assert answer.status == 200
    assert alice.is_signed(answer)


@pytest.mark.parametrize("flaw", ["replay", "old", "signature", "cnum", "opaque", "realm"])
def test_what_is_not_right_begins_anew_and_changes_nothing(alice: Endpoint, flaw: str) -> None:
    alice.register()
    if flaw == "replay":
        alice.signed()
        answer = alice.signed(cnum=1, Expires="0")
    elif flaw == "old":
        alice.signed(cnum=1000)
        answer = alice.signed(cnum=700, Expires="0")
    elif flaw == "signature":
        answer = alice.signed(tamper=True, Expires="0")
    elif flaw == "cnum":
        answer = alice.signed(cnum=0, Expires="0")
    elif flaw == "opaque":
        alice.opaque = "00000000"
        answer = alice.signed(Expires="0")
    else:
        answer = alice.send('NTLM qop="auth", realm="x", targetname="y", crand="1", cnum="1", response=""', Expires="0")

    assert answer.status == 401
    assert answer.get_all("www-authenticate") == [f'NTLM realm="{REALM}", targetname="{TARGET}", version=4']
    assert "authentication-info" not in answer
    assert len(contacts_of(alice.world)) == 1


def test_the_very_same_request_again_is_a_retransmission_without_a_branch(alice: Endpoint) -> None:
    alice.register()
    answer = alice.signed()
    client = alice.client
    data = next(each.data for each in reversed(alice.world.network.packets) if each.data.startswith(b"REGISTER"))
    before = len(client.responses)

    client.socket.send(data, ("127.0.0.1", 5060))
    alice.world.run()

    assert [each.to_bytes() for each in client.responses[before:]] == [answer.to_bytes()]
    assert parse_message(data).cseq.number == client.cseq


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ("!", 400),
        ("TlRMTVNTUAA=", 400),
        ("A" * 20_000, 400),
        (b64encode(b"NTLMSSP\0\3\0\0\0" + b"\xff" * 60).decode(), 400),
        (b64encode(b"NTLMSSP\0\1\0\0\0" + b"\0" * 60).decode(), 400),
    ],
)
def test_gssapi_data_that_is_none_is_refused(alice: Endpoint, data: str, status: int) -> None:
    alice.challenge()

    assert alice.send(alice.authenticate(data)).status == status
    assert contacts_of(alice.world) == []


def test_a_wrong_password_is_challenged_again_and_ends_in_403(alice: Endpoint) -> None:
    alice.password = "wrong"

    answers = [alice.register() for _ in range(3)]

    assert [answer.status for answer in answers] == [401, 401, 403]
    alice.password = "Pa$$word"
    assert alice.register().status == 200


def test_a_user_whom_nobody_knows_is_refused() -> None:
    mallory = Endpoint(world(), "mallory")

    assert mallory.send().status == 403


def test_a_user_whom_nobody_knows_may_look_like_one_with_a_wrong_password() -> None:
    there = world(auth={"unknown_user": "challenge"})
    mallory, bob = Endpoint(there, "mallory"), Endpoint(there, "bob", "wrong", port=5071)

    offers = [[value.partition(" ")[0] for value in each.send().get_all("www-authenticate")] for each in (mallory, bob)]
    assert offers == [["NTLM", "Digest"], ["NTLM", "Digest"]]
    for status in (401, 401, 403):
        answers = [mallory.register(), bob.register()]
        assert [answer.status for answer in answers] == [status, status]
        assert answers[0].get_all("www-authenticate") == answers[1].get_all("www-authenticate")


def test_one_user_s_password_registers_nobody_else() -> None:
    there = world()
    bob = Endpoint(there, "bob", "secret")
    bob.register()
    bob.client.aor = ALICE

    assert bob.signed().status == 403
    assert contacts_of(there) == []


def test_from_version_4_on_the_answer_to_the_challenge_has_to_be_signed(alice: Endpoint) -> None:
    assert alice.answer(alice.challenge(), signs=False).status == 401
    assert contacts_of(alice.world) == []


def test_the_answer_to_a_challenge_opens_nothing_twice(alice: Endpoint) -> None:
    challenge = alice.challenge()
    alice.answer(challenge)
    token, _ = ntlm.answer(
        challenge, "alice", "FABRIKAM", ntlm.nt_hash("Pa$$word"), "DESK", b"c" * 8, b"k" * 16, 1_800_000_000.0
    )

    assert alice.send(alice.authenticate(b64encode(token).decode())).status == 400


def test_when_its_life_is_over_the_client_proves_itself_anew() -> None:
    alice = Endpoint(world(siprege={"sa_lifetime": 600}))
    alice.register()

    alice.world.run(601)

    assert alice.signed().status == 401
    assert alice.register().status == 200


def test_a_user_with_a_digest_password_is_offered_both() -> None:
    there = world()
    bob = Endpoint(there, "bob", "secret")

    offered = [value.partition(" ")[0] for value in bob.send().get_all("www-authenticate")]

    assert offered == ["NTLM", "Digest"]
    assert bob.register().status == 200


def test_switched_off_it_is_not_offered() -> None:
    there = world(siprege={"ntlm": "off"})

    assert Endpoint(there).send().status == 403
    assert [value[:6] for value in Endpoint(there, "bob", "secret", port=5071).send().get_all("www-authenticate")] == [
        "Digest"
    ]


@pytest.mark.parametrize(("tamper", "status", "is_signed"), [(False, 481, True), (True, 401, False)])
def test_inside_a_dialog_a_signature_is_looked_at_too(
    alice: Endpoint, tamper: bool, status: int, is_signed: bool
) -> None:
    alice.register()

    answer = alice.signed(tamper=tamper, to_tag="x", method="SUBSCRIBE", Event="reg")

    assert answer.status == status
    assert alice.is_signed(answer) is is_signed


def test_a_register_with_a_tag_in_to_proves_itself_once(alice: Endpoint) -> None:
    alice.register()

    assert alice.signed(to_tag="x", Expires="0").status == 200
    assert alice.signed(cnum=2, to_tag="x").status == 401
    assert contacts_of(alice.world) == []


def test_requests_outside_register_prove_themselves_by_it_too(alice: Endpoint) -> None:
    alice.register()

    answer = alice.send(method="SUBSCRIBE", Event="reg")

    assert answer.status == 401
    assert (answer.get("www-authenticate") or "").startswith("NTLM ")
