"""The judge of networks at UEs of a whole node: nothing is found there, but what quirks put in."""

from collections.abc import Coroutine
from random import Random
from typing import Any, TypeVar

import pytest

from scscf.conformance.finding import Finding
from scscf.conformance.network.judge import NetworkJudge
from scscf.conformance.network.profile import NetworkProfile
from scscf.identifiers import Identifiers
from scscf.net.memory import Conditions
from scscf.net.shell import Shell
from scscf.procedures.deregister import Scope, deregister
from scscf.procedures.reauthenticate import reauthenticate
from scscf.procedures.state import NotRegisteredError
from scscf.quirks import QUIRKS
from scscf.registration.registration import Event
from scscf.sip.outbox import Flow, NextHop
from scscf.sip.parser import parse_message
from scscf.ue.authorization import Authorizer, Password
from scscf.ue.identity import Identity
from scscf.ue.ue import Ue
from scscf.ue.user_agent import UserAgent, listen_at
from scscf.ue.watch import Watch, WatchState
from tests.world import World

T = TypeVar("T")
TOBIAS = "sip:tobias@home1.test"
SERVER = NextHop("127.0.0.1", 5060, "udp")
INSTANCE = '+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"'


class Phone:
    """A UE with a judge of networks beside it."""

    def __init__(self, world: World, host: str, impi: str, *, ims: bool, params: str = "") -> None:
        self.world = world
        identifiers = Identifiers(Random(host).randbytes)
        self.agent = UserAgent(world.clock, world.network, listen_at(host, 5060), identifiers)
        self.agent.start()
        self.agent.traces.append(self._trace)
        identity = Identity(TOBIAS, impi, "home1.test", SERVER)
        self.ue = Ue(self.agent, identity, Authorizer(impi, "home1.test", Password("secret"), "0a4f113b"))
        self.ue.contact = f"<sip:tobias@{host}:5060>{params}"
        self.stage = Shell(world.clock)
        self.judge = NetworkJudge(profile=NetworkProfile(ims=ims))
        self.findings: list[Finding] = []

    def _trace(self, direction: str, flow: Flow, data: bytes) -> None:
        self.findings += self.judge.observe(direction, parse_message(data), self.world.clock.seconds())

    def do(self, coroutine: Coroutine[Any, Any, T], seconds: float = 40.0) -> T:
        """Run what the UE does, and let so much time pass."""
        promise = self.stage.perform(coroutine)
        self.world.run(seconds)
        assert promise.done
        return promise.result()

    def end(self) -> list[str]:
        """Wait for what is owed and return what was found."""
        due = self.judge.due()
        if due is not None:
            self.world.run(max(0.0, due - self.world.clock.seconds()) + 0.1)
        self.findings += self.judge.end(self.world.clock.seconds())
        return [f"{finding.check}: {finding.message}" for finding in self.findings]


class Life:
    """Two phones of one user do as a seed has them, the operator too."""

    def __init__(self, seed: int, dialect: str, documents: str, loss: float, **reg_event: object) -> None:
        self.random = Random(seed)
        conditions = Conditions(delay=0.02, loss=loss, duplication=loss)
        config = {"dialect": dialect, "reg_event": {"documents": documents, **reg_event}}
        self.world = World(config, conditions=conditions, seed=seed)
        ims = dialect == "ims"
        params = ("", f";{INSTANCE}", f";{INSTANCE};reg-id=1")[seed % 3]
        self.phones = [
            Phone(self.world, "192.0.2.5", "phone@home1.test", ims=ims, params=params),
            Phone(self.world, "192.0.2.6", "pager@home1.test", ims=ims, params=";q=0.5;+g.3gpp.smsip"),
        ]
        self.watches: list[tuple[Phone, Watch]] = []

    def play(self, turns: int) -> list[str]:
        """Take so many turns and return what the judges found."""
        for phone in self.phones:
            phone.do(phone.ue.register(3600))
            self.subscribe(phone)
        for _ in range(turns):
            act = self.random.choice(
                (self.register, self.register, self.subscribe, self.resubscribe, self.leave, self.query, self.operate)
            )
            act(self.random.choice(self.phones))
            self.world.run(self.random.choice((0.05, 1, 7, 50, 600, 4000)))
        return [found for phone in self.phones for found in phone.end()]

    def register(self, phone: Phone) -> None:
        phone.do(phone.ue.register(self.random.choice((10, 60, 600, 3600, None))))

    def query(self, phone: Phone) -> None:
        phone.do(phone.ue.register(None, ()))

    def leave(self, phone: Phone) -> None:
        phone.do(phone.ue.register(0, self.random.choice((None, ("*",)))))

    def subscribe(self, phone: Phone) -> None:
        watch, _ = phone.do(phone.ue.subscribe(expires=self.random.choice((0, 60, 3600, 600000))))
        self.watches.append((phone, watch))

    def resubscribe(self, phone: Phone) -> None:
        for owner, watch in self.watches:
            if owner is phone and watch.state is WatchState.ACTIVE:
                phone.do(phone.ue.resubscribe(watch, self.random.choice((0, 60, 3600))))
                return

    def operate(self, phone: Phone) -> None:
        scope = Scope(private_identity=phone.ue.identity.private_identity)
        event = self.random.choice((Event.DEACTIVATED, Event.REJECTED, Event.PROBATION, None))
        self.world.perform(self._command(scope, event))

    async def _command(self, scope: Scope, event: Event | None) -> None:
        node = self.world.node
        try:
            if event is None:
                await reauthenticate(node, scope, 30)
            else:
                await deregister(node, scope, event, 60 if event is Event.PROBATION else None)
        except NotRegisteredError:
            pass


