"""The calls about rules and quirks."""

from typing import Any

import pytest

from scscf.quirks import QUIRKS
from tests.control.browser import Browser
from tests.cx_world import CxWorld
from tests.world import World

TOO_BRIEF = {
    "match": {"method": "REGISTER", "source": "127.0.0.8/31"},
    "after": 1,
    "count": 1,
    "do": {"answer": {"status": 423, "headers": {"Min-Expires": "600000"}}},
}


@pytest.fixture
def browser() -> Browser:
    return Browser(World())


def put(browser: Browser, name: str, body: object) -> Any:
    return browser.call("PUT", f"/v1/rules/{name}", body)


def test_a_rule_is_set_shown_counted_and_taken_back(browser: Browser) -> None:
    shown = {"name": "brief", **TOO_BRIEF, "seen": 0, "hits": 0}
    answer = put(browser, "brief", TOO_BRIEF)
    assert (answer.status, answer.json) == (200, shown)

    ue = browser.world.client()
    statuses = [getattr(ue.send("REGISTER"), "status", None) for _ in range(3)]

    assert statuses[1] == 423 != statuses[0] == statuses[2]
    assert browser.get("/v1/rules").json == {"rules": [shown | {"seen": 3, "hits": 1}]}
    assert browser.get("/v1/rules/brief").json["hits"] == 1
    assert browser.call("DELETE", "/v1/rules/brief").json == {"removed": 1}
    for method in ("GET", "DELETE"):
        gone = browser.call(method, "/v1/rules/brief")
        assert (gone.status, gone.json["error"]["code"]) == (404, "no_such_rule")


@pytest.mark.parametrize(
    ("do", "shown"),
    [
        ("drop", {"drop": True}),
        ({"delay": 2}, {"delay": 2.0}),
        (
            {"edit": [{"replace": "a", "with": "b", "in": "body"}]},
            {"edit": [{"replace": "a", "with": "b", "in": "body"}]},
        ),
        ({"vector": "old_sqn"}, {"vector": "old_sqn"}),
        ({"quirk": "aor-aor"}, {"quirk": "aor-aor"}),
    ],
)
def test_what_a_rule_may_do(browser: Browser, do: object, shown: object) -> None:
    answer = put(browser, "a", {"do": do})

    assert answer.status == 200
    assert answer.json["do"] == shown


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "do: field required"),
        ({"do": {"answer": {"status": "423"}}}, "do.answer.status: input should be a valid integer"),
        ({"do": "drop", "count": 0}, "count: input should be greater than or equal to 1"),
        ({"do": {"quirk": "aor-oar"}}, "did you mean aor-aor?"),
        ({"do": "drop", "mtach": {}}, "did you mean match?"),
        ({"do": {"edit": [{"replace": "(", "with": "", "in": "body"}]}}, "no extended regular expression"),
    ],
)
def test_a_rule_that_is_none_is_refused(browser: Browser, body: object, said: str) -> None:
    answer = put(browser, "a", body)

    assert answer.status == 400
    assert said in answer.json["error"]["message"]
    assert browser.get("/v1/rules").json == {"rules": []}


def test_a_name_has_to_be_one(browser: Browser) -> None:
    assert put(browser, "a%2Fb", {"do": "drop"}).json["error"]["code"] == "bad_name"


def test_rules_go_all_at_once_and_with_a_reset(browser: Browser) -> None:
    for name in ("a", "b"):
        put(browser, name, {"do": {"delay": 1}})
    assert browser.call("DELETE", "/v1/rules").json == {"removed": 2}

    put(browser, "a", {"do": {"delay": 1}})
    assert browser.post("/v1/reset", {"registrations": True}).json["rules"] == 0
    assert browser.post("/v1/reset", {"rules": True}).json["rules"] == 1
    assert browser.get("/v1/rules").json == {"rules": []}


def test_a_vector_over_cx_is_the_hss_s() -> None:
    browser = Browser(CxWorld())

    refused = put(browser, "a", {"do": {"vector": "bad_mac"}})

    assert (refused.status, refused.json["error"]["code"]) == (409, "other_hss")
    assert "at an hss-stub, PUT /v1/faults/MAR" in refused.json["error"]["message"]


def test_quirks_are_listed_and_go_on_and_off(browser: Browser) -> None:
    listed = browser.get("/v1/quirks").json["quirks"]
    assert [each["name"] for each in listed] == list(QUIRKS)
    assert not any(each["on"] for each in listed)

    on = browser.call("PUT", "/v1/quirks/aor-aor")
    assert (on.status, on.json["on"], on.json["about"]) == (200, True, QUIRKS["aor-aor"].about)
    assert [each["name"] for each in browser.get("/v1/quirks").json["quirks"] if each["on"]] == ["aor-aor"]
    assert browser.call("DELETE", "/v1/quirks/aor-aor").json["on"] is False
    for method in ("PUT", "DELETE"):
        unknown = browser.call(method, "/v1/quirks/aor-oar")
        assert unknown.status == 404
        assert "did you mean aor-aor" in unknown.json["error"]["message"]


def test_where_nothing_is_scripted_there_are_no_rules(browser: Browser) -> None:
    for service in browser.resource._services:
        if hasattr(service.api, "script"):
            service.api.script = None

    assert browser.get("/v1/rules").status == 404
    assert browser.post("/v1/reset", {"rules": True}).json["rules"] == 0
