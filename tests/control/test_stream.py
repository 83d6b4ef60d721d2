import json
from collections.abc import Mapping

from scscf.control import event_streams
from scscf.control.history import GRACE
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
    world = World({"messages": {"keep": 0}})
    browser = Browser(world)
    assert world.scscf.endpoint.trace is None
    stream = opened(browser, "?kinds=message&raw=true")
    phone = world.client(username="phone@home1.test")
    assert phone.register().status == 200

    told = [data for _, data in events(stream.received()) if data["protocol"] == "sip"]

    assert [data["direction"] for data in told] == ["in", "out", "in", "out"]
    assert [str(data["raw"]).split()[0] for data in told] == ["REGISTER", "SIP/2.0", "REGISTER", "SIP/2.0"]
    assert told[0]["source"] == "127.0.0.9:5070"
    assert f'response="{"0" * 32}"' in str(told[2]["raw"])
    stream.close()
    assert world.scscf.endpoint.trace is None
    assert world.scscf.exchanges.tell is None
    world.run(GRACE)
    assert world.node.feed.listeners == []


def test_messages_come_summed_up_where_they_are_not_asked_for_whole() -> None:
    world = World()
    stream = opened(Browser(world), "?kinds=message")
    assert world.client(user="carol").register().status == 200

    told = [data for _, data in events(stream.received())]

    summaries = [data["summary"] for data in told]
    assert summaries[0] == "REGISTER sip:home1.test"
    assert "SAR REGISTRATION" in summaries
    assert summaries[-1] == "200 OK (REGISTER)"
    assert {data["aor"] for data in told if data["protocol"] == "sip"} == {"sip:carol@home1.test"}
    assert not any("raw" in data or "text" in data for data in told)


def ids(data: bytes) -> list[int]:
    return [int(line[4:]) for line in data.decode().replace("\r\n", "\n").split("\n") if line.startswith("id: ")]


def again(browser: Browser, last: int, query: str = "") -> bytes:
    """Return what a client is told that comes back after the event `last`."""
    connection = browser.open("GET", f"/v1/events{query}", Last_Event_ID=str(last))
    data = connection.received()
    connection.close()
    return data


def test_a_client_that_comes_back_is_told_of_what_it_missed_once_and_in_order() -> None:
    world = World()
    browser = Browser(world)
    stream = opened(browser)
    carol = world.client(user="carol")
    assert carol.register().status == 200
    before = ids(stream.received())
    stream.close()
    world.run(GRACE / 2)
    assert carol.register(expires=0).status == 200

    data = again(browser, before[-1])

    assert before == sorted(set(before))
    assert ids(data) == sorted(set(ids(data)))
    assert ids(data)[0] > before[-1]
    told = events(data)
    assert "lost" not in [kind for kind, _ in told]
    assert [data["event"] for kind, data in told if kind == "contact"] == ["unregistered"]
    (first, *_) = [data["summary"] for kind, data in told if kind == "message"]
    assert first == "REGISTER sip:home1.test"


def test_what_is_known_no_more_is_counted_as_lost() -> None:
    world = World({"messages": {"keep": 4}})
    browser = Browser(world)
    stream = opened(browser)
    assert world.client(user="carol").register().status == 200
    stream.received()
    stream.close()
    world.run(GRACE)
    assert world.client("127.0.0.8", user="dave").register().status == 200

    everything = events(again(browser, 1))
    messages = events(again(browser, 1, "?kinds=message"))
    another_run = events(again(browser, 10**6))
    asked = browser.open("GET", "/v1/events?kinds=message&since=0")

    assert everything[0][0] == "lost"
    assert everything[0][1]["count"] == world.node.feed.newest - 1
    assert [kind for kind, _ in messages] == ["lost"] + ["message"] * len(world.node.messages)
    assert messages[0][1]["count"] == world.node.messages.gone - 1
    assert [kind for kind, _ in another_run] == ["lost"]
    assert ids(asked.received()) == [seen.number for seen in world.node.messages]


def test_a_last_event_id_that_is_no_number_is_passed_over() -> None:
    browser = Browser(World())
    connection = browser.open("GET", "/v1/events", Last_Event_ID="abc")

    assert b"lost" not in connection.received()


def test_header_fields_that_are_no_utf8_are_put_up_with() -> None:
    world = World()
    stream = Connection(Browser(world))
    stream.send(b"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1:8060\r\nLast-Event-ID: \xb2\r\n\r\n")
    world.run()
    assert b"200 OK" in stream.received()
    stream.close()

    for field in (b"Authorization: Bearer \xb2", b"Host: \xb2", b"Host: 127.0.0.1:8060\r\nOrigin: \xb2"):
        client = Connection(Browser(world, "secret" if field.startswith(b"A") else None))
        client.send(b"GET /v1/health HTTP/1.1\r\n" + field + b"\r\n\r\n")
        world.run()
        assert client.received()[:12] in (b"HTTP/1.1 401", b"HTTP/1.1 403")


def test_an_unknown_kind_is_refused() -> None:
    reply = Browser(World()).get("/v1/events?kinds=contact,weather")

    assert (reply.status, reply.json["error"]["code"]) == (400, "bad_query")


def test_an_idle_stream_says_that_it_is_there_until_the_client_leaves() -> None:
    world = World()
    stream = opened(Browser(world))

    world.run(2 * KEEP_ALIVE + 1)

    assert stream.received().count(b": still here") == 2
    stream.close()
    world.run(GRACE + 1)
    assert stream.received() == b""
    assert len(world.node.wire_deadlines) == 0


def test_there_is_a_bound_on_streams() -> None:
    world = World()
    browser = Browser(world)
    streams = [opened(browser) for _ in range(event_streams.MAX_STREAMS)]

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
