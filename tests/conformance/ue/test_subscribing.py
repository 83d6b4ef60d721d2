"""SUBSCRIBEs of a UE to its registration state, and its answers to NOTIFYs."""

import pytest

from scscf.conformance.ue.profile import PLAIN, UeProfile
from tests.conformance.ue.talk import AOR, TEL, Talk, finds

STRICT = UeProfile(strict=True)


@pytest.mark.clause("TS 24.229 §5.1.1.3")
@finds("no-subscribe")
def test_no_subscribe_after_the_registration(talk: Talk) -> None:
    talk.registered()
    talk.wait(61)
    talk.refreshed()


@finds(profile=PLAIN)
def test_without_ims_nobody_has_to_subscribe(talk: Talk) -> None:
    talk.registered()
    talk.wait(61)


@finds(profile=UeProfile(subscribes=False))
def test_a_profile_may_do_without_a_subscription(talk: Talk) -> None:
    talk.registered()
    talk.wait(61)


@finds()
def test_who_leaves_at_once_need_not_subscribe(talk: Talk) -> None:
    talk.registered()
    talk.deregistered()
    talk.wait(100)


@finds()
def test_an_emergency_registration_needs_no_subscription(talk: Talk) -> None:
    talk.accept(talk.register(Contact=f"<{talk.contact};sos>"))
    talk.wait(100_000)


@finds("no-subscribe")
def test_a_challenged_subscribe_is_sent_again(talk: Talk) -> None:
    talk.registered()
    talk.answer(talk.subscribe(), 401, {"WWW-Authenticate": 'Digest realm="home1.test", nonce="s"'})
    talk.wait(61)


