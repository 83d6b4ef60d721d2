"""`scscf ue --endpoint`: sessions beside a whole registrar of Microsoft's in memory, and the command line."""

import json
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from scscf.cli.endpoint_printing import EndpointJson, EndpointText
from scscf.cli.endpoint_session import REACTIONS, EndpointSession, Logon, Reaction, make_logon
from scscf.cli.ue import EndpointWishes, Wishes
from scscf.identifiers import Identifiers
from scscf.procedures.deregister import Scope, deregister
from scscf.procedures.user_services import set_user_services
from scscf.regevent.registration_notify import NOTICES, notice
from scscf.rules.model import RuleKeys
from scscf.sip.outbox import NextHop
from scscf.ue.authorization import Password
from scscf.ue.user_agent import UserAgent, listen_at
from tests.cli.server import Command, Server
from tests.patience import PATIENCE
from tests.world import World

ALICE = "sip:alice@fabrikam.test"
EPID = "492a7ce35f"
INSTANCE = "urn:uuid:B43B3D1D-9F8F-5FDC-9F74-3CA273CADB97"
GRUU = "sip:alice@fabrikam.test;opaque=user:epid:HT07tI-f3F-fdDyic8rblwAA;gruu"
CONFIG: dict[str, object] = {"domains": [{"name": "fabrikam.test", "dialect": "siprege"}]}
SUBSCRIBERS = """
subscriptions:
  - private_identities: [{id: alice@fabrikam.test, auth: {scheme: ntlm, password: sesame-17, domain: FABRIKAM}}]
    implicit_sets: [["sip:alice@fabrikam.test"]]
  - private_identities: [{id: bob@fabrikam.test, auth: {scheme: digest, password: secret, username: bob}}]
    implicit_sets: [["sip:bob@fabrikam.test"]]
"""
WISHES = Wishes(
    ALICE,
    "fabrikam.test",
    "alice",
    NextHop("127.0.0.1", 5060, "tcp"),
    expires=None,
    subscribe=False,
    hold=True,
    answer_notify="200",
    named=False,
    secret=Logon("alice", "FABRIKAM", "sesame-17"),
    endpoint=EndpointWishes(EPID, survivable=False),
)


class Stage:
    """A session in a world."""

    def __init__(self, *, as_json: bool = False, config: dict[str, object] | None = None, **wishes: Any) -> None:
        self.world = World(CONFIG | (config or {}), SUBSCRIBERS)
        self.agent = UserAgent(
            self.world.clock, self.world.network, listen_at("192.0.2.5", 5060), Identifiers(Random(3).randbytes)
        )
        self.agent.start()
        printing = EndpointJson() if as_json else EndpointText()
        self.session = EndpointSession(self.agent, WISHES._replace(**wishes), printing)

    def rule(self, do: object, name: str = "r", **keys: object) -> None:
        self.world.scscf.rules.set(name, RuleKeys.model_validate({"do": do, **keys}))

    def begin(self, seconds: float = 1.0) -> "Stage":
        self.session.begin()
        self.run(seconds)
        return self

    def run(self, seconds: float) -> None:
        self.world.run(seconds)
        assert self.agent.shell.bugs == 0

    def tell(self, event: str, **more: Any) -> None:
        """Have the registrar end the endpoint with an event of Microsoft's."""
        what = deregister(self.world.node, Scope(aor=ALICE), NOTICES[event].event, notice=notice(event, **more))
        self.world.perform(what)
        self.run(1.0)

    def end(self) -> int:
        """Tell it to end and return the exit code."""
        self.session.end()
        self.run(1.0)
        return self.session.finished.result()

    @property
    def is_registered(self) -> bool:
        return any(record.contacts(ALICE) for record in self.world.node.store.records())


