"""`scscf ue`: sessions beside a whole S-CSCF in memory, the command line, and one run on sockets."""

import json
import signal
import subprocess
from pathlib import Path
from random import Random
from typing import Any

import pytest

from scscf.cli.ue import Wishes
from scscf.cli.ue_printing import JsonPrinting, TextPrinting, emit, heard, say
from scscf.cli.ue_session import Session
from scscf.identifiers import Identifiers
from scscf.procedures.deregister import Scope, deregister
from scscf.registration.registration import Event
from scscf.rules.model import RuleKeys
from scscf.sip.outbox import NextHop
from scscf.ue.authorization import Password
from scscf.ue.user_agent import UserAgent, listen_at
from tests.cli.server import Command, Server
from tests.patience import PATIENCE
from tests.world import World

TOBIAS = "sip:tobias@home1.test"
WISHES = Wishes(
    TOBIAS,
    "home1.test",
    "phone@home1.test",
    NextHop("127.0.0.1", 5060, "udp"),
    expires=3600,
    subscribe=True,
    hold=False,
    answer_notify="200",
    named=True,
    secret=Password("secret"),
)


class Stage:
    """A session in a world."""

    def __init__(self, *, as_json: bool = False, **wishes: Any) -> None:
        self.world = World()
        self.agent = UserAgent(
            self.world.clock, self.world.network, listen_at("192.0.2.5", 5060), Identifiers(Random(3).randbytes)
        )
        self.agent.start()
        printing = JsonPrinting() if as_json else TextPrinting()
        self.session = Session(self.agent, WISHES._replace(**wishes), printing)

    def rule(self, do: object, **keys: object) -> None:
        self.world.scscf.rules.set("r", RuleKeys.model_validate({"do": do, **keys}))

    def run(self, seconds: float = 5.0) -> int:
        """Play it to its end and return the exit code."""
        self.session.begin()
        self.world.run(seconds)
        assert self.agent.shell.bugs == 0
        assert self.session.finished.done
        return self.session.finished.result()


def test_it_registers_shows_what_it_is_told_and_leaves(capsys: pytest.CaptureFixture[str]) -> None:
    assert Stage().run() == 0

    assert capsys.readouterr().out.splitlines() == [
        "REGISTER sip:home1.test  401 Unauthorized, 200 OK",
        "  registered for 3600 s at <sip:tobias@192.0.2.5:5060>",
        "  identities     sip:tobias@home1.test, tel:+44123456789, sip:gameMaster@home1.test",
        "  service route  <sip:orig@127.0.0.1:5060;lr>",
        "SUBSCRIBE sip:tobias@home1.test  200 OK",
        "NOTIFY  active;expires=600000, version 0, full",
        "AOR                        REGISTRATION  CONTACT                    STATE   EVENT       EXPIRES",
        "sip:tobias@home1.test      active        sip:tobias@192.0.2.5:5060  active  registered  3600 s",
        "tel:+44123456789           active        sip:tobias@192.0.2.5:5060  active  created     3600 s",
        "sip:gameMaster@home1.test  active        sip:tobias@192.0.2.5:5060  active  created     3600 s",
        "REGISTER sip:home1.test with Expires 0  200 OK",
        "NOTIFY  terminated;reason=noresource, version 1, full",
        "AOR                        REGISTRATION  CONTACT                    STATE       EVENT         EXPIRES",
        "sip:tobias@home1.test      terminated    sip:tobias@192.0.2.5:5060  terminated  unregistered  0 s",
        "tel:+44123456789           terminated    sip:tobias@192.0.2.5:5060  terminated  unregistered  0 s",
        "sip:gameMaster@home1.test  terminated    sip:tobias@192.0.2.5:5060  terminated  unregistered  0 s",
    ]


def test_as_json_it_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert Stage(as_json=True).run() == 0

    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["event"] for row in rows] == ["register", "subscribe", "notify", "register", "notify", "end"]
    assert rows[0]["statuses"] == [401, 200]
    assert rows[0]["granted"] == 3600
    assert rows[2]["document"]["registrations"][0]["contacts"][0]["event"] == "registered"
    assert rows[2]["subscription"]["state"] == "active"
    assert rows[4]["subscription"]["state"] == "terminated"
    assert rows[-1]["code"] == 0


