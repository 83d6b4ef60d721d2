"""What a REGISTER of a UE asks for (RFC 3261 §10.2)."""

from typing import NamedTuple

from scscf.sip.field_values import MALFORMED_EXPIRES
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.message import Request
from scscf.sip.parameters import Parameters, parameter
from scscf.sip.uri import Uri
from scscf.sip.uri_comparison import aor_of, same_uri


class AskedContact(NamedTuple):
    """One contact of a REGISTER."""

    uri: Uri
    seconds: int | None
    """What is asked for it; None leaves it to the registrar."""
    params: Parameters

    @property
    def flow(self) -> tuple[str, str] | None:
        """Instance and reg-id of an outbound contact, None for any other (RFC 5626 §4.2)."""
        reg_id, instance = parameter(self.params, "reg-id"), parameter(self.params, "+sip.instance")
        return (instance, reg_id) if reg_id and instance else None

    @property
    def is_emergency(self) -> bool:
        """Whether this is a contact for emergency calls (TS 24.229 §7.2A.13)."""
        return self.uri.parameter("sos") is not None


class Asking(NamedTuple):
    """A REGISTER and what it asks for."""

    request: Request
    aor: str
    """Canonical."""
    call_id: str
    cseq: int
    contacts: tuple[AskedContact, ...]
    star: bool
    at: float
    """When it was first seen, seconds."""

    @property
    def is_query(self) -> bool:
        """Whether it changes nothing."""
        return not self.contacts and not self.star

    @property
    def removes(self) -> bool:
        """Whether it only takes contacts away."""
        return self.star or (bool(self.contacts) and all(contact.seconds == 0 for contact in self.contacts))

    @property
    def registers(self) -> bool:
        """Whether it adds or refreshes a contact."""
        return bool(self.contacts) and not self.removes

    @property
    def kept(self) -> tuple[AskedContact, ...]:
        """The contacts that it adds or refreshes."""
        return tuple(contact for contact in self.contacts if contact.seconds != 0)

    @property
    def is_emergency(self) -> bool:
        """Whether every contact is for emergency calls."""
        return bool(self.contacts) and all(contact.is_emergency for contact in self.contacts)

    @property
    def flows(self) -> frozenset[tuple[str, str] | None]:
        """The outbound flows that it is about; {None} without outbound."""
        return frozenset(contact.flow for contact in self.contacts) or frozenset({None})


def asking_of(request: Request, now: float) -> Asking:
    """Return what a REGISTER asks for. Raises SipError(400) where it cannot be read."""
    contacts = []
    for address in request.contacts:
        text = address.parameter("expires")
        seconds = request.expires if text is None else parse_delta_seconds(text)
        if seconds is None and text is not None:
            seconds = MALFORMED_EXPIRES
        contacts.append(AskedContact(address.uri, seconds, address.params))
    return Asking(
        request,
        aor_of(request.to.uri),
        request.call_id,
        request.cseq.number,
        tuple(contacts),
        request.contact_is_star,
        now,
    )


def same_contacts(first: Asking, second: Asking, *, ports: bool) -> bool:
    """Tell whether two REGISTERs are about the same contacts; without `ports` these may differ.

    A UE with a security agreement learns its protected port only with the challenge (TS 33.203 §7.1).
    """
    if first.star != second.star or len(first.contacts) != len(second.contacts):
        return False
    return all(any(_same(mine.uri, theirs.uri, ports) for theirs in second.contacts) for mine in first.contacts)


def _same(first: Uri, second: Uri, ports: bool) -> bool:
    if same_uri(first, second):
        return True
    return (
        not ports
        and first.is_sip
        and (first.scheme, first.user, first.host)
        == (
            second.scheme,
            second.user,
            second.host,
        )
    )
