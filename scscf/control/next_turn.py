"""Where a call of the API looks at many things: a few at a time, and what else there is to do in between."""

from scscf.procedures.state import Node
from scscf.promise import Promise


def next_turn(node: Node) -> Promise[None]:
    """Return what is kept once the node has looked at its sockets and timers."""
    seen_to: Promise[None] = Promise()
    node.wire_deadlines.at(node.wire_now(), lambda _now: seen_to.keep(None))
    return seen_to
