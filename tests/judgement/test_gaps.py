"""What a capture lacks is not held against the network: it begins in the middle, it lost frames."""

import pytest

from scscf.capture.recording import Address
from tests.capture.wires import interface, packet, section, udp
from tests.judgement.traces import AOR, AS, SERVER, UE, WATCHER, Trace, checks, contact, judged, judged_file

FROM_THE_SERVER = ("192.0.2.1", 40_001)
LOST = ("NOTIFYs that the capture lacks, by their answers or by CSeq and version: 1.",)
ALONE = "Answers to requests that the capture lacks: 1."


def a_watched_user() -> Trace:
    trace = Trace()
    trace.register(UE, SERVER)
    trace.subscribe(WATCHER, SERVER)
    trace.notify(SERVER, WATCHER, contacts=contact())
    return trace


def over(host: str = UE[0]) -> str:
    return contact(host, event="unregistered", state="terminated", expires=0)


@pytest.mark.clause("RFC 3680 §5.1")
@pytest.mark.parametrize("lost", ["the NOTIFY", "the NOTIFY and its 200"])
def test_a_notify_that_the_capture_lost_is_no_gap_in_versions(lost: str) -> None:
    trace = a_watched_user()
    first = len(trace.messages)
    trace.register(("192.0.2.6", 5060), SERVER, granted=f"Contact: <sip:tobias@{UE[0]}:5060>;expires=599, "
                   "<sip:tobias@192.0.2.6:5060>;expires=600")  # fmt: skip
    second = len(trace.messages)
    trace.notify(SERVER, WATCHER, version=1, contacts=contact() + contact("192.0.2.6"))
    trace.notify(SERVER, WATCHER, version=2, contacts=contact("192.0.2.6"))
    del trace.messages[second : second + (1 if lost == "the NOTIFY" else 2)]

    judgement = judged(trace.messages)

    assert first == 6
    assert checks(judgement) == set()
    assert judgement.notices[-1:] == LOST


def test_the_first_notify_of_a_subscription_may_be_what_the_capture_lost() -> None:
    trace = a_watched_user()
    trace.notify(SERVER, WATCHER, version=1, kind="partial", contacts=contact())
    trace.now = 30.0
    trace.register(("192.0.2.6", 5060), SERVER, aor="sip:else@home1.test")
    del trace.messages[4]

    assert checks(judged(trace.messages)) == set()


def test_a_gap_in_versions_that_cseq_does_not_have_is_the_networks() -> None:
    trace = a_watched_user()
    trace.notify(SERVER, WATCHER, version=2, number=2, contacts=contact())

    assert checks(judged(trace.messages)) == {"version-gap"}


def test_a_register_that_the_capture_lost_has_its_200_to_tell_of_it() -> None:
    trace = a_watched_user()
    trace.register(UE, SERVER, number=2, expires=60)
    told = contact(event="refreshed", expires=60).replace('id="', 'callid="r192.0.2.5" cseq="2" id="')
    trace.notify(SERVER, WATCHER, version=1, kind="partial", contacts=told)
    del trace.messages[6]

    judgement = judged(trace.messages)

    assert checks(judgement) == set()
    assert judgement.notices == (ALONE,)


def test_a_contact_may_be_told_of_by_a_register_that_the_capture_lost_with_its_answer() -> None:
    trace = a_watched_user()
    told = contact(event="refreshed", expires=60).replace('id="', 'callid="r192.0.2.5" cseq="2" id="')
    trace.notify(SERVER, WATCHER, version=1, kind="partial", contacts=told)

    assert checks(judged(trace.messages)) == set()


@pytest.mark.parametrize("lost", [0, 1])
def test_a_refresh_of_a_subscription_may_be_half_lost(lost: int) -> None:
    trace = a_watched_user()
    trace.now = 300.0
    first = len(trace.messages)
    trace.subscribe(WATCHER, SERVER, number=2)
    trace.messages[first:] = [
        each._replace(data=each.data.replace(b"CSeq: 1 ", b"CSeq: 2 ").replace(b"To: <sip:tobias@home1.test>\r",
                      b"To: <sip:tobias@home1.test>;tag=n\r").replace(b"bKss", b"bKs2"))
        for each in trace.messages[first:]
    ]  # fmt: skip
    trace.notify(SERVER, WATCHER, version=1, contacts=contact(expires=300))
    del trace.messages[first + lost]
    trace.now = 700.0
    trace.register(("192.0.2.6", 5060), SERVER, aor="sip:else@home1.test")

    assert checks(judged(trace.messages)) == set()


def test_an_answer_over_a_stream_may_be_lost_where_the_ue_goes_on() -> None:
    trace = Trace()
    trace.transport = "tcp"
    trace.register(UE, SERVER)
    trace.now = 20.0
    trace.register(UE, SERVER, number=2)
    trace.now = 60.0
    trace.register(UE, SERVER, number=3)

    assert checks(judged([trace.messages[0], *trace.messages[2:]])) == set()


