"""A REGISTER whose HSS takes its time, against whatever else may happen meanwhile, in every order."""

from collections.abc import Callable, Iterator, Sequence
from random import Random

import pytest

from hss_stub.registration_states import RegistrationState
from scscf.cx import ServerAssignment
from scscf.procedures.deregister import Scope, deregister, terminate
from scscf.procedures.profile_update import change_profile
from scscf.procedures.reauthenticate import reauthenticate
from scscf.procedures.state import NotRegisteredError
from scscf.profile.service_profile import PublicIdentity, UserProfile
from scscf.promise import Promise
from scscf.regevent.reginfo import Documents
from scscf.regevent.subscription import Telling
from scscf.registration.change import CauseKind, Change
from scscf.registration.registration import Event
from scscf.sip.message import Request
from scscf.sip.parser import parse_message
from tests.fakes import Question, SlowHss
from tests.regevent.model import ModelWatcher, live_in
from tests.system import conftest
from tests.world import Client, World

pytestmark = pytest.mark.clause("TS 29.228 §6.1.2")

TOBIAS = "sip:tobias@home1.test"
PHONE, PAGER = "phone@home1.test", "pager@home1.test"
SETS = {PHONE: {TOBIAS, "tel:+44123456789", "sip:gameMaster@home1.test"}, PAGER: {TOBIAS}}

SUBSCRIBERS = """
subscriptions:
  - name: tobias
    private_identities:
      - {id: phone@home1.test, auth: {scheme: none}}
      - {id: pager@home1.test, auth: {scheme: none}, identities: ["sip:tobias@home1.test"]}
    implicit_sets:
      - ["sip:tobias@home1.test", "tel:+44123456789", "sip:gameMaster@home1.test"]
"""


class Device(Client):
    """A UE that sends without waiting, and counts what it is answered."""

    def __init__(self, world: World, host: str, private_identity: str) -> None:
        super().__init__(world, host, 5060)
        self.authorization_of = f'Digest username="{private_identity}", realm="home1.test"'
        self.sent = 0

    def ask(self, expires: int, contact: str | None = None) -> None:
        """Send a REGISTER; its answer comes when it comes."""
        self.sent += 1
        fields = {
            "Contact": contact or f"<{self.uri}>",
            "Expires": str(expires),
            "Authorization": self.authorization_of,
        }
        self.send("REGISTER", None, fields, seconds=0.004)

    def finals(self) -> dict[str, list[int]]:
        """Return the final answers by branch."""
        answers: dict[str, list[int]] = {}
        for response in self.responses:
            if response.status >= 200:
                answers.setdefault(response.via.branch or "", []).append(response.status)
        return answers


class Watcher(Client):
    """A trusted watcher that keeps a table."""

    def __init__(self, world: World) -> None:
        super().__init__(world, "127.0.0.4", 5060)
        self.model = ModelWatcher()

    def _received(self, data: bytes, source: tuple[str, int]) -> None:
        message = parse_message(data)
        if isinstance(message, Request):
            self.model.apply(message.body)
        super()._received(data, source)


