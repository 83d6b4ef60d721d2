"""The network takes registrations away: an operator's command, or the HSS's (TS 24.229 §5.4.1.5, TS 29.228 §6.1.3)."""

import logging
from collections.abc import Iterable
from typing import NamedTuple

from scscf.cx import DeregistrationReason
from scscf.procedures import authenticate_aka
from scscf.procedures.assign import tell_hss
from scscf.procedures.state import Node, NotRegisteredError
from scscf.promise import Promise
from scscf.regevent.registration_notify import notice as notice_with
from scscf.regevent.subscription import Telling, Told
from scscf.registration.change import Cause, CauseKind, Change, Row
from scscf.registration.command import Command, Deregister
from scscf.registration.notice import Notice
from scscf.registration.record import Record
from scscf.registration.registration import Event
from scscf.registration.update import update

log = logging.getLogger("scscf")

KIND_OF_REASON: dict[DeregistrationReason, CauseKind] = {
    DeregistrationReason.PERMANENT_TERMINATION: CauseKind.PERMANENT_TERMINATION,
    DeregistrationReason.NEW_SERVER_ASSIGNED: CauseKind.NEW_SERVER_ASSIGNED,
    DeregistrationReason.SERVER_CHANGE: CauseKind.SERVER_CHANGE,
    DeregistrationReason.REMOVE_SCSCF: CauseKind.REMOVE_SCSCF,
}
"""Why the HSS ends a registration → cause, of which follows what watchers are told (TS 29.228 §6.1.3)."""


class Scope(NamedTuple):
    """Whom a command means: an address of record with its implicit registration set, a device, or everybody."""

    aor: str | None = None
    private_identity: str | None = None
    everybody: bool = False
    contact: str | None = None
    """Only this contact URI."""


class Report(NamedTuple):
    """What a command did: contacts as they were told of, and what each watcher answered."""

    removed: tuple[Row, ...]
    told: tuple[Told, ...]
    at: float = 0.0
    """Service time of the (last) change, seconds."""


async def deregister(
    node: Node,
    scope: Scope,
    event: Event,
    retry_after: int | None = None,
    reason: str | None = None,
    rate: float | None = None,
    wait: float | None = None,
    notice: Notice | None = None,
) -> Report:
    """End what `scope` means with a contact event; `wait` seconds for the watchers' answers, `rate` records a second.

    `notice` is what Microsoft's endpoints are told, where that does not follow from the event. Raises
    NotRegisteredError where nothing is bound.
    """
    cause = Cause(CauseKind.OPERATOR, event=event, retry_after=retry_after, reason=reason, notice=notice)
    rows: list[Row] = []
    tellings: list[Telling] = []
    for index, record in enumerate(await records_in(node, scope)):
        if rate and index:
            await _pause(node, 1 / rate)
        command = Deregister(cause, aors_of(record, scope), scope.private_identity, scope.contact)
        change, told = await apply(node, record.name, command)
        rows += change.rows if change else ()
        tellings += told
    if not rows:
        raise NotRegisteredError("nothing is bound there")
    now = node.now()
    return Report(tuple(rows), await answers(node, tellings, wait), now)


async def terminate(
    node: Node, private_identity: str, public_identities: tuple[str, ...], kind: CauseKind, registrar: str = ""
) -> Report:
    """End the registrations of a private identity because the HSS says so; never waits for a watcher.

    A public identity stands for its implicit registration set, none for all. Contacts for emergency calls stay
    (TS 24.229 §5.4.1.5). A first REGISTER that is in flight is refused. `registrar` is who serves the user from now
    on, where that is known: Microsoft's endpoints are told of it.
    """
    record = await node.store.find_device(private_identity)
    if record is None:
        node.turns.end(private_identity)
        return Report((), ())
    aors: set[str] = set()
    for aor in public_identities:
        aors.update((aor, *(identity.uri for identity in record.identities_with(aor))))
    cause = Cause(kind)
    if kind is CauseKind.NEW_SERVER_ASSIGNED and (registrar or node.config.siprege.preferred_registrar):
        registrar = registrar or node.config.siprege.preferred_registrar or ""
        cause = Cause(kind, notice=notice_with("preferred-registrar-change", preferred_registrar=registrar))
    change, told = await apply(
        node, record.name, Deregister(cause, frozenset(aors) if public_identities else None, private_identity)
    )
    return Report(change.rows if change else (), await answers(node, told, None))


