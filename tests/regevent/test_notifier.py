"""Who is told what and when: one NOTIFY a dialog at a time, nothing lost, nothing after the end (RFC 6665 §4.2.2)."""

import pytest
from lxml import etree

from scscf.profile.service_profile import PublicIdentity
from scscf.regevent.reginfo import Documents
from scscf.regevent.subscription import ENDING_STATUSES, Policy, State
from scscf.regevent.visibility import visible_identities
from scscf.registration.command import Expire
from scscf.registration.registration import Event
from scscf.sip.message import Request
from tests.builders import (
    GAMES,
    PAGER,
    PAGER_PROFILE,
    PHONE_PROFILE,
    TEL,
    TOBIAS,
    after,
    by_operator,
    register,
)
from tests.regevent.model import ModelWatcher
from tests.regevent.watching import Watching


@pytest.fixture
def watching() -> Watching:
    return Watching(after(register(), register(PAGER, device=PAGER_PROFILE, call_id="p@ue")))


def version(notify: Request) -> int:
    return int(etree.fromstring(notify.body).get("version") or -1)


def state_of(notify: Request) -> str:
    return notify.get("subscription-state") or ""


def test_a_new_subscription_is_told_everything_at_once(watching: Watching) -> None:
    watching.watch()
    (notify,) = watching.take()

    assert notify.get("cseq") == "1 NOTIFY"
    assert state_of(notify) == "active;expires=3600"
    assert b'version="0" state="full"' in notify.body
    assert notify.uri_text == "sip:watcher@192.0.2.9:5070"


def test_one_notify_is_outstanding_in_a_dialog(watching: Watching) -> None:
    watching.watch()
    assert len(watching.take()) == 1
    for cseq in range(2, 5):
        watching.do(register(cseq=cseq))
    assert watching.take() == []

    watching.answer()

    (notify,) = watching.take()
    assert version(notify) == 1
    assert b'cseq="4"' in notify.body


def test_dialogs_do_not_wait_for_each_other(watching: Watching) -> None:
    for _ in range(2):
        watching.watch()
    watching.answer(index=0)
    watching.do(register(cseq=2))
    assert len(watching.take()) == 1


def test_the_end_of_a_contact_is_not_folded_away_by_its_return(watching: Watching) -> None:
    watching.watch(documents=Documents.DELTA)
    watching.take()
    watching.do(register(PAGER, 0, device=PAGER_PROFILE, call_id="p@ue", cseq=2))
    watching.do(register(PAGER, device=PAGER_PROFILE, call_id="p@ue", cseq=3))
    watching.answer()
    (first,) = watching.take()
    watching.answer()
    (second,) = watching.take()

    assert b'event="unregistered"' in first.body
    assert b'event="registered"' in second.body
    assert [version(first), version(second)] == [1, 2]


def test_watchers_of_other_users_hear_nothing(watching: Watching) -> None:
    watching.watch(aor="sip:carol@home1.test")
    watching.answer()
    watching.do(register(cseq=2))

    assert watching.take() == []


@pytest.mark.parametrize("status", sorted(ENDING_STATUSES))
def test_a_code_that_ends_it_ends_it_silently(watching: Watching, status: int) -> None:
    subscription = watching.watch()
    watching.answer(status)
    watching.do(register(cseq=2))

    assert subscription.state is State.TERMINATED
    assert watching.take() == []
    assert len(watching.deadlines) == 0
    assert list(watching.notifier.ended) == [subscription]


def test_a_watcher_that_never_answers_is_given_up(watching: Watching) -> None:
    subscription = watching.watch()
    watching.answer("timeout")

    assert subscription.state is State.TERMINATED
    assert subscription.last_notify is not None
    assert subscription.last_notify.status == "timeout"


@pytest.mark.parametrize("status", [300, 400, 403, 500, 503, 603, "transport"])
def test_another_failure_keeps_it_and_costs_only_that_notify(watching: Watching, status: int | str) -> None:
    subscription = watching.watch()
    watching.answer(status)
    assert watching.take() == []
    watching.do(register(cseq=2))

    assert subscription.state is State.ACTIVE
    assert [version(notify) for notify in watching.take()] == [1]


