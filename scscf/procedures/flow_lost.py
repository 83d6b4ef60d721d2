"""A UE's connection is gone, and with it what was bound along it by outbound (RFC 5626 §7, TS 24.229 §5.4.1.5)."""

from scscf.procedures.deregister import apply
from scscf.procedures.state import Node
from scscf.registration.command import LoseFlow
from scscf.registration.record import Record
from scscf.registration.update import is_bound_along
from scscf.sip.outbox import Flow


async def flow_lost(node: Node, flow: Flow) -> None:
    """End every binding along a connection that is gone, of any address of record, and tell watchers and the HSS.

    Contacts bound without outbound stay: the UE may be reached by another connection to the same address.
    """
    for name in node.flows.lose(flow):
        await apply(node, name, LoseFlow(flow))


def keep_flow(node: Node, record: Record, flow: Flow) -> None:
    """Remember that a REGISTER was accepted along `flow`, to end with it; the flow may be gone already."""
    if not flow.connection or not any(is_bound_along(binding, flow) for binding in record.bindings()):
        return
    node.flows.keep(flow, record.name)
    if not node.flow_alive(flow):
        node.perform(flow_lost(node, flow))
