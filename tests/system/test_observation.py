"""Who looks on at a whole node: a capture file, a Homer, the log."""

import logging
from pathlib import Path

import pytest

from scscf.capture.writing import CaptureFile
from scscf.config.captures import Homer
from scscf.net.homer import HomerSender
from scscf.observation import FLUSH_AFTER
from tests.capture.test_hep import chunks
from tests.cx_world import CxWorld
from tests.scenario.test_pcapng import packets
from tests.world import World


def sip(path: Path) -> list[bytes]:
    return [packet[28:].split(b"\r\n")[0] for _, packet, _ in packets(path.read_bytes()) if packet[9] == 17]


def test_every_message_is_in_the_capture_file_soon(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    world = World({"messages": {"keep": 0}})
    world.scscf.observation.write_to(CaptureFile(path, 1_000_000, 2))
    carol = world.client(user="carol")
    assert carol.register().status == 200
    world.run(FLUSH_AFTER)

    assert sip(path) == [b"REGISTER sip:home1.test SIP/2.0", b"SIP/2.0 200 OK"]
    world.scscf.observation.close()
    assert [packet[33] for _, packet, _ in packets(path.read_bytes())[-3:]] == [0x11, 0x11, 0x10]
    assert world.scscf.observation.capture is None
    assert world.scscf.endpoint.trace is None


@pytest.mark.parametrize("keys", [False, True])
def test_secrets_are_in_the_file_only_where_they_were_asked_for(tmp_path: Path, keys: bool) -> None:
    path = tmp_path / "trace.pcapng"
    world = World({"capture": {"keys": keys}})
    world.scscf.observation.write_to(CaptureFile(path, 1_000_000, 2))
    assert world.client(username="phone@home1.test").register().status == 200
    world.scscf.observation.close()

    assert (b'response="' + b"0" * 32 in path.read_bytes()) is not keys


def test_diameter_is_in_the_file_as_it_travelled(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    world = CxWorld()
    world.scscf.observation.write_to(CaptureFile(path, 1_000_000, 2))
    assert world.client(username="phone@home1.test").register().status == 200
    world.scscf.observation.close()

    assert b"<IMSSubscription>" in path.read_bytes()
    assert b"did not travel" not in path.read_bytes()


def test_a_homer_is_sent_every_sip_message_without_secrets() -> None:
    world = World()
    came: list[bytes] = []
    world.network.datagrams("127.0.0.50", 9060, lambda data, _: came.append(data))
    world.scscf.observation.send_to(HomerSender(world.network, Homer("127.0.0.50", 9060), "127.0.0.50"))
    assert world.client(username="phone@home1.test").register().status == 200
    world.run()

    found = [chunks(packet) for packet in came]
    assert [each[15].split(b" ")[0] for each in found] == [b"REGISTER", b"SIP/2.0", b"REGISTER", b"SIP/2.0"]
    assert {each[17] for each in found} == {b"call-127.0.0.9-5070"}
    assert b'response="' + b"0" * 32 in found[2][15]
    world.scscf.observation.send_to(None)
    assert world.client("127.0.0.8", user="carol").register().status == 200
    assert len(came) == 4


def test_cx_with_the_embedded_hss_is_in_the_log_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "scscf.messages")
    world = World()
    assert world.client(username="phone@home1.test").register().status == 200

    texts = [str(getattr(record, "diameter", "")) for record in caplog.records]

    (vector,) = [text for text in texts if text.startswith("Multimedia-Auth-Answer")]
    assert "Digest-HA1: ..." in vector


def test_messages_over_tcp_are_kept_octet_by_octet() -> None:
    world = World()
    octets = b"OPTIONS sip:home1.test  SIP/2.0\r\nv:SIP/2.0/TCP a;branch=z9hG4bK1\r\nl: 2\r\n\r\nhi"
    received: list[bytes] = []

    class Receiver:
        def opened(self, raw: object) -> None:
            raw.write(octets)  # type: ignore[attr-defined]

        def failed(self, detail: str) -> None: ...

        def received(self, data: bytes) -> None:
            received.append(data)

        def congested(self, congested: bool) -> None: ...

        def lost(self, detail: str) -> None: ...

    world.network.connect("tcp", "127.0.0.1", 5060, "", 1.0, Receiver())
    world.run()

    assert next(iter(world.node.messages)).data == octets


def test_what_a_stream_begins_with_is_bounded_in_octets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scscf.observation.REPLAYED_OCTETS", 1000)
    world = World()
    carol = world.client(user="carol")
    for _ in range(5):
        carol.register()

    shown, lost = world.node.feed.messages_after(0, False)

    assert 1000 < sum(len(seen.data) for seen in list(world.node.messages)[-len(shown) :]) < 2500
    assert lost == len(world.node.messages) - len(shown)
