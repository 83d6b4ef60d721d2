"""What a command did to a record, and the contact events that follow from it (RFC 3680 §4.7)."""

from collections.abc import Mapping
from typing import NamedTuple

from scscf.cx import ServerAssignment
from scscf.enums import Named
from scscf.registration.binding import Binding
from scscf.registration.notice import Notice
from scscf.registration.record import Record
from scscf.registration.registration import Contact, Event, Registration, contact_id


class CauseKind(Named):
    """Why a record changed. The values are the keys of the configuration's `causes`."""

    USER = "user"
    EXPIRY = "expiry"
    OPERATOR = "operator"
    PERMANENT_TERMINATION = "permanent_termination"
    NEW_SERVER_ASSIGNED = "new_server_assigned"
    SERVER_CHANGE = "server_change"
    REMOVE_SCSCF = "remove_scscf"
    """Reasons of the HSS (TS 29.229 §6.3.17)."""
    REMOVED_SUBSCRIBER = "removed_subscriber"
    PROFILE_CHANGE = "profile_change"
    """The HSS has changed what the user may register (TS 29.228 §6.2.2)."""
    REPLACED = "replaced"
    MAX_CONTACTS = "max_contacts"
    """There were too many contacts: the oldest had to go (`registrar.on_max_contacts`)."""
    FLOW_LOST = "flow_lost"
    AS_FAILURE = "as_failure"
    """An application server failed whose default handling is to terminate (TS 24.229 §5.4.1.7)."""
    AUTHENTICATION_FAILURE = "authentication_failure"
    """A user whom the network wanted to prove themselves again did not (TS 24.229 §5.4.1.6)."""


class Cause(NamedTuple):
    """Why a record changes, and what the one who changes it wants the watchers to be told."""

    kind: CauseKind
    aor: str | None = None
    """The address of record that a REGISTER names in To; the others of its set are registered implicitly."""
    event: Event | None = None
    """The event that an operator asked for; None: the table's."""
    retry_after: int | None = None
    reason: str | None = None
    """A Subscription-State reason that overrides the configured one."""
    notice: Notice | None = None
    """What Microsoft's endpoints are told where that does not follow from the event."""


TERMINAL_EVENT_OF: dict[CauseKind, Event] = {
    CauseKind.USER: Event.UNREGISTERED,
    CauseKind.EXPIRY: Event.EXPIRED,
    CauseKind.OPERATOR: Event.DEACTIVATED,
    CauseKind.PERMANENT_TERMINATION: Event.REJECTED,
    CauseKind.NEW_SERVER_ASSIGNED: Event.DEACTIVATED,
    CauseKind.SERVER_CHANGE: Event.DEACTIVATED,
    CauseKind.REMOVE_SCSCF: Event.DEACTIVATED,
    CauseKind.REMOVED_SUBSCRIBER: Event.REJECTED,
    CauseKind.PROFILE_CHANGE: Event.REJECTED,
    CauseKind.REPLACED: Event.DEACTIVATED,
    CauseKind.MAX_CONTACTS: Event.DEACTIVATED,
    CauseKind.FLOW_LOST: Event.DEACTIVATED,
    CauseKind.AS_FAILURE: Event.REJECTED,
    CauseKind.AUTHENTICATION_FAILURE: Event.REJECTED,
}
"""Cause → event of a contact that it ends (RFC 3680 §4.7.2, TS 24.229 §5.4.2.1.2); `causes` overrides it."""

SILENT_CAUSES = frozenset({CauseKind.NEW_SERVER_ASSIGNED, CauseKind.REMOVE_SCSCF})
"""The data go and nobody is told, unless `causes` names an event (TS 29.228 §6.1.3)."""


RETRY_AFTER = 60
"""Seconds that `probation` says to wait where `causes` names it and nobody said how long (RFC 3680 §5.1)."""


ACTIVE_EVENT_OF: dict[CauseKind, Event] = dict.fromkeys(CauseKind, Event.REFRESHED) | {
    CauseKind.OPERATOR: Event.SHORTENED
}
"""Cause → event of a contact that stays and changes."""


