"""A recording and verdicts made by hand, of which reports are made in these tests."""

from scscf.capture.recording import Participant, Recorded
from scscf.conformance.finding import Finding
from scscf.diameter.message import Message, encode
from scscf.scenario.verdict import Document, Failure, Outcome, Place, Verdict

PHONE, SCSCF, WATCHER = ("192.0.2.1", 5060), ("192.0.2.9", 5060), ("192.0.2.2", 5070)
HSS = ("192.0.2.20", 3868)
PARTICIPANTS = (
    Participant("phone", (PHONE,)),
    Participant("scscf", (SCSCF,)),
    Participant("watcher", (WATCHER,)),
    Participant("hss", (HSS,)),
    Participant("silent", (("192.0.2.77", 5060),)),
)


def sip(start: str, *headers: str, number: int = 1, body: str = "") -> bytes:
    method = start.split()[0] if not start.startswith("SIP/") else "REGISTER"
    lines = [
        start,
        f"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{number}",
        "From: <sip:tobias@home1.test>;tag=1",
        "To: <sip:tobias@home1.test>" + (";tag=2" if method != "REGISTER" or start.startswith("SIP/") else ""),
        "Call-ID: sample",
        f"CSeq: {number} {method}",
        "Max-Forwards: 70",
        *headers,
        f"Content-Length: {len(body.encode())}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


DOCUMENT = """<?xml version="1.0"?>
<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="1" state="full">
<registration aor="sip:tobias@home1.test" id="a" state="active">
<contact id="b" state="active" event="registered"><uri>sip:tobias@192.0.2.1:5060;transport=udp</uri></contact>
</registration></reginfo>
"""
REGISTER = sip(
    "REGISTER sip:home1.test SIP/2.0",
    "Contact: <sip:tobias@192.0.2.1:5060>;expires=600",
    'Authorization: Digest username="tobias", realm="home1.test", nonce="n", uri="sip:home1.test", response="c0ffee"',
)
OK = sip("SIP/2.0 200 OK", "Contact: <sip:tobias@192.0.2.1:5060>;expires=600")
NOTIFY = sip(
    f"NOTIFY sip:w@{WATCHER[0]}:{WATCHER[1]} SIP/2.0",
    "Contact: <sip:192.0.2.9:5060>",
    "Event: reg",
    "Subscription-State: active;expires=3600",
    "Content-Type: application/reginfo+xml",
    body=DOCUMENT,
)
_CX = [("Vendor-Id", 10415), ("Auth-Application-Id", 16777216)]
_COMMON = [
    ("Session-Id", "scscf.home1.test;1;2"),
    ("Vendor-Specific-Application-Id", _CX),
    ("Auth-Session-State", 1),
    ("Origin-Host", "scscf.home1.test"),
    ("Origin-Realm", "home1.test"),
]
MAR = encode(
    Message(
        "Multimedia-Auth",
        [
            *_COMMON,
            ("Destination-Realm", "home1.test"),
            ("User-Name", "tobias@home1.test"),
            ("Public-Identity", "sip:tobias@home1.test"),
            ("SIP-Number-Auth-Items", 1),
            ("Server-Name", "sip:scscf.home1.test:5060"),
        ],
    )
)
MAA = encode(
    Message(
        "Multimedia-Auth",
        [*_COMMON, ("Experimental-Result", [("Vendor-Id", 10415), ("Experimental-Result-Code", 5001)])],
        is_request=False,
    )
)
FROM_SCSCF = ("192.0.2.9", 41000)
MESSAGES = (
    Recorded(0.0, "sip", "udp", PHONE, SCSCF, REGISTER, lost=True),
    Recorded(0.5, "sip", "udp", PHONE, SCSCF, REGISTER),
    Recorded(0.501, "diameter", "tcp", FROM_SCSCF, HSS, MAR),
    Recorded(0.502, "diameter", "tcp", HSS, FROM_SCSCF, MAA),
    Recorded(0.51, "sip", "udp", SCSCF, PHONE, OK),
    Recorded(7200.51, "sip", "udp", SCSCF, WATCHER, NOTIFY),
)

FAILED = Verdict(
    "Deactivation is told",
    "scenarios/ims/deactivated.scenario.yaml",
    Outcome.FAILED,
    failures=(
        Failure(
            Place("scenarios/ims/deactivated.scenario.yaml", 12, 5, "steps[3].notified.version"),
            "the NOTIFY was not the one expected",
            ("version: 1", "state: full", "sip:tobias"),
            ("version: 2", "state: full", "<script>alert(1)</script>", 'response="5ec2e7"'),
            7200.51,
        ),
        Failure(Place("scenarios/ims/deactivated.scenario.yaml", 14, 5, "steps[4].register"), "no", ("200",), ("403",)),
    ),
    findings=(("network", Finding("version-gap", "RFC 3680 §5.1", "version went from 0 to 2", 3.0)),),
    parameters=(("transport", "udp"), ("password", "hunter2"), ("k", "465b5ce8")),
    tags=("ims", "deregistration"),
    clauses=("RFC 3680 §5.1",),
    seconds=0.03,
    simulated=7200.51,
    steps=4,
    participants=PARTICIPANTS,
    messages=MESSAGES,
    documents=(
        Document(1.0, "watcher", "active;expires=3600", DOCUMENT.encode()),
        Document(
            2.0, "watcher", "terminated;reason=noresource", DOCUMENT.replace('"registered"', '"refreshed"').encode()
        ),
    ),
)
PASSED = Verdict(
    "A refresh keeps the binding",
    "scenarios/rfc3261/refresh.scenario.yaml",
    Outcome.PASSED,
    tags=("rfc3261",),
    seconds=0.02,
    simulated=3600.0,
    steps=3,
    participants=PARTICIPANTS,
    messages=MESSAGES,
)
NOT_RUN = Verdict("Real phone", "scenarios/ue/phone.scenario.yaml", Outcome.NOT_RUN, "no UE came within 30 s")
ERROR = Verdict(
    "broken", "scenarios/ims/broken.scenario.yaml", Outcome.ERROR, "b.yaml:3:1: no key steeps\nb.yaml:4:1: x"
)
VERDICTS = (PASSED, FAILED, NOT_RUN, ERROR)
SECRETS = ("c0ffee", "5ec2e7", "hunter2", "465b5ce8")
