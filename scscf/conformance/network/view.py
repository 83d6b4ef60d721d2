"""What a watcher's table holds, and how a document may change it (RFC 3680 §4.7, §5.2)."""

from collections.abc import Iterator
from typing import NamedTuple

from scscf.conformance.finding import Found
from scscf.conformance.network.document import contact_uri, identity, seconds_of
from scscf.conformance.recent import Recent
from scscf.regevent.reading import ReadContact, ReadDocument, ReadRegistration
from scscf.sip.uri import Uri
from scscf.sip.uri_comparison import same_uri

_MOST_AORS = 256
_MOST_ROWS = 256
_VERSIONS = 2**32
_NEW = frozenset({"registered", "created"})


class Row(NamedTuple):
    """One active contact."""

    id: str
    uri: str
    event: str
    ends: float | None
    """When it runs out, seconds on the judge's clock."""
    duration: int | None
    call_id: str | None
    cseq: int | None
    at: float
    """When the document was made that says so."""


class Rows:
    """One registration."""

    __slots__ = ("ended", "id", "rows", "state")

    def __init__(self, id: str) -> None:
        self.id = id
        self.state = ""
        self.rows: Recent[tuple[str, str], Row] = Recent(_MOST_ROWS)
        """(URI, id) → contact."""
        self.ended: Recent[str, float] = Recent(_MOST_ROWS)
        """URI → the earliest moment that it may have ended at, by what was told."""

    def find(self, contact: ReadContact, listed: frozenset[tuple[str, str]]) -> Row | None:
        """Return the row of a contact: of the same URI and id, else the only one of the same URI.

        `listed` are the URIs and ids that the document mentions. One contact may have several flows (RFC 5626 §4.2).
        """
        row = self.rows.get((contact.uri, contact.get("id") or ""))
        if row is not None:
            return row
        if contact.get("event") in _NEW and "reg-id" in contact.params:
            return None
        same = [row for row in self.rows.values() if row.uri == contact.uri and (row.uri, row.id) not in listed]
        return same[0] if len(same) == 1 else None


class View:
    """The table of one subscription."""

    def __init__(self) -> None:
        self.version: int | None = None
        self.moved: float | None = None
        """By how many seconds the network's clock was moved on against ours, where documents show that it was."""
        self.whole = False
        """Whether it began with a full document, so that what is not in it is not bound."""
        self._aors: Recent[str, Rows] = Recent(_MOST_AORS)

    def begin_before(self, document: ReadDocument) -> None:
        """Take that documents came before this one, and were not seen."""
        if document.version.isdecimal():
            self.version = (int(document.version) - 1) % _VERSIONS

    def blur(self) -> None:
        """Take that the last document may have been made long before it was seen."""
        for rows in self._aors.values():
            for key, row in list(rows.rows.items()):
                rows.rows[key] = row._replace(ends=None, duration=None)

    def covers(self, aor: str) -> bool:
        """Tell whether an identity, canonical, was told of."""
        return any(identity(each) == aor for each in self._aors)

    def shows(self, uri: Uri) -> bool:
        """Tell whether a contact is active at any identity."""
        told = (contact_uri(row.uri) for rows in self._aors.values() for row in rows.rows.values())
        return any(each is not None and same_uri(each, uri) for each in told)

    @property
    def all_over(self) -> bool:
        """Whether nothing is active, and something was told."""
        return bool(self._aors) and all(rows.state in ("terminated", "init") for rows in self._aors.values())

    def judge_version(self, text: str) -> Iterator[Found]:
        """Take the version of the next document and yield what is wrong with it (RFC 3680 §5.1)."""
        if not text.isdigit() or not text.isascii() or len(text) > 10:
            return
        version, last = int(text), self.version
        self.version = version
        if last is None:
            if version != 0:
                yield "version-not-from-0", f"The first document of a subscription has version {version}."
        elif version == last:
            yield "version-repeated", f"Version {version} comes again in another document."
        elif (version - last) % _VERSIONS > _VERSIONS // 2:
            yield "version-goes-back", f"Version {version} comes after {last}."
        elif (version - last) % _VERSIONS != 1:
            yield "version-gap", f"Version {version} comes after {last}."

    def age(self, document: ReadDocument, now: float) -> float | None:
        """Return how many seconds ago a document seen `now` was made at the most, by contacts that were told before.

        None where it has none of them: how long a contact is registered is counted from one and the same moment.
        """
        ages = []
        for registration in document.registrations:
            rows = self._aors.get(registration.aor)
            if rows is None:
                continue
            listed = frozenset((contact.uri, contact.get("id") or "") for contact in registration.contacts)
            for contact in registration.contacts:
                row, duration = rows.find(contact, listed), seconds_of(contact, "duration-registered")
                if row is not None and row.duration is not None and duration is not None:
                    ages.append((now - duration) - (row.at - row.duration))
        return min(ages) if ages else None

    def apply(self, document: ReadDocument, now: float, news_from: float, tolerance: float) -> Iterator[Found]:
        """Take a document that was made at `now` and yield how it contradicts what was told before.

        What it tells may have happened since `news_from`.
        """
        full = document.state == "full"
        if full:
            self.whole = True
        for registration in document.registrations:
            rows = self._aors.get(registration.aor)
            if rows is None:
                rows = self._aors[registration.aor] = Rows(registration.id)
            elif rows.id != registration.id:
                message = f"The id of {registration.aor} was {rows.id} and is {registration.id}."
                yield "registration-id-changed", message
                rows.id = registration.id
            yield from self._apply_registration(registration, rows, full, now, news_from, tolerance)
        if full:
            yield from self._vanished(document)

    def _apply_registration(
        self, registration: ReadRegistration, rows: Rows, full: bool, now: float, news_from: float, tolerance: float
    ) -> Iterator[Found]:
        aor = registration.aor
        listed = frozenset((contact.uri, contact.get("id") or "") for contact in registration.contacts)
        mentioned: set[tuple[str, str]] = set()
        for contact in registration.contacts:
            row = rows.find(contact, listed)
            if row is not None:
                mentioned.add((row.uri, row.id))
            if row is not None and self.moved is None:
                self.moved = _moved(row, row_of(contact, now), tolerance)
            if contact.get("state") == "active":
                new = row_of(contact, now)
                yield from _told_active(aor, rows, row, new, tolerance)
                if row is not None:
                    del rows.rows[row.uri, row.id]
                rows.rows[new.uri, new.id] = new
                mentioned.add((new.uri, new.id))
                rows.ended.pop(new.uri, None)
            elif contact.get("state") == "terminated":
                if row is not None:
                    if row.id != contact.get("id"):
                        yield _id_changed(aor, row, contact.get("id") or "")
                    if contact.get("event") == "expired" and row.ends is not None and now < row.ends - tolerance:
                        message = f"{row.uri} at {aor} is told as expired and had {round(row.ends - now)} s left."
                        yield "expired-too-early", message
                    del rows.rows[row.uri, row.id]
                rows.ended[contact.uri] = news_from
        untold = [row for key, row in rows.rows.items() if key not in mentioned]
        over = registration.state in ("terminated", "init")
        if untold and over:
            uris = ", ".join(sorted(row.uri for row in untold))[:160]
            yield "contact-end-not-told", f"{aor} is {registration.state}, and nothing says what became of {uris}."
        elif untold and full:
            uris = ", ".join(sorted(row.uri for row in untold))[:160]
            yield "contact-vanished", f"A full document does not list {uris} of {aor}, whose end was not told."
        if over or full:
            for row in untold:
                del rows.rows[row.uri, row.id]
        rows.state = registration.state
        if registration.state == "active" and self.whole and not rows.rows:
            yield "active-without-contact", f"{aor} is active and has no active contact."

    def _vanished(self, document: ReadDocument) -> Iterator[Found]:
        listed = {registration.aor for registration in document.registrations}
        for aor in [aor for aor in self._aors if aor not in listed]:
            if self._aors[aor].state == "active":
                yield "registration-vanished", f"A full document does not list {aor}, whose end was not told."
            del self._aors[aor]


