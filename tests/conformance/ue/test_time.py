"""When a UE has to register again, and when it must not."""

import pytest

from scscf.conformance.ue.judge import UeJudge
from scscf.conformance.ue.profile import PLAIN, UeProfile
from tests.conformance.ue.talk import AOR, TEL, Talk, finds


@pytest.mark.clause("TS 24.229 §5.1.1.4")
@pytest.mark.parametrize(
    ("granted", "point"), [(60, 30), (120, 60), (1200, 600), (1201, 601), (1800, 1200), (600000, 599400)]
)
def test_the_point_of_a_refresh(granted: int, point: int) -> None:
    assert UeProfile().refresh_point(granted) == point
    assert PLAIN.refresh_point(granted) == granted


@pytest.mark.clause("TS 24.229 §5.1.1.4")
@pytest.mark.parametrize(("granted", "late"), [(120, 70), (1200, 610), (1800, 1210), (15, 15)])
def test_a_refresh_is_late_after_its_point_and_the_tolerance(granted: int, late: int) -> None:
    talk = Talk(UeProfile(subscribes=False))
    talk.registered(granted)
    talk.wait(late - 0.1)
    assert talk.names == []

    talk.wait(0.1)
    assert talk.names == ["late-refresh"]
    assert talk.findings[0].at == talk.now
    talk.wait(100_000)
    assert talk.names == ["late-refresh"]


@finds("late-refresh", profile=PLAIN)
def test_without_ims_a_refresh_is_late_when_the_binding_has_ended(talk: Talk) -> None:
    talk.registered(3600)
    talk.wait(3590)
    talk.refreshed()
    talk.wait(3600)


@finds("late-refresh")
def test_a_ue_that_is_gone_is_blamed_once(talk: Talk) -> None:
    talk.registered(3600)
    talk.subscribed(3600)
    talk.wait(3600)
    talk.told("expired", answer=None)
    talk.wait(100_000)


@finds()
def test_an_answer_that_is_sent_again_counts_from_then(talk: Talk) -> None:
    talk.challenge(talk.register())
    response = talk.accept(talk.register(), 120)
    talk.wait(20)
    talk.see("out", response)
    talk.subscribed()
    talk.wait(65)
    talk.refreshed()


@finds()
def test_a_refresh_that_the_network_refuses_is_none_the_less_in_time(talk: Talk) -> None:
    talk.registered(120)
    talk.subscribed()
    talk.wait(60)
    talk.answer(talk.register(), 500)
    talk.wait(100)


@finds()
def test_the_network_may_list_no_contact(talk: Talk) -> None:
    talk.registered(0)
    talk.wait(100_000)


@finds("late-refresh")
def test_one_of_two_flows_is_not_refreshed(talk: Talk) -> None:
    flow = '<sip:[2001:db8::1]:5064;ob>;+sip.instance="<urn:uuid:1>";reg-id={}'
    talk.accept(talk.register(Contact=flow.format(1)), 3600)
    talk.accept(talk.register(Contact=flow.format(2), Call_ID="r2@ue"), 3600)
    talk.subscribed(7200)
    talk.wait(3000)
    talk.accept(talk.register(Contact=flow.format(1)), 3600)
    talk.wait(20)


@finds()
def test_one_refresh_serves_the_whole_set(talk: Talk) -> None:
    talk.registered(3600)
    talk.subscribed()
    talk.accept(talk.register(To=f"<{TEL}>", From=f"<{TEL}>;tag=f0"), 3600)
    talk.wait(3000)
    talk.refreshed(3600)
    talk.wait(2000)


