"""Kamailio as the first proxy between SIPp and us: Path, Record-Route, an asserted identity, three Vias."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop import sipp
from tests.interop.capture import Capture
from tests.interop.programs import Running, find, is_bound
from tests.interop.server import Server, until
from tests.patience import PATIENCE

pytestmark = [pytest.mark.interop, pytest.mark.peer("kamailio", "sipp", "tshark")]

ALICE = ("alice", "alice@home1.test", "secret")
AOR = "sip:alice@home1.test"
PROXY = "127.0.0.4"
CONFIGURATION = """\
#!KAMAILIO
debug=1
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
listen=udp:127.0.0.4:5060
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
loadmodule "rr.so"
loadmodule "path.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
request_route {
	if (!mf_process_maxfwd_header("10")) {
		sl_send_reply("483", "Too Many Hops");
		exit;
	}
	if (has_totag()) {
		if (!loose_route()) {
			sl_send_reply("404", "Not Here");
			exit;
		}
		t_relay();
		exit;
	}
	if (is_method("REGISTER")) {
		if (!add_path()) {
			sl_send_reply("503", "No Path");
			exit;
		}
	} else {
		remove_hf("P-Asserted-Identity");
		append_hf("P-Asserted-Identity: <$fu>\\r\\n");
		record_route();
	}
	$du = "sip:127.0.0.1:5060";
	t_relay();
}
"""


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Running]:
    binary = find("kamailio")
    assert binary is not None
    (tmp_path / "kamailio.cfg").write_text(CONFIGURATION)
    command = (binary, "-f", "kamailio.cfg", "-DD", "-E", "-m", "64", "-M", "8", "-Y", str(tmp_path))
    running = Running(command, tmp_path, "kamailio.log")
    try:
        until(lambda: is_bound(PROXY, 5060), "the proxy")
        yield running
    finally:
        running.stop()


def test_register_and_watch_through_a_proxy(server: Server, proxy: Running, capture: Capture, tmp_path: Path) -> None:
    registered = sipp.call(tmp_path, "register", [ALICE], port=5071, target=f"{PROXY}:5060")

    assert registered.status == 0, registered.output + proxy.output()
    contact = server.registration(AOR)["contacts"][0]
    assert PROXY in str(contact["path"])

    watcher = sipp.start(tmp_path, "proxied", [ALICE], port=5072, target=f"{PROXY}:5060")
    try:
        until(lambda: server.has_told(AOR), "a first NOTIFY that is answered")
        assert PROXY in str(server.subscriptions(AOR)[0]["route_set"])

        status, removed = server.call(
            "POST", "/v1/deregistrations", {"aor": AOR, "event": "rejected", "wait": PATIENCE}
        )

        assert status == 201, removed
        assert watcher.wait() == 0, watcher.output() + sipp.errors(tmp_path, "proxied")
    finally:
        watcher.stop()
    capture.judge(REGISTER=4, SUBSCRIBE=2, NOTIFY=4)
