"""The UE that acts by itself, beside a whole S-CSCF and a judge of UEs, over virtual hours."""

from itertools import pairwise
from typing import Any

import pytest

from scscf.conformance.ue.profile import UeProfile
from scscf.procedures.deregister import Scope, deregister
from scscf.procedures.reauthenticate import reauthenticate
from scscf.registration.registration import Event
from scscf.rules.model import RuleKeys
from scscf.ue.authorization import Password
from scscf.ue.autonomous.behaviour import Behaviour
from scscf.ue.autonomous.states import RegistrationState
from scscf.ue.autonomous.watch_states import WatchingState
from tests.ue.autonomous.world import AOR, Alone
from tests.ue.test_ue import AKA
from tests.usim import Usim

LOST = """<ims-3gpp version="1"><alternative-service><type>restoration</type><reason>lost</reason>
<action>initial-registration</action></alternative-service></ims-3gpp>"""
DAY = 86_400


def rule(alone: Alone, do: object, name: str = "r", **keys: object) -> None:
    alone.world.scscf.rules.set(name, RuleKeys.model_validate({"do": do, **keys}))


def end(alone: Alone, event: Event, retry_after: int | None = None, **scope: Any) -> None:
    alone.world.perform(deregister(alone.world.node, Scope(**(scope or {"aor": AOR})), event, retry_after))
    alone.run()


def answered(status: int, **headers: str) -> dict[str, object]:
    return {"answer": {"status": status, "headers": {name.replace("_", "-"): value for name, value in headers.items()}}}


@pytest.mark.clause("TS 24.229 §5.1.1.2", "TS 24.229 §5.1.1.3")
def test_it_registers_and_subscribes_to_its_own_registration_state() -> None:
    alone = Alone()
    alone.phone.start()
    alone.run()

    assert alone.phone.state is RegistrationState.REGISTERED
    assert alone.phone.watching.state is WatchingState.WATCHING
    assert len(alone.sent("REGISTER")) == 2
    ((_, subscribe),) = alone.sent("SUBSCRIBE")
    assert subscribe.get("route") == "<sip:orig@127.0.0.1:5060;lr>"
    assert alone.findings == []


@pytest.mark.clause("TS 24.229 §5.1.1.4", "TS 24.229 §5.1.1.3")
@pytest.mark.parametrize(("granted", "first", "times"), [(3600, 3000.0, 28), (1200, 600.0, 24), (900, 450.0, 32)])
def test_over_a_day_it_stays_registered_and_subscribed(granted: int, first: float, times: int) -> None:
    alone = Alone(Behaviour(expires=granted, subscribe_expires=granted))
    alone.begin()
    alone.run(DAY if granted == 3600 else DAY / 6)

    registers, subscribes = sorted({*alone.times("REGISTER")}), sorted({*alone.times("SUBSCRIBE")})
    assert registers[0] == subscribes[0] == pytest.approx(first, abs=0.2)
    assert len(registers) == len(subscribes) == times
    assert alone.phone.watching.watch is alone.phone.ue.watches[-1]
    assert len(alone.phone.ue.watches) == 1
    assert alone.findings == []


@pytest.mark.clause("TS 24.229 §5.1.1.6")
def test_it_leaves_and_answers_the_last_notify() -> None:
    alone = Alone()
    alone.begin()
    left = alone.phone.leave()
    alone.run()

    assert left.done
    assert alone.phone.state is RegistrationState.NOT_REGISTERED
    assert [each.get("expires") for _, each in alone.sent("REGISTER")] == ["0"]
    assert alone.phone.ue.watches[-1].notified[-1].state.state == "terminated"
    alone.run(DAY)
    assert len(alone.sent("REGISTER")) == 1
    assert alone.findings == []


def test_who_is_not_registered_has_left_at_once() -> None:
    alone = Alone()

    assert alone.phone.leave().done
    assert alone.seen == []


def test_it_leaves_after_the_register_that_is_under_way() -> None:
    alone = Alone()
    alone.phone.start()
    left = alone.phone.leave()
    alone.run()

    assert left.done
    assert [each.get("expires") for _, each in alone.sent("REGISTER")] == ["600000", "600000", "0"]
    assert alone.findings == []


