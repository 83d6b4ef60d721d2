"""The seam between the registrar and the world it is in."""

from collections.abc import Callable
from typing import NamedTuple

from scscf.profile.service_profile import ImplicitSet
from scscf.regevent.package import EventPackage
from scscf.sip.message import Request

Headers = list[tuple[str, str]]


class Registered(NamedTuple):
    """What a dialect may say in the 200 to a REGISTER."""

    request: Request
    path: tuple[str, ...]
    """The Path that was believed."""
    implicit_set: ImplicitSet
    """The identities that are registered together; empty where the user has no binding left."""
    service_route: tuple[str, ...]


class Dialect(NamedTuple):
    """One world: chosen by the home domain of a request and kept in the record."""

    name: str
    own_bindings_only: bool
    """A REGISTER touches bindings of its own private identity only, not all of the address of record."""
    decorate: Callable[[Registered], Headers]
    """Further headers of the 200 to a REGISTER."""
    package: EventPackage
    """How watchers are told of registrations."""