@pytest.mark.clause("RFC 3680 §5.2")
@pytest.mark.parametrize("status", [200, 500, "transport"])
@pytest.mark.parametrize("documents", [Documents.PARTIAL, Documents.DELTA])
@pytest.mark.parametrize("waits", [False, True])
def test_after_one_that_failed_the_next_document_is_full(
    watching: Watching, documents: Documents, status: int | str, waits: bool
) -> None:
    watching.watch(documents=documents)
    watching.answer()
    watching.do(register(PAGER, 0, device=PAGER_PROFILE, call_id="p@ue", cseq=2))
    if waits:
        watching.do(register(cseq=2))
        watching.answer(status)
    else:
        watching.answer(status)
        watching.do(register(cseq=2))
    watching.answer()
    watching.do(register(cseq=3))
    watching.take()

    assert watching.full == [True, False, status != 200, False]


def test_a_provisional_answer_is_no_answer(watching: Watching) -> None:
    watching.watch()
    (send,) = watching.outbox.items
    watching.do(register(cseq=2))
    send.user.on_response(send.request.response(183), watching.now)  # type: ignore[union-attr]

    assert len(watching.take()) == 1


@pytest.mark.clause("RFC 5057 §5.1")
@pytest.mark.parametrize("status", [500, 503, 603])
@pytest.mark.parametrize(("value", "seconds"), [("30", 30), ("30 (busy);duration=5", 30), ("soon", 0)])
def test_retry_after_holds_the_next_back(watching: Watching, status: int, value: str, seconds: int) -> None:
    watching.watch()
    watching.answer(status, Retry_After=value)
    watching.do(register(cseq=2))
    assert len(watching.take()) == (0 if seconds else 1)
    watching.pass_time(29.9)
    assert watching.take() == []
    watching.pass_time(0.2)

    assert len(watching.take()) == (1 if seconds else 0)


def test_the_end_does_not_wait_for_what_is_held_back(watching: Watching) -> None:
    watching.watch()
    watching.answer(503, Retry_After="3000")
    watching.do(by_operator())

    (notify,) = watching.take()
    assert state_of(notify) == "terminated;reason=noresource"


@pytest.mark.clause("RFC 5057 §5.1")
def test_the_end_does_not_wait_behind_news_that_are_held_back(watching: Watching) -> None:
    subscription = watching.watch(60)
    watching.answer(503, Retry_After="4000000000")
    watching.do(register(PAGER, 0, device=PAGER_PROFILE, call_id="p@ue", cseq=2))
    watching.do(register(PAGER, device=PAGER_PROFILE, call_id="p@ue", cseq=3))
    watching.pass_time(60)
    (news,) = watching.take()
    watching.answer()
    (end,) = watching.take()
    watching.answer()

    assert (state_of(news), state_of(end)) == ("active;expires=0", "terminated;reason=timeout")
    assert subscription.reason == "timeout"
    assert watching.notifier.subscriptions == {}
    assert len(watching.deadlines) == 0


@pytest.mark.clause("RFC 6665 §4.2.1.2")
@pytest.mark.parametrize("status", [200, 481, 503, "timeout"])
def test_what_became_of_a_notify_from_before_a_refresh_counts_no_more(watching: Watching, status: int | str) -> None:
    subscription = watching.watch()
    watching.take()
    watching.notifier.tell_all(subscription, watching.record)
    assert [version(notify) for notify in watching.take()] == [1]
    watching.answer(status, index=0)
    watching.do(register(cseq=2))

    assert subscription.state is State.ACTIVE
    assert watching.take() == []
    watching.answer()
    assert [version(notify) for notify in watching.take()] == [2]


@pytest.mark.clause("RFC 6665 §4.2.1.2")
def test_an_unsubscribe_is_told_its_end_though_a_notify_is_out(watching: Watching) -> None:
    subscription = watching.watch()
    watching.take()
    subscription.expires_at = watching.now
    watching.notifier.tell_all(subscription, watching.record)
    assert [state_of(notify) for notify in watching.take()] == ["terminated;reason=timeout"]
    watching.answer(index=1)
    watching.answer("timeout", index=0)

    assert subscription.reason == "timeout"
    assert list(watching.notifier.ended) == [subscription]


