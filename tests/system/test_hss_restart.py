"""`hss-stub run` with a store, in processes one after the other, and an S-CSCF on a plain socket."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from scscf.cx import Assignment, AssignmentData, MultimediaAuth, Result, ServerAssignment
from scscf.diameter.answers import capabilities_request
from scscf.diameter.cx_answers import CxAnswer, read_answer
from scscf.diameter.cx_requests import CxRequest, request_message
from scscf.diameter.framing import Framing
from scscf.diameter.identity import Identity
from scscf.diameter.message import Message, decode, encode
from tests.cli.server import Server
from tests.patience import PATIENCE

SCSCF = Identity("scscf.home1.test", "home1.test", ("127.0.0.1",))
ANN, SIM, NAME = "ann@home1.test", "sim@home1.test", "sip:scscf.home1.test"
SUBSCRIBERS = """
subscriptions:
  - name: ann
    private_identities: [{id: ann@home1.test, auth: {scheme: digest, password: secret-of-ann}}]
    implicit_sets: [[sip:ann@home1.test]]
  - name: sim
    private_identities: [{id: sim@home1.test, auth: {scheme: aka, k: &k 00000000000000000000000000000000, op: *k}}]
    implicit_sets: [[sip:sim@home1.test]]
"""
CONFIG = """
listen: [diameter://127.0.0.1:0]
api: http://127.0.0.1:0
subscribers: subscribers.yaml
store: sqlite:///hss.db
"""
REGISTRATION = Assignment(ServerAssignment.REGISTRATION, NAME, ANN, ("sip:ann@home1.test",))
AUTHENTICATION = MultimediaAuth(SIM, "sip:sim@home1.test", NAME)


class Stub(Server):
    """A running HSS stub."""

    COMMAND = (sys.executable, "-m", "hss_stub")
    LAST = " run --hss "

    def get(self, path: str) -> Any:
        """Get something from the API."""
        with urllib.request.urlopen(self._told("API")[0] + path, timeout=PATIENCE) as answer:
            return json.load(answer)

    def sqn(self) -> int:
        """Return SQN_HE of the user with a USIM."""
        return int(self.get(f"/v1/subscribers/{SIM}")["auth"]["sqn"], 16)

    def ask(self, *requests: CxRequest) -> list[CxAnswer]:
        """Ask over a Diameter connection of its own."""
        host, _, port = self._told("Cx")[0].removeprefix("diameter://").rpartition(":")
        answers: list[CxAnswer] = []
        framing = Framing()
        with socket.create_connection((host, int(port)), PATIENCE) as peer:

            def next_one() -> Message:
                while True:
                    data = peer.recv(65535)
                    assert data, "the stub has hung up"
                    for found in framing.feed(data):
                        return decode(found)

            peer.sendall(encode(capabilities_request(SCSCF)))
            assert next_one().get("Result-Code") == 2001
            for number, request in enumerate(requests):
                message = request_message(request, f"scscf.home1.test;1;{number}", SCSCF, "home1.test")
                message.hop_by_hop = message.end_to_end = number
                peer.sendall(encode(message))
                answers.append(read_answer(next_one()))
        return answers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "subscribers.yaml").write_text(SUBSCRIBERS)
    (tmp_path / "hss.yaml").write_text(CONFIG)
    return tmp_path


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_what_an_hss_knew_it_knows_after_a_restart_and_after_a_crash(folder: Path, how: signal.Signals) -> None:
    stub = Stub(folder, "--config", "hss.yaml")
    try:
        registered, authenticated = stub.ask(REGISTRATION, AUTHENTICATION)
        assert isinstance(registered, AssignmentData)
        assert registered.user_data is not None
        assert not isinstance(authenticated, Result)
        assert authenticated.result is Result.SUCCESS
        sqn = stub.sqn()
    finally:
        assert stub.stop(how) == (0 if how is signal.SIGTERM else -signal.SIGKILL)

    again = Stub(folder, "--config", "hss.yaml")
    try:
        health = again.get("/v1/health")
        assert (health["served"], health["store"]) == (2, "sqlite:///hss.db")
        shown = again.get(f"/v1/subscribers/{ANN}")
        assert (shown["implicit_sets"][0]["state"], shown["server"]) == ("registered", NAME)
        assert again.sqn() == sqn
        again.ask(AUTHENTICATION)
        assert again.sqn() > sqn
    finally:
        assert again.stop() == 0
    assert "Traceback" not in again.log.read_text()


def test_a_file_that_is_no_store_is_told_in_a_sentence(folder: Path) -> None:
    (folder / "hss.db").write_text("something else, and long enough that it is no empty database file" * 20)
    command = (*Stub.COMMAND, "run", "--config", "hss.yaml")

    done = subprocess.run(
        command, cwd=folder, env=Stub.environment(), capture_output=True, text=True, timeout=PATIENCE, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "hss.db: cannot be used as a store: file is not a database\n"