@pytest.mark.clause("TS 24.229 §5.1.1.7", "RFC 3680 §4.7")
def test_deactivated_it_registers_anew_at_once_as_if_for_the_first_time() -> None:
    alone = Alone()
    alone.begin()
    before = alone.phone.ue.call_id
    end(alone, Event.DEACTIVATED)

    first, second = (request for _, request in alone.sent("REGISTER"))
    assert 'nonce=""' in (first.get("authorization") or "")
    assert first.call_id == second.call_id != before
    assert alone.phone.state is RegistrationState.REGISTERED
    assert alone.phone.watching.state is WatchingState.WATCHING
    assert alone.findings == []


@pytest.mark.clause("TS 24.229 §5.1.1.7", "RFC 3680 §4.7")
@pytest.mark.parametrize(
    ("event", "state"),
    [
        (Event.REJECTED, RegistrationState.REFUSED),
        (Event.UNREGISTERED, RegistrationState.NOT_REGISTERED),
        (Event.EXPIRED, RegistrationState.NOT_REGISTERED),
    ],
)
def test_what_does_not_have_it_register_again(event: Event, state: RegistrationState) -> None:
    alone = Alone()
    alone.begin()
    end(alone, event)
    alone.run(DAY)

    assert alone.phone.state is state
    assert alone.sent("REGISTER") == alone.sent("SUBSCRIBE") == []
    assert alone.findings == []

    alone.phone.order("register")
    alone.run()
    assert alone.phone.state is RegistrationState.REGISTERED
    assert alone.phone.watching.state is WatchingState.WATCHING


@pytest.mark.clause("RFC 3680 §4.7")
def test_on_probation_it_registers_when_the_time_is_over() -> None:
    alone = Alone()
    alone.begin()
    end(alone, Event.PROBATION, 120)
    alone.run(130)

    assert alone.times("REGISTER") == pytest.approx([121.0, 121.0], abs=0.1)
    assert alone.phone.state is RegistrationState.REGISTERED
    assert alone.findings == []


@pytest.mark.clause("TS 24.229 §5.1.1.5A")
@pytest.mark.parametrize("left", [60, 10, 1])
def test_shortened_it_registers_before_the_new_end(left: int) -> None:
    profile = UeProfile(before_shortened_end=30.0 if left == 60 else 0.0)
    alone = Alone(profile=profile)
    alone.begin()
    alone.world.perform(reauthenticate(alone.world.node, Scope(aor=AOR), left))
    alone.run(70)

    # The S-CSCF challenges the first one: it was shortened for that.
    assert len(alone.times("REGISTER")) == 2
    assert alone.times("REGISTER")[0] == pytest.approx(1.0 + max(0.0, left / 2 - 1), abs=0.1)
    assert alone.phone.state is RegistrationState.REGISTERED
    assert alone.findings == []


def test_shortened_beyond_its_own_refresh_it_changes_nothing() -> None:
    alone = Alone(Behaviour(expires=1000))
    alone.begin()
    alone.run(450)
    alone.world.perform(reauthenticate(alone.world.node, Scope(aor=AOR), 500))
    alone.run(100)

    assert alone.times("REGISTER")[0] == pytest.approx(500, abs=0.1)


def test_what_befalls_another_contact_is_nothing_to_it() -> None:
    alone = Alone()
    alone.begin()
    pager = alone.world.client(username="pager@home1.test")
    assert pager.register().status == 200
    end(alone, Event.REJECTED, private_identity="pager@home1.test")

    assert alone.phone.state is RegistrationState.REGISTERED
    assert alone.sent("REGISTER") == []


@pytest.mark.clause("RFC 3261 §10.2.8")
def test_after_423_it_asks_for_the_min_expires() -> None:
    alone = Alone(Behaviour(expires=600))
    rule(alone, answered(423, Min_Expires="1800"), match={"method": "REGISTER", "phase": "initial"}, count=1)
    alone.phone.start()
    alone.run()

    assert [each.get("expires") for _, each in alone.sent("REGISTER")] == ["600", "1800", "1800"]
    assert alone.phone.state is RegistrationState.REGISTERED
    assert alone.findings == []


