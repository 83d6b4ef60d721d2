"""`hss-stub run` as an operator sees it, an S-CSCF's process beside it, and `hss-stub deregister`."""

import json
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from hss_stub.__main__ import main
from tests.cli.server import Command, Peer, Server
from tests.patience import PATIENCE

SUBSCRIBERS = """
subscriptions:
  - private_identities: [{id: carol@home1.test, auth: {scheme: none}}]
    implicit_sets: [[sip:carol@home1.test]]
"""


class Stub(Server):
    """A running HSS stub."""

    COMMAND = (sys.executable, "-m", "hss_stub")
    LAST = " run --hss "

    @property
    def api(self) -> str:
        return self._told("API")[0]

    @property
    def cx(self) -> str:
        return self._told("Cx")[0]

    def get(self, path: str) -> dict:
        return shown(self.api + path)


def shown(url: str) -> dict:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def stub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stub]:
    folder = tmp_path_factory.mktemp("hss")
    (folder / "subscribers.yaml").write_text(SUBSCRIBERS)
    options = ("--listen", "diameter://127.0.0.1:0", "--api", "http://127.0.0.1:0", "--subscribers", "subscribers.yaml")
    running = Stub(folder, *options)
    yield running
    assert running.stop() == 0
    assert not running.ready.exists()
    assert "Traceback" not in running.log.read_text()


@pytest.fixture
def hss_stub(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys, "hss-stub", main)


def test_it_says_where_it_is_and_what_to_type_next(stub: Stub) -> None:
    ready = json.loads(stub.ready.read_text())

    assert ready == {"pid": stub.process.pid, "listeners": [stub.cx], "api": stub.api}
    assert stub.said[-1].endswith(f"scscf run --hss {stub.cx}\n")


def test_an_address_that_is_taken_stops_the_start(stub: Stub, tmp_path: Path) -> None:
    command = [*Stub.COMMAND, "run", "--listen", "diameter://127.0.0.1:0", "--api", stub.api]

    done = subprocess.run(
        command, cwd=tmp_path, env=Stub.environment(), capture_output=True, text=True, timeout=PATIENCE, check=False
    )

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"api: cannot listen on {stub.api}: Address already in use; --api names another\n"


def test_who_registers_elsewhere_is_deregistered_from_here(stub: Stub, hss_stub: Command, tmp_path: Path) -> None:
    options = ("--listen", "udp://127.0.0.1:0", "--api", "http://127.0.0.1:0")
    scscf = Server(tmp_path, *options, "--hss", stub.cx)
    phone = Peer(scscf.listeners[0], "carol")
    try:
        end = time.monotonic() + PATIENCE
        while shown(f"{scscf.api}/v1/health")["hss"]["state"] != "up":
            assert time.monotonic() < end
            time.sleep(0.02)
        assert phone.send("REGISTER").startswith("SIP/2.0 200")
        assert stub.get("/v1/assignments")["total"] == 1
        whom = ("--impu", "sip:carol@home1.test", "--reason", "server_change", "--api", stub.api)

        code, out, said = hss_stub("deregister", *whom)
        again, _, complaint = hss_stub("deregister", *whom, "--json")

        assert (code, said) == (0, "")
        assert out.splitlines()[0].split("  ")[0] == "PRIVATE IDENTITY"
        assert out.splitlines()[1].startswith("carol@home1.test")
        assert out.endswith("SUCCESS\n")
        assert (again, complaint) == (1, "hss-stub: sip:carol@home1.test: not registered\n")
    finally:
        phone.close()
        assert scscf.stop() == 0


def test_sighup_has_the_subscribers_read_again(stub: Stub) -> None:
    file = stub.ready.parent / "subscribers.yaml"
    file.write_text(SUBSCRIBERS.replace("carol", "dave"))
    stub.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + PATIENCE
    while stub.get("/v1/subscribers")["subscribers"] != ["dave@home1.test"]:
        assert time.monotonic() < end
        time.sleep(0.02)

    file.write_text("subscriptions: nobody\n")
    stub.process.send_signal(signal.SIGHUP)
    while "the subscribers stay as they were" not in stub.log.read_text():
        assert time.monotonic() < end
        time.sleep(0.02)
    assert stub.get("/v1/subscribers")["subscribers"] == ["dave@home1.test"]
