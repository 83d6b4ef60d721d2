"""The peer state machine, row by row (RFC 6733 §5.6)."""

import pytest

from scscf.diameter.message import Message
from scscf.diameter.peer import OPEN, PEER, Action, Event, State, received, wins_election

pytestmark = pytest.mark.clause("RFC 6733 §5.6", "RFC 6733 §5.6.4")

RFC = """
Closed | Start | I-Snd-Conn-Req | Wait-Conn-Ack
Closed | R-Conn-CER | R-Accept, Process-CER, R-Snd-CEA | R-Open
Wait-Conn-Ack | I-Rcv-Conn-Ack | I-Snd-CER | Wait-I-CEA
Wait-Conn-Ack | I-Rcv-Conn-Nack | Cleanup | Closed
Wait-Conn-Ack | R-Conn-CER | R-Accept, Process-CER | Wait-Conn-Ack/Elect
Wait-Conn-Ack | Timeout | Error | Closed
Wait-I-CEA | I-Rcv-CEA | Process-CEA | I-Open
Wait-I-CEA | R-Conn-CER | R-Accept, Process-CER, Elect | Wait-Returns
Wait-I-CEA | I-Peer-Disc | I-Disc | Closed
Wait-I-CEA | I-Rcv-Non-CEA | Error | Closed
Wait-I-CEA | Timeout | Error | Closed
Wait-Conn-Ack/Elect | I-Rcv-Conn-Ack | I-Snd-CER, Elect | Wait-Returns
Wait-Conn-Ack/Elect | I-Rcv-Conn-Nack | R-Snd-CEA | R-Open
Wait-Conn-Ack/Elect | R-Peer-Disc | R-Disc | Wait-Conn-Ack
Wait-Conn-Ack/Elect | R-Conn-CER | R-Reject | Wait-Conn-Ack/Elect
Wait-Conn-Ack/Elect | Timeout | Error | Closed
Wait-Returns | Win-Election | I-Disc, R-Snd-CEA | R-Open
Wait-Returns | I-Peer-Disc | I-Disc, R-Snd-CEA | R-Open
Wait-Returns | I-Rcv-CEA | R-Disc, Process-CEA | I-Open
Wait-Returns | R-Peer-Disc | R-Disc | Wait-I-CEA
Wait-Returns | R-Conn-CER | R-Reject | Wait-Returns
Wait-Returns | Timeout | Error | Closed
R-Open | Send-Message | R-Snd-Message | R-Open
R-Open | R-Rcv-Message | Process | R-Open
R-Open | R-Rcv-DWR | Process-DWR, R-Snd-DWA | R-Open
R-Open | R-Rcv-DWA | Process-DWA | R-Open
R-Open | R-Conn-CER | R-Reject | R-Open
R-Open | Stop | R-Snd-DPR | Closing
R-Open | R-Rcv-DPR | R-Snd-DPA | Closing
R-Open | R-Peer-Disc | R-Disc | Closed
I-Open | Send-Message | I-Snd-Message | I-Open
I-Open | I-Rcv-Message | Process | I-Open
I-Open | I-Rcv-DWR | Process-DWR, I-Snd-DWA | I-Open
I-Open | I-Rcv-DWA | Process-DWA | I-Open
I-Open | R-Conn-CER | R-Reject | I-Open
I-Open | Stop | I-Snd-DPR | Closing
I-Open | I-Rcv-DPR | I-Snd-DPA | Closing
I-Open | I-Peer-Disc | I-Disc | Closed
Closing | I-Rcv-DPA | I-Disc | Closed
Closing | R-Rcv-DPA | R-Disc | Closed
Closing | Timeout | Error | Closed
Closing | I-Peer-Disc | I-Disc | Closed
Closing | R-Peer-Disc | R-Disc | Closed
"""
ROWS = [tuple(part.strip() for part in line.split("|")) for line in RFC.strip().splitlines()]


def test_every_state_knows_every_event() -> None:
    assert set(PEER) == set(State)
    assert all(set(row) == set(Event) for row in PEER.values())


@pytest.mark.parametrize(("state", "event", "actions", "following"), ROWS)
def test_a_row_of_the_standard(state: str, event: str, actions: str, following: str) -> None:
    assert PEER[State(state)][Event(event)] == (
        State(following),
        tuple(Action(each.strip()) for each in actions.split(",")),
    )


def test_every_state_can_be_reached_and_left_for_closed() -> None:
    reached = {following for row in PEER.values() for following, _ in row.values()}
    assert reached == set(State)
    for state in set(State) - {State.CLOSED}:
        way, seen = {state}, set()
        while way:
            here = way.pop()
            seen.add(here)
            way |= {following for following, _ in PEER[here].values()} - seen
        assert State.CLOSED in seen


def test_only_open_peers_send() -> None:
    sending = {
        state
        for state, row in PEER.items()
        if {Action.I_SND_MESSAGE, Action.R_SND_MESSAGE} & set(row[Event.SEND_MESSAGE][1])
    }
    assert sending == OPEN


@pytest.mark.parametrize(
    ("own", "peer", "wins"),
    [("b.x", "a.x", True), ("a.x", "b.x", False), ("aa.x", "a.x", True), ("B.x", "a.x", True), ("a.x", "a.x", False)],
)
def test_the_higher_name_wins_the_election(own: str, peer: str, wins: bool) -> None:
    assert wins_election(own, peer) is wins


@pytest.mark.parametrize(
    ("command", "is_request", "event"),
    [
        ("Device-Watchdog", True, "Rcv-DWR"),
        ("Device-Watchdog", False, "Rcv-DWA"),
        ("Disconnect-Peer", True, "Rcv-DPR"),
        ("Disconnect-Peer", False, "Rcv-DPA"),
        ("Location-Info", True, "Rcv-Message"),
        ("Location-Info", False, "Rcv-Message"),
    ],
)
def test_a_message_is_an_event_of_the_connection_that_it_came_on(command: str, is_request: bool, event: str) -> None:
    request = Message(command, [])
    message = request if is_request else request.answer([])

    assert received(message, State.I_OPEN, initiated=True) is Event(f"I-{event}")
    assert received(message, State.R_OPEN, initiated=False) is Event(f"R-{event}")


def test_what_comes_before_the_cea_is_no_cea() -> None:
    assert received(Message("Location-Info", []), State.WAIT_I_CEA, initiated=True) is Event.I_RCV_NON_CEA
    assert received(Message("Location-Info", []), State.WAIT_RETURNS, initiated=False) is Event.R_RCV_MESSAGE
