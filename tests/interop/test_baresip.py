"""baresip registers from a veth of the namespace (it refuses loopback), and leaves when it quits."""

from pathlib import Path

import pytest

from tests.interop.capture import Capture
from tests.interop.programs import Running, find
from tests.interop.server import VETH, Server, has_veth, until

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
MODULES = [*Path("/usr/lib").glob("baresip/modules"), *Path("/usr").glob("l*/*/baresip/modules")]
ACCOUNT = (
    '<{aor}>;auth_user=alice@home1.test;auth_pass=secret;outbound="sip:{address}:5060;transport={transport}"'
    ";regint=600;answermode=manual\n"
)


def modules() -> Path:
    found = [folder for folder in MODULES if (folder / "account.so").exists()]
    assert found != [], "baresip's modules are in none of the usual folders"
    return found[0]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_register_and_leave(server: Server, capture: Capture, tmp_path: Path, transport: str) -> None:
    if not has_veth():
        pytest.skip("not run: no veth in this namespace")
    binary = find("baresip")
    assert binary is not None
    (tmp_path / "config").write_text(CONFIGURATION.format(address=VETH, modules=modules()))
    (tmp_path / "accounts").write_text(ACCOUNT.format(aor=AOR, address=VETH, transport=transport))
    (tmp_path / "contacts").write_text("")

    phone = Running((binary, "-f", str(tmp_path), "-t", "4"), tmp_path, "baresip.log")
    try:
        until(lambda: server.registration(AOR), 4, "a registration\n" + phone.output())
        shown = server.registration(AOR)
        assert shown["state"] == "active"
        assert [contact["private_identity"] for contact in shown["contacts"]] == ["alice@home1.test"]
        phone.wait(15)
    finally:
        phone.stop()

    until(lambda: (server.registration(AOR) or {"state": "terminated"})["state"] == "terminated", 5, phone.output())
    capture.judge(REGISTER=3)
