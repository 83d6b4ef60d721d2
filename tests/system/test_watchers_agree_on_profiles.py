"""Random histories in which the HSS changes who belongs to the set: watchers still end up with what the node knows."""

from random import Random

import pytest

from scscf.regevent.reginfo import Documents
from tests.regevent.model import live_in
from tests.system.test_watchers_agree import TOBIAS, Step, Watcher, settle
from tests.world import World

OTHERS = ("tel:+44123456789", "sip:gameMaster@home1.test", "sip:work@home1.test", "sip:club@home1.test")

DEVICES = """
subscriptions:
  - name: tobias
    private_identities:
      - {id: phone@home1.test, auth: {scheme: none}}
      - {id: pager@home1.test, auth: {scheme: none}}
      - {id: desk@home1.test, auth: {scheme: none}}
"""


def subscribers(*identities: tuple[str, bool]) -> str:
    """Return a subscribers file with one set: identities, and whether each is barred."""
    written = ", ".join(f'{{id: "{uri}", barred: {str(barred).lower()}}}' for uri, barred in identities)
    return f"{DEVICES}    implicit_sets: [[{written}]]\n"


class ProfileStep(Step):
    """One thing that may happen to the registrations of Tobias, or to his set."""

    def __init__(self, world: World, random: Random) -> None:
        super().__init__(world, random)
        self.devices[2].aor = TOBIAS

    def take(self, watchers: list[Watcher]) -> None:
        if self.random.random() < 0.3:
            self.change()
        else:
            super().take(watchers)

    def change(self) -> None:
        chosen = [(uri, self.random.random() < 0.25) for uri in OTHERS if self.random.random() < 0.7]
        chosen.append((TOBIAS, False))
        self.random.shuffle(chosen)
        scscf = self.world.scscf
        with scscf.shell.turn():
            scscf.replace_subscribers(self.world.subscribers(subscribers(*chosen)))
        self.world.run(0.1)


@pytest.mark.clause("RFC 3680 §5.2", "TS 24.229 §5.4.2.1.2")
@pytest.mark.parametrize("seed", [3, 4])
def test_a_watcher_knows_who_belongs_to_the_set(seed: int) -> None:
    config = {
        "trusted_peers": ["127.1.0.0/16"],
        "registrar": {"min_expires": 20},
        "reg_event": {"without_binding": "init", "end_with_own_contact": False},
    }
    world = World(config, subscribers((TOBIAS, False), (OTHERS[0], False), (OTHERS[1], False)), seed=seed)
    world.node.notifier.judge = None
    steps = ProfileStep(world, Random(seed))
    steps.only(0)
    watchers = []
    for kind, (loss, delay) in enumerate([(0.0, 0.0), (0.3, 0.0), (0.0, 1.7)]):
        for number, documents in enumerate(Documents):
            watcher = Watcher(world, f"127.1.{kind + 1}.{number + 1}", loss, delay)
            watcher.watch(TOBIAS, documents)
            watchers.append(watcher)
    for number in range(1, 41):
        steps.take(watchers)
        world.run(0.1)
        if number % 20 == 0:
            settle(world)
        for watcher in watchers:
            if number % 20 == 0 or not (watcher.loss or watcher.delay):
                assert watcher.model.live() == visible(world)


def visible(world: World) -> dict[str, object]:
    """Return what is bound to identities that are not barred, as a watcher shows it."""
    record = next(world.node.store.records(), None)
    barred = {
        identity.uri
        for device in (record.devices if record is not None else ())
        for implicit_set in device.profile.sets
        for identity in implicit_set
        if identity.barred
    }
    return {aor: rows for aor, rows in live_in(record).items() if aor not in barred}
