"""The transport watchdog (RFC 3539 §3.4.1): whether a peer that is connected is still alive."""

from enum import Enum


class State(Enum):
    """What is thought of a peer."""

    INITIAL = "INITIAL"
    OKAY = "OKAY"
    SUSPECT = "SUSPECT"
    DOWN = "DOWN"
    REOPEN = "REOPEN"


class Event(Enum):
    """What may happen."""

    CONNECTION_UP = "Connection up"
    CONNECTION_DOWN = "Connection down"
    RECEIVE_DWA = "Receive DWA"
    RECEIVE_THIRD_DWA = "Receive DWA, the third"
    RECEIVE_NON_DWA = "Receive non-DWA"
    TIMER = "Timer expires"
    TIMER_PENDING = "Timer expires, DWA pending"


class Action(Enum):
    """What is done."""

    OPEN_CONNECTION = "OpenConnection"
    CLOSE_CONNECTION = "CloseConnection"
    SEND_WATCHDOG = "SendWatchdog"
    SET_WATCHDOG = "SetWatchdog"
    FAILOVER = "Failover"
    FAILBACK = "Failback"
    ATTEMPT_OPEN = "AttemptOpen"
    COUNT_DWA = "NumDWA++"
    THROWAWAY = "Throwaway"


_S, _E, _A = State, Event, Action
Entry = tuple[State, tuple[Action, ...]]

WATCHDOG: dict[State, dict[Event, Entry]] = {
    _S.INITIAL: {
        _E.CONNECTION_UP: (_S.OKAY, (_A.SET_WATCHDOG, _A.OPEN_CONNECTION)),
        _E.CONNECTION_DOWN: (_S.INITIAL, (_A.SET_WATCHDOG,)),
        _E.RECEIVE_DWA: (_S.INITIAL, (_A.THROWAWAY,)),
        _E.RECEIVE_THIRD_DWA: (_S.INITIAL, (_A.THROWAWAY,)),
        _E.RECEIVE_NON_DWA: (_S.INITIAL, (_A.THROWAWAY,)),
        _E.TIMER: (_S.INITIAL, (_A.ATTEMPT_OPEN, _A.SET_WATCHDOG)),
        _E.TIMER_PENDING: (_S.INITIAL, (_A.ATTEMPT_OPEN, _A.SET_WATCHDOG)),
    },
    _S.OKAY: {
        _E.CONNECTION_UP: (_S.OKAY, ()),
        _E.CONNECTION_DOWN: (_S.DOWN, (_A.CLOSE_CONNECTION, _A.FAILOVER, _A.SET_WATCHDOG)),
        _E.RECEIVE_DWA: (_S.OKAY, (_A.SET_WATCHDOG,)),
        _E.RECEIVE_THIRD_DWA: (_S.OKAY, (_A.SET_WATCHDOG,)),
        _E.RECEIVE_NON_DWA: (_S.OKAY, (_A.SET_WATCHDOG,)),
        _E.TIMER: (_S.OKAY, (_A.SEND_WATCHDOG, _A.SET_WATCHDOG)),
        _E.TIMER_PENDING: (_S.SUSPECT, (_A.FAILOVER, _A.SET_WATCHDOG)),
    },
    _S.SUSPECT: {
        _E.CONNECTION_UP: (_S.SUSPECT, ()),
        _E.CONNECTION_DOWN: (_S.DOWN, (_A.CLOSE_CONNECTION, _A.SET_WATCHDOG)),
        _E.RECEIVE_DWA: (_S.OKAY, (_A.FAILBACK, _A.SET_WATCHDOG)),
        _E.RECEIVE_THIRD_DWA: (_S.OKAY, (_A.FAILBACK, _A.SET_WATCHDOG)),
        _E.RECEIVE_NON_DWA: (_S.OKAY, (_A.FAILBACK, _A.SET_WATCHDOG)),
        _E.TIMER: (_S.DOWN, (_A.CLOSE_CONNECTION, _A.SET_WATCHDOG)),
        _E.TIMER_PENDING: (_S.DOWN, (_A.CLOSE_CONNECTION, _A.SET_WATCHDOG)),
    },
    _S.DOWN: {
        _E.CONNECTION_UP: (_S.REOPEN, (_A.SEND_WATCHDOG, _A.SET_WATCHDOG)),
        _E.CONNECTION_DOWN: (_S.DOWN, ()),
        _E.RECEIVE_DWA: (_S.DOWN, (_A.THROWAWAY,)),
        _E.RECEIVE_THIRD_DWA: (_S.DOWN, (_A.THROWAWAY,)),
        _E.RECEIVE_NON_DWA: (_S.DOWN, (_A.THROWAWAY,)),
        _E.TIMER: (_S.DOWN, (_A.ATTEMPT_OPEN, _A.SET_WATCHDOG)),
        _E.TIMER_PENDING: (_S.DOWN, (_A.ATTEMPT_OPEN, _A.SET_WATCHDOG)),
    },
    _S.REOPEN: {
        _E.CONNECTION_UP: (_S.REOPEN, ()),
        _E.CONNECTION_DOWN: (_S.DOWN, (_A.CLOSE_CONNECTION, _A.SET_WATCHDOG)),
        _E.RECEIVE_DWA: (_S.REOPEN, (_A.COUNT_DWA, _A.SEND_WATCHDOG)),
        _E.RECEIVE_THIRD_DWA: (_S.OKAY, (_A.FAILBACK, _A.SET_WATCHDOG)),
        _E.RECEIVE_NON_DWA: (_S.REOPEN, (_A.THROWAWAY,)),
        _E.TIMER: (_S.REOPEN, (_A.SEND_WATCHDOG, _A.SET_WATCHDOG)),
        _E.TIMER_PENDING: (_S.DOWN, (_A.CLOSE_CONNECTION, _A.SET_WATCHDOG)),
    },
}
"""State → event → (next state, actions). A DWA in REOPEN is followed by the next DWR at once, not after Tw: three of
them still have to be answered, and a peer that is well again is used within milliseconds."""
