"""What a UE reads of itself in a document."""

import pytest

from scscf.regevent.reading import ReadContact, ReadDocument, ReadRegistration
from scscf.ue.autonomous.reginfo import OwnNews, default_identity, own_news
from scscf.ue.autonomous.states import RegistrationInput

AOR, OWN = "sip:tobias@home1.test", "sip:tobias@192.0.2.5:5060;transport=udp"


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
