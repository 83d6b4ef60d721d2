"""Registration states as the HSS keeps them, for each private identity and implicit set (TS 23.228 §5.2.2.2)."""

import json
from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from scscf.cx import ServerAssignment
from scscf.profile.service_profile import ImplicitSet, UserProfile


class RegistrationState(Enum):
    """What the HSS knows of an implicit registration set and a private identity (TS 23.228 §5.2.2.2)."""

    NOT_REGISTERED = "not registered"
    REGISTERED = "registered"
    UNREGISTERED = "unregistered"
    """Not registered, but this S-CSCF is kept for it."""


STATE_AFTER: dict[ServerAssignment, RegistrationState | None] = {
    ServerAssignment.NO_ASSIGNMENT: None,
    ServerAssignment.REGISTRATION: RegistrationState.REGISTERED,
    ServerAssignment.RE_REGISTRATION: RegistrationState.REGISTERED,
    ServerAssignment.UNREGISTERED_USER: RegistrationState.UNREGISTERED,
    ServerAssignment.TIMEOUT_DEREGISTRATION: RegistrationState.NOT_REGISTERED,
    ServerAssignment.USER_DEREGISTRATION: RegistrationState.NOT_REGISTERED,
    ServerAssignment.TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME: RegistrationState.UNREGISTERED,
    ServerAssignment.USER_DEREGISTRATION_STORE_SERVER_NAME: RegistrationState.UNREGISTERED,
    ServerAssignment.ADMINISTRATIVE_DEREGISTRATION: RegistrationState.NOT_REGISTERED,
    ServerAssignment.AUTHENTICATION_FAILURE: None,
    ServerAssignment.AUTHENTICATION_TIMEOUT: None,
    ServerAssignment.DEREGISTRATION_TOO_MUCH_DATA: RegistrationState.NOT_REGISTERED,
    ServerAssignment.AAA_USER_DATA_REQUEST: None,
    ServerAssignment.PGW_UPDATE: None,
    ServerAssignment.RESTORATION: None,
}
"""Server-Assignment-Type → the state that it leaves; None: as it was (TS 29.228 §6.1.2.1)."""

WITH_PROFILE = frozenset(
    {
        ServerAssignment.NO_ASSIGNMENT,
        ServerAssignment.REGISTRATION,
        ServerAssignment.RE_REGISTRATION,
        ServerAssignment.UNREGISTERED_USER,
    }
)
"""The types whose answer carries the user's profile."""


class Served(NamedTuple):
    """A private identity that has an S-CSCF, with the state of each of its sets."""

    profile: UserProfile
    states: tuple[RegistrationState, ...]
    unchallenged: bool
    """Whether its authentication scheme is `none`."""


def set_index(profile: UserProfile, aor: str) -> int | None:
    """Return the place of the set that an identity is in, None where the user has no such identity."""
    row = profile.set_of(aor)
    return None if row is None else profile.sets.index(row)


def carried_over(served: Served, profile: UserProfile) -> tuple[RegistrationState, ...]:
    """Return the states of the new profile's sets: that of the first identity that had one."""
    before = {
        identity.uri: state for row, state in zip(served.profile.sets, served.states, strict=True) for identity in row
    }
    return tuple(first_state(before, row) for row in profile.sets)


def first_state(states: Mapping[str, RegistrationState], row: ImplicitSet) -> RegistrationState:
    """Return the state of the first identity of a set that has one."""
    return next((states[identity.uri] for identity in row if identity.uri in states), RegistrationState.NOT_REGISTERED)


def states_in(text: str) -> dict[str, RegistrationState]:
    """Read what `text_of` wrote; what cannot be read is no state."""
    try:
        return {str(aor): RegistrationState(value) for aor, value in json.loads(text).items()}
    except (ValueError, AttributeError):
        return {}


def text_of(served: Served) -> str:
    """Return the states as a store keeps them: by the first identity of each set that is served."""
    rows = zip(served.profile.sets, served.states, strict=True)
    known = {row[0].uri: state.value for row, state in rows if state is not RegistrationState.NOT_REGISTERED}
    return json.dumps(known)
