"""An S-CSCF that has lost its data gets them back from the HSS (TS 23.380 §4)."""

import pytest

from tests.control.browser import Browser
from tests.cx_world import CxWorld
from tests.world import Client

pytestmark = pytest.mark.clause("TS 23.380 §4.2")

TOBIAS, PHONE = "sip:tobias@home1.test", "phone@home1.test"
PCSCF, PATH = "127.0.0.4", "<sip:127.0.0.4:5060;lr>"


def a_world(**registrar: object) -> CxWorld:
    return CxWorld({"registrar": {"restoration": True, **registrar}})


def registered(world: CxWorld, **more: object) -> Client:
    ue = world.client(PCSCF, 5060, username=PHONE, **more)
    assert ue.register(Path=PATH).status == 200
    return ue


def lose(world: CxWorld) -> None:
    assert Browser(world).post("/v1/reset", {"registrations": True, "subscriptions": True}).status == 200
    assert len(world.node.store) == 0


def test_a_request_for_a_user_whose_data_are_lost_brings_them_back() -> None:
    world = a_world()
    registered(world)
    caller = world.client("127.0.0.10", 5071, user="zoe", domain="elsewhere.test")
    lose(world)

    caller.send("MESSAGE", TOBIAS, {"To": f"<{TOBIAS}>"}, server=("127.0.0.1", 5060))

    (record,) = world.node.store.records()
    (contact,) = record.contacts(TOBIAS)
    assert (contact.binding.uri, contact.binding.path) == (f"sip:tobias@{PCSCF}:5060", (PATH,))
    assert 3590 <= contact.binding.remaining(world.node.now()) <= 3600
    assert [registration.aor for registration in record.registrations][1:] == [
        "tel:+44123456789",
        "sip:gameMaster@home1.test",
    ]


def test_a_protected_register_of_a_user_whose_data_are_lost_is_taken() -> None:
    world = a_world()
    ue = registered(world)
    lose(world)

    answer = ue.send(
        "REGISTER",
        "sip:home1.test",
        {
            "Contact": f"<{ue.uri}>",
            "Path": PATH,
            "Authorization": f'Digest username="{PHONE}", realm="home1.test", nonce="", response="", '
            'uri="sip:home1.test", integrity-protected="yes"',
        },
    )

    assert answer is not None
    assert answer.status == 200
    assert len(world.node.store) == 1


def test_without_it_nothing_is_kept_and_nothing_comes_back() -> None:
    world = a_world(restoration=False)
    registered(world)
    assert world.hss.servers.restoration(PHONE) is None
    lose(world)

    world.client("127.0.0.10", 5071, user="zoe", domain="elsewhere.test").send("MESSAGE", TOBIAS, {"To": f"<{TOBIAS}>"})

    assert len(world.node.store) == 0


def test_who_leaves_is_kept_no_longer() -> None:
    world = a_world()
    ue = registered(world)
    assert world.hss.servers.restoration(PHONE) is not None

    assert ue.register(0, Path=PATH).status == 200

    assert world.hss.servers.restoration(PHONE) is None
