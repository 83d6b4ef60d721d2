"""What a UE reads of itself in a document, and in a 504."""

from pathlib import Path

import pytest

from scscf.regevent.reading import ReadContact, ReadDocument, ReadRegistration
from scscf.sip.message import Response
from scscf.sip.outbox import Failure
from scscf.ue.autonomous_behaviour import back_off, is_temporary, min_expires, refresh_after, retry_after
from scscf.ue.autonomous_misbehaviour import MISBEHAVIOURS
from scscf.ue.autonomous_reginfo import OwnNews, default_identity, own_news
from scscf.ue.autonomous_restoration import asks_for_registration
from scscf.ue.autonomous_states import RegistrationInput
from tests.ue.test_autonomous import LOST

AOR, OWN = "sip:tobias@home1.test", "sip:tobias@192.0.2.5:5060;transport=udp"
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "ue.md"


def contact(uri: str, state: str, event: str, **more: str) -> ReadContact:
    attributes = {"state": state, "event": event, **{name.replace("_", "-"): value for name, value in more.items()}}
    return ReadContact(uri, attributes, None, {}, None, None)


def read(*rows: tuple[str, ReadContact]) -> ReadDocument:
    return ReadDocument("1", "partial", tuple(ReadRegistration(aor, "r", "active", (row,)) for aor, row in rows))


GONE = contact(OWN, "terminated", "deactivated")
ACTIVE = contact(OWN, "active", "refreshed")


@pytest.mark.clause("TS 24.229 §5.1.1.7")
@pytest.mark.parametrize(
    ("rows", "news"),
    [
        ([(AOR, GONE)], OwnNews(RegistrationInput.DEACTIVATED)),
        ([("sip:tobias@HOME1.test", GONE)], OwnNews(RegistrationInput.DEACTIVATED)),
        ([(AOR, contact(OWN, "terminated", "rejected"))], OwnNews(RegistrationInput.REJECTED)),
        (
            [(AOR, contact(OWN, "terminated", "probation", retry_after="30"))],
            OwnNews(RegistrationInput.PROBATION, 30),
        ),
        ([(AOR, contact(OWN, "terminated", "probation", retry_after="soon"))], OwnNews(RegistrationInput.PROBATION)),
        ([(AOR, contact(OWN, "terminated", "expired"))], OwnNews(RegistrationInput.ENDED)),
        ([(AOR, contact(OWN, "terminated", "whatever"))], OwnNews(RegistrationInput.ENDED)),
        ([(AOR, contact(OWN, "active", "shortened", expires="60"))], OwnNews(RegistrationInput.SHORTENED, 60)),
        ([(AOR, contact(OWN, "active", "shortened"))], None),
        ([(AOR, ACTIVE)], None),
        ([(AOR, contact("sip:tobias@192.0.2.9", "terminated", "rejected"))], None),
        ([(AOR, contact("not a URI", "terminated", "rejected"))], None),
        ([(AOR, ACTIVE), ("tel:+1555", GONE)], None),
        ([(AOR, GONE), (AOR, ACTIVE)], None),
        ([("tel:+1555", GONE), ("sip:x@home1.test", ACTIVE)], None),
        ([], None),
    ],
)
def test_what_a_document_says_of_its_own_contact(rows: list[tuple[str, ReadContact]], news: OwnNews | None) -> None:
    assert own_news(read(*rows), AOR, OWN) == news


def test_where_its_identity_is_barred_every_identity_of_the_document_counts() -> None:
    assert own_news(read(("tel:+1555", GONE)), AOR, OWN) == OwnNews(RegistrationInput.DEACTIVATED)


@pytest.mark.parametrize(
    ("associated", "identity"),
    [((), AOR), ((AOR, "tel:+1"), AOR), (("tel:+1", "sip:tobias@HOME1.test"), AOR), (("tel:+1", "sip:x@y"), "tel:+1")],
)
def test_the_identity_that_subscribes(associated: tuple[str, ...], identity: str) -> None:
    assert default_identity(AOR, associated) == identity


@pytest.mark.clause("TS 24.229 §5.1.1.4")
def test_when_a_refresh_is_due() -> None:
    assert [refresh_after(granted) for granted in (3600, 1201, 1200, 60)] == [3000, 601, 600, 30]


@pytest.mark.clause("RFC 5626 §4.5")
def test_how_long_it_backs_off() -> None:
    assert [back_off(failures, 1.0) for failures in (1, 2, 5, 6, 7, 10_000)] == [60, 120, 960, 1800, 1800, 1800]
    assert back_off(1, 0.0) == 30


def response(status: int, body: bytes = b"", **headers: str) -> Response:
    return Response(status, "X", [(name.replace("_", "-"), value) for name, value in headers.items()], body)


def test_what_an_answer_asks_for() -> None:
    assert [status for status in range(300, 700) if is_temporary(response(status))] == [
        *(408, 413, 480, 486),
        *(status for status in range(500, 600) if status not in (501, 505, 513)),
        *(600, 603),
    ]
    assert is_temporary(Failure("timeout", ""))
    assert retry_after(response(503, Retry_After="5;duration=3 (x)")) == 5
    assert retry_after(response(503, Retry_After="soon")) is None
    assert retry_after(Failure("timeout", "")) is min_expires(Failure("timeout", "")) is None
    assert min_expires(response(423, Min_Expires=" 60 ")) == 60


@pytest.mark.clause("TS 24.229 §5.1.2A.1.6")
@pytest.mark.parametrize(
    ("status", "kind", "body", "asks"),
    [
        (504, "application/3gpp-ims+xml", LOST, True),
        (504, 'Application/3GPP-IMS+xml;sv="1"', LOST, True),
        (503, "application/3gpp-ims+xml", LOST, False),
        (504, "text/plain", LOST, False),
        (504, "application/3gpp-ims+xml", LOST.replace("initial-", "emergency-"), False),
        (504, "application/3gpp-ims+xml", LOST.replace("restoration", "emergency"), False),
        (504, "application/3gpp-ims+xml", "<ims-3gpp", False),
        (504, "application/3gpp-ims+xml", LOST + " " * 70_000, False),
        (504, "application/3gpp-ims+xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', False),
    ],
)
def test_a_504_that_has_it_register_anew(status: int, kind: str, body: str, asks: bool) -> None:
    assert asks_for_registration(response(status, body.encode(), Content_Type=kind)) is asks


def test_the_guide_names_every_misbehaviour() -> None:
    rows = [line.split("|") for line in GUIDE.read_text("utf-8").splitlines() if line.startswith("| `")]
    said = {row[1].strip(" `"): row[2].strip() for row in rows}

    for name, about in MISBEHAVIOURS.items():
        assert said[name] == about.removeprefix("it ")
