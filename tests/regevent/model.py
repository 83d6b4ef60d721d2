"""A watcher as RFC 3680 §5.2 has it: a table of registrations, a row for each contact, kept by documents alone."""

from collections import Counter

from lxml import etree

from scscf.registration.record import Record

NS = {"r": "urn:ietf:params:xml:ns:reginfo"}

Row = tuple[str, str, str, str]
"""URI, event, Call-ID and CSeq of a live contact."""


class ModelWatcher:
    """Applies documents in the order of their versions.

    A contradiction, a gap, or a second `terminated` fails, but for a gap or repetition that a refresh has made.
    """

    def __init__(self) -> None:
        self.version = -1
        self.rows: dict[str, dict[str, Row]] = {}
        """AOR → contact id → what is bound."""
        self.states: dict[str, str] = {}
        self.ended: Counter[tuple[str, str, str]] = Counter()
        """(AOR, contact id, event) of every contact that was told as terminated."""
        self.documents = 0
        self.overtaken = False
        """Whether it has refreshed while a document was on its way: that may come late, and is told of again."""
        self._told: dict[tuple[str, str], tuple[str, ...]] = {}

    def apply(self, document: bytes) -> None:
        """Take one document (RFC 3680 §5.2)."""
        root = etree.fromstring(document)
        version = int(root.get("version") or -1)
        if version <= self.version:
            return
        assert version == self.version + 1 or self.overtaken, "a version is missing"
        self.version = version
        self.documents += 1
        if root.get("state") == "full":
            self.rows.clear()
            self.states.clear()
        for registration in root.iterfind("r:registration", NS):
            aor = registration.get("aor") or ""
            self.states[aor] = registration.get("state") or ""
            rows = self.rows.setdefault(aor, {})
            for contact in registration.iterfind("r:contact", NS):
                self._take(aor, rows, contact)

    def _take(self, aor: str, rows: dict[str, Row], contact: etree._Element) -> None:
        name, event = contact.get("id") or "", contact.get("event") or ""
        if contact.get("state") == "terminated":
            rows.pop(name, None)
            told = (event, contact.get("callid") or "", contact.get("cseq") or "")
            if not self.overtaken or self._told.get((aor, name)) != told:
                self.ended[aor, name, event] += 1
            self._told[aor, name] = told
        else:
            self._told.pop((aor, name), None)
            uri = contact.findtext("r:uri", "", NS).strip()
            rows[name] = (uri, event, contact.get("callid") or "", contact.get("cseq") or "")

    def live(self) -> dict[str, dict[str, Row]]:
        """Return what is bound, by AOR; those without contacts are left out."""
        return {aor: rows for aor, rows in self.rows.items() if rows}

    def active(self) -> set[str]:
        """Return the AORs that are said to be active."""
        return {aor for aor, state in self.states.items() if state == "active"}


def live_in(record: Record | None) -> dict[str, dict[str, Row]]:
    """Return what a record binds, as a watcher shows it."""
    if record is None:
        return {}
    return {
        registration.aor: {
            contact.id: (
                contact.binding.uri,
                contact.event.value,
                contact.binding.call_id,
                str(contact.binding.cseq),
            )
            for contact in registration.contacts
        }
        for registration in record.registrations
    }
