"""The API's calls about service time, on a whole node whose reactor is a heap clock."""

from typing import Any

import pytest

from scscf.control.api import Api
from scscf.control.http import ControlResource
from scscf.control.route import Served
from scscf.control.routes import ROUTES
from scscf.net.virtual_time import VirtualTime
from tests.control.browser import Browser
from tests.world import EPOCH, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def browser(world: World) -> Browser:
    api = Api(world.node, "1.2.3", None, list)
    api.virtual_time = VirtualTime(world.scscf.shell)
    world.scscf.observe(api.virtual_time.trace)
    return Browser(world, resource=ControlResource((Served(api, ROUTES),), world.scscf.shell.perform, None))


def move(browser: Browser, **order: object) -> Any:
    reply = browser.post("/v1/clock", order)
    assert reply.status == 200, reply.text
    return reply.json


def test_it_tells_the_time_and_the_next_deadline(world: World, browser: Browser) -> None:
    assert browser.get("/v1/clock").json == {"now": EPOCH, "virtual": True, "frozen": False, "next": None}

    world.client(user="carol").register(600)
    shown = browser.get("/v1/clock").json

    assert EPOCH + 600 <= shown["next"] <= EPOCH + 601
    assert shown["now"] == pytest.approx(world.clock.seconds(), abs=0.2)


def test_an_advance_ends_a_binding_and_tells_the_watcher(world: World, browser: Browser) -> None:
    phone = world.client(username="phone@home1.test")
    phone.register(3600)
    phone.subscribe(7200)
    world.run(6.0)
    before, on_wire = len(phone.notifies), world.clock.seconds()

    moved = move(browser, advance=3601)

    assert len(phone.notifies) == before + 1
    assert phone.documents()[-1].contacts("sip:tobias@home1.test") == [(phone.uri, "terminated", "expired")]
    assert (moved["sent"], moved["left"], moved["frozen"]) == (1, 0, False)
    assert moved["fired"] >= 1
    assert moved["now"] == pytest.approx(on_wire + 3601, abs=0.01)
    assert world.clock.seconds() - on_wire < 0.2
    assert phone.notifies[-1].get("subscription-state") == "terminated;reason=noresource"


def test_days_pass_with_every_subscription_told_of_its_end(world: World, browser: Browser) -> None:
    watchers = [world.client(f"127.0.0.{number}", username="phone@home1.test") for number in (11, 12)]
    for watcher in watchers:
        watcher.register(7200)
        watcher.subscribe(86400)
    other = world.client("127.0.0.13", username="pager@home1.test")
    other.register(600000)

    moved = move(browser, advance=10 * 86400)

    assert moved["next"] is None
    for watcher in watchers:
        states = [document.subscription_state for document in watcher.documents()]
        assert [state.partition(";")[0] for state in states].count("terminated") == 1
        assert [document.version for document in watcher.documents()] == list(range(len(states)))
    assert browser.get("/v1/registrations").json["total"] == 0


def test_frozen_time_stands_while_ues_register(world: World, browser: Browser) -> None:
    frozen = move(browser, freeze=True)
    assert (frozen["fired"], frozen["sent"], frozen["frozen"]) == (0, 0, True)
    carol = world.client(user="carol")

    assert carol.register(600).status == 200
    world.run(1000.0)

    assert browser.get("/v1/registrations/sip%3Acarol%40home1.test").json["contacts"][0]["expires"] == 600
    assert browser.get("/v1/clock").json["now"] == frozen["now"]

    assert move(browser, advance=599.5)["now"] == frozen["now"] + 599.5
    assert browser.get("/v1/registrations/sip%3Acarol%40home1.test").status == 200
    move(browser, advance=0.5)
    assert browser.get("/v1/registrations/sip%3Acarol%40home1.test").status == 404

    flowing = move(browser, freeze=False)
    assert not flowing["frozen"]
    world.run(10.0)
    assert browser.get("/v1/clock").json["now"] == pytest.approx(flowing["now"] + 10, abs=0.5)


def test_both_at_once_stop_the_time_first(browser: Browser) -> None:
    began = move(browser, freeze=True)["now"]

    assert move(browser, freeze=False, advance=60)["frozen"] is False
    moved = move(browser, freeze=True, advance=60)

    assert moved["now"] == pytest.approx(began + 120, abs=0.5)
    assert moved["frozen"]


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ({}, "give advance (seconds), freeze (true or false) or both"),
        ({"advance": -1}, "greater than or equal to 0"),
        ({"advance": 316224001}, "less than or equal to 316224000"),
        ({"advance": "60"}, "valid number"),
        ({"freeze": 1}, "valid boolean"),
        ({"advence": 60}, "advence: unknown; allowed: advance, freeze (did you mean advance?)"),
        (b'{"advance": NaN}', "finite number"),
        (b'{"advance": Infinity}', "finite number"),
        (b'{"advance": 1e999}', "finite number"),
    ],
)
def test_an_order_that_cannot_be_done_is_400(browser: Browser, order: object, said: str) -> None:
    reply = browser.post("/v1/clock", order)

    assert (reply.status, reply.json["error"]["code"]) == (400, "bad_body")
    assert said in reply.json["error"]["message"]
    assert browser.get("/v1/clock").json["now"] < EPOCH + 1


def test_time_ends_with_the_year_9999(world: World, browser: Browser) -> None:
    world.scscf.shell.skip_to(253402300000.0)

    reply = browser.post("/v1/clock", {"advance": 86400})

    assert (reply.status, reply.json["error"]["code"]) == (400, "too_far")


def test_without_virtual_time_it_says_what_to_do(world: World) -> None:
    browser = Browser(world)

    assert browser.get("/v1/clock").json == {"now": EPOCH, "virtual": False, "frozen": False, "next": None}
    reply = browser.post("/v1/clock", {"advance": 1})

    assert (reply.status, reply.json["error"]["code"]) == (409, "no_virtual_time")
    assert "scscf run --virtual-time" in reply.json["error"]["message"]
