"""Holding what came against what was expected: pure, and every difference at once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from scscf.errors import SipError
from scscf.regevent.reading import ReadContact, ReadDocument, ReadRegistration
from scscf.scenario.expectation_keys import (
    ContactKeys,
    DocumentKeys,
    Headers,
    NotifiedKeys,
    RegistrationKeys,
    ResponseKeys,
    Status,
)
from scscf.scenario.pattern import Pattern
from scscf.sip.message import Message, Request, Response
from scscf.ue.endpoint import Noticed
from scscf.ue.exchange import Exchange
from scscf.ue.watch import Notified

Named = Callable[[str], str]
"""Returns the URI that a name in a file stands for: an actor's AOR or contact; any other text is itself."""


class Difference(NamedTuple):
    """One thing that is not as it was expected."""

    what: str
    expected: str
    came: str


def response_differences(
    keys: ResponseKeys, exchange: Exchange, contact_of: Named, proves: Callable[[Message], bool]
) -> Iterator[Difference]:
    """Return what is wrong with how an exchange ended; `proves(message)`: it has a signature that is right."""
    final = exchange.final
    status = str(exchange.status) if exchange.status is not None else "none"
    if not any(status_matches(each, status) for each in keys.status):
        came = f"{final.status} {final.reason}" if isinstance(final, Response) else f"no answer ({final.detail})"
        yield Difference("status", " or ".join(keys.status), came)
        return
    if keys.challenges is not None:
        came_before = len(exchange.replies) - 1
        if came_before != keys.challenges:
            yield Difference("challenges", str(keys.challenges), str(came_before))
    if not isinstance(final, Response):
        return
    yield from _text("reason", keys.reason, final.reason)
    yield from signed_differences(keys.signed, proves(final))
    yield from header_differences(keys.headers, final)
    yield from _text("body", keys.body, final.body.decode("utf-8", "replace"))
    if keys.contacts is not None:
        yield from _bound_differences(keys.contacts, final, contact_of)


def signed_differences(wanted: bool | None, signed: bool) -> Iterator[Difference]:
    """Return whether a message should have been signed, or should not."""
    if wanted not in (None, signed):
        yield Difference(
            "signature", "one that is right" if wanted else "none", "one" if signed else "none that is right"
        )


def noticed_differences(keys: NotifiedKeys, noticed: Noticed | None) -> Iterator[Difference]:
    """Return what is wrong with what an endpoint was told of itself."""
    if noticed is None:
        yield Difference("NOTIFY", "a registration-notify", "one of a subscription")
        return
    diagnostics = noticed.diagnostics
    yield from _text("registration", keys.registration, noticed.said.state)
    yield from _text("event", keys.event, noticed.said.event)
    yield from _text("ErrorId", keys.error_id, None if diagnostics is None else str(diagnostics.error_id))
    yield from _text("preferred registrar", keys.preferred_registrar, noticed.preferred_registrar)


def status_matches(pattern: Status, status: str) -> bool:
    """Tell whether a status is one of `200`, `4xx`, `none`."""
    return pattern == status or (pattern[1:] == "xx" and len(status) == 3 and pattern[0] == status[0])


def header_differences(headers: Headers, message: Message) -> Iterator[Difference]:
    """Return which headers are not as expected."""
    for name, wanted in headers.items():
        values = message.values(name.lower())
        whole = message.get_all(name.lower())
        shown = ", ".join(whole) if whole else "(absent)"
        if isinstance(wanted, tuple):
            if len(wanted) != len(values) or not all(
                Pattern(each).matches(value) for each, value in zip(wanted, values, strict=True)
            ):
                yield Difference(name, ", ".join(map(str, wanted)), shown)
        elif wanted is None:
            if whole:
                yield Difference(name, "(absent)", shown)
        elif not any(Pattern(wanted).matches(value) for value in (*whole, *values)):
            yield Difference(name, wanted, shown)


def _bound_differences(
    wanted: Mapping[str, Mapping[str, str | None] | None], response: Response, contact_of: Named
) -> Iterator[Difference]:
    try:
        contacts = response.contacts
    except SipError:
        yield Difference("Contact", "contacts that can be read", ", ".join(response.get_all("contact")) or "(empty)")
        return
    left = {contact.uri.text: contact for contact in contacts}
    for name, parameters in wanted.items():
        uri = contact_of(name)
        contact = left.pop(uri, None)
        if contact is None:
            yield Difference(f"Contact {name}", uri, ", ".join(left) or "(no other contact)")
            continue
        for parameter, pattern in (parameters or {}).items():
            yield from _text(f"Contact {name} {parameter}", pattern, contact.parameter(parameter.lower()))
    for uri in left:
        yield Difference("Contact", "no other contact", uri)


