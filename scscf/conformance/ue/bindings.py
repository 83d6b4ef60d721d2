"""What a UE has registered, as far as the answers that were sent to it say (RFC 3261 §10.3, TS 24.229 §5.1.1.2)."""

from collections.abc import Iterator

from scscf.conformance.asking import AskedContact, Asking
from scscf.errors import SipError
from scscf.sip.address import Address, parse_addresses
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.message import Response
from scscf.sip.uri import Uri
from scscf.sip.uri_comparison import aor_of, same_uri

_MOST = 32


class OwnBinding:
    """One contact of the UE, bound to one identity that it registered itself."""

    __slots__ = ("aor", "associated", "call_id", "contact", "emergency", "ends", "flow", "granted")

    def __init__(self, aor: str, contact: AskedContact) -> None:
        self.aor = aor
        self.contact: Uri = contact.uri
        self.flow = contact.flow
        self.emergency = contact.is_emergency
        self.call_id = ""
        self.granted = 0
        """Seconds."""
        self.ends = 0.0
        self.associated: tuple[str, ...] = ()
        """What P-Associated-URI named with it, canonical; the first is the default identity."""

    def is_of(self, contact: AskedContact) -> bool:
        """Tell whether a contact of a REGISTER is this one."""
        if self.flow is not None or contact.flow is not None:
            return self.flow == contact.flow
        return same_uri(self.contact, contact.uri)


class OwnBindings:
    """Every contact that the UE has bound."""

    def __init__(self) -> None:
        self._bindings: list[OwnBinding] = []
        self.had_any = False
        """Whether there ever was one."""

    def __iter__(self) -> Iterator[OwnBinding]:
        return iter(list(self._bindings))

    def __len__(self) -> int:
        return len(self._bindings)

    def live(self, now: float) -> list[OwnBinding]:
        """Return those that have not run out."""
        return [binding for binding in self._bindings if binding.ends > now]

    def take(self, asking: Asking, response: Response, now: float) -> list[OwnBinding]:
        """Take the 2xx of a REGISTER; return the contacts that it binds and did not find bound.

        A contact that the answer does not list is taken for not bound.
        """
        listed = _contacts(response)
        associated = _associated(response)
        self._drop(asking, associated, listed)
        created = []
        for contact in asking.kept:
            granted = _granted(contact, listed, response)
            if not granted:
                continue
            binding = self._find(asking.aor, contact)
            if binding is None or binding.ends <= now:
                if binding is not None:
                    self._bindings.remove(binding)
                binding = OwnBinding(asking.aor, contact)
                self._bindings.append(binding)
                created.append(binding)
            binding.contact, binding.call_id = contact.uri, asking.call_id
            binding.granted, binding.ends = granted, now + granted
            binding.associated = associated
            self._refresh_set(binding)
        del self._bindings[:-_MOST]
        self.had_any = self.had_any or bool(self._bindings)
        return created

    def again(self, asking: Asking, now: float) -> list[OwnBinding]:
        """Count from `now` what an answer granted that is sent once more; return those contacts."""
        repeated = [
            binding
            for binding in self._bindings
            if binding.call_id == asking.call_id and any(binding.is_of(contact) for contact in asking.kept)
        ]
        for binding in repeated:
            binding.ends = now + binding.granted
        return repeated

    def remove(self, binding: OwnBinding) -> None:
        """Take one away."""
        self._bindings.remove(binding)

    def identities(self) -> set[str]:
        """Return every identity that is registered and not barred: those that P-Associated-URI named (RFC 7315 §4.1).

        Where an answer named none, the registered one.
        """
        return {aor for binding in self._bindings for aor in binding.associated or (binding.aor,)}

    def _find(self, aor: str, contact: AskedContact) -> OwnBinding | None:
        return next((each for each in self._bindings if each.aor == aor and each.is_of(contact)), None)

    def _drop(self, asking: Asking, associated: tuple[str, ...], listed: list[Address]) -> None:
        together = {asking.aor, *associated}
        for binding in list(self._bindings):
            if binding.aor != asking.aor and binding.aor not in together and asking.aor not in binding.associated:
                continue
            gone = asking.star or any(binding.is_of(each) for each in asking.contacts if each.seconds == 0)
            if not gone and not asking.is_query:
                gone = not any(same_uri(binding.contact, address.uri) for address in listed) and binding.flow is None
            if gone:
                self._bindings.remove(binding)

    def _refresh_set(self, refreshed: OwnBinding) -> None:
        """Give the same contact at other identities of the set the same end (TS 24.229 §5.4.1.2.2F)."""
        for binding in self._bindings:
            same = binding.flow == refreshed.flow and same_uri(binding.contact, refreshed.contact)
            if same and binding.aor != refreshed.aor and binding.aor in refreshed.associated:
                binding.granted, binding.ends = refreshed.granted, refreshed.ends


def _contacts(response: Response) -> list[Address]:
    try:
        return response.contacts
    except SipError:
        return []


def _associated(response: Response) -> tuple[str, ...]:
    try:
        return tuple(aor_of(address.uri) for address in parse_addresses(response.values("p-associated-uri")))
    except SipError:
        return ()


def _granted(contact: AskedContact, listed: list[Address], response: Response) -> int:
    """Return the seconds that an answer grants a contact, 0 where it does not list it."""
    for address in listed:
        if same_uri(address.uri, contact.uri):
            text = address.parameter("expires")
            seconds = parse_delta_seconds(text) if text is not None else None
            if seconds is None:
                header = response.get("expires")
                seconds = parse_delta_seconds(header) if header is not None else None
            return seconds or 0
    return 0
