import json
from pathlib import Path
from typing import Any

import pytest

from scscf.capture.writing import CaptureFile
from scscf.control.messages import AT_ONCE, PCAPNG
from scscf.diameter.message import decode
from scscf.sip.outbox import Flow
from tests.control.browser import Browser, Reply
from tests.cx_world import CxWorld
from tests.scenario.test_pcapng import blocks, packets, streams
from tests.world import World

TOBIAS = "sip:tobias@home1.test"


def a_world(**config: Any) -> tuple[World, Browser]:
    world = World(config)
    phone = world.client(username="phone@home1.test")
    assert phone.register().status == 200
    assert phone.subscribe().status == 200
    assert world.client("127.0.0.8", user="carol").register().status == 200
    return world, Browser(world)


def shown(browser: Browser, query: str = "") -> list[dict[str, Any]]:
    reply = browser.get(f"/v1/messages{query}")
    assert reply.status == 200
    found: list[dict[str, Any]] = reply.json["messages"]
    return found


def test_the_last_messages_are_shown_with_what_they_are_about() -> None:
    world, browser = a_world()

    reply = browser.get("/v1/messages")

    messages = reply.json["messages"]
    assert [each["number"] for each in messages] == list(range(1, len(messages) + 1))
    assert (reply.json["dropped"], reply.json["last"]) == (0, len(messages))
    first = messages[0]
    assert first | {"raw": "", "text": ""} == {
        "number": 1,
        "at": first["at"],
        "direction": "in",
        "protocol": "sip",
        "transport": "udp",
        "source": "127.0.0.9:5070",
        "destination": "127.0.0.1:5060",
        "aor": TOBIAS,
        "impi": None,
        "call_id": "call-127.0.0.9-5070",
        "cseq": 1,
        "summary": "REGISTER sip:home1.test",
        "raw": "",
        "text": "",
    }
    assert first["at"] == pytest.approx(world.clock.seconds(), abs=10)
    assert first["raw"].startswith("REGISTER sip:home1.test SIP/2.0\r\nVia: ")
    (notify,) = [each for each in messages if each["summary"].startswith("NOTIFY")]
    assert (notify["direction"], notify["source"], notify["aor"]) == ("out", "127.0.0.1:5060", TOBIAS)


def test_cx_with_the_embedded_hss_is_shown_though_it_does_not_travel() -> None:
    _, browser = a_world()

    cx = [each for each in shown(browser) if each["protocol"] == "cx"]

    assert [each["summary"] for each in cx][:6] == [
        "UAR", "UAA 2001", "MAR", "MAA 2001", "SAR REGISTRATION", "SAA 2001",
    ]  # fmt: skip
    assert {each["transport"] for each in cx} == {"internal"}
    assert decode(bytes.fromhex(cx[4]["raw"])).get("Public-Identity") == TOBIAS
    assert "  Public-Identity: sip:tobias@home1.test\n" in cx[4]["text"]


def test_no_secret_is_shown() -> None:
    _, browser = a_world()

    text = json.dumps(shown(browser))

    assert f'response=\\"{"0" * 32}\\"' in text
    vector = next(each for each in shown(browser) if each["summary"] == "MAA 2001")
    item = dict(decode(bytes.fromhex(vector["raw"])).get("SIP-Auth-Data-Item"))
    assert dict(item["SIP-Digest-Authenticate"])["Digest-HA1"] == "0" * 32
    assert "Digest-HA1: ..." in vector["text"]


def test_messages_are_chosen_by_identity_with_its_implicit_set() -> None:
    _, browser = a_world()

    mine = shown(browser, f"?aor={TOBIAS}")
    of_another = shown(browser, "?aor=sip:carol@home1.test")

    assert shown(browser, "?aor=tel:%2B44123456789") == mine
    assert shown(browser, "?aor=sip:Tobias@HOME1.test") == []
    assert {each["number"] for each in mine} | {each["number"] for each in of_another} == {
        each["number"] for each in shown(browser)
    }
    assert {each["summary"] for each in of_another} >= {"SAR REGISTRATION", "SAA 2001", "200 OK (REGISTER)"}
    assert not {each["number"] for each in mine} & {each["number"] for each in of_another}
    assert shown(browser, "?aor=not%20a%20uri") == []


def test_messages_are_chosen_by_private_identity_and_call_id() -> None:
    _, browser = a_world()

    by_device = shown(browser, "?impi=phone@home1.test")
    by_call = shown(browser, "?call_id=call-127.0.0.9-5070")
    session = next(each["call_id"] for each in by_device if each["protocol"] == "cx")

    assert {"401 Unauthorized (REGISTER)", "MAR", "MAA 2001"} <= {each["summary"] for each in by_device}
    assert not [each for each in by_device if each["aor"] == "sip:carol@home1.test"]
    assert [each["cseq"] for each in by_call] == [1, 1, 2, 2]
    assert [each["summary"] for each in shown(browser, f"?call_id={session}")] == ["UAR", "UAA 2001"]


def test_pages_go_on_where_the_one_before_ended() -> None:
    _, browser = a_world()
    every = [each["number"] for each in shown(browser)]

    assert [each["number"] for each in shown(browser, "?limit=3")] == every[-3:]
    pages, since = [], 0
    while page := shown(browser, f"?limit=4&since={since}"):
        pages += [each["number"] for each in page]
        since = pages[-1]
    assert pages == every


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "since=-1", "since=x", "aor=", "colour=red"])
def test_a_query_that_cannot_be_is_refused(query: str) -> None:
    reply = Browser(World()).get(f"/v1/messages?{query}")

    assert (reply.status, reply.json["error"]["code"]) == (400, "bad_query")


