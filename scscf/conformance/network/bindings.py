"""Contacts that a UE bound, as the answers that it got and the documents that it saw say (RFC 3261 §10.3)."""

from collections.abc import Iterator
from typing import NamedTuple

from scscf.conformance.asking import AskedContact, Asking
from scscf.conformance.recent import Recent
from scscf.errors import SipError
from scscf.sip.address import Address, parse_addresses
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.message import Response
from scscf.sip.uri import Uri
from scscf.sip.uri_comparison import aor_of, same_uri

_MOST = 64
_MOST_CSEQS = 64


class Listed(NamedTuple):
    """One contact of a 2xx to REGISTER."""

    address: Address
    seconds: int | None
    """What it has left; None where the answer does not say."""

    @property
    def flow(self) -> tuple[str, str] | None:
        """Instance and reg-id, None without either (RFC 5626 §6)."""
        reg_id, instance = self.address.parameter("reg-id"), self.address.parameter("+sip.instance")
        return (instance, reg_id) if reg_id and instance else None


def listed_of(response: Response) -> list[Listed]:
    """Return the contacts of an answer. Raises SipError(400); an empty Contact holds none."""
    header = parse_delta_seconds((response.get("expires") or "").strip())
    found = []
    for address in parse_addresses([value for value in response.get_all("contact") if value.strip()]):
        text = address.parameter("expires")
        found.append(Listed(address, header if text is None else parse_delta_seconds(text)))
    return found


def associated_of(response: Response) -> tuple[str, ...]:
    """Return the canonical identities of P-Associated-URI; none where it is absent or malformed."""
    try:
        return tuple(aor_of(address.uri) for address in parse_addresses(response.values("p-associated-uri")))
    except SipError:
        return ()


class Binding:
    """One contact of the UE at one identity that it registered itself. Times are seconds on the judge's clock."""

    __slots__ = (
        "aor", "associated", "before", "call_id", "cseqs", "earliest", "emergency", "ended_at", "ended_before",
        "ended_by", "flow", "gruu", "latest", "listed", "since", "told", "updated_at", "uri",
    )  # fmt: skip

    def __init__(self, aor: str, contact: AskedContact, now: float) -> None:
        self.aor = aor
        self.uri: Uri = contact.uri
        self.flow = contact.flow
        self.emergency = contact.is_emergency
        self.since = now
        self.updated_at = now
        self.earliest = 0.0
        """When it ends at the earliest, by what was granted."""
        self.latest = 0.0
        self.before: tuple[float, float] | None = None
        """The same two before the last refresh."""
        self.call_id = ""
        self.cseqs: list[int] = []
        """Of the REGISTERs of that Call-ID that were about it."""
        self.associated: tuple[str, ...] = ()
        self.gruu = False
        """Whether its last REGISTER supports GRUUs."""
        self.listed: Address | None = None
        """How the last answer listed it."""
        self.ended_at: float | None = None
        self.ended_before: float | None = None
        """When an earlier binding of the same contact was over."""
        self.ended_by = ""
        """`de-REGISTER`, `200` that does not list it, or `NOTIFY`."""
        self.told: tuple[str, float] | None = None
        """The id that documents give it, and when the first one of them was made."""

    @property
    def live(self) -> bool:
        """Whether nothing said that it is over."""
        return self.ended_at is None

    def is_of(self, uri: Uri, flow: tuple[str, str] | None) -> bool:
        """Tell whether a contact is this one (RFC 5626 §6: by instance and reg-id where both have them)."""
        if self.flow is not None and flow is not None:
            return self.flow == flow
        return same_contact(self.uri, uri)

    def end(self, now: float, by: str) -> None:
        """Note that it is over."""
        if self.ended_at is None:
            self.ended_at, self.ended_by = now, by


