"""UEs behind a simulated P-CSCF, beside a whole S-CSCF that trusts it."""

from random import Random

import pytest

from scscf.identifiers import Identifiers
from scscf.net.shell import Shell
from scscf.procedures.deregister import Scope, deregister
from scscf.registration.registration import Event
from scscf.sip.message import Request, Response
from scscf.sip.outbox import NextHop
from scscf.ue.answers import AnswerRule
from scscf.ue.authorization import Authorizer, Password, Secret
from scscf.ue.autonomous.states import RegistrationState
from scscf.ue.autonomous.ue import AutonomousUe
from scscf.ue.identity import Identity
from scscf.ue.pcscf import Pcscf
from scscf.ue.pcscf_headers import hide_keys, protect
from scscf.ue.ue import Ue
from scscf.ue.user_agent import UserAgent, listen_at
from scscf.ue.watch import WatchState
from tests.system.test_sec_agree import CLIENT as SECURITY_CLIENT
from tests.ue.test_ue import AKA
from tests.usim import Usim
from tests.world import SUBSCRIBERS, World

TOBIAS = "sip:tobias@home1.test"


class Behind:
    """A world with a P-CSCF at 127.0.0.4:5060, which is trusted."""

    def __init__(self, subscribers: str = SUBSCRIBERS) -> None:
        self.world = World(subscribers=subscribers)
        self.shell = Shell(self.world.clock)
        self.passed: list[tuple[str, Request | Response]] = []
        self.agents: list[UserAgent] = []
        self.pcscf = Pcscf(self.agent("127.0.0.4"), "visited.test", NextHop("127.0.0.1", 5060, "udp"))
        self.pcscf.observers.append(lambda direction, message: self.passed.append((direction, message)))

    def agent(self, host: str) -> UserAgent:
        agent = UserAgent(
            self.world.clock, self.world.network, listen_at(host, 5060), Identifiers(Random(host).randbytes)
        )
        agent.start()
        self.agents.append(agent)
        return agent

    def ue(self, user: str, impi: str, secret: Secret, host: str = "192.0.2.5", transport: str = "udp") -> Ue:
        identity = Identity(f"sip:{user}@home1.test", impi, "home1.test", NextHop("127.0.0.4", 5060, transport))
        ue = Ue(self.agent(host), identity, Authorizer(impi, "home1.test", secret, "0a4f113b"))
        ue.contact = f"<sip:{user}@{host}:5060;transport={transport}>"
        return ue

    def phone(self, host: str = "192.0.2.5", transport: str = "udp") -> Ue:
        return self.ue("tobias", "phone@home1.test", Password("secret"), host, transport)

    def do(self, coroutine: object, seconds: float = 1.0) -> object:
        promise = self.shell.perform(coroutine)  # type: ignore[arg-type]
        self.world.run(seconds)
        assert promise.done
        assert all(agent.shell.bugs == 0 for agent in self.agents)
        return promise.result()

    def requests(self, method: str, direction: str = "up") -> list[Request]:
        return [
            message
            for way, message in self.passed
            if way == direction and isinstance(message, Request) and message.method == method
        ]


@pytest.mark.clause("TS 24.229 §5.2.2", "RFC 3327 §5.2")
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_ue_registers_through_it(transport: str) -> None:
    behind = Behind()
    phone = behind.phone(transport=transport)

    assert behind.do(phone.register(3600)).status == 200  # type: ignore[attr-defined]
    first, second = behind.requests("REGISTER")
    token = next(iter(behind.pcscf.phones._by_token))
    assert first.values("path") == [f"<sip:{token}@127.0.0.4:5060;lr>"] == second.values("path")
    assert first.get("require") == "path"
    assert first.get("p-visited-network-id") == '"visited.test"'
    assert 'orig-ioi="visited.test"' in (first.get("p-charging-vector") or "")
    assert first.max_forwards == 69
    assert phone.service_route == ("<sip:orig@127.0.0.1:5060;lr>",)
    assert phone.associated[0] == TOBIAS


@pytest.mark.clause("TS 24.229 §7.2A.2")
def test_it_says_that_a_ue_is_protected_once_it_is_registered() -> None:
    behind = Behind()
    phone = behind.phone()
    behind.do(phone.register())
    behind.do(phone.register())

    said = [
        (each.get("authorization") or "").rpartition("integrity-protected=")[2] for each in behind.requests("REGISTER")
    ]
    assert said == ['"no"', '"no"', '"yes"']


@pytest.mark.clause("TS 24.229 §5.2.2", "RFC 3329 §2.3.1")
def test_aka_and_a_security_agreement_end_at_it() -> None:
    behind = Behind(AKA)
    phone = behind.ue("ida", "ida@home1.test", Usim())
    phone.security_client = SECURITY_CLIENT

    assert behind.do(phone.register()).status == 200  # type: ignore[attr-defined]
    for request in behind.requests("REGISTER"):
        assert "security-client" not in request
        assert "sec-agree" not in (request.get("require") or "") + (request.get("proxy-require") or "")


