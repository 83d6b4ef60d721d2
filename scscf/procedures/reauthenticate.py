"""The network wants users to prove themselves again: their registrations are cut short (TS 24.229 §5.4.1.6)."""

from scscf.procedures.authenticate import challenge_anew
from scscf.procedures.deregister import Report, Scope, answers, aors_of, apply, records_in
from scscf.procedures.state import Node, NotRegisteredError
from scscf.regevent.subscription import Telling
from scscf.registration.change import Row
from scscf.registration.command import Shorten
from scscf.registration.update import selected


async def reauthenticate(node: Node, scope: Scope, expires: int, wait: float | None = None) -> Report:
    """Cut what `scope` means to `expires` seconds, tell watchers `shortened`, and challenge the next REGISTER.

    A contact that has no more than that left stays as it is, and nobody is told of it. Raises NotRegisteredError
    where nothing is bound.
    """
    rows: list[Row] = []
    tellings: list[Telling] = []
    for record in await records_in(node, scope):
        command = Shorten(expires, aors_of(record, scope), scope.private_identity, scope.contact)
        change, told = await apply(node, record.name, command)
        meant = {id(binding) for binding in selected(change.record, command)} if change else ()
        for registration in change.record.registrations if change else ():
            for contact in registration.contacts:
                if id(contact.binding) in meant:
                    challenge_anew(node, contact.binding.private_identity)
                    rows.append(Row(registration.aor, contact))
        tellings += told
    if not rows:
        raise NotRegisteredError("nothing is bound there")
    now = node.now()
    return Report(tuple(rows), await answers(node, tellings, wait), now)
