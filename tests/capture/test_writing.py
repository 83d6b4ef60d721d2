from pathlib import Path

import pytest

from scscf.capture import writing
from scscf.capture.recording import Recorded
from scscf.capture.writing import CaptureFile
from scscf.errors import InputError
from tests.scenario.test_pcapng import blocks, packets, streams

A, B = ("192.0.2.1", 5060), ("192.0.2.9", 5060)
SECRETS = 10


def datagram(number: int, octets: int = 0) -> Recorded:
    return Recorded(1_700_000_000.0 + number, "sip", "udp", A, B, b"%04d" % number + bytes(octets))


def over_tcp(number: int) -> Recorded:
    return Recorded(1_700_000_000.0 + number, "sip", "tcp", A, B, b"%04d" % number)


def payloads(path: Path) -> list[bytes]:
    return [packet[28:32] for _, packet, _ in packets(path.read_bytes()) if packet[9] == 17]


def test_a_file_can_be_opened_before_anything_came_and_after_each_flush(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    capture = CaptureFile(path, 100_000, 3)
    assert packets(path.read_bytes()) == []

    capture.write(datagram(1))
    capture.flush()

    assert payloads(path) == [b"0001"]
    ((at, _, _),) = packets(path.read_bytes())
    assert at == 1_700_000_001.0
    capture.close()
    capture.close()


def test_streams_are_closed_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    capture = CaptureFile(path, 100_000, 3)
    capture.write(over_tcp(1))
    capture.write(over_tcp(2))
    capture.close()

    assert b"00010002" in streams(path.read_bytes()).values()
    last = packets(path.read_bytes())[-1][1]
    assert last[9] == 6


def test_a_full_file_gives_way_to_the_next_and_the_oldest_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    capture = CaptureFile(path, 10_000, 3)
    for number in range(45):
        capture.write(datagram(number, 1000))
    capture.close()

    names = sorted(file.name for file in tmp_path.iterdir())
    assert names == ["trace.1.pcapng", "trace.2.pcapng", "trace.pcapng"]
    kept = [payloads(tmp_path / name) for name in ("trace.2.pcapng", "trace.1.pcapng", "trace.pcapng")]
    every = [payload for file in kept for payload in file]
    assert every == [b"%04d" % number for number in range(45 - len(every), 45)]
    assert all(file.stat().st_size < 12_500 for file in tmp_path.iterdir())
    assert capture.lost == 0


def test_one_file_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    capture = CaptureFile(path, 10_000, 1)
    for number in range(15):
        capture.write(datagram(number, 1000))
    capture.close()

    assert [file.name for file in tmp_path.iterdir()] == ["trace.pcapng"]
    assert payloads(path)[-1] == b"0014"


def test_a_stream_that_goes_on_begins_anew_in_the_next_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MOST_CONNECTIONS", 1)
    capture = CaptureFile(tmp_path / "trace.pcapng", 100_000, 3)
    for number in range(3):
        capture.write(over_tcp(number))
    capture.close()

    for name, carried in (("trace.2.pcapng", b"0000"), ("trace.1.pcapng", b"0001"), ("trace.pcapng", b"0002")):
        assert carried in streams((tmp_path / name).read_bytes()).values()


def test_tls_secrets_are_in_every_file_that_may_need_them(tmp_path: Path) -> None:
    path = tmp_path / "trace.pcapng"
    capture = CaptureFile(path, 10_000, 2)
    capture.secrets(b"CLIENT_RANDOM 00 11")
    for number in range(11):
        capture.write(datagram(number, 1000))
    capture.close()

    for name in ("trace.1.pcapng", "trace.pcapng"):
        (secret,) = [body for kind, body in blocks((tmp_path / name).read_bytes()) if kind == SECRETS]
        assert secret[:4] == b"KSLT"
        assert b"CLIENT_RANDOM 00 11\n" in secret


def test_a_place_where_nothing_can_be_written_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        CaptureFile(tmp_path / "no folder" / "trace.pcapng", 10_000, 2)


def test_a_capture_ends_where_no_next_file_can_be_had(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    capture = CaptureFile(folder / "trace.pcapng", 10_000, 2)
    capture.write(datagram(0, 20_000))
    (folder / "trace.pcapng").unlink()
    folder.rmdir()

    capture.write(datagram(1))
    capture.write(datagram(2))
    capture.flush()
    capture.close()

    assert capture.lost == 2
    assert "the capture ends here" in caplog.text
