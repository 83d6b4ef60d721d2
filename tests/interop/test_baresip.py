"""baresip registers and calls from a veth of the namespace (it refuses loopback), and leaves when it quits."""

import json
import socket
from pathlib import Path

import pytest

from tests.interop import sipp
from tests.interop.capture import Capture
from tests.interop.programs import Running, find
from tests.interop.server import VETH, Server, has_veth, until
from tests.patience import PATIENCE

pytestmark = [pytest.mark.interop, pytest.mark.peer("baresip", "tshark")]

AOR = "sip:alice@home1.test"
CONFIGURATION = """\
module_path {modules}
sip_listen {address}:0
net_interface scscf0
module account.so
module g711.so
module_app menu.so
"""
CALLING = """\
module aubridge.so
module ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:4444
audio_source aubridge,pseudo0
audio_player aubridge,pseudo0
"""
MODULES = [*Path("/usr/lib").glob("baresip/modules"), *Path("/usr").glob("l*/*/baresip/modules")]
ACCOUNT = (
    '<{aor}>;auth_user=alice@home1.test;auth_pass=secret;outbound="sip:{address}:5060;transport={transport}"'
    ";regint=600;answermode=manual\n"
)


def modules() -> Path:
    found = [folder for folder in MODULES if (folder / "account.so").exists()]
    assert found != [], "baresip's modules are in none of the usual folders"
    return found[0]


def told(command: str, parameters: str = "") -> str:
    """Give baresip a command by its control port, as a netstring of JSON, and return what it says."""
    text = json.dumps({"command": command, "params": parameters, "token": "1"})
    with socket.create_connection(("127.0.0.1", 4444), timeout=PATIENCE) as control:
        control.sendall(f"{len(text)}:{text},".encode())
        return control.recv(4096).decode(errors="replace")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_register_and_leave(server: Server, capture: Capture, tmp_path: Path, transport: str) -> None:
    if not has_veth():
        pytest.skip("not run: no veth in this namespace")
    binary = find("baresip")
    assert binary is not None
    (tmp_path / "config").write_text(CONFIGURATION.format(address=VETH, modules=modules()))
    (tmp_path / "accounts").write_text(ACCOUNT.format(aor=AOR, address=VETH, transport=transport))
    (tmp_path / "contacts").write_text("")

    phone = Running((binary, "-f", str(tmp_path)), tmp_path, "baresip.log")
    try:
        until(lambda: server.registration(AOR), "a registration")
        shown = server.registration(AOR)
        assert shown["state"] == "active"
        assert [contact["private_identity"] for contact in shown["contacts"]] == ["alice@home1.test"]
        phone.process.terminate()
        assert phone.wait() == 0
    finally:
        phone.stop()

    until(lambda: (server.registration(AOR) or {"state": "terminated"})["state"] == "terminated", "no registration")
    capture.judge(REGISTER=3)


@pytest.mark.peer("sipp")
def test_baresip_calls_sipp(server: Server, capture: Capture, tmp_path: Path) -> None:
    if not has_veth():
        pytest.skip("not run: no veth in this namespace")
    binary = find("baresip")
    assert binary is not None
    bob = [("bob", "bob@home1.test", "bobsword")]
    registered = sipp.call(tmp_path, "register", bob, port=5072)
    assert registered.status == 0, registered.output
    (tmp_path / "config").write_text(CONFIGURATION.format(address=VETH, modules=modules()) + CALLING)
    (tmp_path / "accounts").write_text(ACCOUNT.format(aor=AOR, address=VETH, transport="udp"))
    (tmp_path / "contacts").write_text("")

    answering = sipp.start(tmp_path, "pick_up", bob, port=5072)
    phone = Running((binary, "-f", str(tmp_path), "-v"), tmp_path, "baresip.log")
    try:
        until(lambda: server.registration(AOR), "a registration")
        told("dial", "sip:bob@home1.test")

        assert answering.wait() == 0, phone.output()[-3000:] + sipp.errors(tmp_path, "pick_up")
    finally:
        answering.stop()
        phone.stop()
    capture.judge(INVITE=3, BYE=2)
