import logging

import pytest

from scscf import process
from scscf.control import request
from scscf.control.api import Api
from scscf.control.route import Call
from scscf.control.routes import ROUTES
from tests.control.browser import Browser, Connection, Reply, error
from tests.world import World

REGISTRATIONS = "/v1/registrations"


def test_an_answer_is_json_that_nobody_keeps_or_guesses_at() -> None:
    reply = Browser(World()).get("/v1/health")

    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_head_has_the_length_of_get_and_no_body() -> None:
    browser = Browser(World())

    assert browser.call("HEAD", REGISTRATIONS).headers["Content-Length"] == str(len(browser.get(REGISTRATIONS).text))
    assert browser.call("HEAD", REGISTRATIONS).text == ""
    assert browser.call("HEAD", "/v1/nothing").status == 404
    assert browser.call("HEAD", "/v1/events").status == 200


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/", "/v2/health", "/v1/health/", "/v1/registrations/", "/v1/registrations/a/b", "//"]
)
def test_a_path_that_is_not_there_is_not_found(path: str) -> None:
    assert error(Browser(World()).get(path)) == (404, "no_such_path")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/v1/health", "GET, HEAD"),
        ("PUT", "/v1/registrations/sip%3Aa%40b", "DELETE, GET, HEAD"),
        ("GET", "/v1/deregistrations", "POST"),
        ("TRACE", "/v1/subscriptions/x", "DELETE, PATCH"),
        ("POST", "/v1/events", "GET, HEAD"),
        ("DELETE", "/openapi.json", "GET, HEAD"),
        ("get", "/v1/health", "GET, HEAD"),
    ],
)
def test_a_method_that_a_path_has_not_is_told_which_it_has(method: str, path: str, allowed: str) -> None:
    reply = Browser(World()).call(method, path)

    assert error(reply) == (405, "method")
    assert reply.headers["Allow"] == allowed


def test_the_openapi_document_is_served() -> None:
    assert Browser(World()).get("/openapi.json").json["openapi"].startswith("3.1")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "bad_json"),
        (b"\xff\xfe", "bad_json"),
        (b"[" * 100_000, "bad_json"),
        (b"[]", "bad_body"),
        (b"null", "bad_body"),
        (b'"registrations"', "bad_body"),
        (b'{"registrations": NaN}', "bad_body"),
        (b'{"registrations": "\\ud800"}', "bad_body"),
        (b'{"\\ud800\\u001b[2J": 1}', "bad_body"),
        (b'{"registrations": ' + b"9" * 5000 + b"}", "bad_json"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(body: bytes, code: str) -> None:
    assert error(Browser(World()).call("POST", "/v1/reset", body)) == (400, code)


def test_a_body_is_json_whatever_its_type_says() -> None:
    """curl -d sends application/x-www-form-urlencoded."""
    browser = Browser(World())

    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"):
        assert browser.call("POST", "/v1/reset", {"registrations": True}, Content_Type=kind).status == 200


def test_a_body_that_is_too_large_is_read_past_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(World())
    monkeypatch.setattr(request, "MAX_BODY", 1000)
    monkeypatch.setattr(request, "MAX_DISCARDED", 5000)

    assert browser.call("POST", "/v1/reset", b" " * 1000).status == 200
    assert error(browser.call("POST", "/v1/reset", b" " * 1001)) == (413, "too_large")

    connection = Connection(browser)
    connection.send(b"POST /v1/reset HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(4):
        connection.send(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
    connection.send(b"0\r\n\r\n")
    assert error(Reply(connection.received(), "POST")) == (413, "too_large")

    endless = Connection(browser)
    endless.send(b"POST /v1/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999\r\n\r\n")
    for _ in range(6):
        endless.send(b"x" * 1000)
    assert endless.transport.disconnected
    assert endless.received() == b""


def test_answers_to_one_connection_keep_their_order() -> None:
    world = World()
    browser = Browser(world)
    connection = browser.open("GET", "/v1/registrations/sip%3Acarol%40home1.test?wait=5")
    connection.send(b"GET /v1/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
    world.run(1)
    assert connection.received() == b""

    assert world.client(user="carol").register().status == 200

    first, _, second = connection.received().partition(b"HTTP/1.1 404")
    assert first.startswith(b"HTTP/1.1 200")
    assert b"no_such_path" in second


def test_a_bug_is_logged_and_answered_without_its_traceback(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(api: Api, call: Call) -> None:
        raise RuntimeError("inside")

    all_routes = tuple(route._replace(handler=broken) if route.path == "/v1/health" else route for route in ROUTES)
    monkeypatch.setattr(process, "ROUTES", all_routes)
    world = World()
    browser = Browser(world)
    with caplog.at_level(logging.CRITICAL):
        connection = browser.open("GET", "/v1/health")

    reply = Reply(connection.received(), "GET")
    assert error(reply) == (500, "bug")
    assert "inside" not in reply.text
    assert world.scscf.shell.bugs == 1


def test_an_idle_connection_is_closed() -> None:
    world = World()
    connection = Connection(Browser(world))
    connection.send(b"GET /v1/hea")

    world.run(61)

    assert connection.transport.disconnecting
    connection.close()
