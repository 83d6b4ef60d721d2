"""Who may use the control API."""

import pytest

from tests.control.browser import Browser, error
from tests.world import World


def test_a_token_is_asked_for_everywhere() -> None:
    browser = Browser(World(), token="sesame")

    for path in ("/v1/health", "/v1/events", "/openapi.json", "/nothing"):
        for headers in ({}, {"Authorization": "Bearer other"}, {"Authorization": "Basic c2VzYW1l"}):
            reply = browser.get(path, **headers)
            assert error(reply) == (401, "token")
            assert reply.headers["WWW-Authenticate"] == "Bearer"
    assert browser.get("/v1/health", Authorization="Bearer sesame").status == 200
    assert browser.get("/v1/health", Authorization="Bearer sesame", Host="scscf.lab:8060").status == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1:8060", "http://127.0.0.1:9"])
def test_a_page_of_another_origin_is_refused(origin: str) -> None:
    browser = Browser(World())

    assert error(browser.call("POST", "/v1/reset", {"registrations": True}, Origin=origin)) == (403, "origin")
    assert browser.get("/v1/health", Origin="http://127.0.0.1:8060").status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8060", "[", "[::1", "127.0.0.2", "127.0.0.1.evil.example", ":"]
)
def test_a_name_that_was_bound_to_loopback_by_somebody_else_is_refused(host: str) -> None:
    """DNS rebinding: a page's own origin, and our address."""
    browser = Browser(World())

    assert error(browser.get("/v1/health", Host=host, Origin=f"http://{host}")) == (403, "host")


@pytest.mark.parametrize("host", ["localhost", "localhost:8060", "[::1]:8060", "127.0.0.1", "LOCALHOST"])
def test_loopback_goes_by_several_names(host: str) -> None:
    assert Browser(World()).get("/v1/health", Host=host).status == 200
