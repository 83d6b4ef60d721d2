"""The response context by itself: what a request on several branches comes to, each response in its place."""

from collections.abc import Coroutine
from typing import Any

import pytest

from scscf.procedures.branch import Leg
from scscf.procedures.forward import Outcome, Proxied
from scscf.promise import Promise
from scscf.sip.message import Request
from scscf.sip.outbox import Cancel, Failure, NextHop, Send
from tests.procedures.call import Call
from tests.world import World


class Ride:
    """A request on its way; a node's outbox shows what is sent."""

    def __init__(self, method: str = "INVITE", *headers: tuple[str, str]) -> None:
        self.world = World()
        self.call = Call(method, *headers)
        self.proxied = Proxied(self.world.node, self.call)  # type: ignore[arg-type]
        self.sends: list[Send] = []
        self.cancelled: list[Send] = []
        self.outcome: Promise[Outcome] = Promise()
        self.world.scscf.shell.flush = self._flush

    def _flush(self, items: list[Any]) -> None:
        for item in items:
            if isinstance(item, Send):
                self.sends.append(item)
            elif isinstance(item, Cancel):
                self.cancelled.append(item.send)

    def leg(self, host: str, *others: str, **more: Any) -> Leg:
        request = Request(self.call.request.method, f"sip:{host}", list(self.call.request.headers))
        return Leg(request, NextHop(host), alternates=tuple(self.leg(other) for other in others), **more)

    def forward(self, *groups: list[Leg], patience: float | None = None) -> None:
        self._perform(self.proxied.forward(groups, patience))

    def _perform(self, procedure: Coroutine[Any, Any, Outcome]) -> None:
        async def run() -> None:
            outcome = await procedure
            self.proxied.finish(outcome)
            self.outcome.keep(outcome)

        self.world.perform(run())

    def answers(self, index: int, status: int, *headers: tuple[str, str]) -> None:
        """Have branch `index` answer."""
        send = self.sends[index]
        response = send.request.response(status, to_tag=f"t{index}")
        response.headers.insert(0, ("Via", "SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKus"))
        response.headers += headers
        self.world.scscf.shell.run(send.user.on_response, response, 0.0)

    def fails(self, index: int, kind: str = "transport") -> None:
        """Have branch `index` get no answer."""
        self.world.scscf.shell.run(self.sends[index].user.on_failure, Failure(kind, ""), 0.0)

    def cancel(self) -> None:
        assert self.call.on_cancel is not None
        self.world.scscf.shell.run(self.call.on_cancel)

    @property
    def targets(self) -> list[str]:
        return [send.next_hop.host for send in self.sends]

    @property
    def cancels(self) -> list[str]:
        return [send.next_hop.host for send in self.cancelled]


@pytest.mark.clause("RFC 3261 §16.7")
def test_a_call_that_is_answered() -> None:
    ride = Ride()
    ride.forward([ride.leg("a")])
    for status in (100, 180, 183, 200):
        ride.answers(0, status)

    assert ride.call.statuses == [180, 183, 200]
    assert ride.outcome.result() == Outcome(None, rang=True)
    assert [via.host for via in ride.call.answers[-1].vias] == ["127.0.0.9"]


@pytest.mark.clause("RFC 6026 §8.5")
def test_each_2xx_is_passed_on() -> None:
    ride = Ride()
    ride.forward([ride.leg("a"), ride.leg("b")])
    ride.answers(0, 200)
    ride.answers(0, 200)
    ride.answers(1, 200)

    assert ride.call.statuses == [200, 200, 200]
    assert ride.cancels == ["b"]


@pytest.mark.clause("RFC 3261 §16.7")
def test_the_first_to_answer_ends_the_ringing_of_the_others() -> None:
    ride = Ride()
    ride.forward([ride.leg("a"), ride.leg("b")], [ride.leg("c")])
    ride.answers(0, 180)
    ride.answers(1, 200)
    ride.answers(0, 487)

    assert ride.call.statuses == [180, 200]
    assert ride.cancels == ["a"]
    assert ride.targets == ["a", "b"]


@pytest.mark.clause("RFC 3261 §16.7")
def test_the_next_group_is_tried_when_all_of_one_have_refused() -> None:
    ride = Ride()
    ride.forward([ride.leg("a"), ride.leg("b")], [ride.leg("c")])
    ride.answers(0, 486)
    assert ride.targets == ["a", "b"]
    ride.answers(1, 404)
    assert ride.targets == ["a", "b", "c"]
    ride.answers(2, 302)

    assert ride.call.statuses == [302]


@pytest.mark.clause("RFC 3261 §16.7")
def test_a_6xx_cancels_the_others_and_is_the_answer_once_they_are_over() -> None:
    ride = Ride()
    ride.forward([ride.leg("a"), ride.leg("b")], [ride.leg("c")])
    ride.answers(0, 603)
    assert ride.cancels == ["b"]
    assert ride.call.statuses == []
    ride.answers(1, 487)

    assert ride.call.statuses == [603]
    assert ride.targets == ["a", "b"]


@pytest.mark.clause("RFC 3261 §16.7")
def test_a_2xx_may_still_come_after_a_6xx() -> None:
    ride = Ride()
    ride.forward([ride.leg("a"), ride.leg("b")])
    ride.answers(0, 603)
    ride.answers(1, 200)

    assert ride.call.statuses == [200]


def test_a_6xx_to_a_message_is_passed_on_at_once() -> None:
    ride = Ride("MESSAGE")
    ride.forward([ride.leg("a"), ride.leg("b")])
    ride.answers(0, 603)
    ride.answers(1, 200)

    assert ride.call.statuses == [603]
    assert ride.cancels == []


