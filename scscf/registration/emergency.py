"""Emergency registrations, which have `sos` in their contact (TS 24.229 §7.2A.13)."""

from scscf.sip.message import Request
from scscf.sip.uri import Uri


def is_emergency(request: Request) -> bool:
    """Tell whether a REGISTER is for an emergency: one of its contacts has the URI parameter `sos`."""
    return any(is_emergency_contact(contact.uri) for contact in request.contacts)


def is_emergency_contact(uri: Uri) -> bool:
    """Tell whether a contact is for an emergency."""
    return any(name.lower() == "sos" for name, _ in uri.params)