@pytest.mark.clause("MS-SIPREGE §3.1", "MS-SIPREGE §3.2", "MS-SIPAE §3.2")
def test_an_endpoint_registers_by_ntlm_shows_why_it_is_over_and_stays_away(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage().begin()
    assert stage.is_registered
    stage.tell("rejected")
    stage.run(10_000)
    assert not stage.is_registered
    assert stage.end() == 0

    contact = next(line for line in capsys.readouterr().out.splitlines() if "registered for" in line)
    assert contact.startswith("  registered for 7200 s at sip:192.0.2.5:40001;transport=tcp;ms-opaque=")


def test_what_it_prints_is_lines_and_a_row(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage().begin()
    stage.tell("rejected")
    stage.end()

    lines = capsys.readouterr().out.splitlines()
    del lines[1]
    assert lines == [
        "REGISTER sip:fabrikam.test  401 Unauthorized, 401 Unauthorized, 200 OK",
        f"  endpoint       {EPID}, {INSTANCE}",
        f"  gruu           {GRUU}",
        "  signed         yes",
        "NOTIFY  terminated;expires=0",
        "REGISTRATION  EVENT     ERROR ID  REASON         PREFERRED REGISTRAR  SIGNED",
        "deregistered  rejected  4141      User disabled                       yes",
        "now signed out",
    ]


def test_without_hold_it_registers_and_leaves(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage(hold=False).begin(2.0)

    assert stage.session.finished.result() == 0
    assert capsys.readouterr().out.splitlines()[-1] == "REGISTER sip:fabrikam.test with Expires 0  200 OK"
    assert not stage.is_registered


def test_as_json_it_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage(as_json=True).begin()
    stage.tell("preferred-registrar-change", error_id=4167, preferred_registrar="sip:127.0.0.1:5060")
    stage.end()

    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    kinds = [row["event"] for row in rows]
    assert kinds == ["register", "notice", "state", "register", "state", "register", "end"]
    assert rows[0]["statuses"] == [401, 401, 200]
    assert (rows[0]["epid"], rows[0]["gruu"], rows[0]["signed"]) == (EPID, GRUU, True)
    assert rows[1]["subscription"]["state"] == "terminated"
    told = {"registration": "deregistered", "told": "preferred-registrar-change", "error_id": 4167, "signed": True}
    assert rows[1].items() >= (told | {"preferred_registrar": "sip:127.0.0.1:5060", "findings": []}).items()
    assert [row["state"] for row in rows if row["event"] == "state"] == ["signed out", "registered"]
    assert rows[-1]["code"] == 0


def test_a_password_alone_is_digest(capsys: pytest.CaptureFixture[str]) -> None:
    bob = "sip:bob@fabrikam.test"
    stage = Stage(aor=bob, private_identity="bob", secret=Password("secret"), hold=False).begin(2.0)

    assert stage.session.finished.result() == 0
    out = capsys.readouterr().out
    assert out.startswith("REGISTER sip:fabrikam.test  401 Unauthorized, 200 OK\n")
    assert "signed" not in out


def test_an_epid_is_made_where_none_is_given() -> None:
    stage = Stage(endpoint=EndpointWishes(None, survivable=False)).begin()
    assert len(stage.session.endpoint.epid) == 10
    assert stage.is_registered


def test_the_reactions_are_total_over_what_an_endpoint_can_be_told() -> None:
    assert set(REACTIONS) == {(False, event) for event in NOTICES} | {(True, "userservices-unavailable")}
    assert set(REACTIONS.values()) == set(Reaction)


@pytest.mark.clause("MS-SIPREGE §3.2")
@pytest.mark.parametrize(
    ("event", "more", "at_once", "in_a_minute"),
    [
        ("unregistered", {}, False, False),
        ("rejected", {}, False, False),
        ("deactivated", {}, True, True),
        ("userservices-unavailable", {}, False, True),
        ("preferred-registrar-change", {"preferred_registrar": "sip:127.0.0.1:5060"}, True, True),
        ("preferred-registrar-change", {"preferred_registrar": "sips:127.0.0.1"}, False, False),
        ("preferred-registrar-change", {"preferred_registrar": "rubbish"}, False, False),
    ],
)
def test_it_comes_back_as_it_was_told(event: str, more: dict[str, str], at_once: bool, in_a_minute: bool) -> None:
    stage = Stage().begin()
    stage.tell(event, **more)
    assert stage.is_registered is at_once
    stage.run(60.0)
    assert stage.is_registered is in_a_minute
    assert stage.end() == 0
    assert not stage.is_registered


@pytest.mark.clause("MS-SIPREGE §3.5")
def test_one_that_survives_stays_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage(endpoint=EndpointWishes(EPID, survivable=True)).begin()
    stage.world.perform(set_user_services(stage.world.node, Scope(aor=ALICE), False))
    stage.run(1.0)
    assert stage.is_registered
    assert stage.end() == 0

    out = capsys.readouterr().out
    assert "registered    userservices-unavailable  4165" in out
    assert "now survivable\n" in out


def test_one_that_does_not_survive_hears_why_it_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage()
    stage.world.perform(set_user_services(stage.world.node, Scope(aor=ALICE), False))
    stage.begin()

    assert stage.session.finished.result() == 1
    said = capsys.readouterr().err
    assert said.startswith("scscf: not registered: 503 Service Unavailable; ms-diagnostics 4165;reason=")


@pytest.mark.clause("MS-CONMGMT §2.2.1")
def test_it_refreshes_before_the_end_and_keeps_its_connection_alive() -> None:
    stage = Stage(config={"siprege": {"keep_alive": 100}}).begin()
    stage.run(20_000)
    assert stage.is_registered
    ports = {packet.source for packet in stage.world.network.packets if packet.data.startswith(b"REGISTER")}
    assert len(ports) == 1
    assert stage.end() == 0


def test_a_refusal_later_is_tried_again_where_it_may_pass() -> None:
    stage = Stage(expires=120).begin()
    stage.rule({"answer": {"status": 503}}, match={"method": "REGISTER"})
    stage.run(100.0)
    stage.world.scscf.rules.clear()
    stage.run(61.0)
    assert stage.is_registered
    assert stage.end() == 0


@pytest.mark.clause("MS-SIPAE §3.2")
@pytest.mark.parametrize("method", ["REGISTER", "NOTIFY"])
def test_what_is_not_signed_rightly_is_said_and_is_exit_code_1(method: str, capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage()
    edit = [{"remove": "Authentication-Info"}]
    stage.rule({"edit": edit}, match={"method": method, "direction": "out"})
    stage.begin()
    stage.tell("unregistered")

    assert stage.end() == 1
    what = "The 200 to a REGISTER" if method == "REGISTER" else "A NOTIFY"
    assert f"  wrong: signature-wrong (MS-SIPAE §3.2): {what} has no signature" in capsys.readouterr().out


def test_an_event_that_there_is_not_changes_nothing_and_is_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage()
    edit = [{"replace": "event=rejected", "with": "event=confused", "in": "body"}]
    stage.rule({"edit": edit}, match={"method": "NOTIFY", "message": "request"})
    stage.begin()
    stage.tell("rejected")

    assert stage.end() == 1
    assert "  wrong: endpoint-notice-body (MS-SIPREGE §2.2.1.13): " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (
            {"secret": Logon("alice", "FABRIKAM", "wrong")},
            "it does not take these credentials (--ntlm-user, --impi, --password)",
        ),
        ({"secret": None}, r"it asks for NTLM: add --ntlm-user DOMAIN\user and --password"),
    ],
)
def test_who_is_not_let_in_hears_what_to_add(
    wishes: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = Stage(**wishes).begin(5.0)

    assert stage.session.finished.result() == 1
    assert capsys.readouterr().err == f"scscf: not registered: 401 Unauthorized; {said}\n"


@pytest.mark.parametrize("as_json", [True, False])
def test_nobody_there_is_exit_code_3(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    stage = Stage(as_json=as_json, next_hop=NextHop("192.0.2.99", 5060, "tcp")).begin(40)

    assert stage.session.finished.result() == 3
    said = capsys.readouterr()
    assert "tcp://192.0.2.99:5060" in (said.out if as_json else said.err)


@pytest.mark.parametrize("answer", ["481", "none"])
def test_notices_are_answered_as_wanted(answer: str) -> None:
    stage = Stage(answer_notify=answer).begin()
    stage.tell("rejected")

    sent = [packet.data for packet in stage.world.network.packets if b"CSeq: 1 NOTIFY" in packet.data]
    answers = {data[:11] for data in sent if data.startswith(b"SIP/2.0")}
    assert answers == ({b"SIP/2.0 481"} if answer == "481" else set())


def test_told_twice_to_end_it_waits_for_nobody() -> None:
    stage = Stage().begin()
    stage.rule("drop", match={"method": "REGISTER", "direction": "in", "message": "request"})
    stage.session.end()
    stage.run(1.0)
    assert not stage.session.finished.done
    stage.session.end()
    assert stage.session.finished.result() == 0


def test_told_to_end_while_it_registers_it_leaves_after_the_answer() -> None:
    stage = Stage()
    stage.session.begin()
    assert stage.end() == 0
    assert not stage.is_registered


def test_nothing_secret_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (True, False):
        stage = Stage(as_json=as_json).begin()
        stage.tell("deactivated")
        stage.end()
    said = capsys.readouterr()

    assert "sesame-17" not in said.out + said.err + repr(WISHES)
    assert "gssapi" not in said.out


@pytest.mark.parametrize(
    ("text", "user", "domain"), [("FABRIKAM\\alice", "alice", "FABRIKAM"), ("alice", "alice", ""), ("\\a", "a", "")]
)
def test_a_logon_name_has_a_domain_or_none(text: str, user: str, domain: str) -> None:
    logon = make_logon(text, "x")
    assert logon is not None
    assert (logon.user, logon.domain) == (user, domain)


@pytest.mark.parametrize("text", ["", "FABRIKAM\\", "a\\b\\c"])
def test_what_is_no_logon_name_is_none(text: str) -> None:
    assert make_logon(text, "x") is None


@pytest.fixture
def scscf(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--ntlm-user", "A\\b", "--password", "x"), "--ntlm-user and --survivable are an endpoint's: add --endpoint"),
        (("--survivable",), "--ntlm-user and --survivable are an endpoint's: add --endpoint"),
        (
            ("--endpoint", "--subscribe"),
            "--endpoint goes with none of --subscribe, --k and --opc: its REGISTER subscribes",
        ),
        (
            ("--endpoint", "a;b"),
            "--endpoint a;b: an epid has at most 64 letters and digits; --endpoint comes after the AOR",
        ),
        (("--endpoint", "--ntlm-user", "A\\b"), "--ntlm-user needs --password (better: SCSCF_PASSWORD)"),
        (("--endpoint", "--ntlm-user", "A\\", "--password", "x"), "--ntlm-user A\\: must be DOMAIN\\user"),
    ],
)
def test_wrong_usage_is_exit_code_2_and_one_line(scscf: Command, arguments: tuple[str, ...], said: str) -> None:
    assert scscf("ue", ALICE, *arguments) == (2, "", f"scscf: {said}\n")


def test_on_sockets_an_endpoint_registers_and_is_rejected(tmp_path: Path, scscf: Command) -> None:
    (tmp_path / "users.yaml").write_text(SUBSCRIBERS)
    (tmp_path / "lab.yaml").write_text("domains: [{name: fabrikam.test, dialect: siprege}]\nsubscribers: users.yaml\n")
    server = Server(tmp_path, "--config", "lab.yaml", "--listen", "tcp://127.0.0.1:0", "--api", "http://127.0.0.1:0")
    try:
        ue = subprocess.Popen(
            (*Server.COMMAND, "ue", ALICE, "--endpoint", "--ntlm-user", "FABRIKAM\\alice", "--hold"),
            stdout=subprocess.PIPE,
            text=True,
            env=Server.environment(SCSCF_PASSWORD="sesame-17", SCSCF_PROXY=server.listeners[0]),
        )
        assert ue.stdout is not None
        said = [ue.stdout.readline()]
        while said[-1] and "signed  " not in said[-1]:
            said.append(ue.stdout.readline())
        code, out, _ = scscf(
            *("deregister", "--aor", ALICE, "--event", "rejected", "--error-id", "4141", "--reason", "Bob left"),
            *("--wait", "60", "--api", server.api),
        )
        assert code == 0
        assert "  200  " in out
        while said[-1] and "signed out" not in said[-1]:
            said.append(ue.stdout.readline())
        ue.terminate()
        assert ue.wait(PATIENCE) == 0
        ue.stdout.close()
    finally:
        server.stop()

    assert said[-2].split() == ["deregistered", "rejected", "4141", "Bob", "left", "yes"]