@pytest.mark.clause("TS 24.229 §5.2.2")
def test_ck_and_ik_stay_with_it_and_what_a_ue_says_of_its_protection_is_not_believed() -> None:
    challenge = Response(401, "Unauthorized", [("WWW-Authenticate", 'Digest ck="0a", nonce="b", ik="0c", qop="auth"')])
    hide_keys(challenge)
    assert challenge.get("www-authenticate") == 'Digest nonce="b", qop="auth"'

    headers = [("Authorization", 'Digest integrity-protected="yes", username="a"')]
    for value, said in (("no", 'Digest username="a", integrity-protected="no"'), (None, 'Digest username="a"')):
        request = Request("REGISTER", "sip:home1.test", list(headers))
        protect(request, value)
        assert request.get("authorization") == said


@pytest.mark.clause("TS 24.229 §5.2.6", "RFC 3325 §5")
def test_a_ue_subscribes_as_whom_its_p_cscf_says_it_is_and_is_notified_through_it() -> None:
    behind = Behind()
    phone = behind.phone()
    behind.do(phone.register())
    forged = {"P-Asserted-Identity": "<sip:carol@home1.test>", "P-Preferred-Identity": "<sip:gameMaster@home1.test>"}
    watch, exchange = behind.do(phone.subscribe(headers=forged))  # type: ignore[misc]

    (subscribe,) = behind.requests("SUBSCRIBE")
    assert subscribe.values("p-asserted-identity") == ["<sip:gameMaster@home1.test>"]
    assert "p-preferred-identity" not in subscribe
    assert subscribe.values("route") == ["<sip:orig@127.0.0.1:5060;lr>"]
    assert subscribe.values("record-route")[0].endswith("@127.0.0.4:5060;lr>")
    assert exchange.status == 200
    assert watch.state is WatchState.ACTIVE
    assert len(behind.requests("NOTIFY", "down")) == 1

    assert behind.do(phone.resubscribe(watch, 0)).status == 200  # type: ignore[attr-defined]
    assert watch.state is WatchState.TERMINATED
    assert len(behind.requests("NOTIFY", "down")) == 2


@pytest.mark.clause("TS 24.229 §5.2.6")
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_message_for_a_ue_comes_to_it_by_its_path(transport: str) -> None:
    behind = Behind()
    phone, carol = behind.phone(transport=transport), behind.ue("carol", "carol@home1.test", Password(""), "192.0.2.6")
    behind.do(phone.register())
    behind.do(carol.register())
    got: list[Request] = []
    phone.on_received.append(got.append)

    sent = behind.do(carol.send("MESSAGE", TOBIAS, {"Contact": None, "Content-Type": "text/plain"}, b"hello"))

    assert sent.status == 200  # type: ignore[attr-defined]
    assert [request.body for request in got] == [b"hello"]
    assert "p-charging-vector" not in got[0]
    assert got[0].vias[-1].host == "192.0.2.6"


@pytest.mark.parametrize("status", [200, 486])
def test_a_call_through_it_is_answered_and_a_2xx_is_acknowledged(status: int) -> None:
    behind = Behind()
    phone, carol = behind.phone(), behind.ue("carol", "carol@home1.test", Password(""), "192.0.2.6")
    behind.do(phone.register())
    behind.do(carol.register())
    phone.answers.add(AnswerRule("INVITE", status))

    assert behind.do(carol.send("INVITE", TOBIAS), 2).status == status  # type: ignore[attr-defined]
    behind.world.run(40)
    assert len(behind.requests("ACK", "down")) == (1 if status == 200 else 0)
    assert all(agent.layer.counters["requests never answered"] == 0 for agent in behind.agents)


def test_who_is_not_registered_and_whom_it_does_not_know() -> None:
    behind = Behind()
    phone = behind.phone()
    assert behind.do(phone.send("MESSAGE", TOBIAS)).status == 404  # type: ignore[attr-defined]
    behind.do(phone.register())
    behind.do(phone.register(0))
    assert behind.do(phone.send("MESSAGE", TOBIAS)).status == 403  # type: ignore[attr-defined]


def test_it_answers_504_in_place_of_a_silent_s_cscf() -> None:
    behind = Behind()
    behind.pcscf.next_hop = NextHop("192.0.2.99", 5060, "udp")
    phone = behind.phone()

    assert behind.do(phone.register(), 40).status in (504, None)  # type: ignore[attr-defined]


def test_a_ue_that_acts_by_itself_stays_registered_behind_it() -> None:
    behind = Behind()
    phone = AutonomousUe(behind.phone())
    phone.start()
    behind.world.run(1)
    promise = behind.world.perform(deregister(behind.world.node, Scope(aor=TOBIAS), Event.DEACTIVATED))
    behind.world.run(86_400)

    assert promise is not None
    assert phone.state is RegistrationState.REGISTERED
    assert phone.watching.watch is not None
    assert phone.watching.watch.state is WatchState.ACTIVE
    assert len(behind.pcscf.phones) == 1
