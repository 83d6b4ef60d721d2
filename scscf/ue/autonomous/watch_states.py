"""What a UE that acts by itself does about its subscription, as a table (TS 24.229 §5.1.1.3, RFC 6665 §4.1)."""

from collections.abc import Mapping
from enum import Enum
from typing import Final


class WatchingState(Enum):
    """Where a UE stands with the subscription to its own registration state."""

    NOT_WATCHING = "not watching"
    SUBSCRIBING = "subscribing"
    """A SUBSCRIBE is on its way, the first one or a refresh."""
    WATCHING = "watching"
    WAITING = "waiting"
    """It tries again when the time has come that the network asked for, or its own."""
    UNSUBSCRIBING = "unsubscribing"
    REFUSED = "refused"
    """The network does not want it; it subscribes again with the next initial registration."""


class WatchingInput(Enum):
    """What happens to a subscription."""

    SUBSCRIBE = "registered, or ordered to"
    UNSUBSCRIBE = "ordered to end it"
    LOST = "the registration is gone"
    ACCEPTED = "2xx"
    TOO_BRIEF = "423"
    GONE = "481"
    """The notifier does not know the subscription."""
    TRY_LATER = "an answer that is not the last word, or none"
    REFUSED = "an answer that is the last word"
    TIMER = "timer"
    MISSED = "a document is missing"
    ENDED = "told terminated, without a reason that forbids another"
    ENDED_FOR_NOW = "told terminated, probation or giveup"
    ENDED_FOR_GOOD = "told terminated, rejected or noresource"


class WatchingAction(Enum):
    """What a UE does about it."""

    DROP = "let the subscription go"
    """The next SUBSCRIBE makes another."""
    RAISE = "ask for the Min-Expires"
    SUBSCRIBE = "send SUBSCRIBE, within the dialog where there is one"
    UNSUBSCRIBE = "send SUBSCRIBE with Expires 0"
    SET_REFRESH = "wait for the time to refresh"
    WAIT = "wait for the time to try again"
    STOP = "wait for nothing"


_State, _Input, _Do = WatchingState, WatchingInput, WatchingAction
WatchingRow = Mapping[WatchingInput, tuple[WatchingState, tuple[WatchingAction, ...]]]


def _row(state: WatchingState, row: WatchingRow) -> WatchingRow:
    """Return a row that is total: what it does not name changes nothing, but that a lost registration ends all."""
    lost = {_Input.LOST: (_State.NOT_WATCHING, (_Do.STOP,))}
    return {each: {**lost, **row}.get(each, (state, ())) for each in WatchingInput}


_SUBSCRIBE: Final = (_State.SUBSCRIBING, (_Do.SUBSCRIBE,))
_UNSUBSCRIBE: Final = (_State.UNSUBSCRIBING, (_Do.UNSUBSCRIBE,))
_ANEW: Final = (_State.SUBSCRIBING, (_Do.DROP, _Do.SUBSCRIBE))
_OVER: Final = (_State.NOT_WATCHING, (_Do.DROP, _Do.STOP))
_TOLD: Final = {
    _Input.ENDED: _ANEW,
    _Input.ENDED_FOR_NOW: (_State.WAITING, (_Do.DROP, _Do.WAIT)),
    _Input.ENDED_FOR_GOOD: (_State.REFUSED, (_Do.DROP, _Do.STOP)),
}

WATCHING: Final[Mapping[WatchingState, WatchingRow]] = {
    _State.NOT_WATCHING: _row(_State.NOT_WATCHING, {_Input.SUBSCRIBE: _SUBSCRIBE}),
    _State.REFUSED: _row(_State.REFUSED, {_Input.SUBSCRIBE: _SUBSCRIBE}),
    _State.SUBSCRIBING: _row(
        _State.SUBSCRIBING,
        {
            **_TOLD,
            _Input.UNSUBSCRIBE: _UNSUBSCRIBE,
            _Input.ACCEPTED: (_State.WATCHING, (_Do.SET_REFRESH,)),
            _Input.TOO_BRIEF: (_State.SUBSCRIBING, (_Do.RAISE, _Do.SUBSCRIBE)),
            _Input.GONE: _ANEW,
            _Input.TRY_LATER: (_State.WAITING, (_Do.WAIT,)),
            _Input.REFUSED: (_State.REFUSED, (_Do.DROP, _Do.STOP)),
        },
    ),
    _State.WATCHING: _row(
        _State.WATCHING,
        {
            **_TOLD,
            _Input.SUBSCRIBE: _SUBSCRIBE,
            _Input.TIMER: _SUBSCRIBE,
            _Input.MISSED: _SUBSCRIBE,
            _Input.TRY_LATER: (_State.WAITING, (_Do.DROP, _Do.WAIT)),
            _Input.UNSUBSCRIBE: _UNSUBSCRIBE,
        },
    ),
    _State.WAITING: _row(
        _State.WAITING,
        {
            _Input.SUBSCRIBE: _SUBSCRIBE,
            _Input.TIMER: _SUBSCRIBE,
            _Input.UNSUBSCRIBE: _UNSUBSCRIBE,
            _Input.ENDED: (_State.WAITING, (_Do.DROP,)),
            _Input.ENDED_FOR_NOW: (_State.WAITING, (_Do.DROP, _Do.WAIT)),
            _Input.ENDED_FOR_GOOD: (_State.REFUSED, (_Do.DROP, _Do.STOP)),
        },
    ),
    _State.UNSUBSCRIBING: _row(
        _State.UNSUBSCRIBING,
        {
            _Input.SUBSCRIBE: _ANEW,
            _Input.ACCEPTED: _OVER,
            _Input.TOO_BRIEF: _OVER,
            _Input.GONE: _OVER,
            _Input.TRY_LATER: _OVER,
            _Input.REFUSED: _OVER,
        },
    ),
}
"""State → input → what comes of it."""
