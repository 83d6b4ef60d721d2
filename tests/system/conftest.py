"""After every test on a whole node, nothing of it is left that its peers do not keep alive."""

from collections import Counter
from collections.abc import Iterator
from math import inf

import pytest

from scscf.auth.challenges import Challenges
from scscf.regevent.notifier import Notifier
from tests.world import World

T1_TIMES_64 = 32.0
LONGEST = 600_000.0
"""Seconds that a binding or a subscription may last at most, as the defaults have it."""


@pytest.fixture(autouse=True)
def leaks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """See that no transaction, lock, dialog or timer of a test's worlds outlives 64*T1 without a reason."""
    worlds: list[World] = []
    begin = World.__init__

    def __init__(self: World, *arguments: object, **more: object) -> None:
        begin(self, *arguments, **more)  # type: ignore[arg-type]
        worlds.append(self)

    monkeypatch.setattr(World, "__init__", __init__)
    yield
    for world in worlds:
        settle(world)
        check(world)
        world.clock.advance(LONGEST)
        check_end(world)


def settle(world: World) -> None:
    """Let every transaction end; a subscription that still owes news has to wait for its watcher."""
    world.clock.advance(T1_TIMES_64 + 10)
    for _ in range(100):
        if not any(each.queue or each.outstanding for each in world.node.notifier.subscriptions.values()):
            break
        world.clock.advance(T1_TIMES_64 / 4)
    world.clock.advance(T1_TIMES_64 + 10)


def check(world: World) -> None:
    """Compare everything that is kept with what is still bound, watched or connected."""
    scscf, node = world.scscf, world.node
    assert scscf.shell.bugs == 0
    assert len(scscf.layer) == 0
    peers = scscf.hss_peers() or []
    assert not any(peer.pending for peer in peers)
    assert len(scscf.shell.wire) <= len(scscf.endpoint.connections) + len(node.duties) + len(peers)
    assert scscf.shell.outbox.items == []
    assert len(node.turns) == 0
    assert len(node.proxying) == 0
    assert len(node.flows) <= len(scscf.endpoint.connections)
    records = list(node.store.records())
    watched = list(node.notifier.subscriptions.values())
    check_subscriptions(node.notifier)
    check_challenges(node.challenges)
    timers = sum((each.deadline is not None) + (each.waking is not None) for each in watched)
    timers += len(node.challenges.aka) + len(node.unregistered)
    assert len(scscf.shell.service) <= timers + len(node.expiries) + len(node.expiries._slots)
    assert len(world.clock) <= 1 + len(peers)
    assert set(node.store._name_of_device) == {d.profile.private_identity for record in records for d in record.devices}
    for record in records:
        assert record.registrations
        bound = {binding.private_identity for binding in record.bindings()}
        assert bound == {device.profile.private_identity for device in record.devices}


def check_subscriptions(notifier: Notifier) -> None:
    """Every dialog and every entry of the index belongs to a live subscription."""
    watched = list(notifier.subscriptions.values())
    assert {each.dialog.id: each for each in watched if not each.endpoint} == notifier._by_dialog
    covered = dict.fromkeys(aor for each in watched for aor in each.identities)
    assert {aor: Counter(each) for aor, each in notifier._covering.items()} == {
        aor: Counter(each for each in watched if aor in each.identities) for aor in covered
    }


def check_challenges(challenges: Challenges) -> None:
    """Every nonce is counted for one private identity, and none has too many."""
    counted = [nonce for nonces in challenges._of_identity.values() for nonce in nonces]
    assert sorted(counted) == sorted(challenges._open)
    assert all(0 < len(nonces) <= Challenges.PER_IDENTITY for nonces in challenges._of_identity.values())


def check_end(world: World) -> None:
    """Once everything that can run out has, nothing is left."""
    node = world.node
    for record in node.store.records():
        assert {binding.expires_at for binding in record.bindings()} == {inf}
    assert len(node.challenges.aka) == 0
    assert node.notifier.subscriptions == {}
    assert node.notifier._covering == {}
    assert len(world.scscf.shell.service) == 0
    assert len(node.expiries) == 0
    assert world.scscf.shell.bugs == 0
