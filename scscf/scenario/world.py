"""The world of one run: a network, an S-CSCF, an HSS and the actors, and the one stage that moves them on."""

from collections.abc import Callable, Coroutine, Mapping
from ipaddress import ip_address
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from scscf.config.configuration import Config, config_of
from scscf.control.route import Answer
from scscf.identifiers import Identifiers
from scscf.net.network import Network
from scscf.net.shell import Shell, Timekeeper
from scscf.promise import Promise
from scscf.scenario.actor import Actor
from scscf.scenario.cast import Cast
from scscf.scenario.endpoint_actor import check_extra
from scscf.scenario.judges import Judges
from scscf.scenario.loading import Scenario
from scscf.scenario.outcome import NotRunnable
from scscf.scenario.recorder import Recorder
from scscf.scenario.subscribers_of_actors import subscriptions_of
from scscf.scenario.variables import filled
from scscf.sip.transaction import TimerValues
from scscf.ue.user_agent import UserAgent, listen_at
from scscf.yaml_file import YamlFile

T = TypeVar("T")

EPOCH = 1_800_000_000.0
"""When a scenario on virtual time begins, seconds since the Unix epoch."""
SCSCF, HSS = "scscf", "hss"
DOMAIN = "home1.test"


class World:
    """What every way of running a scenario has: actors on a network, a recorder, and a stage for what they do."""

    target: tuple[str, int] = ("192.0.2.1", 5060)
    """Where the S-CSCF is."""
    stands_in = True
    """Whether a simulated UE stands in for one under test."""

    def __init__(self, scenario: Scenario, seed: int, reactor: Timekeeper, network: Network, epoch: float) -> None:
        check_extra(scenario.actors.values())
        self.scenario = scenario
        self.seed = seed
        self.reactor = reactor
        self.network = network
        self.stage = Shell(reactor, epoch)
        self.began = reactor.seconds()
        self.real_reactor: Any = reactor
        """What runs processes and sockets, where it is another than the clock."""
        self.recorder = Recorder(self.now)
        self.random = Random(f"{scenario.name} {seed}{self.unlike()}")  # noqa: S311  # a run that repeats
        self.identifiers = Identifiers(self.random.randbytes)
        self.domain = self._home_domain()
        self.scenario = scenario._replace(actors=filled(scenario.actors, {"domain": self.domain}.get))
        self.actors: dict[str, list[Actor]] = {}
        """By their names in the file; one with a `count` is as many, one under test on sockets none."""
        self._each: dict[str, Actor] = {}
        """Those of one with a `count`, by their own names."""
        self.judges = Judges(self.scenario, self.domain, self.now, self._at)
        self.under_test = self.judges.under_test

    def unlike(self) -> str:
        """Return what makes a run unlike the one before it: nothing, where every run is to send the same."""
        return ""

    def now(self) -> float:
        """Return seconds since the scenario began."""
        return self.reactor.seconds() - self.began

    def _at(self, when: float, call: Callable[[], None]) -> None:
        with self.stage.turn():
            self.stage.wire.at(self.reactor.seconds() + max(0.0, when - self.now()), lambda _: call())

    def perform(self, coroutine: Coroutine[Any, Any, T]) -> Promise[T]:
        """Run something on the stage."""
        with self.stage.turn():
            return self.stage.perform(coroutine, on_error=_kept_for_whoever_waits)

    def pause(self, seconds: float) -> Promise[None]:
        """Return what is kept once so many seconds have passed; with 0 once everything that goes on now is done."""
        promise: Promise[None] = Promise()

        def over(_: float) -> None:
            if not promise.done:
                promise.keep(None)

        with self.stage.turn():
            self.stage.wire.at(self.reactor.seconds() + seconds, over)
        return promise

    async def wait(self, seconds: float) -> None:
        """Let so much time pass for everybody."""
        await self.pause(seconds)

    async def lapse(self, seconds: float, until: Promise[None]) -> None:
        """Let at most so many seconds pass, fewer where the world goes on by steps or `until` is kept before."""
        await either(until, self.pause(seconds))

    async def call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        """Call the control API of the S-CSCF. Raises NotRunnable where there is none."""
        raise NotRunnable("there is no control API to call (--api names one)")

    def asked(self) -> None:
        """Take that a UE under test that is no stand-in is asked for something."""

    async def restart(self) -> None:
        """End the S-CSCF and begin it again with nothing. Raises NotRunnable where it is not ours."""
        raise NotRunnable("the S-CSCF is somebody else's: it cannot be restarted")

    def add_actors(self, place: Callable[[int], tuple[str, int]]) -> None:
        """Bring up every actor; `place(n)` is the address of the n-th. Raises InputError where it cannot be had."""
        cast = Cast(self.domain, self.target, self.seed, self._agent)
        actors = self.scenario.actors
        self.actors = cast.bring_up(actors, place, lambda keys: keys.external and not self.stands_in)
        proxies = {keys.behind for keys in actors.values()}
        for name, those in self.actors.items():
            if actors[name].count is not None:
                self._each |= {actor.name: actor for actor in those}
            for actor in those:
                if name in self.under_test:
                    self.under_test[name].addresses.append(actor.agent.address)
                elif name not in proxies:
                    self.judges.simulated.add(actor.agent.address[0])
                self.recorder.join(actor.name, actor.agent.address)
                actor.agent.traces.append(self.recorder.trace(actor.name))
                if actors[name].judged and name not in proxies:
                    self.judges.sit_at(actor.name, actor.ue.identity.aor, actors[name], actor.agent)

    def named(self, name: str) -> list[Actor]:
        """Return the actors of a name in the file, or the one of many that has it; none where nobody simulated has."""
        one = self._each.get(name)
        return self.actors.get(name, []) if one is None else [one]

    def _agent(self, place: tuple[str, int]) -> UserAgent:
        agent = UserAgent(
            self.reactor,
            self.network,
            listen_at(*place),
            self.identifiers,
            timers=TimerValues(),
            epoch=self.stage.offset,
            hosts=self.hosts(),
        )
        agent.start()
        return agent

    def hosts(self) -> Mapping[str, str]:
        """Return names in place of DNS: the S-CSCF's domain."""
        return {self.domain: self.target[0], f"{SCSCF}.{self.domain}": self.target[0]}

    def stop(self) -> None:
        """Close everything."""
        for actors in self.actors.values():
            for actor in actors:
                actor.agent.stop()
        self.stage.stop()

    def bugs(self) -> int:
        """Return how many exceptions were nobody's answer."""
        return self.stage.bugs + sum(each.agent.shell.bugs for actors in self.actors.values() for each in actors)

    def configuration(self, listen: list[str], place: Callable[[int], tuple[str, int]]) -> Config:
        """Return the scenario's configuration of the S-CSCF. Raises InputError with the places of what is wrong."""
        config = dict(self.scenario.config)
        config.setdefault("listen", listen)
        trusted = list(config.get("trusted_peers") or [])
        hosts = dict(config.get("hosts") or {})
        number = 0
        for name, keys in self.scenario.actors.items():
            address = place(number)[0]
            if keys.is_trusted:
                trusted.append(address)
            hosts.setdefault(f"{name.lower()}.{self.domain}", address)
            number += keys.count or 1
        config["trusted_peers"] = list(dict.fromkeys(trusted))
        config["hosts"] = hosts
        file = self.scenario.file
        own = file.part("config") if isinstance(file.data, dict) and "config" in file.data else YamlFile(file.name, {})
        return config_of(own._replace(data=config), Path(self.scenario.path).parent)

    def subscriptions(self) -> YamlFile:
        """Return the content of the subscribers file that the scenario writes, or that its actors are."""
        file, keys = self.scenario.file, self.scenario.keys
        if keys.subscribers is not None:
            return file.part("subscribers").under("subscriptions")
        return YamlFile(file.name, {"subscriptions": subscriptions_of(self.scenario.actors, self.domain)})

    def _home_domain(self) -> str:
        config = self.scenario.config
        domains = config.get("domains")
        if isinstance(domains, list) and domains and isinstance(domains[0], Mapping):
            return str(domains[0].get("name", DOMAIN))
        return str(config.get("home_domain", DOMAIN))

    def look_up(self, name: str) -> str | None:
        """Return the value of `${name}` that the world itself knows, None for another."""
        head, _, tail = name.partition(".")
        if head == SCSCF:
            host, port = self.target
            return {"": f"{host}:{port}", "host": host, "port": str(port), "uri": f"sip:{host}:{port}"}.get(tail)
        if head == "domain":
            return self.domain
        if head == "seed":
            return str(self.seed)
        actors = self.named(head)
        if actors:
            return actors[0].variables().get(tail or "contact")
        ue = self.under_test.get(head)
        return None if ue is None else ue.variables().get(tail or "contact")

    def fill(self, value: Any, variables: Mapping[str, str]) -> Any:
        """Return a value with the variables in its texts put in."""
        return filled(value, lambda name: variables[name] if name in variables else self.look_up(name))


def either(*promises: Promise[Any]) -> Promise[None]:
    """Return what is kept once one of several is."""
    first: Promise[None] = Promise()

    def done() -> None:
        if not first.done:
            first.keep(None)

    for promise in promises:
        promise.when_done(done)
    return first


def _kept_for_whoever_waits(_: Exception) -> None:
    """The promise has the error."""


def is_loopback(host: str) -> bool:
    """Tell whether an address is this machine's own."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
