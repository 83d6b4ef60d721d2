"""The simulated endpoint before a server that is played by hand: what it takes of notices, and what it answers."""

from collections.abc import Coroutine
from random import Random
from typing import Any, TypeVar

import pytest

from scscf.auth import ntlm
from scscf.auth.sipae import signature_text
from scscf.identifiers import Identifiers
from scscf.net.heap_clock import HeapClock
from scscf.net.memory import Conditions, MemoryNetwork
from scscf.net.shell import Shell
from scscf.sip.message import Request, Response, make_request
from scscf.sip.outbox import NextHop
from scscf.sip.transaction_layer import ServerTransaction
from scscf.ue.authorization import Authorizer, Password
from scscf.ue.endpoint import Endpoint, Noticed
from scscf.ue.endpoint_state import EndpointState
from scscf.ue.identity import Identity
from scscf.ue.ntlm_authorizer import NtlmAuthorizer
from scscf.ue.user_agent import Sent, UserAgent, listen_at

T = TypeVar("T")

ALICE = "sip:alice@fabrikam.test"
EPID = "492a7ce35f"
CHALLENGE = bytes.fromhex("dd1baaf4e7e218d1")
TARGET = ntlm.Target("FABRIKAM", "OCS", "fabrikam.test", "ocs.fabrikam.test")
REALM = 'realm="SIP Communications Service", targetname="ocs.fabrikam.test"'


class Server:
    """A registrar of few words: it answers with what it is told to."""

    def __init__(self, agent: UserAgent) -> None:
        self.agent = agent
        self.requests: list[Request] = []
        self.answers: list[tuple[int, list[tuple[str, str]]]] = []
        agent.on_request_ = self._on_request

    def _on_request(self, call: ServerTransaction) -> None:
        self.requests.append(call.request)
        self.flow = call.flow
        status, headers = self.answers.pop(0) if self.answers else (200, [])
        response = call.request.response(status, to_tag="5E61CCD9")
        response.headers += headers
        call.answer(response)


class Around:
    """An endpoint and its server on a memory network."""

    def __init__(self, **keys: Any) -> None:
        self.clock = HeapClock(1_800_000_000.0)
        self.network = MemoryNetwork(self.clock, Conditions(), 0, keep=100)
        self.stage = Shell(self.clock)
        self.server = Server(self._agent("192.0.2.1"))
        agent = self._agent("192.0.2.5")
        identity = Identity(ALICE, "alice@fabrikam.test", "fabrikam.test", NextHop("192.0.2.1", 5060, "tcp"))
        authorizer: Authorizer = NtlmAuthorizer("alice", "FABRIKAM", "secret", agent.identifiers, agent.now)
        if keys.pop("auth", "ntlm") == "digest":
            authorizer = Authorizer("alice", "fabrikam.test", Password("secret"), "0a4f113b")
        self.endpoint = Endpoint(agent, identity, authorizer, epid=EPID, **keys)
        self.heard: list[Noticed] = []
        self.endpoint.on_noticed.append(self.heard.append)

    def _agent(self, host: str) -> UserAgent:
        agent = UserAgent(self.clock, self.network, listen_at(host, 5060), Identifiers(Random(host).randbytes))
        agent.start()
        return agent

    def do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        promise = self.stage.perform(coroutine)
        self.clock.advance(1.0)
        assert promise.done
        return promise.result()

    def bound(self, *more: tuple[str, str], expires: int = 7200) -> None:
        """Have the server say in its next answer that the endpoint is bound."""
        instance = self.endpoint.instance.lower()
        contact = f'<sip:192.0.2.5:40001;transport=tcp>;expires={expires};+sip.instance="<{instance}>";gruu="sip:g"'
        self.server.answers.append((200, [("Contact", contact), ("Expires", str(expires)), *more]))

    def tell(self, body: bytes, method: str = "NOTIFY", **changes: str | None) -> Sent:
        """Have the server send a notice, over the connection that the endpoint made."""
        endpoint = self.endpoint
        headers: dict[str, str | None] = {
            "Max-Forwards": "70",
            "From": f"<{ALICE}>;tag=8A1",
            "To": f"<{ALICE}>;tag={endpoint.tag};epid={EPID}",
            "Call-ID": endpoint.call_id,
            "CSeq": f"1 {method}",
            "Event": "registration-notify",
            "subscription-state": "terminated;expires=0",
            "ms-diagnostics-public": '4141;reason="User disabled"',
            "Content-Type": "text/registration-event",
        }
        headers |= {name.replace("_", "-"): value for name, value in changes.items()}
        fields = [(name, value) for name, value in headers.items() if value is not None]
        request = make_request(method, "sip:192.0.2.5:40001", fields, body)
        sent = self.server.agent.request(request, NextHop("192.0.2.5", 5060, "tcp", flow=self.server.flow))
        self.clock.advance(1.0)
        return sent


