"""The end of bindings that were not refreshed in time (RFC 3261 §10.3, TS 24.229 §5.4.1.5)."""

from scscf.procedures.assign import tell_hss
from scscf.procedures.state import Node
from scscf.registration.command import Expire
from scscf.registration.record import Record
from scscf.registration.update import update


async def expire(node: Node, name: str) -> None:
    """End whatever has run out in a record and tell watchers and the HSS; look at it again when the next one ends.

    A binding whose device has a procedure in flight waits for its end: it may be being refreshed.
    """
    record = await node.store.load(name)
    now = node.now()
    for binding in list(record.bindings()) if record else []:
        if binding.expires_at <= now and binding.private_identity in node.turns:
            await node.turns.take_patiently(binding.private_identity)
            node.turns.give_back(binding.private_identity)
            record = await node.store.load(name)
    if record is not None and await expire_due(node, record) is record:
        node.expiries.arm(record, node.now())


def has_due(record: Record, now: float) -> bool:
    """Tell whether a binding of a record has run out."""
    first = record.next_expiry()
    return first is not None and first <= now


async def expire_due(node: Node, record: Record) -> Record | None:
    """Return a record without the bindings that have run out: itself where none has, None where nothing is left."""
    while True:
        now = node.now()
        if not has_due(record, now):
            return record
        change = update(record, Expire(), now, node.events_in(record))
        if await node.store.save(change.record):
            node.commit(change)
            await tell_hss(node, change)
            return await node.store.load(record.name)
        loaded = await node.store.load(record.name)
        if loaded is None:
            return None
        record = loaded