def test_it_runs_out_with_timeout(watching: Watching) -> None:
    subscription = watching.watch(60)
    watching.answer()
    watching.pass_time(60)
    (notify,) = watching.take()

    assert state_of(notify) == "terminated;reason=timeout"
    assert b'state="full"' in notify.body
    watching.answer()
    assert watching.notifier.subscriptions == {}
    assert subscription.reason == "timeout"
    assert len(watching.deadlines) == 0


def test_it_runs_out_while_a_notify_is_out_and_still_ends_properly(watching: Watching) -> None:
    watching.watch(60)
    watching.take()
    watching.pass_time(60)
    assert watching.take() == []
    watching.answer()

    assert [state_of(notify) for notify in watching.take()] == ["terminated;reason=timeout"]


def test_a_refresh_moves_the_end_and_is_told_everything(watching: Watching) -> None:
    subscription = watching.watch(60, Documents.DELTA)
    watching.answer()
    watching.pass_time(30)
    subscription.expires_at = watching.now + 60
    watching.notifier.tell_all(subscription, watching.record)
    (notify,) = watching.take()
    assert b'version="1" state="full"' in notify.body
    watching.answer()
    watching.pass_time(31)
    assert watching.take() == []
    watching.pass_time(30)

    assert len(watching.take()) == 1


def test_nothing_is_told_after_the_end(watching: Watching) -> None:
    subscription = watching.watch()
    watching.answer()
    watching.do(by_operator())
    assert len(watching.take()) == 1
    watching.do(register(cseq=2, call_id="new@ue"))
    watching.answer()
    watching.do(register(cseq=3, call_id="new@ue"))

    assert watching.take() == []
    assert watching.notifier.in_dialog(*subscription.dialog.id) is None


@pytest.mark.clause("RFC 6665 §4.1.3")
def test_the_network_ends_one_with_a_reason(watching: Watching) -> None:
    subscription = watching.watch()
    watching.answer()
    watching.notifier.end(subscription, "probation")

    assert [state_of(notify) for notify in watching.take()] == ["terminated;reason=probation"]
    watching.answer()
    assert watching.notifier.subscriptions == {}


def test_a_forgotten_one_is_told_nothing(watching: Watching) -> None:
    subscription = watching.watch()
    watching.answer()
    watching.notifier.forget(subscription)
    watching.do(register(cseq=2))

    assert watching.take() == []
    assert watching.notifier.of(TOBIAS) == []


def test_it_ends_with_the_last_registration_of_the_set_only(watching: Watching) -> None:
    subscription = watching.watch()
    watching.answer()
    watching.do(by_operator(private_identity="phone@home1.test"))
    watching.answer()
    assert subscription.state is State.ACTIVE
    watching.do(by_operator())

    assert subscription.state is State.TERMINATED


def test_a_plain_registrar_s_lives_on(watching: Watching) -> None:
    subscription = watching.watch(policy=Policy(end_with_registration=False))
    watching.answer()
    watching.do(by_operator())

    assert subscription.state is State.ACTIVE


@pytest.mark.parametrize(
    ("instance", "own_uri", "ends"),
    [
        (None, PAGER, True),
        (None, "sip:[2001:DB8::2]:1357", True),
        (None, "sip:other@192.0.2.1", False),
        (None, "", False),
        ("<urn:x>", PAGER, True),
    ],
)
def test_a_ue_s_own_ends_with_its_own_contact(
    watching: Watching, instance: str | None, own_uri: str, ends: bool
) -> None:
    subscription = watching.watch()
    subscription.instance, subscription.own_uri = instance, own_uri
    watching.answer()
    watching.do(register(PAGER, 0, device=PAGER_PROFILE, call_id="p@ue", cseq=2))

    assert (subscription.state is State.TERMINATED) is ends