def test_without_subscribe_it_registers_and_leaves(capsys: pytest.CaptureFixture[str]) -> None:
    assert Stage(subscribe=False).run() == 0

    assert "NOTIFY" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("secret", "status", "said"),
    [
        (None, 401, "it asks for a password: add --password, or set SCSCF_PASSWORD"),
        (Password("wrong"), 401, "it does not take these credentials (--impi, --password, --k, --opc)"),
    ],
)
def test_who_is_not_let_in_hears_what_to_add(
    capsys: pytest.CaptureFixture[str], secret: object, status: int, said: str
) -> None:
    assert Stage(secret=secret).run() == 1

    assert capsys.readouterr().err == f"scscf: not registered: {status} Unauthorized; {said}\n"


def test_a_usim_is_asked_for_where_the_network_wants_one(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage(secret=None)
    challenge = 'Digest realm="home1.test", nonce="AAAA", algorithm=AKAv1-MD5, qop="auth"'
    stage.rule({"answer": {"status": 401, "headers": {"WWW-Authenticate": challenge}}}, match={"method": "REGISTER"})

    assert stage.run() == 1
    assert capsys.readouterr().err.endswith("; it asks for AKA: add --k and --opc\n")


@pytest.mark.parametrize("status", [403, 404, 503])
def test_a_refusal_is_exit_code_1(capsys: pytest.CaptureFixture[str], status: int) -> None:
    stage = Stage(as_json=True)
    stage.rule({"answer": {"status": status}}, match={"method": "REGISTER"})

    assert stage.run() == 1
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["event"], row.get("status")) for row in rows if row["event"] == "refused"] == [("refused", status)]


@pytest.mark.parametrize("as_json", [True, False])
def test_nobody_there_is_exit_code_3(capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    assert Stage(as_json=as_json, next_hop=NextHop("192.0.2.99", 5060, "udp")).run(40) == 3

    said = capsys.readouterr()
    assert "udp://192.0.2.99:5060" in (said.out if as_json else said.err)


@pytest.mark.parametrize(("status", "seconds"), [(403, 5), (503, 5)])
def test_a_subscription_that_is_refused_is_exit_code_1(status: int, seconds: float) -> None:
    stage = Stage()
    stage.rule({"answer": {"status": status}}, match={"method": "SUBSCRIBE"})

    assert stage.run(seconds) == 1
    assert not any(record.contacts(TOBIAS) for record in stage.world.node.store.records())


def test_a_notify_that_never_comes_is_exit_code_1() -> None:
    stage = Stage()
    stage.rule("drop", match={"method": "NOTIFY", "message": "request"})

    assert stage.run(60) == 1


def test_what_is_wrong_in_a_notify_is_said_and_is_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage()
    edit = [{"replace": 'version="0"', "with": 'version="2"', "in": "body"}]
    stage.rule({"edit": edit}, match={"method": "NOTIFY", "message": "request"})

    assert stage.run() == 1
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("  wrong: ") and "RFC 3680" in line for line in lines)


def test_a_document_that_is_none_is_no_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage()
    edit = [{"replace": "<reginfo", "with": "<\\u001b[31mreginfo", "in": "body"}]
    stage.rule({"edit": edit}, match={"method": "NOTIFY", "message": "request"})

    assert stage.run() == 1
    assert "without a document that can be read" in capsys.readouterr().out


@pytest.mark.parametrize("answer", ["481", "none"])
def test_notifies_are_answered_as_wanted(answer: str) -> None:
    stage = Stage(answer_notify=answer)
    assert stage.run(60) == 0

    sent = [packet.data for packet in stage.world.network.packets if b"CSeq: 1 NOTIFY" in packet.data]
    answers = {data.split(b"\r\n")[0] for data in sent if data.startswith(b"SIP/2.0")} - {b"SIP/2.0 100 Trying"}
    assert answers == ({b"SIP/2.0 481 Call/Transaction Does Not Exist"} if answer == "481" else set())


