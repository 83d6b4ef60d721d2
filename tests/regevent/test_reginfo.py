"""The reginfo document, octet by octet and against the schema (RFC 3680 §5)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from scscf.regevent.news import News
from scscf.regevent.reginfo import CONTENT_TYPE, NAMESPACE, Documents, escape, render
from scscf.regevent.schema import problems_of
from scscf.registration.change import Row
from scscf.registration.command import ContactRequest
from scscf.registration.record import Record
from scscf.registration.registration import Event, registration_id
from scscf.registration.update import update
from tests.builders import (
    GAMES,
    PAGER,
    PAGER_PROFILE,
    PHONE,
    TEL,
    TOBIAS,
    after,
    by_operator,
    register,
)

SET = (TOBIAS, TEL, GAMES)
NS = {"r": NAMESPACE}


def news_of(
    record: Record | None, rows: tuple[Row, ...], identities: tuple[str, ...] = SET, full: bool = False
) -> News:
    return News(record, identities, {(row.aor, row.contact.id): row.contact for row in rows}, full)


def shape(document: bytes) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Return (AOR, state, [(URI, event)]) of each registration."""
    assert problems_of(document) == []
    return [
        (
            registration.get("aor") or "",
            registration.get("state") or "",
            [
                (contact.findtext("r:uri", "", NS), contact.get("event") or "")
                for contact in registration.iterfind("r:contact", NS)
            ],
        )
        for registration in etree.fromstring(document)
    ]


@pytest.mark.clause("RFC 3680 §5.1")
def test_a_whole_document() -> None:
    record = after(register(contacts=(ContactRequest(PHONE, 3600, "0.5", "Bob & <b>"),)))
    contact = record.contacts(TOBIAS)[0]

    document = render(news_of(record, (), (TOBIAS,)), Documents.FULL, 10.5, 7).decode()

    assert document == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<reginfo xmlns="{NAMESPACE}" version="7" state="full">\n'
        f'  <registration aor="{TOBIAS}" id="{registration_id(TOBIAS)}" state="active">\n'
        f'    <contact id="{contact.id}" state="active" event="registered" expires="3590" duration-registered="10" '
        'callid="a@ue" cseq="1" q="0.5">\n'
        f"      <uri>{PHONE}</uri><display-name>Bob &amp; &lt;b&gt;</display-name>\n"
        "    </contact>\n"
        "  </registration>\n"
        "</reginfo>\n"
    )
    assert CONTENT_TYPE == "application/reginfo+xml"


@pytest.mark.clause("RFC 3680 §4.3")
def test_the_three_modes_tell_a_change_as_much_as_they_promise() -> None:
    before = after(register(), register(PAGER, device=PAGER_PROFILE, call_id="p@ue"))
    change = update(before, register(PAGER, 0, device=PAGER_PROFILE, call_id="p@ue", cseq=2), 10.0, {})
    news = news_of(change.record, change.rows)

    full, partial, delta = (shape(render(news, documents, 10.0, 1)) for documents in Documents)

    assert [aor for aor, *_ in full] == list(SET)
    assert full[0][2] == [(PAGER, "unregistered"), (PHONE, "registered")]
    assert partial == full[:1]
    assert delta == [(TOBIAS, "active", [(PAGER, "unregistered")])]


def test_what_is_wanted_whole_is_whole_in_every_mode() -> None:
    news = news_of(after(register()), (), full=True)

    assert {render(news, documents, 1.0, 0) for documents in Documents} == {render(news, Documents.FULL, 1.0, 0)}
    assert b'state="full"' in render(news, Documents.DELTA, 1.0, 0)


def test_states_of_a_registration() -> None:
    change = update(after(register()), by_operator(), 10.0, {})
    gone = news_of(change.record, change.rows)

    assert {state for _, state, _ in shape(render(gone, Documents.FULL, 10.0, 1))} == {"terminated"}
    assert shape(render(news_of(None, (), (TOBIAS,)), Documents.FULL, 10.0, 1)) == [(TOBIAS, "init", [])]


def test_a_document_is_made_once_a_second_and_mode() -> None:
    news = news_of(after(register()), ())
    first = render(news, Documents.FULL, 10.2, 1)

    assert render(news, Documents.FULL, 10.9, 1) == first
    assert render(news, Documents.FULL, 11.0, 1) != first
    assert len(news.memo) == 2


def test_an_everlasting_contact_carries_the_largest_number() -> None:
    record = after(register("mailto:bob@example.com", 4294967295))

    assert b'expires="4294967295"' in render(news_of(record, ()), Documents.FULL, 10.0, 1)


def test_a_shortened_contact_carries_its_expiry() -> None:
    record = after(register())
    rows = [Row(TOBIAS, record.contacts(TOBIAS)[0]._replace(event=Event.SHORTENED))]

    document = render(news_of(record, tuple(rows)), Documents.DELTA, 10.0, 1)

    assert b'event="shortened" expires="3590"' in document
    assert problems_of(document) == []


@pytest.mark.parametrize(
    ("value", "element"),
    [
        (None, '<unknown-param name="+sip.instance"/>'),
        ('"<urn:uuid:1>"', '<unknown-param name="+sip.instance">&quot;&lt;urn:uuid:1&gt;&quot;</unknown-param>'),
        ("", '<unknown-param name="+sip.instance"></unknown-param>'),
    ],
)
def test_unknown_parameters_keep_their_quotes(value: str | None, element: str) -> None:
    contact = ContactRequest(PHONE, 60, params=(("+sip.instance", value),))
    document = render(news_of(after(register(contacts=(contact,))), ()), Documents.FULL, 1.0, 0)

    assert element.encode() in document


@pytest.mark.clause("RFC 3680 §5.1")
@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain", "plain"),
        ('<a b="c">&', "&lt;a b=&quot;c&quot;&gt;&amp;"),
        ("a\tb\r\n", "a&#9;b&#13;&#10;"),
        ("\x00\x1b\x7f\udc80\uffff", "\ufffd" * 5),
        ("é€😀", "é€😀"),
        ("]]>", "]]&gt;"),
    ],
)
def test_what_xml_cannot_carry_is_escaped_or_replaced(text: str, escaped: str) -> None:
    assert escape(text) == escaped


@settings(max_examples=150)
@given(uri=st.text(max_size=30), name=st.text(max_size=30), value=st.text(max_size=30), call_id=st.text(max_size=30))
def test_any_text_gives_a_well_formed_document(uri: str, name: str, value: str, call_id: str) -> None:
    contact = ContactRequest("sip:a@b", 60, None, name, (("x", value),))
    record = after(register(contacts=(contact,), call_id=call_id))
    rows = tuple(
        Row(each.aor, entry._replace(binding=entry.binding._replace(uri=uri)))
        for each in record.registrations
        for entry in each.contacts
    )

    root = etree.fromstring(render(news_of(record, rows), Documents.DELTA, 1.0, 0))

    shown = root.findtext(".//r:uri", None, NS)
    assert shown is not None
    if uri.isprintable():
        assert shown == uri
