"""What ends with a connection is found by it (RFC 5626 §6)."""

from scscf.registration.flows import Flows
from scscf.sip.outbox import Flow

FIRST = Flow("tcp", ("127.0.0.1", 5060), ("127.0.0.9", 40000), 1)
SECOND = FIRST._replace(connection=2)


def test_a_lost_connection_gives_the_records_that_were_bound_along_it_once() -> None:
    flows = Flows()
    flows.keep(FIRST, "tobias")
    flows.keep(FIRST, "carol")
    flows.keep(FIRST, "tobias")
    flows.keep(SECOND, "dave")

    assert FIRST in flows
    assert flows.lose(FIRST) == ["carol", "tobias"]
    assert FIRST not in flows
    assert flows.lose(FIRST) == []
    assert len(flows) == 1
