"""A world on sockets: simulated UEs of this process against our own S-CSCF in it, or against somebody else's."""

import os
from collections.abc import Mapping
from functools import partial
from itertools import count
from random import Random
from typing import Any

from hss_stub.subscribers import subscribers_of
from scscf import __version__
from scscf.control.api import Api
from scscf.control.dispatch import call_in_process
from scscf.control.route import Answer, Served
from scscf.control.routes import ROUTES
from scscf.net.sockets import SocketNetwork, free_port
from scscf.process import hss_calls
from scscf.promise import Promise
from scscf.scenario.live_settings import Live
from scscf.scenario.live_target import Target
from scscf.scenario.loading import Scenario, all_steps
from scscf.scenario.outcome import NotRunnable
from scscf.scenario.warp_clock import WarpClock
from scscf.scenario.world import SCSCF, World, either, is_loopback
from scscf.service import Scscf

_RUNS = count()
_LULL, _OWN_LULL = 0.1, 0.02
"""Seconds of real time in which what was sent reaches whom it is for, before hours are skipped; within this process."""
_LOOKS = 10
"""A lull is so many waits: on a machine with other work one may be over before a socket was looked at."""
_LINGER = 5.0
"""Seconds after which a world that was stopped makes no call any more."""


class LiveWorld(World):
    """Actors on sockets of this machine. Raises InputError for what the file gets wrong or cannot be listened on.

    Raises NotRunnable, before the configuration is looked at, for a scenario that is not for sockets.
    """

    stands_in = False

    def __init__(self, scenario: Scenario, seed: int, reactor: Any, live: Live) -> None:
        if not scenario.keys.live:
            raise NotRunnable("the file says that it cannot be run on sockets (live: false)")
        if scenario.keys.hss == "diameter" and live.target is None:
            raise NotRunnable("hss: diameter is for virtual time; run hss-stub and give --target")
        self._live = live
        self._run = next(_RUNS)
        if live.domain is not None:
            scenario = scenario._replace(config={**scenario.config, "home_domain": live.domain})
        self.clock = WarpClock(reactor)
        super().__init__(scenario, seed, self.clock, SocketNetwork(reactor), 0.0)
        self.real_reactor = reactor
        self._seen = 0
        """How many messages there were when the last lull was over."""
        self._asked: tuple[int, float] | None = None
        """What was sent when a real UE was asked for something, and when that was."""
        self.scscf: Scscf | None = None
        self._other: Target | None = None
        self._moving: Promise[None] | None = None
        """Kept when the step on which the clocks are moved is over: one branch moves them at a time."""
        if live.target is not None:
            self._other = Target(reactor, live, self.scenario, self.domain)
            self.target = live.target
            self.recorder.stranger(SCSCF, self.target)
        else:
            port = free_port()
            listen = list(live.listen) or [f"udp://127.0.0.1:{port}", f"tcp://127.0.0.1:{port}"]
            self._config = self.configuration(listen, self.place)
            first = self._config.listen[0]
            self.target = (first.host if first.host != "0.0.0.0" else "127.0.0.1", first.port)  # noqa: S104
            self.recorder.join(SCSCF, *((each.host, each.port) for each in self._config.listen))
            self.scscf = self._start()
        self.add_actors(self.place)
        if live.target is not None:
            self._fit_actors()

    def _fit_actors(self) -> None:
        """Have UEs behave as somebody else's S-CSCF sees them: no P-CSCF stands before it and asserts who they are."""
        ues = [each for actors in self.actors.values() for each in actors if each.keys.kind in ("ue", "endpoint")]
        for actor in ues:
            actor.ue.thinks = self._live.think
            if actor.keys.asserts is None and self._live.dialect == "ims":
                actor.keys = actor.keys.model_copy(update={"asserts": actor.ue.identity.aor})

    def place(self, number: int) -> tuple[str, int]:
        """Return the address of an actor: a loopback one of its own where the target is on loopback."""
        if is_loopback(self.target[0]) or self._live.target is None:
            run, more = self._run % 250, number // 250
            half = 128 if self._is_trusted(number) else 16
            return (f"127.{half + (os.getpid() + more) % 100}.{run}.{1 + number % 250}", 5060)
        return (self.network.own_address(":" in self.target[0]), 0)

    def _is_trusted(self, number: int) -> bool:
        """Tell whether the n-th actor is one of those whom an S-CSCF has among its trusted peers: 127.128.0.0/9."""
        for keys in self.scenario.actors.values():
            number -= keys.count or 1
            if number < 0:
                return keys.is_trusted
        return False

    def unlike(self) -> str:
        """Return what no run had before: a target remembers Call-IDs and branches of the run before this one."""
        return " " + os.urandom(8).hex() if self._live.target is not None else ""

    async def prepare(self) -> None:
        """Get the target ready: empty, with the scenario's subscribers. Raises NotRunnable where it cannot be."""
        steps = all_steps(tuple(step.keys for step in self.scenario.steps))
        if any(step.wire is not None and step.wire.cut is None for step in steps):
            raise NotRunnable("wire: loss and delay are those of a simulated network; on sockets they cannot be set")
        if self._has_real_ue:
            self._refuse_unseen_ue()
        if self.scscf is not None:
            return
        if self._other is not None:
            await self._other.prepare(self.subscriptions())
            self.began = self.reactor.seconds()
            await self._other.begin()

    async def clean(self) -> None:
        """Take away what `prepare` brought."""
        if self._other is not None:
            await self._other.clean()

    async def wait(self, seconds: float) -> None:
        """Let so much time pass: at once where every clock can be moved, else really."""
        self._refuse_too_long(seconds)
        end = self.now() + seconds
        while self.now() < end - 1e-6:
            await self.lapse(end - self.now(), Promise())

    @property
    def has_clock(self) -> bool:
        """Whether every clock can be moved: that of a real UE cannot, and hours pass for it as it is told."""
        if self._has_real_ue and self._live.skip_after is None:
            return False
        return self._other is None or self._other.has_clock

    async def lapse(self, seconds: float, until: Promise[None]) -> None:
        """Let at most so many seconds pass: what is under way arrives first, then time is skipped to the next event."""
        if not self.has_clock:
            self._refuse_too_long(seconds)
            await either(until, self.pause(seconds))
            return
        if self._is_ue_awaited():
            await either(until, self.pause(min(_LULL, seconds)))
            return
        if self.recorder.count != self._seen:
            count = self.recorder.count
            for _ in range(_LOOKS):
                if until.done or self.recorder.count != count:
                    return
                await either(until, self.pause(min(self._lull, seconds) / _LOOKS))
            self._seen = count
            return
        due = self.clock.next()
        step = seconds if due is None else min(seconds, max(0.0, due - self.clock.seconds()))
        if self._other is None:
            self.clock.skip(step)
        elif self._moving is not None:
            await either(until, self._moving)
        else:
            await self._move_both(self._other, step)
        await self.pause(0)

    async def _move_both(self, target: Target, most: float) -> None:
        """Move the actors on, then the target, so that what it sends at its deadline finds them at the same time."""
        self._moving = Promise()
        try:
            step = await target.nearest(most)
            await self.pause(0)
            if self.recorder.count != self._seen:
                return  # the target had still something to say when it was asked
            self.clock.skip(step)
            self.clock.hold()
            await target.move_to(self.now())
        finally:
            self.clock.release()
            moved, self._moving = self._moving, None
            moved.keep(None)

    def asked(self) -> None:
        """Take that a real UE is asked for something: no time is skipped before it, or its person, has begun."""
        self._asked = (self.recorder.count, float(self.real_reactor.seconds()))

    def _is_ue_awaited(self) -> bool:
        if self._asked is None:
            return False
        count, at = self._asked
        if self.recorder.count != count:
            self._asked = None
            return False
        if self.real_reactor.seconds() - at > self._live.longest_wait:
            raise NotRunnable(f"the UE did nothing in {self._live.longest_wait:g} s of real time (--longest-wait)")
        return True

    @property
    def _lull(self) -> float:
        if self._has_real_ue and self._live.skip_after is not None:
            return self._live.skip_after
        return _LULL if self.scscf is None else _OWN_LULL

    @property
    def _has_real_ue(self) -> bool:
        return any(keys.external for keys in self.scenario.actors.values())

    def _refuse_unseen_ue(self) -> None:
        if self.scscf is None:
            raise NotRunnable("a UE under test is judged at our own S-CSCF: play it without --target")
        actors = self.scenario.actors.values()
        if not self._live.listen and any(keys.external and keys.hook is None for keys in actors):
            raise NotRunnable("a UE under test has to find the S-CSCF: --listen udp://HOST:PORT says where it is")

    def _refuse_too_long(self, seconds: float) -> None:
        if not self.has_clock and seconds > self._live.longest_wait:
            raise NotRunnable(
                f"it would wait {seconds:g} s of real time (at most {self._live.longest_wait:g}: --longest-wait); a "
                "`scscf run --virtual-time` with --api needs none, and for a UE there is --skip-after"
            )

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        """Call the control API: in this process, or over HTTP."""
        if self.scscf is not None:
            return await self.scscf.shell.perform(call_in_process(self.services, method, path, body, query))
        if self._other is None:
            return await super().call(method, path, body, query)
        return await self._other.call(method, path, body, query)

    async def restart(self) -> None:
        """End our S-CSCF without a word to anybody, and begin it again. Raises NotRunnable for somebody else's."""
        if self.scscf is None:
            await super().restart()
            return
        over: Promise[None] = Promise()
        # The reactor closes listeners when it comes round again: until then their ports are taken.
        self.scscf.stop().addBoth(lambda _: self.real_reactor.callLater(0, over.keep, None))
        await over
        self.scscf = self._start()

    def stop(self) -> None:
        """Close everything."""
        super().stop()
        if self.scscf is not None:
            self.scscf.stop()
        self.real_reactor.callLater(_LINGER, self.clock.stop)

    def bugs(self) -> int:
        """Return how many exceptions were nobody's answer."""
        return super().bugs() + (self.scscf.shell.bugs if self.scscf is not None else 0)

    def _start(self) -> Scscf:
        scscf = Scscf(
            self._config,
            subscribers_of(self.subscriptions()),
            self.reactor,
            self.network,
            random_bytes=Random(self.random.getrandbits(64)).randbytes,  # noqa: S311  # a run that repeats
        )
        failures: list[Any] = []
        scscf.start().addErrback(failures.append)
        if failures:
            raise failures[0].value
        scscf.observe(self.recorder.trace(SCSCF))
        self.judges.watch_over(scscf)
        for name, ue in self.under_test.items():
            ue.on_seen_at = partial(self.recorder.stranger, name)
        listeners = scscf.endpoint.listeners
        api = Api(scscf.node, __version__, None, lambda: [listener.uri for listener in listeners])
        api.script = scscf.script
        api.measures = scscf.measures
        self.services = (Served(api, ROUTES), hss_calls(scscf))
        return scscf
