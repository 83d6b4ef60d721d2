import json

from lxml import etree

from scscf.judgement.judgement import Judgement
from scscf.judgement.junit import judgement_junit
from scscf.judgement.report import judgement_lines, judgement_object
from tests.judgement.traces import AOR, SERVER, UE, WATCHER, Trace, contact, judged

GAP = "version-gap: Version 3 comes after 0. (RFC 3680 §5.1)"


def a_gap() -> Judgement:
    trace = Trace()
    trace.register(UE, ("192.0.2.7", 5060), SERVER)
    trace.subscribe(WATCHER, SERVER)
    trace.notify(SERVER, WATCHER, contacts=contact())
    trace.notify(SERVER, WATCHER, version=3, number=2, contacts=contact())
    return judged(trace.messages)


def nothing_wrong() -> Judgement:
    trace = Trace()
    trace.register(UE, SERVER)
    return judged(trace.messages)


def test_the_text_says_what_was_judged_what_is_wrong_and_the_verdict() -> None:
    assert judgement_lines(a_gap()) == [
        "trace.pcapng: 10 messages in 0.09 s; 8 of them, of 1 user, are judged",
        "judged at 192.0.2.1:5060: 2 NOTIFY to 192.0.2.9; 1 REGISTER from 192.0.2.7; 1 SUBSCRIBE from 192.0.2.9",
        "1 request seen on legs further away left aside",
        f"     0.080  frame 9    192.0.2.1:5060 -> 192.0.2.9:5060  {GAP}",
        "failed: 1 finding of 1 check, 1 user",
    ]


def test_where_nothing_is_wrong_the_text_says_so() -> None:
    assert judgement_lines(nothing_wrong())[-1] == "passed: nothing is wrong in 2 messages"


def test_what_is_missing_has_no_frame_and_names_the_user() -> None:
    trace = Trace()
    trace.register(UE, SERVER)
    trace.subscribe(WATCHER, SERVER)
    trace.now = 60.0
    trace.register(UE, SERVER, number=2, aor="sip:else@home1.test")

    lines = judgement_lines(judged(trace.messages))

    assert [line for line in lines if "no-notify-after-subscribe" in line] == [
        "     6.030             192.0.2.1:5060 -> 192.0.2.9:5060  no-notify-after-subscribe: No NOTIFY follows the "
        f"SUBSCRIBE for {AOR}. (RFC 6665 §4.2.1.2)"
    ]


def test_what_comes_from_the_wire_cannot_move_the_cursor() -> None:
    trace = Trace()
    trace.register(UE, SERVER, contact="<sip:\x1b[2Jtobias@192.0.2.5:5060>", granted="")

    assert all(line.isprintable() for line in judgement_lines(judged(trace.messages)))
    judgement_junit(judged(trace.messages))


def test_json_has_the_same() -> None:
    told = json.loads(json.dumps(judgement_object(a_gap())))

    assert (told["shape"], told["outcome"], told["messages"], told["judged"]) == (1, "failed", 10, 8)
    assert told["legs"][0] == {
        "method": "NOTIFY",
        "source": "192.0.2.1:5060",
        "target": "192.0.2.9:5060",
        "requests": 2,
    }
    (user,) = told["users"]
    assert (user["aor"], user["network"], user["dialect"]) == (AOR, "192.0.2.1:5060", "rfc3261")
    assert user["findings"] == [
        {
            "at": 0.08,
            "frame": 9,
            "network": "192.0.2.1:5060",
            "peer": "192.0.2.9:5060",
            "check": "version-gap",
            "clause": "RFC 3680 §5.1",
            "message": "Version 3 comes after 0.",
        }
    ]
    assert judgement_object(nothing_wrong())["outcome"] == "passed"


def test_junit_has_a_case_for_each_user() -> None:
    root = etree.fromstring(judgement_junit(a_gap()))
    (case,) = root.iter("testcase")

    assert (root.get("tests"), root.get("failures")) == ("1", "1")
    assert (case.get("classname"), case.get("name")) == ("192.0.2.1:5060", AOR)
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "version-gap: Version 3 comes after 0."
    assert GAP in str(failure.text)
    assert etree.fromstring(judgement_junit(nothing_wrong())).get("failures") == "0"


def test_of_many_hosts_their_number_is_told() -> None:
    trace = Trace()
    for number in range(1, 6):
        trace.register((f"192.0.3.{number}", 5060), SERVER, aor=f"sip:u{number}@home1.test")

    assert judgement_lines(judged(trace.messages))[1] == "judged at 192.0.2.1:5060: 5 REGISTER from 5 hosts"
