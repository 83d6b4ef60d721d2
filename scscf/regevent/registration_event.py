"""What an endpoint reads of itself: `text/registration-event` bodies and ms-diagnostics (MS-SIPREGE §2.2.1.13)."""

import re
from typing import Final, NamedTuple

from scscf.errors import SipError
from scscf.sip.parameters import parameter, parse_parameters

CONTENT_TYPE: Final = "text/registration-event"

_MOST_OCTETS: Final = 1000
_BODY = re.compile(r"([a-z]+)[ \t]*;[ \t]*event[ \t]*=[ \t]*([a-z][a-z0-9\-]{0,63})", re.IGNORECASE)
_ERROR_ID = re.compile(r"[0-9]{1,10}")
_LEGAL: Final[dict[bool, frozenset[str]]] = {
    False: frozenset(
        {"unregistered", "rejected", "deactivated", "userservices-unavailable", "preferred-registrar-change"}
    ),
    True: frozenset({"userservices-unavailable"}),
}
"""Whether the endpoint stays registered → the events that it can be told of."""


class RegistrationEvent(NamedTuple):
    """One body, in lower case."""

    registered: bool
    """Whether the endpoint stays registered."""
    event: str

    @property
    def is_legal(self) -> bool:
        """Whether there is such an event of such a state; one that there is not changes nothing."""
        return self.event in _LEGAL[self.registered]

    @property
    def state(self) -> str:
        """`registered` or `deregistered`."""
        return "registered" if self.registered else "deregistered"


class Diagnostics(NamedTuple):
    """A value of ms-diagnostics or ms-diagnostics-public (MS-OCER §2.2.1)."""

    error_id: int
    reason: str | None = None
    source: str | None = None
    """Name of the server that says so."""


def read_registration_event(body: bytes) -> RegistrationEvent:
    """Read a body; white space around it, and case, do not matter. Raises ValueError for what is none.

    An event that nobody knows is read like any other one: `is_legal` tells.
    """
    if len(body) > _MOST_OCTETS:
        raise ValueError(f"{len(body)} octets are too many for a registration event")
    text = body.decode("utf-8", "replace").strip(" \t\r\n")
    found = _BODY.fullmatch(text)
    state = found[1].lower() if found is not None else ""
    if found is None or state not in ("registered", "deregistered"):
        raise ValueError(f"no registration event: {text[:80]!r}")
    return RegistrationEvent(state == "registered", found[2].lower())


def read_diagnostics(value: str) -> Diagnostics:
    """Read a header value. Raises ValueError for what is none."""
    error_id, semicolon, rest = value.strip(" \t").partition(";")
    error_id = error_id.rstrip(" \t")
    if _ERROR_ID.fullmatch(error_id) is None:
        raise ValueError(f"no ErrorId: {error_id[:80]!r}")
    try:
        params = parse_parameters(semicolon + rest)
    except SipError:
        raise ValueError(f"bad parameters of an ErrorId: {rest[:80]!r}") from None
    return Diagnostics(int(error_id), parameter(params, "reason"), parameter(params, "source"))
