import pytest

from scscf.judgement.legs import Leg
from tests.capture.wires import interface, packet, section, udp
from tests.judgement.traces import (
    AOR,
    AS,
    GATE,
    PROXY,
    SERVER,
    UE,
    WATCHER,
    Trace,
    checks,
    contact,
    judged,
    judged_file,
)

OTHER = ("192.0.2.6", 5060)
PAU = "P-Associated-URI: <sip:tobias@home1.test>, <tel:+15550001>\nService-Route: <sip:orig@192.0.2.1;lr>"


def a_right_trace(*proxies: tuple[str, int]) -> Trace:
    trace = Trace()
    trace.register(UE, *proxies, SERVER)
    trace.subscribe(WATCHER, *proxies[1:], SERVER)
    trace.notify(SERVER, WATCHER, contacts=contact())
    return trace


@pytest.mark.parametrize("proxies", [(), (PROXY,), (PROXY, GATE)])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_network_that_does_right_is_not_blamed_at_any_distance(
    proxies: tuple[tuple[str, int], ...], transport: str
) -> None:
    trace = a_right_trace(*proxies)

    judgement = judged([each._replace(transport=transport) for each in trace.messages])

    assert judgement.passed
    assert judgement.judged == 6
    assert [user.exchanged.aor for user in judgement.users] == [AOR]
    assert judgement.passed_on == max(0, len(proxies)) + max(0, len(proxies) - 1)


def test_the_leg_nearest_to_the_s_cscf_is_judged() -> None:
    trace = Trace()
    trace.register(UE, PROXY, GATE, SERVER, expires=600)
    trace.subscribe(UE, PROXY, SERVER)
    trace.notify(SERVER, PROXY, UE, contacts=contact())

    assert judged(trace.messages).legs == (
        ("NOTIFY", Leg(SERVER, PROXY), 1),
        ("REGISTER", Leg(GATE, SERVER), 1),
        ("SUBSCRIBE", Leg(PROXY, SERVER), 1),
    )


def test_a_trace_of_a_leg_further_away_is_judged_there() -> None:
    trace = Trace()
    trace.register(UE, PROXY, SERVER)
    trace.notify(SERVER, PROXY, UE, contacts=contact())
    seen = [each for each in trace.messages if UE in (each.source, each.destination)]

    judgement = judged(seen)

    assert [leg for _, leg, _ in judgement.legs] == [Leg(PROXY, UE), Leg(UE, PROXY)]
    assert judgement.judged == 4


@pytest.mark.clause("RFC 3680 §5.1")
def test_findings_say_when_in_which_frame_and_between_whom() -> None:
    trace = a_right_trace()
    trace.notify(SERVER, WATCHER, version=3, number=2, contacts=contact())

    ((found,),) = [user.found for user in judged(trace.messages).users]

    assert found.finding.check == "version-gap"
    assert (found.frame, found.network, found.peer) == (7, SERVER, WATCHER)
    assert found.finding.at == pytest.approx(1e9 + 0.06)


@pytest.mark.clause("RFC 3680 §4.7.2")
def test_a_watcher_elsewhere_is_owed_what_a_register_changed() -> None:
    trace = a_right_trace()
    trace.now = 20.0
    trace.register(UE, SERVER, number=2, expires=0, granted="")
    trace.now = 40.0
    trace.register(OTHER, SERVER, aor="sip:else@home1.test")

    judgement = judged(trace.messages)

    assert checks(judgement) == {"change-not-told"}
    found = judgement.users[0].found[0]
    assert (found.frame, found.peer) == (None, WATCHER)


@pytest.mark.clause("RFC 6665 §4.2.1.4")
def test_a_subscription_that_runs_out_is_owed_a_final_notify() -> None:
    trace = a_right_trace()
    trace.now = 700.0
    trace.register(OTHER, SERVER, aor="sip:else@home1.test")

    assert "no-final-notify" in checks(judged(trace.messages))


def test_what_a_capture_ends_before_is_not_held_against_the_network() -> None:
    trace = a_right_trace()
    trace.register(UE, SERVER, number=2, expires=0, granted="")

    assert judged(trace.messages).passed


