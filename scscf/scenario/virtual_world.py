"""A world on virtual time: everything in this process on one heap clock, no sockets, the same bytes in every run."""

from collections.abc import Mapping
from contextlib import suppress
from random import Random
from typing import Any

from hss_stub.control import SHARED, HssApi, HssCommands
from hss_stub.server import HssStub
from hss_stub.servers import Server
from hss_stub.subscribers import subscribers_of
from scscf import __version__
from scscf.config.listen import Listen
from scscf.control.api import Api
from scscf.control.dispatch import call_in_process
from scscf.control.route import Answer, Served
from scscf.control.routes import ROUTES
from scscf.diameter.identity import Identity
from scscf.net.heap_clock import HeapClock
from scscf.net.memory import Conditions, MemoryNetwork
from scscf.process import hss_calls
from scscf.promise import Promise
from scscf.scenario.loading import Scenario
from scscf.scenario.outcome import NotRunnable
from scscf.scenario.world import EPOCH, HSS, SCSCF, World
from scscf.service import Scscf

_HSS_HOST = "192.0.2.2"
_PORT = 5060
_MESSAGES, _MESSAGES_OF_AN_ACTOR = 20_000, 5_000
"""So many messages may be sent in a run."""


def place(number: int) -> tuple[str, int]:
    """Return the address of an actor: 198.51.100.x (RFC 5737) for the first ones, then 10.x.y.z."""
    if number < 200:
        return (f"198.51.100.{10 + number}", _PORT)
    return (f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", _PORT)


def check_scenario(scenario: Scenario) -> None:
    """Check what only a world makes of a scenario: configuration and subscribers. Raises InputError."""
    with suppress(NotRunnable):
        VirtualWorld(scenario).stop()


class VirtualWorld(World):
    """One S-CSCF, one HSS and the actors on a memory network.

    Raises InputError for what the file gets wrong, NotRunnable where something that it needs is not installed.
    """

    def __init__(self, scenario: Scenario, seed: int = 0) -> None:
        self.clock = HeapClock(EPOCH)
        self.memory = MemoryNetwork(self.clock, Conditions(delay=0.001), seed, keep=2)
        super().__init__(scenario, seed, self.clock, self.memory, 0.0)
        self.memory.on_lost = self.recorder.lost
        self.stub: HssStub | None = None
        host, port = self.target
        if scenario.keys.hss == "diameter":
            self._go_over_cx()
        self._config = self.configuration([f"udp://{host}:{port}", f"tcp://{host}:{port}"], place)
        first = self._config.listen[0]
        self.target = (first.host, first.port)
        self._subscribers = self.subscriptions()
        subscribers_of(self._subscribers)
        self.recorder.join(SCSCF, *((each.host, each.port) for each in self._config.listen))
        self.services: tuple[Served, ...] = ()
        if scenario.keys.hss == "diameter":
            self._start_hss()
        self.scscf = self._start_scscf()
        self.add_actors(place)
        if self.stub is not None:
            self.clock.advance(0.5)
            self.began = self.clock.seconds()
            self.stub.diameter.trace = self.recorder.hss_trace(SCSCF)

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        """Call the control API in this process."""
        return await self.scscf.shell.perform(call_in_process(self.services, method, path, body, query))

    async def restart(self) -> None:
        """End the S-CSCF without a word to anybody, and begin it again."""
        stopped = self.scscf.stop()
        over: Promise[None] = Promise()
        stopped.addBoth(lambda _: over.keep(None))
        await over
        await self.pause(0)
        self.scscf = self._start_scscf()

    def run(self, promise: Promise[Any], longest: float) -> str:
        """Let time pass until a promise is kept, at most `longest` seconds; return why it was not, "" where it was."""
        clock, end = self.clock, self.clock.seconds() + longest
        most = _MESSAGES + _MESSAGES_OF_AN_ACTOR * sum(len(actors) for actors in self.actors.values())
        while not promise.done:
            due = clock.next()
            if due is None or due > end:
                return f"the scenario was not over after {longest:g} s"
            if self.recorder.count > most:
                return f"{most} messages were sent: somebody sends without end"
            clock.advance_to(due)
        return ""

    def stop(self) -> None:
        """Close everything."""
        super().stop()
        self.scscf.stop()
        if self.stub is not None:
            self.stub.stop()

    def bugs(self) -> int:
        """Return how many exceptions were nobody's answer."""
        return super().bugs() + self.scscf.shell.bugs + (self.stub.shell.bugs if self.stub is not None else 0)

    def _start_scscf(self) -> Scscf:
        embedded = None if self.stub is not None else subscribers_of(self._subscribers)
        seed = self.random.getrandbits(64)
        scscf = Scscf(
            self._config,
            embedded,
            self.clock,
            self.memory,
            random_bytes=Random(seed).randbytes,  # noqa: S311  # a run that repeats
        )
        failures: list[Any] = []
        scscf.start().addErrback(failures.append)
        if failures:
            raise failures[0].value
        scscf.observe(self.recorder.trace(SCSCF))
        self.judges.watch_over(scscf)
        listeners = scscf.endpoint.listeners
        api = Api(scscf.node, __version__, None, lambda: [listener.uri for listener in listeners])
        api.hss_peers = scscf.hss_peers
        api.script = scscf.script
        api.measures = scscf.measures
        self.services = (Served(api, ROUTES), self._hss_calls(scscf))
        return scscf

    def _hss_calls(self, scscf: Scscf) -> Served:
        stub = self.stub
        if stub is None:
            return hss_calls(scscf)
        commands = HssCommands(stub.replace, stub.terminate, stub.push_profile)
        return Served(HssApi(stub.hss.core, commands, stub.hss.servers), SHARED)

    def _start_hss(self) -> None:
        self.stub = HssStub(
            Identity(f"{HSS}.{self.domain}", self.domain, (_HSS_HOST,)),
            subscribers_of(self._subscribers),
            [Server(str(self.scenario.config["server_name"]))],
            [Listen("tcp", _HSS_HOST, 3868)],
            self.clock,
            self.memory,
            random_bytes=Random(self.random.getrandbits(64)).randbytes,  # noqa: S311  # a run that repeats
        )
        self.stub.start()
        self.recorder.join(HSS, (_HSS_HOST, 3868))

    def _go_over_cx(self) -> None:
        """Have the S-CSCF ask an HSS over Diameter."""
        config = dict(self.scenario.config)
        config.setdefault("server_name", f"sip:{SCSCF}.{self.domain}:{self.target[1]}")
        config["hss"] = [f"diameter://{_HSS_HOST}:3868"]
        config["hosts"] = {f"{SCSCF}.{self.domain}": self.target[0], **(config.get("hosts") or {})}
        config["diameter"] = {"watchdog": "3600", **(config.get("diameter") or {})}
        self.scenario = self.scenario._replace(config=config)
