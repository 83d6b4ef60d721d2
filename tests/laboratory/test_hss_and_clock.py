"""The HSS and the clock of an S-CSCF beside the test."""

from collections.abc import Callable

import pytest

from scscf.laboratory.api_calls import ApiError
from scscf.laboratory.clock import Clock
from scscf.laboratory.hss import Hss
from scscf.laboratory.running_scscf import RunningScscf
from scscf.laboratory.simulated_ue import SimulatedUe

MakeUe = Callable[..., SimulatedUe]
ALICE, IMPI = "sip:alice@home1.test", "alice@home1.test"
TOBIAS = "sip:tobias@home1.test"
ZOE = {
    "name": "zoe",
    "private_identities": [{"id": "zoe@home1.test", "auth": {"scheme": "none"}}],
    "implicit_sets": [["sip:zoe@home1.test"]],
}


def test_a_fault_is_set_and_healed(hss: Hss, ue: MakeUe) -> None:
    hss.fault("MAR", result_code=5012, count=2)
    assert ue(judged=False).register().status >= 480
    hss.heal("MAR")
    assert ue().register().status == 200
    hss.fault("SAR", result_code=5012)
    hss.heal()
    assert ue().register().status == 200


def test_subscribers_come_change_and_go(hss: Hss, ue: MakeUe, scscf: RunningScscf) -> None:
    assert hss.put(ZOE)["subscribers"] == ["zoe@home1.test"]
    assert hss.subscriber("zoe@home1.test")["impi"] == "zoe@home1.test"
    phone = ue("sip:zoe@home1.test")
    phone.register()
    assert hss.push("zoe@home1.test", "user_data")["pushes"][0]["result"] == "SUCCESS"

    assert hss.remove("zoe@home1.test")["subscribers"] == ["zoe@home1.test"]

    scscf.wait_for("sip:zoe@home1.test", "terminated")
    with pytest.raises(ApiError, match="no_subscriber"):
        hss.subscriber("zoe@home1.test")
    with pytest.raises(ApiError, match="private_identities"):
        hss.put({"name": "nobody"})


def test_the_hss_ends_a_registration(hss: Hss, ue: MakeUe) -> None:
    phone = ue()
    phone.register()
    subscription = phone.subscribe()
    subscription.notified()

    pushes = hss.terminate(impi=IMPI, reason="permanent_termination", wait=5)["pushes"]

    assert [(each["command"], each["result"]) for each in pushes] == [("RTR", "SUCCESS")]
    assert subscription.notified().state == "terminated"


def test_an_hour_passes_at_once(clock: Clock, ue: MakeUe, watcher: MakeUe) -> None:
    ue(TOBIAS, impi="user1_private@home1.test").register(expires=3600)
    ue(TOBIAS, impi="pager_private@home1.test").register(expires=600_000)
    watching = watcher(TOBIAS, expires=7200)
    watching.notified()
    before = clock.now()

    moved = clock.advance(3601)

    assert moved.fired >= 1
    assert 3601 <= clock.now() - before < 3660
    contacts = watching.notified(0.5).document.registrations[0].contacts
    assert {(each.get("state"), each.get("event")) for each in contacts} == {
        ("terminated", "expired"),
        ("active", "registered"),
    }
    clock.advance(3600)
    assert watching.notified(0.5).state == "terminated"


def test_a_binding_that_is_refreshed_in_time_lives_on(clock: Clock, ue: MakeUe, scscf: RunningScscf) -> None:
    phone = ue()
    phone.register(expires=600)
    clock.advance(500)
    phone.register(expires=600)

    clock.advance(500)

    assert 90 <= scscf.registration(ALICE)["contacts"][0]["expires"] <= 100


def test_time_stands_still_until_it_flows(clock: Clock) -> None:
    clock.freeze()
    first = clock.now()
    assert clock.now() == first
    clock.advance(10)
    assert clock.now() == first + 10
    clock.flow()
    with pytest.raises(ValueError, match="ahead"):
        clock.advance(-1)