def test_a_message_gets_one_answer_and_nothing_before_it() -> None:
    ride = Ride("MESSAGE")
    ride.forward([ride.leg("a"), ride.leg("b")])
    ride.answers(0, 183)
    ride.answers(0, 200)
    ride.answers(1, 200)

    assert ride.call.statuses == [200]


@pytest.mark.clause("RFC 3261 §16.10")
def test_who_hangs_up_before_it_is_answered_gets_487() -> None:
    ride = Ride()
    ride.forward([ride.leg("a"), ride.leg("b")], [ride.leg("c")])
    ride.answers(0, 180)
    ride.cancel()
    assert ride.cancels == ["a", "b"]
    ride.answers(0, 487)
    ride.answers(1, 486)

    assert ride.call.statuses == [180, 487]
    assert ride.targets == ["a", "b"]


@pytest.mark.clause("RFC 3261 §16.10")
def test_a_2xx_that_crosses_the_cancel_is_passed_on() -> None:
    ride = Ride()
    ride.forward([ride.leg("a")])
    ride.cancel()
    ride.answers(0, 200)

    assert ride.call.statuses == [200]


@pytest.mark.clause("RFC 3261 §16.10")
def test_who_hangs_up_before_anything_was_sent_gets_487_too() -> None:
    ride = Ride()
    ride.cancel()
    ride.forward([ride.leg("a")])

    assert ride.call.statuses == [487]
    assert ride.targets == []


@pytest.mark.clause("RFC 3261 §16.8")
def test_timer_c_cancels_what_rings_for_too_long() -> None:
    ride = Ride()
    ride.forward([ride.leg("a")])
    ride.answers(0, 180)
    ride.world.run(180)
    ride.answers(0, 100)
    ride.answers(0, 180)
    ride.world.run(180)
    assert ride.cancels == []
    ride.answers(0, 100)
    ride.world.run(2)

    assert ride.cancels == ["a"]
    ride.answers(0, 487)
    assert ride.call.statuses == [180, 180, 487]
    assert len(ride.world.node.wire_deadlines) == 0


@pytest.mark.clause("RFC 3261 §16.9", "RFC 3261 §16.7")
@pytest.mark.parametrize(
    ("method", "kind", "status"),
    [
        ("INVITE", "timeout", 408),
        ("INVITE", "transport", 500),
        ("MESSAGE", "timeout", 504),
        ("INVITE", "cancelled", 487),
    ],
)
def test_nobody_answers(method: str, kind: str, status: int) -> None:
    ride = Ride(method)
    ride.forward([ride.leg("a")])
    ride.fails(0, kind)

    assert ride.call.statuses == [status]
    assert ride.outcome.result().failed


@pytest.mark.clause("RFC 5626 §7")
def test_the_next_flow_of_an_instance_is_tried_where_one_has_failed() -> None:
    ride = Ride()
    ride.forward([ride.leg("a", "b", "c", unreachable=430)])
    ride.fails(0)
    ride.answers(1, 430)
    assert ride.targets == ["a", "b", "c"]
    ride.answers(2, 486)

    assert ride.call.statuses == [486]


@pytest.mark.clause("RFC 5626 §7", "RFC 5626 §11.5")
def test_480_where_no_flow_is_left() -> None:
    ride = Ride()
    ride.forward([ride.leg("a", unreachable=430)])
    ride.fails(0)

    assert ride.call.statuses == [480]


@pytest.mark.clause("RFC 5626 §7")
def test_a_flow_that_was_cancelled_is_followed_by_no_other() -> None:
    ride = Ride()
    ride.forward([ride.leg("a", "b")])
    ride.cancel()
    ride.fails(0)

    assert ride.targets == ["a"]
    assert ride.call.statuses == [487]


@pytest.mark.clause("RFC 5393 §5.3.3")
def test_no_more_branches_at_a_time_than_max_breadth_allows() -> None:
    ride = Ride("INVITE", ("Max-Breadth", "5"))
    ride.forward([ride.leg(name) for name in "abcdefg"])
    assert ride.targets == ["a", "b", "c", "d", "e"]
    for index in range(5):
        ride.answers(index, 486)

    assert ride.targets == ["a", "b", "c", "d", "e", "f", "g"]
    assert [send.request.get("max-breadth") for send in ride.sends] == ["1"] * 5 + ["2"] * 2


@pytest.mark.clause("RFC 3261 §16.7")
def test_the_challenges_of_all_branches_are_passed_on_together() -> None:
    ride = Ride()
    ride.forward([ride.leg("a"), ride.leg("b")])
    ride.answers(0, 407, ("Proxy-Authenticate", "Digest a"))
    ride.answers(1, 401, ("WWW-Authenticate", "Digest b"))

    answer = ride.call.answers[0]
    assert (answer.get("proxy-authenticate"), answer.get("www-authenticate")) == ("Digest a", "Digest b")


@pytest.mark.clause("TS 24.229 §5.4.3.2")
def test_who_is_silent_for_too_long_is_given_up_and_heard_no_more() -> None:
    ride = Ride()
    ride.forward([ride.leg("a")], patience=8)
    ride.world.run(8.5)

    assert ride.outcome.result().failed
    assert ride.cancels == ["a"]
    ride.answers(0, 200)
    assert ride.call.statuses == [408]


@pytest.mark.clause("TS 24.229 §5.4.3.2")
def test_who_says_anything_is_waited_for() -> None:
    ride = Ride()
    ride.forward([ride.leg("a")], patience=8)
    ride.answers(0, 100)
    ride.world.run(60)

    assert ride.cancels == []
    ride.answers(0, 200)
    assert ride.call.statuses == [200]
