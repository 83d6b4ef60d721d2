"""The calls about subscriptions."""

from urllib.parse import quote

from tests.control.browser import error
from tests.control.phone import GAMES, TEL, TOBIAS, a_watcher, a_world


def test_subscriptions_show_their_dialog_and_the_last_notify() -> None:
    world, browser, phone = a_world()
    assert phone.subscribe().status == 200
    watcher = a_watcher(world)

    shown = browser.get(f"/v1/subscriptions?aor={quote(TOBIAS)}").json["subscriptions"]

    assert [each["watcher"] for each in shown] == [TOBIAS, TOBIAS]
    mine = shown[1]
    notify = watcher.notifies[-1]
    assert (mine["aor"], mine["state"], mine["reason"], mine["version"]) == (TOBIAS, "active", None, 0)
    assert (mine["documents"], mine["outstanding"]) == ("full", False)
    assert mine["call_id"] == notify.call_id
    assert (mine["local_tag"], mine["remote_tag"]) == (notify.from_.tag, notify.to.tag)
    assert (mine["remote_target"], mine["route_set"]) == (watcher.uri, [])
    last = mine["last_notify"]
    assert (last["version"], last["cseq"], last["status"]) == (0, notify.cseq.number, 200)
    assert last["body"].encode() == notify.body
    assert browser.get("/v1/subscriptions?aor=sip%3Acarol%40home1.test").json == {"subscriptions": [], "found": 0}


def test_a_subscription_that_is_over_is_shown_where_asked_for() -> None:
    world, browser, _ = a_world()
    a_watcher(world)

    browser.post("/v1/deregistrations", {"aor": TOBIAS, "event": "rejected", "wait": 1})

    assert browser.get("/v1/subscriptions").json == {"subscriptions": [], "found": 0}
    (over,) = browser.get("/v1/subscriptions?ended=true").json["subscriptions"]
    assert (over["state"], over["reason"], over["version"]) == ("terminated", "noresource", 1)
    assert over["last_notify"]["status"] == 200


def test_a_notify_on_demand_is_full() -> None:
    world, browser, _ = a_world()
    watcher = a_watcher(world)
    (mine,) = browser.get("/v1/subscriptions").json["subscriptions"]
    assert browser.call("PATCH", f"/v1/subscriptions/{mine['id']}", {"documents": "delta"}).json["documents"] == "delta"

    told = browser.post(f"/v1/subscriptions/{mine['id']}/notify?wait=1")

    assert told.status == 201
    assert (told.json["subscription"], told.json["version"], told.json["status"]) == (mine["id"], 1, 200)
    document = watcher.documents()[-1]
    assert (document.version, document.state) == (1, "full")
    assert set(document.registrations()) == {TOBIAS, TEL, GAMES}


def test_the_network_ends_a_subscription() -> None:
    world, browser, _ = a_world()
    watcher = a_watcher(world)
    (mine,) = browser.get("/v1/subscriptions").json["subscriptions"]

    ended = browser.call("DELETE", f"/v1/subscriptions/{mine['id']}?reason=giveup")

    assert (ended.status, ended.json["state"]) == (200, "terminated")
    assert watcher.documents()[-1].subscription_state == "terminated;reason=giveup"
    for method, path in (("DELETE", ""), ("PATCH", ""), ("POST", "/notify")):
        body = {"documents": "full"} if method == "PATCH" else None
        again = browser.call(method, f"/v1/subscriptions/{mine['id']}{path}", body)
        assert error(again) == (404, "no_such_subscription")


def test_an_ended_subscription_is_over_for_commands_even_while_its_last_notify_is_out() -> None:
    world, browser, _ = a_world()
    watcher = a_watcher(world)
    watcher.answer = None
    (mine,) = browser.get("/v1/subscriptions").json["subscriptions"]
    browser.call("DELETE", f"/v1/subscriptions/{mine['id']}")

    assert error(browser.call("DELETE", f"/v1/subscriptions/{mine['id']}")) == (404, "no_such_subscription")
    (still,) = browser.get("/v1/subscriptions").json["subscriptions"]
    assert (still["state"], still["outstanding"]) == ("terminated", True)
