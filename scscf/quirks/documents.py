"""Quirks of reginfo documents (RFC 3680 §5, RFC 5628)."""

from copy import deepcopy
from hashlib import blake2s

from lxml import etree

from scscf.quirks.notify import CONTACT, UNKNOWN_PARAM, URI, Notify
from scscf.quirks.quirk import Ground
from scscf.regevent.reginfo import GRUUS

_PUBLIC_GRUU = f"{{{GRUUS}}}pub-gruu"
_INSTANCE = "+sip.instance"
_NETWORK_EVENTS = ("deactivated", "rejected", "probation")
MOST_STALE = 20
"""How many contacts of one address of record are kept alive in documents."""


def version_starts_at_2(notify: Notify, _ground: Ground) -> None:
    """Count documents from 2."""
    if notify.root is not None:
        notify.root.set("version", str((int(notify.root.get("version") or 0) + 2) % 2**32))


def version_always_0(notify: Notify, _ground: Ground) -> None:
    """Have every document be the first."""
    if notify.root is not None:
        notify.root.set("version", "0")


def deltas_only(notify: Notify, _ground: Ground) -> None:
    """Call every document partial, the first one too."""
    if notify.root is not None:
        notify.root.set("state", "partial")


def stale_contact(notify: Notify, ground: Ground) -> None:
    """Go on showing contacts that are over, while there is another one."""
    is_full = notify.root is not None and notify.root.get("state") == "full"
    for registration in notify.registrations:
        aor = registration.get("aor")
        if registration.get("state") != "active":
            ground.memory.drop("stale-contact", aor)
            continue
        known: dict[str, etree._Element] = ground.memory.get("stale-contact", aor) or {}
        shown = set()
        for contact in registration.findall(CONTACT):
            uri = contact.findtext(URI) or ""
            shown.add(uri)
            before = known.get(uri)
            if contact.get("state") == "terminated":
                contact.set("state", "active")
                contact.set("event", "registered")
                contact.set("expires", (before.get("expires") if before is not None else None) or "3600")
                contact.attrib.pop("retry-after", "")
            if uri in known or len(known) < MOST_STALE:
                known[uri] = deepcopy(contact)
        if is_full:
            registration.extend([deepcopy(contact) for uri, contact in known.items() if uri not in shown])
        ground.memory.keep("stale-contact", aor, known)


def missing_tel(notify: Notify, _ground: Ground) -> None:
    """Leave tel URIs out, where there is anything else."""
    rows = notify.registrations
    tels = [row for row in rows if (row.get("aor") or "").startswith("tel:")]
    if len(tels) < len(rows) and notify.root is not None:
        for row in tels:
            notify.root.remove(row)


def expired_on_rtr(notify: Notify, _ground: Ground) -> None:
    """Tell what the network ends as if its time were over."""
    _rename_events(notify, _NETWORK_EVENTS)


def expired_on_deregister(notify: Notify, _ground: Ground) -> None:
    """Tell what the user ends as if its time were over."""
    _rename_events(notify, ("unregistered",))


def _rename_events(notify: Notify, events: tuple[str, ...]) -> None:
    for contact in notify.contacts:
        if contact.get("event") in events:
            contact.set("event", "expired")
            contact.attrib.pop("retry-after", "")


def no_contact_on_end(notify: Notify, _ground: Ground) -> None:
    """Say of a registration that it is over, and nothing of its contacts."""
    for registration in notify.registrations:
        if registration.get("state") == "terminated":
            for contact in registration.findall(CONTACT):
                registration.remove(contact)


def unstable_ids(notify: Notify, _ground: Ground) -> None:
    """Give everything another id in each document, as addresses in memory do."""
    for element in (*notify.registrations, *notify.contacts):
        name = f"{element.get('id')} {notify.dialog} {notify.request.get('cseq')}"
        element.set("id", "0x7f" + blake2s(name.encode("utf-8", "surrogateescape"), digest_size=5).hexdigest())


def aor_aor(notify: Notify, _ground: Ground) -> None:
    """Write the word aor where the address of record belongs."""
    for registration in notify.registrations:
        registration.set("aor", "aor")


def bare_contacts(notify: Notify, _ground: Ground) -> None:
    """Say nothing of a contact but its id, state and event."""
    for contact in notify.contacts:
        for name in [name for name in contact.attrib if name not in ("id", "state", "event")]:
            del contact.attrib[name]


def foreign_attributes(notify: Notify, _ground: Ground) -> None:
    """Put attributes into a contact that the schema does not know."""
    for contact in notify.contacts:
        contact.set("received", "")
        contact.set("path", "")
        contact.set("user_agent", "")


def q_always_0(notify: Notify, _ground: Ground) -> None:
    """Say q 0 of every contact that has none."""
    for contact in notify.contacts:
        if contact.get("q") is None:
            contact.set("q", "0.000")


def gruu_unasked(notify: Notify, _ground: Ground) -> None:
    """Show a public GRUU for each instance, whether its UE supports GRUUs or not."""
    for registration in notify.registrations:
        aor = registration.get("aor") or ""
        for contact in registration.findall(CONTACT) if aor.startswith("sip") else ():
            instance = next(
                (param.text or "" for param in contact.findall(UNKNOWN_PARAM) if param.get("name") == _INSTANCE), ""
            )
            if instance and contact.find(_PUBLIC_GRUU) is None:
                gruu = etree.SubElement(contact, _PUBLIC_GRUU, nsmap={"gr": GRUUS})
                gruu.set("uri", gruu_of(aor, instance))


def gruu_of(aor: str, instance: str) -> str:
    """Return what a public GRUU of an instance looks like, quoted or not (RFC 5627 §4.2)."""
    return f"{aor};gr={instance.strip(chr(34)).removeprefix('<').removesuffix('>')}"


def lower_case_gruu(notify: Notify, _ground: Ground) -> None:
    """Write public GRUUs in lower case."""
    for contact in notify.contacts:
        for gruu in contact.findall(_PUBLIC_GRUU):
            gruu.set("uri", (gruu.get("uri") or "").lower())


def unescaped_xml(notify: Notify, _ground: Ground) -> None:
    """Write &, < and > as they are."""
    if notify.root is not None:
        notify.texts.append(_unescaped)


def _unescaped(text: str) -> str:
    for escaped, plain in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(escaped, plain)
    return text
