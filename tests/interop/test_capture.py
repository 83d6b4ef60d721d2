"""The judge itself: it must find fault where there is fault."""

import socket

import pytest

from tests.interop.capture import FAULTS, Capture

pytestmark = [pytest.mark.interop, pytest.mark.peer("tshark")]

NOTIFY = (
    "NOTIFY sip:ue@127.0.0.1:5071 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1\r\n"
    "From: <sip:a@home1.test>;tag=1\r\n"
    "To: <sip:a@home1.test>;tag=2\r\n"
    "Call-ID: judge\r\n"
    "CSeq: 1 NOTIFY\r\n"
    "Event: reg\r\n"
    "Content-Type: application/reginfo+xml\r\n"
    "Content-Length: {length}\r\n\r\n{body}"
)
DOCUMENT = '<?xml version="1.0"?>\n<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="0" state="full"/>\n'


def cross_the_wire(text: str) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sender, socket.socket(type=socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 5060))
        sender.sendto(text.encode(), receiver.getsockname())


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        (NOTIFY.format(length=len(DOCUMENT), body=DOCUMENT), 0),
        (NOTIFY.format(length=len(DOCUMENT) - 20, body=DOCUMENT[:-20]), 1),
        (NOTIFY.format(length=len(DOCUMENT), body=DOCUMENT).replace("Event: reg", "Event reg"), 1),
    ],
    ids=["right", "cut XML", "no colon"],
)
def test_faults_are_seen(capture: Capture, text: str, faults: int) -> None:
    cross_the_wire(text)
    capture.stop()

    assert len(capture.read("sip", "frame.number")) == 1
    assert len(capture.read(FAULTS, "frame.number")) == faults