def test_what_a_snap_length_cut_off_may_be_any_news() -> None:
    trace = a_watched_user()
    trace.register(("192.0.2.6", 5060), SERVER, granted=f"Contact: <sip:tobias@{UE[0]}:5060>;expires=599, "
                   "<sip:tobias@192.0.2.6:5060>;expires=600")  # fmt: skip
    trace.notify(SERVER, WATCHER, version=1, contacts=contact() + contact("192.0.2.6"))
    trace.now = 30.0
    trace.register(("192.0.2.6", 5060), SERVER, number=2, granted=f"Contact: <sip:tobias@{UE[0]}:5060>;expires=570, "
                   "<sip:tobias@192.0.2.6:5060>;expires=600")  # fmt: skip
    file = section() + interface()
    for each in trace.messages[:-2]:
        is_cut = b"CSeq: 2 NOTIFY" in each.data
        cut = udp(each.data, each.source, each.destination)
        file += packet(cut, round(each.at * 1e6)) if not is_cut else _cut(cut, round(each.at * 1e6))
    for each in trace.messages[-2:]:
        file += packet(udp(each.data, each.source, each.destination), round(each.at * 1e6))

    assert checks(judged_file(file)) == set()


def _cut(data: bytes, time: int) -> bytes:
    whole = packet(data[:200], time)
    return whole[:24] + len(data).to_bytes(4, "little") + whole[28:]


def test_a_first_notify_may_be_one_that_is_sent_again() -> None:
    trace = Trace()
    trace.register(UE, SERVER, number=4, expires=900)
    told = contact(expires=3600).replace('id="', 'callid="r192.0.2.5" cseq="2" id="')
    trace.now = 3.0
    trace.notify(SERVER, WATCHER, contacts=told)

    assert checks(judged(trace.messages)) == set()
    sure = [each._replace(transport="tcp", data=each.data.replace(b"/UDP", b"/TCP")) for each in trace.messages]
    assert checks(judged(sure)) == {"cseq-disagrees", "reginfo-expires-disagrees"}


def test_the_end_of_a_contact_that_was_registered_before_may_be_told_when_it_is_back() -> None:
    trace = Trace()
    trace.register(UE, SERVER, number=2, expires=0, granted="")
    trace.register(UE, SERVER, number=3)
    trace.now = 4.0
    trace.notify(SERVER, WATCHER, version=3, kind="partial", state="terminated", contacts=over())
    trace.now = 9.0
    trace.notify(SERVER, WATCHER, version=4, kind="partial", contacts=contact(expires=591),
                 subscription="active;expires=595")  # fmt: skip

    assert checks(judged(trace.messages)) == set()


@pytest.mark.clause("RFC 6665 §4.1.3")
def test_notifies_over_several_connections_are_of_one_network() -> None:
    trace = a_watched_user()
    first = len(trace.messages)
    trace.notify(SERVER, WATCHER, version=1, contacts=contact())
    trace.messages[first:] = [
        each._replace(transport="tcp", source=_instead(each.source), destination=_instead(each.destination))
        for each in trace.messages[first:]
    ]
    trace.notify(SERVER, WATCHER, version=2, contacts=contact())
    alone = trace.messages[:2] + trace.messages[4:]

    judgement = judged(alone)

    assert checks(judgement) == set()
    assert [user.exchanged.network for user in judgement.users] == [SERVER]
    assert {leg.source for method, leg, _ in judgement.legs if method == "NOTIFY"} == {SERVER}


def _instead(address: Address) -> Address:
    return FROM_THE_SERVER if address == SERVER else address


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_a_third_party_register_is_known_without_any_users_register() -> None:
    trace = a_watched_user()
    head = (
        "Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK3\nFrom: <sip:192.0.2.1>;tag=s\nTo: <{}>{}\nCall-ID: third\n"
        "CSeq: 1 REGISTER"
    )
    trace.send(SERVER, AS, f"REGISTER sip:as SIP/2.0\n{head.format(AOR, '')}\nMax-Forwards: 70\n"
               "Contact: <sip:192.0.2.1>\nExpires: 600")  # fmt: skip
    trace.send(AS, SERVER, f"SIP/2.0 200 OK\n{head.format(AOR, ';tag=a')}")

    judgement = judged(trace.messages[2:])

    assert checks(judgement) == set()
    assert judgement.judged == 4


@pytest.mark.clause("RFC 3261 §12.2.2")
def test_what_is_answered_in_a_dialog_from_before_the_capture_is_not_judged() -> None:
    trace = Trace()
    same = f"From: <{AOR}>;tag=w\nTo: <{AOR}>;tag=n\nCall-ID: s\nCSeq: 1 SUBSCRIBE\nVia: SIP/2.0/UDP x;branch=z9hG4bKs"
    trace.register(UE, SERVER)
    trace.send(WATCHER, SERVER, f"SUBSCRIBE sip:192.0.2.1 SIP/2.0\n{same}\nMax-Forwards: 70\nEvent: reg\n"
               "Contact: <sip:192.0.2.9>\nExpires: 600")  # fmt: skip
    trace.send(SERVER, WATCHER, f"SIP/2.0 500 CSeq Out of Order\n{same}")

    assert checks(judged(trace.messages)) == set()


def test_a_request_that_is_lost_on_the_last_leg_is_not_looked_for_on_the_one_before() -> None:
    proxy = ("192.0.2.7", 5060)
    trace = Trace()
    trace.register(UE, proxy, SERVER)
    trace.register(UE, proxy, SERVER, number=2)
    del trace.messages[5]

    judgement = judged(trace.messages)

    assert [user.exchanged.network for user in judgement.users] == [SERVER]
    assert judgement.notices == (ALONE,)