def test_holding_it_heeds_what_the_network_says_until_it_is_told_to_end(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage(hold=True)
    stage.session.begin()
    stage.world.run(7200)
    stage.world.perform(deregister(stage.world.node, Scope(aor=TOBIAS), Event.DEACTIVATED))
    stage.world.run(5)
    assert not stage.session.finished.done
    stage.session.end()
    stage.world.run(5)

    assert stage.session.finished.result() == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("now ")][:2] == ["now refreshing", "now registered"]
    assert "now registering" in lines
    assert lines.count("REGISTER sip:home1.test  401 Unauthorized, 200 OK") >= 2
    assert not any(record.contacts(TOBIAS) for record in stage.world.node.store.records())


def test_told_twice_to_end_it_waits_for_nobody() -> None:
    stage = Stage(hold=True)
    stage.session.begin()
    stage.world.run(1)
    stage.rule("drop", match={"method": "REGISTER", "direction": "in", "message": "request"})
    stage.session.end()
    stage.world.run(1)
    assert not stage.session.finished.done
    stage.session.end()

    assert stage.session.finished.result() == 0


def test_where_nobody_reads_any_more_it_is_told_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard_signals: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: heard_signals.append(number))
    try:
        with (tmp_path / "out").open("w") as out:
            monkeypatch.setattr("sys.stdout", out)
            with heard():
                raise BrokenPipeError
            out.write("nobody hears this")
    finally:
        signal.signal(signal.SIGTERM, before)

    assert heard_signals == [signal.SIGTERM]
    assert (tmp_path / "out").read_text() == ""


def test_nothing_secret_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    for as_json in (True, False):
        Stage(as_json=as_json, secret=Password("sesame-17")).run()
    said = capsys.readouterr()

    assert "sesame-17" not in said.out + said.err + repr(WISHES._replace(secret=Password("sesame-17")))
    assert "Digest" not in said.out


@pytest.fixture
def scscf(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tobias",), "tobias: must be a SIP URI with a user: sip:alice@home1.test"),
        (("tel:+1555",), "tel:+1555: must be a SIP URI with a user: sip:alice@home1.test"),
        (("sip:a@b", "--k", "0" * 32), "--opc is missing: a USIM has both --k and --opc"),
        (("sip:a@b", "--k", "0" * 31 + "x", "--opc", "1"), "--k: must be 32 hexadecimal digits"),
        (("sip:a@b", "--opc", "0" * 32, "--password", "x"), "give --password or --k and --opc, not both"),
        (
            ("sip:a@b", "--proxy", "http://x"),
            "--proxy http://x: must be udp://HOST:PORT, tcp://HOST:PORT or a SIP URI",
        ),
        (("sip:a@b", "--proxy", "sips:x"), "--proxy sips:x: TLS is not spoken here: udp or tcp"),
        (
            ("sip:a@b", "--proxy", "sip:x;transport=sctp"),
            "--proxy sip:x;transport=sctp: TLS is not spoken here: udp or tcp",
        ),
    ],
)
def test_wrong_usage_is_exit_code_2_and_one_line(scscf: Command, arguments: tuple[str, ...], said: str) -> None:
    assert scscf("ue", *arguments) == (2, "", f"scscf: {said}\n")


def test_on_sockets_a_usim_registers_over_tcp(tmp_path: Path) -> None:
    server = Server(tmp_path, "--listen", "tcp://127.0.0.1:0", "--api", "http://127.0.0.1:0")
    try:
        done = subprocess.run(
            (*Server.COMMAND, "ue", "sip:001010000000001@home1.test", "--subscribe", "--proxy", server.listeners[0]),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
            env=Server.environment(
                SCSCF_K="465b5ce8b199b49faa5f0a2ee238a6bc", SCSCF_OPC="cd63cb71954a9f4e48a5994e37a02baf"
            ),
        )
    finally:
        server.stop()

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "REGISTER sip:home1.test  401 Unauthorized, 200 OK"
    assert any(line.startswith("NOTIFY  terminated") for line in lines)


def test_what_is_no_utf8_on_the_wire_is_printed_all_the_same(capfd: pytest.CaptureFixture[str]) -> None:
    say("403 No\udcff")
    emit({"reason": "No\udcff"})

    assert capfd.readouterr().out == '403 No\ufffd\n{"reason": "No?"}\n'
