"""Captures that others wrote are read as tshark reads them, in every format."""

import io
import subprocess
from pathlib import Path

import pytest

from scscf.capture.reading import CaptureReader
from scscf.sip.message import Request
from scscf.sip.parser import parse_message
from tests.interop.capture import Capture
from tests.interop.programs import find
from tests.judgement.traces import KAMAILIO, checks, judged_file

pytestmark = [pytest.mark.interop, pytest.mark.peer("tshark")]

LEAST = 20


def requests(file: Path) -> list[list[str]]:
    """Return the frames of requests and their methods, as they are read here."""
    reader = CaptureReader(io.BytesIO(file.read_bytes()))
    messages = [(each.frame, parse_message(each.data)) for each in reader]
    assert reader.notices() == []
    return [[str(frame), message.method] for frame, message in messages if isinstance(message, Request)]


def test_requests_are_where_tshark_finds_them() -> None:
    found = Capture(KAMAILIO).read("sip.Method", "frame.number", "sip.Method")

    assert len(found) >= LEAST
    assert requests(KAMAILIO) == found


@pytest.mark.parametrize("kind", ["pcap", "nsecpcap", "pcapng"])
def test_the_verdict_is_the_same_in_every_format(kind: str, tmp_path: Path) -> None:
    binary = find("editcap")
    if binary is None:
        pytest.skip("editcap, which comes with tshark, is not there")
    other = tmp_path / f"trace.{kind}"
    subprocess.run((binary, "-F", kind, str(KAMAILIO), str(other)), check=True, timeout=60)

    assert requests(other) == requests(KAMAILIO)
    assert len(checks(judged_file(other.read_bytes()))) == 11
