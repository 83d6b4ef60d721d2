"""Every judge of one run: of the network, where each simulated actor is, and of the UEs under test."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

from scscf.conformance.finding import Finding
from scscf.scenario.judged import Judged
from scscf.scenario.keys import ActorKeys
from scscf.scenario.loading import Scenario
from scscf.scenario.subscribers_of_actors import aor_of, impi_of
from scscf.scenario.under_test import UeUnderTest
from scscf.service import Scscf
from scscf.ue.user_agent import UserAgent

_MOST_OF_ONE = 3
"""So many findings of one check are told of one actor."""


class Judges:
    """The judges of a scenario. `now()` is its time; `at(when, call)` has a call made at a time of the scenario."""

    def __init__(
        self,
        scenario: Scenario,
        domain: str,
        now: Callable[[], float],
        at: Callable[[float, Callable[[], None]], None],
    ) -> None:
        self._scenario = scenario
        self._domain = domain
        self._now = now
        self._at = at
        self._judged: list[tuple[str, Judged]] = []
        self.under_test: dict[str, UeUnderTest] = {}
        """UEs under test, by their names."""
        self.simulated: set[str] = set()
        """Hosts of actors that are no UEs under test."""
        self._look_at: float | None = None

    def sit_at(self, name: str, aor: str, keys: ActorKeys, agent: UserAgent) -> None:
        """Judge the network by what reaches an actor, whose identity is `aor`."""
        judged = Judged(self._permitted(keys), ims=self._is_ims(aor), now=self._now)
        agent.traces.append(judged.trace)
        self._judged.append((f"the network, at {name}", judged))

    def watch_over(self, scscf: Scscf) -> None:
        """Have the UEs under test seen at our S-CSCF, from now on."""
        for name, keys in self._scenario.actors.items():
            if not keys.external:
                continue
            ue = self.under_test.get(name)
            if ue is None:
                aor, impi = aor_of(name, keys, self._domain), impi_of(name, keys, self._domain)
                ue = self.under_test[name] = UeUnderTest(
                    name,
                    keys,
                    aor,
                    impi,
                    self._permitted(keys),
                    self._now,
                    ims=self._is_ims(aor),
                    is_other=partial(self._is_other, aor),
                    alone=sum(each.external for each in self._scenario.actors.values()) == 1,
                )
            scscf.observe(ue.trace)
            scscf.observe(self._look_in_time)

    def _is_other(self, own: str, aor: str, place: tuple[str, int]) -> bool:
        """Tell whether an actor that is simulated, or another UE under test, sends as `aor` from `place`."""
        return place[0] in self.simulated or any(each.aor == aor != own for each in self.under_test.values())

    def owed_until(self) -> float:
        """Return when nothing of what the network owes the actors can come any more, seconds of the scenario."""
        return max((due for _, judged in self._judged if (due := judged.due()) is not None), default=0.0)

    def findings(self) -> list[tuple[str, Finding]]:
        """Return what was found, in the order of time: (whom is blamed, what)."""
        found = []
        for name, judged in self._judged:
            judged.end()
            found += [(name, each) for each in judged.findings]
        for name, ue in self.under_test.items():
            ue.end()
            found += [(name, each) for each in ue.findings]
        seen: Counter[tuple[str, str]] = Counter()
        first = []
        for name, each in sorted(found, key=lambda each: each[1].at):
            seen[name, each.check] += 1
            if seen[name, each.check] <= _MOST_OF_ONE:
                first.append((name, each))
        return first

    def _look_in_time(self, *_: object) -> None:
        """Have the judges of the UEs asked when the first thing is overdue."""
        dues = [due for due in (ue.overdue() for ue in self.under_test.values()) if due is not None]
        due = min(dues, default=None)
        if due is not None and (self._look_at is None or due < self._look_at):
            self._look_at = due
            self._at(due, self._look)

    def _look(self) -> None:
        self._look_at = None
        for ue in self.under_test.values():
            ue.look()
        self._look_in_time()

    def _permitted(self, keys: ActorKeys) -> frozenset[str]:
        return frozenset((*keys.permit, *self._scenario.keys.permit))

    def _is_ims(self, aor: str) -> bool:
        """Tell whether the domain of an identity is one of IMS."""
        config = self._scenario.config
        host = aor.rpartition("@")[2].partition(";")[0].lower()
        domains = [each for each in config.get("domains") or () if isinstance(each, Mapping)]
        named = [each for each in domains if str(each.get("name", "")).lower() == host] or domains or [{}]
        own = named[0]
        return (own.get("dialect") or config.get("dialect") or "ims") == "ims"
