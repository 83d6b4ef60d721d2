"""The simulated UEs of one test: brought up when it asks for them, judged and closed at its end."""

import hashlib
import os
from collections.abc import Sequence
from ipaddress import ip_address
from itertools import count
from time import sleep
from typing import Any

from hss_stub.subscribers import Subscribers
from scscf.errors import InputError, SipError
from scscf.identifiers import Identifiers
from scscf.laboratory.clock import Clock
from scscf.laboratory.running_scscf import RunningScscf
from scscf.laboratory.simulated_ue import SimulatedUe
from scscf.net.sockets import free_port
from scscf.scenario.actor import Actor
from scscf.scenario.judged import Judged
from scscf.scenario.keys import ActorKeys
from scscf.sip.outbox import Flow, NextHop
from scscf.sip.transaction import TimerValues
from scscf.sip.uri import parse_uri
from scscf.sip.uri_comparison import aor_of
from scscf.ue.identity import Identity
from scscf.ue.user_agent import UserAgent, listen_at
from scscf.yaml_file import YamlFile
from scscf.yaml_model import validate

_UNTRUSTED_NETWORK, _TRUSTED_NETWORK = 208, 224
_ROUNDS = 5
_LOOKS, _POLL = 60, 0.005
"""How often what is under way at the end of a test is looked for, and the seconds of real time between: a machine with
other work may let any time pass between two looks.
"""
_LONGEST_DEBT = 40.0
_MOST_OF_ONE = 3


