from hypothesis import given, settings
from hypothesis import strategies as st

from scscf.cx import DeregistrationReason, RegistrationTermination, Result, UserAuthorizationAnswer
from scscf.diameter.cx_answers import answer_message
from scscf.diameter.cx_requests import request_message
from scscf.diameter.identity import Identity
from scscf.diameter.message import Message, encode
from scscf.messages.facts import LONGEST, Facts, cx_facts, sip_facts

SCSCF, HSS = Identity("scscf.home1.test", "home1.test"), Identity("hss.home1.test", "home1.test")


def sip(start: str, *fields: str, body: str = "") -> bytes:
    return "\r\n".join([start, *fields, "", body]).encode()


def test_a_register_is_about_whom_to_names() -> None:
    facts = sip_facts(
        sip(
            "REGISTER sip:home1.test SIP/2.0",
            'From: "Op" <sip:operator@home1.test>;tag=1',
            "To: <sip:%61lice@HOME1.test;user=phone>",
            "Call-ID: abc@1",
            "CSeq: 7 REGISTER",
            'Authorization: Digest realm="home1.test", username="alice@home1.test", response="00"',
        )
    )

    assert facts.summary == "REGISTER sip:home1.test"
    assert facts.aor == "sip:alice@home1.test"
    assert facts.aors == ("sip:alice@home1.test", "sip:operator@home1.test")
    assert (facts.impi, facts.call_id, facts.cseq, facts.method) == ("alice@home1.test", "abc@1", 7, "REGISTER")


def test_a_notify_and_its_answer_are_about_whom_from_names() -> None:
    fields = (
        "f: <sip:alice@home1.test>;tag=1",
        "t: <sip:watcher@home1.test>;tag=2",
        "i: x",
        "CSeq: 2 NOTIFY",
    )

    notify = sip_facts(sip("NOTIFY sip:watcher@192.0.2.1 SIP/2.0", *fields))
    answer = sip_facts(sip("SIP/2.0 481 Gone", *fields))

    assert notify.aor == answer.aor == "sip:alice@home1.test"
    assert answer.summary == "481 Gone (NOTIFY)"
    assert notify.call_id == answer.call_id == "x"


def test_tel_uris_without_brackets_and_fields_in_bodies() -> None:
    facts = sip_facts(
        sip("MESSAGE tel:+1 SIP/2.0", "From: tel:+1-555;tag=1", "To: nobody at all", "", body="Call-ID: of the body")
    )

    assert facts.aor == "tel:+1555"
    assert facts.aors == ("tel:+1555",)
    assert (facts.call_id, facts.cseq, facts.impi) == (None, None, None)


def test_what_is_no_sip_is_summed_up_by_its_length() -> None:
    assert sip_facts(b"\x16\x03\x01 hello").summary == "9 octets that are no SIP message"
    assert sip_facts(sip(f"INVITE sip:{'a' * 5000} SIP/2.0")).summary == f"INVITE sip:{'a' * (LONGEST - 11)}"
    assert "\x1b" not in sip_facts(b"OPTIONS sip:\x1b[2J SIP/2.0\r\n\r\n").summary


def test_cx_requests_and_answers_are_named_as_people_do() -> None:
    termination = RegistrationTermination(
        "alice@home1.test", DeregistrationReason.SERVER_CHANGE, ("sip:alice@home1.test", "tel:+1")
    )
    request = request_message(termination, "hss;1", HSS, "home1.test", "scscf.home1.test")
    answer = answer_message(request, Result.USER_UNKNOWN, SCSCF)

    facts = cx_facts(encode(request))

    assert facts.summary == "RTR SERVER_CHANGE"
    assert facts.aors == ("sip:alice@home1.test", "tel:+1")
    assert (facts.impi, facts.call_id) == ("alice@home1.test", "hss;1")
    assert cx_facts(encode(answer)).summary == "RTA 5001"
    first = answer_message(request, UserAuthorizationAnswer(Result.FIRST_REGISTRATION), SCSCF)
    assert cx_facts(encode(first)).summary == "RTA 2001"


def test_other_diameter_messages_have_their_names_and_broken_ones_their_length() -> None:
    watchdog = encode(Message("Device-Watchdog", SCSCF.origin()))

    assert cx_facts(watchdog).summary == "DWR"
    assert cx_facts(watchdog[:-3]).summary.startswith("DWR")
    assert cx_facts(b"\x01\x02").summary == "2 octets that are no Diameter message"


@settings(max_examples=60)
@given(st.binary(max_size=300), st.sampled_from([b"", b"INVITE sip:a SIP/2.0\r\nTo: <", b"\x01\0\0\x64\x80\0\x01\x2c"]))
def test_any_octets_have_facts_in_one_line(octets: bytes, start: bytes) -> None:
    for facts in (sip_facts(start + octets), cx_facts(start + octets)):
        assert isinstance(facts, Facts)
        assert facts.summary.isprintable() or "\xa0" in facts.summary
        assert len(facts.summary) <= LONGEST + 40
