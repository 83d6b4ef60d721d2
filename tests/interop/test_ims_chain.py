"""UE, Kamailio's P-CSCF, Kamailio's I-CSCF, our S-CSCF, our HSS stub: a whole IMS core, by names and addresses."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hss_stub.milenage import opc_of
from tests.interop.capture import Capture
from tests.interop.chain import SCSCF_API, Chain
from tests.interop.conftest import SUBSCRIBERS
from tests.interop.server import until
from tests.interop.ue import Ue
from tests.judgement.traces import checks, judged_file
from tests.patience import PATIENCE
from tests.usim import Usim

pytestmark = [pytest.mark.interop, pytest.mark.peer("kamailio", "tshark")]

ALICE, AOR = "alice@home1.test", "sip:alice@home1.test"
ERIN = "001010000000001@home1.test"
ERIN_AOR = "sip:erin@home1.test"
KEY = bytes.fromhex("4572696e735375627363726962657231")
OPC = opc_of(KEY, bytes.fromhex("4f70657261746f7256617269616e7437"))


@pytest.fixture
def core(capture: Capture, tmp_path: Path) -> Iterator[Chain]:
    """The core; everything that its programs have said to one another is judged in the end."""
    chain = Chain(tmp_path, SUBSCRIBERS)
    try:
        yield chain
    finally:
        chain.stop()
    capture.judge(REGISTER=1)
    capture.judge_diameter(uar=1)


def alice() -> Ue:
    return Ue("alice", ALICE)


def judged_by_ourselves(capture: Capture, least: int) -> None:
    """Assert that nothing is wrong with our S-CSCF in a capture, on the leg behind Kamailio's I-CSCF."""
    judgement = judged_file(capture.file.read_bytes())
    assert checks(judgement) == set()
    assert judgement.judged >= least
    assert {leg.destination for method, leg, _ in judgement.legs if method == "REGISTER"} == {("127.0.0.22", 6060)}


def test_digest_through_the_whole_core(core: Chain, capture: Capture) -> None:
    with alice() as ue:
        first = ue.register()
        assert first.status == 200, core.output()
        assert first.get_all("service-route") == ["<sip:orig@127.0.0.22:6060;lr>"]
        assert core.state(ALICE) == "registered"
        until(lambda: core.answers(AOR) == [200], "the P-CSCF's subscription, and its 200 to the NOTIFY")

        assert ue.register().status == 200
        until(lambda: core.answers(AOR) == [200, 200], "a subscription of its own for the refresh")
        assert core.subscriptions(AOR)[0]["last_notify"]["version"] >= 1

        assert ue.register(0).status == 200
        assert core.contacts(AOR) == []
        until(lambda: set(core.answers(AOR)) == {200}, "the P-CSCF's 200 to the last NOTIFYs")
        assert {each["state"] for each in core.subscriptions(AOR)} == {"terminated"}
        assert core.state(ALICE) == "not registered"
    capture.judge(REGISTER=6, SUBSCRIBE=2, NOTIFY=4)
    capture.judge_diameter(uar=3, mar=3, sar=3, lir=2)
    judged_by_ourselves(capture, 20)


def test_aka_through_the_whole_core(core: Chain, capture: Capture) -> None:
    with Ue("erin", ERIN, usim=Usim(KEY, OPC)) as ue:
        first = ue.register()
        assert first.status == 200, core.output()
        assert first.get("p-associated-uri") == "<sip:erin@home1.test>, <tel:+15550002>"
        until(lambda: core.answers(ERIN_AOR) == [200], "the P-CSCF's subscription")
        assert ue.register().status == 200
        until(lambda: core.answers(ERIN_AOR) == [200, 200], "a subscription of its own for the refresh")
        assert ue.register(0).status == 200
        assert core.contacts(ERIN_AOR) == []
        until(lambda: set(core.answers(ERIN_AOR)) == {200}, "the P-CSCF's 200 to the last NOTIFYs")
    capture.judge(REGISTER=6, SUBSCRIBE=2, NOTIFY=4)
    capture.judge_diameter(uar=3, mar=3, sar=3, lir=1)
    judged_by_ourselves(capture, 16)


def test_aka_with_a_usim_that_is_ahead(core: Chain) -> None:
    with Ue("erin", ERIN, usim=Usim(KEY, OPC, sqn=1 << 20)) as ue:
        assert ue.register().status == 200, core.output()
        assert len(core.contacts(ERIN_AOR)) == 1


@pytest.mark.parametrize(("reason", "event"), [("permanent_termination", "rejected"), ("server_change", "deactivated")])
def test_the_hss_ends_a_registration_and_the_p_cscf_hears_of_it(core: Chain, reason: str, event: str) -> None:
    with alice() as ue:
        assert ue.register().status == 200
        until(lambda: core.answers(AOR) == [200], "the P-CSCF's subscription")

        assert core.terminate(ALICE, reason) == "SUCCESS"

        assert core.contacts(AOR) == []
        assert core.state(ALICE) == "not registered"
        assert f'event="{event}"' in core.subscriptions(AOR)[-1]["last_notify"]["body"]
        until(lambda: core.answers(AOR) == [200], "the P-CSCF's 200 to the last NOTIFY")
        assert ue.register().status == 200, core.output()


@pytest.mark.parametrize("reason", ["new_server_assigned", "remove_scscf"])
def test_the_hss_has_another_server_and_nobody_is_told(core: Chain, reason: str) -> None:
    with alice() as ue:
        assert ue.register().status == 200
        until(lambda: core.answers(AOR) == [200], "the P-CSCF's subscription")

        assert core.terminate(ALICE, reason) == "SUCCESS"

        assert core.contacts(AOR) == []
        assert 'event="registered"' in core.subscriptions(AOR)[-1]["last_notify"]["body"]


@pytest.mark.parametrize("event", ["deactivated", "rejected", "unregistered", "expired", "probation"])
def test_the_p_cscf_takes_every_event_that_ends_a_contact(core: Chain, event: str) -> None:
    with alice() as ue:
        assert ue.register().status == 200
        until(lambda: core.answers(AOR) == [200], "the P-CSCF's subscription")
        body: dict[str, object] = {"aor": AOR, "event": event, "wait": PATIENCE}
        if event == "probation":
            body["retry_after"] = 30

        done, report = core.call(SCSCF_API, "POST", "/v1/deregistrations", body)

        assert done == 201, report
        assert [watcher["status"] for watcher in report["watchers"]] == [200]
        assert core.state(ALICE) == "not registered"


def test_the_p_cscf_refuses_shortened_which_it_does_not_know(core: Chain) -> None:
    """Its parser has no such event; it is the right one (TS 24.229 §5.4.1.6), and the UE is told of it all the same."""
    with alice() as ue:
        assert ue.register().status == 200
        until(lambda: core.answers(AOR) == [200], "the P-CSCF's subscription")

        done, report = core.call(
            SCSCF_API, "POST", "/v1/reauthentications", {"aor": AOR, "expires": 60, "wait": PATIENCE}
        )

        assert done == 201, report
        assert [watcher["status"] for watcher in report["watchers"]] == [500]
        assert ue.register().status == 200, core.output()


def test_nobody_is_refused_by_the_hss(core: Chain) -> None:
    with Ue("nobody", "nobody@home1.test") as ue:
        assert ue.register().status == 403


def test_a_wrong_password_is_refused_and_nothing_is_left(core: Chain) -> None:
    with Ue("alice", ALICE, password="wrong") as ue:
        assert ue.register().status == 401
        assert core.contacts(AOR) == []
        assert core.state(ALICE) == "not registered"