@pytest.mark.clause("RFC 6665 §4.1.2.1")
@finds("subscribe-without-event")
def test_a_subscribe_without_event(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.answer(talk.subscribe(Event=None), 489)


@finds()
def test_other_packages_are_no_matter_here(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.answer(talk.subscribe(Event="presence", Contact=None, Accept="text/plain"), 489)


@pytest.mark.clause("RFC 3261 §8.1.1.8")
@finds("subscribe-without-contact")
def test_a_subscribe_without_contact(talk: Talk) -> None:
    talk.registered()
    talk.answer(talk.subscribe(Contact=None), 400)


@pytest.mark.clause("RFC 3680 §4.5")
@finds("accept-without-reginfo")
def test_accept_without_reginfo(talk: Talk) -> None:
    talk.registered()
    talk.answer(talk.subscribe(Accept="application/pidf+xml"), 406)


@finds()
def test_accept_may_be_absent_or_general(talk: Talk) -> None:
    talk.registered()
    talk.accept_subscribe(talk.subscribe(Accept=None))
    talk.accept_subscribe(talk.subscribe(Accept="application/sdp, application/*;q=0.1"))


@finds("accept-without-reginfo", profile=STRICT)
def test_accept_may_not_be_absent_where_the_profile_is_strict(talk: Talk) -> None:
    talk.registered()
    talk.accept_subscribe(talk.subscribe(Accept=None))


@finds("not-600000", profile=STRICT)
def test_another_duration_than_600000_where_the_profile_is_strict(talk: Talk) -> None:
    talk.registered()
    talk.accept_subscribe(talk.subscribe(3600))


@pytest.mark.clause("TS 24.229 §5.1.1.3")
@finds("subscribe-to-wrong-identity")
def test_a_subscribe_to_somebody_else(talk: Talk) -> None:
    talk.registered()
    talk.answer(talk.subscribe(To="<sip:eve@home1.test>"), 403)


@finds("subscribe-to-wrong-identity")
def test_a_subscribe_by_a_barred_identity(talk: Talk) -> None:
    talk.judge = type(talk.judge)(None)
    barred = "<sip:001010000000001@home1.test>"
    talk.accept(talk.register(To=barred, From=f"{barred};tag=f0"), P_Associated_URI=f"<{TEL}>", Service_Route=None)
    talk.answer(talk.subscribe(To=barred, From=f"{barred};tag=f1", Route=None), 403)


@pytest.mark.clause("TS 24.229 §5.1.1.2")
@finds("service-route-not-used")
def test_a_subscribe_that_does_not_go_along_the_service_route(talk: Talk) -> None:
    talk.registered()
    talk.accept_subscribe(talk.subscribe(Route=None))
    talk.accept_subscribe(talk.subscribe(Route="<sip:scscf.home1.test;lr>"))


@finds()
def test_the_service_route_may_have_a_proxy_before_it(talk: Talk) -> None:
    talk.registered()
    route = "<sip:pcscf.home1.test;lr>, <sip:orig@scscf.home1.test:5060;lr>"
    talk.accept_subscribe(talk.subscribe(Route=route))


@pytest.mark.clause("RFC 3261 §12.2.1.1")
@finds("cseq-not-rising")
def test_a_refresh_with_the_cseq_of_before(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.subscribe_cseq -= 1
    talk.answer(talk.resubscribe(), 500)


@finds("ignores-423")
def test_423_to_a_subscribe_and_the_same_again(talk: Talk) -> None:
    talk.registered()
    talk.answer(talk.subscribe(60), 423, {"Min-Expires": "120"})
    talk.answer(talk.subscribe(60), 423, {"Min-Expires": "120"})


@pytest.mark.clause("RFC 3261 §21.5.4")
@finds("retry-before-retry-after")
def test_503_to_a_subscribe_and_no_patience(talk: Talk) -> None:
    talk.registered()
    talk.answer(talk.subscribe(), 503, {"Retry-After": "30"})
    talk.wait(10)
    talk.subscribed()


@finds()
def test_503_to_a_subscribe_and_patience(talk: Talk) -> None:
    talk.registered()
    talk.answer(talk.subscribe(), 503, {"Retry-After": "30"})
    talk.wait(30)
    talk.subscribed()


@pytest.mark.clause("TS 24.229 §5.1.1.3")
@finds("late-subscription-refresh")
def test_a_subscription_that_is_not_refreshed(talk: Talk) -> None:
    talk.registered(600000)
    talk.subscribed(1800)
    talk.wait(1211)


@finds()
def test_a_subscription_that_is_refreshed_in_time(talk: Talk) -> None:
    talk.registered(600000)
    talk.subscribed(600)
    for _ in range(5):
        talk.wait(300)
        talk.accept_subscribe(talk.resubscribe(), 600)
        talk.notified(state="active;expires=600")


@finds("late-subscription-refresh")
def test_a_notify_may_shorten_a_subscription(talk: Talk) -> None:
    talk.registered(600000)
    talk.subscribed(600000)
    talk.notified(state="active;expires=100")
    talk.wait(61)


@finds()
def test_a_notify_that_says_the_same_end_changes_nothing(talk: Talk) -> None:
    talk.registered(600000)
    talk.accept_subscribe(talk.subscribe(), 600)
    talk.notified(state="active;expires=600")
    talk.wait(200)
    talk.notified(state="active;expires=400")
    talk.wait(105)
    talk.accept_subscribe(talk.resubscribe(), 600)


@pytest.mark.clause("RFC 6665 §4.1.2.2")
@finds("uses-terminated-subscription")
def test_a_refresh_of_a_subscription_that_the_network_ended(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.notified(state="terminated;reason=timeout")
    talk.answer(talk.resubscribe(), 481)
    talk.answer(talk.resubscribe(), 481)


@finds("uses-terminated-subscription")
def test_a_refresh_after_481(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.answer(talk.resubscribe(), 481)
    talk.answer(talk.resubscribe(), 481)


@pytest.mark.clause("RFC 6665 §4.1.3")
@finds("resubscribe-after-rejected")
def test_a_subscription_that_was_rejected_is_asked_for_again(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.notified(state="terminated;reason=rejected")
    talk.wait(1)
    talk.answer(talk.subscribe(), 403)


@finds()
def test_a_subscription_that_timed_out_may_be_asked_for_again(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.notified(state="terminated;reason=timeout")
    talk.subscribed()


@pytest.mark.clause("RFC 6665 §4.1.2.3")
@finds("unsubscribe-loop")
def test_the_ue_unsubscribes_over_and_over(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    for _ in range(4):
        talk.unsubscribed()
        talk.wait(1)


@finds("unsubscribe-loop")
def test_the_ue_subscribes_and_unsubscribes_in_turn(talk: Talk) -> None:
    talk.registered()
    for _ in range(4):
        talk.subscribed()
        talk.unsubscribed()


@finds()
def test_registering_and_leaving_in_turn_is_no_loop(talk: Talk) -> None:
    for _ in range(6):
        talk.registered()
        talk.subscribed()
        talk.unsubscribed(answer=None)
        talk.deregistered()


@pytest.mark.clause("RFC 6665 §4.1.3")
@finds("no-answer-to-notify")
def test_a_notify_without_answer_is_found_once_for_a_subscription(talk: Talk) -> None:
    talk.registered()
    talk.accept_subscribe(talk.subscribe())
    talk.notify()
    talk.notify()
    talk.wait(33)
    talk.notify()
    talk.wait(33)


@finds()
def test_a_notify_that_is_sent_again_and_answered_late(talk: Talk) -> None:
    talk.registered()
    talk.accept_subscribe(talk.subscribe())
    request = talk.notify()
    talk.wait(15)
    talk.see("out", request)
    talk.wait(15)
    talk.reply(request)
    talk.reply(request)


@finds()
def test_who_has_left_need_not_answer(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.deregistered()
    talk.told("unregistered", answer=None)
    talk.wait(100)


@pytest.mark.clause("RFC 6665 §4.1.3")
@finds("notify-answered-481")
def test_481_in_a_subscription_that_is_live(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.notified(answer=481)


@finds()
def test_481_in_an_older_subscription_or_after_a_restart(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    older = talk.subscription
    talk.subscribed()
    newer, talk.subscription = talk.subscription, older
    talk.notify_cseq = 5
    talk.notified(answer=481)
    talk.subscription = newer
    talk.new_call()
    talk.register()
    talk.notified(answer=481)


@finds("notify-refused")
def test_a_good_notify_is_refused(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.notified(answer=500)


@finds()
def test_a_bad_notify_may_be_refused(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.notified(b"<nonsense", answer=400)
    talk.notified(answer=481, Call_ID="unknown@ue")
    talk.notified(answer=481, From=f"<{AOR}>;tag=stranger")
    talk.notified(answer=489, Event="presence")
    talk.reply(talk.notify(Event=None), 489)
    talk.reply(talk.notify(CSeq="1 NOTIFY"), 500)
