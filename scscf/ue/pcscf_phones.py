"""The UEs behind a simulated P-CSCF: whence they come, and what their registrations gave them (TS 24.229 §5.2.2)."""

from scscf.errors import SipError
from scscf.identifiers import Identifiers
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.message import Request, Response
from scscf.sip.outbox import Flow
from scscf.sip.uri_comparison import aor_of, same_uri
from scscf.ue.ue import uri_of

_MOST = 100_000


class Phone:
    """One UE with one contact."""

    def __init__(self, token: str, flow: Flow) -> None:
        self.token = token
        """User part of its Path."""
        self.flow = flow
        """The way to it: that of its last REGISTER."""
        self.registered = False
        self.associated: tuple[str, ...] = ()
        """P-Associated-URI of its last 200, URIs."""
        self.service_route: tuple[str, ...] = ()


class Phones:
    """The UEs by token and by where they come from; beyond 100,000 the oldest is forgotten."""

    def __init__(self, identifiers: Identifiers) -> None:
        self._identifiers = identifiers
        self._by_token: dict[str, Phone] = {}
        self._by_contact: dict[tuple[str, str], Phone] = {}
        self._by_flow: dict[tuple[str, tuple[str, int], int], Phone] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._by_token)

    def get(self, token: str) -> Phone | None:
        """Return the UE of a Path."""
        return self._by_token.get(token)

    def at(self, flow: Flow) -> Phone | None:
        """Return the UE that sends over a flow."""
        return self._by_flow.get(_place(flow))

    def of_register(self, request: Request, flow: Flow) -> Phone:
        """Return the UE that a REGISTER comes from, a new one where it is not known. Raises SipError(400)."""
        contacts = request.contacts
        contact = contacts[0].uri.text if contacts else str(_place(flow))
        key = (aor_of(request.to.uri), contact)
        phone = self._by_contact.get(key)
        if phone is None:
            if len(self._by_token) >= _MOST:
                self._forget(next(iter(self._by_token.values())))
            phone = self._by_contact[key] = Phone(self._identifiers.hex(6), flow)
            self._by_token[phone.token] = phone
        if self._by_flow.get(_place(phone.flow)) is phone:
            del self._by_flow[_place(phone.flow)]
        phone.flow = flow
        self._by_flow[_place(flow)] = phone
        return phone

    def take(self, phone: Phone, request: Request, response: Response) -> None:
        """Take the final answer to a REGISTER of a UE."""
        if response.status != 200:
            return
        try:
            phone.registered = _is_bound(request, response)
        except SipError:
            phone.registered = False
        phone.associated = tuple(uri_of(value) for value in response.values("p-associated-uri"))
        phone.service_route = tuple(response.values("service-route"))

    def _forget(self, phone: Phone) -> None:
        del self._by_token[phone.token]
        self._by_contact = {key: each for key, each in self._by_contact.items() if each is not phone}
        self._by_flow = {place: each for place, each in self._by_flow.items() if each is not phone}


def _is_bound(request: Request, response: Response) -> bool:
    asked = request.contacts
    for contact in response.contacts:
        expires = contact.parameter("expires")
        left = response.expires if expires is None else parse_delta_seconds(expires)
        if left and any(same_uri(contact.uri, each.uri) for each in asked):
            return True
    return False


def _place(flow: Flow) -> tuple[str, tuple[str, int], int]:
    return (flow.transport, flow.remote, flow.connection)
