"""What a UE that acts by itself does about its registration, as a table (TS 24.229 §5.1.1, RFC 3680 §4.7)."""

from collections.abc import Mapping
from enum import Enum
from typing import Final


class RegistrationState(Enum):
    """Where a UE stands with its registration."""

    NOT_REGISTERED = "not registered"
    """It has not begun, has left, or was de-registered; it begins when it is told to."""
    REGISTERING = "registering"
    REGISTERED = "registered"
    REFRESHING = "refreshing"
    WAITING = "waiting"
    """It tries again when the time has come that the network asked for, or its own."""
    DEREGISTERING = "deregistering"
    REFUSED = "refused"
    """The network does not want it; it begins again only when it is told to."""


class RegistrationInput(Enum):
    """What happens to a registration."""

    REGISTER = "ordered to register"
    REFRESH = "ordered to refresh"
    DEREGISTER = "ordered to leave"
    RESTART = "switched off and on"
    ACCEPTED = "200"
    TOO_BRIEF = "423"
    TRY_LATER = "an answer that is not the last word, or none"
    REFUSED = "an answer that is the last word"
    TIMER = "timer"
    DEACTIVATED = "told deactivated"
    PROBATION = "told probation"
    REJECTED = "told rejected"
    ENDED = "told unregistered or expired"
    SHORTENED = "told shortened"
    RESTORE = "told to register anew by a 504"


class RegistrationAction(Enum):
    """What a UE does about it."""

    STOP = "wait for nothing"
    FORGET = "forget what was agreed on"
    """The next REGISTER is an initial one."""
    LOSE = "have the subscription know that the registration is gone"
    RAISE = "ask for the Min-Expires"
    REGISTER = "send REGISTER"
    DEREGISTER = "send REGISTER with Expires 0"
    SET_REFRESH = "wait for the time to refresh"
    WAIT = "wait for the time to try again"
    SUBSCRIBE = "have the subscription begin"
    LEFT = "tell whoever waits that it has left"


_State, _Input, _Do = RegistrationState, RegistrationInput, RegistrationAction
RegistrationRow = Mapping[RegistrationInput, tuple[RegistrationState, tuple[RegistrationAction, ...]]]

_BEGIN = (_State.REGISTERING, (_Do.REGISTER,))
_BEGIN_ANEW = (_State.REGISTERING, (_Do.STOP, _Do.FORGET, _Do.LOSE, _Do.REGISTER))
_LEAVE = (_State.DEREGISTERING, (_Do.DEREGISTER,))
_REFRESH = (_State.REFRESHING, (_Do.REGISTER,))
_GONE = (_Do.STOP, _Do.FORGET, _Do.LOSE)
_ALONE = (_State.NOT_REGISTERED, (*_GONE, _Do.LEFT))


def _row(state: RegistrationState, row: RegistrationRow) -> RegistrationRow:
    """Return a row that is total: what it does not name changes nothing."""
    return {each: row.get(each, (state, ())) for each in RegistrationInput}


_OUTSIDE: Final = {
    _Input.REGISTER: _BEGIN,
    _Input.REFRESH: _BEGIN,
    _Input.RESTART: _BEGIN_ANEW,
}
_TOLD: Final = {
    _Input.DEACTIVATED: _BEGIN_ANEW,
    _Input.PROBATION: (_State.WAITING, (*_GONE, _Do.WAIT)),
    _Input.REJECTED: (_State.REFUSED, _GONE),
    _Input.ENDED: (_State.NOT_REGISTERED, _GONE),
    _Input.RESTORE: _BEGIN_ANEW,
}

REGISTRATION: Final[Mapping[RegistrationState, RegistrationRow]] = {
    _State.NOT_REGISTERED: _row(
        _State.NOT_REGISTERED, {**_OUTSIDE, _Input.DEREGISTER: (_State.NOT_REGISTERED, (_Do.LEFT,))}
    ),
    _State.REFUSED: _row(_State.REFUSED, {**_OUTSIDE, _Input.DEREGISTER: (_State.NOT_REGISTERED, (_Do.LEFT,))}),
    _State.REGISTERING: _row(
        _State.REGISTERING,
        {
            _Input.RESTART: _BEGIN_ANEW,
            _Input.DEREGISTER: _LEAVE,
            _Input.ACCEPTED: (_State.REGISTERED, (_Do.SET_REFRESH, _Do.SUBSCRIBE)),
            _Input.TOO_BRIEF: (_State.REGISTERING, (_Do.RAISE, _Do.REGISTER)),
            _Input.TRY_LATER: (_State.WAITING, (_Do.WAIT,)),
            _Input.REFUSED: (_State.REFUSED, _GONE),
        },
    ),
    _State.REGISTERED: _row(
        _State.REGISTERED,
        {
            **_TOLD,
            _Input.REGISTER: _REFRESH,
            _Input.REFRESH: _REFRESH,
            _Input.TIMER: _REFRESH,
            _Input.RESTART: _BEGIN_ANEW,
            _Input.DEREGISTER: _LEAVE,
            _Input.SHORTENED: (_State.REGISTERED, (_Do.SET_REFRESH,)),
        },
    ),
    _State.REFRESHING: _row(
        _State.REFRESHING,
        {
            **_TOLD,
            _Input.RESTART: _BEGIN_ANEW,
            _Input.DEREGISTER: _LEAVE,
            _Input.ACCEPTED: (_State.REGISTERED, (_Do.SET_REFRESH,)),
            _Input.TOO_BRIEF: (_State.REFRESHING, (_Do.RAISE, _Do.REGISTER)),
            _Input.TRY_LATER: (_State.WAITING, (_Do.WAIT,)),
            _Input.REFUSED: (_State.REFUSED, _GONE),
        },
    ),
    _State.WAITING: _row(
        _State.WAITING,
        {
            **_OUTSIDE,
            **_TOLD,
            _Input.ENDED: (_State.WAITING, (_Do.FORGET, _Do.LOSE)),
            _Input.TIMER: _BEGIN,
            _Input.DEREGISTER: _LEAVE,
        },
    ),
    _State.DEREGISTERING: _row(
        _State.DEREGISTERING,
        {
            _Input.REGISTER: (_State.REGISTERING, (*_GONE, _Do.LEFT, _Do.REGISTER)),
            _Input.RESTART: (_State.REGISTERING, (*_GONE, _Do.LEFT, _Do.REGISTER)),
            _Input.ACCEPTED: _ALONE,
            _Input.TOO_BRIEF: _ALONE,
            _Input.TRY_LATER: _ALONE,
            _Input.REFUSED: _ALONE,
        },
    ),
}
"""State → input → what comes of it. Orders change nothing where what is ordered is being done."""
