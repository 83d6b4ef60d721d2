"""What an S-CSCF leaves with the HSS of a registration and gets back after a restart (TS 29.229 §6.3.51)."""

from scscf.cx import Restoration, RestoredContact
from scscf.diameter.avp import Avps
from scscf.diameter.cx_avps import first, lists_of, octets, text_of


def restoration_avp(kept: Restoration) -> tuple[str, Avps]:
    """Return SCSCF-Restoration-Info (TS 29.229 §6.3.51)."""
    avps: Avps = [("User-Name", kept.private_identity)]
    for contact in kept.contacts:
        info: Avps = [("Path", octets(", ".join(contact.path))), ("Contact", octets(contact.contact))]
        if contact.initial_cseq is not None:
            info.append(("Initial-CSeq-Sequence-Number", contact.initial_cseq))
        if contact.call_id:
            subscription: Avps = [
                ("Call-ID-SIP-Header", octets(contact.call_id)),
                ("From-SIP-Header", octets(contact.from_)),
                ("To-SIP-Header", octets(contact.to)),
                ("Record-Route", octets(", ".join(contact.record_route))),
                ("Contact", octets(contact.subscriber)),
            ]
            info.append(("Subscription-Info", subscription))
        avps.append(("Restoration-Info", info))
    if kept.scheme is not None:
        avps.append(("SIP-Authentication-Scheme", kept.scheme))
    return "SCSCF-Restoration-Info", avps


def restoration_of(avps: Avps, private_identity: str = "") -> Restoration:
    """Return what SCSCF-Restoration-Info says; `private_identity` where it has no User-Name."""
    contacts = []
    for info in (value for name, value in avps if name == "Restoration-Info"):
        subscription = first(info, "Subscription-Info", [])
        contacts.append(
            RestoredContact(
                text_of(first(info, "Contact", b"")),
                lists_of(info, "Path"),
                text_of(first(subscription, "Call-ID-SIP-Header", b"")),
                text_of(first(subscription, "From-SIP-Header", b"")),
                text_of(first(subscription, "To-SIP-Header", b"")),
                lists_of(subscription, "Record-Route"),
                text_of(first(subscription, "Contact", b"")),
                first(info, "Initial-CSeq-Sequence-Number"),
            )
        )
    user = first(avps, "User-Name", private_identity)
    return Restoration(user, tuple(contacts), first(avps, "SIP-Authentication-Scheme"))
