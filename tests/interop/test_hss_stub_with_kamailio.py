"""Kamailio's S-CSCF, I-CSCF and P-CSCF with our HSS stub."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.capture import Capture
from tests.interop.chain import HSS_API, Chain
from tests.interop.conftest import SUBSCRIBERS
from tests.interop.server import until
from tests.interop.test_ims_chain import ALICE, AOR, ERIN, KEY, OPC
from tests.interop.ue import Ue
from tests.usim import Usim

pytestmark = [pytest.mark.interop, pytest.mark.peer("kamailio", "tshark")]


OF_KAMAILIO = "Unknown AVP 494 (vendor=Optical Data Systems)"
"""Its SAR has the Call-ID in an AVP that nobody has defined."""


@pytest.fixture
def core(capture: Capture, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Chain]:
    """The core; all Diameter messages are judged in the end."""
    chain = Chain(tmp_path, SUBSCRIBERS, kamailio=getattr(request, "param", "MD5"))
    try:
        yield chain
    finally:
        chain.stop()
    capture.judge_diameter(OF_KAMAILIO, uar=1, mar=1, sar=1)


def test_a_digest_user_registers_with_kamailio_and_leaves(core: Chain, capture: Capture) -> None:
    with Ue("alice", ALICE) as ue:
        first = ue.register()
        assert first.status == 200, core.output()
        assert AOR in (first.get("p-associated-uri") or "")
        assert core.state(ALICE) == "registered"

        assert ue.register().status == 200
        assert ue.register(0).status == 200
        until(lambda: core.state(ALICE) == "not registered", "the SAR of the de-registration")
        assert core.call(HSS_API, "GET", "/v1/assignments")[1]["assignments"] == []
    capture.judge_diameter(OF_KAMAILIO, uar=3, mar=3, sar=3)


@pytest.mark.parametrize("core", ["AKAv1-MD5"], indirect=True)
def test_a_user_with_a_usim_registers_with_kamailio(core: Chain) -> None:
    with Ue("erin", ERIN, usim=Usim(KEY, OPC)) as ue:
        assert ue.register().status == 200, core.output()
        assert core.state(ERIN) == "registered"


def test_kamailio_ends_what_an_rtr_names(core: Chain, capture: Capture) -> None:
    """It needs public identities: an RTR with a private identity alone it does not answer."""
    with Ue("alice", ALICE) as ue:
        assert ue.register().status == 200, core.output()

        assert core.terminate(ALICE, "permanent_termination", AOR) == "SUCCESS"

        assert core.state(ALICE) == "not registered"
        assert ue.register().status == 200
    capture.judge_diameter(OF_KAMAILIO, rtr=1)
