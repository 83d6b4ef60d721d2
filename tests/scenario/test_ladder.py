"""Ladders: who sent what to whom, in so many columns of text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.capture.recording import Participant, Recorded
from scscf.diameter.message import Message, encode
from scscf.scenario.caption import caption, full_text
from scscf.scenario.ladder import coloured_ladder, columns, duration, ladder, rungs
from scscf.scenario.parties import Parties
from scscf.scenario.reginfo_lines import MOST, pretty, reginfo_lines
from tests.scenario.samples import DOCUMENT, MESSAGES, NOTIFY, PARTICIPANTS, PHONE, SCSCF, sip

HERE = Parties(PARTICIPANTS)


def said(data: bytes, protocol: str = "sip") -> tuple[str, tuple[str, ...]]:
    made = caption(Recorded(0.0, protocol, "udp", PHONE, SCSCF, data), HERE)
    return made.label, made.notes


def test_a_ladder_has_columns_arrows_and_notes() -> None:
    assert ladder(MESSAGES, PARTICIPANTS, 90) == [
        "           phone                   scscf                  watcher                   hss",
        "     0.000   |--- REGISTER lost ----x|                       |                       |",
        "             | phone expires 600     |                       |                       |",
        "     0.500   |... REGISTER again ...>|                       |                       |",
        "     0.501   |                       |-------------------- MAR --------------------->|",
        "             |                       | sip:tobias@home1.test  tobias@home1.test      |",
        "     0.502   |                       |<------------------ MAA 5001 ------------------|",
        "     0.510   |<- 200 OK (REGISTER) --|                       |                       |",
        "             | phone expires 600     |                       |                       |",
        "             : 2 h later             :                       :                       :",
        "  7200.510   |                       |------- NOTIFY ------->|                       |",
        "             |                       | v1 full  sip:tobias active: phone registered  |",
    ]


def test_only_those_who_sent_or_got_something_have_a_column() -> None:
    head = ladder(MESSAGES, PARTICIPANTS)[0].split()

    assert head == ["phone", "scscf", "watcher", "hss"]


def test_lost_messages_and_retransmissions_are_marked() -> None:
    first, again = rungs(MESSAGES, PARTICIPANTS)[:2]
    lines = ladder(MESSAGES, PARTICIPANTS)

    assert (first.lost, first.again) == (True, False)
    assert (again.lost, again.again) == (False, True)
    assert "- REGISTER lost -" in lines[1]
    assert "x|" in lines[1]
    assert ". REGISTER again ." in lines[3]
    assert ".>|" in lines[3]


def test_the_notes_of_a_retransmission_are_not_told_twice_unless_the_first_is_cut_off() -> None:
    assert sum("phone expires 600" in line for line in ladder(MESSAGES[:2], PARTICIPANTS)) == 1
    assert sum("phone expires 600" in line for line in ladder(MESSAGES[:2], PARTICIPANTS, last=1)) == 1


def test_the_last_messages_are_shown_and_how_many_came_before() -> None:
    lines = ladder(MESSAGES, PARTICIPANTS, last=2)

    assert lines[0].split() == ["phone", "scscf", "watcher"]
    assert lines[1].strip() == "(4 messages before)"
    assert sum("->" in line or "<-" in line for line in lines) == 2


def test_a_pause_is_told() -> None:
    assert any(": 2 h later" in line for line in ladder(MESSAGES, PARTICIPANTS))


def test_many_participants_make_a_list() -> None:
    many = [Participant(f"ue{number}", ((f"192.0.2.{number}", 5060),)) for number in range(1, 9)]
    told = [Recorded(0.0, "sip", "udp", each.addresses[0], SCSCF, NOTIFY) for each in many]
    lines = ladder(told, [*many, PARTICIPANTS[1]], 80)

    assert lines[0].split() == ["from", "to"]
    assert lines[1].split() == ["0.000", "ue1", "->", "scscf", "NOTIFY"]
    assert all(len(line) <= 80 for line in lines)


def test_a_message_to_oneself_is_told() -> None:
    (_, line, *_) = ladder([Recorded(0.0, "sip", "udp", SCSCF, SCSCF, NOTIFY)], PARTICIPANTS)

    assert line.endswith("|-> itself: NOTIFY")


def test_strangers_have_columns_by_their_addresses() -> None:
    stranger = Recorded(0.0, "sip", "tcp", ("2001:db8::1", 40000), SCSCF, NOTIFY)

    assert ladder([stranger], PARTICIPANTS)[0].split() == ["[2001:db8::1]:40000", "scscf"]


def test_columns_are_in_the_order_of_the_messages_with_the_hss_last() -> None:
    assert columns(rungs([MESSAGES[2], MESSAGES[5], MESSAGES[1]], PARTICIPANTS)) == ["scscf", "watcher", "phone", "hss"]


def test_an_unknown_port_is_its_host_s_only_participant_s() -> None:
    two = [Participant("a", (("127.0.0.1", 1),)), Participant("b", (("127.0.0.1", 2),))]

    assert HERE.name(("192.0.2.1", 40000)) == "phone"
    assert Parties(two).name(("127.0.0.1", 3)) == "127.0.0.1:3"
    assert Parties(two).name(("127.0.0.1", 2)) == "b"


def test_the_colours_change_nothing_but_colours() -> None:
    assert [line.plain for line in coloured_ladder(MESSAGES, PARTICIPANTS)] == ladder(MESSAGES, PARTICIPANTS)


def test_no_messages_make_no_ladder() -> None:
    assert ladder([], PARTICIPANTS) == []


@pytest.mark.parametrize(
    ("data", "label", "notes"),
    [
        (sip("REGISTER sip:home1.test SIP/2.0"), "REGISTER", ("no Contact",)),
        (sip("REGISTER sip:home1.test SIP/2.0", "Contact: *", "Expires: 0"), "REGISTER", ("*  expires 0",)),
        (
            sip("REGISTER sip:home1.test SIP/2.0", "Contact: <sip:x@other.test>", "Expires: 9"),
            "REGISTER",
            ("x@other.test expires 9",),
        ),
        (sip("REGISTER sip:home1.test SIP/2.0", "Contact: <<"), "REGISTER", ("malformed Contact",)),
        (
            sip("SUBSCRIBE sip:tobias@home1.test SIP/2.0", "Event: reg", "Expires: 60"),
            "SUBSCRIBE",
            ("sip:tobias@home1.test  Event: reg  Expires: 60",),
        ),
        (sip("MESSAGE sip:tobias@home1.test SIP/2.0"), "MESSAGE", ("sip:tobias@home1.test",)),
        (
            NOTIFY.replace(b"active;expires=3600", b"terminated;reason=probation;retry-after=5"),
            "NOTIFY",
            ("terminated;reason=probation;retry-after=5", "v1 full  sip:tobias active: phone registered"),
        ),
        (sip("NOTIFY sip:a SIP/2.0", "Content-Type: text/plain", body="hello"), "NOTIFY",
         ("no Subscription-State", "text/plain, 5 octets")),
        (
            sip(
                "BENOTIFY sip:a SIP/2.0",
                "Content-Type: text/registration-event",
                "subscription-state: terminated;expires=0",
                'ms-diagnostics-public: 4166;reason="moved"',
                "P-Preferred-Registrar: sip:pool2.fabrikam.test",
                body=" deregistered;event=preferred-registrar-change ",
            ),
            "BENOTIFY",
            (
                "terminated;expires=0",
                'deregistered;event=preferred-registrar-change  4166;reason="moved"  sip:pool2.fabrikam.test',
            ),
        ),
        (sip("SIP/2.0 423 Interval Too Brief", "Min-Expires: 60"), "423 Interval Too Brief", ("Min-Expires: 60",)),
        (sip("SIP/2.0 401 Unauthorized", "WWW-Authenticate: Digest stale=TRUE"), "401 Unauthorized", ("stale nonce",)),
        (b"\r\n\r\n", "keep-alive", ()),
        (b"\x00\xff garbage", "10 octets", ("not a SIP message",)),
    ],
)  # fmt: skip
def test_what_is_said_of_a_sip_message(data: bytes, label: str, notes: tuple[str, ...]) -> None:
    assert said(data) == (label, notes)


def test_what_is_said_of_a_diameter_message() -> None:
    mar, maa = (caption(each, HERE) for each in MESSAGES[2:4])

    assert mar.label == "MAR"
    assert mar.notes == ("sip:tobias@home1.test  tobias@home1.test",)
    assert (maa.label, maa.refused) == ("MAA 5001", True)
    assert said(b"\x01\x00", "diameter")[0] == "2 octets"


@pytest.mark.parametrize(
    ("command", "avps", "note"),
    [
        ("Server-Assignment", [("Server-Assignment-Type", 5)], "USER_DEREGISTRATION"),
        ("Server-Assignment", [("Server-Assignment-Type", 99)], "99"),
        ("Registration-Termination", [("Deregistration-Reason", [("Reason-Code", 2)])], "SERVER_CHANGE"),
        ("Push-Profile", [("User-Name", "a@b")], "a@b"),
    ],
)
def test_what_a_cx_request_is_for(command: str, avps: list[tuple[str, object]], note: str) -> None:
    assert said(encode(Message(command, avps)), "diameter")[1] == (note,)


def test_control_characters_never_reach_a_terminal() -> None:
    label, notes = said(sip("SIP/2.0 200 \x1b[2J\x9b1m\u202e", "Warning: 399 x \x1b]0;"))

    assert "\x1b" not in label + "".join(notes)
    assert "\x9b" not in label
    assert "\u202e" not in label


def test_the_full_text_leaves_proofs_of_identity_out() -> None:
    text = full_text(MESSAGES[0])

    assert text.startswith("REGISTER sip:home1.test SIP/2.0\n")
    assert "c0ffee" not in text


def test_a_document_with_many_identities_is_cut() -> None:
    one = '<registration aor="sip:a{}@home{}.test" id="{}" state="init"/>'
    whole = "".join(one.format(number, number, number) for number in range(MOST + 2))
    document = f'<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="0" state="partial">{whole}</reginfo>'
    lines = reginfo_lines(document.encode())

    assert lines[0] == "v0 partial  sip:a0@home0.test init"
    assert len(lines) == MOST + 1
    assert lines[-1].strip() == "and 2 more"


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<x/>",
        b"<reginfo",
        b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        b"a" * 1_000_001,
    ],
    ids=["nothing", "other", "cut", "entity", "huge"],
)
def test_what_is_no_reginfo_is_called_so(document: bytes) -> None:
    assert reginfo_lines(document) == ["no reginfo document"]
    assert "root:" not in "".join(pretty(document))


def test_attributes_that_matter_are_told() -> None:
    shortened = DOCUMENT.replace('event="registered"', 'event="shortened" expires="60"')
    probation = DOCUMENT.replace('event="registered"', 'event="probation" retry-after="5"')

    assert reginfo_lines(shortened.encode(), HERE.contact) == ["v1 full  sip:tobias active: phone shortened 60 s"]
    assert reginfo_lines(probation.encode(), HERE.contact) == [
        "v1 full  sip:tobias active: phone probation retry after 5 s"
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.5, "0.5 s"),
        (59.9, "59.9 s"),
        (60, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (90000, "1 d 1 h"),
    ],
)
def test_a_time_span_is_told_in_two_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.binary(max_size=80), st.integers(0, 5), st.integers(0, 5), st.booleans()), max_size=8),
    st.integers(40, 160),
    st.sampled_from(["sip", "diameter"]),
)
def test_any_octets_make_a_ladder_that_fits(
    sent: list[tuple[bytes, int, int, bool]], width: int, protocol: str
) -> None:
    told = [
        Recorded(float(at), protocol, "udp", (f"192.0.2.{source}", 5060), (f"192.0.2.{target}", 5060), data, lost)
        for at, (data, source, target, lost) in enumerate(sent)
    ]
    lines = ladder(told, PARTICIPANTS, width)

    assert all(len(line) <= width and line.isprintable() for line in lines)
    assert len([line for line in lines if line[:10].strip()]) >= len(told)
