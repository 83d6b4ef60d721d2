"""A whole node whose service time is moved: rules on it and beside it hold as if the hours had passed."""

import re
import time
from collections.abc import Callable
from math import ceil

import pytest
from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory

from hss_stub.faults import Command, Fault
from hss_stub.registration_states import RegistrationState
from scscf.net.heap_clock import HeapCall, HeapClock
from scscf.net.virtual_time import Moved, VirtualTime
from tests.cx_world import CxWorld
from tests.world import World

TOBIAS, PHONE = "sip:tobias@home1.test", "phone@home1.test"


def virtual_time(world: World) -> VirtualTime:
    virtual = VirtualTime(world.scscf.shell)
    world.scscf.observe(virtual.trace)
    return virtual


def advance(world: World, virtual: VirtualTime, seconds: float, within: float = 0.5) -> Moved:
    promise = virtual.move(seconds)
    world.run(within)
    assert promise.done
    return promise.result()


@pytest.mark.clause("TS 24.229 §5.4.1.5")
def test_the_hss_is_told_at_the_hour_of_the_end_and_before_time_goes_on() -> None:
    world = CxWorld()
    virtual = virtual_time(world)
    ue = world.client(username=PHONE)
    ue.register(3600)
    seen: list[float] = []
    answered = world.node.cx.server_assignment

    async def watched(*arguments: object, **more: object) -> object:
        answer = await answered(*arguments, **more)  # type: ignore[arg-type]
        seen.append(world.node.now())
        return answer

    world.node.cx.server_assignment = watched  # type: ignore[method-assign,assignment]
    began = world.node.now()

    moved = advance(world, virtual, 100_000)

    assert world.hss.core.registration_state(PHONE, TOBIAS) is RegistrationState.NOT_REGISTERED
    assert seen == [pytest.approx(began + 3600, abs=1)]
    assert moved.now == began + 100_000


def test_an_hss_that_is_slow_holds_time_up_for_a_moment_only() -> None:
    world = CxWorld()
    virtual = virtual_time(world)
    ue = world.client(username=PHONE)
    ue.register(3600)
    world.hss.core.faults.set(Command.SAR, Fault(delay=2.0))

    assert advance(world, virtual, 7200).left == 0
    assert world.scscf.shell.performer.waiting > 0
    world.run(3.0)

    assert world.scscf.shell.performer.waiting == 0


@pytest.mark.clause("RFC 3680 §5.2")
def test_one_watcher_is_told_of_two_ends_an_hour_apart_one_after_the_other() -> None:
    world = World()
    virtual = virtual_time(world)
    phone = world.client(username=PHONE)
    phone.register(100_000)
    for host, username, expires in (("127.0.0.10", "pager@home1.test", 3600), ("127.0.0.11", PHONE, 7200)):
        world.client(host, username=username).register(expires)
    phone.subscribe(100_000)
    world.run(6.0)
    before = len(phone.notifies)

    moved = advance(world, virtual, 7300)

    told = phone.documents()[before:]
    ended = [uri for document in told for uri, state, _ in document.contacts(TOBIAS) if state == "terminated"]
    assert ended == ["sip:tobias@127.0.0.10:5070", "sip:tobias@127.0.0.11:5070"]
    assert [document.version for document in told] == [told[0].version, told[0].version + 1]
    assert moved.sent == 2


def test_a_watcher_who_never_answers_delays_nobody_for_long() -> None:
    world = World()
    virtual = virtual_time(world)
    phone = world.client(username=PHONE)
    phone.register(3600)
    phone.subscribe(7200)
    world.run(6.0)
    phone.answer = None

    moved = advance(world, virtual, 86400, within=1.0)

    assert moved.left == 0
    assert moved.sent >= 1
    world.run(40.0)
    assert len(world.node.notifier.subscriptions) == 0


MANY = """
subscriptions:
  - range: [1, 600]
    private_identities: [{id: "user{n}@home1.test", auth: {scheme: none}}]
    implicit_sets: [["sip:user{n}@home1.test"]]
"""


def test_users_of_one_frozen_second_all_end_in_one_advance() -> None:
    world = World(subscribers=MANY)
    virtual = virtual_time(world)
    virtual.move(freeze=True)
    world.run(0.1)
    for number in range(1, 601):
        assert world.client(port=5100 + number, user=f"user{number}").register(3600).status == 200
    assert len(list(world.node.store.records())) == 600

    moved = advance(world, virtual, 3600)

    assert (moved.left, list(world.node.store.records())) == (0, [])
    virtual.move(freeze=False)
    world.run(0.1)


def test_a_nonce_grows_old_with_service_time() -> None:
    world = World()
    virtual = virtual_time(world)
    ue = world.client(username=PHONE)
    ue.register(600_000)
    assert ue.credentials is not None

    advance(world, virtual, 500_000)
    headers = {"Contact": f"<{ue.uri}>", "Authorization": ue.authorization("REGISTER", "sip:home1.test")}
    answer = ue.send("REGISTER", "sip:home1.test", headers)

    assert answer is not None
    assert answer.status == 401
    assert "stale=TRUE" in (answer.get("www-authenticate") or "").replace("stale=true", "stale=TRUE")


class WallClock(HeapClock):
    """A reactor as Twisted's is: its time is that of `time.time`, which freezegun moves while it is `frozen`."""

    def __init__(self, frozen: FrozenDateTimeFactory) -> None:
        super().__init__(time.time())
        self.frozen: FrozenDateTimeFactory | None = frozen

    def seconds(self) -> float:
        return self._now if self.frozen is None else max(self._now, time.time())

    def callLater(self, delay: float, call: Callable[..., object], *args: object) -> HeapCall:
        self._now = self.seconds()
        return super().callLater(delay, call, *args)

    def advance(self, seconds: float) -> int:
        if self.frozen is None:
            return super().advance(seconds)
        end, made = time.time() + seconds, 0
        while (due := self.next()) is not None and due <= end:
            self.frozen.tick(ceil(max(0.0, due - time.time()) * 1e6) / 1e6)
            made += self.advance_to(due)
        self.frozen.tick(max(0.0, end - time.time()))
        return made + self.advance_to(end)


@pytest.mark.clause("RFC 3261 §20.17")
def test_the_date_header_follows_service_time(monkeypatch: pytest.MonkeyPatch) -> None:
    with freeze_time("2010-11-13 23:29:00") as frozen:
        assert isinstance(frozen, FrozenDateTimeFactory)
        clock = WallClock(frozen)
        monkeypatch.setattr("tests.world.HeapClock", lambda _epoch: clock)
        wall = World()
        virtual = virtual_time(wall)
        carol = wall.client(user="carol")

        def date() -> str:
            return re.sub(r":\d\d GMT", "", carol.register(600).get("date") or "")

        assert date() == "Sat, 13 Nov 2010 23:29"
        advance(wall, virtual, 3600)
        assert date() == "Sun, 14 Nov 2010 00:29"
        virtual.move(109 * 86400, freeze=True)
        wall.run(0.1)
        assert date() == "Thu, 03 Mar 2011 00:29"
        wall.run(3600)
        assert date() == "Thu, 03 Mar 2011 00:29"
        virtual.move(freeze=False)
        wall.run(0.1)
        clock.frozen = None
