"""Random histories: every watcher, however told and however badly it listens, ends up with what the node knows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random

import pytest

from scscf.procedures.deregister import Scope, deregister
from scscf.procedures.reauthenticate import reauthenticate
from scscf.procedures.state import NotRegisteredError
from scscf.regevent.reginfo import Documents
from scscf.regevent.subscription import Subscription
from scscf.registration.registration import TERMINAL_EVENTS, Event
from scscf.sip.message import Request, Response
from scscf.sip.parser import parse_message
from tests.regevent.model import ModelWatcher, live_in
from tests.world import Client, World

TOBIAS = "sip:tobias@home1.test"
GAMES = "sip:gameMaster@home1.test"
ENDINGS = (Event.DEACTIVATED, Event.REJECTED, Event.UNREGISTERED, Event.PROBATION)

SUBSCRIBERS = """
subscriptions:
  - name: tobias
    private_identities:
      - {id: phone@home1.test, auth: {scheme: none}}
      - {id: pager@home1.test, auth: {scheme: none}, identities: ["sip:tobias@home1.test"]}
      - {id: desk@home1.test, auth: {scheme: none}, identities: ["sip:gameMaster@home1.test"]}
    implicit_sets:
      - ["sip:tobias@home1.test", "tel:+44123456789", "sip:gameMaster@home1.test"]
