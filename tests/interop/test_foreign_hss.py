"""Our S-CSCF with an HSS that shares no code with it: its codec is pycrate's, its AKA vector the standard's."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.capture import Capture
from tests.interop.chain import Chain
from tests.interop.programs import Running
from tests.interop.server import until
from tests.interop.ue import Ue
from tests.usim import OPC, K, Usim

pytestmark = [pytest.mark.interop, pytest.mark.peer("pycrate", "tshark")]

ADDRESS, PORT = "127.0.0.25", 3868
SCSCF = ("127.0.0.22", 6060)
ALICE, AOR = "alice@home1.test", "sip:alice@home1.test"


@pytest.fixture
def hss(tmp_path: Path) -> Iterator[Running]:
    script = Path(__file__).with_name("foreign_hss.py")
    running = Running((sys.executable, str(script), ADDRESS, str(PORT)), tmp_path, "foreign.log")
    try:
        until(lambda: "up" in running.output(), "the foreign HSS")
        yield running
    finally:
        running.stop()
    assert "Traceback" not in running.output()


@pytest.fixture
def core(hss: Running, tmp_path: Path) -> Iterator[Chain]:
    chain = Chain(tmp_path, "subscriptions: []", alone_with=f"diameter://{ADDRESS}:{PORT}")
    try:
        yield chain
    finally:
        chain.stop()


def test_a_digest_user_and_the_foreign_hss(core: Chain, hss: Running, capture: Capture) -> None:
    with Ue("alice", ALICE, proxy=SCSCF) as ue:
        first = ue.register()
        assert first.status == 200, core.output() + hss.output()
        assert first.get("p-associated-uri") == "<sip:alice@home1.test>, <tel:+15550001>"
        assert ue.register().status == 200

        hss.process.send_signal(signal.SIGUSR2)
        until(lambda: "answer 305" in hss.output(), "the PPA")
        assert len(core.contacts("sip:alice.new@home1.test")) == 1
        assert "sip:alice.new@home1.test" in (ue.register().get("p-associated-uri") or "")

        hss.process.send_signal(signal.SIGUSR1)
        until(lambda: "answer 304" in hss.output(), "the RTA")
        assert core.contacts(AOR) == []
        until(lambda: hss.output().count("result 2001") == 2, "success in both answers")

        assert ue.register().status == 200
        assert ue.register(0).status == 200
        assert core.contacts(AOR) == []
    capture.judge(REGISTER=8)
    capture.judge_diameter(uar=2, mar=4, sar=4, rtr=1, ppr=1)


def test_the_standard_s_own_vector(core: Chain, hss: Running) -> None:
    with Ue("erin", "erin@home1.test", usim=Usim(K, OPC), proxy=SCSCF) as ue:
        assert ue.register().status == 200, core.output() + hss.output()
        assert len(core.contacts("sip:erin@home1.test")) == 1


def test_somebody_whom_the_foreign_hss_does_not_know(core: Chain) -> None:
    with Ue("mallory", "mallory@home1.test", proxy=SCSCF) as ue:
        assert ue.register().status == 403