def test_423_without_an_end_is_not_answered_without_an_end() -> None:
    alone = Alone(Behaviour(expires=600))
    for number in range(6):
        least = str(700 + 100 * number)
        rule(alone, answered(423, Min_Expires=least), f"r{number}", match={"method": "REGISTER"}, count=1)
    alone.phone.start()
    alone.run(20)

    assert len(alone.sent("REGISTER")) == 4
    assert alone.phone.state is RegistrationState.WAITING


@pytest.mark.clause("RFC 3261 §21.5.4")
def test_503_has_it_wait_as_long_as_it_is_told_to() -> None:
    alone = Alone()
    rule(alone, answered(503, Retry_After="40 (later)"), match={"method": "REGISTER"}, count=1)
    alone.phone.start()
    alone.run(39)
    assert alone.phone.state is RegistrationState.WAITING
    assert len(alone.sent("REGISTER")) == 1
    alone.run(2)

    assert alone.phone.state is RegistrationState.REGISTERED
    assert alone.findings == []


@pytest.mark.clause("RFC 5626 §4.5")
def test_500_and_silence_have_it_come_back_later_and_later() -> None:
    alone = Alone()
    rule(alone, answered(500), match={"method": "REGISTER"})
    alone.phone.start()
    alone.run(4 * 3600)

    times = alone.times("REGISTER")
    waits = [after - before for before, after in pairwise(times)]
    for wait, longest in zip(waits, [60, 120, 240, 480, 960, 1800, 1800], strict=False):
        assert longest / 2 <= wait <= longest
    assert alone.findings == []

    alone.world.scscf.rules.clear()
    alone.run(1800)
    assert alone.phone.state is RegistrationState.REGISTERED


def test_a_refresh_that_nobody_answers_is_tried_until_it_is_answered() -> None:
    alone = Alone(Behaviour(expires=3600))
    alone.begin()
    rule(alone, "drop", match={"method": "REGISTER", "message": "request", "direction": "in"})
    alone.run(3600)
    assert alone.phone.state in (RegistrationState.WAITING, RegistrationState.REFRESHING, RegistrationState.REGISTERING)
    alone.world.scscf.rules.clear()
    alone.run(1800)

    assert alone.phone.state is RegistrationState.REGISTERED
    assert alone.phone.watching.state is WatchingState.WATCHING


@pytest.mark.clause("TS 24.229 §5.1.1.2")
@pytest.mark.parametrize("status", [305, 403, 404, 604])
def test_an_answer_that_is_the_last_word(status: int) -> None:
    alone = Alone()
    rule(alone, answered(status), match={"method": "REGISTER"})
    alone.phone.start()
    alone.run(DAY)

    assert alone.phone.state is RegistrationState.REFUSED
    assert len(alone.sent("REGISTER")) == 1


def test_a_refresh_that_is_refused_ends_the_subscription_too() -> None:
    alone = Alone(Behaviour(expires=3600))
    alone.begin()
    rule(alone, answered(403), match={"method": "REGISTER"})
    alone.run(DAY)

    assert alone.phone.state is RegistrationState.REFUSED
    assert alone.phone.watching.state is WatchingState.NOT_WATCHING
    assert alone.sent("SUBSCRIBE") == []


def test_a_wrong_password_is_tried_once() -> None:
    alone = Alone(secret=Password("wrong"))
    alone.phone.start()
    alone.run(DAY)

    assert alone.phone.state is RegistrationState.REFUSED
    assert len(alone.sent("REGISTER")) == 2


def with_usim(sqn: int = 0) -> Alone:
    return Alone(secret=Usim(sqn=sqn), user="ida", impi="ida@home1.test", subscribers=AKA, profile=UeProfile(aka=True))


def credentials(alone: Alone) -> list[str]:
    return [request.get("authorization") or "" for _, request in alone.sent("REGISTER")]


@pytest.mark.clause("TS 24.229 §5.1.1.5", "TS 34.229-1 §9.1")
def test_a_usim_answers_two_vectors_without_a_proof_and_registers_with_the_good_one() -> None:
    alone = with_usim()
    rule(alone, {"vector": "bad_mac"}, match={"method": "REGISTER"}, count=2)
    alone.phone.start()
    alone.run()

    assert ['response=""' in each and "auts" not in each for each in credentials(alone)] == [True, True, True, False]
    assert alone.phone.state is RegistrationState.REGISTERED
    assert alone.findings == []


