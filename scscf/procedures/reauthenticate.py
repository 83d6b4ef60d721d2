"""The network wants users to prove themselves again: their registrations are cut short (TS 24.229 §5.4.1.6)."""

from scscf.procedures.authenticate_aka import withdraw
from scscf.procedures.deregister import Report, Scope, answers, aors_of, apply, records_in
from scscf.procedures.state import Node, NotRegisteredError
from scscf.regevent.subscription import Telling
from scscf.registration.change import Row
from scscf.registration.command import Shorten


async def reauthenticate(node: Node, scope: Scope, expires: int, wait: float | None = None) -> Report:
    """Cut what `scope` means to `expires` seconds, tell watchers `shortened`, and challenge the next REGISTER.

    Raises NotRegisteredError where nothing is bound.
    """
    rows: list[Row] = []
    tellings: list[Telling] = []
    for record in await records_in(node, scope):
        command = Shorten(expires, aors_of(record, scope), scope.private_identity, scope.contact)
        change, told = await apply(node, record.name, command)
        for row in change.rows if change else ():
            node.challenges.withdraw(row.contact.binding.private_identity)
            withdraw(node, row.contact.binding.private_identity)
            rows.append(row)
        tellings += told
    if not rows:
        raise NotRegisteredError("nothing is bound there")
    now = node.now()
    return Report(tuple(rows), await answers(node, tellings, wait), now)