def test_a_capture_may_begin_within_a_subscription() -> None:
    trace = a_right_trace()
    for number, version in enumerate((1, 2, 5), 2):
        trace.notify(SERVER, WATCHER, version=version, number=number, contacts=contact())

    judgement = judged(trace.messages[6:])

    assert checks(judgement) == {"version-gap"}
    assert judgement.users[0].exchanged.aor == AOR


def test_a_notify_that_nobody_asked_for_and_that_is_refused_is_no_subscription() -> None:
    trace = Trace()
    trace.notify(UE, SERVER, state="strange", status="481 No Such Dialog")
    trace.register(UE, SERVER)

    assert judged(trace.messages).passed


def test_users_are_judged_apart_and_identities_of_a_set_together() -> None:
    trace = Trace()
    trace.register(UE, SERVER, answer=PAU)
    trace.subscribe(WATCHER, SERVER, aor="tel:+15550001")
    trace.register(OTHER, SERVER, aor="sip:else@home1.test")

    users = [user.exchanged for user in judged(trace.messages).users]

    assert [each.aors for each in users] == [(AOR, "tel:+15550001"), ("sip:else@home1.test",)]
    assert [each.ims for each in users] == [True, False]


def test_one_user_can_be_asked_for() -> None:
    trace = a_right_trace()
    trace.register(OTHER, SERVER, aor="sip:else@home1.test", granted="")

    assert checks(judged(trace.messages)) == {"own-contact-missing"}
    assert judged(trace.messages, aor=AOR).passed
    assert judged(trace.messages, aor="sip:nobody@home1.test").users == ()


def test_the_rules_of_ims_hold_where_the_trace_shows_ims_or_where_that_is_said() -> None:
    plain, ims = Trace(), Trace()
    plain.register(UE, SERVER)
    ims.register(UE, SERVER, more="P-Visited-Network-ID: home1.test")

    assert checks(judged(plain.messages)) == set()
    assert checks(judged(ims.messages)) == {"associated-uri-missing", "service-route-missing"}
    assert checks(judged(plain.messages, dialect="ims")) == {"associated-uri-missing", "service-route-missing"}
    assert checks(judged(ims.messages, dialect="rfc3261")) == set()


def test_checks_can_be_left_out_and_asked_for() -> None:
    trace = Trace()
    trace.register(UE, SERVER, granted="")

    assert judged(trace.messages, permitted=frozenset({"own-contact-missing"})).passed


@pytest.mark.clause("TS 24.229 §5.4.1.7")
def test_what_the_s_cscf_registers_at_an_application_server_is_not_judged() -> None:
    trace = Trace()
    trace.register(UE, SERVER)
    trace.send(
        SERVER,
        AS,
        "REGISTER sip:as SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK3\n"
        f"From: <sip:192.0.2.1>;tag=s\nTo: <{AOR}>\nCall-ID: third\nCSeq: 1 REGISTER\nMax-Forwards: 70\n"
        "Contact: <sip:192.0.2.1>\nExpires: 600",
    )
    trace.send(
        AS,
        SERVER,
        f"SIP/2.0 200 OK\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK3\nFrom: <sip:192.0.2.1>;tag=s\nTo: <{AOR}>\n"
        "Call-ID: third\nCSeq: 1 REGISTER",
    )

    judgement = judged(trace.messages)

    assert judgement.passed
    assert judgement.judged == 2


@pytest.mark.clause("TS 24.229 §5.4.1.4")
def test_a_star_takes_away_what_one_of_several_devices_registered() -> None:
    trace = Trace()
    both = f"Contact: <sip:tobias@{UE[0]}:5060>;expires=600, <sip:tobias@{OTHER[0]}:5060>;expires=600"
    trace.register(UE, SERVER, user="one")
    trace.register(OTHER, SERVER, user="two", granted=both)
    trace.register(
        UE,
        SERVER,
        user="one",
        number=2,
        contact="*",
        expires=0,
        granted=f"Contact: <sip:tobias@{OTHER[0]}:5060>;expires=600",
    )

    assert judged(trace.messages).passed


@pytest.mark.clause("RFC 3680 §4.10")
def test_the_end_of_a_contact_may_be_told_when_it_is_back() -> None:
    trace = a_right_trace()
    trace.now = 10.0
    trace.register(UE, SERVER, number=2, expires=0, granted="")
    trace.register(UE, SERVER, number=3)
    trace.now = 14.0
    over = contact(event="unregistered", state="terminated", expires=0)
    left = "active;expires=584"
    trace.notify(SERVER, WATCHER, version=1, kind="partial", state="terminated", contacts=over, subscription=left)
    trace.now = 15.5
    trace.notify(SERVER, WATCHER, version=2, kind="partial", contacts=contact(expires=594), subscription=left)

    assert checks(judged(trace.messages)) == set()


