"""Requests on their way to a Diameter peer, where peers are, and how a request may come to nothing (RFC 6733 §6)."""

from typing import NamedTuple

from scscf.config.listen import Listen
from scscf.diameter.message import Message
from scscf.errors import ScscfError
from scscf.promise import Promise
from scscf.timers import Deadline


class Unreachable(ScscfError):
    """There is no peer to send a request to; nothing was sent."""


class Unanswered(ScscfError):
    """A request was sent and no answer came, or none that can be read: what it did is not known."""


class Unreadable(Unanswered):
    """An answer came that cannot be read."""


class Remote(NamedTuple):
    """A peer to connect to: `host` is an address or a name."""

    transport: str
    host: str
    port: int
    tls: Listen | None = None
    """With the transport `tls`: certificate, authorities and `verify`."""


class Pending(NamedTuple):
    """A request that waits for its answer."""

    message: Message
    answer: Promise[Message]
    deadline: Deadline