class Row(NamedTuple):
    """One changed contact of one address of record; terminated ones are in no record any more."""

    aor: str
    contact: Contact


class ServerAssignmentDue(NamedTuple):
    """Something that the HSS has to be told (TS 29.228 §6.1.2)."""

    private_identity: str
    aor: str
    type: ServerAssignment


class Change(NamedTuple):
    """The whole outcome of one command: `before` is None for a record that did not exist."""

    before: Record | None
    record: Record
    cause: Cause
    now: float
    rows: tuple[Row, ...]
    assignments: tuple[ServerAssignmentDue, ...] = ()
    ended: Mapping[int, Cause] | None = None
    """Why each binding ended, by its id(), where not all of them did because of `cause`."""

    def cause_of(self, contact: Contact) -> Cause:
        """Return why a contact of one of the rows ended."""
        return self.cause if self.ended is None else self.ended.get(id(contact.binding), self.cause)


class Delta(NamedTuple):
    """What happens to bindings, by id() of the old one; `removed` says why, `added` go to each of `aors`."""

    removed: dict[int, Cause]
    replaced: dict[int, Binding]
    added: list[Binding]
    aors: tuple[str, ...] = ()


EventOverrides = Mapping[CauseKind, Event]


def event_of(cause: Cause, overrides: EventOverrides) -> Event:
    """Return the event of a contact that `cause` ends: what was asked for, else the configured, else the table's."""
    return cause.event or overrides.get(cause.kind) or TERMINAL_EVENT_OF[cause.kind]


def derive(
    before: Record | None, delta: Delta, cause: Cause, overrides: EventOverrides
) -> tuple[tuple[Registration, ...], tuple[Row, ...]]:
    """Return the registrations after `delta`, and a row with its event for each changed contact (RFC 3680 §4.7.2)."""
    rows: list[Row] = []
    after: list[Registration] = []
    unseen = list(delta.aors)
    for registration in before.registrations if before is not None else ():
        aor = registration.aor
        named = aor in unseen
        if named:
            unseen.remove(aor)
        changed = len(rows)
        live = _kept(registration, delta, cause, overrides, rows)
        if named and (delta.added or len(delta.replaced) > len(rows) - changed):
            _join(aor, delta, cause, live, rows)
        if live:
            after.append(registration if changed == len(rows) else tuple.__new__(Registration, (aor, tuple(live))))
    for aor in unseen:
        live = []
        _join(aor, delta, cause, live, rows)
        if live:
            after.append(Registration(aor, tuple(live)))
    return tuple(after), tuple(rows)


def _kept(
    registration: Registration, delta: Delta, cause: Cause, overrides: EventOverrides, rows: list[Row]
) -> list[Contact]:
    """Return the contacts that an address of record keeps; put a row for each that is changed or lost."""
    removed, replaced = delta.removed, delta.replaced
    live: list[Contact] = []
    for contact in registration.contacts:
        old = id(contact.binding)
        if old in replaced:
            contact = tuple.__new__(Contact, (contact.id, replaced[old], ACTIVE_EVENT_OF[cause.kind], None))
            live.append(contact)
            rows.append(tuple.__new__(Row, (registration.aor, contact)))
        elif old in removed:
            why = removed[old]
            event, retry_after = event_of(why, overrides), why.retry_after
            if event is Event.PROBATION and retry_after is None:
                retry_after = RETRY_AFTER
            rows.append(Row(registration.aor, Contact(contact.id, contact.binding, event, retry_after)))
        else:
            live.append(contact)
    return live


def _join(aor: str, delta: Delta, cause: Cause, live: list[Contact], rows: list[Row]) -> None:
    """Add the contacts that an address of record did not show before: new ones, or those of a set that it joins."""
    shown = {id(contact.binding) for contact in live}
    for binding in (*delta.replaced.values(), *delta.added):
        if id(binding) not in shown:
            is_new = aor == cause.aor and binding in delta.added
            event = Event.REGISTERED if is_new else Event.CREATED
            contact = Contact(contact_id(aor, binding.private_identity, binding.key), binding, event)
            live.append(contact)
            rows.append(Row(aor, contact))