class Bindings:
    """Every contact that the UE bound, those that are over too."""

    def __init__(self) -> None:
        self._all: list[Binding] = []
        self.gaps = False
        """Whether something was changed that was not seen."""
        self._left: Recent[tuple[str, str], float] = Recent(_MOST)
        """(Identity, URI) → when a contact was de-registered of which nothing was known."""

    def __iter__(self) -> Iterator[Binding]:
        return iter(list(self._all))

    def find(self, aor: str, uri: Uri, flow: tuple[str, str] | None = None) -> Binding | None:
        """Return the binding of a contact of an identity, one that is over last; None where there never was one."""
        found = [each for each in self._all if each.aor == aor and each.is_of(uri, flow)]
        found = [each for each in found if each.uri.text == uri.text] or found
        return next((each for each in found if each.live), found[-1] if found else None)

    def live_of(self, aor: str) -> list[Binding]:
        """Return what is bound to an identity."""
        return [each for each in self._all if each.live and each.aor == aor]

    def forget(self) -> None:
        """Take that something was changed, and not seen."""
        self._all.clear()
        self.gaps = True

    def of_contact(self, uri: Uri) -> list[Binding]:
        """Return what is known of a contact at any identity."""
        return [each for each in self._all if same_contact(each.uri, uri)]

    def take(
        self, asking: Asking, response: Response, listed: list[Listed], now: float
    ) -> tuple[list[Binding], list[Binding]]:
        """Take a 2xx to a REGISTER; return the contacts that it binds anew and those that it takes away."""
        removed = self._remove(asking, listed, now)
        created: list[Binding] = []
        associated = associated_of(response)
        for contact in asking.kept:
            shown = match(contact, listed)
            if shown is None or not shown.seconds:
                continue
            binding = self.find(asking.aor, contact.uri, contact.flow)
            if binding is None or not binding.live or binding.latest <= now:
                old = binding
                binding = Binding(asking.aor, contact, now)
                binding.ended_before = self._left.pop((asking.aor, contact.uri.text), None)
                if old is not None:
                    self._all.remove(old)
                    binding.ended_before = old.ended_at
                self._all.append(binding)
                created.append(binding)
            else:
                binding.before = (binding.earliest, binding.latest)
            if binding.call_id != asking.call_id:
                binding.cseqs = []
            binding.uri, binding.call_id = contact.uri, asking.call_id
            binding.cseqs = [*binding.cseqs, asking.cseq][-_MOST_CSEQS:]
            binding.updated_at = now
            binding.earliest, binding.latest = asking.at + shown.seconds, now + shown.seconds
            binding.gruu = "gruu" in map(str.lower, asking.request.values("supported"))
            binding.associated, binding.listed = associated, shown.address
            self._refresh_set(binding)
        del self._all[:-_MOST]
        return created, removed

    def _remove(self, asking: Asking, listed: list[Listed], now: float) -> list[Binding]:
        removed = []
        for each in asking.contacts:
            if each.seconds == 0 and self.find(asking.aor, each.uri, each.flow) is None:
                self._left[asking.aor, each.uri.text] = now
        for binding in self.live_of(asking.aor):
            if asking.star or any(binding.is_of(each.uri, each.flow) for each in asking.contacts if each.seconds == 0):
                binding.end(now, "de-REGISTER")
                removed.append(binding)
            elif not any(binding.is_of(each.address.uri, each.flow) and each.seconds for each in listed):
                binding.end(now, "200")
        return removed

    def _refresh_set(self, refreshed: Binding) -> None:
        """Give the same contact at other identities of the set the same end (TS 24.229 §5.4.1.2.2F)."""
        for binding in self._all:
            in_set = binding is not refreshed and binding.live and binding.aor in refreshed.associated
            if in_set and binding.is_of(refreshed.uri, refreshed.flow):
                binding.before = (binding.earliest, binding.latest)
                binding.earliest, binding.latest = refreshed.earliest, refreshed.latest
                binding.updated_at = refreshed.updated_at
                binding.call_id, binding.cseqs = refreshed.call_id, refreshed.cseqs


def match(contact: AskedContact, listed: list[Listed]) -> Listed | None:
    """Return how an answer lists a contact that was asked for, None where it does not."""
    for each in listed:
        if contact.flow is not None and contact.flow == each.flow:
            return each
    same = [each for each in listed if same_contact(contact.uri, each.address.uri)]
    same = [each for each in same if contact.flow is None or each.flow is None]
    exact = [each for each in same if each.address.uri.text == contact.uri.text]
    return next(iter(exact or same), None)


def same_contact(first: Uri, second: Uri) -> bool:
    """Tell whether two URIs are one contact: one for emergencies stands beside the same without `sos`."""
    return same_uri(first, second) and (first.parameter("sos") is None) == (second.parameter("sos") is None)