def status_of(sent: Sent) -> int | None:
    reply = sent.promise.result() if sent.promise.done else None
    return reply.status if isinstance(reply, Response) else None


def registered(**keys: Any) -> Around:
    around = Around(**keys)
    around.bound()
    around.do(around.endpoint.register())
    assert around.endpoint.state is EndpointState.REGISTERED
    return around


@pytest.mark.clause("MS-SIPREGE §4.1")
def test_the_first_register_is_the_published_one() -> None:
    around = registered()
    (request,) = around.server.requests
    endpoint = around.endpoint

    assert [(name, value) for name, value in request.headers if name != "Allow-Events"] == [
        ("Via", "SIP/2.0/TCP 192.0.2.5:5060"),
        ("Max-Forwards", "70"),
        ("From", f"<{ALICE}>;tag={endpoint.tag};epid={EPID}"),
        ("To", f"<{ALICE}>"),
        ("Call-ID", endpoint.call_id),
        ("CSeq", "1 REGISTER"),
        ("Contact", endpoint.contact),
        ("User-Agent", "UCCP/2.0.6362.0 OC/2.0.6362.0 (Microsoft Office Communicator)"),
        ("Supported", "gruu-10, adhoclist, msrtc-event-categories"),
        ("ms-keep-alive", "UAC;hop-hop=yes"),
        ("Event", "registration"),
        ("Content-Length", "0"),
    ]
    assert '+sip.instance="<urn:uuid:B43B3D1D-9F8F-5FDC-9F74-3CA273CADB97>"' in endpoint.contact
    assert (endpoint.bound_uri, endpoint.gruu) == ("sip:192.0.2.5:40001;transport=tcp", "sip:g")


def test_a_200_that_does_not_list_it_says_that_it_is_gone() -> None:
    around = registered()

    around.do(around.endpoint.register(0))

    assert around.endpoint.state is EndpointState.UNREGISTERED
    assert around.endpoint.registered_until is around.endpoint.bound_uri is None
    assert around.server.requests[-1].get("expires") == "0"


def test_presence_state_says_that_user_services_are_away() -> None:
    around = Around(survivable=True)
    around.bound(("Presence-State", 'register-action="added";user-services-state=unavailable'))

    around.do(around.endpoint.register())

    assert around.endpoint.state is EndpointState.SURVIVABLE
    assert "ms-userservices-state-notification" in (around.server.requests[0].get("supported") or "")


@pytest.mark.clause("MS-SIPREGE §3.2", "MS-SIPREGE §2.2.1.13")
@pytest.mark.parametrize(
    ("body", "state"),
    [
        (b"deregistered;event=rejected", EndpointState.SIGNED_OUT),
        (b"  Deregistered; event=REJECTED\r\n", EndpointState.SIGNED_OUT),
        (b"registered;event=userservices-unavailable", EndpointState.SURVIVABLE),
        (b"deregistered;event=never-heard-of", EndpointState.REGISTERED),
        (b"registered;event=rejected", EndpointState.REGISTERED),
    ],
)
def test_a_notice_is_answered_and_done_as_it_says(body: bytes, state: EndpointState) -> None:
    around = registered()

    sent = around.tell(body)

    assert status_of(sent) == 200
    assert around.endpoint.state is state
    (noticed,) = around.heard
    assert noticed.diagnostics is not None
    assert (noticed.diagnostics.error_id, noticed.diagnostics.reason) == (4141, "User disabled")
    assert (noticed.signed, around.endpoint.why) == (False, noticed)


