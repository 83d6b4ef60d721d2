"""How a UE that acts by itself behaves: what it asks for and when it comes back."""

from typing import Final, NamedTuple

from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.message import Response
from scscf.ue.user_agent import Reply

_BASE = 30.0
_LONGEST = 1800.0
_LATER: Final = frozenset({408, 413, 480, 486, 600, 603})
_FINAL_5XX: Final = frozenset({501, 505, 513})


class Behaviour(NamedTuple):
    """What a UE does by itself."""

    expires: int | None = 600_000
    """Seconds that it asks for (TS 24.229 §5.1.1.2.1); None: what the registrar likes."""
    subscribe: bool = True
    """Whether it subscribes to its registration state once it is registered."""
    subscribe_expires: int | None = 600_000
    """Seconds that it asks for there."""
    misbehave: frozenset[str] = frozenset()
    """Names of MISBEHAVIOURS (misbehaviour.py)."""


def refresh_after(granted: float) -> float:
    """Return how many seconds after a grant to refresh: 600 s before the end, or at half (TS 24.229 §5.1.1.4.1)."""
    return granted - 600 if granted > 1200 else granted / 2


def back_off(failures: int, chance: float) -> float:
    """Return how many seconds to wait after so many failures in a row; `chance` is 0 to 1 (RFC 5626 §4.5)."""
    longest = min(_LONGEST, _BASE * 2.0 ** min(failures, 10))
    return longest * (0.5 + chance / 2)


def is_temporary(reply: Reply) -> bool:
    """Tell whether an answer other than 2xx may be another one later: silence, 408, most of 5xx, a busy network."""
    if not isinstance(reply, Response):
        return True
    return reply.status in _LATER or (500 <= reply.status < 600 and reply.status not in _FINAL_5XX)


def retry_after(reply: Reply) -> int | None:
    """Return the seconds of Retry-After, None where there are none (RFC 3261 §20.33)."""
    if not isinstance(reply, Response):
        return None
    text = reply.get("retry-after")
    return None if text is None else parse_delta_seconds(text.partition(";")[0].partition("(")[0].strip())


def min_expires(reply: Reply) -> int | None:
    """Return the Min-Expires of a 423 (RFC 3261 §20.23)."""
    text = reply.get("min-expires") if isinstance(reply, Response) else None
    return None if text is None else parse_delta_seconds(text.strip())