@pytest.mark.parametrize("loss", [0.0, 0.2])
@pytest.mark.parametrize("documents", ["full", "partial", "delta"])
@pytest.mark.parametrize("dialect", ["ims", "rfc3261"])
def test_a_right_network_is_not_blamed(dialect: str, documents: str, loss: float) -> None:
    for seed in range(3):
        assert Life(seed, dialect, documents, loss).play(15) == []


class Day:
    """One phone beside another goes through all that the quirks are about."""

    def __init__(self, quirk: str | None, **profile: object) -> None:
        self.world = World({"dialect": "ims", "registrar": {"min_expires": 60}, "reg_event": {"min_expires": 60}})
        self.world.node.notifier.judge = None
        if quirk is not None:
            self.world.scscf.quirks.set(quirk)
        params = f";{INSTANCE}"
        self.phone = Phone(self.world, "192.0.2.5", "phone@home1.test", ims=True, params=params)
        self.pager = Phone(self.world, "192.0.2.6", "pager@home1.test", ims=True)
        self.phone.judge = NetworkJudge(profile=NetworkProfile(ims=True, **profile))  # type: ignore[arg-type]

    def play(self) -> set[str]:
        """Return the names of the checks that the phone's network breaks."""
        phone, ue = self.phone, self.phone.ue
        phone.do(ue.register(3600))
        watch, _ = phone.do(ue.subscribe())
        self.pager.do(self.pager.ue.register(7200, ["<sip:tobias@192.0.2.6:5060?a=b&c=d>;q=0.1"]))
        phone.do(ue.register(3600))
        self.pager.do(self.pager.ue.register(0, ["*"]))
        phone.do(ue.resubscribe(watch, 3600))
        phone.do(ue.register(10))
        phone.do(ue.register(None, ()))
        phone.do(ue.register(3600, headers={"Require": "foo"}))
        phone.do(ue.subscribe(headers={"Accept": "text/plain"}))
        stranger = ue.watch()
        stranger.remote_tag, stranger.remote_target = "unheard", "sip:127.0.0.1:5060"
        phone.do(ue.resubscribe(stranger, 3600))
        phone.do(ue.register(0))
        phone.do(ue.register(3600, headers={"Supported": "path"}))
        phone.do(ue.subscribe())
        self.world.perform(deregister(self.world.node, Scope(aor=TOBIAS), Event.DEACTIVATED))
        self.world.run(40)
        phone.do(ue.register(3600, headers={"Supported": "gruu"}))
        watch, _ = phone.do(ue.subscribe(expires=60))
        phone.do(ue.resubscribe(watch, 0))
        return {found.partition(":")[0] for found in phone.end()}


FOUND = {
    "version-starts-at-2": "version-not-from-0",
    "version-always-0": "version-repeated",
    "deltas-only": "first-notify-not-full",
    "stale-contact": "contact-end-not-told",
    "missing-tel": None,
    "expired-on-rtr": "expired-too-early",
    "expired-on-deregister": "wrong-event-after-deregister",
    "no-contact-on-end": "contact-end-not-told",
    "unstable-ids": "registration-id-changed",
    "bare-contacts": None,
    "foreign-attributes": "reginfo-invalid",
    "q-always-0": "q-disagrees",
    "gruu-unasked": "gruu-unasked",
    "lower-case-gruu": None,
    "aor-aor": "aor-no-uri",
    "unescaped-xml": "reginfo-not-well-formed",
    "only-own-contact-told": None,
    "no-notify-on-refresh": "no-notify-after-subscribe",
    "no-final-notify": "no-final-notify",
    "active-after-terminated": "subscription-outlives-registrations",
    "no-subscription-reason": "terminated-without-reason",
    "cseq-repeated": "notify-cseq-not-rising",
    "contact-in-from-to": "notify-identity-changed",
    "wrong-content-type": "notify-body-type",
    "notify-before-200": "notify-before-answer",
    "shorter-expiry": "reginfo-expires-disagrees",
    "no-min-expires": "granted-more-than-asked",
    "empty-contact-on-query": "empty-contact",
    "service-route-on-dereg": "service-route-on-deregister",
    "challenge-late": "challenged-again",
    "require-ignored": "require-ignored",
    "accept-ignored": "accept-ignored",
    "500-for-481": "not-481",
}
"""Quirk → what is found of it at the UE's side; None where the UE cannot know better."""


def test_the_day_of_a_right_network() -> None:
    assert Day(None).play() == set()


def test_each_quirk_is_in_the_table() -> None:
    assert set(FOUND) == set(QUIRKS)


@pytest.mark.parametrize("quirk", FOUND)
def test_what_is_found_of_a_quirk(quirk: str) -> None:
    found = Day(quirk, also=frozenset({"challenged-again"})).play()

    assert FOUND[quirk] in found or (FOUND[quirk] is None and found == set()), found