def row_of(contact: ReadContact, now: float) -> Row:
    """Return what a document that was made at `now` says of an active contact."""
    expires = seconds_of(contact, "expires")
    return Row(
        contact.get("id") or "",
        contact.uri,
        contact.get("event") or "",
        None if expires is None else now + expires,
        seconds_of(contact, "duration-registered"),
        contact.get("callid"),
        seconds_of(contact, "cseq"),
        now,
    )


def _moved(old: Row, new: Row, tolerance: float) -> float | None:
    """Return by how much the clock that a contact is told by was moved on between two documents.

    It has been registered for longer than there was time, and has as much less left. The other way round is how a
    network looks that does not count.
    """
    if None in (old.duration, new.duration, old.ends, new.ends) or (old.call_id, old.cseq) != (new.call_id, new.cseq):
        return None
    on = ((new.duration or 0) - (old.duration or 0)) - (new.at - old.at)
    less = (old.ends or 0.0) - (new.ends or 0.0)
    over = new.ends is not None and new.ends <= new.at and on >= less > 0
    return on if on > 2 * tolerance and (abs(on - less) <= tolerance or over) else None


def _id_changed(aor: str, row: Row, id: str) -> Found:
    return "contact-id-changed", f"The id of {row.uri} at {aor} was {row.id} and is {id}."


def _told_active(aor: str, rows: Rows, old: Row | None, new: Row, tolerance: float) -> Iterator[Found]:
    if old is None:
        ended = rows.ended.get(new.uri)
        since = None if new.duration is None else new.at - new.duration
        # `created` is also what an identity gets that joins the set of a contact that was there before.
        if ended is not None and since is not None and since < ended - tolerance and new.event == "registered":
            message = f"{new.uri} at {aor} is registered for {new.duration} s, and its end was told since."
            yield "ended-contact-revived", message
        return
    if old.id != new.id:
        yield _id_changed(aor, old, new.id)
    if old.duration is not None and new.duration is not None and new.duration < old.duration - tolerance:
        message = f"{new.uri} at {aor} was registered for {old.duration} s and now for {new.duration} s."
        yield "duration-falls", message
    longer = old.ends is not None and new.ends is not None and new.ends > old.ends + tolerance
    shorter = old.ends is not None and new.ends is not None and new.ends < old.ends - 4 * tolerance
    same_register = new.cseq is not None and (old.call_id, old.cseq) == (new.call_id, new.cseq)
    by_register = old.call_id == new.call_id and None not in (old.cseq, new.cseq) and old.cseq != new.cseq
    if new.event == "registered" and (longer or by_register):
        yield "refresh-told-as-registered", f"{new.uri} at {aor} was refreshed and is told as registered."
    if same_register and new.event == "shortened" and longer:
        yield "shortened-not-shorter", f"{new.uri} at {aor} is shortened and has more time left than before."
    if same_register and shorter and new.event == old.event and new.event != "shortened":
        message = f"{new.uri} at {aor} has less time left than before, and its event is {new.event}."
        yield "cut-not-told-as-shortened", message
