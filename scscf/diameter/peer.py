"""The peer state machine (RFC 6733 §5.6): which of two connections a pair of peers uses, and what they say on it.

`I-` is the connection that this node initiates, `R-` the one that it accepts as the responder.
"""

from enum import Enum

from scscf.diameter.message import Message


class State(Enum):
    """States of a peer."""

    CLOSED = "Closed"
    WAIT_CONN_ACK = "Wait-Conn-Ack"
    WAIT_I_CEA = "Wait-I-CEA"
    WAIT_CONN_ACK_ELECT = "Wait-Conn-Ack/Elect"
    WAIT_RETURNS = "Wait-Returns"
    R_OPEN = "R-Open"
    I_OPEN = "I-Open"
    CLOSING = "Closing"


class Event(Enum):
    """What may happen to a peer."""

    START = "Start"
    R_CONN_CER = "R-Conn-CER"
    I_RCV_CONN_ACK = "I-Rcv-Conn-Ack"
    I_RCV_CONN_NACK = "I-Rcv-Conn-Nack"
    TIMEOUT = "Timeout"
    WIN_ELECTION = "Win-Election"
    I_PEER_DISC = "I-Peer-Disc"
    R_PEER_DISC = "R-Peer-Disc"
    I_RCV_CEA = "I-Rcv-CEA"
    I_RCV_NON_CEA = "I-Rcv-Non-CEA"
    I_RCV_MESSAGE = "I-Rcv-Message"
    R_RCV_MESSAGE = "R-Rcv-Message"
    I_RCV_DWR = "I-Rcv-DWR"
    R_RCV_DWR = "R-Rcv-DWR"
    I_RCV_DWA = "I-Rcv-DWA"
    R_RCV_DWA = "R-Rcv-DWA"
    I_RCV_DPR = "I-Rcv-DPR"
    R_RCV_DPR = "R-Rcv-DPR"
    I_RCV_DPA = "I-Rcv-DPA"
    R_RCV_DPA = "R-Rcv-DPA"
    SEND_MESSAGE = "Send-Message"
    STOP = "Stop"


class Action(Enum):
    """What a peer does."""

    I_SND_CONN_REQ = "I-Snd-Conn-Req"
    I_SND_CER = "I-Snd-CER"
    R_ACCEPT = "R-Accept"
    R_REJECT = "R-Reject"
    PROCESS_CER = "Process-CER"
    PROCESS_CEA = "Process-CEA"
    R_SND_CEA = "R-Snd-CEA"
    ELECT = "Elect"
    I_DISC = "I-Disc"
    R_DISC = "R-Disc"
    CLEANUP = "Cleanup"
    ERROR = "Error"
    I_SND_MESSAGE = "I-Snd-Message"
    R_SND_MESSAGE = "R-Snd-Message"
    PROCESS = "Process"
    PROCESS_DWR = "Process-DWR"
    I_SND_DWA = "I-Snd-DWA"
    R_SND_DWA = "R-Snd-DWA"
    PROCESS_DWA = "Process-DWA"
    I_SND_DPR = "I-Snd-DPR"
    R_SND_DPR = "R-Snd-DPR"
    I_SND_DPA = "I-Snd-DPA"
    R_SND_DPA = "R-Snd-DPA"


_S, _E, _A = State, Event, Action
Entry = tuple[State, tuple[Action, ...]]