class Play:
    """One node with a slow HSS, two devices and a watcher; `before` is what is registered already."""

    def __init__(self, dialect: str, before: Sequence[str], documents: Documents = Documents.DELTA) -> None:
        config = {"dialect": dialect, "reg_event": {"without_binding": "init", "end_with_own_contact": False}}
        self.world = World(config, SUBSCRIBERS)
        self.node = self.world.node
        self.hss = SlowHss(self.node.cx)
        self.hss.is_slow = False
        self.node.cx = self.hss
        self.phone = Device(self.world, "127.0.0.9", PHONE)
        self.pager = Device(self.world, "127.0.0.10", PAGER)
        self.devices = {PHONE: self.phone, PAGER: self.pager}
        self.watcher = Watcher(self.world)
        for name in before or [PAGER]:
            self.devices[name].ask(60)
        assert self.watcher.subscribe(P_Asserted_Identity=f"<{TOBIAS}>").status == 200
        if not before:
            self.pager.ask(0)
        for subscription in self.node.notifier.subscriptions.values():
            subscription.documents = documents
        self.world.run(59.5)
        self._watch_commits()
        self.hss.is_slow = True
        self.commands: list[Promise[object]] = []
        self.errors: list[Exception] = []
        self.ended_by_the_hss: list[str] = []

    def _watch_commits(self) -> None:
        change = self.node.notifier.change
        told = [next(self.node.store.records(), None)]

        def noted(what: Change) -> list[Telling]:
            assert live_in(what.before) == live_in(told[-1]), "a change is told out of its order"
            told.append(what.record)
            return change(what)

        self.node.notifier.change = noted  # type: ignore[method-assign]

    def perform(self, procedure: object) -> None:
        """Run one of the network's procedures beside."""
        self.commands.append(self.world.scscf.shell.perform(procedure, self.errors.append))  # type: ignore[arg-type]
        self.world.run(0.004)

    def answer(self, question: Question, silence: bool) -> None:
        """Let the HSS answer, or its answer be lost."""
        self.hss.waiting.remove(question)
        with self.world.scscf.shell.turn():
            (question.time_out if silence else question.answer)()
        self.world.run(0.004)

    def check(self, told_everything: bool) -> None:
        """Compare devices, node, HSS and watcher after the end."""
        self.hss.is_slow = False
        conftest.settle(self.world)
        conftest.check(self.world)
        assert all(promise.done for promise in self.commands)
        assert all(isinstance(error, NotRegisteredError) for error in self.errors)
        for device in self.devices.values():
            finals = device.finals()
            assert len(finals) == device.sent
            assert {len(each) for each in finals.values()} <= {1}
        record = next(self.node.store.records(), None)
        assert self.watcher.model.live() == live_in(record)
        assert all(count >= 1 for count in self.watcher.model.ended.values())
        for name, aors in SETS.items():
            shown = {
                registration.aor
                for registration in (record.registrations if record else ())
                for contact in registration.contacts
                if contact.binding.private_identity == name
            }
            assert shown in (set(), aors), "half a registration"
            if told_everything and name not in self.ended_by_the_hss:
                state = self.world.scscf.hss.registration_state(name, TOBIAS)
                assert (state is RegistrationState.REGISTERED) is bool(shown)


Act = Callable[[Play], None]


def operator(play: Play) -> None:
    play.perform(deregister(play.node, Scope(aor=TOBIAS), Event.DEACTIVATED))


def one_contact(play: Play) -> None:
    play.perform(deregister(play.node, Scope(aor=TOBIAS, contact=play.phone.uri), Event.REJECTED))


def of_the_hss(play: Play) -> None:
    hss = play.world.scscf.hss
    play.ended_by_the_hss.append(PHONE)
    play.perform(hss.server_assignment(PHONE, TOBIAS, ServerAssignment.ADMINISTRATIVE_DEREGISTRATION))
    play.perform(terminate(play.node, PHONE, (), CauseKind.PERMANENT_TERMINATION))


def profile_shrinks(play: Play) -> None:
    _push(play, TOBIAS)


def profile_grows(play: Play) -> None:
    _push(play, TOBIAS, "tel:+44123456789", "sip:gameMaster@home1.test", "sip:new@home1.test")


def _push(play: Play, *aors: str) -> None:
    """Have the HSS change the phone's profile, and change it back."""
    right = UserProfile(PHONE, "tobias", (tuple(map(PublicIdentity, aors)),))
    play.perform(change_profile(play.node, right))
    profile = play.world.scscf.hss.subscribers.profile_of(PHONE)
    assert profile is not None
    play.perform(change_profile(play.node, profile))


def cut_short(play: Play) -> None:
    play.perform(reauthenticate(play.node, Scope(private_identity=PHONE), 30))


def expiry(play: Play) -> None:
    play.world.run(1)


def pager_registers(play: Play) -> None:
    play.pager.ask(3600)


def pager_leaves(play: Play) -> None:
    play.pager.ask(0)


def pager_clears(play: Play) -> None:
    play.pager.ask(0, "*")


def phone_again(play: Play) -> None:
    play.phone.ask(120)