@pytest.mark.clause("TS 24.229 §5.1.1.5")
def test_a_network_that_never_proves_itself_is_given_up() -> None:
    alone = with_usim()
    rule(alone, {"vector": "bad_mac"}, match={"method": "REGISTER"})
    alone.phone.start()
    alone.run(DAY)

    assert alone.phone.state is RegistrationState.REFUSED
    assert len(alone.sent("REGISTER")) == 4


@pytest.mark.clause("TS 24.229 §5.1.1.5", "TS 34.229-1 §9.2")
def test_a_usim_that_is_ahead_says_so_and_registers() -> None:
    alone = with_usim(1 << 20)
    alone.phone.start()
    alone.run()

    assert ["auts=" in each for each in credentials(alone)] == [False, True, False]
    assert alone.phone.state is RegistrationState.REGISTERED
    assert alone.findings == []


@pytest.mark.clause("RFC 6665 §4.1.2.2")
def test_503_to_a_subscribe_has_it_wait_and_begin_another_dialog() -> None:
    alone = Alone()
    rule(alone, answered(503, Retry_After="20"), match={"method": "SUBSCRIBE"}, count=1)
    alone.phone.start()
    alone.run(30)

    (began, first), (again, second) = alone.sent("SUBSCRIBE")
    assert again - began == pytest.approx(20, abs=0.1)
    assert first.call_id != second.call_id
    assert alone.phone.watching.state is WatchingState.WATCHING
    assert alone.findings == []


def test_423_to_a_subscribe_has_it_ask_for_more() -> None:
    alone = Alone(Behaviour(subscribe_expires=60))
    rule(alone, answered(423, Min_Expires="600"), match={"method": "SUBSCRIBE"}, count=1)
    alone.phone.start()
    alone.run()

    assert [each.get("expires") for _, each in alone.sent("SUBSCRIBE")] == ["60", "600"]
    assert alone.findings == []


def test_a_subscription_that_is_refused_is_left_alone() -> None:
    alone = Alone()
    rule(alone, answered(403), match={"method": "SUBSCRIBE"})
    alone.phone.start()
    alone.run(3600)

    assert alone.phone.watching.state is WatchingState.REFUSED
    assert len(alone.sent("SUBSCRIBE")) == 1


@pytest.mark.clause("RFC 6665 §4.1.2.2")
def test_481_to_a_refresh_has_it_subscribe_anew() -> None:
    alone = Alone(Behaviour(subscribe_expires=3600))
    alone.begin()
    rule(alone, answered(481), match={"method": "SUBSCRIBE"}, count=1)
    alone.run(3100)

    (_, refresh), (_, new), _ = alone.sent("SUBSCRIBE")
    assert refresh.to.tag is not None
    assert new.to.tag is None
    assert alone.phone.watching.state is WatchingState.WATCHING
    assert alone.findings == []


@pytest.mark.clause("TS 24.229 §5.1.2A.1.6")
def test_a_504_that_asks_for_it_has_it_register_anew() -> None:
    alone = Alone(Behaviour(subscribe_expires=3600))
    alone.begin()
    headers = {"Content-Type": "application/3gpp-ims+xml"}
    rule(alone, {"answer": {"status": 504, "headers": headers, "body": LOST}}, match={"method": "SUBSCRIBE"}, count=1)
    alone.run(3010)

    assert alone.times("REGISTER") == pytest.approx([3000, 3000], abs=0.2)
    assert alone.phone.watching.state is WatchingState.WATCHING


@pytest.mark.clause("RFC 6665 §4.1.3")
@pytest.mark.parametrize(
    ("state", "times"),
    [
        ("terminated;reason=deactivated", [0.0]),
        ("terminated;reason=timeout", [0.0]),
        ("terminated", [0.0]),
        ("terminated;reason=probation;retry-after=30", [30.0]),
        ("terminated;reason=giveup;retry-after=30", [30.0]),
        ("terminated;reason=rejected", []),
        ("terminated;reason=noresource", []),
    ],
)
def test_what_the_end_of_a_subscription_leads_to(state: str, times: list[float]) -> None:
    alone = Alone()
    alone.begin()
    alone.run(100)
    alone.seen.clear()
    edit = [{"set": "Subscription-State", "value": state}]
    rule(alone, {"edit": edit}, match={"method": "NOTIFY", "message": "request"}, count=1)
    pager = alone.world.client(username="pager@home1.test")
    began = alone.now()
    assert pager.register().status == 200
    alone.run(100)

    assert [at - began for at in alone.times("SUBSCRIBE")] == pytest.approx(times, abs=0.2)
    assert alone.phone.state is RegistrationState.REGISTERED
    assert alone.findings == []


