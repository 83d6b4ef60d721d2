"""Initial filter criteria: which application server sees which request (TS 29.228 annexes B, C; TS 24.229 §5.4.3)."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from scscf.enums import Named
from scscf.sip.message import Request


class SessionCase(Named):
    """SessionCase of a service point trigger (TS 29.228 §B.2.3)."""

    ORIGINATING_REGISTERED = 0
    TERMINATING_REGISTERED = 1
    TERMINATING_UNREGISTERED = 2
    ORIGINATING_UNREGISTERED = 3
    ORIGINATING_CDIV = 4


class RegistrationType(Named):
    """RegistrationType of a service point trigger (TS 29.228 §B.2.3)."""

    INITIAL = 0
    REFRESH = 1
    DEREGISTER = 2


class DefaultHandling(Named):
    """What becomes of a request whose application server cannot be reached (TS 29.228 §B.2.2)."""

    CONTINUE = 0
    TERMINATE = 1


class ApplicationServer(NamedTuple):
    """An application server as filter criteria name it (TS 29.228 §B.2.2)."""

    uri: str
    """ServerName, a SIP URI."""
    default_handling: DefaultHandling = DefaultHandling.CONTINUE
    service_info: str | None = None
    """Handed to the server in the body of a third-party REGISTER."""
    include_request: bool = False
    include_response: bool = False
    """Whether the body has the UE's REGISTER, and the 200 to it."""


class Trial(NamedTuple):
    """What a trigger is tried on."""

    request: Request
    case: SessionCase
    registration: RegistrationType | None = None
    """With REGISTER only."""


class Trigger(Protocol):
    """A condition on a request."""

    def holds(self, trial: Trial) -> bool:
        """Tell whether the condition is met."""


class FilterCriterion(NamedTuple):
    """One initial filter criterion; `trigger` None: always met."""

    priority: int
    server: ApplicationServer
    trigger: Trigger | None = None
    registered_part: bool | None = None
    """ProfilePartIndicator: True for registered users only, False for unregistered ones only, None for both."""


class ServiceProfile(NamedTuple):
    """A service profile: its criteria in ascending order of priority (TS 29.228 §B.2.1)."""

    name: str
    criteria: tuple[FilterCriterion, ...] = ()


def matching(
    profile: ServiceProfile | None, request: Request, case: SessionCase, registration: RegistrationType | None = None
) -> Iterator[FilterCriterion]:
    """Yield the criteria that a request meets, in order of priority (TS 29.228 annex C)."""
    registered = case not in (SessionCase.TERMINATING_UNREGISTERED, SessionCase.ORIGINATING_UNREGISTERED)
    trial = Trial(request, case, registration)
    for criterion in profile.criteria if profile is not None else ():
        if criterion.registered_part in (None, registered) and (
            criterion.trigger is None or criterion.trigger.holds(trial)
        ):
            yield criterion