def notified_differences(keys: NotifiedKeys, notified: Notified) -> Iterator[Difference]:
    """Return what is wrong with a NOTIFY, its document aside."""
    state = notified.state
    yield from _text("Subscription-State", keys.subscription_state, state.state)
    yield from _text("Subscription-State reason", keys.reason, state.reason)
    yield from _text("Subscription-State expires", keys.expires, _shown(state.expires))
    yield from header_differences(keys.headers, notified.request)
    yield from _text("body", keys.body, notified.request.body.decode("utf-8", "replace"))
    if keys.empty and notified.request.body:
        yield Difference("body", "(empty)", f"{len(notified.request.body)} octets")


def asks_for_document(keys: DocumentKeys) -> bool:
    """Tell whether anything is expected of a document."""
    return bool(keys.registrations) or keys.exact or keys.version != "*" or keys.state != "*"


def document_differences(
    keys: DocumentKeys, document: ReadDocument, aor_of: Named, contact_of: Named
) -> Iterator[Difference]:
    """Return what is wrong with a document."""
    yield from _text("version", keys.version, document.version)
    yield from _text("document state", keys.state, document.state)
    left = {each.aor: each for each in document.registrations}
    for name, wanted in keys.registrations.items():
        aor = aor_of(name)
        found = left.pop(aor, None)
        if found is None:
            yield Difference(f"registration {name}", f"registration of {aor}", ", ".join(left) or "(none)")
            continue
        yield from registration_differences(wanted, found, keys.exact, contact_of)
    if keys.exact:
        for aor in left:
            yield Difference("registration", "no other registration", aor)


def registration_differences(
    keys: RegistrationKeys, found: ReadRegistration, exact: bool, contact_of: Named
) -> Iterator[Difference]:
    """Return what is wrong with one registration; `exact`: no contacts but those named."""
    where = found.aor
    yield from _text(f"{where} state", keys.state, found.state)
    yield from _text(f"{where} id", keys.id, found.id)
    left = list(found.contacts)
    for name, wanted in (keys.contacts or {}).items():
        uri = contact_of(name)
        rows = [row for row in left if row.uri == uri]
        if not rows:
            others = ", ".join(row.uri for row in left) or "(no other contact)"
            yield Difference(f"{where} contact {name}", uri, others)
            continue
        differences = [list(_contact_differences(f"{where} contact {name}", wanted, row)) for row in rows]
        best = min(range(len(rows)), key=lambda index: len(differences[index]))
        left.remove(rows[best])
        yield from differences[best]
    if exact and keys.contacts is not None:
        for row in left:
            yield Difference(f"{where} contact", "no other contact", f"{row.uri} {row.get('event')}")


def _contact_differences(where: str, keys: ContactKeys, row: ReadContact) -> Iterator[Difference]:
    for attribute in ("event", "state", "id", "expires", "retry_after", "duration_registered", "q", "callid", "cseq"):
        name = attribute.replace("_", "-")
        yield from _text(f"{where} {name}", getattr(keys, attribute), row.get(name))
    yield from _text(f"{where} display-name", keys.display_name, row.display_name)
    yield from _text(f"{where} pub-gruu", keys.pub_gruu, row.pub_gruu)
    yield from _text(f"{where} temp-gruu", keys.temp_gruu, row.temp_gruu)
    for parameter, pattern in keys.params.items():
        yield from _text(f"{where} {parameter}", pattern, row.params.get(parameter))


def request_differences(uri: str | None, headers: Headers, body: str | None, request: Request) -> Iterator[Difference]:
    """Return what is wrong with a request that came."""
    yield from _text("Request-URI", uri, request.uri_text)
    yield from header_differences(headers, request)
    yield from _text("body", body, request.body.decode("utf-8", "replace"))


def lines(differences: Sequence[Difference]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what was expected and what came, line by line."""
    return (
        tuple(f"{each.what}: {each.expected}" for each in differences),
        tuple(f"{each.what}: {each.came}" for each in differences),
    )


def _text(what: str, pattern: str | None, value: str | None) -> Iterator[Difference]:
    # "*" is what nobody asked for: it holds where there is nothing, too.
    if pattern != "*" and not Pattern(pattern).matches(value):
        yield Difference(what, str(Pattern(pattern)), "(absent)" if value is None else value)


def _shown(number: int | None) -> str | None:
    return None if number is None else str(number)
