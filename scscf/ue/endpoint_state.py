"""Whether an endpoint is signed in, and how it came to be so or not (MS-SIPREGE §3.2)."""

from enum import Enum
from typing import Final


class EndpointState(Enum):
    """States of an endpoint, as it knows them itself."""

    UNREGISTERED = "unregistered"
    REGISTERED = "registered"
    SURVIVABLE = "survivable"
    """Registered, without the services of its user."""
    SIGNED_OUT = "signed out"
    """The network has ended it."""


class EndpointInput(Enum):
    """What changes that."""

    BOUND = "a 200 to a REGISTER says that it is bound"
    BOUND_WITHOUT_SERVICES = "such a 200 says that user services are unavailable"
    RELEASED = "a 200 says that it is bound no more"
    DEREGISTERED = "a notice says that it is deregistered"
    WITHOUT_SERVICES = "a notice says that it is registered, without user services"


_ANSWERED: Final = {
    EndpointInput.BOUND: EndpointState.REGISTERED,
    EndpointInput.BOUND_WITHOUT_SERVICES: EndpointState.SURVIVABLE,
    EndpointInput.RELEASED: EndpointState.UNREGISTERED,
}
"""The 200 to a REGISTER says what is so, whatever was before."""

TRANSITIONS: Final[dict[EndpointState, dict[EndpointInput, EndpointState]]] = {
    EndpointState.UNREGISTERED: {
        **_ANSWERED,
        EndpointInput.DEREGISTERED: EndpointState.UNREGISTERED,
        EndpointInput.WITHOUT_SERVICES: EndpointState.UNREGISTERED,
    },
    EndpointState.REGISTERED: {
        **_ANSWERED,
        EndpointInput.DEREGISTERED: EndpointState.SIGNED_OUT,
        EndpointInput.WITHOUT_SERVICES: EndpointState.SURVIVABLE,
    },
    EndpointState.SURVIVABLE: {
        **_ANSWERED,
        EndpointInput.DEREGISTERED: EndpointState.SIGNED_OUT,
        EndpointInput.WITHOUT_SERVICES: EndpointState.SURVIVABLE,
    },
    EndpointState.SIGNED_OUT: {
        **_ANSWERED,
        EndpointInput.DEREGISTERED: EndpointState.SIGNED_OUT,
        EndpointInput.WITHOUT_SERVICES: EndpointState.SIGNED_OUT,
    },
}
"""State → input → state after it."""