ACTS: tuple[Act, ...] = (
    operator,
    one_contact,
    of_the_hss,
    cut_short,
    expiry,
    pager_registers,
    pager_leaves,
    pager_clears,
    phone_again,
    profile_shrinks,
    profile_grows,
)


def orders(play_it: Callable[["Chooser"], None]) -> Iterator[tuple[int, ...]]:
    """Run a play in every order; yields each."""
    prefix: list[int] = []
    while True:
        chooser = Chooser(prefix)
        play_it(chooser)
        yield tuple(chooser.taken)
        taken, widths = chooser.taken, chooser.widths
        while taken and taken[-1] + 1 == widths[-1]:
            taken.pop()
            widths.pop()
        if not taken:
            return
        taken[-1] += 1
        prefix = taken


class Chooser:
    """Takes the choices of a prefix, then always the first, or any."""

    def __init__(self, prefix: Sequence[int], random: Random | None = None) -> None:
        self._prefix = prefix
        self._random = random
        self.taken: list[int] = []
        self.widths: list[int] = []

    def choose(self, width: int) -> int:
        """Return which of `width` things comes next."""
        index = len(self.taken)
        choice = 0 if self._random is None else self._random.randrange(width)
        if index < len(self._prefix):
            choice = self._prefix[index]
        self.taken.append(choice)
        self.widths.append(width)
        return choice


def run(
    chooser: Chooser, dialect: str, before: Sequence[str], first: Act, others: Sequence[Act], silence: bool
) -> None:
    """Start `first`, then let the others begin and the HSS answer as the chooser has it."""
    play = Play(dialect, before)
    first(play)
    others = list(others)
    lost = False
    while others or play.hss.waiting:
        waiting = list(play.hss.waiting)
        may_be_lost = silence and not lost
        width = len(waiting) * (1 + may_be_lost) + bool(others)
        choice = chooser.choose(width)
        if choice < len(waiting):
            play.answer(waiting[choice], False)
        elif may_be_lost and choice < 2 * len(waiting):
            lost = True
            play.answer(waiting[choice - len(waiting)], True)
        else:
            others.pop(0)(play)
    play.check(not lost)


def phone_registers(play: Play) -> None:
    play.phone.ask(3600)


def phone_leaves(play: Play) -> None:
    play.phone.ask(0)


STARTS: tuple[tuple[Sequence[str], Act], ...] = (
    ((), phone_registers),
    ((PAGER,), phone_registers),
    ((PHONE, PAGER), phone_registers),
    ((PHONE,), phone_leaves),
    ((PHONE, PAGER), phone_leaves),
)


@pytest.mark.parametrize("dialect", ["ims", "rfc3261"])
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_a_register_beside_another_event_in_every_order(act: Act, dialect: str) -> None:
    for before, first in STARTS:
        seen = list(orders(lambda chooser: run(chooser, dialect, before, first, [act], silence=False)))  # noqa: B023
        assert len(seen) == len(set(seen)) > 1


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_an_answer_of_the_hss_that_is_lost_leaves_nothing_half_done(act: Act) -> None:
    before, first = STARTS[2]
    for _ in orders(lambda chooser: run(chooser, "ims", before, first, [act], silence=True)):
        pass


@pytest.mark.parametrize("dialect", ["ims", "rfc3261"])
@pytest.mark.parametrize("second", ACTS, ids=lambda act: act.__name__)
def test_a_register_beside_two_other_events_in_some_orders(second: Act, dialect: str) -> None:
    random = Random(3261)
    for third in ACTS:
        for before, first in STARTS:
            run(Chooser([], random), dialect, before, first, [second, third], silence=True)


@pytest.mark.soak
@pytest.mark.parametrize("third", ACTS, ids=lambda act: act.__name__)
@pytest.mark.parametrize("second", ACTS, ids=lambda act: act.__name__)
def test_a_register_beside_two_other_events_in_every_order(second: Act, third: Act) -> None:
    before, first = STARTS[2]
    for _ in orders(lambda chooser: run(chooser, "ims", before, first, [second, third], silence=False)):
        pass
