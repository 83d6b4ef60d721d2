"""Register, watch, de-register: the main road, on a whole node."""

import pytest

from scscf.procedures.deregister import Report, Scope, deregister
from scscf.promise import Promise
from scscf.registration.registration import Event
from tests.world import World

pytestmark = pytest.mark.clause("TS 24.229 §5.4.1.2", "TS 24.229 §5.4.1.5")


def test_a_ue_registers_with_digest_and_sees_its_whole_set() -> None:
    world = World()
    phone = world.client(username="phone@home1.test")

    response = phone.register()

    assert response.status == 200
    assert response.get("contact") == f"<{phone.uri}>;expires=3600"
    assert (
        response.get("p-associated-uri") == "<sip:tobias@home1.test>, <tel:+44123456789>, <sip:gameMaster@home1.test>"
    )
    assert response.get("service-route") == "<sip:orig@127.0.0.1:5060;lr>"


def test_the_network_de_registers_two_devices_and_both_watchers_are_told_once() -> None:
    world = World()
    phone = world.client(username="phone@home1.test")
    pager = world.client("127.0.0.10", username="pager@home1.test")
    assert phone.register().status == 200
    assert pager.register().status == 200
    assert phone.subscribe().status == 200
    pcscf = world.client("127.0.0.4", 5060)
    accepted = pcscf.subscribe(P_Asserted_Identity="<sip:tobias@home1.test>")
    assert accepted.status == 200
    assert [len(phone.notifies), len(pcscf.notifies)] == [1, 1]

    done = world.perform(deregister(world.node, Scope(aor="sip:tobias@home1.test"), Event.DEACTIVATED, wait=2.0))
    world.run(5.0)

    for watcher in (phone, pcscf):
        assert len(watcher.notifies) == 2
        last = watcher.documents()[-1]
        assert last.version == 1
        assert last.subscription_state == "terminated;reason=noresource"
        assert set(last.registrations().values()) == {"terminated"}
        assert {event for *_, event in last.contacts()} == {"deactivated"}
        assert len(last.contacts()) == 4
    assert isinstance(done, Promise)
    report = done.result()
    assert isinstance(report, Report)
    assert [told.status for told in report.told] == [200, 200]
    assert len(world.node.notifier.subscriptions) == 0