def test_a_benotify_gets_no_answer_and_is_done_all_the_same() -> None:
    around = registered()

    before = len(around.network.packets)
    sent = around.tell(b"deregistered;event=unregistered", "BENOTIFY")
    around.clock.advance(30.0)

    assert status_of(sent) is None
    assert len(around.network.packets) == before + 1
    assert len(around.endpoint.agent.layer.servers) == 0
    assert around.endpoint.state is EndpointState.SIGNED_OUT
    assert around.heard[0].said.event == "unregistered"


def test_a_benotify_of_something_else_is_only_heard() -> None:
    around = registered()
    received: list[str] = []
    around.endpoint.on_received.append(lambda request: received.append(request.method))

    around.tell(b"", "BENOTIFY", Event="presence", Content_Type=None)

    assert received == ["BENOTIFY"]
    assert around.heard == []


@pytest.mark.parametrize(
    "written", ["sip:pool2.fabrikam.test", "<sip:pool2.fabrikam.test>", " <sip:pool2.fabrikam.test> "]
)
def test_the_preferred_registrar_is_kept(written: str) -> None:
    around = registered()

    around.tell(b"deregistered;event=preferred-registrar-change", P_Preferred_Registrar=written)

    assert around.endpoint.preferred_registrar == "sip:pool2.fabrikam.test"


@pytest.mark.parametrize(
    ("body", "changes", "status"),
    [
        (b"nothing of the kind", {}, 400),
        (b"deregistered;event=rejected", {"Content_Type": "text/plain"}, 415),
        (b"deregistered;event=rejected", {"Content_Type": None}, 415),
        (b"deregistered;event=rejected", {"subscription_state": None}, 400),
        (b"deregistered;event=rejected", {"Call_ID": "another"}, 481),
        (b"deregistered;event=rejected", {"To": f"<{ALICE}>;tag=another;epid={EPID}"}, 481),
        (b"deregistered;event=rejected", {"To": f"<{ALICE}>"}, 481),
        (b"deregistered;event=rejected", {"Event": "reg"}, 481),
    ],
)
def test_a_notice_of_somebody_else_or_of_nothing_is_refused(
    body: bytes, changes: dict[str, str | None], status: int
) -> None:
    around = registered()

    assert status_of(around.tell(body, **changes)) == status
    assert around.endpoint.state is EndpointState.REGISTERED
    assert around.heard == []


def test_a_notice_with_another_epid_is_refused() -> None:
    around = registered()

    sent = around.tell(b"deregistered;event=rejected", To=f"<{ALICE}>;tag={around.endpoint.tag};epid=8248ca9ebb")

    assert status_of(sent) == 481


def test_diagnostics_that_cannot_be_read_are_none() -> None:
    around = registered()

    around.tell(b"deregistered;event=rejected", ms_diagnostics_public="soon")

    assert around.heard[0].diagnostics is None


@pytest.mark.clause("MS-CONMGMT §2.2.1")
@pytest.mark.parametrize(
    ("agreed", "first"),
    [("UAS; tcp=no; hop-hop=yes; end-end=no; timeout=300", 270.0), ("uas;hop-hop=yes;timeout=40", 20.0)],
)
def test_the_connection_is_kept_alive_in_time(agreed: str, first: float) -> None:
    around = Around(keeps_alive=True)
    around.bound(("ms-keep-alive", agreed))
    around.do(around.endpoint.register())

    def pings() -> int:
        return sum(packet.data == b"\r\n\r\n" for packet in around.network.packets)

    around.clock.advance(first - 2.0)
    assert pings() == 0
    around.clock.advance(2.0)
    assert pings() == 1
    around.clock.advance(5 * first)
    assert pings() == 6


def test_a_server_that_wants_no_silence_at_all_gets_a_keep_alive_a_second() -> None:
    around = Around(keeps_alive=True)
    around.bound(("ms-keep-alive", "UAS;hop-hop=yes;timeout=0"))

    around.do(around.endpoint.register())
    around.clock.advance(10.0)

    assert 10 <= sum(packet.data == b"\r\n\r\n" for packet in around.network.packets) <= 11


@pytest.mark.parametrize(
    "agreed",
    [
        None,
        "UAC;hop-hop=yes;timeout=40",
        "UAS;hop-hop=no;timeout=40",
        "UAS;hop-hop=yes",
        "UAS;hop-hop=yes;timeout=x",
        ";;",
    ],
)
def test_nothing_is_kept_alive_where_nothing_is_agreed_on(agreed: str | None) -> None:
    around = Around(keeps_alive=True)
    around.bound(*([("ms-keep-alive", agreed)] if agreed is not None else []))

    around.do(around.endpoint.register())
    around.clock.advance(1000.0)

    assert not any(packet.data == b"\r\n\r\n" for packet in around.network.packets)


