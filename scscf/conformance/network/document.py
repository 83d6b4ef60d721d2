"""What can be seen of a registration information document by itself (RFC 3680 §4.7, §5, RFC 5628)."""

from collections.abc import Iterator
from functools import lru_cache

from scscf.conformance.finding import Found
from scscf.errors import SipError
from scscf.regevent.reading import ReadContact, ReadDocument, ReadRegistration
from scscf.regevent.schema import problems_of
from scscf.sip.grammar import parse_delta_seconds
from scscf.sip.uri import Uri, parse_uri
from scscf.sip.uri_comparison import aor_of

ACTIVE = frozenset({"registered", "created", "refreshed", "shortened"})
TERMINATED = frozenset({"expired", "deactivated", "probation", "unregistered", "rejected"})
_OF_RFC_3261 = frozenset({"q", "expires"})


def schema_problem(body: bytes) -> str | None:
    """Return why a document is not valid against the schema of RFC 3680 §5.4, None for one that is."""
    return next((problem for problem in problems_of(body) if problem.startswith(("line ", "a document type"))), None)


def judge_document(document: ReadDocument) -> Iterator[Found]:
    """Yield what is wrong with a document, whatever came before it."""
    aors: set[str] = set()
    registration_ids: set[str] = set()
    uris: dict[str, str] = {}
    for registration in document.registrations:
        aor = identity(registration.aor)
        if aor is None:
            yield "aor-no-uri", f'The aor of a registration is "{registration.aor[:80]}".'
        if registration.aor in aors:
            yield "aor-twice", f"{registration.aor} has two registrations in one document."
        if registration.id in registration_ids:
            yield "registration-id-twice", f"Registration id {registration.id} is there twice."
        aors.add(registration.aor)
        registration_ids.add(registration.id)
        here: set[str] = set()
        for contact in registration.contacts:
            id = contact.get("id") or ""
            if id in here or uris.setdefault(id, contact.uri) != contact.uri:
                yield "contact-id-shared", f"Contact id {id} is that of two contacts."
            here.add(id)
            yield from _contact(contact)
        yield from _states(registration)


def _states(registration: ReadRegistration) -> Iterator[Found]:
    live = any(contact.get("state") == "active" for contact in registration.contacts)
    if live and registration.state != "active":
        message = f"{registration.aor} is {registration.state} and has an active contact."
        yield "active-contact-of-ended", message
    if registration.state == "init" and registration.contacts:
        yield "init-with-contact", f"{registration.aor} is init and has a contact."


def _contact(contact: ReadContact) -> Iterator[Found]:
    event, state = contact.get("event") or "", contact.get("state") or ""
    uri = contact.uri
    if contact_uri(uri) is None:
        yield "contact-uri-unreadable", f'The uri of a contact is "{uri[:80]}".'
    if event in ACTIVE | TERMINATED and (event in ACTIVE) != (state == "active"):
        yield "event-not-of-state", f"{uri} is {state}, and its event is {event}."
    if event == "shortened" and contact.get("expires") is None:
        yield "shortened-without-expires", f"{uri} is shortened, and expires is missing."
    if (event == "probation") != (contact.get("retry-after") is not None):
        if event == "probation":
            yield "probation-without-retry-after", f"{uri} is on probation, and retry-after is missing."
        else:
            yield "retry-after-without-probation", f"{uri} has retry-after, and its event is {event}."
    for name in contact.params:
        if name.lower() in _OF_RFC_3261:
            yield "unknown-param-known", f"{uri} has {name} as an unknown-param."
    if (contact.pub_gruu or contact.temp_gruu) and "+sip.instance" not in map(str.lower, contact.params):
        yield "gruu-without-instance", f"{uri} has a GRUU and no +sip.instance."


@lru_cache(4096)
def identity(aor: str) -> str | None:
    """Return the canonical form of an aor, None where it is no URI of an identity."""
    try:
        uri = parse_uri(aor.strip())
        return aor_of(uri) if uri.is_sip or uri.scheme == "tel" else None
    except SipError:
        return None


@lru_cache(4096)
def contact_uri(text: str) -> Uri | None:
    """Return the URI of a contact, None where it is none."""
    try:
        return parse_uri(text) if text else None
    except SipError:
        return None


def seconds_of(contact: ReadContact, name: str) -> int | None:
    """Return an attribute that is a number, None where it is absent or none."""
    text = contact.get(name)
    return None if text is None else parse_delta_seconds(text.strip())
