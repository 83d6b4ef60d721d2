"""tshark reads what scenarios write: every message, put together, nothing malformed."""

from pathlib import Path

import pytest

from scscf.capture.pcapng import pcapng
from scscf.capture.recording import Recorded
from scscf.scenario.playing import play_files
from scscf.scenario.verdict import Outcome
from tests.interop.capture import FAULTS, Capture
from tests.scenario.samples import FROM_SCSCF, HSS, MAA, MAR, MESSAGES, NOTIFY, OK, PARTICIPANTS, REGISTER

pytestmark = [pytest.mark.interop, pytest.mark.peer("tshark")]

CLIENT, SERVER = ("2001:db8::1", 40000), ("2001:db8::9", 5061)
LONG = NOTIFY.replace(b"Event: reg", b"Subject: " + b"a" * 4000 + b"\r\nEvent: reg")
RECORDING = (
    *MESSAGES,
    Recorded(7201.0, "sip", "tcp", ("192.0.2.1", 40000), ("192.0.2.9", 5060), REGISTER),
    Recorded(7201.1, "sip", "tcp", ("192.0.2.9", 5060), ("192.0.2.1", 40000), OK),
    Recorded(7201.2, "sip", "tcp", ("192.0.2.9", 5060), ("192.0.2.1", 40000), LONG),
    Recorded(7201.3, "sip", "tls", CLIENT, SERVER, REGISTER),
    Recorded(7201.4, "sip", "tls", SERVER, CLIENT, OK),
    Recorded(7201.5, "sip", "udp", ("2001:db8::1", 5060), ("2001:db8::9", 5060), REGISTER),
    Recorded(7201.6, "diameter", "tcp", FROM_SCSCF, HSS, MAR),
    Recorded(7201.7, "diameter", "tcp", HSS, FROM_SCSCF, MAA),
    Recorded(7201.8, "diameter", "tcp", ("127.0.0.1", 40000), ("127.0.0.1", 39999), MAR),
)
OVER_CX = """\
name: a registration over Cx
hss: diameter
actors:
  phone: {aor: "sip:bob@home1.test"}
steps:
  - register: phone
  - subscribe: phone
  - notified: {by: phone, version: 0}
"""
CHECKED = "ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0"


@pytest.fixture
def written(tmp_path: Path) -> Capture:
    file = tmp_path / "messages.pcapng"
    file.write_bytes(pcapng(RECORDING, PARTICIPANTS, epoch=1_700_000_000.0))
    return Capture(file)


def test_every_message_is_read(written: Capture) -> None:
    assert len(written.read("sip.Method == REGISTER", "frame.number")) == 5
    assert len(written.read("sip.Method == NOTIFY", "frame.number")) == 2
    assert len(written.read("sip.Status-Code == 200", "frame.number")) == 3
    assert len(written.read("diameter", "frame.number")) == 5
    assert len(written.read("sip && xml", "frame.number")) == 2


def test_nothing_is_malformed_retransmitted_or_summed_wrongly(written: Capture) -> None:
    faults = f"{FAULTS} || tcp.analysis.flags || {CHECKED}"

    assert written.read(faults, "frame.number", "_ws.expert.message") == []
    written.judge_diameter(mar=1)


def test_the_times_are_those_of_the_messages(written: Capture) -> None:
    times = [float(row[0]) for row in written.read("sip", "frame.time_epoch")]

    assert times[0] == 1_700_000_000.0
    assert times == sorted(times)
    assert times[-1] == pytest.approx(1_700_007_201.5)


def test_a_scenario_over_cx_is_read_message_by_message(tmp_path: Path) -> None:
    file = tmp_path / "over_cx.scenario.yaml"
    file.write_text(OVER_CX, encoding="utf-8")
    (verdict,) = play_files([file])
    written = Capture(tmp_path / "over_cx.pcapng")
    written.file.write_bytes(pcapng(verdict.messages, verdict.participants))
    sent = [message.protocol for message in verdict.messages]

    assert verdict.outcome is Outcome.PASSED, verdict
    assert len(written.read("diameter", "frame.number")) == sent.count("diameter") >= 6
    assert len(written.read("sip", "frame.number")) == sent.count("sip") >= 8
    assert written.read(f"{FAULTS} || tcp.analysis.flags", "frame.number") == []
    written.judge_diameter(uar=1, mar=1, sar=1)