def test_what_each_watcher_answered_is_kept_for_who_asks(watching: Watching) -> None:
    for _ in range(3):
        watching.watch()
        watching.answer()
    change = watching.do(register(cseq=2))
    assert change.rows
    promises = watching.notifier.change(change._replace(before=watching.record))
    assert [promise.done for promise in promises] == [False] * 3
    for status in (200, 481, "timeout"):
        watching.answer(200, index=0)
        watching.answer(status, index=-1)

    results = [promise.result().status for promise in promises]
    assert sorted(map(str, results)) == ["200", "481", "timeout"]


def test_a_fetch_is_answered_once_and_over(watching: Watching) -> None:
    watching.watch(0)
    (notify,) = watching.take()
    watching.do(register(cseq=2))
    watching.answer()

    assert state_of(notify) == "terminated;reason=timeout"
    assert watching.take() == []
    assert watching.notifier.subscriptions == {}


def test_min_interval_gathers_and_then_tells_once(watching: Watching) -> None:
    watching.watch(policy=Policy(min_interval=5.0))
    watching.answer()
    for cseq in range(2, 6):
        watching.do(register(cseq=cseq))
        watching.pass_time(1)
    assert watching.take() == []
    watching.pass_time(1)

    assert [version(notify) for notify in watching.take()] == [1]


def test_expiry_is_told(watching: Watching) -> None:
    watching.watch(600000)
    watching.answer()
    watching.now = 5000
    watching.do(Expire())

    (notify,) = watching.take()
    assert notify.body.count(b'event="expired"') == 4


@pytest.mark.clause("RFC 3680 §5.1")
@pytest.mark.parametrize("event", [Event.DEACTIVATED, Event.REJECTED, Event.PROBATION])
def test_probation_alone_tells_retry_after(watching: Watching, event: Event) -> None:
    watching.watch()
    watching.answer()
    command = by_operator(event)
    watching.do(command._replace(cause=command.cause._replace(retry_after=30)))

    (notify,) = watching.take()
    assert (b'retry-after="30"' in notify.body) is (event is Event.PROBATION)


class TestVisibleIdentities:
    def test_the_set_without_the_barred_ones(self) -> None:
        identities = (PublicIdentity(TOBIAS), PublicIdentity(TEL, barred=True), PublicIdentity(GAMES))
        record = after(register(device=PHONE_PROFILE._replace(sets=(identities,))))

        assert visible_identities(TOBIAS, record) == (TOBIAS, GAMES)
        assert visible_identities(TOBIAS, record, (TOBIAS, TEL)) == (TOBIAS, GAMES)

    def test_the_address_of_record_alone_where_nothing_is_known(self) -> None:
        assert visible_identities(TOBIAS, None) == (TOBIAS,)

    def test_what_was_told_of_stays_when_its_device_has_gone(self) -> None:
        record = after(register(PAGER, device=PAGER_PROFILE))

        assert visible_identities(TOBIAS, record, (TOBIAS, TEL, GAMES)) == (TOBIAS, TEL, GAMES)
        assert visible_identities(TOBIAS, None, (TOBIAS, TEL)) == (TOBIAS, TEL)

    def test_what_joins_stands_in_the_order_of_the_set(self) -> None:
        assert visible_identities(TOBIAS, after(register()), (GAMES,)) == (TOBIAS, TEL, GAMES)


def test_an_identity_that_is_new_to_the_watcher_is_told_of_with_all_that_it_has() -> None:
    desk = PHONE_PROFILE._replace(private_identity="desk@home1.test", sets=((PublicIdentity(GAMES),),))
    watching = Watching(after(register("sip:desk@192.0.2.7", device=desk, aor=GAMES, call_id="d@ue")))
    watching.watch(documents=Documents.DELTA, policy=Policy(end_with_registration=False))
    watching.answer()
    model = ModelWatcher()
    model.version = 0
    watching.do(register())

    (notify,) = watching.take()
    model.apply(notify.body)
    assert {row[0] for row in model.live()[GAMES].values()} == {"sip:desk@192.0.2.7", "sip:[2001:db8::1]:1357"}