class Ues:
    """Makes simulated UEs that reach one S-CSCF."""

    def __init__(self, scscf: RunningScscf) -> None:
        self._scscf = scscf
        self._thread = scscf.thread
        self._numbers = count(1)
        self.ues: list[SimulatedUe] = []
        self.clock = Clock(scscf, self._keep_time)

    def make(
        self,
        aor: str = "sip:alice@home1.test",
        impi: str | None = None,
        password: str = "secret",  # noqa: S107  # what the demo subscribers share
        k: str | None = None,
        opc: str | None = None,
        *,
        permit: Sequence[str] = (),
        judged: bool = True,
        t1: float = 0.5,
        **more: Any,
    ) -> SimulatedUe:
        """Bring a UE up at an address of its own on this machine.

        `impi` is what it logs in as, found in the HSS where it is not given; with `k` and `opc` (hexadecimal) it has a
        USIM. `permit` names standing checks that are not held against what it sees, `judged` False none are. `t1` is
        T1 of its transactions, seconds. `more` are keys of an actor in a scenario: contact, instance, reg_id,
        transport, trusted, headers and so on. Raises TypeError for keys that are wrong.
        """
        __tracebackhide__ = True
        keys = _keys(
            aor=aor,
            impi=impi if impi is not None else self._username(aor),
            password=password,
            permit=list(permit),
            judged=judged,
            **({"auth": "aka", "k": k, "opc": opc} if k is not None else {}),
            **more,
        )
        return self._thread_made(keys, t1)

    def watcher(
        self, aor: str = "sip:alice@home1.test", expires: int = 600_000, event: str = "reg", **more: Any
    ) -> SimulatedUe:
        """Bring a UE of the user of `aor` up that has subscribed to it; `more` as `make` has it.

        Raises AssertionError where the subscription is refused.
        """
        __tracebackhide__ = True
        by = more.pop("by", aor)
        ue = self.make(by, **more)
        answer = ue.subscribe(aor, expires, event).answer
        if answer is None or answer.status >= 300:
            raise AssertionError(f"the subscription to {aor} is refused: {answer}")
        return ue

    def judge(self) -> str:
        """Let come what the network still owes, and return what it did wrong; empty: nothing."""
        self._settle()
        told = []
        for ue in self.ues:
            if ue.judge is not None:
                self._thread.call(ue.judge.end)
                told += _told(ue)
        bugs = self._thread.call(self._bugs)
        if bugs:
            told.append(f"{bugs} exceptions in the simulator; the log has them")
        return "\n".join(told)

    def close(self) -> None:
        """Close every UE's sockets."""
        for ue in self.ues:
            ue.stop()

    def _username(self, aor: str) -> str:
        """Return what the user of an address of record logs in as: as the HSS has it, else USER@DOMAIN."""
        hss = self._scscf.scscf.hss
        try:
            canonical = aor_of(parse_uri(aor))
        except SipError:
            return aor.partition(":")[2]
        found = None if hss is None else _login(hss.subscribers, canonical)
        return found or canonical.partition(":")[2]

    def _thread_made(self, keys: ActorKeys, t1: float) -> SimulatedUe:
        host = self._own_address(bool(keys.trusted))
        port = free_port(host)
        number = len(self.ues) + 1
        ue = self._thread.call(self._bring_up, keys, (host, port), number, t1)
        self.ues.append(ue)
        return ue

    def _bring_up(self, keys: ActorKeys, place: tuple[str, int], number: int, t1: float) -> SimulatedUe:
        scscf = self._scscf
        aor, impi = keys.aor or "", keys.impi or ""
        domains = {each.name: each for each in scscf.config.domains}
        home = domains.get(aor.rpartition("@")[2].partition(";")[0].lower(), scscf.config.domains[0])
        agent = UserAgent(
            self._thread.reactor,
            scscf.network,
            listen_at(*place),
            Identifiers(os.urandom),
            timers=TimerValues(t1=t1),
            hosts={home.name: scscf.host, **scscf.config.hosts},
        )
        agent.traces.append(self._keep_time_of(agent))
        agent.start()
        identity = Identity(aor, impi, home.name, NextHop(*scscf.reached_over(keys.transport), keys.transport))
        user = aor.partition(":")[2].partition("@")[0]
        name = user if number == 1 else f"{user}-{number}"
        actor = Actor(name, keys, agent, identity, hashlib.sha256(os.urandom(8)).hexdigest()[:8])
        scscf.recorder.join(name, *((each.host, each.port) for each in agent.endpoint.listeners))
        agent.traces.append(scscf.recorder.trace(name))
        judge = None
        if keys.judged:
            judge = Judged(frozenset(keys.permit), ims=home.dialect == "ims", now=self._now)
            agent.traces.append(judge.trace)
        return SimulatedUe(self._thread, actor, judge)

    def _own_address(self, trusted: bool) -> str:
        """Return a loopback address of its own; where only one is there (IPv6, macOS), that."""
        home = self._scscf.host
        if not ip_address(home).is_loopback:
            return self._scscf.network.own_address(":" in home)
        if ":" in home:
            return home
        number, process = next(self._numbers), os.getpid()
        network = _TRUSTED_NETWORK if trusted else _UNTRUSTED_NETWORK
        host = f"127.{network + process % 16}.{(process // 16 + number // 250) % 250}.{1 + number % 250}"
        try:
            free_port(host)
        except OSError:
            if trusted:
                raise
            return "127.0.0.1"
        return host

    def _now(self) -> float:
        return self._scscf.scscf.shell.now()

    def _keep_time_of(self, agent: UserAgent) -> Any:
        def told(_direction: str, _flow: Flow, _data: bytes) -> None:
            agent.shell.skip_to(self._now())

        return told

    def _keep_time(self) -> None:
        for ue in self.ues:
            ue.actor.agent.shell.skip_to(self._now())

    def _due(self) -> float | None:
        """Return in how many seconds all that the network owes is late; None: it owes nothing."""
        dues = [due for ue in self.ues if ue.judge is not None and (due := ue.judge.due()) is not None]
        return max(dues) - self._now() if dues else None

    def _settle(self) -> None:
        """Let what is under way arrive; then skip the time in which more would have to come."""
        for _ in range(_ROUNDS):
            due = self._still_due()
            if due is None or due <= 0:
                return
            self.clock.advance(min(due, _LONGEST_DEBT) + 0.001)

    def _still_due(self) -> float | None:
        due = self._thread.call(self._due)
        for _ in range(_LOOKS):
            if due is None:
                break
            sleep(_POLL)  # the test's own thread; the reactor has another
            due = self._thread.call(self._due)
        return due

    def _bugs(self) -> int:
        return self._scscf.scscf.shell.bugs + sum(ue.actor.agent.shell.bugs for ue in self.ues)


def _told(ue: SimulatedUe) -> list[str]:
    seen: dict[str, int] = {}
    lines = []
    for found in ue.findings():
        seen[found.check] = seen.get(found.check, 0) + 1
        if seen[found.check] <= _MOST_OF_ONE:
            lines.append(f"the network, at {ue.actor.name}: {found.check} ({found.clause}): {found.message}")
    return lines


def _login(subscribers: Subscribers, aor: str) -> str | None:
    private_identity = subscribers.default_private_identity(aor)
    found = subscribers.find(private_identity) if private_identity is not None else None
    return None if found is None else found.username


def _keys(**given: Any) -> ActorKeys:
    __tracebackhide__ = True
    try:
        return validate(ActorKeys, YamlFile("ue", given))
    except InputError as error:
        raise TypeError("; ".join(problem.message for problem in error.problems)) from None