async def as_failed(node: Node, name: str, private_identity: str, aors: Iterable[str]) -> None:
    """End what a private identity has registered of `aors`, in the record `name`, because an AS failed.

    TS 24.229 §5.4.1.7: the default handling of its filter criterion is to terminate the session.
    """
    await apply(node, name, Deregister(Cause(CauseKind.AS_FAILURE), frozenset(aors), private_identity))


async def forget(node: Node, aor: str) -> bool:
    """Lose what is known of an address of record and its set; nobody is told. Return whether there was anything."""
    record = await node.store.find(aor)
    if record is None or not record.contacts(aor):
        return False
    await node.store.save(record._replace(revision=record.revision + 1, devices=(), registrations=()))
    node.notifier.lose(record)
    return True


async def reset(node: Node, registrations: bool, subscriptions: bool, challenges: bool) -> dict[str, int]:
    """Lose registrations, subscriptions or challenges, as a crash would; nobody is told. Return how many of each."""
    lost = {"registrations": 0, "subscriptions": 0, "challenges": 0}
    if registrations:
        for record in node.store.records():
            lost["registrations"] += len(record.registrations)
            await node.store.save(record._replace(revision=record.revision + 1, devices=(), registrations=()))
            node.notifier.lose(record)
        node.duties.clear()
        node.without_services.clear()
        node.unregistered.clear()
    if subscriptions:
        for subscription in list(node.notifier.subscriptions.values()):
            lost["subscriptions"] += 1
            node.notifier.forget(subscription)
    if challenges:
        lost["challenges"] = node.challenges.clear() + authenticate_aka.clear(node)
        if node.associations is not None:
            lost["challenges"] += node.associations.clear()
    return lost


async def records_in(node: Node, scope: Scope) -> list[Record]:
    """Return the records that a scope touches."""
    if scope.everybody:
        return list(node.store.records())
    if scope.aor is not None:
        found = await node.store.find(scope.aor)
    else:
        found = await node.store.find_device(scope.private_identity or "")
    return [found] if found is not None else []


def aors_of(record: Record, scope: Scope) -> frozenset[str] | None:
    """Return the addresses of record that a scope means in a record: a set as a whole, or all."""
    if scope.aor is None:
        return None
    return frozenset(identity.uri for identity in record.identities_with(scope.aor)) | {scope.aor}


async def apply(node: Node, name: str, command: Command) -> tuple[Change | None, list[Telling]]:
    """Do a command of the network to a record at once, whatever REGISTER is in flight; it will plan again."""
    while True:
        record = await node.store.load(name)
        if record is None:
            return None, []
        change = update(record, command, node.now(), node.events_in(record))
        if change.record is record:
            return change, []
        if await node.store.save(change.record):
            told = node.commit(change)
            await tell_hss(node, change)
            return change, told


async def answers(node: Node, tellings: Iterable[Telling], wait: float | None) -> tuple[Told, ...]:
    """Return what the watchers answered within `wait` seconds of wire time; without it, that they were sent to."""
    tellings = list(tellings)
    if wait is not None and not all(telling.done for telling in tellings):
        over: Promise[None] = Promise()

        def settle() -> None:
            if not over.done:
                over.keep(None)

        deadline = node.wire_deadlines.at(node.wire_now() + wait, lambda _now: settle())
        for telling in tellings:
            telling.when_done(lambda: settle() if all(each.done for each in tellings) else None)
        await over
        node.wire_deadlines.cancel(deadline)
    return tuple(telling.so_far("sent" if wait is None else "timeout") for telling in tellings)


async def _pause(node: Node, seconds: float) -> None:
    over: Promise[None] = Promise()
    node.wire_deadlines.at(node.wire_now() + seconds, lambda _now: over.keep(None))
    await over
