"""The judge of documents finds what the schema forbids and what the RFC's text does (RFC 3680 §5)."""

import pytest

from scscf.regevent.schema import problems_of

RIGHT = """<?xml version="1.0" encoding="UTF-8"?>
<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="3" state="partial">
  <registration aor="sip:tobias@home1.test" id="a1" state="active">
    <contact id="15" state="terminated" event="unregistered"><uri>sip:phone@192.0.2.1</uri></contact>
    <contact id="20" state="active" event="shortened" expires="60"><uri>sip:pager@192.0.2.2</uri></contact>
  </registration>
  <registration aor="tel:+44123456789" id="a2" state="terminated">
    <contact id="16" state="terminated" event="probation" retry-after="30"><uri>sip:phone@192.0.2.1</uri></contact>
  </registration>
</reginfo>
"""


def test_a_right_document_has_no_problems() -> None:
    assert problems_of(RIGHT.encode()) == []


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("</reginfo>", "", "not well-formed"),
        ('aor="sip:tobias', 'sorn="sip:tobias', "sorn"),
        ("<uri>sip:pager@192.0.2.2</uri>", "sip:pager@192.0.2.2", "uri"),
        ('event="unregistered"', 'event="de-activated"', "de-activated"),
        ('event="unregistered"', 'event="refreshed"', "event refreshed does not go with state terminated"),
        ('state="terminated" event="unregistered"', 'state="active" event="unregistered"', "does not go with"),
        (' expires="60"', "", "shortened needs expires"),
        (' retry-after="30"', "", "probation needs retry-after"),
        ('id="a2"', 'id="a1"', "registration id a1 is there twice"),
        ('id="16"', 'id="15"', "contact id 15 is there twice"),
        ("tel:+44123456789", "sip:tobias@home1.test", "aor sip:tobias@home1.test is there twice"),
        ('id="a1" state="active"', 'id="a1" state="terminated"', "is terminated and has an active contact"),
    ],
)
def test_what_is_wrong_is_named(right: str, wrong: str, told: str) -> None:
    assert right in RIGHT

    problems = problems_of(RIGHT.replace(right, wrong, 1).encode())

    assert any(told in problem for problem in problems)


def test_entities_and_other_files_are_not_read() -> None:
    bomb = RIGHT.replace("<reginfo", '<!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><reginfo', 1)

    assert "root:" not in " ".join(problems_of(bomb.replace("sip:pager@192.0.2.2", "&e;").encode()))
