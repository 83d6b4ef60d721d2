"""What a subscription is told, and how: data that the Subscription holds from its birth."""

from collections.abc import Callable
from typing import NamedTuple

from scscf.regevent.news import News
from scscf.regevent.reginfo import CONTENT_TYPE, Documents, Temporary, render


class EventPackage(NamedTuple):
    """One event package (RFC 6665 §5)."""

    name: str
    content_type: str
    default_expires: int
    """Duration, seconds, of a subscription that does not ask for one."""
    document: Callable[[News, Documents, float, int, Temporary | None], bytes]
    """Make the body that tells `news` in a document mode at a time, with a version; last, the GRUUs of an owner."""
    implicit: bool = False
    """Subscribed to by REGISTER: an endpoint is told of itself alone (MS-SIPREGE §2.2.1.5)."""


REG = EventPackage("reg", CONTENT_TYPE, 3761, render)
"""RFC 3680 §4: its default duration is 3761 seconds."""
