import json
from collections.abc import Mapping

from scscf.control import http
from scscf.control.stream import KEEP_ALIVE, MAX_WAITING, EventStream
from scscf.control.views import as_json
from scscf.feed import Feed
from tests.control.browser import Browser, Connection, Reply
from tests.world import World

TOBIAS = "sip:tobias@home1.test"


def events(data: bytes) -> list[tuple[str, dict[str, object]]]:
    """Return (kind, data) of what a stream sent, its head and its chunks' sizes left out."""
    found = []
    kind = ""
    for line in data.decode().replace("\r\n", "\n").split("\n"):
        if line.startswith("event: "):
            kind = line[7:]
        elif line.startswith("data: "):
            found.append((kind, json.loads(line[6:])))
    return found


def opened(browser: Browser, query: str = "") -> Connection:
    connection = browser.open("GET", f"/v1/events{query}")
    assert b"text/event-stream" in connection.received()
    return connection


def test_what_happens_is_told_in_order() -> None:
    world = World()
    browser = Browser(world)
    stream = opened(browser, "?kinds=registration,contact,subscription,notify")
    phone = world.client(username="phone@home1.test")
    assert phone.register().status == 200
    assert phone.subscribe().status == 200
    assert phone.register(expires=0).status == 200

    told = events(stream.received())

    kinds = [kind for kind, _ in told]
    assert kinds[:6] == ["registration"] * 3 + ["contact"] * 3
    assert kinds[6:] == ["subscription", "notify"] + ["registration"] * 3 + ["contact"] * 3 + ["notify", "subscription"]
    by_kind: dict[str, list[Mapping[str, object]]] = {}
    for kind, data in told:
        by_kind.setdefault(kind, []).append(data)
    assert [data["state"] for data in by_kind["registration"]] == ["active"] * 3 + ["terminated"] * 3
    assert [data["event"] for data in by_kind["contact"]] == ["registered", "created", "created"] + ["unregistered"] * 3
    assert [data["state"] for data in by_kind["subscription"]] == ["active", "terminated"]
    assert [(data["version"], data["status"]) for data in by_kind["notify"]] == [(0, 200), (1, 200)]
    assert all(isinstance(data["at"], float) for _, data in told)


def test_messages_are_told_of_without_secrets_and_only_while_somebody_wants_them() -> None:
    world = World()
    browser = Browser(world)
    assert world.scscf.endpoint.trace is None
    stream = opened(browser, "?kinds=message")
    phone = world.client(username="phone@home1.test")
    assert phone.register().status == 200

    told = [data for _, data in events(stream.received())]

    assert [data["direction"] for data in told] == ["in", "out", "in", "out"]
    assert [str(data["message"]).split()[0] for data in told] == ["REGISTER", "SIP/2.0", "REGISTER", "SIP/2.0"]
    assert told[0]["remote"] == "127.0.0.9:5070"
    assert 'response="..."' in str(told[2]["message"])
    stream.close()
    assert world.scscf.endpoint.trace is None
    assert world.node.feed.listeners == []


def test_an_unknown_kind_is_refused() -> None:
    reply = Browser(World()).get("/v1/events?kinds=contact,weather")

    assert (reply.status, reply.json["error"]["code"]) == (400, "bad_query")


def test_an_idle_stream_says_that_it_is_there_until_the_client_leaves() -> None:
    world = World()
    stream = opened(Browser(world))

    world.run(2 * KEEP_ALIVE + 1)

    assert stream.received().count(b": still here") == 2
    stream.close()
    world.run(2 * KEEP_ALIVE)
    assert stream.received() == b""
    assert len(world.node.wire_deadlines) == 0


def test_there_is_a_bound_on_streams() -> None:
    world = World()
    browser = Browser(world)
    streams = [opened(browser) for _ in range(http.MAX_STREAMS)]

    refused = Reply(browser.open("GET", "/v1/events").received(), "GET")

    assert (refused.status, refused.json["error"]["code"]) == (503, "too_many_streams")
    streams[0].close()
    opened(browser)


def test_held_calls_are_answered_when_the_server_ends() -> None:
    world = World()
    browser = Browser(world)
    held = browser.open("GET", "/v1/registrations/sip%3Acarol%40home1.test?wait=60")
    world.run(1)
    assert held.received() == b""

    browser.resource.close()

    reply = Reply(held.received(), "GET")
    assert (reply.status, reply.json["error"]["code"]) == (503, "shutting_down")
    assert world.node.feed.listeners == []
    world.run(60)
    assert held.received() == b""
    held.close()


def test_streams_end_with_the_server() -> None:
    world = World()
    browser = Browser(world)
    stream = opened(browser)

    browser.resource.close()

    assert stream.received().endswith(b"0\r\n\r\n")
    assert world.node.feed.listeners == []


def test_a_client_that_does_not_read_is_told_how_much_it_missed() -> None:
    sent: list[bytes] = []
    feed = Feed()
    stream = EventStream(sent.append, feed, lambda: 7.0, ["notify"])
    stream.pause()
    for number in range(MAX_WAITING + 5):
        feed.publish("notify", {"number": number})
    stream.beat()
    assert len(sent) == 1

    stream.resume()

    told = events(b"".join(sent))
    assert [data.get("number") for _, data in told[:-1]] == list(range(MAX_WAITING))
    assert told[-1] == ("lost", {"at": 7.0, "count": 5})


def test_a_client_that_stops_reading_again_loses_nothing_of_what_was_kept() -> None:
    sent: list[bytes] = []
    feed = Feed()

    def write(data: bytes) -> None:
        sent.append(data)
        if len(sent) % 3 == 0:
            stream.pause()

    stream = EventStream(write, feed, lambda: 7.0, ["notify"])
    for number in range(20):
        feed.publish("notify", {"number": number})
    for _ in range(20):
        stream.resume()

    assert [data["number"] for _, data in events(b"".join(sent))] == list(range(20))


def test_json_has_one_line_and_no_octets_that_are_not_utf8() -> None:
    assert as_json({"a": "x\ny\udcff", "b": "é"}) == '{"a": "x\\ny?", "b": "é"}'.encode()
