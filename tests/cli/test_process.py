"""The process as an operator sees it: signals, the ready file, and what it says when it ends."""

import json
import signal
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.cli.server import Command, Peer, Server
from tests.patience import PATIENCE

CAROL = "sip:carol@home1.test"
BOTH = """
subscriptions:
  - private_identities: [{id: carol@home1.test, auth: {scheme: none}}]
    implicit_sets: [[sip:carol@home1.test]]
  - private_identities: [{id: dave@home1.test, auth: {scheme: none}}]
    implicit_sets: [[sip:dave@home1.test]]
"""
DAVE_ONLY = "\n".join(["subscriptions:", *BOTH.splitlines()[4:]])


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    (tmp_path / "subscribers.yaml").write_text(BOTH)
    (tmp_path / "config.yaml").write_text(
        "listen: [udp://127.0.0.1:0]\napi: http://127.0.0.1:0\n"
        "subscribers: subscribers.yaml\ntrusted_peers: [127.0.0.1]\n"
    )
    server = Server(tmp_path, "--config", "config.yaml", "--log-format", "json")
    monkeypatch.setenv("SCSCF_API", server.api)
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def scscf(server: Server, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def logged(server: Server) -> list[dict[str, object]]:
    return [json.loads(line) for line in server.log.read_text().splitlines()]


def test_sighup_rejects_who_is_no_subscriber_any_more(server: Server, scscf: Command, tmp_path: Path) -> None:
    peer, other = Peer(server.listeners[0], "carol"), Peer(server.listeners[0], "dave")
    assert peer.send("REGISTER", "Expires: 600").startswith("SIP/2.0 200 ")
    assert other.send("REGISTER", "Expires: 600").startswith("SIP/2.0 200 ")
    watcher = Peer(server.listeners[0], "carol")
    accepted = watcher.send("SUBSCRIBE", "Event: reg", "Expires: 600", f"P-Asserted-Identity: <{CAROL}>")
    assert accepted.startswith("SIP/2.0 200 ")
    watcher.answer(watcher.receive())
    (tmp_path / "subscribers.yaml").write_text(DAVE_ONLY)

    server.process.send_signal(signal.SIGHUP)

    notify = watcher.receive()
    watcher.answer(notify)
    assert "\r\nSubscription-State: terminated" in notify
    assert 'state="terminated" event="rejected"' in notify
    assert scscf("registrations", CAROL)[0] == 1
    assert scscf("registrations", "sip:dave@home1.test")[0] == 0
    assert peer.send("REGISTER", "Expires: 600").startswith("SIP/2.0 403 ")
    for each in (peer, other, watcher):
        each.close()


def test_a_mistake_in_the_subscribers_changes_nothing_at_sighup(server: Server, scscf: Command, tmp_path: Path) -> None:
    peer = Peer(server.listeners[0], "carol")
    assert peer.send("REGISTER", "Expires: 600").startswith("SIP/2.0 200 ")
    wrong, right = "subscriptions:\n  - nmae: x\n", DAVE_ONLY

    for text in (wrong, right):
        (tmp_path / "subscribers.yaml").write_text(text)
        server.process.send_signal(signal.SIGHUP)
        expected = ("--state", "active", "--contacts", "1") if text == wrong else ("--state", "terminated")
        assert scscf("wait", CAROL, *expected, "--timeout", "60")[0] == 0
    peer.close()

    errors = [line["message"] for line in logged(server) if line["level"] == "error"]
    assert len(errors) == 1
    assert "subscribers.yaml:2:5" in str(errors[0])


def test_sigterm_answers_what_waits_and_leaves_nothing(server: Server, scscf: Command) -> None:
    address = server.api.removeprefix("http://")
    held, stream = HTTPConnection(address, timeout=PATIENCE), HTTPConnection(address, timeout=PATIENCE)
    held.request("GET", "/v1/registrations/sip%3Acarol%40home1.test?wait=60")
    stream.request("GET", "/v1/events")
    events = stream.getresponse()
    for _ in range(2):
        assert scscf("registrations")[0] == 0

    assert server.stop() == 0

    answer = held.getresponse()
    assert (answer.status, json.load(answer)["error"]["code"]) == (503, "shutting_down")
    assert events.read().startswith(b": ")
    held.close()
    stream.close()
    assert not server.ready.exists()
    assert [line for line in logged(server) if line["level"] not in ("info", "debug")] == []