def test_what_is_kept_is_configured() -> None:
    _, browser = a_world(messages={"keep": 5})

    reply = browser.get("/v1/messages")

    assert len(reply.json["messages"]) == 5
    assert reply.json["dropped"] == reply.json["last"] - 5
    _, browser = a_world(messages={"keep": 0})
    assert browser.get("/v1/messages").json == {"messages": [], "dropped": 0, "last": 0}


def capture(browser: Browser, query: str = "") -> bytes:
    connection = browser.open("GET", f"/v1/capture.pcapng{query}")
    browser.world.run(1)
    head, _, body = connection.received().partition(b"\r\n\r\n")
    connection.close()
    assert head.startswith(b"HTTP/1.1 200 ")
    assert f"Content-Type: {PCAPNG}".encode() in head
    assert b'Content-Disposition: attachment; filename="scscf.pcapng"' in head
    assert f"Content-Length: {len(body)}\r\n".encode() in head
    return body


def test_a_capture_has_every_message_that_is_kept() -> None:
    _, browser = a_world()
    messages = shown(browser)

    data = capture(browser)

    over_udp = [packet[28:] for _, packet, _ in packets(data) if packet[9] == 17]
    assert over_udp == [each["raw"].encode() for each in messages if each["protocol"] == "sip"]
    out = b"".join(
        bytes.fromhex(each["raw"]) for each in messages if (each["protocol"], each["direction"]) == ("cx", "out")
    )
    assert out in streams(data).values()
    assert b"did not travel" in data


def test_a_capture_of_one_user_from_a_message_on() -> None:
    _, browser = a_world()
    mine = [each for each in shown(browser, f"?aor={TOBIAS}") if each["protocol"] == "sip"]

    data = capture(browser, f"?aor={TOBIAS}&since={mine[1]['number']}")

    over_udp = [packet[28:] for _, packet, _ in packets(data) if packet[9] == 17]
    assert over_udp == [each["raw"].encode() for each in mine[2:]]


def test_a_capture_of_nothing_can_be_opened() -> None:
    data = capture(Browser(World({"messages": {"keep": 0}})))

    assert [kind for kind, _ in blocks(data)] == [0x0A0D0D0A, 1]


def test_a_long_capture_lets_others_have_their_turn_and_ends_with_its_client() -> None:
    world, browser = a_world()
    carol = world.client("127.0.0.7", user="dave")
    while len(world.node.messages) <= 2 * AT_ONCE:
        assert carol.register().status == 200

    assert packets(capture(browser))
    leaving = browser.open("GET", "/v1/capture.pcapng")
    leaving.close()
    world.run(1)


def test_the_newest_number_that_is_told_has_been_looked_at() -> None:
    """What comes while a long answer is made is for the next question: `since` that number misses nothing."""
    world, browser = a_world()
    carol = world.client("127.0.0.7", user="dave")
    while len(world.node.messages) <= AT_ONCE:
        assert carol.register().status == 200
    before = world.node.messages.last

    asked = browser.open("GET", "/v1/messages?limit=1000")
    world.node.messages.sip(
        "in", Flow("udp", ("127.0.0.1", 5060), ("127.0.0.7", 5070)), b"OPTIONS sip:x SIP/2.0\r\n\r\n"
    )
    world.run(1)

    told = Reply(asked.received(), "GET").json
    assert told["last"] == before == told["messages"][-1]["number"]
    (later,) = shown(browser, f"?since={before}")
    assert (later["number"], later["summary"]) == (before + 1, "OPTIONS sip:x")


def test_secrets_are_in_captures_where_they_were_asked_for_but_not_what_did_not_travel() -> None:
    _, hiding = a_world()
    _, telling = a_world(capture={"keys": True})
    zeroes = f'response="{"0" * 32}"'.encode()

    assert zeroes in capture(hiding)
    data = capture(telling)
    assert zeroes not in data
    assert b'response="' in data
    assert b"0" * 32 in b"".join(streams(data).values())
    assert f'response=\\"{"0" * 32}\\"' in json.dumps(shown(telling))


def test_cx_over_diameter_is_shown_as_it_travelled() -> None:
    world = CxWorld()
    phone = world.client(username="phone@home1.test")
    assert phone.register().status == 200
    browser = Browser(world)

    cx = [each for each in shown(browser) if each["protocol"] == "cx"]

    assert [each["summary"] for each in cx if each["call_id"]][:4] == ["UAR", "UAA 2001", "MAR", "MAA 2001"]
    assert {each["transport"] for each in cx} == {"tcp"}
    assert cx[0]["summary"] == "CER"
    assert len({each["number"] for each in shown(browser, f"?aor={TOBIAS}") if each["protocol"] == "cx"}) == 6


def test_a_capture_file_ends_with_the_node(tmp_path: Path) -> None:
    world = World()
    file = CaptureFile(tmp_path / "trace.pcapng", 100_000, 2)
    world.scscf.observation.write_to(file)
    assert world.client(user="carol").register().status == 200

    world.scscf.stop()
    world.run(1)

    assert packets(file.path.read_bytes())[-1][1][33] == 0x10
    assert world.scscf.observation.capture is None