@pytest.mark.clause("TS 24.229 §5.1.1.7")
@finds("no-register-after-deactivated")
def test_deactivated_and_nothing_comes(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.told("deactivated")
    talk.wait(100_000)


@finds()
def test_deactivated_and_a_new_registration(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.told("deactivated")
    talk.wait(59)
    talk.new_call()
    talk.registered()
    talk.subscribed()


@finds("no-answer-to-notify")
def test_what_a_ue_did_not_answer_it_need_not_obey(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.told("deactivated", answer=None)
    talk.wait(100_000)


@finds()
def test_a_document_that_is_old_or_invalid_need_not_be_obeyed(talk: Talk) -> None:
    talk.registered(600000)
    talk.subscribed()
    talk.version = -1
    talk.told("deactivated", over=False)
    talk.notified(b"<reginfo/>")
    talk.wait(100)


@finds()
def test_the_contact_of_another_device_is_no_matter(talk: Talk) -> None:
    talk.registered(600000)
    talk.subscribed()
    talk.contact = "sip:pager@192.0.2.9"
    talk.told("deactivated", over=False)
    talk.wait(100)


@pytest.mark.clause("TS 24.229 §5.1.1.7")
@finds("register-after-rejected")
def test_rejected_and_a_register_comes(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.told("rejected")
    talk.wait(1)
    talk.new_call()
    talk.registered()
    talk.subscribed()


@finds()
def test_rejected_and_nothing_comes(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.told("rejected")
    talk.wait(600)
    talk.new_call()
    talk.registered()
    talk.subscribed()


@finds()
def test_a_refresh_that_crosses_a_rejection_is_no_breach(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    first = talk.register()
    talk.version += 1
    body = talk.document("rejected")
    talk.version -= 1
    notify = talk.notify(body, "terminated;reason=noresource")
    talk.challenge(first)
    talk.reply(notify)
    talk.answer(talk.register(), 403)


@pytest.mark.clause("RFC 3680 §4.7")
@finds("too-early-after-probation")
def test_probation_and_a_register_comes_too_early(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.told("probation", retry_after=300)
    talk.wait(200)
    talk.new_call()
    talk.registered()
    talk.subscribed()


@finds("no-register-after-probation")
def test_probation_and_nothing_comes(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.told("probation", retry_after=300)
    talk.wait(361)


@finds()
def test_probation_and_a_register_comes_in_time(talk: Talk) -> None:
    talk.registered()
    talk.subscribed()
    talk.told("probation", retry_after=300)
    talk.wait(300)
    talk.new_call()
    talk.registered()
    talk.subscribed()


@finds()
def test_who_was_told_unregistered_or_expired_may_do_as_it_likes(talk: Talk) -> None:
    for event in ("unregistered", "expired"):
        talk.new_call()
        talk.registered()
        talk.subscribed()
        talk.told(event)
        talk.wait(100_000)


@pytest.mark.clause("TS 24.229 §5.1.1.5A")
@finds("too-late-after-shortened")
def test_shortened_and_nothing_comes(talk: Talk) -> None:
    talk.registered(600000)
    talk.subscribed()
    talk.told("shortened", expires=60)
    talk.wait(60)


@finds("too-late-after-shortened", profile=UeProfile(before_shortened_end=30))
def test_a_profile_may_want_the_register_30_s_before_the_shortened_end(talk: Talk) -> None:
    talk.registered(600000)
    talk.subscribed()
    talk.told("shortened", expires=60)
    talk.wait(31)
    talk.challenge(talk.register())
    talk.accept(talk.register())


@finds()
def test_shortened_and_a_register_comes_in_time(talk: Talk) -> None:
    talk.registered(600000)
    talk.subscribed()
    talk.told("shortened", expires=60)
    talk.wait(59)
    talk.challenge(talk.register())
    talk.accept(talk.register())


def test_the_judge_takes_only_the_two_directions() -> None:
    talk = Talk()
    with pytest.raises(ValueError, match="sideways"):
        talk.judge.observe("sideways", talk.register(), 0.0)


def test_nothing_is_due_before_anything_was_seen() -> None:
    judge = UeJudge(AOR)

    assert judge.due() is None
    assert judge.time(1e9) == []
    assert judge.end(1e9) == []


@finds("too-late-after-shortened")
def test_a_shortened_end_that_is_told_again_is_no_second_breach(talk: Talk) -> None:
    talk.registered(600000)
    talk.subscribed()
    talk.told("shortened", expires=60)
    talk.wait(20.5)
    talk.told("shortened", expires=39)
    talk.wait(39.5)
    talk.told("shortened", expires=0)
    talk.wait(10)


@finds()
def test_what_the_network_tells_goes_before_a_retry_after_and_either_may_be_heeded(talk: Talk) -> None:
    talk.registered(600000)
    talk.subscribed()
    talk.answer(talk.register(), 503, {"Retry-After": "300"})
    talk.told("shortened", expires=60)
    talk.wait(30)
    talk.refreshed(600000)
    talk.answer(talk.register(), 503, {"Retry-After": "300"})
    talk.told("shortened", expires=60)
    talk.wait(299)
    talk.refreshed(600000)


@finds()
def test_a_contact_that_is_replaced_at_the_same_identity_is_not_lost(talk: Talk) -> None:
    talk.registered(600000)
    talk.subscribed()
    old = talk.document("deactivated")
    talk.contact = "sip:[2001:db8::7]:5064"
    talk.refreshed(600000)
    talk.notified(old.replace(b'version="0"', b'version="1"'))
    talk.wait(1000)