def test_a_network_that_ends_every_subscription_is_asked_again_later_and_later() -> None:
    alone = Alone()
    edit = [{"set": "Subscription-State", "value": "terminated;reason=deactivated"}]
    rule(alone, {"edit": edit}, match={"method": "NOTIFY", "message": "request"})
    alone.phone.start()
    alone.run(3600)

    assert 4 < len(alone.sent("SUBSCRIBE")) < 12
    assert len(alone.phone.ue.watches) <= 2


@pytest.mark.clause("RFC 6665 §4.1.2.4")
def test_without_a_first_notify_it_subscribes_again_later() -> None:
    alone = Alone()
    rule(alone, "drop", match={"method": "NOTIFY", "message": "request"}, count=20)
    alone.phone.start()
    alone.run(120)

    assert len(alone.sent("SUBSCRIBE")) == 2
    assert alone.times("SUBSCRIBE")[1] >= 32 + 30


@pytest.mark.clause("RFC 3680 §5.2")
def test_a_document_that_is_missing_is_asked_for() -> None:
    alone = Alone(config={"reg_event": {"documents": "partial"}})
    alone.begin()
    version = [{"replace": 'version="1"', "with": 'version="3"', "in": "body"}]
    rule(alone, {"edit": version}, match={"method": "NOTIFY", "message": "request"}, count=1)
    assert alone.world.client(username="pager@home1.test").register().status == 200
    alone.run(5)

    ((_, refresh),) = alone.sent("SUBSCRIBE")
    assert refresh.to.tag is not None


@pytest.mark.clause("TS 24.229 §5.1.1.2")
def test_a_barred_identity_subscribes_as_the_default_one() -> None:
    alone = Alone()
    edit = [{"set": "P-Associated-URI", "value": "<sip:gameMaster@home1.test>"}]
    rule(alone, {"edit": edit}, match={"method": "REGISTER", "message": "response", "status": 200})
    alone.phone.start()
    alone.run()

    ((_, subscribe),) = alone.sent("SUBSCRIBE")
    assert subscribe.uri_text == "sip:gameMaster@home1.test"
    assert subscribe.from_.uri.text == "sip:gameMaster@home1.test"
    assert alone.phone.watching.state is WatchingState.WATCHING


def test_orders_are_done_in_every_state_and_unknown_ones_are_refused() -> None:
    alone = Alone()
    alone.begin()
    for order in ("unsubscribe", "subscribe", "refresh", "subscribe", "restart", "deregister", "refresh", "restart"):
        alone.phone.order(order)
        alone.run(20)

    assert alone.phone.state is RegistrationState.REGISTERED
    assert alone.phone.watching.state is WatchingState.WATCHING
    assert alone.findings == []
    with pytest.raises(ValueError, match="sing: not one of register, refresh"):
        alone.phone.order("sing")


def test_orders_in_one_moment_are_done_one_after_the_other() -> None:
    alone = Alone()
    for order in ("register", "refresh", "deregister", "register", "subscribe", "unsubscribe", "subscribe"):
        alone.phone.order(order)
    alone.run(5)

    assert alone.phone.state is RegistrationState.REGISTERED
    assert alone.phone.watching.state is WatchingState.WATCHING
    assert "register-flood" not in alone.blamed()


def test_the_same_seed_is_the_same_trace() -> None:
    traces = []
    for _ in range(2):
        alone = Alone(Behaviour(expires=1800))
        rule(alone, answered(500), match={"method": "REGISTER"}, count=2)
        alone.phone.start()
        alone.run(7200)
        traces.append([(at, direction, message.to_bytes()) for at, direction, message in alone.seen])

    assert traces[0] == traces[1]