def test_copies_of_a_message_in_a_capture_are_no_retransmissions() -> None:
    trace = a_right_trace()
    twice = [each._replace(at=each.at + copy / 1e4) for each in trace.messages for copy in (0, 1)]

    judgement = judged(twice)

    assert judgement.passed
    assert judgement.judged == 6
    assert judgement.notices == ("Messages that came twice at once, one left out: 6.",)


@pytest.mark.clause("RFC 3263 §4.3")
@pytest.mark.parametrize("through", [True, False])
def test_a_notify_that_is_tried_again_over_another_connection_is_one(through: bool) -> None:
    trace = a_right_trace()
    first = len(trace.messages)
    trace.notify(SERVER, WATCHER, version=1, contacts=contact())
    request, answer = trace.messages[first:]
    elsewhere = (SERVER[0], 40_000)
    again = [
        each._replace(
            at=each.at + 0.2, source=source, destination=target, data=each.data.replace(b"bKn2s", b"bKn2again")
        )
        for each, source, target in ((request, elsewhere, WATCHER), (answer, WATCHER, elsewhere))
    ]
    trace.messages[first:] = [request, *(again if through else again[:1])]

    judgement = judged(trace.messages)

    assert judgement.passed
    assert judgement.judged == 6 + 1 + through


def test_other_event_packages_and_methods_are_left_alone() -> None:
    trace = a_right_trace()
    head = f"From: <{AOR}>;tag=x\nTo: <{AOR}>\nCall-ID: p\nMax-Forwards: 70\nVia: SIP/2.0/UDP 192.0.2.5;branch=z9hG4bKp"
    trace.send(UE, SERVER, f"SUBSCRIBE {AOR} SIP/2.0\n{head}\nCSeq: 1 SUBSCRIBE\nEvent: presence\nExpires: 60")
    trace.send(UE, SERVER, f"MESSAGE {AOR} SIP/2.0\n{head}\nCSeq: 2 MESSAGE")
    trace.send(UE, SERVER, "NOTIFY sip:a SIP/2.0\nEvent: dialog")

    assert judged(trace.messages).judged == 6


def test_a_notify_that_cannot_be_read_is_found() -> None:
    trace = a_right_trace()
    trace.send(SERVER, WATCHER, f"NOTIFY sip:a SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKq\n"
               f"From: <{AOR}>;tag=n\nTo: <{AOR}>;tag=w\nCall-ID: s\nCSeq: one\nEvent: reg")  # fmt: skip

    assert checks(judged(trace.messages)) == {"notify-unreadable"}


def test_of_one_check_three_findings_are_told_and_the_others_counted() -> None:
    trace = a_right_trace()
    for number, version in enumerate(range(2, 22, 2), 2):
        trace.now += 10
        left = contact(expires=600 - 10 * version // 2)
        trace.notify(SERVER, WATCHER, version=version, number=number, contacts=left)

    (user,) = judged(trace.messages).users
    gaps = [each for each in user.found if each.finding.check == "version-gap"]

    assert len(gaps) == 3
    assert dict(user.more)["version-gap"] == 7


def test_a_trace_without_registrations_has_no_users() -> None:
    assert judged_file(section() + interface() + packet(udp(b"INVITE sip:a SIP/2.0\r\n\r\n"))).users == ()


def test_a_trace_of_many_watchers_is_judged_in_bounded_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scscf.judgement.bench._MOST_OBSERVED", 20)
    trace = Trace()
    trace.register(UE, SERVER)
    for number in range(60):
        host, watcher = (f"192.0.3.{number}", 5060), f"sip:w{number}@home1.test"
        trace.subscribe(host, SERVER, call_id=f"s{number}", watcher=watcher)
        left = 600 - int(trace.now)
        trace.notify(SERVER, host, call_id=f"s{number}", contacts=contact(expires=left), watcher=watcher)

    judgement = judged(trace.messages)

    assert judgement.passed
    assert judgement.judged == 242