_RFC: dict[State, dict[Event, Entry]] = {
    _S.CLOSED: {
        _E.START: (_S.WAIT_CONN_ACK, (_A.I_SND_CONN_REQ,)),
        _E.R_CONN_CER: (_S.R_OPEN, (_A.R_ACCEPT, _A.PROCESS_CER, _A.R_SND_CEA)),
    },
    _S.WAIT_CONN_ACK: {
        _E.I_RCV_CONN_ACK: (_S.WAIT_I_CEA, (_A.I_SND_CER,)),
        _E.I_RCV_CONN_NACK: (_S.CLOSED, (_A.CLEANUP,)),
        _E.R_CONN_CER: (_S.WAIT_CONN_ACK_ELECT, (_A.R_ACCEPT, _A.PROCESS_CER)),
        _E.TIMEOUT: (_S.CLOSED, (_A.ERROR,)),
        _E.STOP: (_S.CLOSED, (_A.ERROR,)),
    },
    _S.WAIT_I_CEA: {
        _E.I_RCV_CEA: (_S.I_OPEN, (_A.PROCESS_CEA,)),
        _E.R_CONN_CER: (_S.WAIT_RETURNS, (_A.R_ACCEPT, _A.PROCESS_CER, _A.ELECT)),
        _E.I_PEER_DISC: (_S.CLOSED, (_A.I_DISC,)),
        _E.I_RCV_NON_CEA: (_S.CLOSED, (_A.ERROR,)),
        _E.TIMEOUT: (_S.CLOSED, (_A.ERROR,)),
        _E.STOP: (_S.CLOSED, (_A.ERROR,)),
    },
    _S.WAIT_CONN_ACK_ELECT: {
        _E.I_RCV_CONN_ACK: (_S.WAIT_RETURNS, (_A.I_SND_CER, _A.ELECT)),
        _E.I_RCV_CONN_NACK: (_S.R_OPEN, (_A.R_SND_CEA,)),
        _E.R_PEER_DISC: (_S.WAIT_CONN_ACK, (_A.R_DISC,)),
        _E.R_CONN_CER: (_S.WAIT_CONN_ACK_ELECT, (_A.R_REJECT,)),
        _E.TIMEOUT: (_S.CLOSED, (_A.ERROR,)),
        _E.STOP: (_S.CLOSED, (_A.ERROR,)),
    },
    _S.WAIT_RETURNS: {
        _E.WIN_ELECTION: (_S.R_OPEN, (_A.I_DISC, _A.R_SND_CEA)),
        _E.I_PEER_DISC: (_S.R_OPEN, (_A.I_DISC, _A.R_SND_CEA)),
        _E.I_RCV_CEA: (_S.I_OPEN, (_A.R_DISC, _A.PROCESS_CEA)),
        _E.R_PEER_DISC: (_S.WAIT_I_CEA, (_A.R_DISC,)),
        _E.R_CONN_CER: (_S.WAIT_RETURNS, (_A.R_REJECT,)),
        _E.TIMEOUT: (_S.CLOSED, (_A.ERROR,)),
        _E.STOP: (_S.CLOSED, (_A.ERROR,)),
    },
    _S.R_OPEN: {
        _E.SEND_MESSAGE: (_S.R_OPEN, (_A.R_SND_MESSAGE,)),
        _E.R_RCV_MESSAGE: (_S.R_OPEN, (_A.PROCESS,)),
        _E.R_RCV_DWR: (_S.R_OPEN, (_A.PROCESS_DWR, _A.R_SND_DWA)),
        _E.R_RCV_DWA: (_S.R_OPEN, (_A.PROCESS_DWA,)),
        _E.R_CONN_CER: (_S.R_OPEN, (_A.R_REJECT,)),
        _E.STOP: (_S.CLOSING, (_A.R_SND_DPR,)),
        _E.R_RCV_DPR: (_S.CLOSING, (_A.R_SND_DPA,)),
        _E.R_PEER_DISC: (_S.CLOSED, (_A.R_DISC,)),
        _E.TIMEOUT: (_S.CLOSED, (_A.ERROR,)),
    },
    _S.I_OPEN: {
        _E.SEND_MESSAGE: (_S.I_OPEN, (_A.I_SND_MESSAGE,)),
        _E.I_RCV_MESSAGE: (_S.I_OPEN, (_A.PROCESS,)),
        _E.I_RCV_DWR: (_S.I_OPEN, (_A.PROCESS_DWR, _A.I_SND_DWA)),
        _E.I_RCV_DWA: (_S.I_OPEN, (_A.PROCESS_DWA,)),
        _E.R_CONN_CER: (_S.I_OPEN, (_A.R_REJECT,)),
        _E.STOP: (_S.CLOSING, (_A.I_SND_DPR,)),
        _E.I_RCV_DPR: (_S.CLOSING, (_A.I_SND_DPA,)),
        _E.I_PEER_DISC: (_S.CLOSED, (_A.I_DISC,)),
        _E.TIMEOUT: (_S.CLOSED, (_A.ERROR,)),
    },
    _S.CLOSING: {
        _E.I_RCV_DPA: (_S.CLOSED, (_A.I_DISC,)),
        _E.R_RCV_DPA: (_S.CLOSED, (_A.R_DISC,)),
        _E.TIMEOUT: (_S.CLOSED, (_A.ERROR,)),
        _E.I_PEER_DISC: (_S.CLOSED, (_A.I_DISC,)),
        _E.R_PEER_DISC: (_S.CLOSED, (_A.R_DISC,)),
        _E.I_RCV_DPR: (_S.CLOSING, (_A.I_SND_DPA,)),
        _E.R_RCV_DPR: (_S.CLOSING, (_A.R_SND_DPA,)),
        _E.R_CONN_CER: (_S.CLOSING, (_A.R_REJECT,)),
        _E.I_RCV_MESSAGE: (_S.CLOSING, (_A.PROCESS,)),
        _E.R_RCV_MESSAGE: (_S.CLOSING, (_A.PROCESS,)),
    },
}

PEER: dict[State, dict[Event, Entry]] = {
    state: {event: row.get(event, (state, ())) for event in Event} for state, row in _RFC.items()
}
"""State → event → (next state, actions). What RFC 6733 §5.6 does not list changes nothing; beyond it, a watchdog that
gives up is a Timeout of an open peer, a Stop ends what is not open yet, and while Closing answers are still taken and
a peer that takes leave at the same time is answered."""

OPEN = frozenset({State.R_OPEN, State.I_OPEN})


_RECEIVED: dict[tuple[str, bool], tuple[Event, Event]] = {
    ("Device-Watchdog", True): (Event.I_RCV_DWR, Event.R_RCV_DWR),
    ("Device-Watchdog", False): (Event.I_RCV_DWA, Event.R_RCV_DWA),
    ("Disconnect-Peer", True): (Event.I_RCV_DPR, Event.R_RCV_DPR),
    ("Disconnect-Peer", False): (Event.I_RCV_DPA, Event.R_RCV_DPA),
}
"""Command, and whether it is the request → the event on the connection that this node initiated, and on the other."""


def received(message: Message, state: State, *, initiated: bool) -> Event:
    """Return what the arrival of a message is to a peer in a state; a capabilities exchange has events of its own."""
    if initiated and state is State.WAIT_I_CEA and (message.command, message.is_request) not in _RECEIVED:
        return Event.I_RCV_NON_CEA
    plain = (Event.I_RCV_MESSAGE, Event.R_RCV_MESSAGE)
    ours, theirs = _RECEIVED.get((message.command, message.is_request), plain)
    return ours if initiated else theirs


def wins_election(own_host: str, peer_host: str) -> bool:
    """Tell whether this node's own connection goes and the peer's stays (RFC 6733 §5.6.4): the higher name wins."""
    return own_host.lower().encode() > peer_host.lower().encode()