def challenge(**params: str) -> tuple[int, list[tuple[str, str]]]:
    more = "".join(f', {name.replace("_", "-")}="{value}"' for name, value in params.items())
    return 401, [("WWW-Authenticate", f"NTLM {REALM}, version=4{more}")]


@pytest.mark.clause("MS-SIPAE §3.2")
def test_the_handshake_ends_in_signatures_that_the_server_can_check() -> None:
    from base64 import b64decode, b64encode

    around = Around()
    sealed = ntlm.challenge_message(CHALLENGE, TARGET)
    around.server.answers += [challenge(), challenge(gssapi_data=b64encode(sealed).decode(), opaque="99052D67")]
    around.bound()

    exchange = around.do(around.endpoint.register())

    first, second, third = around.server.requests
    assert "authorization" not in first
    assert second.get("authorization") == f'NTLM qop="auth", {REALM}, gssapi-data="", version=4'
    credentials = third.authorization[0]
    authenticate = ntlm.read_authenticate(b64decode(credentials.params["gssapi-data"]))
    assert (authenticate.user, authenticate.domain) == ("alice", "FABRIKAM")
    keys = ntlm.accept(sealed, authenticate, ntlm.nt_hash("secret"))
    assert keys is not None
    realm = ("SIP Communications Service", "ocs.fabrikam.test")
    text = signature_text("NTLM", 4, credentials.params["crand"], "1", *realm, third)
    assert keys.verify("client", text, bytes.fromhex(credentials.params["response"]))

    answer = exchange.final
    assert isinstance(answer, Response)
    assert not around.endpoint.proves(answer)
    signature = keys.sign("server", signature_text("NTLM", 4, "168CE345", "1", *realm, answer)).hex()
    answer.add("Authentication-Info", f'NTLM rspauth="{signature}", srand="168CE345", snum="1", opaque="99052D67"')
    assert around.endpoint.proves(answer)
    answer.set("Expires", "1")
    assert not around.endpoint.proves(answer)


@pytest.mark.parametrize("token", ["!", "AAAA", "TlRMTVNTUAADAAAA", "A" * 20_000])
def test_a_challenge_that_is_none_is_not_answered(token: str) -> None:
    around = Around()
    around.server.answers += [challenge(), challenge(gssapi_data=token, opaque="1")]

    exchange = around.do(around.endpoint.register())

    assert exchange.status == 401
    assert len(around.server.requests) == 2
    assert around.endpoint.state is EndpointState.UNREGISTERED


def test_a_server_that_always_challenges_is_left_alone() -> None:
    around = Around()
    around.server.answers += [challenge()] * 10

    exchange = around.do(around.endpoint.register())

    assert exchange.status == 401
    assert len(around.server.requests) == 2


def test_digest_is_answered_by_an_endpoint_without_ntlm() -> None:
    around = Around(auth="digest")
    around.server.answers.append((401, [("WWW-Authenticate", 'Digest realm="fabrikam.test", nonce="1", qop="auth"')]))
    around.bound()

    around.do(around.endpoint.register())

    assert (around.server.requests[1].get("authorization") or "").startswith('Digest username="alice"')
    assert around.endpoint.state is EndpointState.REGISTERED


def test_an_initial_register_has_another_call_id_and_tag() -> None:
    around = registered()
    before = (around.endpoint.call_id, around.endpoint.tag)

    around.endpoint.begin_anew()

    assert around.endpoint.call_id != before[0]
    assert around.endpoint.tag != before[1]
    assert (len(around.endpoint.call_id), len(around.endpoint.tag)) == (32, 10)


@pytest.mark.clause("MS-SIPRE §3.2.4.1")
def test_every_request_says_which_endpoint_it_is_of() -> None:
    around = registered()

    around.do(around.endpoint.subscribe())
    around.do(around.endpoint.send("MESSAGE", "sip:bob@fabrikam.test"))

    assert [request.method for request in around.server.requests] == ["REGISTER", "SUBSCRIBE", "MESSAGE"]
    assert [request.from_.parameter("epid") for request in around.server.requests] == 3 * [EPID]