"""


class Watcher(Client):
    """Keeps a table by the documents it gets; loses datagrams, and answers late."""

    def __init__(self, world: World, host: str, loss: float, delay: float) -> None:
        super().__init__(world, host, 5060)
        self.model = ModelWatcher()
        self.loss, self.delay = loss, delay
        self.random = Random(host)
        self.due: Counter[tuple[str, str, str]] = Counter()
        """(AOR, contact id, event) of what has ended since it subscribed."""
        self.accepted: Response | None = None
        self.subscription: Subscription | None = None
        self.lossless = False

    def watch(self, aor: str, documents: Documents) -> None:
        self.lossless = True
        accepted = self.subscribe(aor=aor, P_Asserted_Identity=f"<{TOBIAS}>")
        self.lossless = False
        assert accepted.status == 200
        self.accepted = accepted
        node = self.world.node
        self.subscription = next(each for each in node.notifier.of(aor) if each.dialog.call_id == accepted.call_id)
        self.subscription.documents = documents
        node.feed.listen(self._note)

    def refresh(self) -> None:
        assert self.accepted is not None
        self.lossless = True
        if self.subscription is not None and self.subscription.outstanding:
            self.model.overtaken = True
        assert self.resubscribe(self.accepted, 600000).status == 200
        self.lossless = False

    def _note(self, kind: str, data: Mapping[str, object]) -> None:
        assert self.subscription is not None
        if kind == "contact" and data["state"] == "terminated" and data["aor"] in self.subscription.identities:
            self.due[str(data["aor"]), str(data["id"]), str(data["event"])] += 1

    def _received(self, data: bytes, source: tuple[str, int]) -> None:
        if self._lost():
            return
        message = parse_message(data)
        if isinstance(message, Response):
            self.responses.append(message)
            return
        self.model.apply(message.body)
        if self.answer is not None and not self._lost():
            self.world.clock.callLater(self.delay, self._answer, message, source)

    def _answer(self, notify: Request, source: tuple[str, int]) -> None:
        self.socket.send(notify.response(200, to_tag="w").to_bytes(), source)

    def _lost(self) -> bool:
        return not self.lossless and self.random.random() < self.loss


class Step:
    """One thing that may happen to the registrations of Tobias."""

    def __init__(self, world: World, random: Random) -> None:
        self.world, self.random = world, random
        self.devices = [
            Client(world, "127.0.0.21", 5070),
            Client(world, "127.0.0.22", 5070),
            Client(world, "127.0.0.23", 5070, user="gameMaster"),
        ]
        self.names = ["phone@home1.test", "pager@home1.test", "desk@home1.test"]

    def take(self, watchers: list[Watcher]) -> None:
        kinds = (
            self.register,
            self.register,
            self.register,
            self.leave,
            self.network,
            self.shorten,
            self.wait,
            self.star,
        )
        self.random.choice(kinds)()
        if self.random.random() < 0.1:
            self.random.choice(watchers).refresh()

    def _device(self) -> tuple[Client, str]:
        index = self.random.randrange(3)
        authorization = f'Digest username="{self.names[index]}", realm="home1.test"'
        return self.devices[index], authorization

    def only(self, index: int) -> None:
        """Leave one device with one contact."""
        self._perform(deregister(self.world.node, Scope(everybody=True), Event.DEACTIVATED))
        device, name = self.devices[index], self.names[index]
        self._answered(device.register(600, Authorization=f'Digest username="{name}", realm="home1.test"'))

    def register(self) -> None:
        device, authorization = self._device()
        contact = f"<sip:{self.random.choice('ab')}@{device.host}>"
        self._answered(device.register(self.random.choice((60, 600)), contact, Authorization=authorization))

    def leave(self) -> None:
        device, authorization = self._device()
        self._answered(device.register(0, f"<sip:a@{device.host}>", Authorization=authorization))

    def star(self) -> None:
        device, authorization = self._device()
        self._answered(device.register(0, "*", Authorization=authorization))

    def network(self) -> None:
        event = self.random.choice(ENDINGS)
        retry_after = 30 if event is Event.PROBATION else None
        self._perform(deregister(self.world.node, self._scope(), event, retry_after))

    def shorten(self) -> None:
        self._perform(reauthenticate(self.world.node, self._scope(), self.random.choice((20, 61))))

    def wait(self) -> None:
        self.world.run(self.random.choice((0.3, 5.0, 30.0, 61.0)))

    def _scope(self) -> Scope:
        index = self.random.randrange(5)
        if index < 3:
            return Scope(private_identity=self.names[index])
        contact = f"sip:a@{self.devices[0].host}" if index == 3 else None
        return Scope(aor=self.random.choice((TOBIAS, GAMES)), contact=contact)

    def _perform(self, procedure: object) -> None:
        errors: list[Exception] = []
        self.world.scscf.shell.perform(procedure, errors.append)  # type: ignore[arg-type]
        self.world.run(0.1)
        assert all(isinstance(error, NotRegisteredError) for error in errors)

    @staticmethod
    def _answered(response: Response) -> None:
        assert response.status == 200


def watchers_of(world: World, round: int, aors: Sequence[str]) -> list[Watcher]:
    """Return watchers that lose nothing, lose much, are slow: of each kind one for each mode of documents."""
    habits = [(0.0, 0.0), (0.3, 0.0), (0.0, 1.7)]
    watchers = []
    for kind, (loss, delay) in enumerate(habits):
        for number, documents in enumerate(Documents):
            watcher = Watcher(world, f"127.{round}.{kind + 1}.{number + 1}", loss, delay)
            watcher.watch(aors[(number + kind) % len(aors)], documents)
            watchers.append(watcher)
    return watchers


@pytest.mark.clause("RFC 3680 §5.2")
@pytest.mark.parametrize("seed", range(8))
def test_a_watcher_that_applies_our_documents_knows_what_the_node_knows(seed: int) -> None:
    config = {
        "trusted_peers": ["127.1.0.0/16", "127.2.0.0/16"],
        "registrar": {"min_expires": 20},
        "reg_event": {"without_binding": "init", "end_with_own_contact": False},
        "dialect": "ims" if seed % 2 else "rfc3261",
    }
    world = World(config, SUBSCRIBERS, seed=seed)
    world.node.notifier.judge = None
    steps = Step(world, Random(seed))
    steps.only(0)
    watchers = watchers_of(world, 1, (TOBIAS, GAMES, TOBIAS))
    for number in range(1, 81):
        steps.take(watchers)
        world.run(0.1)
        for watcher in watchers:
            if not watcher.loss and not watcher.delay:
                agree(world, watcher)
        if number % 20 == 0:
            settle(world)
            for watcher in watchers:
                agree(world, watcher)
        if number == 20:
            steps.only(1)
            watchers += watchers_of(world, 2, (TOBIAS,))
    assert all(watcher.model.documents > 10 for watcher in watchers)
    assert watchers[6].model.documents < watchers[0].model.documents, "nothing was ever folded"


def settle(world: World) -> None:
    """Let time pass until nobody is owed a NOTIFY."""
    for _ in range(100):
        if not any(each.queue or each.outstanding for each in world.node.notifier.subscriptions.values()):
            break
        world.run(5)


def agree(world: World, watcher: Watcher) -> None:
    """See that a watcher knows the state of what it is told of, and heard of every end once."""
    assert watcher.subscription is not None
    covered = watcher.subscription.identities
    record = live_in(next(world.node.store.records(), None))
    known = {aor: rows for aor, rows in record.items() if aor in covered}
    assert watcher.model.live() == known
    assert watcher.model.active() == set(known)
    assert watcher.model.ended == watcher.due
    assert all(Event(event) in TERMINAL_EVENTS for _, _, event in watcher.model.ended)


def test_a_silent_watcher_is_given_up_and_the_others_hear_everything() -> None:
    world = World({"trusted_peers": ["127.0.1.0/24"], "reg_event": {"without_binding": "init"}}, SUBSCRIBERS)
    steps = Step(world, Random(5))
    for _ in range(3):
        steps.register()
    good, silent = Watcher(world, "127.0.1.1", 0.0, 0.0), Watcher(world, "127.0.1.2", 0.0, 0.0)
    for watcher in (good, silent):
        watcher.watch(TOBIAS, Documents.PARTIAL)
    silent.answer = None
    for _ in range(20):
        steps.register()
    world.run(33)

    assert silent.model.documents == 2
    assert [each.dialog.call_id for each in world.node.notifier.of(TOBIAS)] == [good.call_id]
    agree(world, good)
