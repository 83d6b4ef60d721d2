"""What a watcher has not been told yet: changed contacts, folded, and the record after the last of them."""

from collections.abc import Iterable

from scscf.registration.change import Row
from scscf.registration.record import Record
from scscf.registration.registration import Contact, State


class News:
    """One document to be: changed contacts of the identities that a subscription covers.

    It may be shared by several subscriptions, so it is never changed, only followed by another one.
    """

    __slots__ = ("full", "identities", "memo", "record", "retired", "rows")

    def __init__(
        self,
        record: Record | None,
        identities: tuple[str, ...],
        rows: dict[tuple[str, str], Contact],
        full: bool = False,
        retired: frozenset[str] = frozenset(),
    ) -> None:
        self.record = record
        self.identities = identities
        self.rows = rows
        self.full = full
        """Wanted whole, whatever changed: the first document and every one that a SUBSCRIBE asks for."""
        self.retired = retired
        """Identities of which nothing but the end is told: they have left the set since, or are barred."""
        self.memo: dict[tuple[str, int, bool], tuple[str, str]] = {}
        """Rendered documents by (mode, second, whether for an owner): state attribute and registration elements."""

    def live(self, aor: str) -> tuple[Contact, ...]:
        """Return the contacts that an address of record has left; those for emergencies are not told of."""
        contacts = self.record.contacts(aor) if self.record and aor not in self.retired else ()
        for contact in contacts:
            if contact.binding.emergency or self._is_ended(aor, contact):
                return tuple(
                    contact
                    for contact in contacts
                    if not contact.binding.emergency and not self._is_ended(aor, contact)
                )
        return contacts

    def _is_ended(self, aor: str, contact: Contact) -> bool:
        """Tell whether a contact that is bound is over to watchers: its address of record is barred from now on."""
        told = self.rows.get((aor, contact.id))
        return told is not None and told.state is State.TERMINATED

    def is_wildcarded(self, aor: str) -> bool:
        """Tell whether one of the identities is a wildcarded one; by its look where no device has it any more."""
        if self.record is None or not self.record.devices:
            return True
        known = [identity for identity in self.record.identities_with(aor) if identity.uri == aor]
        return not known or any(identity.wildcarded for identity in known)

    def ended(self, aor: str) -> list[Contact]:
        """Return the contacts that an address of record lost."""
        return [
            contact for (where, _), contact in self.rows.items() if where == aor and contact.state is State.TERMINATED
        ]

    def changed(self, aor: str) -> list[Contact]:
        """Return every changed contact of an address of record."""
        return [contact for (where, _), contact in self.rows.items() if where == aor]

    def in_full(self) -> "News":
        """Return the same, wanted whole."""
        return News(self.record, self.identities, self.rows, True, self.retired)

    def followed_by(
        self, record: Record | None, identities: tuple[str, ...], rows: Iterable[Row], full: bool = False
    ) -> "News | None":
        """Return both in one, None where that would hide the end of a contact that has come back (RFC 3680 §5.2)."""
        folded = dict(self.rows)
        for row in rows:
            key = (row.aor, row.contact.id)
            told = folded.get(key)
            if told is not None and told.state is State.TERMINATED:
                return None
            folded[key] = row.contact
        gone = [aor for (aor, _), contact in self.rows.items() if contact.state is State.TERMINATED]
        retired = frozenset(gone).difference(identities)
        if retired:
            identities = tuple(dict.fromkeys((*identities, *gone)))
        return News(record, identities, folded, self.full or full, retired)
